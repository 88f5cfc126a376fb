"""Keeping leases alive while jobs run: one thread for all jobs of a runner, so that a short job costs none of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from edo_service.errors import EdoError
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs import claims
from edo_service.kernel.jobs.values import ClaimedJob

log = logging.getLogger(__name__)
LONGEST_RUN = timedelta(minutes=15)
BEATS = 6
"""How often the thread looks within one lease: a job that has run for one beat is renewed, at the latest in the second."""


@dataclass(slots=True)
class _Held:
    """A job under way: since when it runs, and when its lease was last renewed, by the machine's own clock."""

    job: ClaimedJob
    began: float
    renewed: float


class Heartbeat:
    """Renews the leases of the jobs that are under way, each for `LONGEST_RUN` at most.

    `thread` begins with the first job and ends when it finds none.
    """

    def __init__(self, database: Database, clock: Clock, *, lease: timedelta) -> None:
        self._database, self._clock, self._lease = database, clock, lease
        self._beat = lease.total_seconds() / BEATS
        self._lock = threading.Lock()
        self._held: dict[int, _Held] = {}
        self.thread: threading.Thread | None = None

    @contextmanager
    def keeping(self, job: ClaimedJob) -> Iterator[None]:
        """Keep the job's lease while the block runs."""
        now = time.monotonic()
        held = _Held(job, now, now)
        with self._lock:
            self._held[id(held)] = held
            if self.thread is None or not self.thread.is_alive():  # a fork leaves none alive
                self.thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self.thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(id(held), None)

    def _run(self) -> None:
        while True:
            time.sleep(self._beat)
            with self._lock:
                if not self._held:
                    self.thread = None
                    return
                now = time.monotonic()
                due = [one for one in self._held.values() if now - one.renewed >= self._beat]
            for one in due:
                self._renew(one, now)

    def _renew(self, held: _Held, now: float) -> None:
        """One that is held by another worker meanwhile, or runs for too long, is let go."""
        held.renewed = now
        is_over = now - held.began > LONGEST_RUN.total_seconds()
        try:
            if not is_over and claims.renew(self._database, self._clock, held.job, lease=self._lease):
                return
        except (EdoError, SQLAlchemyError) as error:  # whatever befalls one lease, the others are renewed
            log.warning("job %s: the lease could not be renewed (%s)", held.job.id, error)
            return
        with self._lock:
            self._held.pop(id(held), None)
