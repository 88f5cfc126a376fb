"""Where primary documents say who, how much and what: one row of places for each kind, for reading by people.

Nothing is summed up but the parts of an акт, which states its total for each of them; what is not told is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.engine.conditions import first
from edo_service.formats.showing import Side, money_of, rate_of, side

Lines = tuple["ReadingLine", ...]


@dataclass(frozen=True, kw_only=True)
class ReadingLine:
    """A line of a table; what the file does not say, or says not as a number, is None."""

    number: str | None
    name: str | None
    unit: str | None
    quantity: Decimal | None
    price: Decimal | None
    net: Decimal | None
    rate: str | None
    tax: Decimal | None
    gross: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Places:
    """Paths below «Документ»: the two sides with their names, the lines, the totals (net, tax, gross)."""

    roles: tuple[str, str]
    seller: str
    buyer: str
    lines: tuple[str, ...] = ()
    number: str = "@НомТов"
    name: str = "@НаимТов"
    quantity: str = ""
    price: str = "@Цена"
    net: str = ""
    tax: str = "@СумНДС"
    gross: str = ""
    rate: str = ""
    whole: str = ""
    totals: tuple[str, str, str] = ("", "", "")
    currency: str = ""


_TRADE: Final = ("Продавец", "Покупатель")
_WORKS: Final = ("Исполнитель", "Заказчик")
PLACES: Final[Mapping[str, Places]] = {
    "goods_note_seller": Places(
        roles=_TRADE,
        seller="СвДокПТПрКроме/СвДокПТПр/СодФХЖ1/Продавец",
        buyer="СвДокПТПрКроме/СвДокПТПр/СодФХЖ1/Покупатель",
        currency="СвДокПТПрКроме/СвДокПТПр/ДенИзм/@КодОКВ",
        lines=("СвДокПТПрКроме/СодФХЖ2/СвТов",),
        quantity="@НеттоПередано",
        net="@СтБезНДС",
        gross="@СтУчНДС",
        whole="СвДокПТПрКроме/СодФХЖ2/Всего",
        totals=("@СтБезНДСВс", "@СумНДСВс", "@СтУчНДСВс"),
    ),
    "goods_note_172_seller": Places(
        roles=("Поставщик", "Плательщик"),
        seller="СвТНО/Поставщик",
        buyer="СвТНО/Плательщик",
        lines=("СвТНО/ТН/Таблица/СвТов",),
        quantity="@Нетто",
        net="@СумБезНДС",
        gross="@СумУчНДС",
        rate="@СтавкаНДС",
        whole="СвТНО/ТН/Таблица/ВсегоНакл",
        totals=("@СумБезНДСВс", "@СумНДСВс", "@СумУчНДСВс"),
    ),
    "work_act_contractor": Places(
        roles=_WORKS,
        seller="СвДокПРУ/СодФХЖ1/Исполнитель",
        buyer="СвДокПРУ/СодФХЖ1/Заказчик",
        currency="СвДокПРУ/ДенИзм/@КодОКВ",
        lines=("СвДокПРУ/СодФХЖ1/ОписРабот/Работа",),
        number="@Номер",
        name="@НаимРабот",
        quantity="@Количество",
        net="@СтоимБезНДС",
        gross="@СтоимУчНДС",
        whole="СвДокПРУ/СодФХЖ1/ОписРабот",
        totals=("@СтБезНДСИт", "@СумНДСИт", "@СтУчНДСИт"),
    ),
    "work_act_172_contractor": Places(
        roles=_WORKS,
        seller="СвАктИ/Исполнитель",
        buyer="",
        lines=("СвАктИ/ОписРабот/Работа",),
        number="@Номер",
        name="@НаимРабот",
        quantity="@Количество",
        net="@СумБезНДС",
        gross="@СумУчНДС",
        whole="СвАктИ/ОписРабот",
        totals=("@СумБезНДСИт", "@СумНДСИт", "@СумУчНДСИт"),
    ),
    "construction_act_contractor": Places(
        roles=("Подрядчик", "Заказчик"),
        seller="СвАктСдПр/СвПодр/СвСторДог",
        buyer="СвАктСдПр/СвЗак/СвСторДог",
        currency="СвАктСдПр/ДенИзм/@КодОКВ",
        lines=("НаимИСт/ВидРаб", "НаимИСт/Раздел/СвВидРаб"),
        number="@НомСтр",
        quantity="КолТов",
        price="@ЦенаТов",
        net="@СтТовБезНДС",
        tax="СумНал/СумНал",
        gross="@СтТовУчНал",
        whole="ВсегоАктОтч",
        totals=("@СтТовБезНДСВсего", "СумНалВсего", "@СтТовУчНалВсего"),
    ),
    "acceptance_act_first": Places(
        roles=_TRADE,
        seller="СодФХЖ1/Продавец",
        buyer="СодФХЖ1/Покупатель",
        lines=("СодФХЖ2/РезПрием",),
        number="Ценности/@НомСтрСопрДок",
        name="Ценности/@НаимТов",
        quantity="ПоФакту/@КолТовПрин",
        price="ПоФакту/@ЦенаПрин",
        tax="ПоФакту/@СумНДСПрин",
        gross="ПоФакту/@СтоимТовНДСПрин",
        rate="ПоФакту/@СтавНДСПрин",
    ),
    "reconciliation_sender": Places(
        roles=("Отправитель", "Получатель"),
        seller="СвДокКрАкт/СвОтпр",
        buyer="СвДокКрАкт/СвПол",
        currency="СвДокКрАкт/@КодОКВ",
    ),
}
#: УКД and its like: each line as it became.
CORRECTED: Final = Places(
    roles=_TRADE,
    seller="СвКСчФ/СвПрод",
    buyer="СвКСчФ/СвПокуп",
    currency="СвКСчФ/@КодОКВ",
    lines=("ТаблКСчФ/СведТов",),
    number="@НомСтр",
    quantity="@КолТовПосле",
    price="@ЦенаТовПосле",
    net="СтТовБезНДС/@СтоимПослеИзм",
    tax="СумНалПосле/СумНДС",
    gross="СтТовУчНал/@СтоимПослеИзм",
)


def lines_of(document: etree._Element, places: Places) -> Lines:
    """The lines in the order of the file."""
    found = (line for path in places.lines for line in document.findall(path))
    return tuple(_line(line, places) for line in found)


def _line(line: etree._Element, places: Places) -> ReadingLine:
    return ReadingLine(
        number=_told(line, places.number),
        name=_told(line, places.name),
        unit=line.get("НаимЕдИзм") or line.get("ОКЕИ_ТовПосле"),
        quantity=_sum(line, places.quantity),
        price=_sum(line, places.price),
        net=_sum(line, places.net),
        rate=_told(line, places.rate) if places.rate else rate_of(line) or rate_of(line, "НалСтПосле"),
        tax=_sum(line, places.tax),
        gross=_sum(line, places.gross),
    )


@dataclass(frozen=True, kw_only=True)
class TradeFacts:
    """What a reading says of a primary document: its sides, its currency, its sums, its lines."""

    seller: Side | None
    buyer: Side | None
    currency: str | None
    net: Decimal | None
    tax: Decimal | None
    gross: Decimal | None
    lines: Lines


def facts_of(document: etree._Element, places: Places) -> TradeFacts:
    """The facts at their places."""
    wholes = document.findall(places.whole) if places.whole else []
    net, tax, gross = (_all(wholes, path) for path in places.totals)
    return TradeFacts(
        seller=side(document.find(places.seller)),
        buyer=side(document.find(places.buyer)) if places.buyer else None,
        currency=first(document, places.currency) if places.currency else None,
        net=net,
        tax=tax,
        gross=gross,
        lines=lines_of(document, places),
    )


def _all(wholes: Iterable[etree._Element], path: str) -> Decimal | None:
    """The sum over the parts of an акт; None when one of them says none."""
    found = [_sum(whole, path) for whole in wholes]
    known = [one for one in found if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(found) else None


def _told(line: etree._Element, path: str) -> str | None:
    return first(line, path) if path else None


def _sum(line: etree._Element, path: str) -> Decimal | None:
    return money_of(line, path) if path else None
