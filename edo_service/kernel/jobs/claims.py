"""Taking jobs by lease and recording how they ended. Each function is one short transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Row, and_, bindparam, case, func, or_, select, true, update

from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs.tables import Job, JobState
from edo_service.kernel.jobs.values import ClaimedJob, Publish
from edo_service.kernel.tables import table_of

_WAITING, _RUNNING, _DONE, _DEAD = (state.value for state in JobState)
_job = table_of(Job)
_LOOK_AHEAD = 16


def _due(now: Any) -> Any:
    return or_(
        and_(_job.c.state == _WAITING, _job.c.run_after <= now),
        and_(_job.c.state == _RUNNING, _job.c.lease_until <= now),
    )


_CLAIMABLE = _due(bindparam("moment"))
_THIS_IF_DUE = select(_job).where(_job.c.id == bindparam("job_id"), _CLAIMABLE)
_IS_DUE = select(_job.c.id).where(_job.c.id == bindparam("job_id"), _CLAIMABLE)
_SAME = update(_job).where(
    _job.c.id == bindparam("job_id"),
    _job.c.attempt == bindparam("old_attempt"),
    _job.c.state == bindparam("old_state"),
)
_TAKEN = update(_job).where(_job.c.id.in_(bindparam("job_ids", expanding=True)))
_TAKEN = _TAKEN.values(state=_RUNNING, attempt=_job.c.attempt + 1)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)


@lru_cache(maxsize=16)
def _waiting(queues: tuple[str, ...] | None) -> Any:
    """The statement of `claim_several`, made once."""
    found = select(_job).where(
        _job.c.state == _WAITING,
        _job.c.kind == bindparam("kind"),
        _job.c.failures == 0,
        _job.c.run_after <= bindparam("moment"),
    )
    if queues is not None:
        found = found.where(_job.c.queue.in_(queues))
    found = found.order_by(_job.c.run_after, _job.c.id).limit(bindparam("most"))
    return found.with_for_update(skip_locked=True)


def backoff(failures: int) -> timedelta:
    """Return the pause after the n-th failure: 2, 4, 8 … seconds, an hour at most."""
    doublings = min(max(failures - 1, 0), 20)
    return min(FIRST_PAUSE * int(2**doublings), LONGEST_PAUSE)


def due(
    database: Database, clock: Clock, *, kinds: Sequence[str] | None = None, queues: Sequence[str] | None = None
) -> Sequence[tuple[UUID, str]]:
    """Return id and kind of the jobs that have been due longest, sixteen at most, the longest first."""
    found = (
        select(_job.c.id, _job.c.kind).where(_due(clock.now())).order_by(_job.c.run_after, _job.c.id).limit(_LOOK_AHEAD)
    )
    if kinds is not None:
        found = found.where(_job.c.kind.in_(kinds))
    if queues is not None:
        found = found.where(_job.c.queue.in_(queues))
    with database.transaction(read_only=True) as connection:
        return [(row.id, row.kind) for row in connection.execute(found)]


def is_due(database: Database, clock: Clock, job_id: UUID) -> bool:
    """Whether the job may be claimed: asked without the lock that a claim takes."""
    with database.transaction(read_only=True) as connection:
        return connection.scalar(_IS_DUE, {"job_id": job_id, "moment": clock.now()}) is not None


def claim_next(
    database: Database,
    clock: Clock,
    *,
    worker: str,
    lease: timedelta,
    kinds: Sequence[str] | None = None,
    queues: Sequence[str] | None = None,
) -> ClaimedJob | None:
    """Take the job that has been due longest, or None. A job whose lease ran out is due again."""
    for job_id, _ in due(database, clock, kinds=kinds, queues=queues):
        claimed = claim(database, clock, job_id, worker=worker, lease=lease)
        if claimed is not None:
            return claimed
    return None


def claim(database: Database, clock: Clock, job_id: UUID, *, worker: str, lease: timedelta) -> ClaimedJob | None:
    """Take this job, or None when it is not due, held by a live lease, or ended.

    A lease that ran out counts as a failure: a job that keeps killing its workers dies too.
    """
    with database.transaction() as connection:
        now = clock.now()  # the lease begins when the turn to write has come
        row = connection.execute(_THIS_IF_DUE, {"job_id": job_id, "moment": now}).one_or_none()
        if row is None:
            return None
        failures = row.failures + (1 if row.state == _RUNNING else 0)
        if failures >= row.max_failures:
            _change(
                connection, row, state=_DEAD, failures=failures, finished_at=now, error=row.error or "lease ran out"
            )
            return None
        taken = _change(
            connection,
            row,
            state=_RUNNING,
            failures=failures,
            attempt=row.attempt + 1,
            worker=worker,
            lease_until=now + lease,
        )
    return _claimed(row, failures) if taken else None


def claim_several(
    database: Database,
    clock: Clock,
    *,
    kind: str,
    worker: str,
    lease: timedelta,
    limit: int,
    queues: Sequence[str] | None = None,
) -> Sequence[ClaimedJob]:
    """Take up to `limit` waiting jobs of the kind in one transaction, those first that have been due longest.

    Only jobs that never failed: one that kills its worker must not take others with it, so it is claimed alone.
    """
    found = _waiting(None if queues is None else tuple(queues))
    with database.transaction() as connection:
        now = clock.now()  # as in `claim`
        rows = connection.execute(found, {"kind": kind, "moment": now, "most": limit}).all()
        if rows:
            these = [row.id for row in rows]
            connection.execute(_TAKEN, {"job_ids": these, "lease_until": now + lease, "worker": worker})
    return [_claimed(row, row.failures) for row in rows]


def renew(database: Database, clock: Clock, job: ClaimedJob, *, lease: timedelta) -> bool:
    """Prolong the lease; False when the job is no longer held by this attempt (stop working then)."""
    return _record(database, job, lease_until=clock.now() + lease)


def finish(database: Database, clock: Clock, job: ClaimedJob) -> bool:
    """Record success; False when the attempt is not current. A job promised again meanwhile waits once more."""
    now = clock.now()
    again = _job.c.again.is_(True)
    return _record(
        database,
        job,
        state=case((again, _WAITING), else_=_DONE),
        finished_at=case((again, None), else_=now),
        run_after=case((again, now), else_=_job.c.run_after),
        failures=case((again, 0), else_=_job.c.failures),
        published_at=case((again, None), else_=_job.c.published_at),
        again=False,
        lease_until=None,
        worker=None,
        error=None,
    )


def fail(
    database: Database,
    clock: Clock,
    job: ClaimedJob,
    *,
    error: str,
    pause: Callable[[int], timedelta] = backoff,
    for_good: bool = False,
) -> bool:
    """Record a failure.

    The job waits `pause(failures)`, or is dead after its most or `for_good`. False: attempt not current.
    """
    now = clock.now()
    failures = job.failures + 1
    dead = true() if for_good else _job.c.max_failures <= failures
    return _record(
        database,
        job,
        state=case((dead, _DEAD), else_=_WAITING),
        finished_at=case((dead, now), else_=None),
        run_after=now + pause(failures),
        failures=failures,
        published_at=None,
        again=False,
        lease_until=None,
        worker=None,
        error=error[:4000],
    )


def postpone(database: Database, clock: Clock, job: ClaimedJob, *, after: timedelta, reason: str) -> bool:
    """Let the job wait without counting a failure; one that was promised again meanwhile waits for nothing.

    False when the attempt is not current.
    """
    now = clock.now()
    return _record(
        database,
        job,
        state=_WAITING,
        run_after=case((_job.c.again.is_(True), now), else_=now + after),
        published_at=None,
        again=False,
        lease_until=None,
        worker=None,
        error=reason[:4000],
    )


def give_back(database: Database, clock: Clock, job: ClaimedJob) -> bool:
    """Let a job that was claimed and not begun wait again, as if it had not been claimed. False: attempt not current."""
    return _record(
        database,
        job,
        state=_WAITING,
        attempt=_job.c.attempt - 1,
        run_after=clock.now(),
        published_at=None,
        again=False,
        lease_until=None,
        worker=None,
    )


def revive(database: Database, clock: Clock, job_id: UUID) -> bool:
    """Let a dead job wait again from now, by a person's decision. False when it is not dead."""
    fresh = {"state": _WAITING, "failures": 0, "finished_at": None, "run_after": clock.now(), "published_at": None}
    statement = update(_job).where(_job.c.id == job_id, _job.c.state == _DEAD).values(**fresh)
    with database.transaction() as connection:
        return connection.execute(statement).rowcount == 1


