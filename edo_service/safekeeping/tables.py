"""Rows of safekeeping: one scrub round after another, and what each found. They belong to the store, not to an entity."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, UtcDateTime, Versioned


class ScrubRound(Identified, Versioned, Base):
    """One reading of the whole archive. `after`: the key behind which it goes on; `origin`: clock or command.

    `findings` counts all that was found, `repaired` those of them that a second store mended.
    """

    __tablename__ = "scrub_round"
    __table_args__ = (Index("ix_scrub_round_origin", "origin", "started_at"),)

    origin: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    after: Mapped[str] = mapped_column(String(255), default="")
    objects: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    findings: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)


class ScrubFinding(Identified, Base):
    """One thing that a round found (`archive.KINDS`). `shelf`: the part of the store, which a company's id names."""

    __tablename__ = "scrub_finding"
    __table_args__ = (
        UniqueConstraint("round_id", "kind", "key", name="uq_scrub_finding_once"),
        Index("ix_scrub_finding_shelf", "shelf"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("scrub_round.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    shelf: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
    repaired: Mapped[str] = mapped_column(String(80), default="")
