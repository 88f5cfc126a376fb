"""Arithmetic of акт КС-2: price by quantity, sections, the total of the act."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lxml import etree

from edo_service.formats.findings import Finding
from edo_service.formats.remarks.arithmetic import KOPECK, by_lines, money, off, rounding, told, total


def construction_sums(root: etree._Element) -> Iterator[Finding]:
    """Remarks on lines, sections and the total for the period."""
    document = root.find("Документ")
    if document is None:
        return
    lists = document.findall("НаимИСт")
    lines = list(chain.from_iterable([*item.findall("ВидРаб"), *item.findall("Раздел/СвВидРаб")] for item in lists))
    for line in lines:
        yield from _line(line)
    for section in document.findall("НаимИСт/Раздел"):
        rows = section.findall("СвВидРаб")
        found = by_lines(section, "@СтБезНДСРаздОтч", "section", total(rows, "@СтТовБезНДС"))
        if found is not None:
            yield found
    whole = document.find("ВсегоАктОтч")
    if whole is None or not lines:
        return
    found = by_lines(whole, "@СтТовБезНДСВсего", "total", total(lines, "@СтТовБезНДС"))
    if found is not None:
        yield found
    yield from _gross(whole, "@СтТовБезНДСВсего", "СумНалВсего", "@СтТовУчНалВсего", "total-gross")


def _line(line: etree._Element) -> Iterator[Finding]:
    net, price, quantity = money(line, "@СтТовБезНДС"), money(line, "@ЦенаТов"), money(line, "КолТов")
    if net is not None and price is not None and quantity is not None and line.get("КоэфПересч") is None:
        exact = price * quantity
        if abs(exact - net) > rounding(price, quantity):
            yield off(line, "@СтТовБезНДС", "line-net", f"{net}, а цена × количество = {exact.normalize():f}")
    yield from _gross(line, "@СтТовБезНДС", "СумНал/СумНал", "@СтТовУчНал", "line-gross")


def _gross(owner: etree._Element, net: str, tax: str, gross: str, rule: str) -> Iterator[Finding]:
    without, stated = money(owner, net), money(owner, gross)
    if without is not None and stated is not None and abs(without + told(owner, tax) - stated) > KOPECK:
        yield off(owner, gross, rule, f"{stated}, а стоимость без налога и налог вместе {without + told(owner, tax)}")