def sweep(
    database: Database,
    clock: Clock,
    publish: Publish,
    *,
    republish_after: timedelta = timedelta(seconds=30),
    limit: int = 500,
) -> tuple[UUID, ...]:
    """Publish what is due and held by nobody.

    Never told, told long ago, or with a lease that ran out since it was told (the id that the dead worker took from the
    broker comes back while the lease still holds, and is dropped). Returns the ids.
    """
    now = clock.now()
    stale = or_(
        _job.c.published_at.is_(None),
        _job.c.published_at <= now - republish_after,
        _job.c.published_at <= _job.c.lease_until,
    )
    due = select(_job.c.id, _job.c.queue).where(_due(now), stale).order_by(_job.c.run_after, _job.c.id).limit(limit)
    with database.transaction(read_only=True) as connection:
        found = {row.id: row.queue for row in connection.execute(due)}
    if not found:
        return ()
    with database.transaction() as connection:
        connection.execute(update(_job).where(_job.c.id.in_(list(found))).values(published_at=now))
    for job_id, queue in found.items():
        publish(job_id, queue)
    return tuple(found)


def lag(database: Database, clock: Clock) -> dict[str, timedelta]:
    """Return per queue how long its oldest due job has been waiting (readiness, metrics)."""
    now = clock.now()
    oldest = select(_job.c.queue, func.min(_job.c.run_after)).where(_due(now)).group_by(_job.c.queue)
    with database.transaction(read_only=True) as connection:
        return {queue: now - since for queue, since in connection.execute(oldest)}


def next_due(database: Database) -> datetime | None:
    """Return when the next waiting job becomes due (also a past moment), None when nothing waits."""
    with database.transaction(read_only=True) as connection:
        return cast(
            "datetime | None", connection.scalar(select(func.min(_job.c.run_after)).where(_job.c.state == _WAITING))
        )


def _change(connection: Connection, row: Row[Any], **values: Any) -> bool:
    same = {"job_id": row.id, "old_attempt": row.attempt, "old_state": row.state}
    return connection.execute(_SAME, same | values).rowcount == 1


def _record(database: Database, job: ClaimedJob, **values: Any) -> bool:
    held = (_job.c.id == job.id, _job.c.attempt == job.attempt, _job.c.state == _RUNNING)
    with database.transaction() as connection:
        return connection.execute(update(_job).where(*held).values(**values)).rowcount == 1


def _claimed(row: Row[Any], failures: int) -> ClaimedJob:
    return ClaimedJob(
        id=row.id,
        kind=row.kind,
        owner_id=row.owner_id,
        payload=row.payload,
        attempt=row.attempt + 1,
        failures=failures,
        key=row.key,
        queue=row.queue,
    )
