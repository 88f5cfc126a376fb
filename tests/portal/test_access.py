"""Every way to what the archive holds: who may, what for, and what the journal says. A new route must be named here."""

import json
import re
import uuid
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, update

from edo_service.accounts import tables as accounts
from edo_service.accounts.rules import Role
from edo_service.archiving import queries as archived
from edo_service.archiving.desk_tables import ArchiveExport
from edo_service.archiving.tables import ArchiveAccess
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoCompany
from edo_service.documents import queries as documents
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.journal import JournalEntry
from edo_service.kernel.scope import Scope
from tests.portal.conftest import CLIENT, Live
from tests.portal.person import Page, Person
from tests.portal.routes import routes
from tests.portal.test_portal_archive import archived as archive_one
from tests.portal.waiting import until

O, D, R, API = "/o/{org}", "/o/{org}/documents/{document}", "/o/{org}/archive/{package}", "/api/v1/o/{org}"  # noqa: E741 - short names of addresses
#: Everything that gives content of a set, and the event that notes it.
CONTENT = {
    ("GET", f"{O}/archive"): "archive.searched",
    ("GET", R): "archive.view",
    ("POST", f"{R}/export"): "archive.export",
    ("POST", f"{R}/check"): "archive.checked",
    ("POST", f"{R}/copy"): "archive.copy",
    ("POST", f"{O}/archive/export"): "archive.export_ordered",
    ("GET", f"{O}/archive/exports/{{export}}/download"): "archive.export_taken",
    ("POST", f"{O}/archive/report"): "archive.reported",
    ("GET", D): "archive.document",
    ("GET", f"{D}/page/{{number}}"): "archive.document",
    ("GET", f"{D}/text"): "archive.document",
    ("GET", f"{D}/files/{{part}}"): "archive.file",
    ("GET", f"{D}/signatures/{{signature}}"): "archive.file",
    ("GET", f"{D}/signatures/{{signature}}.sig"): "archive.file",
    ("GET", f"{D}/download"): "archive.file",
    ("GET", f"{D}/print.pdf"): "archive.file",
    ("GET", f"{D}/protocol.pdf"): "archive.file",
    ("GET", f"{API}/archive"): "archive.searched",
    ("GET", f"{API}/archive/{{package}}"): "archive.view",
    ("GET", f"{API}/archive/{{package}}/export"): "archive.export",
    ("GET", f"{API}/documents/{{document}}"): "archive.document",
    ("GET", f"{API}/documents/{{document}}/files/{{part}}"): "archive.file",
    ("GET", f"{API}/documents/{{document}}/signatures/{{signature}}"): "archive.file",
    ("GET", f"{API}/documents/{{document}}/protocol.pdf"): "archive.file",
}
#: Addresses of the archive and of documents that give none: the question itself, registers (they name sets), steps of work.
NO_CONTENT = re.compile(
    r"/o/{org}/archive/(purpose|searches.*|exports|holds.*|disposal.*|incomplete|report|{package}/term)"
    r"|/o/{org}/documents(/new.*|/discard)?|/api/v1/o/{org}/documents(/contracts|/check)?"
    r"|/archive(/{rest:path})?|/documents(/{rest:path})?"
    r"|.*/documents/{document}/(sign|send|take-back|repeat|discard|clear-doubt|prepare|change-mind|reject|archive-retry|annul|clarify|sign-with-own-key)"
)
#: Those of them that an auditor, who takes nothing out, has no right to.
NOT_FOR_AUDITORS = {
    ("POST", f"{R}/export"), ("POST", f"{O}/archive/export"), ("GET", f"{O}/archive/exports/{{export}}/download"),
    ("GET", f"{API}/archive/{{package}}/export"),
}  # fmt: skip
#: Roles that read documents and neither sign nor search the archive.
ONLY_READERS = (Role.MANAGER, Role.ADMINISTRATOR)

#: What takes long to draw: that the gate stands before it for each role is seen without a purpose.
DRAWN = re.compile(r"(\.pdf|/page/{number}|/text)$")


def open_to(role: Role) -> dict[tuple[str, str], str]:
    """What of `CONTENT` the role has the right to."""
    return {one: event for one, event in CONTENT.items() if role not in ONLY_READERS or "/archive" not in one[1]}


