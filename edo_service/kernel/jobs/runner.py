"""Carrying jobs out: the same Runner serves the embedded thread, the Celery task and the tests."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID

from edo_service.errors import EdoError, Unavailable
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.faults import reach
from edo_service.kernel.jobs import claims
from edo_service.kernel.jobs.beating import Heartbeat
from edo_service.kernel.jobs.taking import Taking
from edo_service.kernel.jobs.values import ClaimedJob, GiveUp, JobHandler, LostLease, Retry

log = logging.getLogger(__name__)
DEFAULT_LEASE = timedelta(seconds=20)
AWAY_PAUSE = timedelta(seconds=5)
TURN_SECONDS = 0.0005
"""How long a thread may keep the interpreter from one that waits for it; Python's own 5 ms are meant for one that computes.

Whoever holds SQLite's only write lock gives the interpreter away at each statement and needs it back at once: every other
writer, also of another process, waits for the lock meanwhile.
"""


class Runner:
    """Claims and runs jobs of the kinds it has handlers for.

    While a handler runs, a heartbeat renews its lease before a third of it has gone (`beating`), so a killed worker's
    job is free again within one lease however long the work takes. `together`: kinds of short jobs, of which
    a loop claims several in one transaction.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, JobHandler],
        *,
        worker: str | None = None,
        lease: timedelta = DEFAULT_LEASE,
        queues: Sequence[str] | None = None,
        heartbeat: bool = True,
        together: Collection[str] = (),
    ) -> None:
        self.database = database
        self.clock = clock
        self.handlers = dict(handlers)
        self.worker = worker or f"{socket.gethostname()}:{os.getpid()}"
        self.lease = lease
        self.queues = queues
        self._heartbeat = Heartbeat(database, clock, lease=lease) if heartbeat else None
        self._taking = Taking(
            database, clock, worker=self.worker, lease=lease, kinds=self.handlers, queues=queues, together=together
        )

    def run_one(self, *, several: bool = False) -> UUID | None:
        """Claim the job due longest and run it. Returns its id, None when nothing is due.

        `several`: short jobs may be claimed ahead, for the next calls; see `put_back`.
        """
        job = self._taking.take(several=several)
        if job is None:
            return None
        self._carry_out(job)
        return job.id

    def put_back(self) -> None:
        """Let the jobs that were claimed ahead and not begun wait again; at the latest they do when their leases run out."""
        try:
            self._taking.put_back()
        except EdoError as error:
            log.warning("jobs that were not begun wait for their leases to run out: %s", error)

    def run(self, job_id: UUID) -> bool:
        """Run this job if it can be claimed; False when somebody else has it, it is not due, or it has ended."""
        job = claims.claim(self.database, self.clock, job_id, worker=self.worker, lease=self.lease)
        if job is None:
            return False
        self._carry_out(job)
        return True

    def drain(self, limit: int = 1000) -> int:
        """Run what is due now until nothing is, `limit` jobs at most. Returns how many ran."""
        done = 0
        while done < limit and self.run_one() is not None:
            done += 1
        return done

    def loop(self, stop: threading.Event, wake: threading.Event, *, idle: float = 1.0) -> None:
        """Run jobs until `stop`; between them wait for `wake` or `idle` seconds. Survives a database that is away."""
        while not stop.is_set():
            wake.clear()
            try:
                worked = self.run_one(several=True) is not None
            except EdoError as error:  # away, or another worker was faster: neither may end this one
                log.warning("no job could be taken or recorded (%s); trying again", error)
                worked = False
            if not worked and not stop.is_set():
                wake.wait(idle)

    def _carry_out(self, job: ClaimedJob) -> None:
        reach("job.claimed")
        handler = self.handlers.get(job.kind)
        if handler is None:
            self._fail(job, f"no handler for {job.kind}")
            return
        try:
            with self._heartbeat.keeping(job) if self._heartbeat else nullcontext():
                is_ended = handler(job)
        except Retry as answer:
            claims.postpone(self.database, self.clock, job, after=answer.after, reason=str(answer))
            return
        except LostLease:
            log.warning("job %s (%s): taken over by another worker", job.id, job.kind)
            return
        except GiveUp as answer:
            self._fail(job, str(answer), for_good=True)
            return
        except Unavailable as answer:  # what lies outside is away: not the job's fault, so it never dies of it
            log.warning("job %s (%s) has to wait: %s", job.id, job.kind, answer)
            claims.postpone(self.database, self.clock, job, after=AWAY_PAUSE, reason=str(answer))
            return
        except Exception as error:  # the one place where any failure of a handler becomes a recorded one
            log.warning("job %s (%s) failed at attempt %d", job.id, job.kind, job.attempt, exc_info=True)
            self._fail(job, f"{type(error).__name__}: {error}")
            return
        reach("job.handled")
        if not is_ended:
            claims.finish(self.database, self.clock, job)
        reach("job.finished")

    def _fail(self, job: ClaimedJob, error: str, *, for_good: bool = False) -> None:
        claims.fail(self.database, self.clock, job, error=error, for_good=for_good)


class EmbeddedWorker:
    """Threads that run jobs inside the web process (embedded profile). `publish` is its wake-up."""

    def __init__(self, runner: Runner, *, threads: int = 1, idle: float = 1.0) -> None:
        self._runner = runner
        self._idle = idle
        self._count = threads
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads; once only."""
        if self._threads:
            raise RuntimeError("the worker is running")
        sys.setswitchinterval(min(sys.getswitchinterval(), TURN_SECONDS))
        self._stop.clear()
        for number in range(self._count):
            thread = threading.Thread(target=self._work, name=f"jobs-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def publish(self, _job_id: UUID, _queue: str) -> None:
        """Wake the threads: a job was committed."""
        self._wake.set()

    def stop(self, timeout: float = 30.0) -> bool:
        """Let running jobs end, then end the threads. True when all ended in time (else their leases run out)."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout)
        ended = not any(thread.is_alive() for thread in self._threads)
        self._runner.put_back()
        self._threads = []
        return ended

    def _work(self) -> None:
        self._runner.loop(self._stop, self._wake, idle=self._idle)
