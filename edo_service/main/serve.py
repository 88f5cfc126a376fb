"""`edo serve`: the portal in one process; embedded, also its worker, its clock and, in the demonstration, what is around it.

SIGTERM and SIGINT end all of it within 30 seconds: requests are answered, jobs under way finished (or left to their
lease), then the side servers stop.
"""

import os
import signal
import sys
import threading
from contextlib import ExitStack
from types import FrameType
from uuid import UUID

import uvicorn

from edo_service import bootstrap
from edo_service.bootstrap import Services
from edo_service.kernel import schema
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.jobs import EmbeddedWorker
from edo_service.settings import Settings
from edo_service.worker.clockwork import Clockwork

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


def run(settings: Settings | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    chosen = settings or Settings()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with ExitStack() as stack:
        services, wake = _services(chosen, stack)
        from edo_service.main.app import create_app

        clockwork = Clockwork(services=services)
        app = create_app(services, canary=lambda: clockwork.canary_report)
        server, config = _server(app, chosen)
        socket = config.bind_socket()
        stack.callback(socket.close)
        host, port = socket.getsockname()[:2]
        _greet(services, f"http://{host}:{port}" if not chosen.public_url else chosen.address)
        if chosen.is_embedded:
            _start_machine(services, wake, clockwork, stack)
        server.run(sockets=[socket])


def _services(settings: Settings, stack: ExitStack) -> tuple[Services, Wake]:
    """The services: embedded, over a migrated database and with a worker to wake; full, with the broker."""
    wake = Wake()
    if not settings.is_embedded:
        services = bootstrap.build(settings)
        stack.callback(services.close)
        return services, wake
    settings.root.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database)
    clock = SystemClock()
    chosen = settings
    if settings.demo:
        from edo_service.demo.side_servers import surroundings

        chosen = stack.enter_context(surroundings(settings, clock)).settings(settings)
    services = bootstrap.build(chosen, clock=clock, publish=wake.publish)
    stack.callback(services.close)
    return services, wake


def _start_machine(services: Services, wake: Wake, clockwork: Clockwork, stack: ExitStack) -> None:
    worker = EmbeddedWorker(services.runner(), threads=services.settings.worker_threads)
    wake.worker = worker
    worker.start()
    stack.callback(worker.stop, JOB_SECONDS)
    clockwork.start()
    stack.callback(clockwork.stop)


def _server(app: object, settings: Settings) -> tuple[uvicorn.Server, uvicorn.Config]:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # FastAPI is an ASGI application
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level.lower(),
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=ANSWER_SECONDS,
        lifespan="off",
    )
    return uvicorn.Server(config), config


def _greet(services: Services, address: str) -> None:
    """Say where the portal is; in the demonstration also how to get in."""
    say = sys.stdout.write
    say(f"\nКабинет ЭДО: {address}\n")
    if services.settings.demo:
        from edo_service.demo.companies import COMPANIES
        from edo_service.demo.seed import seed

        seeded = seed(services)
        say("\nДемонстрационные входы (только для этой папки данных):\n")
        for company in COMPANIES:
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
