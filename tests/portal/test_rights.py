"""Who may do what, over every route there is: a new route without a line here fails."""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest

import archive
from edo_service.accounts.rules import Role
from edo_service.archiving import queries as archived
from edo_service.archiving.desk_tables import ArchiveExport, DisposalAct, LegalHold, SavedSearch
from edo_service.bootstrap import Services
from edo_service.demo.companies import CLIENT_TWO, LESSOR
from edo_service.demo.power import demo_power
from edo_service.demo.power import person as employee
from edo_service.documents import queries as documents
from edo_service.exchange import queries as exchange
from edo_service.exchange.counterparties import RelationLine, list_relations
from edo_service.exchange.use_cases.invite_many import keep_list
from edo_service.kernel.actor import Actor
from edo_service.kernel.scope import Scope
from edo_service.keys import queries as keys
from edo_service.powers import codec, reading
from edo_service.powers.rules import PowerFile
from edo_service.powers.tables import PowerOfAttorney
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, OTHER, Live
from tests.portal.person import Page, Person
from tests.portal.routes import routes
from tests.portal.test_road import own_form
from tests.portal.waiting import until

A, K = "accountant", "compliance"
BOTH, NEITHER = frozenset({A, K}), frozenset[str]()
ONLY_A, ONLY_K = frozenset({A}), frozenset({K})
O, D, R, API = "/o/{org}", "/o/{org}/documents/{document}", "/o/{org}/archive/{package}", "/api/v1/o/{org}"  # noqa: E741 - short names of addresses

