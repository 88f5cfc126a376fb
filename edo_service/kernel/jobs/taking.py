"""Which job a worker's threads carry out next: they share one list of what is due, and what they hold already."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs import claims
from edo_service.kernel.jobs.values import ClaimedJob

AT_ONCE = 4
"""How many short jobs are claimed in one transaction: more would wait here while another worker has nothing to do."""


class Taking:
    """Claims jobs of `kinds` one by one, and short ones (`together`) by several in one transaction.

    The threads of a worker share the list, so that they do not try for the same job. A job that is held and not begun is
    prolonged before it is, and dropped when another worker has taken it over; `put_back` gives up what nobody began.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        worker: str,
        lease: timedelta,
        kinds: Collection[str],
        queues: Sequence[str] | None = None,
        together: Collection[str] = (),
    ) -> None:
        self._database, self._clock = database, clock
        self._worker, self._lease = worker, lease
        self._kinds, self._queues, self._together = kinds, queues, frozenset(together)
        self._lock = threading.Lock()
        self._ahead: deque[tuple[UUID, str]] = deque()
        self._held: deque[ClaimedJob] = deque()
        self._held_since = clock.now()
        self._is_shared = False

    def take(self, *, several: bool = False) -> ClaimedJob | None:
        """Return a job that this worker holds now, None when nothing is due.

        `several`: short jobs may be claimed ahead of their turn; whoever asks so must ask again, or put them back.
        """
        held = self._begin_held()
        if held is not None:
            return held
        is_fresh = False
        while True:
            with self._lock:
                if not self._ahead:
                    if is_fresh:
                        return None
                    self._ahead.extend(
                        claims.due(self._database, self._clock, kinds=tuple(self._kinds), queues=self._queues)
                    )
                    is_fresh, self._is_shared = True, False
                if not self._ahead:
                    return None
                job_id, kind = self._ahead.popleft()
            job = self._claim_several(kind) if several and kind in self._together else None
            job = job or self._claim_alone(job_id)
            if job is not None:
                return job

    def put_back(self) -> None:
        """Let what is held and was not begun wait again: neither a failure nor a try."""
        while (job := self._pop_held()) is not None:
            claims.give_back(self._database, self._clock, job)

    def _claim_alone(self, job_id: UUID) -> ClaimedJob | None:
        """Another process that goes through the same jobs has taken most of them before us.

        Once that shows, each is looked at before it is tried for, since a claim waits for its turn to write.
        """
        if self._is_shared and not claims.is_due(self._database, self._clock, job_id):
            return None
        job = claims.claim(self._database, self._clock, job_id, worker=self._worker, lease=self._lease)
        if job is None:
            self._is_shared = True
        return job

    def _claim_several(self, kind: str) -> ClaimedJob | None:
        claimed = claims.claim_several(
            self._database,
            self._clock,
            kind=kind,
            worker=self._worker,
            lease=self._lease,
            limit=AT_ONCE,
            queues=self._queues,
        )
        if not claimed:
            return None
        first, *others = claimed
        ours = {job.id for job in claimed}
        with self._lock:
            self._ahead = deque(one for one in self._ahead if one[0] not in ours)
            self._held.extend(others)
            self._held_since = self._clock.now()
        return first

    def _begin_held(self) -> ClaimedJob | None:
        """The next of those that are held and still ours; one that has waited for long is prolonged first."""
        while (job := self._pop_held()) is not None:
            is_old = self._clock.now() - self._held_since > self._lease / 3
            if not is_old or claims.renew(self._database, self._clock, job, lease=self._lease):
                return job
        return None

    def _pop_held(self) -> ClaimedJob | None:
        with self._lock:
            return self._held.popleft() if self._held else None
