"""What the killed processes run: a worker with the clockwork, or one act of a person as the web would carry it out."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from edo_service import bootstrap
from edo_service.demo.seed import Seeded
from edo_service.documents.use_cases.answer import Answer, prepare_answer
from edo_service.documents.use_cases.send import send_document
from edo_service.documents.use_cases.sign import sign_with_own_key
from edo_service.documents.use_cases.upload import upload_upd
from edo_service.kernel import faults
from edo_service.keys import queries as keys
from edo_service.settings import Settings
from edo_service.worker.clockwork import Clockwork
from edo_service.worker.processes import worker_app

PRELOAD = ["tests.crash.roles", "edo_service.demo.road", "edo_service.formats.printing.forms", "weasyprint"]


def claiming_worker(settings: Settings, crash_at: str | None) -> None:
    """The embedded profile's machine room: jobs by claiming, the clockwork beside them. Ends only by a signal."""
    services = bootstrap.build(settings.model_copy(update={"crash_at": crash_at}))
    clockwork = Clockwork(services=services)
    clockwork.start(pause=0.1)
    services.runner(worker="crash").loop(threading.Event(), threading.Event(), idle=0.1)


def celery_worker(settings: Settings, crash_at: str | None) -> None:
    """The full profile's worker: ids from RabbitMQ, one at a time."""
    armed = settings.model_copy(update={"crash_at": crash_at})
    assert armed.broker_url is not None
    app = worker_app(armed.broker_url.get_secret_value(), armed)
    queues = "edo.default,edo.signing,edo.exchange,edo.archive,edo.mail"
    options = [f"--queues={queues}", "--pool=solo", "--loglevel=ERROR", "--without-heartbeat"]
    app.worker_main(["worker", "--without-gossip", "--without-mingle", *options])


def clock(settings: Settings, crash_at: str | None) -> None:
    """The full profile's clockwork process."""
    clockwork = Clockwork(services=bootstrap.build(settings.model_copy(update={"crash_at": crash_at})))
    clockwork.start(pause=0.1)
    threading.Event().wait()


def act(settings: Settings, crash_at: str | None, seeded: Seeded, name: str, arguments: dict[str, Any]) -> None:
    """One act of a person; a process of its own stands for the web process that dies under it."""
    services = bootstrap.build(settings.model_copy(update={"crash_at": None}))
    person = next(
        one
        for company in seeded.companies.values()
        for one in company.company.people
        if one.login == arguments["login"]
    )
    actor = seeded.actor(services, person)
    uow = services.uow(actor.scope)
    faults.arm(crash_at)
    if name == "upload":
        upload_upd(arguments["content"], arguments["file_name"], actor=actor, uow=uow, objects=services.objects)
    elif name == "send":
        send_document(UUID(arguments["document"]), actor=actor, uow=uow)
    elif name == "prepare":
        prepare_answer(UUID(arguments["document"]), answer=Answer(), actor=actor, uow=uow, objects=services.objects)
    elif name == "sign":
        with uow:
            key = keys.personal_key(uow, actor.user_id)
        assert key is not None
        sign_with_own_key(
            UUID(arguments["document"]),
            key_id=key.id,
            pin=seeded.secrets[person.login].pin,
            actor=actor,
            uow=uow,
            desk=services.signing_desk,
            keys=services.keys,
        )
    else:
        raise ValueError(name)
