"""Rows of the archive desk: one package per finished document set, its parts, and who looked at it and why."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.money import Money
from edo_service.kernel.tables import Base, Folded, Identified, JsonDict, MoneyType, Owned, UtcDateTime, Versioned


class Package(Identified, Owned, Versioned, Base):
    """A finished set: assembled once (the manifest is the intent), deposited once, found by these columns."""

    __tablename__ = "package"
    __table_args__ = (
        UniqueConstraint("owner_id", "document_id", name="uq_package_document"),
        Index("ix_package_search", "owner_id", "dated", "id"),
    )

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


class PackagePart(Identified, Owned, Base):
    """One file of a package: its role and name in the export, its address in the store, and what it signs (`of_name`)."""

    __tablename__ = "package_part"
    __table_args__ = (UniqueConstraint("package_id", "name", name="uq_package_part_name"),)

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(400))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    of_name: Mapped[str | None] = mapped_column(String(400))
    source: Mapped[str] = mapped_column(String(40))


class ArchiveAccess(Identified, Owned, Base):
    """Who opened or took out a set, when and for what purpose (journalled too)."""

    __tablename__ = "archive_access"

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), index=True)
    person_id: Mapped[UUID | None]
    person_name: Mapped[str] = mapped_column(String(400))
    act: Mapped[str] = mapped_column(String(24))
    purpose: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
