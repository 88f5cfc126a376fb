"""Rows of the archive desk: one package per finished document set, its parts, and who looked at it and why."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.archiving import desk_tables, evidence_tables, refresh_tables, supplement_tables
from edo_service.kernel.money import Money
from edo_service.kernel.tables import Base, Folded, Identified, JsonDict, MoneyType, Owned, UtcDateTime, Versioned

_UNCLEARED = text("state = 'disposed' AND cleared_at IS NULL")

__all__ = [
    "ArchiveAccess",
    "Package",
    "PackagePart",
    "desk_tables",
    "evidence_tables",
    "refresh_tables",
    "supplement_tables",
]


class Package(Identified, Owned, Versioned, Base):
    """A finished set: assembled once (the manifest is the intent), deposited once, found by these columns.

    `state`: assembled, kept, disposing (an approved act deletes it), disposed. `held`: some hold protects it; the
    database refuses to begin its disposal. `proposed`: it stands on a live act. `retention_kind` and `counted_from` are
    what `retain_until` was computed from. `text_row` is its row of the SQLite full text (`package_fts`), `text_vector` that
    of PostgreSQL; `indexed_at` tells when words and facts were written. `sound`: what the last reading of all parts said.
    `cleared_at`: when nothing of a disposed set was left outside the archive's store either.
    """

    __tablename__ = "package"
    __table_args__ = (
        UniqueConstraint("owner_id", "document_id", name="uq_package_document"),
        CheckConstraint("NOT held OR state NOT IN ('disposing', 'disposed')", name="held"),
        Index("ix_package_search", "owner_id", "dated", "id"),
        Index(
            "ix_package_facets",
            "owner_id", "kind", "state", "held", "proposed", "year", "dated", "total", "size", "text_row", "id",
        ),
        Index("ix_package_term", "owner_id", "retain_until", "id"),
        Index("ix_package_text_row", "text_row"),
        Index("ix_package_text_vector", "text_vector", postgresql_using="gin"),
        Index("ix_package_unindexed", "owner_id", "indexed_at"),
        Index("ix_package_uncleared", "owner_id", sqlite_where=_UNCLEARED, postgresql_where=_UNCLEARED),
    )  # fmt: skip

    document_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(24))
    function: Mapped[str | None] = mapped_column(String(12))
    direction: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(255))
    dated: Mapped[date]
    title: Mapped[str] = mapped_column(String(400))
    total: Mapped[Money | None] = mapped_column(MoneyType)
    counterparty_name: Mapped[str] = mapped_column(String(1000))
    counterparty_inn: Mapped[str] = mapped_column(String(12), index=True)
    search: Mapped[str] = mapped_column(Folded)
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    retain_until: Mapped[datetime] = mapped_column(UtcDateTime)
    summary: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    trouble: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    year: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    held: Mapped[bool] = mapped_column(default=False)
    proposed: Mapped[bool] = mapped_column(default=False)
    retention_kind: Mapped[str] = mapped_column(String(40), default="")
    counted_from: Mapped[date | None]
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sound: Mapped[bool | None]
    indexed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    text_row: Mapped[int | None]
    text_vector: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), deferred=True)


class PackagePart(Identified, Owned, Base):
    """One file of a package: its role and name in the export, its address in the store, and what it signs (`of_name`).

    A part with the role `archive.REFRESHED` came later: it is the signature `of_name`, raised again, and in no manifest.
    `supplement`: the number of the supplement whose manifest lists it (names then begin with `supplement-<number>/`), None
    for what the set was assembled of.
    """

    __tablename__ = "package_part"
    __table_args__ = (
        UniqueConstraint("package_id", "name", name="uq_package_part_name"),
        Index("ix_package_part_content", "owner_id", "sha256", "package_id"),
    )

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(400))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    of_name: Mapped[str | None] = mapped_column(String(400))
    source: Mapped[str] = mapped_column(String(40))
    supplement: Mapped[int | None]


class ArchiveAccess(Identified, Owned, Base):
    """Who opened or took out a set, when and for what purpose (journalled too)."""

    __tablename__ = "archive_access"

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(400))
    act: Mapped[str] = mapped_column(String(24))
    purpose: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