#: Routes of a company: who of the lessor's people may.
COMPANY: dict[tuple[str, str], frozenset[str]] = {
    ("GET", O): BOTH,
    ("GET", f"{O}/"): BOTH,
    ("GET", f"{O}/documents"): BOTH,
    ("GET", f"{O}/documents/new"): ONLY_A,
    ("POST", f"{O}/documents/new"): ONLY_A,
    ("POST", f"{O}/documents/new/save"): ONLY_A,
    ("GET", D): BOTH,
    ("GET", f"{D}/files/{{part}}"): BOTH,
    ("GET", f"{D}/signatures/{{signature}}"): BOTH,
    ("GET", f"{D}/signatures/{{signature}}.sig"): BOTH,
    ("GET", f"{D}/download"): BOTH,
    ("GET", f"{D}/print.pdf"): BOTH,
    ("GET", f"{D}/page/{{number}}"): BOTH,
    ("GET", f"{D}/text"): BOTH,
    ("GET", f"{D}/protocol.pdf"): BOTH,
    ("GET", f"{D}/sign"): ONLY_A,
    ("POST", f"{D}/sign"): ONLY_A,
    ("POST", f"{D}/send"): ONLY_A,
    ("POST", f"{D}/take-back"): ONLY_A,
    ("POST", f"{D}/clear-doubt"): ONLY_A,
    ("POST", f"{O}/documents/discard"): ONLY_A,
    ("GET", f"{D}/discard"): ONLY_A,
    ("POST", f"{D}/discard"): ONLY_A,
    ("POST", f"{D}/prepare"): ONLY_A,
    ("POST", f"{D}/change-mind"): ONLY_A,
    ("GET", f"{D}/reject"): ONLY_A,
    ("POST", f"{D}/reject"): ONLY_A,
    ("POST", f"{D}/archive-retry"): ONLY_A,
    ("GET", f"{O}/archive"): ONLY_K,
    ("GET", f"{O}/archive/purpose"): BOTH,
    ("POST", f"{O}/archive/purpose"): BOTH,
    ("POST", f"{O}/archive/export"): ONLY_K,
    ("POST", f"{O}/archive/searches"): ONLY_K,
    ("POST", f"{O}/archive/searches/{{search}}/forget"): ONLY_K,
    ("GET", f"{O}/archive/exports"): ONLY_K,
    ("GET", f"{O}/archive/exports/{{export}}/download"): ONLY_K,
    ("GET", f"{O}/archive/holds"): ONLY_K,
    ("POST", f"{O}/archive/holds"): ONLY_K,
    ("POST", f"{O}/archive/holds/new"): ONLY_K,
    ("GET", f"{O}/archive/holds/{{hold}}"): ONLY_K,
    ("POST", f"{O}/archive/holds/{{hold}}/lift"): NEITHER,
    ("GET", f"{O}/archive/disposal"): ONLY_K,
    ("POST", f"{O}/archive/disposal"): ONLY_K,
    ("GET", f"{O}/archive/disposal/{{act}}"): ONLY_K,
    ("POST", f"{O}/archive/disposal/{{act}}/approve"): ONLY_K,
    ("POST", f"{O}/archive/disposal/{{act}}/reject"): ONLY_K,
    ("GET", f"{O}/archive/disposal/{{act}}/act.pdf"): ONLY_K,
    ("GET", f"{O}/archive/incomplete"): ONLY_K,
    ("GET", f"{O}/archive/report"): ONLY_K,
    ("POST", f"{O}/archive/report"): ONLY_K,
    ("GET", R): ONLY_K,
    ("POST", f"{R}/export"): ONLY_K,
    ("POST", f"{R}/check"): ONLY_K,
    ("POST", f"{R}/copy"): ONLY_K,
    ("POST", f"{R}/term"): ONLY_K,
    ("GET", f"{D}/annul"): ONLY_A,
    ("POST", f"{D}/annul"): ONLY_A,
    ("POST", f"{D}/repeat"): ONLY_A,
    ("GET", f"{D}/clarify"): ONLY_A,
    ("POST", f"{D}/clarify"): ONLY_A,
    ("GET", f"{O}/exchange"): ONLY_A,
    ("POST", f"{O}/exchange/{{account}}/check"): ONLY_A,
    ("GET", f"{O}/exchange/{{account}}/off"): ONLY_A,
    ("POST", f"{O}/exchange/{{account}}/off"): ONLY_A,
    ("POST", f"{O}/exchange/{{account}}/on"): ONLY_A,
    ("POST", f"{O}/exchange/{{account}}/renew"): ONLY_A,
    ("GET", f"{O}/exchange/{{account}}/receipts"): ONLY_A,
    ("POST", f"{O}/exchange/{{account}}/receipts"): ONLY_A,
    ("GET", f"{O}/exchange/setup"): ONLY_A,
    ("GET", f"{O}/exchange/setup/{{step}}"): ONLY_A,
    ("POST", f"{O}/exchange/setup/{{step}}"): ONLY_A,
    ("GET", f"{O}/exchange/counterparties"): BOTH,
    ("GET", f"{O}/exchange/counterparties/find"): ONLY_A,
    ("POST", f"{O}/exchange/counterparties/invite"): ONLY_A,
    ("GET", f"{O}/exchange/counterparties/{{relation}}"): BOTH,
    ("POST", f"{O}/exchange/counterparties/{{relation}}/accept"): ONLY_A,
    ("POST", f"{O}/exchange/counterparties/{{relation}}/act"): ONLY_A,
    ("GET", f"{O}/exchange/invitations/import"): ONLY_A,
    ("POST", f"{O}/exchange/invitations/import"): ONLY_A,
    ("GET", f"{O}/exchange/invitations/{{batch}}"): ONLY_A,
    ("GET", f"{O}/exchange/invitations/{{batch}}/report.csv"): ONLY_A,
    ("GET", f"{O}/exchange/queue"): ONLY_A,
    ("POST", f"{O}/exchange/queue/retry"): ONLY_A,
    ("POST", f"{O}/exchange/queue/settle"): ONLY_A,
    ("GET", f"{O}/organisation"): BOTH,
    ("GET", f"{O}/keys"): BOTH,
    ("GET", f"{O}/keys/{{key}}.cer"): BOTH,
    ("GET", f"{O}/powers"): BOTH,
    ("POST", f"{O}/powers/upload"): NEITHER,
    ("POST", f"{O}/powers/fetch"): NEITHER,
    ("GET", f"{O}/powers/{{power}}"): BOTH,
    ("POST", f"{O}/powers/{{power}}/revoke"): NEITHER,
    ("POST", f"{O}/powers/{{power}}/decide"): NEITHER,
    ("GET", f"{O}/powers/{{power}}/file"): ONLY_A,
    ("GET", f"{O}/powers/{{power}}/signature"): ONLY_A,
    ("GET", f"{O}/office/journal"): ONLY_K,
    ("POST", f"{O}/office/journal/verify"): ONLY_K,
    ("GET", f"{O}/office/jobs"): NEITHER,
    ("POST", f"{O}/office/jobs/retry"): NEITHER,
    ("GET", f"{API}/documents"): BOTH,
    ("GET", f"{API}/documents/{{document}}"): BOTH,
    ("GET", f"{API}/documents/{{document}}/files/{{part}}"): BOTH,
    ("GET", f"{API}/documents/{{document}}/signatures/{{signature}}"): BOTH,
    ("GET", f"{API}/documents/{{document}}/protocol.pdf"): BOTH,
    ("POST", f"{API}/documents"): ONLY_A,
    ("POST", f"{API}/documents/contracts"): ONLY_A,
    ("POST", f"{API}/documents/check"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/send"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/take-back"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/clear-doubt"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/repeat"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/discard"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/prepare"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/reject"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/change-mind"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/clarify"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/sign"): ONLY_A,
    ("POST", f"{API}/documents/{{document}}/sign-with-own-key"): ONLY_A,
    ("GET", f"{API}/archive"): ONLY_K,
    ("GET", f"{API}/archive/{{package}}"): ONLY_K,
    ("GET", f"{API}/archive/{{package}}/export"): ONLY_K,
}
#: Routes of a person: anybody logged in.
PERSONAL = {
    ("GET", "/"),
    ("GET", "/me"),
    ("GET", "/me/security"),
    ("POST", "/me/security/revoke"),
    ("POST", "/me/security/revoke-others"),
    ("GET", "/password"),
    ("POST", "/password"),
    ("GET", "/api/v1/me"),
    ("POST", "/api/v1/logout"),
    *(
        ("GET", f"/{section}{rest}")
        for section in ("documents", "archive", "exchange", "organisation", "keys", "office")
        for rest in ("", "/{rest:path}")
    ),
}
#: Routes for everybody.
PUBLIC = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/code"),
    ("POST", "/login/code"),
    ("POST", "/logout"),
    ("GET", "/me/appearance"),
    ("POST", "/me/appearance"),
    ("POST", "/api/v1/login"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
    ("GET", "/static/{version}/{name:path}"),
}
#: What a route needs in its query or JSON body before anybody's rights are looked at.
QUERIES = {
    f"{API}/documents": {},
    f"{API}/documents/check": {"file_name": "a.xml"},
    f"{API}/documents/contracts": {
        "file_name": "a.pdf",
        "number": "1",
        "dated": "2026-11-17",
        "counterparty": str(uuid.uuid4()),
    },
    f"{API}/documents/{{document}}": {"purpose": "Проверка"},
    f"{API}/documents/{{document}}/files/{{part}}": {"purpose": "Проверка"},
    f"{API}/documents/{{document}}/signatures/{{signature}}": {"purpose": "Проверка"},
    f"{API}/documents/{{document}}/protocol.pdf": {"purpose": "Проверка"},
    f"{API}/archive": {"purpose": "Проверка"},
    f"{API}/archive/{{package}}": {"purpose": "Проверка"},
    f"{API}/archive/{{package}}/export": {"purpose": "Проверка"},
}
BODIES = {
    f"{API}/documents/{{document}}/reject": b'{"reason": "x"}',
    f"{API}/documents/{{document}}/clarify": b'{"text": "x"}',
    f"{API}/documents/{{document}}/sign-with-own-key": b'{"pin": "000000"}',
    "/api/v1/login": b'{"login": "x", "password": "y"}',
}


