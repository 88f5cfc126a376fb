"""Arithmetic of УКД: what changed is the difference of after and before; totals are the sums of changes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from edo_service.formats.findings import Finding
from edo_service.formats.remarks.arithmetic import KOPECK, ZERO, by_lines, money, off, rounding, told


def ukd_sums(root: etree._Element) -> Iterator[Finding]:
    """Remarks on the seller's table of changes."""
    table = root.find("Документ/ТаблКСчФ")
    if table is None:
        return
    lines = table.findall("СведТов")
    for line in lines:
        yield from _line(line)
    for total_name, cost, tax in (("ВсегоУвел", "@СтоимУвел", "СумУвел"), ("ВсегоУм", "@СтоимУм", "СумУм")):
        owner = table.find(total_name)
        if owner is None:
            continue
        for path, expected in (
            ("@СтТовБезНДСВсего", sum((told(line, f"СтТовБезНДС/{cost}") for line in lines), ZERO)),
            ("@СтТовУчНалВсего", sum((told(line, f"СтТовУчНал/{cost}") for line in lines), ZERO)),
            ("СумНал/СумНДС", sum((told(line, f"СумНалРазн/{tax}") for line in lines), ZERO)),
        ):
            found = by_lines(owner, path, "total", expected)
            if found is not None:
                yield found


def _line(line: etree._Element) -> Iterator[Finding]:
    for name in ("СтТовБезНДС", "СтТовУчНал"):
        cost = line.find(name)
        if cost is None:
            continue
        before, after = money(cost, "@СтоимДоИзм"), money(cost, "@СтоимПослеИзм")
        if before is not None and after is not None:
            yield from _change(cost, after - before, "@СтоимУвел", "@СтоимУм")
    tax = line.find("СумНалРазн")
    before, after = money(line, "СумНалДо/СумНДС"), money(line, "СумНалПосле/СумНДС")
    if tax is not None and before is not None and after is not None:
        yield from _change(tax, after - before, "СумУвел", "СумУм")
    for when, cost_path in (("До", "СтТовБезНДС/@СтоимДоИзм"), ("После", "СтТовБезНДС/@СтоимПослеИзм")):
        price, quantity = money(line, f"@ЦенаТов{when}"), money(line, f"@КолТов{when}")
        net = money(line, cost_path)
        if price is not None and quantity is not None and net is not None:
            exact = price * quantity
            if abs(exact - net) > rounding(price, quantity):
                yield off(line, cost_path, "line-net", f"{net}, а цена × количество = {exact.normalize():f}")


def _change(owner: etree._Element, difference: Decimal, more: str, less: str) -> Iterator[Finding]:
    stated = told(owner, more) - told(owner, less)
    if abs(stated - difference) > KOPECK:
        path = more if money(owner, more) is not None or money(owner, less) is None else less
        yield off(owner, path, "change", f"{abs(stated)}, а изменилось на {difference}")
