"""Letters about deadlines, by the production calendar; decrees of moved days that the administrator brings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from edo_service.demo.companies import CLIENT_ONE
from edo_service.kernel.calendar import BadDecree, add_business_days, is_business_day, load_decrees
from tests.fixtures.road import CLIENT, House


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
