"""People pressing buttons of a real `edo serve` over HTTP, and the same process dying under their fingers."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

import httpx2
import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR, DemoCompany
from scripts.services.processes import free_ports, port_answers
from tests.crash import roles
from tests.crash.reckoning import reckon
from tests.crash.stage import CLIENT, Road, Stage
from tests.portal.person import Page, Person

POINTS = ("commit.before", "commit.after", "publish.before", "documents.signed")


@dataclass(kw_only=True)
class Counter:
    """The portal's process on its port, and one browser for each person. `deaths` tells what it died of."""

    stage: Stage
    port: int
    process: BaseProcess | None = None
    deaths: list[str] = field(default_factory=list)
    _people: dict[str, Person] = field(default_factory=dict)

    def open(self, spec: str | None = None, act: str = "") -> None:
        """Start the portal, armed for one act; wait until it answers."""
        self.close()
        self.process = self.stage.start(roles.web, spec, self.port, act)
        self.stage.until("the portal answers", self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.is_alive(), "the portal ended by itself"
        return port_answers(self.port)

    def close(self) -> None:
        """kill -9, whatever it is doing."""
        if self.process is not None:
            self.stage.kill(self.process)
            self.process = None

    def person(self, company: DemoCompany) -> Person:
        """The browser of a company's first person; she stays logged in over the portal's deaths."""
        login = company.people[0].login
        known = self._people.get(login)
        if known is None:
            known = self._people[login] = Person(f"http://127.0.0.1:{self.port}")
            page = known.log_in(login, self.stage.seeded.secrets[login].password)
            assert page.status == 200, page.text
        return known

    def card(self, company: DemoCompany, number: str) -> Page:
        """The card of a document, found as people find it."""
        person = self.person(company)
        page = person.get(f"/o/{self.stage.seeded.companies[company.code].code}/documents?folder=all&q={number}")
        return person.get(page.link(f"№ {number} от"))

    def press(self, company: DemoCompany, number: str, act: str) -> Page:
        """One act of a person on the document's card."""
        person, card = self.person(company), self.card(company, number)
        if act == "sign":
            card = person.get(f"{card.path}/sign")
            if not card.has_form("/sign"):
                return card
            return person.submit(card, "/sign", {"pin": self._pin(company)}, form=_own(card))
        if not card.has_form(f"/{act}"):
            return card
        return person.submit(card, f"/{act}", {"answer": "accepted"} if act == "prepare" else {})

    def press_to_death(self, company: DemoCompany, number: str, act: str, spec: str) -> None:
        """Press while the portal is armed: the connection breaks, the process is gone."""
        with pytest.raises(httpx2.HTTPError):
            self.press(company, number, act)
        assert self.process is not None
        self.process.join(240)
        assert self.process.exitcode == -signal.SIGKILL, "the portal broke the connection and lives"
        self.deaths.append(spec)
        self.stage.kills += 1

    def leave(self) -> None:
        """Close every browser and the portal."""
        for person in self._people.values():
            person.close()
        self.close()

    def _pin(self, company: DemoCompany) -> str:
        return self.stage.seeded.secrets[company.people[0].login].pin


@contextmanager
def counter(stage: Stage) -> Iterator[Counter]:
    """A portal on a port that stays the same over its deaths."""
    (port,) = free_ports(1)
    found = Counter(stage=stage, port=port)
    try:
        yield found
    finally:
        found.leave()


DEATHS = (
    (LESSOR, "send", "commit.before"),
    (LESSOR, "send", "publish.before"),
    (CLIENT_ONE, "prepare", "commit.before"),
    (CLIENT_ONE, "prepare", "commit.after"),
    (CLIENT_ONE, "sign", "commit.after"),
    (CLIENT_ONE, "sign", "documents.signed"),
    (CLIENT_ONE, "sign", "publish.before"),
)
"""Who presses what, and where the portal dies of it. The next portal hears the same press again and lives on."""
EACH_POINT_ONCE = (DEATHS[0], DEATHS[1], DEATHS[3], DEATHS[5])


def kill_portal(stage: Stage, deaths: Sequence[tuple[DemoCompany, str, str]] = DEATHS) -> None:
    """Walk an invoice by hand while the portal dies under the presses; embedded, its worker and clock die with it."""
    road = stage.new_road(send=False)
    room = stage.machine_room() if stage.is_full else []
    pressed = "send"
    with counter(stage) as portal:
        for company, act, spec in deaths:
            portal.open(spec, f"/{act}")
            if act != pressed:
                assert portal.press(_who(pressed), road.number, pressed).status == 200
                pressed = act
            if company is CLIENT_ONE:
                _wait_for(stage, road)
            portal.press_to_death(company, road.number, act, spec)
        portal.open()
        assert portal.press(_who(pressed), road.number, pressed).status == 200
        stage.walk_on(road)
        stage.kill(*room)
    reckon(stage)
    assert {death.partition(":")[0] for death in portal.deaths} == set(POINTS)


def _who(act: str) -> DemoCompany:
    return next(company for company, name, _ in DEATHS if name == act)


def _wait_for(stage: Stage, road: Road) -> None:
    def is_there() -> bool:
        line = stage.find(CLIENT, road.number)
        return line is not None and line.receipt in {"sent", "confirmed"}

    stage.until("arrival", is_there)


def _own(page: Page):  # type: ignore[no-untyped-def]  # noqa: ANN202 - lxml publishes no types
    assert page.tree is not None
    return next(one for one in page.tree.forms if dict(one.form_values()).get("way") == "own")