@dataclass(frozen=True)
class Things:
    """What there is in the lessor's company: ids for addresses."""

    values: dict[str, str]

    def address(self, path: str, **changes: str) -> str:
        """A path with its places filled; queries that the route needs are added."""
        values = {**self.values, **changes}
        filled = re.sub(r"{(\w+)(?::path)?}", lambda found: values[found.group(1)], path)
        query = dict(QUERIES.get(path, {}))
        if path == f"{API}/documents" and "file_name" in changes:
            query = {"file_name": changes["file_name"]}
        return filled + (f"?{urlencode(query)}" if query else "")


@pytest.fixture(scope="session")
def things(live: Live) -> Things:
    """An archived invoice of the lessor and all that belongs to it."""
    number = live.number()
    sent = live.send(number)
    client = live.person(CLIENT)
    prepared = client.submit(live.arrived(number), "/prepare", {"answer": "accepted"})
    client.submit(prepared, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(prepared))
    live.said(ACCOUNTANT, sent, "В архиве")
    seeded = live.running.seeded
    assert seeded is not None
    services = live.running.services
    scope = Scope.of(seeded.companies[LESSOR.code].entity_id)
    document = uuid.UUID(sent.rsplit("/", 1)[1])
    card = documents.card(document, uow=services.uow(scope))
    package = archived.package_of_document(document, uow=services.uow(scope))
    assert package is not None
    uow = services.uow(scope)
    with uow:
        key = keys.keys(uow)[0].id
    account = exchange.accounts(uow=services.uow(scope))[0].id

    def listed() -> list[RelationLine]:
        found = list_relations(folder="all", text="", operator="", after=None, limit=9, uow=services.uow(scope)).lines
        return [one for one in found if one.account_id]

    relation = until(listed, "the list of counterparties is read")[0]
    actor = Actor.automatic("test", seeded.companies[LESSOR.code].entity_id)
    batch = keep_list(account, (), file_name="a.csv", text="", actor=actor, uow=services.uow(scope))
    return Things(
        values={
            "org": live.code(LESSOR),
            "document": str(document),
            "part": str(card.main_part.id),
            "signature": str(card.main_part.signatures[0].id),
            "package": str(package.id),
            **controlled(services, scope, package.id),
            "key": str(key),
            "power": str(empowered(services, scope)),
            "account": str(account),
            "relation": str(relation.id),
            "batch": str(batch),
            "step": "1",
            "number": "1",
            "rest": "x",
            "version": "0",
            "name": "ui.css",
        }
    )


