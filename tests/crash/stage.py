"""A stage for crashes: real surroundings over HTTP, processes that may be killed, documents on the road.

The operator's sandbox has its own deduplication switched off, so every double send would be seen in its counts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

import httpx2
from fastapi import FastAPI

from edo_service import bootstrap
from edo_service.bootstrap import Services
from edo_service.demo.companies import CLIENT_ONE, COMPANIES, LESSOR, DemoPerson
from edo_service.demo.invoice import demo_contract, demo_upd
from edo_service.demo.seed import Seeded, seed
from edo_service.demo.side_servers import ThreadServer, pki_app, sandbox_app
from edo_service.documents import queries as documents
from edo_service.documents.queries import Line, Wish
from edo_service.documents.use_cases.upload import upload_contract, upload_upd
from edo_service.errors import Conflict
from edo_service.kernel import schema
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import Clock, SystemClock
from edo_service.kernel.ids import new_id
from edo_service.parties import queries as parties
from edo_service.settings import Profile, Settings
from tests.crash import roles

ACCOUNTANT, CLIENT = LESSOR.people[0], CLIENT_ONE.people[0]
PATIENCE = 360.0
LOOK = 0.2
"""Seconds between two looks at the database."""
PRESSES = 5
ROUNDS = 3
"""So many readings of every feed without any news mean that nothing more will come by itself."""
PACE = {
    "job_lease_seconds": 1.0,
    "sweep_seconds": 0.3,
    "republish_seconds": 3.0,
    "operator_poll_seconds": 0.3,
    "seal_seconds": 0.3,
}
"""Leases and clocks of a service in a hurry, so that a death costs about a second."""


@dataclass(frozen=True, kw_only=True)
class Road:
    """A document that was started: its number, and how it has to end."""

    number: str
    contract: bool = False
    refused: bool = False

    @property
    def sender(self) -> dict[str, str]:
        """The sender's final states."""
        return {
            "delivery": "delivered",
            "receipt": "not_needed" if self.contract else "received",
            "response": "counter_refused" if self.refused else "counter_signed",
            "archive": "kept",
        }

    @property
    def recipient(self) -> dict[str, str]:
        """The recipient's final states."""
        return {
            "delivery": "received",
            "receipt": "not_needed" if self.contract else "confirmed",
            "response": ("refused" if self.refused else "signed") + ("" if self.contract else "_confirmed"),
            "archive": "kept",
        }


