"""What the killed processes run: a worker with the clockwork, the clockwork alone, or the portal.

A spec tells where a process dies: `point`, `point:3` (the third time it is reached) or `point:1@kind` (counted from the
moment a job of that kind is claimed), so that a death hits the commit that is meant and not some poll's.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from edo_service import bootstrap
from edo_service.bootstrap import Services
from edo_service.demo.seed import Seeded
from edo_service.documents.use_cases.answer import Answer, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.send import send_document
from edo_service.documents.use_cases.sign import sign_with_own_key
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import ClaimedJob, Runner
from edo_service.keys import queries as keys
from edo_service.settings import Settings
from edo_service.worker.clockwork import Clockwork

PRELOAD = [
    "tests.crash.roles",
    "tests.crash.warm",
    "edo_service.main.app",
    "edo_service.main.serve",
    "edo_service.worker.processes",
    "edo_service.adapters.objects_s3",
    "edo_service.documents.protocol",
    "edo_service.formats.printing.forms",
    "edo_service.formats.printing.pdf",
    "archive.s3",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "celery.bin.worker",
    "celery.worker.worker",
    "celery.concurrency.solo",
    "kombu.transport.pyamqp",
]
_QUEUES = "edo.default,edo.signing,edo.exchange,edo.archive,edo.mail"


def enter(first: int, target: Callable[..., None], settings: Settings, *arguments: Any) -> None:
    """Run a role; when the test run is gone, however it went, so is this process."""
    handle = os.pidfd_open(first)

    def follow() -> None:
        select.select([handle], [], [])
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=follow, name="follow", daemon=True).start()
    target(settings, *arguments)


def armed(settings: Settings, spec: str | None) -> Settings:
    """Arm this process and return the settings to build it from."""
    point, _, kind = (spec or "").partition("@")
    if not kind:
        return settings.model_copy(update={"crash_at": point or None})
    carry_out = Runner._carry_out

    def carry_out_armed(runner: Runner, job: ClaimedJob) -> None:
        faults.arm(point if job.kind == kind else None)
        carry_out(runner, job)
        faults.arm(None)

    Runner._carry_out = carry_out_armed  # type: ignore[method-assign]  # in this process alone, which is about to die
    return settings


def claiming_worker(settings: Settings, spec: str | None) -> None:
    """The embedded profile's machine room: jobs by claiming, woken by commits, the clockwork beside them."""
    wake = threading.Event()
    services = bootstrap.build(armed(settings, spec), publish=lambda _job, _queue: wake.set())
    clockwork = Clockwork(services=services)
    clockwork.start(pause=0.1)
    services.runner(worker="crash").loop(threading.Event(), wake, idle=0.1)


def celery_worker(settings: Settings, spec: str | None) -> None:
    """The full profile's worker: ids from RabbitMQ, one at a time."""
    from edo_service.worker.processes import worker_app

    assert settings.broker_url is not None
    app = worker_app(settings.broker_url.get_secret_value(), armed(settings, spec))
    options = [f"--queues={_QUEUES}", "--pool=solo", "--loglevel=ERROR", "--without-heartbeat"]
    app.worker_main(["worker", "--without-gossip", "--without-mingle", *options])


def clock(settings: Settings, spec: str | None) -> None:
    """The full profile's clockwork process."""
    clockwork = Clockwork(services=bootstrap.build(armed(settings, spec)))
    clockwork.start(pause=0.1)
    threading.Event().wait()


def web(settings: Settings, spec: str | None, port: int, act: str) -> None:
    """`edo serve` itself, armed while it answers the POST whose path ends with `act`."""
    from edo_service.main import app as portal
    from edo_service.main.serve import run

    create = portal.create_app

    def create_armed(services: Services, **more: Any) -> FastAPI:
        app = create(services, **more)
        app.add_middleware(_ArmedPost, spec=spec, act=act)
        return app

    portal.create_app = create_armed
    run(settings.model_copy(update={"port": port, "demo": False, "log_level": "ERROR", "crash_at": None}))


def serving(settings: Settings, spec: str | None, port: int) -> None:
    """`edo serve` itself, armed from the start; embedded, worker and clock live in it."""
    from edo_service.main.serve import run

    run(armed(settings, spec).model_copy(update={"port": port, "demo": False, "log_level": "ERROR"}))


class _ArmedPost:
    """Arms the crash point when the request that is meant comes in."""

    def __init__(self, app: ASGIApp, *, spec: str | None, act: str) -> None:
        self.app = app
        self.spec = spec
        self.act = act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith(self.act):
            faults.arm(self.spec)
        await self.app(scope, receive, send)


def perform(services: Services, seeded: Seeded, name: str, actor: Actor, login: str, document: UUID) -> None:
    """What a person does with a document: send, prepare, refuse, sign. Raises EdoError."""
    uow = services.uow(actor.scope)
    if name == "send":
        send_document(document, actor=actor, uow=uow)
    elif name == "prepare":
        prepare_answer(document, answer=Answer(), actor=actor, uow=uow, objects=services.objects)
    elif name == "refuse":
        prepare_refusal(document, reason="Груз не получен", actor=actor, uow=uow, objects=services.objects)
    elif name == "sign":
        with uow:
            key = keys.personal_key(uow, actor.user_id)
        assert key is not None
        pin, desk = seeded.secrets[login].pin, services.signing_desk
        sign_with_own_key(document, key_id=key.id, pin=pin, actor=actor, uow=uow, desk=desk, keys=services.keys)
    else:
        raise ValueError(name)