class Kept:
    """An archived invoice of the lessor, and what its addresses are made of."""

    def __init__(self, live: Live) -> None:
        self.live, self.services = live, live.running.services
        self.number = number = archive_one(live)
        seeded = live.running.seeded
        assert seeded is not None
        self.owner = seeded.companies[LESSOR.code].entity_id
        uow = self.services.uow(Scope.of(self.owner))
        (line,) = archived.search(archived.Search(number=number), uow=uow).lines
        card = documents.card(line.document_id, uow=uow)
        self.package = line.id
        self.values = {
            "org": live.code(LESSOR), "package": str(line.id), "document": str(line.document_id), "number": "1",
            "part": str(card.main_part.id), "signature": str(card.main_part.signatures[0].id), "export": self._export(),
        }  # fmt: skip

    def _export(self) -> str:
        now, found = self.services.clock.now(), uuid.uuid4()
        row = ArchiveExport(
            id=found, owner_id=self.owner, state="ready", kind="verified", title="x", purpose="x", sets=1, done=1, size=4,
            person_name="x", ordered_at=now, expires_at=now + timedelta(days=300),
        )  # fmt: skip
        path = self.services.settings.root / f"{found}.zip"
        path.write_bytes(b"PK\x05\x06")
        self.services.export_shelf.put(f"{found}.zip", path)
        with self.services.uow(Scope.of(self.owner)) as uow:
            uow.session.add(row)
            uow.commit()
        return str(found)

    def say_why(self, person: Person, purpose: str) -> None:
        """What the next requests of her browser are for."""
        address = f"/o/{self.values['org']}/archive/purpose"
        assert person.post(address, {"purpose": purpose}, token=person.token(), follow=False).status == 303

    def ask(self, person: Person, method: str, path: str, purpose: str = "") -> Page:
        """The request; a program says its purpose with it."""
        address = re.sub(r"{(\w+)}", lambda found: self.values[found.group(1)], path)
        if path.startswith("/api/") and purpose:
            address += f"?purpose={purpose}"
        elif path == f"{O}/archive":
            address += "?status=kept"
        if method == "GET":
            return person.get(address, follow=False)
        sent = {"id": str(self.package), "since": "01.11.2026", "until": "30.11.2026"}
        return person.post(address, sent, token=person.token(), follow=False)

    def noted(self, event: str, purpose: str) -> set[str]:
        """Who is named by the journal's entries of this event with this purpose."""
        with self.services.uow(Scope.of(self.owner)).reading() as uow:
            rows = uow.session.scalars(select(JournalEntry).where(JournalEntry.event == event)).all()
        return {row.actor_name for row in rows if json.loads(row.facts).get("purpose") == purpose}

    def entries(self) -> int:
        """How many accesses of persons are journalled; what the machine does meanwhile is another story."""
        by_persons = (JournalEntry.event.startswith("archive."), JournalEntry.actor_id.is_not(None))
        with self.services.uow(Scope.of(self.owner)).reading() as uow:
            return uow.session.execute(select(func.count()).select_from(JournalEntry).where(*by_persons)).scalar_one()


@pytest.fixture(scope="module")
def kept(live: Live) -> Kept:
    return Kept(live)


def newcomer(live: Live, role: Role, company: DemoCompany = LESSOR) -> Person:
    return live.enter(*live.newcomer(company, role))


def test_every_route_near_the_archive_is_known_to_give_content_or_none(live: Live) -> None:
    near = {
        (method, path)
        for method, path in routes(live.running.app)
        if re.match(r"(/api/v1)?(/o/{org})?/(archive|documents)", path)
    }
    assert near - set(CONTENT) == {one for one in near - set(CONTENT) if NO_CONTENT.fullmatch(one[1])}
    assert set(CONTENT) <= near


@pytest.mark.parametrize("role", [Role.COMPLIANCE, *ONLY_READERS])
def test_without_a_purpose_nobody_but_who_signs_gets_anything_and_is_led_to_the_question(
    live: Live, kept: Kept, role: Role
) -> None:
    person = newcomer(live, role)
    for method, path in sorted(open_to(role)):
        answer = kept.ask(person, method, path)
        if path.startswith("/api/") or path == f"{O}/archive":
            assert answer.status == 422, path
        else:
            assert answer.status == 303, path
            assert "/archive/purpose?next=" in answer.headers["location"], path
        assert b"PK" not in answer.content[:4], path


