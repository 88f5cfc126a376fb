"""Log-in and out, sessions, appearance, old addresses: over HTTP, as a browser does it."""

import re

import pytest

from edo_service.accounts.rules import Role
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.web.security import SESSION_COOKIE
from tests.portal.conftest import ACCOUNTANT, CLIENT, Live


def test_a_wrong_password_keeps_the_name_and_tells_nothing(live: Live) -> None:
    person = live.stranger()
    known = person.log_in(ACCOUNTANT, "wrong-wrong-wrong")
    unknown = person.log_in("nobody@lizingprom.demo.test", "wrong-wrong-wrong")
    assert known.status == unknown.status == 422
    assert known.title.startswith("Ошибка")
    assert known.form("/login").fields["login"] == ACCOUNTANT
    assert not known.form("/login").fields["password"]
    strip = re.compile(r"nobody|buh|[\w.-]+@[\w.-]+")
    assert strip.sub("", known.text) == strip.sub("", unknown.text)
    assert SESSION_COOKIE not in person.cookies


def test_an_empty_form_names_both_fields(live: Live) -> None:
    person = live.stranger()
    page = person.submit(person.get("/login"), "/login")
    assert page.status == 422
    assert "Исправьте 2 поля" in page.text.replace("\xa0", " ")


def test_log_in_leads_back_and_nowhere_else(live: Live) -> None:
    person = live.stranger()
    wanted = f"/o/{live.code(LESSOR)}/documents?folder=all"
    asked = person.get(wanted)
    assert asked.path == "/login"
    inside = person.submit(asked, "/login", {"login": ACCOUNTANT, "password": live.logins[ACCOUNTANT]["password"]})
    assert inside.url.endswith(wanted)
    for evil in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        other = live.stranger()
        page = other.get(f"/login?next={evil}")
        answer = other.submit(
            page, "/login", {"login": ACCOUNTANT, "password": live.logins[ACCOUNTANT]["password"]}, follow=False
        )
        assert answer.status == 303
        assert answer.headers["location"] == "/"


def test_the_way_back_from_the_appearance_does_not_grow(live: Live) -> None:
    person = live.enter(CLIENT)
    page = person.get("/me")
    assert 'href="/me/appearance?next=/me"' in page.content.decode()
    there = person.get("/me/appearance?next=/me")
    assert there.content.decode().count('href="/me/appearance?next=/me"') == 1
    assert "next%3D" not in there.content.decode()


def test_log_in_takes_a_fresh_token_and_ends_the_old_session(live: Live) -> None:
    person = live.enter(CLIENT)
    old = person.cookies[SESSION_COOKIE]
    page = person.get("/me/appearance")
    assert page.status == 200
    again = live.stranger()
    again.cookies[SESSION_COOKIE] = old
    form = again.get("/me/appearance")
    token = str(form.form("/me/appearance").fields["_token"])
    answer = again.post("/login", {"login": CLIENT, "password": live.logins[CLIENT]["password"]}, token=token)
    assert answer.status == 200
    assert again.cookies[SESSION_COOKIE] != old
    assert person.get("/me").path == "/login"


def test_log_out_ends_the_session_for_good(live: Live) -> None:
    person = live.enter(CLIENT)
    kept = dict(person.cookies)
    left = person.submit(person.get("/me"), "/logout")
    assert left.path == "/login"
    assert SESSION_COOKIE not in person.cookies
    person.cookies = kept
    assert person.get("/me").path == "/login"


def test_sessions_are_listed_and_ended(live: Live) -> None:
    login, password = live.newcomer(CLIENT_ONE, Role.MANAGER)
    here, there = live.enter(login, password), live.enter(login, password)
    page = here.get("/me/security")
    assert "этот сеанс" in page.text
    ended = here.submit(page, "/me/security/revoke")
    assert ended.status == 200
    assert "Сеанс завершён" in ended.text
    repeated = here.submit(page, "/me/security/revoke")
    assert repeated.status == 200
    third = live.enter(login, password)
    here.submit(here.get("/me/security"), "/revoke-others")
    assert third.get("/me").path == "/login"
    assert there.get("/me").path == "/login"
    assert here.get("/me").status == 200


def test_a_foreign_session_cannot_be_ended(live: Live) -> None:
    client, accountant = live.enter(CLIENT), live.enter(ACCOUNTANT)
    page = live.enter(ACCOUNTANT).get("/me/security")
    foreign = page.form("/me/security/revoke").fields["session"]
    client.post("/me/security/revoke", {"session": str(foreign)}, token=client.token())
    assert accountant.get("/me").status == 200


def test_a_password_is_changed_with_the_old_one(live: Live) -> None:
    login, first = live.newcomer(CLIENT_TWO, Role.AUDITOR)
    second = "другая-лошадь-скрепка-7"
    person = live.stranger()
    person.log_in(login, first)
    form = person.get("/password")
    refused = person.submit(form, "/password", {"old": "not-it", "new": second, "again": second})
    assert refused.status == 422
    assert second not in refused.text
    different = person.submit(form, "/password", {"old": first, "new": second, "again": second + "x"})
    assert different.status == 422
    changed = person.submit(form, "/password", {"old": first, "new": second, "again": second})
    assert changed.path == "/login"
    assert person.log_in(login, first).status == 422
    assert person.log_in(login, second).status == 200


def test_the_look_is_kept_in_a_cookie_also_before_log_in(live: Live) -> None:
    person = live.stranger()
    page = person.get("/me/appearance?next=/login")
    back = person.submit(page, "/me/appearance", {"colour": "dark", "contrast": "more", "size": "xl"})
    assert back.path == "/login"
    assert back.tree is not None
    root = back.tree.getroottree().getroot()
    assert (root.get("data-theme"), root.get("data-contrast"), root.get("data-size")) == ("dark", "more", "xl")


@pytest.mark.parametrize(
    "path", ["documents", "documents/new", "archive", "exchange", "organisation", "keys", "office/journal"]
)
def test_an_old_address_leads_to_the_last_company(live: Live, path: str) -> None:
    person = live.person(ACCOUNTANT)
    answer = person.get(f"/{path}?q=1", follow=False)
    assert answer.status == 303
    assert answer.headers["location"] == f"/o/{live.code(LESSOR)}/{path}?q=1"
    assert live.stranger().get(f"/{path}").path == "/login"


def test_the_first_page_is_the_company_of_those_who_have_one(live: Live) -> None:
    assert live.person(ACCOUNTANT).get("/").path == f"/o/{live.code(LESSOR)}/"
    assert live.stranger().get("/").path == "/login"
