import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.testclient import TestClient
from starlette.types import Message

from edo_service.errors import NotFound
from edo_service.web.environment import make_environment
from edo_service.web.pages import Pages
from edo_service.web.problems import Problems
from edo_service.web.security import (
    SESSION_COOKIE,
    TOKEN_FIELD,
    TOKEN_HEADER,
    VISIT_COOKIE,
    MemoryRateLimiter,
    TokenKey,
    csrf_token,
    protect,
    set_cookie,
)
from edo_service.web.security.headers import HEADERS
from edo_service.web.static_files import StaticFiles

KEY = TokenKey(b"k" * 32)
HOST = "https://portal.test"
SAME = {"sec-fetch-site": "same-origin", "origin": HOST}
MAX_BODY = 200_000


def make_app() -> FastAPI:
    static = StaticFiles()
    pages = Pages(make_environment(static))
    problems = Problems(page=pages.problem, phrase=lambda _code, _params: None)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    protect(app, key=KEY, refuse=problems.refuse, max_body=MAX_BODY)
    problems.install(app)
    app.router.routes.append(static.route())

    @app.get("/form")
    def form(request: Request) -> HTMLResponse:
        return HTMLResponse(csrf_token(request))

    @app.get("/plain")
    def plain() -> dict[str, str]:
        return {}

    @app.get("/private", dependencies=[Depends(lambda: None)])
    def private() -> HTMLResponse:
        return HTMLResponse("secret", headers={"Cache-Control": "no-store"})

    @app.post("/form")
    def send(name: Annotated[str, Form()]) -> dict[str, str]:
        return {"name": name}

    @app.post("/upload")
    def upload(file: Annotated[UploadFile, File()]) -> dict[str, int]:
        return {"size": len(file.file.read())}

    @app.post("/api/v1/things")
    def api(body: dict[str, str]) -> dict[str, str]:
        return body

    @app.post("/login")
    def login() -> Response:
        response = Response()
        set_cookie(response, SESSION_COOKIE, "a-new-session")
        return response

    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError("SELECT secret FROM place")

    @app.get("/absent")
    def absent() -> None:
        raise NotFound("document.not_found", id="7")

    return app


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return make_app()


class Visitor(TestClient):
    """A browser; `token` is what stands in the form that it has opened."""

    token: str = ""


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Visitor]:
    with Visitor(app, base_url=HOST, follow_redirects=False) as client:
        client.token = client.get("/form").text
        yield client


def test_a_form_of_our_page_is_accepted_and_the_application_reads_its_fields(browser: Visitor) -> None:
    answer = browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "Жукова"}, headers=SAME)
    assert answer.status_code == 200
    assert answer.json() == {"name": "Жукова"}


def test_the_token_may_come_in_a_header(browser: Visitor) -> None:
    answer = browser.post("/api/v1/things", json={"a": "b"}, headers={**SAME, TOKEN_HEADER: browser.token})
    assert answer.json() == {"a": "b"}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "Same-Origin"])
def test_a_form_of_another_site_is_refused_even_with_the_token(browser: Visitor, site: str) -> None:
    answer = browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "x"}, headers={"sec-fetch-site": site})
    assert answer.status_code == 403
    assert "чужого сайта" in answer.text


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "https://portal.test.evil.test", "https://portal.test:8443"]
)
def test_without_fetch_metadata_the_origin_decides(browser: Visitor, origin: str) -> None:
    answer = browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "x"}, headers={"origin": origin})
    assert answer.status_code == 403


def test_a_foreign_origin_is_refused_whatever_fetch_metadata_say(browser: Visitor) -> None:
    headers = {"sec-fetch-site": "same-origin", "origin": "https://evil.test"}
    assert browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "x"}, headers=headers).status_code == 403


def test_our_origin_is_enough_for_an_old_browser(browser: Visitor) -> None:
    answer = browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "x"}, headers={"origin": HOST})
    assert answer.status_code == 200


def test_without_both_headers_the_request_is_refused(browser: Visitor) -> None:
    assert browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "x"}).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "nonce.mac", None])
def test_a_wrong_or_missing_token_is_refused(browser: Visitor, token: str | None) -> None:
    data = {"name": "x"} if token is None else {TOKEN_FIELD: token, "name": "x"}
    answer = browser.post("/form", data=data, headers=SAME)
    assert answer.status_code == 403
    assert "Страница устарела" in answer.text


def test_a_token_of_another_session_is_refused(app: FastAPI, browser: Visitor) -> None:
    with TestClient(app, base_url=HOST) as other:
        foreign = other.get("/form").text
    assert browser.post("/form", data={TOKEN_FIELD: foreign, "name": "x"}, headers=SAME).status_code == 403


def test_a_token_dies_with_log_in(browser: Visitor) -> None:
    assert browser.post("/login", data={TOKEN_FIELD: browser.token}, headers=SAME).status_code == 200
    assert browser.post("/form", data={TOKEN_FIELD: browser.token, "name": "x"}, headers=SAME).status_code == 403
    fresh = browser.get("/form").text
    assert browser.post("/form", data={TOKEN_FIELD: fresh, "name": "x"}, headers=SAME).status_code == 200


def test_every_page_has_its_own_token(browser: Visitor) -> None:
    assert browser.get("/form").text != browser.get("/form").text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "SOMETHING"])
def test_every_unsafe_method_is_checked_on_every_path(browser: Visitor, method: str) -> None:
    assert browser.request(method, "/no/such/path").status_code == 403


def test_a_program_with_its_own_authorisation_needs_no_token(app: FastAPI) -> None:
    with TestClient(app, base_url=HOST) as program:
        answer = program.post("/api/v1/things", json={"a": "b"}, headers={"authorization": "Bearer t"})
    assert answer.status_code == 200