@pytest.mark.parametrize("role", [Role.COMPLIANCE, *ONLY_READERS])
def test_each_access_is_journalled_with_the_purpose_and_the_person(live: Live, kept: Kept, role: Role) -> None:
    person = newcomer(live, role)
    for (method, path), event in sorted(open_to(role).items()):
        if role in ONLY_READERS and DRAWN.search(path):
            continue
        said = f"{role} {method} {path}"
        if not path.startswith("/api/"):
            kept.say_why(person, said)
        answer = kept.ask(person, method, path, quote(said))
        assert answer.status in {200, 303}, f"{method} {path}: {answer.status} {answer.text[:300]}"
        assert "archive/purpose" not in answer.headers.get("location", ""), path
        assert kept.noted(event, said) == {"Строгова Полина"}, f"{method} {path}"
    with kept.services.uow(Scope.of(kept.owner)).reading() as uow:
        bare = func.coalesce(ArchiveAccess.purpose, "") == ""
        assert uow.session.scalars(select(ArchiveAccess).where(bare)).all() == []


def test_every_page_of_a_search_is_journalled_wherever_it_begins(live: Live, kept: Kept) -> None:
    person, place = newcomer(live, Role.AUDITOR), f"9999-12-31_{uuid.UUID(int=0)}"
    kept.say_why(person, "Дальняя страница")
    answer = person.get(f"/o/{kept.values['org']}/archive?after={place}&number={quote(kept.number)}")
    assert (answer.status, f"№ {kept.number} от" in answer.text) == (200, True)
    with kept.services.uow(Scope.of(kept.owner)).reading() as uow:
        rows = uow.session.scalars(select(JournalEntry).where(JournalEntry.event == "archive.searched")).all()
    (facts,) = [facts for facts in (json.loads(row.facts) for row in rows) if facts["purpose"] == "Дальняя страница"]
    assert place in facts["query"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_link_from_elsewhere_puts_no_words_into_the_journal(live: Live, kept: Kept, site: str) -> None:
    person, home = newcomer(live, Role.CONTROLLER), f"/o/{kept.values['org']}/archive"
    said = f"Чужие слова {site}"
    address = f"{home}?number={quote(kept.number)}&purpose={quote(said)}"
    headers = {"Sec-Fetch-Site": site} if site else {}
    led = person.get(address, follow=False, headers=headers)
    assert led.status == 303
    assert led.headers["location"].startswith(f"{home}/purpose?next=")
    assert "%D0%A7%D1%83%D0%B6" not in led.headers["location"]
    own = person.get(address.replace(quote(said), quote("Свои слова")), headers={"Sec-Fetch-Site": "same-origin"})
    assert (own.status, "Цель просмотра: Свои слова" in own.text) == (200, True)
    assert "Цель просмотра: Свои слова" in person.get(address, headers=headers).text, "once said, no address changes it"
    assert kept.noted("archive.searched", said) == set()


def test_who_has_no_right_and_who_is_of_another_company_get_nothing_and_leave_no_trace(live: Live, kept: Kept) -> None:
    manager, foreign = newcomer(live, Role.MANAGER), newcomer(live, Role.COMPLIANCE, CLIENT_TWO)
    absent = str(uuid.uuid4())
    before = kept.entries()
    for method, path in sorted(CONTENT):
        if "/archive" in path:
            assert kept.ask(manager, method, path, "x").status == 403, path
        assert kept.ask(foreign, method, path, "x").status == 404, path
    kept_values, own = kept.values, live.code(CLIENT_TWO)
    try:
        for method, path in sorted(one for one in CONTENT if re.search(r"{(package|document|export)}", one[1])):
            kept.values = {**kept_values, "org": own}
            theirs = kept.ask(foreign, method, path, "x")
            kept.values = {**kept.values, "package": absent, "document": absent, "export": absent}
            nobodys = kept.ask(foreign, method, path, "x")
            assert (theirs.status, theirs.headers.get("location", "").split("?")[0]) == (
                nobodys.status,
                nobodys.headers.get("location", "").split("?")[0],
            ), path
            assert theirs.status == 404, path
    finally:
        kept.values = kept_values
    assert kept.entries() == before


def test_an_auditor_looks_until_her_last_day_and_takes_nothing_out(live: Live, kept: Kept) -> None:
    login, password = live.newcomer(LESSOR, Role.AUDITOR)
    person = live.enter(login, password)
    person.say_why(kept.values["org"], "Аудит 2026")
    for method, path in sorted(NOT_FOR_AUDITORS):
        assert kept.ask(person, method, path, "x").status == 403, path
    assert kept.ask(person, "GET", R).status == 200
    services = kept.services
    yesterday = moscow_date(services.clock.now()) - timedelta(days=1)
    with services.system_uow("accounts.set_up") as uow:
        found = uow.session.scalars(select(accounts.Person.id).where(accounts.Person.login == login)).one()
        over = update(accounts.Membership).where(accounts.Membership.person_id == found).values(valid_until=yesterday)
        uow.session.execute(over)
        uow.commit()
    before = kept.entries()
    for method, path in sorted(CONTENT):
        answer = kept.ask(person, method, path, "x")
        assert answer.status in {401, 303, 403, 404}, f"{method} {path}: {answer.status}"
        assert "archive/purpose" not in answer.headers.get("location", "")
    assert kept.entries() == before


def test_the_purpose_is_asked_once_leads_on_and_is_one_session_s(live: Live, kept: Kept) -> None:
    login, password = live.newcomer(LESSOR, Role.COMPLIANCE)
    person, card = live.enter(login, password), f"/o/{kept.values['org']}/archive/{kept.package}"
    asked = person.get(card)
    assert asked.path.endswith("/archive/purpose")
    refused = person.submit(asked, "/archive/purpose", {"purpose": "  "})
    assert refused.status == 422
    led = person.submit(refused, "/archive/purpose", {"purpose": "Спор с поставщиком"})
    assert led.path == card, "to where she wanted to go"
    assert "Спор с поставщиком" in led.text
    assert person.get(card).status == 200, "asked once"
    again = person.get(led.link("изменить"))
    changed = person.submit(again, "/archive/purpose", {"purpose": "Сверка"})
    assert (changed.path, "Цель просмотра: Сверка" in changed.text) == (card, True)
    assert "Спор с поставщиком" in person.get(changed.link("изменить")).text, "what she said lately is one press away"
    elsewhere = person.post(
        f"/o/{kept.values['org']}/archive/purpose", {"purpose": "x", "next": "https://evil.example/"}, token=person.token(),
        follow=False,
    )  # fmt: skip
    assert elsewhere.headers["location"] == f"/o/{kept.values['org']}/archive"
    other = live.enter(login, password)
    other.cookies |= {name: value for name, value in person.cookies.items() if "purpose" in name}
    assert other.get(card).path.endswith("/archive/purpose"), "another session says its own"


def test_a_look_at_a_document_is_one_entry_and_each_file_one_more(live: Live, kept: Kept) -> None:
    person = newcomer(live, Role.CONTROLLER)
    person.say_why(kept.values["org"], "Один взгляд")
    for _ in range(2):
        for path in (D, f"{D}/page/{{number}}", f"{D}/files/{{part}}"):
            assert kept.ask(person, "GET", path).status == 200
    with kept.services.uow(Scope.of(kept.owner)).reading() as uow:
        rows = uow.session.scalars(select(ArchiveAccess.act).where(ArchiveAccess.purpose == "Один взгляд"))
        assert sorted(rows) == ["document", "file", "file"]
    assert "Ваш просмотр записан" in person.get(f"/o/{kept.values['org']}/documents/{kept.values['document']}").text


def test_who_made_the_documents_is_not_asked_and_is_noted_all_the_same(live: Live, kept: Kept) -> None:
    client, home = live.person(CLIENT), f"/o/{live.code(CLIENT_ONE)}/archive?number={kept.number}&status=kept"

    def look() -> Page | None:
        page = client.get(home)
        return page if page.has_form("/searches") and "Найдено: 1" in page.text else None

    found = until(look, "hers is kept")
    card = client.get(found.link(f"№ {kept.number} от"))
    assert card.status == 200
    assert "Работа со своими документами" in card.text
