"""Log-in with a code from an SMS, through the pages: the embedded profile's folder is the phone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edo_service.accounts.rules import Role
from edo_service.accounts.use_cases.set_up import NewMembership, NewPerson, add_membership, create_person
from edo_service.demo.companies import CLIENT_TWO
from edo_service.demo.side_servers import ThreadServer
from edo_service.kernel.actor import Actor
from edo_service.main.app import create_app
from tests.portal.conftest import OTHER, Live
from tests.portal.person import Person

PHONE, PASSWORD = "+79031234567", "верблюд-синий-парус-8"


@pytest.fixture
def strict(live: Live, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The same portal, where the second client demands codes; and the folder of its messages."""
    services = live.running.services
    settings = services.settings.model_copy(update={"sms_companies": (CLIENT_TWO.inn,)})
    server = ThreadServer(create_app(replace(services, settings=settings, _operators={}))).start()
    yield server.url, settings.sms_dir
    server.stop()


@pytest.fixture(scope="module")
def phone_owner(live: Live) -> None:
    actor, uow = Actor.system("accounts.set_up"), live.running.services.system_uow("accounts.set_up")
    new = NewPerson(login=PHONE, password=PASSWORD, surname="Телефонова", given_name="Тамара")
    membership = NewMembership(person_id=create_person(new, actor=actor, uow=uow), role=Role.CLIENT)
    seeded = live.running.seeded
    assert seeded is not None
    entity = seeded.companies[CLIENT_TWO.code].entity_id
    add_membership(membership, entity_id=entity, actor=actor, uow=uow)


def newest(folder: Path) -> str:
    file = max(folder.glob("*.txt"), key=lambda one: one.stat().st_mtime_ns)
    phone, text = file.read_text(encoding="utf-8").splitlines()
    assert phone == PHONE
    return text[:6]


def test_the_code_stands_between_the_password_and_the_cabinet(
    live: Live, strict: tuple[str, Path], phone_owner: None
) -> None:
    url, folder = strict
    person = Person(url)
    asked = person.log_in(PHONE, PASSWORD, "/me")
    assert asked.path == "/login/code"
    assert "Код из СМС" in asked.text
    assert person.get("/me", follow=False).status == 303, "no session yet"
    code = newest(folder)
    assert code not in asked.text

    empty = person.submit(asked, "/login/code", {"code": ""})
    assert empty.status == 422
    wrong = person.submit(empty, "/login/code", {"code": f"{(int(code) + 1) % 10**6:06d}"})
    assert wrong.status == 422
    assert "Осталось попыток: 4" in wrong.text
    inside = person.submit(wrong, "/login/code", {"code": f"{code[:3]} {code[3:]}"})
    assert inside.path == "/me"
    assert "Телефонова" in inside.text
    assert "__Host-edo-code" not in person.cookies

    program = live.stranger()
    program.base = url
    headers = {"Content-Type": "application/json"}
    body = f'{{"login": "{PHONE}", "password": "{PASSWORD}"}}'.encode()
    refused = person.raw("POST", "/api/v1/login", body, {**headers, "X-CSRF-Token": person.token(), "Origin": url})
    assert refused.status == 403
    assert "token" not in refused.text
    person.close()


def test_without_a_ticket_the_password_comes_first(strict: tuple[str, Path]) -> None:
    person = Person(strict[0])
    assert person.get("/login/code").path == "/login"
    form = person.get("/login")
    late = person.post("/login/code", {"code": "123456"}, token=str(form.form("/login").fields["_token"]))
    assert late.status == 422
    assert "больше не действует" in late.text
    person.close()


def test_without_a_phone_nothing_changes(live: Live, strict: tuple[str, Path]) -> None:
    person = Person(strict[0])
    assert person.log_in(OTHER, live.logins[OTHER]["password"]).status == 200
    assert person.get("/me").status == 200
    person.close()
