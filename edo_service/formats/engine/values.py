"""Is a text a value of its type: one phrase in Russian about the first facet it breaks, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Final

from edo_service.formats.engine.model import Value

XML_SPACE: Final = " \t\r\n"
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE: Final = re.compile(r"([0-9]{2})\.([0-9]{2})\.((?:18|19|20)[0-9]{2})")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3])([.:])([0-5][0-9])\2([0-5][0-9])")
_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?")
_LONG_MONTHS: Final = frozenset({1, 3, 5, 7, 8, 10, 12})
_SHOWN: Final = 60
_REMEMBERED: Final = 40
_MANY_CHOICES: Final = 8


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def faults(text: str, value: Value) -> tuple[tuple[str, str], ...]:
    """(facet, phrase) for each thing that is wrong with a text; nothing when the value is right."""
    return _remembered(text, value) if len(text) <= _REMEMBERED else tuple(_faults(text, value))


@lru_cache(maxsize=16384)
def _remembered(text: str, value: Value) -> tuple[tuple[str, str], ...]:
    """Files repeat their short values (rates, units, dates) line by line."""
    return tuple(_faults(text, value))


def _faults(text: str, value: Value) -> Iterator[tuple[str, str]]:
    if value.kind in {"integer", "decimal"}:
        yield from _number_faults(text, value)
    elif value.kind == "date":
        if not _is_date(text, value):
            yield "date", _expected(text, "дата в виде ДД.ММ.ГГГГ")
    elif value.kind == "isodate":
        if not _is_iso_date(text, value):
            yield "date", _expected(text, "дата в виде ГГГГ-ММ-ДД")
    elif value.kind == "time":
        found = _TIME.fullmatch(text)
        if found is None or (found[2] == ":") != value.colon:
            yield "time", _expected(text, "время в виде " + ("ЧЧ:ММ:СС" if value.colon else "ЧЧ.ММ.СС"))
    else:
        yield from _text_faults(text, value)


def _expected(text: str, what: str) -> str:
    return f"пусто, нужно: {what}" if not text else f"«{_short(text)}», нужно: {what}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _text_faults(text: str, value: Value) -> Iterator[tuple[str, str]]:
    if value.choices and text not in value.choices:
        listed = ", ".join(value.choices[:_MANY_CHOICES]) + (" и другие" if len(value.choices) > _MANY_CHOICES else "")
        yield "choice", _expected(text, f"одно из: {listed}")
        return
    length = len(text)
    if not text and value.min_length:
        yield "empty", "пусто" if value.hint_ru is None else f"пусто, нужно: {value.hint_ru}"
        return
    if value.patterns and not any(_compiled(pattern).fullmatch(text) for pattern in value.patterns):
        yield "pattern", _expected(text, value.hint_ru or "другой вид значения")
        return
    low, high = value.min_length, value.max_length
    if (low is not None and length < low) or (high is not None and length > high):
        if low is not None and low == high:
            wanted = f"ровно {low}"
        else:
            wanted = f"не больше {high}" if high is not None and length > high else f"не меньше {low}"
        yield "length", f"длина {length}, нужно {wanted}"


def _number_faults(text: str, value: Value) -> Iterator[tuple[str, str]]:
    stripped = text.strip(XML_SPACE)
    shape = _INTEGER if value.kind == "integer" else _DECIMAL
    if not shape.fullmatch(stripped):
        yield "number", _expected(stripped, "целое число" if value.kind == "integer" else "число вида 1234.56")
        return
    whole, _, fraction = stripped.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if value.fraction_digits is not None and len(fraction) > value.fraction_digits:
        yield "fraction", f"«{_short(stripped)}»: знаков после точки {len(fraction)}, можно {value.fraction_digits}"
    # one zero always counts as a digit: 0.05 has three (so the official checker counts too)
    if (
        value.total_digits is not None
        and max(len(whole), 1 if not fraction or not whole else 0) + len(fraction) > value.total_digits
    ):
        yield "digits", f"«{_short(stripped)}»: цифр больше {value.total_digits}"
    number = Decimal(stripped)
    if value.choices and number not in {Decimal(choice) for choice in value.choices}:
        yield "choice", _expected(stripped, f"одно из: {', '.join(value.choices)}")
    if value.at_least is not None and number < value.at_least:
        yield "minimum", f"«{_short(stripped)}», нужно не меньше {value.at_least}"
    if value.more_than is not None and number <= value.more_than:
        yield "minimum", f"«{_short(stripped)}», нужно больше {value.more_than}"


def _is_date(text: str, value: Value) -> bool:
    """ДД.ММ.ГГГГ up to 2099; as in the official formats every fourth year is a leap year, 1900 too."""
    found = _DATE.fullmatch(text)
    if not found:
        return False
    day, month, year = (int(part) for part in found.groups())
    if not 1 <= month <= 12:
        return False
    if year < value.since:
        return False
    february = 29 if value.loose or year % 4 == 0 else 28
    longest = february if month == 2 else 31 if month in _LONG_MONTHS else 30
    return 1 <= day <= longest


def _is_iso_date(text: str, value: Value) -> bool:
    """xs:date: a day of the Gregorian calendar, a time zone is allowed."""
    found = _ISO_DATE.fullmatch(text.strip(XML_SPACE))
    if not found:
        return False
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return value.since <= day.year <= value.until


def to_date(text: str) -> date:
    """A date from ДД.ММ.ГГГГ or ГГГГ-ММ-ДД. Raises ValueError."""
    iso = _ISO_DATE.fullmatch(text.strip(XML_SPACE))
    if iso:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(text)
    return date(int(found[3]), int(found[2]), int(found[1]))


def to_time(text: str) -> time:
    """A time from ЧЧ.ММ.СС or ЧЧ:ММ:СС. Raises ValueError."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    return time(int(found[1]), int(found[3]), int(found[4]))


def date_text(value: date) -> str:
    """ДД.ММ.ГГГГ."""
    return value.strftime("%d.%m.") + f"{value.year:04d}"


def time_text(value: time) -> str:
    """ЧЧ.ММ.СС; fractions of a second are left out."""
    return value.strftime("%H.%M.%S")
