"""The table of promised work."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Identified


class JobState(StrEnum):
    """The life of a job. Live: waiting, running."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


LIVE = text("key IS NOT NULL AND state IN ('waiting', 'running')")


class Job(Identified, Base):
    """A promise to do work, written with the change that promised it. Global: a worker serves every entity.

    `attempt` grows with each claim and fences results; `failures` counts towards `max_failures`; `again` asks for one
    more run because the same work was promised while it was running; `published_at` is when a broker was last told.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_live_key", "kind", "key", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_job_due", "state", "run_after"),
    )

    kind: Mapped[str] = mapped_column(String(80))
    key: Mapped[str | None] = mapped_column(String(200))
    owner_id: Mapped[UUID | None]
    queue: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default=JobState.WAITING)
    attempt: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    max_failures: Mapped[int] = mapped_column(default=12)
    again: Mapped[bool] = mapped_column(default=False)
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(120))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
