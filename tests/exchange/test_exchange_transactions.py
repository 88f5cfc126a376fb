"""No file and no first import under the database's write lock."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from edo_service.demo.companies import LESSOR
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from tests.fixtures.road import ACCOUNTANT, CLIENT, House

ROOT = Path(__file__).resolve().parents[2]


class OpenUnits(threading.local):
    """How many units of work the asking thread has open: another thread's (a lease renewed) say nothing of its files."""

    count = 0


class Watched:
    """The real object store; notes what a thread asks of it while it has a unit of work open."""

    def __init__(self, real: ObjectStore, units: OpenUnits) -> None:
        self._real = real
        self._units = units
        self.caught: list[str] = []
        self.asked = 0

    def put(self, content: bytes, owner: UUID) -> str:
        self._note("put")
        return self._real.put(content, owner)

    def put_all(self, contents: Sequence[bytes], owner: UUID) -> tuple[str, ...]:
        self._note("put")
        return self._real.put_all(contents, owner)

    def get(self, owner: UUID, sha256: str) -> bytes:
        self._note("get")
        return self._real.get(owner, sha256)

    def _note(self, what: str) -> None:
        self.asked += 1
        if self._units.count:
            self.caught.append(what)


@contextmanager
def watching(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """The house with a watched object store."""
    units = OpenUnits()
    enter, close = UnitOfWork.__enter__, UnitOfWork._close

    def entered(self: UnitOfWork) -> UnitOfWork:
        entering = enter(self)
        units.count += 1
        return entering

    def closed(self: UnitOfWork) -> None:
        if self._session is not None:
            units.count -= 1
        close(self)

    monkeypatch.setattr(UnitOfWork, "__enter__", entered)
    monkeypatch.setattr(UnitOfWork, "_close", closed)
    watched = Watched(house.services.objects, units)
    services = replace(house.services, objects=watched)
    house.services, house.runner = services, services.runner(worker="test")
    yield watched


def test_the_road_touches_no_file_inside_a_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(house, monkeypatch) as watched:
        document = house.deliver(house.upload())
        house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")
        house.prepare(document)
        house.sign(document)
        house.settle(lambda: house.card(document, CLIENT).line.archive == "kept")
    assert watched.asked > 20
    assert watched.caught == []


def test_a_file_touched_inside_a_transaction_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge of the test above can say no."""
    entity = house.entity(LESSOR)
    with watching(house, monkeypatch) as watched:
        with house.services.uow(house.actor(ACCOUNTANT).scope):
            house.services.objects.put(b"inside", entity)
        house.services.objects.put(b"outside", entity)
    assert watched.caught == ["put"]


def test_addresses_asked_for_stay_out_of_the_logs(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """An address may hold a log-in or a person's words (Такском: Login?login=…&password=…); ASVS 5.0 16.2.5."""
    caplog.set_level(logging.DEBUG, logger="")
    house.deliver(house.upload())
    assert not [line for line in caplog.records if line.name.startswith("httpx2") and line.levelno < logging.WARNING]


def test_the_production_calendar_is_there_before_the_first_transaction() -> None:
    """Its library loads three hundred modules at the first question: not while SQLite's only writer waits."""
    program = """
import sys
import edo_service.exchange.rules as rules
before = set(sys.modules)
from datetime import date
rules.Terms().answer_due(date(2026, 11, 20))
print(sorted(name for name in set(sys.modules) - before if name.startswith("holidays")))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
