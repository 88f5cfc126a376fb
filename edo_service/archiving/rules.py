"""How long a set is kept: the table as data, only ever extended (НК ст. 23 п. 1 пп. 8; 402-ФЗ ст. 29; Росархив № 236)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, kw_only=True)
class Term:
    """Whole years counted from 1 January after the year of the document's date, and where the number comes from."""

    years: int
    source: str


TERMS: Mapping[str, Term] = {
    "upd": Term(years=5, source="НК РФ ст. 23 п. 1 пп. 8; 402-ФЗ ст. 29"),
    "contract": Term(
        years=5, source="Росархив № 236: 5 лет после окончания договора; до его окончания срок — нижняя граница"
    ),
    "journal": Term(years=5, source="402-ФЗ ст. 29: как документы, о которых говорит журнал"),
}


def retain_until(kind: str, dated: date, *, today: date) -> datetime:
    """The first moment after the retention term, Moscow midnight as UTC. Kinds without a term raise KeyError.

    The date in a file is its author's word: the term never starts before the year in which the set is kept (`today`,
    the date in Moscow), since it must not be over already, nor more than a year after it, since a lock is for ever.
    """
    year = min(max(dated.year, today.year), today.year + 1)
    return datetime(year + 1 + TERMS[kind].years, 1, 1, tzinfo=MOSCOW).astimezone(UTC)


STATES: Mapping[str, str] = {"kept": "kept", "assembled": "handing_over", "failed": "failed"}
"""A set's state → the state of its document's archive life, as the vocabulary of words knows it."""
