"""Rows of the refreshing of signatures: when a set is due, and what was made and is on its way into the store."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified, JsonDict, Owned, UtcDateTime, Versioned


class PackageRefresh(Identified, Owned, Versioned, Base):
    """One row a looked-at set. `due_at`: when the first of its signatures ages, None when none can be raised any more.

    `underway`: `made`, refreshed signatures by the names of their originals, lies in the working store and is to be put into
    the archive. At the last look, by the names of signatures: `refused`, why one could not be raised (a damaged set under
    the name ""), and `doubts`, the verdicts on its time-stamps that prove nothing (`indication`, `sub_indication`, `at`).
    `trouble`: both in one text, as the journal told it.
    """

    __tablename__ = "package_refresh"
    __table_args__ = (
        UniqueConstraint("package_id", name="uq_package_refresh_package"),
        Index("ix_package_refresh_due", "owner_id", "due_at"),
    )

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"))
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    underway: Mapped[bool] = mapped_column(default=False)
    refused: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    doubts: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    trouble: Mapped[str | None] = mapped_column(Text)
