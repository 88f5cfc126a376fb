"""How values are written for people: Russian money, dates, Moscow time, plurals, sizes, hashes (DESIGN §8).

All are pure functions; templates reach them as filters of the same name. Spaces inside a value never break a line.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

NBSP = "\u00a0"
#: Moscow keeps UTC+3 all year since 26 October 2014 (107-ФЗ as amended by 248-ФЗ).
MSK = timezone(timedelta(hours=3), "МСК")
MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
MONTHS_OF = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
#: A sign that stands before its number, and one that stands behind it.
_SIGN = re.compile(r"(№|\bИНН|\bКПП) (?=\S)")
_PERCENT = re.compile(r"(?<=\d) ?%")
WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")


class HasKopecks(Protocol):
    """The kernel's money, known here by its one field."""

    @property
    def kopecks(self) -> int:
        """Whole kopecks."""


def amount(value: Decimal | HasKopecks | None) -> str:
    """A sum of roubles without the sign of the currency, two decimals: `1 234 567,21`; `—` for no sum."""
    if value is None:
        return "—"
    exact = value if isinstance(value, Decimal) else Decimal(value.kopecks) / 100
    text = f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP):,.2f}"
    return text.replace(",", NBSP).replace(".", ",").replace("-", "−")


def money(value: Decimal | HasKopecks | None) -> str:
    """A sum in roubles: `1 234 567,21 ₽`; `—` for no sum."""
    return "—" if value is None else f"{amount(value)}{NBSP}₽"


def quantity(value: Decimal | int | None) -> str:
    """A quantity without trailing zeros: `1`, `2,5`."""
    if value is None:
        return "—"
    text = f"{Decimal(value).normalize():,f}"
    return text.replace(",", NBSP).replace(".", ",").replace("-", "−")


def moscow(value: datetime) -> datetime:
    """The moment on a Moscow clock. A naive datetime is a mistake of the caller: ValueError."""
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return value.astimezone(MSK)


def day(value: date | datetime | None) -> str:
    """`17.11.2026`; a moment gives its Moscow day; `—` for none."""
    if value is None:
        return "—"
    return f"{_day(value):%d.%m.%Y}"


def short_day(value: date | datetime) -> str:
    """`17.11`, for lists of the current year."""
    return f"{_day(value):%d.%m}"


def moment(value: datetime | None) -> str:
    """`17.11.2026 в 14:02 МСК`; `—` for none."""
    if value is None:
        return "—"
    local = moscow(value)
    return f"{local:%d.%m.%Y} в{NBSP}{local:%H:%M}{NBSP}МСК"


def short_moment(value: datetime) -> str:
    """`17.11, 14:02`: a line of a timeline, whose section names the zone."""
    return f"{moscow(value):%d.%m, %H:%M}"


def clock(value: datetime) -> str:
    """`14:02 МСК`."""
    return f"{moscow(value):%H:%M}{NBSP}МСК"


def iso(value: date | datetime) -> str:
    """For the `datetime` attribute of `<time>`: Moscow offset, to the second."""
    if isinstance(value, datetime):
        return moscow(value).isoformat(timespec="seconds")
    return value.isoformat()


def long_day(value: date | datetime) -> str:
    """`Пятница, 20 ноября 2026`."""
    exact = _day(value)
    weekday = WEEKDAYS[exact.weekday()]
    return f"{weekday.capitalize()}, {exact.day}{NBSP}{MONTHS_OF[exact.month - 1]} {exact.year}"


def month(value: date) -> str:
    """`ноябрь 2026`."""
    return f"{MONTHS[value.month - 1]} {value.year}"


def _day(value: date | datetime) -> date:
    return moscow(value).date() if isinstance(value, datetime) else value


def plural(number: int, one: str, few: str, many: str) -> str:
    """The number with its word: `1 документ`, `2 документа`, `5 документов`, `1 234 документа`."""
    return f"{number:,}".replace(",", NBSP) + NBSP + plural_word(number, one, few, many)


def plural_word(number: int, one: str, few: str, many: str) -> str:
    """The word alone, in the form that the number asks for."""
    tens, units = abs(number) % 100, abs(number) % 10
    if units == 1 and tens != 11:
        return one
    return few if 2 <= units <= 4 and not 12 <= tens <= 14 else many


def bound(text: str) -> str:
    """A sign and its number are never parted by a line's end: `№ 0417-Л`, `ИНН 7700000016`, `22 %`."""
    return _SIGN.sub(rf"\1{NBSP}", _PERCENT.sub(f"{NBSP}%", text))


def count(number: int) -> str:
    """A counter: exact to 999, then `999+`."""
    return str(number) if number <= 999 else "999+"


def exact(number: int) -> str:
    """A number with groups of three: `1 204`."""
    return f"{number:,}".replace(",", NBSP)


def size(number: int) -> str:
    """`512 Б`, `41 КБ`, `2,1 МБ`."""
    if number < 1024:
        return f"{number}{NBSP}Б"
    if number < 1024 * 1024:
        return f"{round(number / 1024)}{NBSP}КБ"
    return f"{number / 1024 / 1024:.1f}{NBSP}МБ".replace(".", ",")


def short_hash(value: str) -> str:
    """First and last eight digits: `7a1c90f4…0d4455e2`."""
    return value if len(value) <= 20 else f"{value[:8]}…{value[-8:]}"


def spaced_hash(value: str) -> str:
    """The whole hash in groups of eight, to be compared by eye."""
    return " ".join(value[start : start + 8] for start in range(0, len(value), 8))


FILTERS: Mapping[str, Callable[..., str]] = {
    "amount": amount,
    "money": money,
    "quantity": quantity,
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "short_moment": short_moment,
    "clock": clock,
    "iso": iso,
    "long_day": long_day,
    "month": month,
    "plural": plural,
    "plural_word": plural_word,
    "bound": bound,
    "count": count,
    "exact": exact,
    "size": size,
    "short_hash": short_hash,
    "spaced_hash": spaced_hash,
}
