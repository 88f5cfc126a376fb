"""Business days of Russia (ТК РФ ст. 112 with the government's yearly transfers) and Moscow dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
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


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    russia = Russia(years=year, language="ru")  # type: ignore[no-untyped-call]  # the library types no constructor
    free = frozenset(cast("Mapping[date, str]", russia))
    worked = frozenset(getattr(russia, "weekend_workdays", ()) or ())
    return free, worked


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
