"""A misbehaving operator, a stuck TSA and a full disk: the work waits, nothing is lost, nothing is done twice.

One process, real HTTP, real files; the clock is moved instead of waited for.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.types import ASGIApp, Receive, Scope, Send

from edo_service import bootstrap
from edo_service.adapters.outbound import Outbound
from edo_service.bootstrap import DEMO_PKI_HOST, Services
from edo_service.demo.seed import seed
from edo_service.demo.side_servers import pki_app
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.rules import POLL
from edo_service.kernel.clock import MovableClock, SystemClock
from edo_service.kernel.jobs import Job, JobState, Runner
from edo_service.settings import Settings
from edo_service.worker.clockwork import Clockwork
from operators.diadoc import DiadocOperator
from operators.sandbox.faults import FINAL, Fault
from tests.crash.reckoning import reckon
from tests.crash.stage import Stage, around, turn

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]
PATIENCE = 1.5
"""Seconds that this house waits for an answer before it gives the connection up."""


@dataclass(kw_only=True)
class Authority:
    """The PKI's HTTP face, which may be told to fall silent or to refuse."""

    app: ASGIApp
    mood: str = "well"
    spoilt: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.mood == "well" or scope["path"] != "/tsa":
            await self.app(scope, receive, send)
            return
        self.spoilt += 1
        if self.mood == "stuck":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class Impatient(Services):
    """The services of a house that waits a second for its operator, not thirty."""

    def operator(self, account: AccountCard) -> DiadocOperator:
        found = super().operator(account)
        assert isinstance(found, DiadocOperator)
        wire = found._client._wire
        wire._http.timeout = httpx2.Timeout(PATIENCE)
        wire._outside = replace(wire._outside, wait=lambda _: None)
        return found


