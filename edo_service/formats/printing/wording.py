"""Numbers in Russian words, as primary documents want their totals: «Одна тысяча двести рублей 50 копеек»."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_ONES: Final = (
    "", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
    "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
_TENS: Final = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто",
)  # fmt: skip
_HUNDREDS: Final = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот",
)  # fmt: skip
_POWERS: Final = (
    ("", "", ""),
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
    ("триллион", "триллиона", "триллионов"),
    ("квадриллион", "квадриллиона", "квадриллионов"),
)
_TEEN_END: Final = 20
_FEW_END: Final = 4
_KOPECK: Final = Decimal("0.01")


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form of a noun after a number: 1 рубль, 2 рубля, 5 рублей."""
    last, tens = count % 10, count % 100
    if last == 1 and tens != 11:
        return one
    if 2 <= last <= _FEW_END and not 12 <= tens <= 14:
        return few
    return many


def whole(count: int, *, feminine: bool = False) -> str:
    """A whole number below 10¹⁸ in words; digits when it is greater or negative."""
    if not 0 <= count < 10 ** (3 * len(_POWERS)):
        return str(count)
    if count == 0:
        return "ноль"
    parts: list[str] = []
    for power in range(len(_POWERS) - 1, -1, -1):
        group = count // 1000**power % 1000
        if group:
            parts += _group(group, feminine=feminine if power == 0 else power == 1)
            parts.append(plural(group, *_POWERS[power]))
    return " ".join(part for part in parts if part)


def _group(group: int, *, feminine: bool) -> list[str]:
    words = [_HUNDREDS[group // 100]]
    rest = group % 100
    if rest >= _TEEN_END:
        words.append(_TENS[rest // 10])
        rest %= 10
    one = _ONES[rest]
    words.append({"один": "одна", "два": "две"}.get(one, one) if feminine else one)
    return words


def roubles(amount: Decimal) -> str:
    """A sum of money in words with kopecks in digits: «Двадцать рублей 05 копеек»."""
    rounded = amount.quantize(_KOPECK, rounding=ROUND_HALF_UP)
    sign = "минус " if rounded < 0 else ""
    full = int(abs(rounded))
    kopecks = int((abs(rounded) - full) * 100)
    shown = f"{sign}{whole(full)} {plural(full, 'рубль', 'рубля', 'рублей')}"
    return f"{shown[:1].upper()}{shown[1:]} {kopecks:02d} {plural(kopecks, 'копейка', 'копейки', 'копеек')}"


def counted(count: int) -> str:
    """A count in words with a capital letter: «Двенадцать»."""
    shown = whole(count)
    return shown[:1].upper() + shown[1:]
