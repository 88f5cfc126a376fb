"""Promising work inside a unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

from edo_service.kernel.clock import Clock
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs.tables import LIVE, Job, JobState
from edo_service.kernel.jobs.values import ClaimedJob, LostLease
from edo_service.kernel.tables import table_of

_LIVE_STATES = (JobState.WAITING.value, JobState.RUNNING.value)
_job = table_of(Job)
_ENDS = update(_job).where(
    _job.c.id == bindparam("job_id"),
    _job.c.attempt == bindparam("held_attempt"),
    _job.c.state == JobState.RUNNING.value,
    _job.c.again.is_(False),
)


class JobQueue:
    """`uow.jobs`: jobs of this transaction. `promised` holds ids and queues to publish after the commit."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self.promised: dict[UUID, str] = {}

    def put(
        self,
        kind: str,
        *,
        owner_id: UUID | None,
        key: str | None = None,
        run_after: datetime | None = None,
        queue: str = "default",
        payload: Mapping[str, Any] | None = None,
        max_failures: int = 12,
    ) -> UUID:
        """Promise work and return the job's id.

        With a `key` there is one live job per (kind, key): a waiting one is returned as it is (and pulled forward when
        this promise is due earlier); a running one is asked to run once more, since it may have read the old state.
        """
        now = self._clock.now()
        due = run_after or now
        values: dict[str, Any] = {
            "id": new_id(),
            "kind": kind,
            "key": key,
            "owner_id": owner_id,
            "queue": queue,
            "payload": dict(payload or {}),
            "state": JobState.WAITING.value,
            "attempt": 0,
            "failures": 0,
            "max_failures": max_failures,
            "again": False,
            "run_after": due,
            "created_at": now,
            "published_at": now if due <= now else None,
        }
        job_id = cast("UUID", values["id"])
        while not self._insert(values):
            live = self._join_live(kind, cast("str", key), due)
            if live is not None:
                job_id = live
                break
        if due <= now:
            self.promised[job_id] = queue
        return job_id

    def finish(self, job: ClaimedJob) -> None:
        """Record the job's end in this transaction, together with its effects.

        LostLease when the attempt is not current.
        """
        now = self._clock.now()
        done = update(Job).where(Job.id == job.id, Job.attempt == job.attempt, Job.state == JobState.RUNNING.value)
        ended = {"lease_until": None, "worker": None, "error": None}
        held = {"job_id": job.id, "held_attempt": job.attempt}
        if self._session.connection().execute(_ENDS, {**held, "state": "done", "finished_at": now, **ended}).rowcount:
            return
        if self._changed(done, {"state": "waiting", "again": False, "failures": 0, "run_after": now, **ended}):
            self.promised[job.id] = job.queue
            return
        raise LostLease(str(job.id))

    def revive(self, job_id: UUID, *, owner_id: UUID) -> bool:
        """Let a dead job of the owner wait again from now, by a person's decision, in the transaction that journals it.

        False when it is absent, another owner's, not dead, or the same work has been promised anew meanwhile.
        """
        dead = self._session.execute(
            select(Job.kind, Job.key, Job.queue).where(
                Job.id == job_id, Job.owner_id == owner_id, Job.state == JobState.DEAD.value
            )
        ).one_or_none()
        if dead is None or (dead.key is not None and self.is_live(dead.kind, dead.key)):
            return False
        fresh = {"state": "waiting", "failures": 0, "finished_at": None, "run_after": self._clock.now()}
        again = update(Job).where(Job.id == job_id, Job.state == JobState.DEAD.value)
        if not self._changed(again, {**fresh, "published_at": None}):
            return False
        self.promised[job_id] = dead.queue
        return True

    def dead_id(self, kind: str, key: str) -> UUID | None:
        """The newest job of this kind and key that gave up, unless the same work has been promised anew since."""
        if self.is_live(kind, key):
            return None
        query = select(Job.id).where(Job.kind == kind, Job.key == key, Job.state == JobState.DEAD.value)
        return self._session.scalars(query.order_by(Job.id.desc()).limit(1)).first()

    def is_live(self, kind: str, key: str) -> bool:
        """Whether a job of this kind and key waits or runs."""
        query = select(Job.id).where(Job.kind == kind, Job.key == key, Job.state.in_(_LIVE_STATES))
        return self._session.execute(query.limit(1)).first() is not None

    def _insert(self, values: Mapping[str, Any]) -> bool:
        return insert_missing(self._session, table_of(Job), values, unique=("kind", "key"), where=LIVE)

    def _join_live(self, kind: str, key: str, due: datetime) -> UUID | None:
        same = (Job.kind == kind, Job.key == key, Job.state.in_(_LIVE_STATES))
        found = self._session.execute(select(Job.id, Job.state, Job.run_after).where(*same)).one_or_none()
        if found is None:
            return None  # it ended between the two statements
        if found.state == JobState.RUNNING.value:
            joined = self._changed(update(Job).where(Job.id == found.id, Job.state == "running"), {"again": True})
        elif found.run_after > due:
            joined = self._changed(update(Job).where(Job.id == found.id, Job.state == "waiting"), {"run_after": due})
        else:  # touched, so that nobody claims it before this transaction is visible
            joined = self._changed(update(Job).where(Job.id == found.id, Job.state == "waiting"), {"again": False})
        return cast("UUID", found.id) if joined else None

    def _changed(self, statement: Any, values: Mapping[str, Any]) -> bool:
        result = self._session.execute(statement.values(**values).execution_options(synchronize_session=False))
        return cast("CursorResult[Any]", result).rowcount == 1
