"""Deleting drafts in a browser without JavaScript, and by a program: asked first, done once, gone for everybody."""

import uuid
from collections.abc import Iterator

import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, Live
from tests.portal.person import Page
from tests.portal.test_api import Program, problem, upload
from tests.portal.test_road import option

DRAFTS = "documents?folder=drafts"


@pytest.fixture(scope="module")
def program(live: Live) -> Iterator[Program]:
    found = Program(live, ACCOUNTANT, live.code(LESSOR))
    yield found
    found.client.close()


def drafts(live: Live, words: str = "") -> Page:
    return live.person(ACCOUNTANT).get(f"/o/{live.code(LESSOR)}/{DRAFTS}&q={words}")


def test_a_draft_is_deleted_from_its_card_after_a_question(live: Live) -> None:
    number, accountant = live.number(), live.person(ACCOUNTANT)
    draft = live.upload(number)
    asked = accountant.get(draft.link("Удалить черновик"))
    assert asked.title.startswith("Удалить черновик?")
    assert number in asked.text
    assert "тот же файл можно загрузить снова" in asked.text
    assert accountant.get(asked.link("Не удалять")).path == draft.path
    gone = accountant.submit(asked, "/discard")
    assert "Черновик удалён" in gone.text
    assert number not in gone.text
    twice = accountant.submit(asked, "/discard")
    assert twice.status == 200
    assert "Это уже сделано" in twice.text
    for path in (draft.path, f"{draft.path}/discard", f"{draft.path}/download", f"{draft.path}/sign"):
        absent = accountant.get(path)
        assert absent.status == 404
        assert "Такой страницы нет" in absent.text
    assert accountant.submit(draft, "/send").status == 404, "an old tab"
    assert live.upload(number).path != draft.path


def test_an_old_form_uploads_anew_what_was_deleted(live: Live) -> None:
    accountant, number = live.person(ACCOUNTANT), live.number()
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")
    values = {"kind": "contract", "number": number, "day": "17.11.2026", "counterparty": option(form, CLIENT_ONE.inn)}
    files = {"file": live.contract(number)}
    draft = accountant.submit(form, "/documents/new", values, files=files)
    accountant.submit(accountant.get(draft.link("Удалить черновик")), "/discard")
    again = accountant.submit(form, "/documents/new", values, files=files)
    assert again.status == 200
    assert again.path != draft.path


def test_several_are_deleted_from_the_list_but_for_what_is_not_the_viewers(live: Live) -> None:
    numbers, accountant = (live.number(), live.number()), live.person(ACCOUNTANT)
    ids = [live.upload(number).path.rpartition("/")[2] for number in numbers]
    listed = drafts(live)
    assert listed.has_form("/discard") is False, "the button sends the form of the list"
    assert all(one in str(listed.content) for one in ids)
    foreign = str(uuid.uuid4())
    asked = accountant.post(
        f"/o/{live.code(LESSOR)}/documents/discard", {"id": [*ids, foreign]}, token=accountant.token()
    )
    assert asked.title.startswith("Удалить 2 черновика?")
    assert all(number in asked.text for number in numbers)
    done = accountant.submit(asked, "/discard")
    assert "Черновики удалены" in done.text
    again = accountant.submit(asked, "/discard")
    assert "Это уже сделано" in again.text
    assert [drafts(live, number).text.count("0 документов") for number in numbers] == [1, 1]


def test_nothing_chosen_asks_nothing(live: Live) -> None:
    accountant = live.person(ACCOUNTANT)
    shown = accountant.post(f"/o/{live.code(LESSOR)}/documents/discard", {}, token=accountant.token())
    assert (shown.status, shown.path) == (200, f"/o/{live.code(LESSOR)}/documents")


def test_what_is_sent_stays_and_says_why(live: Live) -> None:
    accountant, number = live.person(ACCOUNTANT), live.number()
    asked = accountant.get(live.upload(number).link("Удалить черновик"))
    path = asked.path.removesuffix("/discard")
    assert accountant.post(f"{path}/send", token=accountant.token(), follow=False).status == 303
    shown = accountant.submit(asked, "/discard")
    assert shown.title.startswith("Удалить нельзя")
    assert "Документ уже" in shown.text
    assert not shown.has_form("/discard")


def test_who_does_not_upload_is_offered_nothing(live: Live) -> None:
    draft, control = live.upload(live.number()), live.person(COMPLIANCE)
    assert "Удалить черновик" not in control.get(draft.path).text
    listed = control.get(f"/o/{live.code(LESSOR)}/{DRAFTS}")
    assert listed.tree is not None
    assert listed.tree.xpath("//input[@type='checkbox'][@name='id']") == []
    assert control.get(f"{draft.path}/discard").status == 403
    assert control.post(f"{draft.path}/discard", token=control.token()).status == 403


def test_a_program_deletes_a_draft_once(live: Live, program: Program) -> None:
    number, key = live.number(), str(uuid.uuid4())
    document = upload(live, program, number).json()["id"]
    problem(program.post(f"/documents/{document}/discard", key=None), 422)
    for one in (key, key, "fresh"):
        answer = program.post(f"/documents/{document}/discard", key=one)
        assert (answer.status_code, answer.json()) == (200, {"id": document, "delivery": "discarded"})
    problem(program.client.get(f"{program.home}/documents/{document}"), 404)
    problem(program.post(f"/documents/{document}/send", {}), 404)
    assert program.get("/documents", q=number).json()["found"] == 0
    assert upload(live, program, number).status_code == 201


def test_another_companys_program_finds_no_draft(live: Live, program: Program) -> None:
    document = upload(live, program, live.number()).json()["id"]
    stranger = Program(live, CLIENT, live.code(CLIENT_ONE))
    for wanted in (document, str(uuid.uuid4()), "x"):
        problem(stranger.post(f"/documents/{wanted}/discard"), 404)
    stranger.client.close()
    assert program.get(f"/documents/{document}").json()["delivery"] == "draft"
