"""Retention: whole years from 1 January in Moscow, never over already, never locked for ages by a date in a file."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edo_service.archiving.rules import TERMS, retain_until

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("dated", "today", "year"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), 2032),
        (date(2026, 12, 31), date(2026, 12, 31), 2032),
        (date(2026, 12, 31), date(2027, 1, 1), 2033),
        (date(2012, 5, 5), date(2026, 11, 20), 2032),
        (date(2027, 1, 1), date(2026, 12, 31), 2033),
        (date(9999, 12, 31), date(2026, 11, 20), 2033),
    ],
)
def test_the_term_in_years(dated: date, today: date, year: int) -> None:
    for kind in TERMS:
        assert retain_until(kind, dated, today=today) == datetime(year - 1, 12, 31, 21, 0, tzinfo=UTC)


@given(dated=st.dates(), today=st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 1, 1)))
def test_at_least_five_whole_years_and_at_most_seven(dated: date, today: date) -> None:
    until = retain_until("upd", dated, today=today).astimezone(MOSCOW)
    assert (until.month, until.day, until.hour) == (1, 1, 0)
    assert 5 < until.year - today.year <= 7


def test_a_kind_without_a_term_is_never_guessed() -> None:
    with pytest.raises(KeyError):
        retain_until("letter", date(2026, 1, 1), today=date(2026, 1, 1))
