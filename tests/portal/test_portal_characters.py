"""The running portal: what PostgreSQL cannot keep is refused by pages and API alike, and no route is without the door."""

import re
import uuid
from contextlib import closing

from edo_service.demo.companies import LESSOR
from edo_service.main import app
from edo_service.texts import phrase
from tests.portal.conftest import ACCOUNTANT, Live
from tests.portal.routes import routes
from tests.portal.test_api import Program

OPEN = ("/static/", "/health", "/metrics", "/favicon")


def test_every_page_refuses_a_query_before_it_looks_at_anything_else(live: Live) -> None:
    stranger, passed = live.stranger(), set()
    for method, path in routes(app.create_app(live.running.services)):
        if method == "GET" and not path.startswith(OPEN):
            answer = stranger.get(re.sub(r"\{[^}]*\}", "x", path) + "?q=%00")
            if answer.status != 422:
                passed.add((path, answer.status))
    assert passed == {("/api/v1/openapi.json", 200)}


def test_a_form_is_refused_in_words_and_an_address_is_not_found(live: Live) -> None:
    stranger = live.stranger()
    page = stranger.submit(stranger.get("/login"), "/login", {"login": "a\x00b", "password": "c"})
    assert page.status == 422
    assert phrase("request.characters", "ru") in page.text
    assert live.person(ACCOUNTANT).get(f"/o/{live.code(LESSOR)}%00/documents").status == 404


def test_the_api_refuses_a_body_and_a_query(live: Live) -> None:
    program = Program(live, ACCOUNTANT, live.code(LESSOR))
    with closing(program.client):
        sent = program.post(f"/documents/{uuid.uuid4()}/reject", {"reason": "нет\x00"})
        assert (sent.status_code, sent.json()["code"]) == (422, "request.characters")
        assert program.get("/documents", q="\x00").status_code == 422
