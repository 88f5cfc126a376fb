"""Somebody from outside until her last day: warned on it, told clearly after it, by a clock that is moved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edo_service.accounts import queries
from edo_service.accounts.rules import Role
from edo_service.accounts.use_cases.set_up import NewMembership, add_membership
from edo_service.demo.companies import CLIENT_TWO, LESSOR, DemoCompany
from edo_service.demo.side_servers import ThreadServer
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import MovableClock
from edo_service.main.app import create_app
from tests.portal.conftest import Live
from tests.portal.person import Person

LAST_WORDS = "Сегодня последний день вашего доступа к ООО «ЛизингПром»"
OVER = "Ваш доступ к ООО «ЛизингПром» действовал до {day} включительно и закончился"


@pytest.fixture
def clock(live: Live) -> MovableClock:
    return MovableClock(live.running.services.clock.now())


@pytest.fixture
def later(live: Live, clock: MovableClock) -> Iterator[str]:
    """The same portal by the moved clock."""
    server = ThreadServer(create_app(replace(live.running.services, clock=clock, _operators={}))).start()
    yield server.url
    server.stop()


def work(live: Live, login: str, company: DemoCompany, days: int) -> datetime:
    """An auditor's work for a company, its last day so many days ahead. Ten minutes to the midnight that ends it."""
    services, seeded = live.running.services, live.running.seeded
    assert seeded is not None
    uow, actor = services.system_uow("accounts.set_up"), Actor.system("accounts.set_up")
    with services.system_uow("accounts.log_in") as reading:
        person_id = queries.person_id_by_login(reading, login)
    assert person_id is not None
    last = moscow_date(services.clock.now()) + timedelta(days=days)
    new = NewMembership(person_id=person_id, role=Role.AUDITOR, valid_until=last)
    add_membership(new, entity_id=seeded.companies[company.code].entity_id, actor=actor, uow=uow)
    return datetime(last.year, last.month, last.day, 20, 50, tzinfo=UTC)


def test_an_auditor_is_warned_on_the_last_day_and_told_until_when_and_whom_to_ask(
    live: Live, clock: MovableClock, later: str
) -> None:
    login, password = live.newcomer(LESSOR, Role.AUDITOR)
    end = work(live, login, LESSOR, 10)
    day, person, home = f"{end:%d.%m.%Y}", Person(later), f"/o/{live.code(LESSOR)}/"
    clock.set(end - timedelta(days=1))
    assert LAST_WORDS not in person.log_in(login, password).text
    assert f"доступ до {day} включительно" in person.get("/me").text
    clock.set(end)
    warned = person.log_in(login, password)
    assert f"{LAST_WORDS}. Продлить его может" in warned.text
    assert person.get(home).status == 200
    clock.move(timedelta(minutes=10))
    over = person.get(home)
    assert (over.status, "Доступ закончился" in over.title) == (403, True)
    assert f"{OVER.format(day=day)}. Продлить его может" in over.text
    assert over.link("Войти с другой").endswith("/login"), "no dead end"
    assert person.get("/login").status == 200
    told = person.log_in(login, password)
    assert (told.status, OVER.format(day=day) in told.text) == (403, True)
    wrong = person.log_in(login, "не тот пароль вовсе")
    assert (wrong.status, "действовал до" in wrong.text) == (422, False), "a stranger learns nothing"
    program = person.raw("GET", f"/api/v1/o/{live.code(LESSOR)}/documents", b"", {})
    assert program.status == 403
    assert "account.access_over" in program.text
    person.close()


def test_what_is_over_at_one_company_goes_on_at_the_other(live: Live, clock: MovableClock, later: str) -> None:
    login, password = live.newcomer(LESSOR, Role.AUDITOR)
    end = work(live, login, LESSOR, 3)
    work(live, login, CLIENT_TWO, 30)
    person = Person(later)
    clock.set(end + timedelta(minutes=10))
    assert person.log_in(login, password).status == 200
    assert person.get(f"/o/{live.code(CLIENT_TWO)}/").status == 200
    over = person.get(f"/o/{live.code(LESSOR)}/archive")
    assert (over.status, OVER.format(day=f"{end:%d.%m.%Y}") in over.text) == (403, True)
    assert person.get("/o/zzzzzzzz/archive").status == 404
    person.close()
