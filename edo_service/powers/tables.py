"""Rows of the powers: each МЧД that a company knows, its own and its counterparties', and what rested on it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Folded, Identified, JsonDict, Owned, UtcDateTime, Versioned


class PowerOfAttorney(Identified, Owned, Versioned, Base):
    """One МЧД. `facts` is `codec.dump` of the whole; `decided` holds kinds of documents that a person has decided on.

    `revoked_at`: told here by a person; what the register tells is asked at each judging and not kept.
    """

    __tablename__ = "power_of_attorney"
    __table_args__ = (
        UniqueConstraint("owner_id", "number", name="uq_power_of_attorney"),
        Index("ix_power_of_attorney_agent", "owner_id", "agent_inn"),
    )

    number: Mapped[str] = mapped_column(String(36))
    own_number: Mapped[str] = mapped_column(String(255))
    principal_name: Mapped[str] = mapped_column(String(1000))
    principal_inn: Mapped[str] = mapped_column(String(12))
    agent_name: Mapped[str] = mapped_column(String(1000))
    agent_inn: Mapped[str | None] = mapped_column(String(12))
    issued: Mapped[date]
    expires: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    decided: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    file_name: Mapped[str] = mapped_column(String(400))
    file_sha256: Mapped[str] = mapped_column(String(64))
    signature_sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    search: Mapped[str] = mapped_column(Folded)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PowerUse(Identified, Owned, Base):
    """That a signature rests on a power: the ten checks as they were when it was made or had come."""

    __tablename__ = "power_use"
    __table_args__ = (
        UniqueConstraint("owner_id", "signature_id", name="uq_power_use"),
        Index("ix_power_use_number", "owner_id", "number"),
    )

    signature_id: Mapped[UUID]
    document_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(36))
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    checks: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)
