"""Telling Celery of jobs. The broker carries ids only; the table `job` is the truth.

A broker that is away costs a commit nothing but a refused connection: the failure is logged, for a few seconds nothing
else is tried, and the sweeper tells of the job again once the broker is back.
"""

import logging
import threading
import time
from typing import Any, Final
from uuid import UUID

import celery
import kombu
from kombu.exceptions import KombuError

TASK: Final = "edo.run_job"
QUEUES: Final = ("default", "signing", "exchange", "archive", "mail")
"""Every queue that jobs may name; a test compares them with what the code puts."""

_CONNECT_SECONDS: Final = 2.0
_WRITE_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 5.0
log = logging.getLogger(__name__)


def celery_app(broker_url: str) -> celery.Celery:
    """Return the application that publisher and workers share.

    Quorum queues on a topic exchange (a direct one blocks workers on delayed delivery); late acknowledgement, and a
    message goes back when its worker is killed; one message at a time per process.
    """
    app = celery.Celery("edo", broker=broker_url, set_as_current=False)
    exchange = kombu.Exchange("edo", type="topic", durable=True)
    app.conf.update(
        task_queues=[
            kombu.Queue(f"edo.{name}", exchange, routing_key=name, queue_arguments={"x-queue-type": "quorum"})
            for name in QUEUES
        ],
        task_default_queue="edo.default",
        task_default_queue_type="quorum",
        task_default_exchange="edo",
        task_default_exchange_type="topic",
        task_default_routing_key="default",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"write_timeout": _WRITE_SECONDS},
    )
    return app


class CeleryPublisher:
    """`kernel.jobs.Publish` over Celery: never raises, never waits longer than one refused connection."""

    def __init__(self, broker_url: str, *, pause: float = _PAUSE_SECONDS) -> None:
        self._app = celery_app(broker_url)
        self._pause = pause
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        self._away = _away(self._app)

    def __call__(self, job_id: UUID, queue: str) -> None:
        """Send the id to its queue; a failure silences the publisher for `pause` seconds."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._send(job_id, queue)
        except self._away as error:
            with self._lock:
                self._quiet_until = time.monotonic() + self._pause
            log.warning("job %s: the broker was not told (%s); the sweeper will", job_id, error)

    def close(self) -> None:
        """Close the connections."""
        self._app.close()

    def _send(self, job_id: UUID, queue: str) -> None:
        routing = queue if queue in QUEUES else "default"
        self._app.send_task(
            TASK,
            args=[str(job_id)],
            queue=f"edo.{routing}",
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
        )


def _away(app: celery.Celery) -> tuple[type[Exception], ...]:
    """Return what a broker that is away raises: kombu's own errors and those of its transport."""
    connection: Any = app.connection_for_write()
    return (KombuError, OSError, *connection.connection_errors, *connection.channel_errors)
