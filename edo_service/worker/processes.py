"""Worker processes: claiming jobs from the database, taking their ids from RabbitMQ, or running the clockwork.

Each runs in the foreground until SIGTERM or SIGINT, then ends the job under way (30 s at most) and leaves.
"""

import logging
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import celery

from edo_service import bootstrap
from edo_service.adapters.celery_publisher import QUEUES, TASK, celery_app
from edo_service.bootstrap import Services
from edo_service.errors import EdoError, Unavailable
from edo_service.kernel.jobs import EmbeddedWorker, Runner
from edo_service.settings import Settings
from edo_service.worker.clockwork import Clockwork

AWAY_PAUSE = 1.0
AWAY_TRIES = 60
log = logging.getLogger(__name__)


def run_clockwork() -> None:
    """Run the duties of the clock: polls, sealing, sweeping, the canary."""
    services = bootstrap.build()
    clockwork = Clockwork(services=services)
    stop = _stop_event()
    clockwork.start()
    stop.wait()
    clockwork.stop()
    services.close()


def run_claiming(queues: Sequence[str] | None) -> None:
    """Claim jobs from the database, of the queues named or of all, in `EDO_WORKER_THREADS` threads."""
    services = bootstrap.build()
    runner = services.runner(queues=tuple(queues) if queues else None)
    worker = EmbeddedWorker(runner, threads=services.settings.worker_threads)
    stop = _stop_event()
    worker.start()
    stop.wait()
    if not worker.stop(30):
        log.warning("a job did not end in time; its lease will run out")
    services.close()


def run_celery(queues: Sequence[str]) -> None:
    """Take ids from RabbitMQ and run those jobs, in `EDO_WORKER_THREADS` processes, until SIGTERM."""
    settings = Settings()
    if settings.broker_url is None:
        raise Unavailable("settings.broker_missing")
    app = worker_app(settings.broker_url.get_secret_value(), settings)
    named = ",".join(f"edo.{name}" for name in queues or QUEUES)
    options = [f"--queues={named}", f"--concurrency={settings.worker_threads}", f"--loglevel={settings.log_level}"]
    app.worker_main(["worker", "--without-gossip", "--without-mingle", *options])


def worker_app(broker_url: str, settings: Settings) -> celery.Celery:
    """Return the Celery application with the one task there is: run the job of this id."""
    app = celery_app(broker_url)
    room = _Room(settings)

    @app.task(name=TASK, ignore_result=True)
    def run_job(job_id: str) -> None:
        room.run(UUID(job_id))

    return app


@dataclass
class _Room:
    """Services of this process: Celery forks, and connections must not be shared with the parent."""

    settings: Settings
    _process: int = 0
    _wait: threading.Event = field(default_factory=threading.Event, repr=False)
    _services: Services | None = field(default=None, repr=False)
    _runner: Runner | None = field(default=None, repr=False)

    def run(self, job_id: UUID) -> None:
        """Run the job; while the database is away there is nothing else to do, so the id is held for a minute.

        Dropped, the job would wait for the sweeper to tell of it anew. Unavailable after that minute.
        """
        for _ in range(AWAY_TRIES - 1):
            try:
                self.runner().run(job_id)
            except EdoError as error:
                log.warning("job %s could not be taken or recorded (%s); trying again", job_id, error)
                self._wait.wait(AWAY_PAUSE)
            else:
                return
        self.runner().run(job_id)

    def runner(self) -> Runner:
        """Return the runner of this process, made at its first job."""
        if self._runner is None or self._process != os.getpid():
            self._process = os.getpid()
            self._services = bootstrap.build(self.settings)
            self._runner = self._services.runner()
        return self._runner


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
