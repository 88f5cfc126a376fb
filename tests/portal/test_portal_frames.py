"""An error inside a company keeps the company's menu for those who work there, and tells nobody more than before."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NoReturn

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.errors import (
    DATABASE_AWAY,
    Conflict,
    EdoError,
    Forbidden,
    NotFound,
    NotLoggedIn,
    RateLimited,
    Unavailable,
)
from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import Scope
from edo_service.portal import Company, Portal, Visitor
from edo_service.web.environment import make_environment
from edo_service.web.pages import Pages
from edo_service.web.problems import Problems
from edo_service.web.security import TokenKey, protect
from edo_service.web.slots import MenuSlot
from edo_service.web.static_files import StaticFiles
from tests.portal.conftest import ACCOUNTANT, CLIENT, OTHER, Live
from tests.portal.person import Page

MENU = 'aria-label="Разделы"'


def has_menu(page: Page) -> bool:
    return MENU in page.content.decode()


def said(page: Page) -> str:
    """The page without what differs from one request to the next: ids, form tokens, counters of the menu."""
    return re.sub(r"[0-9a-f]{8}-?[0-9a-f-]{8,}|\s*, требуют действия: \d+", "…", page.text)


def test_what_is_not_found_keeps_the_menu_and_a_way_back(live: Live) -> None:
    home, person = f"/o/{live.code(CLIENT_ONE)}", live.person(CLIENT)
    absent = person.get(f"{home}/documents/{uuid.uuid4()}")
    assert absent.status == 404
    assert has_menu(absent)
    assert "Такой страницы нет" in absent.text
    assert absent.link("Документы").endswith(f"{home}/documents")
    assert absent.link("На главную").endswith(f"{home}/")
    nowhere = person.get(f"{home}/nowhere/at/all")
    assert (nowhere.status, has_menu(nowhere)) == (404, True)
    assert nowhere.tree is not None
    assert nowhere.tree.xpath("//*[@class='crumbs']") == []


def test_a_foreign_document_and_none_at_all_look_the_same(live: Live) -> None:
    theirs = live.upload(live.number()).path.rpartition("/")[2]
    home, person = f"/o/{live.code(CLIENT_TWO)}", live.person(OTHER)
    pages = [person.get(f"{home}/documents/{one}") for one in (theirs, uuid.uuid4())]
    assert [page.status for page in pages] == [404, 404]
    assert [has_menu(page) for page in pages] == [True, True]
    assert said(pages[0]) == said(pages[1])


def test_other_peoples_companies_and_guests_get_the_bare_page(live: Live) -> None:
    person, guest = live.person(CLIENT), live.stranger()
    for company in (live.code(LESSOR), "zzzzzzzz"):
        page = person.get(f"/o/{company}/documents")
        assert (page.status, has_menu(page)) == (404, False)
        assert live.code(LESSOR) not in page.text
    page = guest.get(f"/o/{live.code(CLIENT_ONE)}/nowhere")
    assert (page.status, has_menu(page)) == (404, False)
    outside = person.get("/nowhere")
    assert (outside.status, has_menu(outside)) == (404, False)


def test_a_refused_act_and_an_old_form_keep_the_menu(live: Live) -> None:
    home, person = f"/o/{live.code(LESSOR)}", live.person(ACCOUNTANT)
    forbidden = person.get(f"{home}/office/jobs")
    assert (forbidden.status, has_menu(forbidden)) == (403, True)
    stale = person.post(f"{home}/documents/discard", {"id": str(uuid.uuid4())}, token="old")
    assert (stale.status, has_menu(stale)) == (403, True)
    assert "Страница устарела" in stale.text
    wrong = person.post(f"{home}/documents", {}, token=person.token())
    assert (wrong.status, has_menu(wrong)) == (405, True)


# --- without a running portal: what fails while the frame is made

RAISED: dict[str, EdoError] = {
    "race": Conflict("x"),
    "right": Forbidden("x"),
    "absent": NotFound("x"),
    "limit": RateLimited("x", retry_after=timedelta(seconds=9)),
    "neighbour": Unavailable("x"),
    "database": Unavailable(DATABASE_AWAY),
}


def nobody(_token: str | None) -> NoReturn:
    raise NotLoggedIn("account.session")


def broken(*_: object) -> NoReturn:
    raise OSError("the database is gone")


def worker(_token: str | None) -> Visitor:
    entity = new_id()
    actor = Actor(user_id=new_id(), name="Ким", entity_id=entity, scope=Scope.of(entity), rights=frozenset())
    company = Company(code="k7", name="ООО «Вектор»", inn="5000000031", position="бухгалтер", actor=actor)
    return Visitor(person_id=new_id(), session_id=new_id(), login="kim", name="Ким Анна", companies=(company,))


@contextmanager
def house(
    authenticate: Callable[[str | None], Visitor], count: Callable[[object], int] = lambda _: 0
) -> Iterator[TestClient]:
    """A portal of one section whose every page fails by its name."""
    portal = Portal(
        pages=Pages(make_environment(StaticFiles())),
        clock=SystemClock(),
        make_uow=broken,
        authenticate=authenticate,
    )
    portal.slots.add_menu(
        MenuSlot(key="home", label="Главная", icon="home", path="/", order=1, count=count),
        MenuSlot(key="list", label="Документы", icon="home", path="/list", order=2),
        MenuSlot(key="old", label="Старые", icon="home", path="/list/old", order=3),
    )
    problems = Problems(page=portal.problem, phrase=lambda _code, _params: None)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    protect(app, key=TokenKey(b"k" * 32), refuse=problems.refuse)
    problems.install(app)

    def fail(request: Request, org: str, name: str) -> None:
        if name.startswith("known-"):
            portal.viewer(request, org)
        if name.endswith("crash"):
            broken()
        raise RAISED[name.removeprefix("known-")]

    app.get("/o/{org}/list/old/{name}")(fail)
    with TestClient(app, base_url="https://portal.test", raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("name", "menus"),
    [
        ("race", 1), ("right", 1), ("absent", 1), ("limit", 0), ("neighbour", 0), ("crash", 0),
        ("known-neighbour", 1), ("known-crash", 1), ("known-database", 0),
    ],
)  # fmt: skip
def test_an_error_of_somebody_at_work_is_framed_unless_that_may_fail_or_cost(name: str, menus: int) -> None:
    with house(worker) as client:
        page = client.get(f"/o/k7/list/old/{name}").text
    assert page.count(MENU) == menus
    assert page.count('<a href="/o/k7/list/old">Старые</a> /') == menus


@pytest.mark.parametrize("authenticate", [nobody, broken])
def test_without_a_person_an_error_is_bare(authenticate: Callable[[str | None], Visitor]) -> None:
    with house(authenticate) as client:
        answer = client.get("/o/k7/list/old/race")
    assert answer.status_code == 409
    assert MENU not in answer.text


def test_a_menu_that_cannot_be_made_leaves_the_error_bare() -> None:
    with house(worker, broken) as client:
        answer = client.get("/o/k7/list/old/race")
    assert answer.status_code == 409
    assert "Состояние уже изменилось" in answer.text
    assert MENU not in answer.text
