"""Rows of the parties: our own boxes at operators, and the counterparties whom we exchange with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Folded, Identified, Owned, UtcDateTime, Versioned


class OwnBox(Identified, Owned, Base):
    """A mailbox of the owner at an operator, known to others by its participant id."""

    __tablename__ = "own_box"
    __table_args__ = (UniqueConstraint("owner_id", "participant_id", name="uq_own_box"),)

    operator: Mapped[str] = mapped_column(String(24))
    participant_id: Mapped[str] = mapped_column(String(46))
    box: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Counterparty(Identified, Owned, Versioned, Base):
    """A company the owner exchanges documents with; `relation` is how they stand at the operator."""

    __tablename__ = "counterparty"
    __table_args__ = (UniqueConstraint("owner_id", "inn", "kpp", "participant_id", name="uq_counterparty"),)

    inn: Mapped[str] = mapped_column(String(12), index=True)
    kpp: Mapped[str | None] = mapped_column(String(9))
    name: Mapped[str] = mapped_column(String(1000))
    operator: Mapped[str | None] = mapped_column(String(24))
    participant_id: Mapped[str | None] = mapped_column(String(46))
    box: Mapped[str | None] = mapped_column(String(80))
    relation: Mapped[str] = mapped_column(String(24))
    entity_id: Mapped[UUID | None]
    search: Mapped[str] = mapped_column(Folded)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
