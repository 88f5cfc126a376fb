"""Rows of what came after a set went to the archive: each time a collection of its own, sealed and kept beside the set."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, JsonDict, Owned, UtcDateTime, Versioned


class PackageSupplement(Identified, Owned, Versioned, Base):
    """Late papers of a kept set (ADR 0013), numbered within it; the set's own manifest never changes.

    `state`: made (sealed; `made`, its parts by their names, lies in the working store and is to be put into the archive),
    kept (they are parts of the set, `PackagePart.supplement` names the number), dropped (the set went by an act first).
    """

    __tablename__ = "package_supplement"
    __table_args__ = (UniqueConstraint("package_id", "number", name="uq_package_supplement_number"),)

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    made: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
