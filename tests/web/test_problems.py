from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from edo_service import errors
from edo_service.web.environment import make_environment
from edo_service.web.pages import Pages
from edo_service.web.problems import STATUSES, WORDS, Problems, safe_next, status_of
from edo_service.web.security import TokenKey, protect
from edo_service.web.static_files import StaticFiles

PHRASES = {"document.changed": "Документ {number} уже отправлен. Обновите страницу.", "upd.bad": "Строка {line}: пусто"}
RAISED = {
    "absent": (errors.NotFound("document.not_found", id="7"), 404),
    "right": (errors.Forbidden("account.right_missing", right="sign"), 403),
    "race": (errors.Conflict("document.changed", number="№ 7"), 409),
    "input": (errors.Rejected("upd.bad", line=48), 422),
    "limit": (errors.RateLimited("login.tries", retry_after=timedelta(seconds=90)), 429),
    "neighbour": (errors.Unavailable("operator.silent"), 503),
    "login": (errors.NotLoggedIn("account.session"), 401),
}


def phrase(code: str, params: Mapping[str, object]) -> str | None:
    return PHRASES[code].format(**params) if code in PHRASES else None


@pytest.fixture
def client() -> Iterator[TestClient]:
    pages = Pages(make_environment(StaticFiles()))
    problems = Problems(page=pages.problem, phrase=phrase)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    protect(app, key=TokenKey(b"k" * 32), refuse=problems.refuse)
    problems.install(app)

    def fail(name: str) -> None:
        raise RAISED[name][0]

    def count(number: int) -> int:
        return number

    app.get("/page/{name}")(fail)
    app.get("/api/v1/{name}")(fail)
    app.get("/api/v1/count/{number}")(count)
    with TestClient(app, base_url="https://portal.test", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("name", sorted(RAISED))
def test_the_api_answers_with_a_problem_document(client: TestClient, name: str) -> None:
    answer = client.get(f"/api/v1/{name}")
    assert answer.status_code == RAISED[name][1]
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["x-request-id"]
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id"}
    assert body["type"] == f"urn:edo:problem:{body['code']}"


@pytest.mark.parametrize("name", sorted(set(RAISED) - {"login"}))
def test_a_page_says_it_in_russian(client: TestClient, name: str) -> None:
    answer = client.get(f"/page/{name}")
    status = RAISED[name][1]
    assert answer.status_code == status
    assert f"<h1>{WORDS[status][0]}</h1>" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_the_phrase_of_the_code_is_filled_in(client: TestClient) -> None:
    assert "Документ № 7 уже отправлен" in client.get("/page/race").text
    assert client.get("/api/v1/input").json()["detail"] == "Строка 48: пусто"


def test_nothing_is_said_about_what_was_not_found(client: TestClient) -> None:
    body = client.get("/api/v1/absent").json()
    assert body["code"] == "not_found"
    assert "7" not in body["detail"]


def test_too_many_tries_tell_when_to_come_back(client: TestClient) -> None:
    assert client.get("/page/limit").headers["retry-after"] == "91"


def test_a_page_without_log_in_leads_there_and_back(client: TestClient) -> None:
    answer = client.get("/page/login?folder=todo")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/page/login%3Ffolder%3Dtodo"


def test_refused_fields_are_named_but_not_repeated(client: TestClient) -> None:
    body = client.get("/api/v1/count/SECRET").json()
    assert body["status"] == 422
    assert [row["field"] for row in body["errors"]] == ["number"]
    assert "SECRET" not in str(body)


@pytest.mark.parametrize("kind", [kind for kind, _ in STATUSES])
def test_every_class_of_errors_has_its_status(kind: type[errors.EdoError]) -> None:
    made = kind("x", retry_after=timedelta(seconds=1)) if kind is errors.RateLimited else kind("x")
    assert status_of(made) == dict(STATUSES)[kind]


def test_no_class_of_errors_was_forgotten() -> None:
    every = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.EdoError)}
    assert every - {kind for kind, _ in STATUSES} == {errors.EdoError}
    assert status_of(errors.EdoError("x")) == 500


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "", None, "evil", "/a\nb"])
def test_after_log_in_nobody_is_sent_away(target: str | None) -> None:
    assert safe_next(target) == "/"


def test_after_log_in_one_comes_back() -> None:
    assert safe_next("/o/k7/documents?folder=todo") == "/o/k7/documents?folder=todo"


def test_the_request_knows_its_id_in_an_error_page(client: TestClient) -> None:
    answer = client.get("/page/race")
    assert f">{answer.headers['x-request-id']}<" in answer.text
