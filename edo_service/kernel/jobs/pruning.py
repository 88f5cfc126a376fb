"""Forgetting jobs that are done. What failed for good stays until a person has looked at it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete

from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs.tables import Job, JobState


def prune(database: Database, clock: Clock, *, older_than: timedelta, kinds: Collection[str] | None = None) -> int:
    """Delete done jobs that ended before `older_than` ago: of the kinds named, or of every kind (None).

    Returns how many were deleted. A job's promise is kept elsewhere by then: its effects are rows of its area.
    """
    statement = delete(Job).where(Job.state == JobState.DONE.value, Job.finished_at < clock.now() - older_than)
    if kinds is not None:
        statement = statement.where(Job.kind.in_(sorted(kinds)))
    with database.transaction() as connection:
        return int(connection.execute(statement).rowcount)
