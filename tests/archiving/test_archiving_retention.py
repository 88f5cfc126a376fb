"""Retention: whole years from 1 January in Moscow, never over already, never locked for ages by a date in a file."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edo_service.archiving import retention
from edo_service.archiving.retention import CHOICES, LONGEST_AHEAD, TERMS, Counted, From, extended, first_moment_after
from edo_service.archiving.rules import retain_until
from edo_service.documents.rules import Kind

MOSCOW = ZoneInfo("Europe/Moscow")
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2150, 1, 1))
TODAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 1, 1))


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
    for kind in ("upd", "contract", "journal"):
        assert retain_until(kind, dated, today=today) == datetime(year - 1, 12, 31, 21, 0, tzinfo=UTC)


@given(dated=st.dates(), today=TODAYS)
def test_at_least_five_whole_years_and_at_most_seven(dated: date, today: date) -> None:
    until = retain_until("upd", dated, today=today).astimezone(MOSCOW)
    assert (until.month, until.day, until.hour) == (1, 1, 0)
    assert 5 < until.year - today.year <= 7


@given(
    kind=st.sampled_from(sorted(TERMS)),
    steps=st.lists(st.tuples(st.sampled_from(CHOICES), st.none() | DAYS, TODAYS), max_size=6),
    dated=DAYS,
    today=TODAYS,
)
def test_no_sequence_of_changes_shortens_a_term_or_locks_it_for_ages(
    kind: str, steps: list[tuple[str, date | None, date]], dated: date, today: date
) -> None:
    until = first_moment_after(kind, Counted(dated=dated), today=today)
    for other, ended, now in steps:
        longer = extended(until, other, Counted(dated=dated, ended=ended), today=now)
        assert longer >= until
        assert longer == until or longer.astimezone(MOSCOW).year <= now.year + LONGEST_AHEAD
        until = longer


@given(ended=DAYS, today=TODAYS)
def test_a_contract_is_kept_five_whole_years_after_its_end(ended: date, today: date) -> None:
    until = first_moment_after("contract", Counted(dated=date(2020, 1, 1), ended=ended), today=today)
    assert until.astimezone(MOSCOW).year >= min(ended.year + 6, today.year + LONGEST_AHEAD)


def test_the_day_of_the_end_counts_for_no_kind_that_runs_from_the_document() -> None:
    late = Counted(dated=date(2026, 1, 1), ended=date(2040, 1, 1))
    assert first_moment_after("contributions", late, today=date(2026, 2, 1)).astimezone(MOSCOW).year == 2033


def test_a_kind_without_a_term_is_never_guessed() -> None:
    with pytest.raises(KeyError):
        retain_until("letter", date(2026, 1, 1), today=date(2026, 1, 1))


def test_every_kind_of_document_has_its_term_and_every_term_its_law() -> None:
    assert {kind.value for kind in Kind} <= set(TERMS)
    for term in TERMS.values():
        assert term.sources
        assert term.years is None or term.years >= 1
        assert term.name in retention.describe()
    assert {term.counted for term in TERMS.values()} == set(From)


def test_the_document_is_what_the_table_says() -> None:
    written = Path(__file__).resolve().parents[2] / "docs/archive/retention.md"
    assert written.read_text(encoding="utf-8") == retention.describe()


def test_a_number_that_nobody_checked_is_named_as_such_wherever_the_law_is_shown() -> None:
    for term in TERMS.values():
        marked = [one.article for one in term.sources if not one.confirmed]
        assert term.law.count("номер не сверен") == len(marked), term.kind
    order = [one for term in TERMS.values() for one in term.sources if "№ 236" in one.act]
    assert order
    assert not any(one.confirmed for one in order), "the facts at hand confirm the order, not the numbers of its items"
