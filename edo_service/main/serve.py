"""`edo serve`: the portal in one process; embedded, also its worker, its clock and, in the demonstration, what is around it.

SIGTERM and SIGINT end all of it within 30 seconds: requests are answered, jobs under way finished (or left to their
lease), then the side servers stop.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING
from uuid import UUID

import uvicorn
from fastapi import FastAPI

from edo_service import bootstrap
from edo_service.bootstrap import Services
from edo_service.kernel import schema
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.jobs import EmbeddedWorker
from edo_service.settings import Settings
from edo_service.worker.clockwork import Clockwork

if TYPE_CHECKING:
    from edo_service.demo.seed import Seeded

ANSWER_SECONDS = 8
JOB_SECONDS = 6.0
LAST_SECONDS = 18.0


class Wake:
    """Tells the worker of this process of new jobs; the worker is made after the services that call it."""

    def __init__(self) -> None:
        self.worker: EmbeddedWorker | None = None

    def publish(self, job_id: UUID, queue: str) -> None:
        """A job was committed."""
        if self.worker is not None:
            self.worker.publish(job_id, queue)


@dataclass(frozen=True, kw_only=True)
class Running:
    """The put-together portal: its application is ready to be served."""

    services: Services
    app: FastAPI
    clockwork: Clockwork
    seeded: "Seeded | None"


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Everything of this process but the listening socket, for the length of the block.

    Embedded: the database is migrated, worker and clockwork tick. The demonstration's surroundings are started and seeded
    when asked for. In the full profile workers and clockwork are processes of their own.
    """
    with ExitStack() as stack:
        wake = Wake()
        chosen, clock = settings, SystemClock()
        if settings.is_embedded:
            settings.root.mkdir(parents=True, exist_ok=True)
            schema.upgrade(settings.database)
        if settings.demo and settings.operator_url is None:
            from edo_service.demo.side_servers import surroundings

            chosen = stack.enter_context(surroundings(settings, clock)).settings(settings)
        publish = wake.publish if settings.is_embedded else None
        services = bootstrap.build(chosen, clock=clock, publish=publish)
        stack.callback(services.close)
        clockwork = Clockwork(services=services)
        from edo_service.main.app import create_app

        app = create_app(services, canary=lambda: clockwork.canary_report)
        seeded = _seed(services) if settings.demo else None
        if settings.is_embedded:
            worker = EmbeddedWorker(services.runner(), threads=settings.worker_threads)
            wake.worker = worker
            worker.start()
            stack.callback(worker.stop, JOB_SECONDS)
            clockwork.start()
            stack.callback(clockwork.stop)
        yield Running(services=services, app=app, clockwork=clockwork, seeded=seeded)


def run(settings: Settings | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Exit 1 when the port is taken."""
    chosen = settings or Settings()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with closing(_listen(chosen)) as listening, running(chosen) as live:
        host, port = listening.getsockname()[:2]
        _greet(chosen.address if chosen.public_url else f"http://{host}:{port}", live.seeded)
        _server(live.app, chosen).run(sockets=[listening])


def _listen(settings: Settings) -> socket.socket:
    """The listening socket, taken first: a taken port is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for the peer's delayed ACK.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((settings.host, settings.port))
    except OSError as error:
        found.close()
        sys.stderr.write(f"Порт {settings.port} на {settings.host} занять не удалось: {error.strerror}\n")
        raise SystemExit(1) from error
    return found


def _seed(services: Services) -> "Seeded":
    from edo_service.demo.seed import seed

    return seed(services)


def _server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level=settings.log_level.lower(),
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=ANSWER_SECONDS,
            lifespan="off",
        )
    )


def _greet(address: str, seeded: "Seeded | None") -> None:
    """Say where the portal is; in the demonstration also how to get in."""
    say = sys.stdout.write
    say(f"\nКабинет ЭДО: {address}\n")
    if seeded is not None:
        say("\nДемонстрационные входы (только для этой папки данных):\n")
        for company in (one.company for one in seeded.companies.values()):
            say(f"\n  {company.name}, ИНН {company.inn}\n")
            for person in company.people:
                secret = seeded.secrets[person.login]
                pin = f"   ПИН ключа {secret.pin}" if person.key else ""
                say(f"    {person.login:<34} {secret.password:<24} {person.position}{pin}\n")
    say("\nОстановить: Ctrl+C\n\n")
    sys.stdout.flush()


def _leave(number: int, _frame: FrameType | None) -> None:
    """Unwind the main thread; a second signal changes nothing.

    When the unwinding takes too long the process ends by force: every promise is a row and survives that.
    """
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    timer = threading.Timer(LAST_SECONDS, os._exit, [1])
    timer.daemon = True
    timer.start()
    raise SystemExit(0 if number == signal.SIGTERM else 130)
