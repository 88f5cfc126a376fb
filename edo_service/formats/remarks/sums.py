"""Arithmetic of УПД: price by quantity, tax by rate, sums of lines against the totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.engine.conditions import number
from edo_service.formats.findings import Finding
from edo_service.formats.remarks.arithmetic import KOPECK, money, off, rounding

_HUNDRED: Final = Decimal(100)
_ROUNDED: Final = frozenset({"9,09%", "16,67%", "18,03%"})


def sums(root: etree._Element) -> Iterator[Finding]:
    """Remarks on lines and totals; a difference of one kopeck is rounding and passes."""
    table = root.find("Документ/ТаблСчФакт")
    if table is None:
        return
    lines = table.findall("СведТов")
    for line in lines:
        yield from _line(line)
    total = table.find("ВсегоОпл")
    if total is not None:
        yield from _totals(lines, total)
    yield from _numbering(lines)


def _tax(element: etree._Element, name: str) -> Decimal:
    return money(element, f"{name}/СумНал") or Decimal(0)


def _line(line: etree._Element) -> Iterator[Finding]:
    net, gross = money(line, "@СтТовБезНДС"), money(line, "@СтТовУчНал")
    price, quantity = money(line, "@ЦенаТов"), money(line, "@КолТов")
    tax = _tax(line, "СумНал")
    if price and quantity and net is not None and abs(price * quantity - net) > rounding(price, quantity):
        yield off(line, "@СтТовБезНДС", "line-net", f"{net}, а цена × количество = {(price * quantity).normalize():f}")
    rate = line.get("НалСт", "")
    share = tax_share(rate)
    if share is not None:
        base = gross if "/" in rate else net
        if base is not None and abs(base * share - tax) > KOPECK:
            expected = (base * share).quantize(KOPECK)
            yield off(line, "СумНал", "line-tax", f"{tax}, а по ставке {rate} получается {expected}")
    if net is not None and gross is not None and "/" not in rate and abs(net + tax - gross) > KOPECK:
        yield off(line, "@СтТовУчНал", "line-gross", f"{gross}, а стоимость без налога и налог вместе {net + tax}")


def tax_share(rate: str) -> Decimal | None:
    """The share of the base that is tax: «20%» 0.2 of the net, «20/120» 20/120 of the gross; None where there is none.

    The rounded rates of НК ст.158 п.4 (16,67% and the like) are not computed.
    """
    if rate in _ROUNDED:
        return None
    if rate.endswith("%"):
        value = number(rate[:-1].replace(",", "."))
        return None if value is None else value / _HUNDRED
    part, slash, whole = rate.partition("/")
    above, below = number(part), number(whole) if slash else None
    return above / below if above is not None and below else None


def _totals(lines: list[etree._Element], total: etree._Element) -> Iterator[Finding]:
    for total_path, line_path in (("@СтТовБезНДСВсего", "@СтТовБезНДС"), ("@СтТовУчНалВсего", "@СтТовУчНал")):
        stated = money(total, total_path)
        parts = [money(line, line_path) for line in lines]
        known = [part for part in parts if part is not None]
        if stated is not None and len(known) == len(parts) and sum(known) != stated:
            yield off(total, total_path, "total", f"{stated}, а строки дают {sum(known)}")
    stated = money(total, "СумНалВсего/СумНал")
    taxes = sum((_tax(line, "СумНал") for line in lines), Decimal(0))
    if (stated or Decimal(0)) != taxes:
        yield off(total, "СумНалВсего", "total-tax", f"{stated or 'без НДС'}, а строки дают {taxes}")


def _numbering(lines: list[etree._Element]) -> Iterator[Finding]:
    seen: set[str] = set()
    for line in lines:
        number_ = line.get("НомСтр")
        if number_ is not None and number_ in seen:
            yield off(line, "@НомСтр", "line-number", f"{number_} уже был у другой строки")
        seen.add(number_ or "")
