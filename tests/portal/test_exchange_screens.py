"""The accountant's exchange in her browser: an operator from nothing to «Подключено», a counterparty, a list, the queue."""

from __future__ import annotations

import pytest

from edo_service.demo.companies import CLIENT_TWO, LESSOR
from edo_service.demo.companies import strangers as strangers_at
from tests.portal.conftest import ACCOUNTANT, Live
from tests.portal.person import Page, Person, Upload


@pytest.fixture
def person(live: Live) -> Person:
    return live.person(ACCOUNTANT)


def at(live: Live, path: str) -> str:
    return f"/o/{live.code(LESSOR)}/exchange{path}"


def reach_invitation(live: Live, person: Person, operator: str, values: dict[str, str]) -> Page:
    """The set-up up to a connection that works."""
    page = person.get(at(live, "/setup/1"))
    named = person.submit(page, "/setup/1", {"operator": operator})
    assert named.path.endswith("/setup/2")
    refused = person.submit(named, "/setup/2", {"participant_id": "2BM-1"})
    assert (refused.status, refused.title.startswith("Ошибка:")) == (422, True)
    asked = person.submit(refused, "/setup/2", {"participant_id": LESSOR.participant_at(operator)})
    wrong = person.submit(asked, "/setup/3", {**values, "password": "не тот"})
    assert wrong.status == 422
    assert "не тот" not in wrong.text
    page = person.submit(wrong, "/setup/3", {**values, "password": "demo"})
    assert page.path.endswith("/setup/3")
    assert "Связь есть" in page.text
    assert "Найден у оператора" in page.text
    return person.get(page.link("Далее"))


def test_an_operator_with_invitations_is_set_up_and_confirmed_in_its_cabinet(live: Live, person: Person) -> None:
    login = LESSOR.participant_at("taxcom")
    page = reach_invitation(live, person, "taxcom", {"login": login, "client_id": "COMPANY_demo"})
    stranger = strangers_at("taxcom")[-1]
    of = page.form("/setup/4").form_values()
    found = person.get(f"{page.path}?of={dict(of)['of']}&inn={stranger.inn}")
    assert stranger.name in found.text
    form = next(one for one in found.tree.forms if "hit" in dict(one.form_values()))  # type: ignore[union-attr]  # a page has a tree
    page = person.submit(found, "/setup/4", {"text": "Готовы обмениваться"}, form=form)
    waiting = live.said(ACCOUNTANT, f"{page.path}?of={dict(of)['of']}", "Подтвердите в кабинете оператора")
    cabinet = waiting.link("Кабинет оператора (демонстрация)")
    assert f"participant={stranger.participant_id}" in cabinet
    outside = Person(cabinet.split("/cabinet")[0])
    shown = outside.get("/cabinet" + cabinet.split("/cabinet")[1])
    assert LESSOR.name in shown.text
    outside.close()
    later = [one for one in waiting.tree.forms if "later" in dict(one.form_values())][0]  # type: ignore[union-attr]  # noqa: RUF015 - as above
    done = person.submit(waiting, "/setup/4", form=later)
    assert done.path.endswith("/setup/5")
    assert "Подключено" in done.text


def test_an_operator_without_invitations_says_so(live: Live, person: Person) -> None:
    page = reach_invitation(live, person, "saby", {"login": "demo"})
    assert "отдельных приглашений нет" in page.text
    done = person.submit(page, "/setup/4")
    assert done.path.endswith("/setup/5")
    overview = person.get(at(live, ""))
    assert overview.text.count("Подключено") >= 2
    assert "пароль хранится зашифрованным" in overview.text


def test_a_counterparty_is_found_invited_and_listed(live: Live, person: Person) -> None:
    head = strangers_at("diadoc")[0]
    empty = person.get(at(live, f"/counterparties?q={head.inn}&folder=all"))
    found = person.get(empty.link("Искать у оператора"))
    assert "Найдено 2\u00a0компании" in found.text or "Найдено 2 компании" in found.text
    card = person.submit(found, "/counterparties/invite", {"text": "Готовы обмениваться УПД"})
    live.said(ACCOUNTANT, card.path, "Приглашён")
    again = person.submit(found, "/counterparties/invite", {"text": "Ещё раз"})
    assert again.status == 422
    listed = person.get(at(live, "/counterparties?folder=invited"))
    assert head.name in listed.text
    live.said(ACCOUNTANT, at(live, f"/counterparties?q={CLIENT_TWO.inn}&folder=accepted"), CLIENT_TWO.name)


def test_a_list_gets_a_report_row_by_row(live: Live, person: Person) -> None:
    page = person.get(at(live, "/invitations/import"))
    empty = person.submit(page, "/invitations/import", files={})
    assert empty.status == 422
    text = f"ИНН;КПП;Название\n{CLIENT_TWO.inn};;=cmd()\n12;;+Опечатка\n"
    report = person.submit(page, "/invitations/import", files={"file": Upload("a.csv", text.encode())})
    done = live.said(ACCOUNTANT, report.path, "Пройдено 2 из 2")
    assert "Уже связаны" in done.text
    table = person.get(f"{report.path}/report.csv").content.decode("utf-8-sig")
    assert "'+Опечатка" in table
    assert "цифры не сходятся" in table
    earlier = person.get(at(live, "/invitations/import"))
    assert "Прежние списки" in earlier.text
    assert person.get(earlier.link("a.csv")).path == report.path


def test_the_queue_and_the_question_before_switching_off(live: Live, person: Person) -> None:
    queue = person.get(at(live, "/queue"))
    assert queue.status == 200
    assert "Очередь обмена" in queue.text
    overview = person.get(at(live, ""))
    question = person.get(overview.link("Выключить: Диадок"))
    assert "Место в ленте оператора сохраним" in question.text


def test_receipts_are_given_by_message_where_the_operator_carries_them(live: Live, person: Person) -> None:
    page = person.get(at(live, ""))
    assert "файл ИоП с подписью ключа компании" in page.text
    choice = person.get(page.link("Сменить способ извещать: Диадок"))
    empty = person.submit(choice, "/receipts", {"receipts_by": "pigeon"})
    assert (empty.status, empty.title.startswith("Ошибка:")) == (422, True)
    kept = person.submit(empty, "/receipts", {"receipts_by": "message"})
    assert "Сохранено: новые извещения пойдут так" in kept.text
    assert "универсальное сообщение, подпись не нужна" in kept.text
    back = person.submit(person.get(choice.path), "/receipts", {"receipts_by": "notice"})
    assert "файл ИоП с подписью ключа компании" in back.text
