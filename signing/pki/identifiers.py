"""Check digits of the Russian numbers that stand in a qualified certificate's subject (приказ ФСБ № 795)."""

from __future__ import annotations

from stdnum.ru import inn, ogrn

_SNILS_WITHOUT_CHECK = 1_001_998  # numbers up to 001-001-998 were given out before the check digits


def is_inn_of_person(number: str) -> bool:
    """ИНН of a natural person: 12 digits, the last two are check digits."""
    return len(number) == 12 and bool(inn.is_valid(number))


def is_inn_of_company(number: str) -> bool:
    """ИНН of a legal entity (ИННЮЛ): 10 digits, the last is the check digit."""
    return len(number) == 10 and bool(inn.is_valid(number))


def is_ogrn(number: str) -> bool:
    """ОГРН: 13 digits, the last is the number before it modulo 11 modulo 10."""
    return len(number) == 13 and bool(ogrn.is_valid(number))


def is_ogrnip(number: str) -> bool:
    """ОГРНИП: 15 digits, the last is the number before it modulo 13 modulo 10."""
    return len(number) == 15 and bool(ogrn.is_valid(number))


def is_snils(number: str) -> bool:
    """СНИЛС: 11 digits without dashes, the last two are check digits."""
    if len(number) != 11 or not (number.isascii() and number.isdigit()):
        return False
    return int(number[:9]) <= _SNILS_WITHOUT_CHECK or number[9:] == snils_check(number[:9])


def snils_check(first_nine: str) -> str:
    """The two check digits for the nine digits of a СНИЛС: weighted sum 9…1, modulo 101, 100 becomes 00."""
    total = sum(int(digit) * weight for digit, weight in zip(first_nine, range(9, 0, -1), strict=True))
    return f"{total % 101 % 100:02d}"
