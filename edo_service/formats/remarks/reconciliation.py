"""Arithmetic of акт сверки: turnovers are the sums of operations, a balance follows from the one before it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from edo_service.formats.findings import Finding
from edo_service.formats.remarks.arithmetic import ZERO, by_lines, off, told, total

_SIDES = (("Деб", "@СумДебет"), ("Кр", "@СумКредит"))
_BALANCES = ("СальдоНач", "Оборот", "СальдоКон")


def reconciliation_sums(root: etree._Element) -> Iterator[Finding]:
    """Remarks on the sender's table: operations, contracts, the total."""
    table = root.find("Документ/ТаблАкт")
    if table is None or root.find("Документ/СвДокКрАкт") is None:
        return
    contracts = table.findall("ДогСв")
    for contract in contracts:
        operations = contract.findall("ДокСв/СвОпер")
        for side, path in _SIDES:
            expected = sum((told(operation, path) for operation in operations), ZERO)
            found = by_lines(contract, f"@Оборот{side}", "turnover", expected)
            if found is not None:
                yield found
        yield from _balance(contract)
    for side, _ in _SIDES:
        found = by_lines(table, f"@Оборот{side}", "total", total(contracts, f"@Оборот{side}"))
        if found is not None:
            yield found
    yield from _balance(table)


def _balance(owner: etree._Element) -> Iterator[Finding]:
    """Debit less credit: what was, what came, what is."""
    values = {
        name: told(owner, f"@{name}Деб") - told(owner, f"@{name}Кр")
        for name in _BALANCES
        if owner.get(f"{name}Деб") is not None and owner.get(f"{name}Кр") is not None
    }
    if len(values) < len(_BALANCES):
        return
    expected = values["СальдоНач"] + values["Оборот"]
    if expected != values["СальдоКон"]:
        what = f"конечное сальдо {values['СальдоКон']}, а из начального и оборотов получается {expected}"
        yield off(owner, "@СальдоКонДеб", "balance", what)
