"""The API: programs with a bearer token, one effect for one key, strict input, problems by RFC 9457."""

import json
import re
import shlex
import subprocess
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import queries
from edo_service.documents.queries import Wish
from edo_service.kernel import idempotency
from edo_service.kernel.scope import Scope
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, Live
from tests.portal.routes import routes
from tests.portal.test_road import verify_alone
from tests.portal.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A program with a session of its own."""

    def __init__(self, live: Live, login: str, company: str) -> None:
        self.base = f"{live.url}/api/v1"
        self.client = httpx2.Client(timeout=180, trust_env=False)
        answer = self.client.post(
            f"{self.base}/login", json={"login": login, "password": live.logins[login]["password"]}
        )
        assert answer.status_code == 200, answer.text
        assert not answer.headers.get_list("set-cookie")
        self.client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        self.home = f"{self.base}/o/{company}"

    def get(self, path: str, **query: str) -> httpx2.Response:
        return self.client.get(self.home + path, params=query)

    def post(
        self,
        path: str,
        body: object = None,
        *,
        key: str | None = "fresh",
        query: Mapping[str, str] | None = None,
        media_type: str = "application/json",
    ) -> httpx2.Response:
        headers = {"Content-Type": media_type}
        if key is not None:
            headers["Idempotency-Key"] = str(uuid.uuid4()) if key == "fresh" else key
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        tail = f"?{urlencode(query)}" if query else ""
        return self.client.post(self.home + path + tail, content=content, headers=headers)


@pytest.fixture(scope="module")
def accountant(live: Live) -> Any:
    found = Program(live, ACCOUNTANT, live.code(LESSOR))
    yield found
    found.client.close()


@pytest.fixture(scope="module")
def client(live: Live) -> Any:
    found = Program(live, CLIENT, live.code(CLIENT_ONE))
    yield found
    found.client.close()


def upload(live: Live, program: Program, number: str, *, key: str = "fresh") -> httpx2.Response:
    file = live.invoice(number)
    return program.post(
        "/documents", file.content, key=key, query={"file_name": file.name}, media_type="application/xml"
    )


def problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["type"].startswith("urn:edo:problem:")
    assert found["title"]
    assert re.search("[а-я]", found["detail"])
    return found  # type: ignore[no-any-return]  # JSON of the answer


def test_the_whole_road_by_program(
    live: Live, accountant: Program, client: Program, tmp_path: Path, gost_openssl: str
) -> None:
    number = live.number()
    created = upload(live, accountant, number)
    assert created.status_code == 201, created.text
    document = created.json()["id"]
    sent = accountant.post(f"/documents/{document}/send", {})
    assert sent.status_code == 202, sent.text

    incoming = until(lambda: client.get("/documents", folder="in", q=number).json()["items"], "arrival")[0]["id"]
    frozen = client.post(f"/documents/{incoming}/prepare", {"outcome": "accepted"}).json()
    content = client.client.get(live.url + frozen["url"]).content
    (tmp_path / frozen["file_name"]).write_bytes(content)
    live.write_key(tmp_path, "client_one_person")
    subprocess.run(shlex.split(frozen["command"]), cwd=tmp_path, check=True, capture_output=True)
    signature = (tmp_path / f"{frozen['file_name']}.sig").read_bytes()
    signed = client.post(f"/documents/{incoming}/sign", signature, media_type="application/pkcs7-signature")
    assert signed.status_code == 200, signed.text

    def kept() -> bool:
        return bool(accountant.get(f"/documents/{document}").json()["archive"] == "kept")

    until(kept, "archive")
    card = accountant.get(f"/documents/{document}").json()
    verdicts = {one["indication"] for file in card["files"] for one in file["signatures"]}
    assert verdicts == {"TOTAL-PASSED"}
    officer = Program(live, COMPLIANCE, live.code(LESSOR))
    found = officer.get("/archive", purpose="Проверка", number=number, total_from="1284560.00").json()
    assert found["found"] == 1
    package = officer.get(f"/archive/{found['items'][0]['id']}/export", purpose="Проверка")
    verify_alone(package.content, tmp_path / "package")
    officer.client.close()


def test_an_own_key_and_a_refusal(live: Live, accountant: Program, client: Program) -> None:
    number = live.number()
    document = upload(live, accountant, number).json()["id"]
    accountant.post(f"/documents/{document}/send")
    incoming = until(lambda: client.get("/documents", folder="in", q=number).json()["items"], "arrival")[0]["id"]
    empty = client.post(f"/documents/{incoming}/reject", {"reason": " "})
    assert problem(empty, 422)["code"] == "document.reason_empty"
    assert client.post(f"/documents/{incoming}/reject", {"reason": "Не наш"}).status_code == 200
    assert client.post(f"/documents/{incoming}/change-mind").json()["response"] == "required"
    assert client.post(f"/documents/{incoming}/repeat").json()["code"] == "exchange.answer_not_held"
    client.post(f"/documents/{incoming}/prepare")
    wrong = client.post(f"/documents/{incoming}/sign-with-own-key", {"pin": "00000000"})
    assert problem(wrong, 422)["code"].startswith("key.")
    done = client.post(f"/documents/{incoming}/sign-with-own-key", {"pin": live.pin(CLIENT)})
    assert done.status_code == 200
    assert done.json()["response"] in {"signing", "signed", "signed_confirmed"}


def test_the_same_key_gives_the_same_answer_and_one_document(live: Live, accountant: Program) -> None:
    number, key = live.number(), str(uuid.uuid4())
    file = live.invoice(number)
    query = {"file_name": file.name}
    first = accountant.post("/documents", file.content, key=key, query=query, media_type="application/xml")
    second = accountant.post("/documents", file.content, key=key, query=query, media_type="application/xml")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert accountant.get("/documents", q=number).json()["found"] == 1
    other = accountant.post("/documents", file.content + b"\n", key=key, query=query, media_type="application/xml")
    assert problem(other, 422)["code"] == "idempotency.other_body"
    renamed = accountant.post(
        "/documents", file.content, key=key, query={"file_name": "b.xml"}, media_type="application/xml"
    )
    assert problem(renamed, 422)["code"] == "idempotency.other_body"


def test_a_refusal_is_repeated_as_it_was(live: Live, accountant: Program) -> None:
    key = str(uuid.uuid4())
    answers = [
        accountant.post("/documents", b"<a/>", key=key, query={"file_name": "a.xml"}, media_type="application/xml")
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["content-type"] == "application/problem+json"


def test_one_key_at_once_is_one_effect(live: Live, accountant: Program) -> None:
    number, key = live.number(), str(uuid.uuid4())
    file = live.invoice(number)
    answers: list[httpx2.Response] = []

    def press() -> None:
        answers.append(
            accountant.post(
                "/documents", file.content, key=key, query={"file_name": file.name}, media_type="application/xml"
            )
        )

    threads = [threading.Thread(target=press) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    statuses = sorted(one.status_code for one in answers)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len({one.content for one in answers if one.status_code == 201}) == 1
    assert accountant.get("/documents", q=number).json()["found"] == 1


def test_a_request_under_way_answers_409(live: Live, accountant: Program) -> None:
    key, seeded = str(uuid.uuid4()), live.running.seeded
    assert seeded is not None
    owner = seeded.companies[LESSOR.code].entity_id
    uow = live.running.services.uow(Scope.of(owner))
    listed = queries.list_documents(Wish(), uow=uow).lines
    document = str(listed[0].id) if listed else upload(live, accountant, live.number()).json()["id"]
    path = f"/api/v1/o/{live.code(LESSOR)}/documents/{document}/take-back"
    person = Scope.of(owner)
    assert person
    accountant_id = accountant.client.get(f"{accountant.base}/me").json()["id"]
    begun = idempotency.begin(
        key=key, owner_id=owner, route=f"POST {path}", body=f"{accountant_id} \n".encode(), uow=uow
    )
    assert isinstance(begun, idempotency.Proceed)
    answer = accountant.post(f"/documents/{document}/take-back", key=key)
    assert problem(answer, 409)["code"] == "idempotency.in_progress"


def test_every_act_wants_its_key(live: Live, accountant: Program) -> None:
    document = upload(live, accountant, live.number()).json()["id"]
    for act in ("send", "take-back", "clear-doubt", "prepare", "change-mind", "repeat"):
        answer = accountant.post(f"/documents/{document}/{act}", key=None)
        assert problem(answer, 422)["code"] == "idempotency.key_invalid"
    assert accountant.get(f"/documents/{document}").json()["delivery"] == "draft"
    answer = accountant.post(f"/documents/{document}/clear-doubt", key=str(uuid.uuid4()))
    assert problem(answer, 409)["code"] == "document.not_in_doubt"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/login", {"login": "a", "password": "b", "admin": True}),
        ("POST", "/login", {"login": "a"}),
        ("POST", "/login", []),
        ("GET", "/o/{org}/documents?colour=red", None),
        ("GET", "/o/{org}/documents?limit=1000", None),
        ("GET", "/o/{org}/documents?since=17.11.2026", None),
        ("GET", "/o/{org}/archive", None),
        ("POST", "/o/{org}/documents/0/reject", {"reason": "x", "silently": True}),
        ("POST", "/o/{org}/documents/0/prepare", {"outcome": "burned"}),
        ("POST", "/o/{org}/documents/0/send", {"key_id": "mine"}),
    ],
)
def test_unknown_and_broken_fields_are_refused(
    live: Live, accountant: Program, method: str, path: str, body: object
) -> None:
    address = accountant.base + path.replace("{org}", live.code(LESSOR))
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = accountant.client.request(method, address, json=body, headers=headers)
    found = problem(answer, 422)
    assert found["errors"]


def test_a_file_is_checked_without_being_kept(live: Live, accountant: Program) -> None:
    file = live.invoice(live.number())
    before = accountant.get("/documents").json()["found"]
    query = {"file_name": file.name}
    good = accountant.post("/documents/check", file.content, key=None, query=query, media_type="application/xml").json()
    assert good["may_be_sent"] is True
    assert good["violations"] == []
    broken = file.content.replace("НалСт".encode("windows-1251"), "НалСм".encode("windows-1251"), 1)
    bad = accountant.post("/documents/check", broken, key=None, query=query, media_type="application/xml").json()
    assert bad["may_be_sent"] is False
    assert any(one["line"] and one["path"] for one in bad["violations"])
    assert accountant.get("/documents").json()["found"] == before


def test_errors_are_problems(live: Live, accountant: Program) -> None:
    with httpx2.Client(timeout=180, trust_env=False) as stranger:
        problem(stranger.get(f"{live.url}/api/v1/me"), 401)
        problem(stranger.get(f"{live.url}/api/v1/nowhere"), 404)
        wrong = stranger.post(f"{live.url}/api/v1/login", json={"login": ACCOUNTANT, "password": "x" * 12})
        assert problem(wrong, 422)["code"] == "account.log_in_failed"
        forged = stranger.get(f"{live.url}/api/v1/me", headers={"Authorization": "Bearer made-up"})
        problem(forged, 401)
        refused = stranger.put(f"{live.url}/api/v1/me", headers={"Authorization": "Bearer made-up"})
        problem(refused, 405)
    absent = problem(accountant.get(f"/documents/{uuid.uuid4()}"), 404)
    assert absent["code"] == "not_found"


def test_log_out_ends_the_token(live: Live) -> None:
    program = Program(live, CLIENT, live.code(CLIENT_ONE))
    assert program.client.get(f"{program.base}/me").status_code == 200
    assert program.client.post(f"{program.base}/logout").status_code == 204
    assert program.client.get(f"{program.base}/me").status_code == 401
    program.client.close()


def test_a_browser_cannot_be_made_to_log_in_here(live: Live) -> None:
    body = json.dumps({"login": CLIENT, "password": live.logins[CLIENT]["password"]}).encode()
    with httpx2.Client(timeout=180, trust_env=False) as stranger:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            sent = {"Content-Type": "application/json", **headers}
            answer = stranger.post(f"{live.url}/api/v1/login", content=body, headers=sent)
            assert problem(answer, 403)


def test_the_description_is_whole_and_names_no_other_host(live: Live) -> None:
    with httpx2.Client(timeout=180, trust_env=False) as stranger:
        answer = stranger.get(f"{live.url}/api/v1/openapi.json")
    text = answer.text
    assert not re.findall(r"https?://(?!json-schema)[\w.]+", text)
    described = {(method.upper(), path) for path, acts in answer.json()["paths"].items() for method in acts}
    there = {
        one for one in routes(live.running.app) if one[1].startswith("/api/") and not one[1].endswith("openapi.json")
    }
    assert described == there


def test_the_document_of_the_api_names_every_route(live: Live) -> None:
    text = (ROOT / "docs/api.md").read_text()
    for method, path in routes(live.running.app):
        if path.startswith(("/api/", "/health/")) or path == "/metrics":
            short = path.removeprefix("/api/v1")
            assert f"`{method} {short}`" in text, f"docs/api.md: {method} {short}"


def test_a_name_in_any_script_survives_the_download(live: Live, accountant: Program) -> None:
    document = upload(live, accountant, live.number()).json()["id"]
    file = accountant.get(f"/documents/{document}").json()["files"][0]
    answer = accountant.client.get(live.url + file["url"])
    assert f"filename*=UTF-8''{quote(file['file_name'], safe='')}" in answer.headers["content-disposition"]