def test_a_browser_cannot_pass_for_a_program(browser: Visitor) -> None:
    answer = browser.post("/api/v1/things", json={"a": "b"}, headers={**SAME, "authorization": "Bearer t"})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def multipart(token: str, content: bytes, *, token_first: bool = True) -> tuple[bytes, dict[str, str]]:
    field = f'--b\r\nContent-Disposition: form-data; name="{TOKEN_FIELD}"\r\n\r\n{token}\r\n'.encode()
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xml"\r\n\r\n' + content + b"\r\n"
    body = field + file if token_first else file + field
    return body + b"--b--\r\n", {**SAME, "content-type": "multipart/form-data; boundary=b"}


def test_an_upload_passes_when_the_token_is_its_first_field(browser: Visitor) -> None:
    body, headers = multipart(browser.token, b"x" * 100_000)
    assert browser.post("/upload", content=body, headers=headers).json() == {"size": 100_000}


def test_an_upload_sent_in_small_pieces_arrives_whole(browser: Visitor) -> None:
    body, headers = multipart(browser.token, b"x" * 50_000)
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    assert browser.post("/upload", content=pieces, headers=headers).json() == {"size": 50_000}


@pytest.mark.parametrize("token_first", [True, False])
def test_an_upload_without_the_right_first_field_is_refused(browser: Visitor, *, token_first: bool) -> None:
    body, headers = multipart("wrong" if token_first else browser.token, b"x" * 50_000, token_first=token_first)
    assert browser.post("/upload", content=body, headers=headers).status_code == 403


def test_what_is_too_large_is_refused_in_russian(browser: Visitor) -> None:
    body, headers = multipart(browser.token, b"x" * (MAX_BODY + 1))
    answer = browser.post("/upload", content=body, headers=headers)
    assert answer.status_code == 413
    assert "25 МБ" in answer.text
    assert answer.headers["content-security-policy"]


def test_what_is_too_large_is_refused_before_it_is_read(app: FastAPI) -> None:
    pieces, answers = [], []

    async def receive() -> Message:
        pieces.append(1)
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def send(message: Message) -> None:
        answers.append(message)

    token = KEY.issue("visit")
    headers = {
        "host": "portal.test",
        "cookie": f"{VISIT_COOKIE}=visit",
        TOKEN_HEADER.lower(): token,
        "content-type": "application/octet-stream",
        "content-length": "1000000000",
        **SAME,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/upload",
        "raw_path": b"/upload",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "scheme": "https",
        "server": ("portal.test", 443),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
    }
    asyncio.run(app(scope, receive, send))
    assert answers[0]["status"] == 413
    assert len(pieces) <= 1


@pytest.mark.parametrize("path", ["/form", "/plain", "/crash", "/absent", "/nothing", "/private", "/static/x/ui.css"])
def test_every_answer_carries_the_headers(browser: Visitor, path: str) -> None:
    answer = browser.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_the_policy_allows_nothing_inline_and_no_frame() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_refused_form_carries_the_headers_too(browser: Visitor) -> None:
    answer = browser.post("/form", data={"name": "x"})
    assert answer.status_code == 403
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_a_crash_shows_the_id_of_the_request_and_nothing_else(
    browser: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    answer = browser.get("/crash")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "SELECT" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "SELECT secret" in caplog.text


def test_an_absent_thing_and_an_unknown_address_answer_alike(browser: Visitor) -> None:
    def body(path: str) -> str:
        answer = browser.get(path)
        assert answer.status_code == 404
        text = answer.text.replace(answer.headers["x-request-id"], "")
        return re.sub(r"(value|next)=\"?[^\"&>]*", "", text).replace(path, "")

    assert body("/absent") == body("/nothing")


def test_cookies_are_for_this_host_only_and_hidden_from_scripts(app: FastAPI) -> None:
    with TestClient(app, base_url=HOST) as client:
        cookie = client.get("/form").headers["set-cookie"]
    assert cookie.startswith(f"{VISIT_COOKIE}=")
    for word in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert word in cookie
    assert "Domain" not in cookie


def test_a_page_without_a_form_sets_no_cookie(app: FastAPI) -> None:
    with TestClient(app, base_url=HOST) as client:
        assert "set-cookie" not in client.get("/plain").headers


def test_a_cookie_without_the_prefix_cannot_be_set() -> None:
    with pytest.raises(ValueError, match="__Host-"):
        set_cookie(Response(), "session", "x")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        TokenKey(b"short")


def test_the_window_of_tries_slides() -> None:
    now = [1000.0]
    limiter = MemoryRateLimiter(now=lambda: now[0])
    per = timedelta(minutes=15)
    for _ in range(10):
        assert limiter.take("login:a", limit=10, per=per) is None
        now[0] += 1
    assert limiter.take("login:a", limit=10, per=per) == timedelta(seconds=890)
    assert limiter.take("login:b", limit=10, per=per) is None
    now[0] += 890
    assert limiter.take("login:a", limit=10, per=per) is None
    assert limiter.take("login:a", limit=10, per=per) == timedelta(seconds=1)


def test_quiet_keys_are_forgotten_when_there_are_too_many() -> None:
    now = [0.0]
    limiter = MemoryRateLimiter(now=lambda: now[0], capacity=10)
    for number in range(10):
        limiter.take(str(number), limit=1, per=timedelta(seconds=1))
    now[0] = 5.0
    limiter.take("one more", limit=1, per=timedelta(seconds=1))
    assert set(limiter._tries) == {"one more"}