def empowered(services: Services, scope: Scope) -> uuid.UUID:
    """A power of the lessor, as a row."""
    (owner,) = scope.entities
    number, now = uuid.uuid4(), services.clock.now()
    agent = employee("Громов", "Пётр", "Ильич", inn="770000000220", snils="90000000283")
    file = demo_power(LESSOR, agent, number=number, issued=now.date(), expires=now.date() + timedelta(days=90))
    power, file_id = reading.read(file.content)
    found = PowerFile(name=file.file_name, file_id=file_id, violations=(), signature="INDETERMINATE", signer=None)
    sha256 = services.objects.put(file.content, owner=owner)
    row = PowerOfAttorney(
        id=uuid.uuid4(), owner_id=owner, number=str(number), own_number="1", principal_name="x", principal_inn=LESSOR.inn,
        agent_name="x", issued=power.issued, expires=power.expires, facts=codec.dump(power, found), decided={},
        file_name=file.file_name, file_sha256=sha256, signature_sha256=sha256, source="file", search="x", created_at=now,
    )  # fmt: skip
    uow = services.uow(scope)
    with uow:
        uow.session.add(row)
        uow.commit()
    return row.id


def controlled(services: Services, scope: Scope, package: uuid.UUID) -> dict[str, str]:
    """A hold, an act, a ready export and a saved search of the lessor, as rows: their lives are another test's story."""
    (owner,) = scope.entities
    now, uow = services.clock.now(), services.uow(scope)
    common = {"owner_id": owner, "number": 990_001, "reason": "x"}  # far from those that other tests make
    hold = LegalHold(**common, id=uuid.uuid4(), state="on", ground="x", set_by_name="x", set_at=now)
    act = DisposalAct(
        **common, id=uuid.uuid4(), state="rejected", law="x", sets=0, size=0, proposed_by_name="x", proposed_at=now,
        paper_sha256="",
    )  # fmt: skip
    export = ArchiveExport(
        id=uuid.uuid4(), owner_id=owner, state="ready", kind="verified", title="x", purpose="x", sets=1, done=1, size=4,
        person_name="x", ordered_at=now, expires_at=now + timedelta(days=300),
    )  # fmt: skip
    search = SavedSearch(id=uuid.uuid4(), owner_id=owner, person_id=uuid.uuid4(), name="x", query={}, at=now)
    desk = services.archive_desk
    content = b"%PDF-1.7 act"
    stored = desk.store.put(archive.key_of(str(owner), content), content, retain_until=now + timedelta(days=1))
    act.paper_sha256, act.keep_until = stored.sha256, stored.retain_until
    path = services.settings.root / "made-up.zip"
    path.write_bytes(b"PK\x05\x06")
    services.export_shelf.put(f"{export.id}.zip", path)
    with uow:
        uow.session.add_all([hold, act, export, search])
        uow.commit()
    return {"hold": str(hold.id), "act": str(act.id), "export": str(export.id), "search": str(search.id)}


