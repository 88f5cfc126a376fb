"""A stage for crashes: real surroundings over HTTP, processes that may be killed, and the final reckoning.

The operator's sandbox has its own deduplication switched off, so every double send would be seen in its counts.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID

import httpx2

from edo_service import bootstrap
from edo_service.archiving import queries as archived
from edo_service.bootstrap import Services
from edo_service.demo.companies import CLIENT_ONE, LESSOR, DemoPerson
from edo_service.demo.invoice import demo_contract, demo_upd
from edo_service.demo.seed import Seeded, seed
from edo_service.demo.side_servers import ThreadServer, pki_app, sandbox_app
from edo_service.documents import queries as documents
from edo_service.documents.queries import Card, Wish
from edo_service.documents.use_cases.upload import upload_contract, upload_upd
from edo_service.kernel import journal, schema
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.ids import new_id
from edo_service.parties import queries as parties
from edo_service.settings import Profile, Settings
from tests.crash import roles

ACCOUNTANT, CLIENT = LESSOR.people[0], CLIENT_ONE.people[0]
PATIENCE = 60.0
IDLE = 2.0
FINAL_SENDER = {"delivery": "delivered", "receipt": "received", "response": "counter_signed", "archive": "kept"}
FINAL_CLIENT = {"delivery": "received", "receipt": "confirmed", "response": "signed_confirmed", "archive": "kept"}


@dataclass(kw_only=True)
class Stage:
    """One profile with its processes. `start` and `kill` are the only ways anything here lives or dies."""

    settings: Settings
    services: Services
    seeded: Seeded
    context: Any
    alive: list[BaseProcess] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether jobs travel through RabbitMQ."""
        return self.settings.profile is Profile.FULL

    def actor(self, person: DemoPerson) -> Actor:
        """A demo person as the actor she is."""
        return self.seeded.actor(self.services, person)

    def start(self, target: Callable[..., None], *arguments: Any) -> BaseProcess:
        """Start a process that runs `target(settings, …)`."""
        process: BaseProcess = self.context.Process(target=target, args=(self.settings, *arguments), daemon=True)
        process.start()
        self.alive.append(process)
        return process

    def machine_room(self, crash_at: str | None = None) -> list[BaseProcess]:
        """Start what carries jobs; only the worker is armed, or the clock for the journal's crash point."""
        if not self.is_full:
            return [self.start(roles.claiming_worker, crash_at)]
        clock_dies = crash_at is not None and crash_at.startswith(("journal.", "publish."))
        clock = self.start(roles.clock, crash_at if clock_dies else None)
        return [self.start(roles.celery_worker, None if clock_dies else crash_at), clock]

    def kill(self, *processes: BaseProcess) -> None:
        """SIGKILL, and wait until each is gone."""
        for process in processes:
            if process.is_alive():
                process.kill()
            process.join(10)
            self.alive.remove(process)

    def crash(self, point: str) -> bool:
        """Run the machine room armed at a point until it has died of it. False when the work ended without reaching it."""
        processes = self.machine_room(point)
        deadline = time.monotonic() + PATIENCE
        idle_since: float | None = None
        while all(process.is_alive() for process in processes):
            now = time.monotonic()
            idle_since = (idle_since or now) if self.is_idle() else None
            if now > deadline or (idle_since is not None and now - idle_since > IDLE):
                break
            time.sleep(0.05)
        died = any(process.exitcode == -signal.SIGKILL for process in processes)
        self.kill(*processes)
        return died

    def is_idle(self) -> bool:
        """Whether no work is promised but the ever-returning polls: nothing would reach a crash point soon."""
        with self.services.database.transaction(read_only=True) as connection:
            left = connection.exec_driver_sql(
                "select count(*) from job where state in ('waiting', 'running') and kind <> 'exchange.poll'"
            ).scalar_one()
        return bool(left == 0)

    def lines(self, person: DemoPerson) -> list[documents.Line]:
        """Every document of a person's company."""
        return list(documents.list_documents(Wish(limit=500), uow=self.services.uow(self.actor(person).scope)).lines)

    def find(self, person: DemoPerson, number: str) -> Card | None:
        """The company's document of that number, None before it is there."""
        uow = self.services.uow(self.actor(person).scope)
        found = documents.list_documents(Wish(text=number), uow=uow).lines
        assert len(found) <= 1, f"{number} is there {len(found)} times"
        return documents.card(found[0].id, uow=uow) if found else None

    def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait for a condition that running processes bring about."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:.0f} s; {self.report()}"
            time.sleep(0.1)

    def report(self) -> str:
        """Where everything stands, for a failure's message."""
        with self.services.database.transaction(read_only=True) as connection:
            rows = connection.exec_driver_sql(
                "select kind, state, count(*), max(error) from job group by kind, state"
            ).all()
        return f"documents {[(line.title, line.delivery, line.response, line.archive, line.trouble) for person in (ACCOUNTANT, CLIENT) for line in self.lines(person)]}; jobs {rows}"

    def act(self, name: str, crash_at: str | None = None, **arguments: Any) -> int:
        """Let a person's act be carried out by a process of its own; its exit code (-9: it died of the crash point)."""
        process = self.start(roles.act, crash_at, self.seeded, name, arguments)
        process.join(PATIENCE)
        code = process.exitcode
        self.kill(process)
        assert code is not None, f"{name} hangs"
        return code

    def new_upd(self) -> str:
        """Upload a fresh УПД as the accountant; its number."""
        number = f"К-{new_id().hex[-12:]}"
        written = demo_upd(LESSOR, CLIENT_ONE, number=number, at=self.services.clock.now())
        actor = self.actor(ACCOUNTANT)
        upload_upd(
            written.content,
            written.file_name,
            actor=actor,
            uow=self.services.uow(actor.scope),
            objects=self.services.objects,
        )
        return number

    def new_contract(self) -> str:
        """Upload a fresh PDF contract as the accountant; its number."""
        number, actor = f"К-{new_id().hex[-12:]}", self.actor(ACCOUNTANT)
        uow = self.services.uow(actor.scope)
        with uow:
            counterparty = parties.counterparty_by_participant(uow, CLIENT_ONE.participant_id)
        assert counterparty is not None
        now = self.services.clock.now()
        upload_contract(
            demo_contract(LESSOR, CLIENT_ONE, number=number, at=now),
            "contract.pdf",
            number=number,
            dated=moscow_date(now),
            counterparty_id=counterparty.id,
            total=None,
            actor=actor,
            uow=uow,
            objects=self.services.objects,
        )
        return number

    def id_of(self, person: DemoPerson, number: str) -> UUID:
        """The id of a document that must be there."""
        card = self.find(person, number)
        assert card is not None, f"{number} is not there for {person.login}"
        return card.line.id

    def settle(self, number: str, *, contract: bool = False) -> None:
        """Run an unarmed machine room until both sides are final; the client signs when it is her move."""
        processes = self.machine_room()
        try:
            self.until("arrival", lambda: self.find(CLIENT, number) is not None)
            incoming = self.find(CLIENT, number)
            assert incoming is not None
            if incoming.line.response == "required":
                assert self.act("prepare", login=CLIENT.login, document=str(incoming.line.id)) == 0
            if self._response(number) == "prepared":
                assert self.act("sign", login=CLIENT.login, document=str(incoming.line.id)) == 0
            self.until("final states", lambda: self._is_final(number, contract=contract))
        finally:
            self.kill(*processes)

    def _response(self, number: str) -> str:
        card = self.find(CLIENT, number)
        assert card is not None
        return card.line.response

    def _is_final(self, number: str, *, contract: bool) -> bool:
        ends = ((ACCOUNTANT, FINAL_SENDER), (CLIENT, FINAL_CLIENT))
        for person, final in ends:
            card = self.find(person, number)
            if card is None:
                return False
            wanted = {**final, "receipt": "not_needed"} if contract else dict(final)
            if contract and person is CLIENT:
                wanted["response"] = "signed"
            if {life: getattr(card.line, life) for life in wanted} != wanted:
                return False
        return True

    def reckon(self) -> None:
        """Nothing lost, nothing doubled: the operator's counts, the archive, the jobs, the journal."""
        counts = httpx2.get(f"{self.settings.operator_url}/_sandbox/counts").json()
        doubled = {what: times for what, times in counts["accepted"].items() if times != 1}
        assert not doubled, f"sent more than once: {doubled}"
        report = self.services.scrub()
        assert report.sound, report.findings
        kept, underway = archived.promised_parts(uow=self.services.system_uow("archiving.scrub"))
        assert not underway
        assert {key for key in self.services.store.keys() if not key.startswith("canary/")} == {key for key, _ in kept}
        with self.services.database.transaction(read_only=True) as connection:
            dead = connection.exec_driver_sql("select kind, error from job where state = 'dead'").all()
        assert not dead
        journal.seal(self.services.database, self.services.clock)
        for company in self.seeded.companies.values():
            assert journal.verify_chain(self.services.database, company.entity_id).ok


@contextmanager
def staged(settings: Settings) -> Iterator[Stage]:
    """Set the stage: surroundings on free ports, a migrated database, the demo companies."""
    clock = SystemClock()
    settings.root.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database)
    pki = ThreadServer(pki_app(settings, clock)).start()
    sandbox = ThreadServer(sandbox_app(settings, clock)).start()
    httpx2.post(f"{sandbox.url}/_sandbox/faults", json={"deduplicate": False}).raise_for_status()
    ready = settings.model_copy(update={"demo_pki_url": pki.url, "operator_url": sandbox.url})
    services = bootstrap.build(ready, clock=clock)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(roles.PRELOAD)
    stage = Stage(settings=ready, services=services, seeded=seed(services), context=context)
    try:
        yield stage
    finally:
        stage.kill(*list(stage.alive))
        services.close()
        sandbox.stop()
        pki.stop()
