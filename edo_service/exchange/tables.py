"""Rows of the exchange: the connection to an operator and each act we promised to carry out there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, JsonDict, Owned, UtcDateTime, Versioned


class OperatorAccount(Identified, Owned, Versioned, Base):
    """One box of one organisation at one operator, with sealed credentials and the place in its event feed."""

    __tablename__ = "operator_account"
    __table_args__ = (UniqueConstraint("owner_id", "operator", "box", name="uq_operator_account"),)

    operator: Mapped[str] = mapped_column(String(24))
    participant_id: Mapped[str] = mapped_column(String(46))
    box: Mapped[str] = mapped_column(String(80))
    login: Mapped[str] = mapped_column(String(200))
    sealed_password: Mapped[bytes] = mapped_column(LargeBinary)
    client_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(24))
    cursor: Mapped[str | None] = mapped_column(String(400))
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(Text)
    trouble_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Dispatch(Identified, Owned, Versioned, Base):
    """The intent of one call that cannot be taken back: stored before the call, answered after it.

    `key` is our idempotency key at the operator; `state` goes intended -> calling -> done | refused. A row found in
    `calling` by a later attempt means the outcome is unknown: look up first, then repeat.
    """

    __tablename__ = "dispatch"
    __table_args__ = (
        UniqueConstraint("owner_id", "part_id", "act", name="uq_dispatch_part_act"),
        Index("ix_dispatch_document", "owner_id", "document_id"),
    )

    document_id: Mapped[UUID]
    part_id: Mapped[UUID]
    signature_id: Mapped[UUID]
    act: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    calls: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    trouble: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