@dataclass(kw_only=True)
class Stage:
    """One profile with its processes. `start` and `kill` are the only ways anything here lives or dies."""

    settings: Settings
    services: Services
    seeded: Seeded
    context: Any
    roads: list[Road] = field(default_factory=list)
    alive: list[BaseProcess] = field(default_factory=list)
    kills: int = 0

    @property
    def is_full(self) -> bool:
        """Whether jobs travel through RabbitMQ."""
        return self.settings.profile is Profile.FULL

    def actor(self, person: DemoPerson) -> Actor:
        """A demo person as the actor she is."""
        return self.seeded.actor(self.services, person)

    # --- processes

    def start(self, target: Callable[..., None], *arguments: Any) -> BaseProcess:
        """Start a process that runs `target(settings, …)`."""
        whole = (os.getpid(), target, self.settings, *arguments)
        process: BaseProcess = self.context.Process(target=roles.enter, args=whole, daemon=True)
        process.start()
        self.alive.append(process)
        return process

    def machine_room(self, spec: str | None = None) -> list[BaseProcess]:
        """Start what carries jobs; only the worker is armed, or the clock for the journal's crash point."""
        if not self.is_full:
            return [self.start(roles.claiming_worker, spec)]
        of_clock = spec is not None and spec.startswith("journal.")
        clock = self.start(roles.clock, spec if of_clock else None)
        return [self.start(roles.celery_worker, None if of_clock else spec), clock]

    def kill(self, *processes: BaseProcess) -> None:
        """SIGKILL, and wait until each is gone."""
        for process in processes:
            if process.is_alive():
                process.kill()
            process.join(240)
            assert process.exitcode is not None
            self.alive.remove(process)

    def crash(self, spec: str) -> bool:
        """Run the machine room armed until it has died of it. False when the work ended without reaching the place."""
        processes = self.machine_room(spec)
        deadline = time.monotonic() + PATIENCE
        idle_since: int | None = None
        while _all_live(processes, LOOK):
            read = self.feeds_read()
            idle_since = (read if idle_since is None else idle_since) if self.is_idle() else None
            if time.monotonic() > deadline or (idle_since is not None and read - idle_since >= ROUNDS * len(COMPANIES)):
                break
        died = any(process.exitcode == -signal.SIGKILL for process in processes)
        self.kill(*processes)
        self.kills += died
        return died

    # --- what is seen

    def is_idle(self) -> bool:
        """Whether no work is promised but the ever-returning polls: nothing would reach a crash point soon."""
        with self.services.database.transaction(read_only=True) as connection:
            left = connection.exec_driver_sql(
                "select count(*) from job where state in ('waiting', 'running') and kind <> 'exchange.poll'"
            ).scalar_one()
        return bool(left == 0)

    def feeds_read(self) -> int:
        """How many times feeds of operators have been read to their ends."""
        with self.services.database.transaction(read_only=True) as connection:
            found = connection.exec_driver_sql(
                "select count(*) from job where kind = 'exchange.poll' and state = 'done'"
            ).scalar_one()
        return int(found)

    def find(self, person: DemoPerson, number: str) -> Line | None:
        """The company's document of that number, None before it is there."""
        uow = self.services.uow(self.actor(person).scope)
        found = documents.list_documents(Wish(text=number), uow=uow).lines
        assert len(found) <= 1, f"{number} is there {len(found)} times"
        return found[0] if found else None

    def line(self, person: DemoPerson, number: str) -> Line:
        """A document that must be there."""
        found = self.find(person, number)
        assert found is not None, f"{number} is not there for {person.login}"
        return found

    def line_of_sender(self, road: Road) -> Line:
        """The sender's side of a road."""
        return self.line(ACCOUNTANT, road.number)

    def until(self, what: str, condition: Callable[[], bool], *, seconds: float = PATIENCE) -> float:
        """Wait for a condition that running processes bring about; how long it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"{what}: not within {seconds:.0f} s; {self.report()}"
            self.wait_a_little()
        return time.monotonic() - began

    def wait_a_little(self) -> None:
        """Between two looks the processes get on: looking costs as much as their work does."""
        time.sleep(LOOK)

    def report(self) -> str:
        """Where everything stands, for a failure's message."""
        with self.services.database.transaction(read_only=True) as connection:
            rows = connection.exec_driver_sql(
                "select kind, state, count(*), max(failures), max(error) from job group by kind, state"
            ).all()
        lines = [
            (
                road.number,
                person.login,
                line and (line.delivery, line.receipt, line.response, line.archive, line.trouble),
            )
            for road in self.roads
            for person in (ACCOUNTANT, CLIENT)
            for line in [self.find(person, road.number)]
        ]
        return f"documents {lines}; jobs {rows}; alive {[process.name for process in self.alive]}"

    # --- documents

    def new_road(self, *, contract: bool = False, refused: bool = False, send: bool = True) -> Road:
        """Upload a fresh document as the accountant and send it."""
        road = Road(number=f"К-{new_id().hex[-12:]}", contract=contract, refused=refused)
        actor = self.actor(ACCOUNTANT)
        (self._upload_contract if contract else self._upload_upd)(road.number, actor)
        self.roads.append(road)
        if send:
            self.perform("send", ACCOUNTANT, road.number)
        return road

    def _upload_upd(self, number: str, actor: Actor) -> None:
        written = demo_upd(LESSOR, CLIENT_ONE, number=number, at=self.services.clock.now())
        uow, objects = self.services.uow(actor.scope), self.services.objects
        upload_upd(written.content, written.file_name, actor=actor, uow=uow, objects=objects)

    def _upload_contract(self, number: str, actor: Actor) -> None:
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

    def perform(self, name: str, person: DemoPerson, number: str) -> None:
        """A person's act in this process, which does not die; told that a job changed the document, she presses again."""
        document = self.line(person, number).id
        for presses in range(1, PRESSES + 1):
            try:
                roles.perform(self.services, self.seeded, name, self.actor(person), person.login, document)
            except Conflict as error:
                if error.code != "status.changed_meanwhile" or presses == PRESSES:
                    raise
            else:
                return

    def answer_what_waits(self, roads: Sequence[Road]) -> int:
        """The client answers what she sees and has not answered; how many documents that were."""
        moved = 0
        for road in roads:
            line = self.find(CLIENT, road.number)
            if line is None or line.response not in {"required", "prepared", "refusal_prepared"}:
                continue
            if line.response == "required":
                self.perform("refuse" if road.refused else "prepare", CLIENT, road.number)
            self.perform("sign", CLIENT, road.number)
            moved += 1
        return moved

    def is_final(self, road: Road) -> bool:
        """Whether both sides have come to their ends."""
        for person, final in ((ACCOUNTANT, road.sender), (CLIENT, road.recipient)):
            line = self.find(person, road.number)
            if line is None or {life: getattr(line, life) for life in final} != final:
                return False
        return True

    def settle(self, *roads: Road) -> None:
        """Run an unarmed machine room until every document is final; the client answers when it is her move."""
        processes = self.machine_room()
        try:
            self.walk_on(*roads)
        finally:
            self.kill(*processes)

    def walk_on(self, *roads: Road, seconds: float = PATIENCE) -> None:
        """Wait, with what already runs, until every document is final and nothing is left to do."""
        left = list(roads)

        def is_done() -> bool:
            self.answer_what_waits(left)
            left[:] = [road for road in left if not self.is_final(road)]
            return not left and self.is_idle()

        self.until("final states", is_done, seconds=seconds)


@contextmanager
def staged(settings: Settings) -> Iterator[Stage]:
    """Set the stage: surroundings on free ports, a migrated database, the demo companies."""
    clock = SystemClock()
    with around(settings, clock) as ready:
        services = bootstrap.build(ready, clock=clock)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(roles.PRELOAD)
        stage = Stage(settings=ready, services=services, seeded=seed(services), context=context)
        try:
            yield stage
        finally:
            stage.kill(*list(stage.alive))
            services.close()


@contextmanager
def around(settings: Settings, clock: Clock, pki: FastAPI | None = None) -> Iterator[Settings]:
    """The migrated database, the PKI and the operator without its deduplication; settings that name them."""
    settings.root.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database)
    authority = ThreadServer(pki or pki_app(settings, clock)).start()
    operator = ThreadServer(sandbox_app(settings, clock)).start()
    turn(operator.url, deduplicate=False)
    try:
        yield settings.model_copy(update={"demo_pki_url": authority.url, "operator_url": operator.url})
    finally:
        operator.stop()
        authority.stop()


def _all_live(processes: Sequence[BaseProcess], seconds: float) -> bool:
    """Whether none of them ends within so many seconds; told at once when one does."""
    return not wait([process.sentinel for process in processes], timeout=seconds)


def turn(operator_url: str | None, **knobs: Any) -> None:
    """Turn the knobs of the operator's sandbox."""
    httpx2.post(f"{operator_url}/_sandbox/faults", json=knobs).raise_for_status()
