"""Business days of Russia (ТК РФ ст. 112 with the government's yearly transfers) and Moscow dates."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

from holidays.countries.russia import Russia  # the package's own lazy door would open under a write lock

MOSCOW: Final = ZoneInfo("Europe/Moscow")
_SATURDAY: Final = 5


def moscow_date(moment: datetime) -> date:
    """Return the calendar date in Moscow of an aware moment."""
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return moment.astimezone(MOSCOW).date()


class BadDecree(ValueError):
    """A file of moved days that cannot be read; its text names the file and what is wrong."""


_DECREES: dict[int, tuple[frozenset[date], frozenset[date]]] = {}
"""Year -> days made free and days made working by decree; filled once, by the composition root."""


def load_decrees(folder: Path) -> tuple[int, ...]:
    """Take over the administrator's decrees: `<year>.toml` with lists of days `free` and `worked`. Returns the years.

    Such a decree stands beside what the calendar's package knows and wins over it: the package learns of a new year's
    transfers weeks after the government has published them. No folder: none. Raises BadDecree.
    """
    found = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            year = int(path.stem)
            days = tuple(frozenset(_days(raw.get(name, []), year)) for name in ("free", "worked"))
        except (ValueError, TypeError, OSError) as error:
            raise BadDecree(f"{path.name}: {error}") from error
        if days[0] & days[1] or set(raw) - {"free", "worked"}:
            raise BadDecree(f"{path.name}: lists `free` and `worked` of days, no day in both")
        found[year] = (days[0], days[1])
    _DECREES.clear()
    _DECREES.update(found)
    _year.cache_clear()
    return tuple(sorted(found))


def _days(listed: object, year: int) -> Iterator[date]:
    for one in listed if isinstance(listed, list) else [listed]:
        day = one if type(one) is date else date.fromisoformat(str(one))
        if day.year != year:
            raise ValueError(f"{day} is not of {year}")
        yield day


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    russia = Russia(years=year, language="ru")  # type: ignore[no-untyped-call]  # the library types no constructor
    free = frozenset(cast("Mapping[date, str]", russia))
    worked = frozenset(getattr(russia, "weekend_workdays", ()) or ())
    more_free, more_worked = _DECREES.get(year, (frozenset(), frozenset()))
    return (free | more_free) - more_worked, (worked | more_worked) - more_free


def is_business_day(day: date) -> bool:
    """Tell whether the day is worked: Monday to Friday but for holidays and transfers, plus working Saturdays.

    Years whose transfers are not decreed yet follow the law's fixed holidays.
    """
    free, worked = _year(day.year)
    if day in worked:
        return True
    return day.weekday() < _SATURDAY and day not in free


def add_business_days(day: date, count: int) -> date:
    """Return the business day `count` (not negative) business days after `day`.

    0 gives the next business day at or after it.

    The day itself is not counted (ГК РФ ст. 191).
    """
    if count < 0:
        raise ValueError("count is not negative")
    here = day
    left = count
    while left > 0 or not is_business_day(here):
        here += timedelta(days=1)
        if is_business_day(here):
            left -= 1
            if left <= 0:
                break
    return here
