"""Correction invoices of 2012-2017, ON_KORSFAKT, formats 5.01 and 5.02. Order ММВ-7-6/93@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.invoice_93 import (
    NEW,
    OLD,
    RATES_5_02,
    Edition,
    correction,
    declaration,
    excise,
    information,
    of_line,
    old_rate,
    party,
    tax,
)
from edo_service.formats.declarations.values import CURRENCY, LOOSE_DATE, T1000, integer, words
from edo_service.formats.engine.model import (
    Block,
    Declaration,
    Element,
    Particle,
    block,
    choice,
    may,
    maybe,
    need,
    one,
    some,
)


def _corrected(edition: Edition) -> Block:
    own = (need("НомерСчФ", edition.number, "номер счёта-фактуры"), need("ДатаСчФ", LOOSE_DATE, "дата счёта-фактуры"))
    first: tuple[Particle, ...] = (correction("ИспрКСчФ", "КСчФ", edition), correction("ИспрСчФ", "СчФ", edition))
    if not edition.old:
        corrections = Element(
            name="ИспрСчФ", type=correction("ИспрСчФ", "СчФ", edition).type, label="исправление", least=0, most=None
        )
        first = (some("СчФ", block(corrections, *own), "корректируемый счёт-фактура"), first[0])
    return block(
        *first,
        one("СвПрод", party(edition), "продавец"),
        one("СвПокуп", party(edition), "покупатель"),
        information(edition),
        need("НомерКСчФ", edition.number, "номер документа"),
        need("ДатаКСчФ", LOOSE_DATE, "дата документа"),
        *(own if edition.old else ()),
        need("КодОКВ", CURRENCY, "код валюты"),
    )


def _changed_line(edition: Edition) -> Block:
    money, quantity = edition.money, edition.quantity
    cost = block(
        need("СтоимДоИзм", money, "до изменения"),
        need("СтоимПослеИзм", money, "после изменения"),
        may("СтоимУвел", money, "увеличение"),
        may("СтоимУм", money, "уменьшение"),
    )
    change = block(choice(one("СумУвел", money, "сумма увеличения"), one("СумУм", money, "сумма уменьшения")))
    inside, beside = of_line(edition)
    price = money if edition.old else quantity
    rates = (
        need("НалСтДо", words(*RATES_5_02), "ставка до изменения"),
        need("НалСтПосле", words(*RATES_5_02), "ставка после изменения"),
    )
    old_rates = (old_rate("НалСтДо", "ставка до изменения"), old_rate("НалСтПосле", "ставка после изменения"))
    return block(
        maybe("СтТовБезНДС", cost, "стоимость без налога"),
        one("АкцизДо", excise(edition), "акциз до изменения"),
        one("АкцизПосле", excise(edition), "акциз после изменения"),
        one("АкцизРазн", change, "изменение акциза"),
        *(old_rates if edition.old else ()),
        one("СумНалДо", tax(edition), "налог до изменения"),
        one("СумНалПосле", tax(edition), "налог после изменения"),
        one("СумНалРазн", change, "изменение налога"),
        one("СтТовУчНал", cost, "стоимость с налогом"),
        *inside,
        need("НомСтр", integer(6), "номер строки"),
        need("НаимТов", T1000, "наименование товара, работы, услуги"),
        may("ОКЕИ_ТовДо", edition.unit, "единица до изменения"),
        may("ОКЕИ_ТовПосле", edition.unit, "единица после изменения"),
        may("КолТовДо", quantity, "количество до изменения"),
        may("КолТовПосле", quantity, "количество после изменения"),
        may("ЦенаТовДо", price, "цена до изменения"),
        may("ЦенаТовПосле", price, "цена после изменения"),
        *(() if edition.old else rates),
        *beside,
    )


def _correction_invoice(edition: Edition) -> Declaration:
    total = block(
        one("СумНал", tax(edition), "налог"),
        may("СтТовБезНДСВсего", edition.money, "всего без налога"),
        need("СтТовУчНалВсего", edition.money, "всего с налогом"),
    )
    table = block(
        some("СведТов", _changed_line(edition), "строка таблицы"),
        maybe("ВсегоУвел", total, "всего увеличение"),
        maybe("ВсегоУм", total, "всего уменьшение"),
    )
    return declaration(
        "correction_invoice",
        edition,
        "1115108",
        one("СвКСчФ", _corrected(edition), "стороны и реквизиты"),
        one("ТаблКСчФ", table, "таблица изменений"),
    )


CORRECTION_INVOICES: Final = tuple(_correction_invoice(edition) for edition in (OLD, NEW))
