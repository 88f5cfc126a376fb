"""Rows of the compliance desk: terms, holds, disposal, checks, saved searches, exports."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.money import Money
from edo_service.kernel.tables import Base, Identified, JsonDict, MoneyType, Owned, UtcDateTime, Versioned

_LIVE_LINE = text("state IN ('listed', 'deleting', 'deleted')")


class RetentionChange(Identified, Owned, Base):
    """One move of a set's term forward; `applied_at` is when the store had been told of every part."""

    __tablename__ = "retention_change"
    __table_args__ = (
        CheckConstraint("new_until >= old_until", name="forward"),
        Index("ix_retention_change_waiting", "owner_id", "applied_at"),
    )

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    counted_from: Mapped[date | None]
    old_until: Mapped[datetime] = mapped_column(UtcDateTime)
    new_until: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LegalHold(Identified, Owned, Versioned, Base):
    """A prohibition to dispose of some sets. Whoever set it does not lift it."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        UniqueConstraint("owner_id", "number", name="uq_legal_hold_number"),
        CheckConstraint("state NOT IN ('lifting', 'lifted') OR lifted_at IS NOT NULL", name="lifted"),
        CheckConstraint("lifted_by IS NULL OR set_by IS NULL OR lifted_by <> set_by", name="two_persons"),
    )

    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[UUID | None]
    set_by_name: Mapped[str] = mapped_column(String(400))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[UUID | None]
    lifted_by_name: Mapped[str | None] = mapped_column(String(400))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lift_reason: Mapped[str | None] = mapped_column(Text)


class LegalHoldSet(Identified, Owned, Base):
    """A set under a hold; `settled_at`: the store protects every part, `released_at`: this hold protects it no more."""

    __tablename__ = "legal_hold_set"
    __table_args__ = (
        UniqueConstraint("hold_id", "package_id", name="uq_legal_hold_set"),
        Index("ix_legal_hold_set_waiting", "owner_id", "settled_at", "released_at"),
    )

    hold_id: Mapped[UUID] = mapped_column(ForeignKey("legal_hold.id"))
    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DisposalAct(Identified, Owned, Versioned, Base):
    """An act of disposal. The database itself refuses a later state without two different approving persons."""

    __tablename__ = "disposal_act"
    __table_args__ = (
        UniqueConstraint("owner_id", "number", name="uq_disposal_act_number"),
        CheckConstraint(
            "state NOT IN ('approved', 'executing', 'done') OR (first_by IS NOT NULL AND second_by IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("second_by IS NULL OR (first_by IS NOT NULL AND first_by <> second_by)", name="two_persons"),
    )

    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    law: Mapped[str] = mapped_column(Text)
    sets: Mapped[int]
    size: Mapped[int]
    proposed_by: Mapped[UUID | None]
    proposed_by_name: Mapped[str] = mapped_column(String(400))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_by: Mapped[UUID | None]
    first_by_name: Mapped[str | None] = mapped_column(String(400))
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_by: Mapped[UUID | None]
    second_by_name: Mapped[str | None] = mapped_column(String(400))
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_by_name: Mapped[str | None] = mapped_column(String(400))
    rejected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_reason: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paper_sha256: Mapped[str | None] = mapped_column(String(64))
    register_sha256: Mapped[str | None] = mapped_column(String(64))
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DisposalLine(Identified, Owned, Base):
    """A set on an act: listed, deleting (the intent, before the store is asked), deleted, spared (why stands beside).

    A line that is deleting with `half` beside it was halted: the store protects the rest of a half-deleted set.

    A set stands on one live act at most.
    """

    __tablename__ = "disposal_line"
    __table_args__ = (
        UniqueConstraint("act_id", "package_id", name="uq_disposal_line"),
        Index("uq_disposal_line_live", "package_id", unique=True, sqlite_where=_LIVE_LINE, postgresql_where=_LIVE_LINE),
    )

    act_id: Mapped[UUID] = mapped_column(ForeignKey("disposal_act.id"))
    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(400))
    counterparty: Mapped[str] = mapped_column(String(1100))
    dated: Mapped[date]
    total: Mapped[Money | None] = mapped_column(MoneyType)
    kind: Mapped[str] = mapped_column(String(40))
    law: Mapped[str] = mapped_column(Text)
    retain_until: Mapped[datetime] = mapped_column(UtcDateTime)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    parts: Mapped[int]
    size: Mapped[int]
    spared: Mapped[str | None] = mapped_column(String(60))
    intended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ArchiveCheck(Identified, Owned, Base):
    """What one reading of a whole set said: damaged parts, and each signature judged anew (see `verdicts`)."""

    __tablename__ = "archive_check"
    __table_args__ = (Index("ix_archive_check_at", "owner_id", "at"),)

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    parts: Mapped[int]
    damaged: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    verdicts: Mapped[dict[str, Any]] = mapped_column(JsonDict)


class SavedSearch(Identified, Owned, Base):
    """A search that a person keeps under a name: the query of its address, without the purpose."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("owner_id", "person_id", "name", name="uq_saved_search"),)

    person_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ArchiveExport(Identified, Owned, Versioned, Base):
    """An ordered export. `done` counts sets written so far; the file lies on the shelf under the row's id."""

    __tablename__ = "archive_export"
    __table_args__ = (Index("ix_archive_export_at", "owner_id", "ordered_at"),)

    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    sets: Mapped[int]
    done: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(String(64))
    trouble: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(400))
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ArchiveExportSet(Identified, Owned, Base):
    """A set of an export, in the order of the register."""

    __tablename__ = "archive_export_set"
    __table_args__ = (UniqueConstraint("export_id", "position", name="uq_archive_export_set"),)

    export_id: Mapped[UUID] = mapped_column(ForeignKey("archive_export.id"))
    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"))
    position: Mapped[int]


class ArchiveExportAccess(Identified, Owned, Base):
    """Who took a ready export, and when (journalled too)."""

    __tablename__ = "archive_export_access"

    export_id: Mapped[UUID] = mapped_column(ForeignKey("archive_export.id"), index=True)
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