def call(person: Person, method: str, path: str, address: str, **changes: str) -> Page:
    """The request as the right kind of caller makes it, with a valid token."""
    if method == "GET":
        return person.get(address, follow=False)
    headers = {"Idempotency-Key": str(uuid.uuid4()), **changes}
    if path.startswith("/api/"):
        headers |= {"X-CSRF-Token": person.token(), "Content-Type": "application/json", "Origin": person.base}
        return person.raw("POST", address, BODIES.get(path, b"{}"), headers)
    return person.post(address, {}, token=person.token(), follow=False, headers=changes)


def needs(path: str, method: str) -> dict[str, str]:
    """Changes that make the upload's own query."""
    return {"file_name": "a.xml"} if (method, path) == ("POST", f"{API}/documents") else {}


def test_every_route_has_its_line(live: Live) -> None:
    there = set(routes(live.running.app))
    assert there == set(COMPANY) | PERSONAL | PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(COMPANY))
def test_a_company_lets_in_its_own_people_by_their_rights(live: Live, things: Things, method: str, path: str) -> None:
    address = things.address(path, **needs(path, method))
    for role, login in ((A, ACCOUNTANT), (K, COMPLIANCE)):
        allowed = role in COMPANY[(method, path)]
        if allowed and method == "POST":
            continue  # what it does is another test's story; that it does not refuse needs no second effect here
        answer = call(live.person(login), method, path, address)
        expected = {200, 303} if allowed else {403}
        assert answer.status in expected, f"{role} {method} {address}: {answer.status} {answer.text[:300]}"
    for login in (CLIENT, OTHER):
        answer = call(live.person(login), method, path, address)
        assert answer.status == 404, f"{login} {method} {address}: {answer.status}"
    guest = call(live.stranger(), method, path, address)
    if path.startswith("/api/") or method == "POST":
        assert guest.status == 401
    else:
        assert guest.status == 303
        assert guest.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize(("method", "path"), sorted(COMPANY))
