"""Arithmetic of ТОРГ-12 and акт (551@, 552@, 172@): price by quantity, net and tax, lines against the totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from edo_service.formats.findings import Finding
from edo_service.formats.remarks.arithmetic import KOPECK, by_lines, money, off, rounding, told, total


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where a table and its sums stand: `owner` from the root, `whole` the totals under the owner («.»: its own)."""

    owner: str
    line: str
    whole: str
    quantity: str
    net: str
    gross: str
    totals: tuple[str, str, str]


TABLES: Final = (
    Columns(
        owner="Документ/СвДокПТПрКроме/СодФХЖ2",
        line="СвТов",
        whole="Всего",
        quantity="@НеттоПередано",
        net="@СтБезНДС",
        gross="@СтУчНДС",
        totals=("@СтБезНДСВс", "@СумНДСВс", "@СтУчНДСВс"),
    ),
    Columns(
        owner="Документ/СвТНО/ТН/Таблица",
        line="СвТов",
        whole="ВсегоНакл",
        quantity="@Нетто",
        net="@СумБезНДС",
        gross="@СумУчНДС",
        totals=("@СумБезНДСВс", "@СумНДСВс", "@СумУчНДСВс"),
    ),
    Columns(
        owner="Документ/СвДокПРУ/СодФХЖ1/ОписРабот",
        line="Работа",
        whole=".",
        quantity="@Количество",
        net="@СтоимБезНДС",
        gross="@СтоимУчНДС",
        totals=("@СтБезНДСИт", "@СумНДСИт", "@СтУчНДСИт"),
    ),
    Columns(
        owner="Документ/СвАктИ/ОписРабот",
        line="Работа",
        whole=".",
        quantity="@Количество",
        net="@СумБезНДС",
        gross="@СумУчНДС",
        totals=("@СумБезНДСИт", "@СумНДСИт", "@СумУчНДСИт"),
    ),
)
_PRICE, _TAX = "@Цена", "@СумНДС"


def trade_sums(root: etree._Element) -> Iterator[Finding]:
    """Remarks on lines and totals; a kopeck of rounding in a line passes, a total is compared to the kopeck."""
    for columns in TABLES:
        for owner in root.findall(columns.owner):
            lines = owner.findall(columns.line)
            for line in lines:
                yield from _line(line, columns)
            whole = owner if columns.whole == "." else owner.find(columns.whole)
            if whole is None:
                continue
            for path, part in zip(columns.totals, (columns.net, _TAX, columns.gross), strict=True):
                found = by_lines(whole, path, "total", total(lines, part))
                if found is not None:
                    yield found


def _line(line: etree._Element, columns: Columns) -> Iterator[Finding]:
    net, gross = money(line, columns.net), money(line, columns.gross)
    price, quantity = money(line, _PRICE), money(line, columns.quantity)
    if price is not None and quantity is not None and net is not None:
        exact = price * quantity
        if abs(exact - net) > rounding(price, quantity):
            yield off(line, columns.net, "line-net", f"{net}, а цена × количество = {exact.normalize():f}")
    if net is not None and gross is not None and abs(net + told(line, _TAX) - gross) > KOPECK:
        both = net + told(line, _TAX)
        yield off(line, columns.gross, "line-gross", f"{gross}, а стоимость без налога и налог вместе {both}")
