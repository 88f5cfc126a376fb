"""Jobs that gave up, for the people who decide about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, func, select

from edo_service.kernel.jobs.tables import Job, JobState

if TYPE_CHECKING:
    from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class DeadJob:
    """A job that gave up: what it was to do, how often it was tried, and the error of the last try as it was recorded."""

    id: UUID
    kind: str
    key: str | None
    owner_id: UUID | None
    payload: Mapping[str, Any]
    attempts: int
    error: str
    created_at: datetime
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeadJobs:
    """A page of them, the newest end first, with the exact count of all."""

    rows: Sequence[DeadJob]
    found: int


def dead_jobs(uow: UnitOfWork, *, owner_id: UUID, limit: int = 100) -> DeadJobs:
    """The owner's jobs that gave up. Jobs are no owned rows: the owner is named here, not taken from the scope."""
    mine = (Job.state == JobState.DEAD.value, Job.owner_id == owner_id)
    found = uow.session.execute(select(func.count(Job.id)).where(*mine)).scalar_one()
    page = select(Job).where(*mine).order_by(Job.finished_at.desc(), Job.id.desc()).limit(limit)
    return DeadJobs(rows=_read(uow, page), found=found)


def dead_job(uow: UnitOfWork, job_id: UUID, *, owner_id: UUID) -> DeadJob | None:
    """The owner's job of this id as it stands, dead or (by now) not; None for an absent and for another owner's."""
    return next(iter(_read(uow, select(Job).where(Job.id == job_id, Job.owner_id == owner_id))), None)


def dead_of_kind(uow: UnitOfWork, kind: str, *, limit: int = 500) -> Sequence[DeadJob]:
    """Jobs of one kind, of every owner, that gave up and whose work has not been promised anew since."""
    query = select(Job).where(Job.kind == kind, Job.state == JobState.DEAD.value).order_by(Job.finished_at.desc())
    return [row for row in _read(uow, query.limit(limit)) if row.key is None or not uow.jobs.is_live(kind, row.key)]


def _read(uow: UnitOfWork, query: Select[Job]) -> Sequence[DeadJob]:
    return [
        DeadJob(
            id=row.id,
            kind=row.kind,
            key=row.key,
            owner_id=row.owner_id,
            payload=row.payload,
            attempts=row.attempt,
            error=row.error or "",
            created_at=row.created_at,
            ended_at=row.finished_at or row.created_at,
        )
        for row in uow.session.scalars(query)
    ]
