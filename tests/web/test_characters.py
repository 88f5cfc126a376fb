"""U+0000 and lone surrogates are refused at the door of every route; contents of files pass, their names are cleaned."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote_from_bytes

import pytest
from fastapi import APIRouter, Depends, FastAPI, File, Form, Request, UploadFile
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from edo_service.texts import phrase
from edo_service.web.characters import refuse_odd_characters
from edo_service.web.problems import Problems

WORDS = phrase("request.characters", "ru")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HALF = b'"\xed\xa0\x80"'


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(refuse_odd_characters)])
    Problems(
        page=lambda _request, problem: PlainTextResponse(problem.detail, problem.status),
        phrase=lambda code, params: phrase(code, "ru", **params),
    ).install(app)
    router = APIRouter()

    def form(text: Annotated[str, Form()] = "", file: Annotated[UploadFile | None, File()] = None) -> list[str]:
        return [text, (file.filename or "") if file else "", file.file.read().hex() if file else ""]

    async def read_by_itself(request: Request) -> list[str]:
        return [str(value) for value in (await request.form()).values()]

    async def raw(request: Request) -> str:
        return (await request.body()).hex()

    router.add_api_route("/form", form, methods=["POST"])
    router.add_api_route("/own", read_by_itself, methods=["POST"])
    router.add_api_route("/page/{name}", lambda name: name, methods=["GET"], response_model=None)
    router.add_api_route("/api/v1/raw", raw, methods=["POST"])
    router.add_api_route("/api/v1/body", lambda body: body, methods=["POST"], response_model=None)
    app.include_router(router)
    with TestClient(app, base_url="https://portal.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/form", "/own"])
@pytest.mark.parametrize("body", [b"text=a%00b", b"text=a\x00b", b"te%00xt=a", b"a=1&b=2&c=%00"])
def test_a_form_is_refused_in_words(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers=FORM)
    assert answer.status_code == 422
    assert WORDS in answer.text


@pytest.mark.parametrize("path", ["/form", "/own"])
def test_a_clean_form_passes(client: TestClient, path: str) -> None:
    answer = client.post(path, content=f"text={quote_from_bytes('Ёж 🦔'.encode())}".encode(), headers=FORM)
    assert answer.status_code == 200
    assert answer.json()[0] == "Ёж 🦔"


def test_the_text_of_a_multipart_form_is_refused(client: TestClient) -> None:
    answer = client.post("/form", data={"text": "a\x00b"}, files={"file": ("a.xml", b"<a/>")})
    assert answer.status_code == 422


def test_contents_of_a_file_pass_as_they_are_and_its_name_is_cleaned(client: TestClient) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhi\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a\x00b.pdf"\r\n\r\n\x00\xed\xa0\x80\r\n--b--\r\n'
    )
    answer = client.post("/form", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 200
    assert answer.json() == ["hi", "ab.pdf", "00eda080"]


@pytest.mark.parametrize(
    "body", [rb'{"a": "\u0000"}', rb'{"a\u0000": 1}', rb'["x", {"a": ["\ud800"]}]', rb'"\udc00\ud800"', HALF]
)
@pytest.mark.parametrize("path", ["/api/v1/raw", "/api/v1/body"])
def test_json_is_refused_as_a_problem(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "request.characters"
    assert answer.json()["detail"] == WORDS


@pytest.mark.parametrize(
    "body", [rb'"\\u0000"', rb'"\ud83e\udd94"', "«Ёж»".encode(), b"{", b"", b"[" * 100_000 + b"\\u"]
)
def test_other_json_is_left_to_its_reader(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/raw", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json() == body.hex()


@pytest.mark.parametrize("kind", ["application/xml", "multipart/form-data; boundary=b", FORM["Content-Type"]])
def test_a_file_as_the_body_is_not_looked_into(client: TestClient, kind: str) -> None:
    answer = client.post("/api/v1/raw", content=b"\x00%00", headers={"Content-Type": kind})
    assert answer.status_code == 200
    assert answer.json() == b"\x00%00".hex()


def test_an_address_is_not_found_and_a_query_is_refused(client: TestClient) -> None:
    assert client.get("/page/a%00b").status_code == 404
    assert client.get("/page/a?q=%00").status_code == 422
    assert client.get("/page/a?%00=q").status_code == 422
    assert client.get("/page/a?q=%D1%91").status_code == 200
