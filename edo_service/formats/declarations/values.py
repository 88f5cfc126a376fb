"""Simple values that the formats of ФНС share: codes of classifiers, numbers of taxpayers, dates, texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from edo_service.formats.engine.model import Value

_INN_START: Final = "(?:[0-9][1-9]|[1-9][0-9])"  # the first two digits are a region, never 00


def text(most: int, *, least: int = 1) -> Value:
    """A text of least..most characters."""
    return Value(min_length=least, max_length=most)


def exact(length: int) -> Value:
    """A text of exactly so many characters."""
    return Value(min_length=length, max_length=length)


def digits(*lengths: int) -> Value:
    """Decimal digits only, in one of the lengths."""
    hint = " или ".join(str(length) for length in lengths) + (" цифры" if lengths[-1] in {2, 3, 4} else " цифр")
    return Value(
        min_length=min(lengths),
        max_length=max(lengths),
        patterns=tuple(f"[0-9]{{{length}}}" for length in lengths),
        hint_ru=hint,
    )


def words(*choices: str) -> Value:
    """One word of a closed list."""
    return Value(choices=choices, min_length=1)


def codes(**meanings: str) -> Value:
    """One code of a closed list, each with its meaning; a code that begins with a digit is given with an underscore."""
    pairs = tuple((code.lstrip("_"), meaning) for code, meaning in meanings.items())
    return Value(choices=tuple(code for code, _ in pairs), min_length=1, meanings=pairs)


def integer(total: int, *, at_least: int | None = None) -> Value:
    """A whole number of at most `total` digits."""
    return Value(kind="integer", total_digits=total, at_least=None if at_least is None else Decimal(at_least))


def decimal(total: int, fraction: int, *, at_least: int | None = None, more_than: int | None = None) -> Value:
    """A number of at most `total` digits, `fraction` of them after the point."""
    return Value(
        kind="decimal",
        total_digits=total,
        fraction_digits=fraction,
        at_least=None if at_least is None else Decimal(at_least),
        more_than=None if more_than is None else Decimal(more_than),
    )


DATE: Final = Value(kind="date")
LOOSE_DATE: Final = Value(kind="date", loose=True, since=1800)
LOOSE_DATE_1900: Final = Value(kind="date", loose=True)
TIME: Final = Value(kind="time")
COLON_TIME: Final = Value(kind="time", colon=True)
FREE_TEXT: Final = Value()
FILLED_TEXT: Final = Value(min_length=1)
FLAG: Final = words("1")

INN_ORGANIZATION: Final = Value(
    min_length=10, max_length=10, patterns=(_INN_START + "[0-9]{8}",), hint_ru="ИНН организации, 10 цифр"
)
INN_PERSON: Final = Value(
    min_length=12, max_length=12, patterns=(_INN_START + "[0-9]{10}",), hint_ru="ИНН физического лица, 12 цифр"
)
KPP: Final = Value(
    min_length=9, max_length=9, patterns=(_INN_START + "[0-9]{2}[0-9A-Z]{2}[0-9]{3}",), hint_ru="КПП, 9 знаков"
)
KPP_OLD: Final = Value(
    min_length=9, max_length=9, patterns=(_INN_START + "[0-9]{2}[0-9A-F]{2}[0-9]{3}",), hint_ru="КПП, 9 знаков"
)
OGRN: Final = digits(13)
OGRNIP: Final = digits(15)
REGION: Final = digits(2)
COUNTRY: Final = digits(3)
CURRENCY: Final = digits(3)
UNIT: Final = digits(3, 4)
BIK: Final = digits(9)
OKTMO: Final = digits(8, 11)
POSTCODE: Final = digits(6)

PARTICIPANT_ID: Final = Value(
    min_length=4,
    max_length=46,
    patterns=("[A-Za-z0-9@.-]{4,46}",),
    hint_ru="идентификатор участника ЭДО, 4-46 латинских букв, цифр и знаков @ . -",
)
OPERATOR_ID: Final = Value(
    min_length=3,
    max_length=3,
    patterns=("[A-Za-z0-9@.-]{3}",),
    hint_ru="идентификатор оператора ЭДО, 3 знака",
)

MONEY: Final = decimal(19, 2)
MONEY_NOT_NEGATIVE: Final = decimal(19, 2, at_least=0)
QUANTITY: Final = decimal(26, 11)
QUANTITY_POSITIVE: Final = decimal(26, 11, more_than=0)
PRICE: Final = decimal(26, 11, at_least=0)

T50, T100, T255, T500, T1000, T2000 = (text(most) for most in (50, 100, 255, 500, 1000, 2000))
GUID: Final = exact(36)
REGISTER_GUID: Final = Value(
    min_length=36,
    max_length=36,
    patterns=(r"[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}",),
    hint_ru="GUID из 36 знаков",
)
SNILS: Final = Value(
    min_length=14,
    max_length=14,
    patterns=("[0-9]{3}-[0-9]{3}-[0-9]{3}-[0-9]{2}", "[0-9]{3}-[0-9]{3}-[0-9]{3} [0-9]{2}"),
    hint_ru="СНИЛС вида 000-000-000 00",
)
FILE_ID: Final = T255
SIGNATURE_KIND: Final = codes(_1="усиленная квалифицированная", _2="простая", _3="усиленная неквалифицированная")