@dataclass(kw_only=True)
class House(Stage):
    """Everything in this process: each look lets worker and clockwork do what is due and moves the clock.

    Who has nothing to do but the feeds sleeps ten seconds, or until the next promise, a quarter of an hour at most.
    """

    clock: MovableClock
    clockwork: Clockwork
    runner: Runner
    authority: Authority

    def wait_a_little(self) -> None:
        self.clockwork.step()
        worked = self.runner.drain(50)
        if worked > len(self.seeded.companies):
            self.clock.move(timedelta(seconds=1))
            return
        now = self.clock.now()
        with self.services.database.transaction(read_only=True) as connection:
            promised = select(func.min(Job.run_after)).where(Job.state == JobState.WAITING, Job.kind != POLL)
            due = connection.execute(promised).scalar_one()
        self.clock.set(max(now + timedelta(seconds=10), min(due or now, now + timedelta(minutes=15))))

    def turn(self, **knobs: object) -> None:
        """Turn the operator's knobs."""
        turn(self.settings.operator_url, **knobs)

    def faults_left(self) -> int:
        """How many of the operator's faults still wait for a request."""
        return len(httpx2.get(f"{self.settings.operator_url}/_sandbox/faults").json()["rules"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("faults") / "data"
    settings = Settings(data_dir=folder, demo=True, operator_poll_seconds=1, seal_seconds=5)
    clock = MovableClock(SystemClock().now())
    authority = Authority(app=pki_app(settings, clock))
    with around(settings, clock, pki=authority) as ready:  # type: ignore[arg-type]  # any ASGI application
        built = bootstrap.build(ready, clock=clock)
        parts = {one.name: getattr(built, one.name) for one in fields(Services) if one.init}
        outbound = Outbound(mapped={DEMO_PKI_HOST: ready.demo_pki_url or ""}, timeout=PATIENCE)
        services = Impatient(**{**parts, "outbound": outbound})
        yield House(
            settings=ready,
            services=services,
            seeded=seed(services),
            context=None,
            clock=clock,
            clockwork=Clockwork(services=services),
            runner=services.runner(worker="house"),
            authority=authority,
        )
        services.close()


@pytest.fixture(autouse=True)
def well_again(house: House) -> Iterator[None]:
    yield
    house.authority.mood = "well"
    house.turn(clear=True, duplicate_events=False, delay_events=0, delay_delivery=0)


def rule(fault: Fault, path: str, times: int = 1) -> dict[str, object]:
    return {"fault": fault.value, "path": path, "times": times, "retry_after": 1}


def test_every_passing_fault_of_the_operator_on_every_kind_of_write(house: House) -> None:
    passing = [fault for fault in Fault if fault not in FINAL]  # after those a person sends again
    writes = [rule(fault, "/v3/postmessage") for fault in passing]
    writes += [rule(fault, "/v4/postmessagepatch") for fault in passing for _ in range(2)]
    house.turn(rules=writes)
    roads = [house.new_road(refused=number % 3 == 2) for number in range(4)]
    house.walk_on(*roads)
    assert house.faults_left() == 0
    reckon(house)


def test_faults_of_the_operator_on_reads(house: House) -> None:
    before = (Fault.DROP, Fault.RATE_LIMIT, Fault.SERVER_ERROR, Fault.CUT, Fault.ERROR_AFTER)
    paths = ("/getnewevents", "/getentitycontent")
    house.turn(rules=[rule(fault, path, times=4) for path in paths for fault in before])
    house.walk_on(house.new_road())
    assert house.faults_left() == 0
    reckon(house)


def test_events_that_come_twice_late_and_after_a_lost_answer(house: House) -> None:
    house.turn(duplicate_events=True, delay_events=4, delay_delivery=3)
    house.turn(rules=[rule(Fault.CUT, "/v3/postmessage", 2), rule(Fault.WITHHOLD, "/v4/postmessagepatch", 2)])
    house.walk_on(house.new_road(), house.new_road(refused=True))
    reckon(house)


@pytest.mark.parametrize("mood", ["stuck", "refusing"])
def test_a_stuck_or_refusing_tsa_delays_and_loses_nothing(house: House, mood: str) -> None:
    house.authority.mood, house.authority.spoilt = mood, 0
    road = house.new_road(contract=True)
    house.until("the TSA was asked thrice", lambda: house.authority.spoilt >= 3)
    line = house.line_of_sender(road)
    assert (line.delivery, line.trouble) == ("queued", "document.tsa_silent")
    house.authority.mood = "well"
    house.walk_on(road)
    assert house.line_of_sender(road).trouble is None
    reckon(house)


def test_an_operator_that_is_away_for_hours_kills_no_job(house: House) -> None:
    house.turn(rules=[rule(Fault.SERVER_ERROR, "/", 2000)])
    road = house.new_road()
    for _ in range(14):
        house.clock.move(timedelta(minutes=30))
        house.wait_a_little()
    assert house.line_of_sender(road).delivery in {"sending", "clarifying"}
    house.turn(clear=True)
    house.walk_on(road)
    reckon(house)


@pytest.mark.parametrize("folder", ["objects_dir", "archive_dir"])
def test_a_full_disk_delays_and_loses_nothing(house: House, folder: str) -> None:
    road = house.new_road()
    place: Path = getattr(house.settings, folder)
    with full_disk(place) as refused:
        for _ in range(7):
            house.clock.move(timedelta(hours=4))
            house.wait_a_little()
            if folder == "archive_dir":
                house.answer_what_waits([road])
        assert refused
        assert not house.is_final(road)
    house.walk_on(road)
    leftovers = [path for path in place.rglob(".*") if path.is_file()]
    assert not leftovers
    reckon(house)


@contextmanager
def full_disk(folder: Path) -> Iterator[list[Path]]:
    """Let no file below the folder reach the disk: fsync answers ENOSPC, as delayed allocation does. The refused paths."""
    refused: list[Path] = []
    flush, lock = os.fsync, threading.Lock()

    def no_space(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if not path.is_relative_to(folder):
            flush(descriptor)
            return
        with lock:
            refused.append(path)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        yield refused
