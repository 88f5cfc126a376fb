"""Letters about deadlines, by the production calendar; decrees of moved days that the administrator brings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE
from edo_service.documents.rules import IN_DOUBT
from edo_service.documents.tables import Document
from edo_service.exchange import deadlines
from edo_service.kernel.calendar import BadDecree, add_business_days, is_business_day, load_decrees
from edo_service.kernel.ids import new_id
from tests.fixtures.road import ACCOUNTANT, CLIENT, House


def letters(house: House) -> list[str]:
    folder = house.services.settings.mail_dir
    found = [path.read_bytes().decode("utf-8", "replace") for path in sorted(folder.glob("**/*")) if path.is_file()]
    return [text for text in found if house.seeded.companies[CLIENT_ONE.code].company.people[0].login in text]


def test_a_deadline_is_reminded_of_once_a_day_until_the_answer(house: House) -> None:
    theirs = house.deliver(house.upload())
    due = house.all(CLIENT)[0].answer_due
    assert due is not None
    came = len(letters(house))
    remind = house.services.exchange_handlers.promise_reminders
    assert remind() == 0, "a week before nobody is bothered"
    house.clock.set(datetime(due.year, due.month, due.day, 5, 0, tzinfo=UTC) - timedelta(days=1))
    assert remind() == 0, "eight in the morning is too early"
    house.clock.move(timedelta(hours=2))
    assert (remind(), remind()) == (1, 0)
    house.work()
    assert len(letters(house)) == came + 1
    house.clock.move(timedelta(days=1))
    assert remind() == 1
    house.prepare(theirs)
    house.sign(theirs)
    house.clock.move(timedelta(days=1))
    assert remind() == 0


def copies(house: House, document: UUID, count: int, **changed: object) -> None:
    """More documents of the client like this one."""
    skipped = {"id", "version", "content_sha256", *changed}
    with house.uow(house.actor(CLIENT)) as uow:
        row = uow.session.get_one(Document, document)
        values = {one.key: getattr(row, one.key) for one in Document.__mapper__.column_attrs if one.key not in skipped}
        for _ in range(count):
            own = {"message_ref": str(new_id()), "content_sha256": new_id().hex * 2, "number": str(new_id())}
            uow.session.add(Document(**{**values, **own, **changed}))
        uow.commit()


def test_more_documents_than_are_read_at_once_are_all_reminded_of(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "MOST", 2)
    theirs = house.deliver(house.upload())
    due = house.all(CLIENT)[0].answer_due
    assert due is not None
    copies(house, theirs, 4)
    remind = house.services.exchange_handlers.promise_reminders
    for day in (-1, 0):  # what was reminded of yesterday stands in nobody's way today
        house.clock.set(datetime(due.year, due.month, due.day, 9, 0, tzinfo=UTC) + timedelta(days=day))
        assert (remind(), remind()) == (5, 0)


def test_a_document_in_doubt_owes_its_receipt_and_no_answer(house: House) -> None:
    theirs = house.deliver(house.upload())
    due = house.all(CLIENT)[0].answer_due
    assert due is not None
    copies(house, theirs, 1, delivery=IN_DOUBT, receipt="required", receipt_due=due, title="В сомнении")
    copies(house, theirs, 1, response="not_needed", answer_due=None, receipt="required", receipt_due=due, title="Счёт")
    with house.uow(house.actor(CLIENT)).reading() as uow:
        found = deadlines.due_documents(uow, today=due)
    owed = {(one.title, one.what) for one in found}
    assert {("В сомнении", "receipt"), ("Счёт", "receipt")} <= owed
    assert ("В сомнении", "answer") not in owed


def test_an_overdue_receipt_is_reminded_of_where_no_answer_is_owed(house: House) -> None:
    theirs = house.deliver(house.upload())
    due = house.all(CLIENT)[0].answer_due
    assert due is not None
    house.prepare(theirs)
    house.sign(theirs)
    house.settle()
    came = letters(house)
    late = {"receipt": "required", "receipt_due": due}
    copies(house, theirs, 1, **late, response="not_needed", answer_due=None, title="Счёт № 7")
    remind = house.services.exchange_handlers.promise_reminders
    house.clock.set(datetime(due.year, due.month, due.day, 9, 0, tzinfo=UTC))
    assert remind() == 0, "on its last day a receipt may still go by itself"
    monday = add_business_days(due, 1)
    house.clock.set(datetime(monday.year, monday.month, monday.day, 9, 0, tzinfo=UTC))
    assert (remind(), remind()) == (1, 0)
    house.work()
    (letter,) = set(letters(house)).difference(came)
    text = message_from_string(letter, policy=default)
    assert "Счёт № 7: срок извещения о получении прошёл" in str(text["subject"])
    body = text.get_body()
    assert body is not None
    said = " ".join(body.get_content().split())
    assert f"ждёт извещения о получении от вашей компании {CLIENT_ONE.name}" in said
    assert f"нужно было отправить до {due:%d.%m.%Y}, оно не отправлено" in said
    assert "ответ" not in said.partition("Открыть")[0].lower()


def test_an_operator_that_does_not_confirm_is_listed_after_a_business_day(house: House) -> None:
    friday = datetime(2026, 11, 27, 20, 30, tzinfo=UTC)  # half past eleven in the evening in Moscow
    ours, actor = house.upload(), house.actor(ACCOUNTANT)

    def stand(**changed: object) -> None:
        with house.uow(actor) as uow:
            row = uow.session.get_one(Document, ours)
            for name, value in changed.items():
                setattr(row, name, value)
            uow.commit()

    def listed(day: date) -> list[tuple[UUID, str, date]]:
        with house.uow(actor).reading() as uow:
            return [(one.document_id, one.what, one.due) for one in deadlines.due_documents(uow, today=day)]

    stand(delivery="accepted", sent_at=friday)
    monday, tuesday = date(2026, 11, 30), date(2026, 12, 1)
    assert [listed(friday.date() + timedelta(days=days)) for days in range(4)] == [[]] * 4, "days off do not count"
    assert listed(tuesday) == [(ours, "confirmation", monday)]
    for delivery in ("queued", "sent", "delivered", "failed"):
        stand(delivery=delivery)
        assert listed(tuesday) == []
    stand(delivery="accepted", kind="contract")
    assert listed(tuesday) == [], "operators confirm titles only"


@pytest.fixture
def decrees(tmp_path: Path) -> Iterator[Path]:
    """A folder of decrees; the calendar is as it was afterwards."""
    yield tmp_path
    load_decrees(tmp_path / "absent")


def test_a_decree_moves_days(decrees: Path) -> None:
    friday, saturday = date(2031, 5, 16), date(2031, 5, 17)
    assert (is_business_day(friday), is_business_day(saturday)) == (True, False)
    (decrees / "2031.toml").write_text('free = [2031-05-16]\nworked = ["2031-05-17"]\n', encoding="utf-8")
    assert load_decrees(decrees) == (2031,)
    assert (is_business_day(friday), is_business_day(saturday)) == (False, True)
    assert add_business_days(date(2031, 5, 15), 1) == saturday
    assert load_decrees(decrees / "absent") == ()
    assert is_business_day(friday)


@pytest.mark.parametrize(
    "text",
    [
        "free = [2030-05-16]",
        "free = [2031-05-16]\nworked = [2031-05-16]",
        "holidays = []",
        "free = ['16.05.2031']",
        "free = 1",
        "free = [",
    ],
)
def test_a_decree_that_cannot_be_meant_is_refused(decrees: Path, text: str) -> None:
    (decrees / "2031.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDecree, match=r"2031\.toml"):
        load_decrees(decrees)
    assert is_business_day(date(2031, 5, 16))