def test_what_is_foreign_answers_exactly_as_what_is_absent(
    live: Live, things: Things, inspector: Person, method: str, path: str
) -> None:
    for person in (live.person(OTHER), inspector):
        foreign = call(person, method, path, things.address(path, **needs(path, method)))
        absent = call(person, method, path, things.address(path, org="zzzzzzzz", **needs(path, method)))
        assert (foreign.status, plain(foreign)) == (absent.status, plain(absent))
        assert foreign.status == 404
    ids = [name for name in re.findall(r"{(\w+)}", path) if name not in {"org", "number"}]
    if not ids:
        return
    own, unknown = live.code(CLIENT_TWO), str(uuid.uuid4())
    for person in (live.person(OTHER), inspector):
        foreign = call(person, method, path, things.address(path, org=own))
        absent = call(person, method, path, things.address(path, org=own, **dict.fromkeys(ids, unknown)))
        assert (foreign.status, plain(foreign)) == (absent.status, plain(absent))
        nonsense = call(person, method, path, things.address(path, org=own, **dict.fromkeys(ids, "не-id")))
        assert {foreign.status, nonsense.status} <= {403, 404}


@pytest.mark.parametrize("path", sorted(path for method, path in {*COMPANY, *PERSONAL, *PUBLIC} if method == "POST"))
def test_an_unsafe_request_without_its_token_or_from_another_site_is_refused(
    live: Live, things: Things, path: str
) -> None:
    person, address = live.person(ACCOUNTANT), things.address(path, **needs(path, "POST"))
    fresh = person.token()
    kind = {"Content-Type": "application/json"} if path.startswith("/api/") else {}
    own = {"Sec-Fetch-Site": "same-origin", "Origin": live.url, **kind}
    alien = live.person(CLIENT).token()
    for name, headers in (
        ("no token", own),
        ("a made-up token", {**own, "X-CSRF-Token": "abc.def"}),
        ("a token of another session", {**own, "X-CSRF-Token": alien}),
        ("another site", {**own, "Sec-Fetch-Site": "cross-site", "X-CSRF-Token": fresh}),
        ("another origin", {**own, "Origin": "https://evil.example", "X-CSRF-Token": fresh}),
        ("no origin at all", {**kind, "X-CSRF-Token": fresh}),
    ):
        answer = person.raw("POST", address, BODIES.get(path, b""), headers)
        assert answer.status == 403, f"{name}: {answer.status} {path}"
    assert person.get("/me").status == 200


@pytest.mark.parametrize(("method", "path"), sorted(PERSONAL))
def test_personal_routes_want_a_session(live: Live, things: Things, method: str, path: str) -> None:
    guest = call(live.stranger(), method, path, things.address(path))
    if path.startswith("/api/") or method == "POST":
        assert guest.status == 401
    else:
        assert guest.status == 303
        assert guest.headers["location"].startswith("/login?next=")


def test_other_methods_are_refused(live: Live, things: Things) -> None:
    person = live.person(ACCOUNTANT)
    for method in ("PUT", "DELETE", "PATCH"):
        headers = {"X-CSRF-Token": person.token(), "Origin": live.url}
        assert person.raw(method, things.address(D), b"", headers).status == 405


@pytest.fixture(scope="session")
def inspector(live: Live) -> Person:
    """Compliance of another company: all the rights of the archive, none over the lessor's."""
    return live.enter(*live.newcomer(CLIENT_TWO, Role.COMPLIANCE))


def plain(page: Page) -> str:
    """The answer without what differs each time: request id, tokens, the address to come back to."""
    text = page.content.decode("utf-8", "replace")
    text = re.sub(r'name="_token" value="[^"]*"', "", text)
    text = re.sub(r"next=[^\"&]*", "", text)
    text = re.sub(r'"request_id":"[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{16}", "", text)
