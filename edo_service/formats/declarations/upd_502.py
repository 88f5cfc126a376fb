"""УПД 5.02, both titles, by what they say otherwise than 5.03. Order ЕД-7-26/970@ before its last edition."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from edo_service.formats.declarations.amending import Differences, amended, both, with_attribute, without_element
from edo_service.formats.declarations.upd_buyer import UPD_BUYER
from edo_service.formats.declarations.upd_lines import (
    CIRCUMSTANCES,
    FUNCTION,
    INVOICE,
    LINE_RULES,
    PARTICULARS_RULES,
    TOTALS_RULES,
)
from edo_service.formats.declarations.upd_seller import DOCUMENT_RULES, UPD_SELLER
from edo_service.formats.declarations.values import T255, decimal, integer, text, words
from edo_service.formats.engine.conditions import absent, among, differs, present
from edo_service.formats.engine.model import Rule, may, rule
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.sums import sums

TAX_RATES: Final = (
    "0%", "5%", "7%", "9,09%", "10%", "16,67%", "20%",
    "5/105", "7/107", "10/110", "20/120", "без НДС", "НДС исчисляется налоговым агентом",
)  # fmt: skip
_NOT_FROM_STATE: Final = differs(f"{CIRCUMSTANCES}/@СпОбстФСЧФ", 2)


def _kept(rules: tuple[Rule, ...], *codes: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.code in codes)


_LINE: Final = (
    *_kept(LINE_RULES, "line-name", "line-name-transfer", "line-unit-name", "line-net", "line-sum", "line-gross", "line-excise"),
    rule(
        "line-quantity",
        "@КолТов",
        "элемент СведТов — вместе с единицей измерения нужно количество (КолТов)",
        when=present("@ОКЕИ_Тов"),
        then=present("@КолТов"),
    ),
    rule(
        "line-quantity-invoice",
        "@КолТов",
        "элемент СведТов — в счёте-фактуре нужно количество (КолТов)",
        when=INVOICE & _NOT_FROM_STATE,
        then=present("@КолТов"),
    ),
    Rule(
        code="schema-fault-total",
        when=INVOICE & _NOT_FROM_STATE,
        then=present("@СтТовБезНДСВсего"),
        about=".",
        text_ru="элемент СведТов — схема 5.02 по своей ошибке ищет итог (СтТовБезНДСВсего) в строке",
        fault_of_schema=True,
    ),
)  # fmt: skip

_CUSTOMS: Final = tuple(
    rule(
        f"customs-{code}",
        f"@{attribute}",
        f"элемент СвДТ — в счёте-фактуре нужен {attribute}",
        when=among(f"../{FUNCTION}", "СЧФ", "СЧФДОП") & differs(f"../{CIRCUMSTANCES}/@СпОбстФСЧФ", 2),
        then=present(f"@{attribute}"),
    )
    for code, attribute in (("origin", "КодПроисх"), ("declaration", "НомерДТ"))
)

_PARTICULARS: Final = (
    *_kept(PARTICULARS_RULES, "goods-named", "operation-kind"),
    rule(
        "origin-name",
        "@КрНаимСтрПр",
        "элемент ДопСведТов — при указанном КодПроисх нужна страна (КрНаимСтрПр)",
        when=present("../СвДТ/@КодПроисх"),
        then=present("@КрНаимСтрПр"),
    ),
)

_HEAD: Final = (
    rule(
        "shipping-document",
        "ДокПодтвОтгрНом",
        "элемент СвСчФакт — в счёте-фактуре (СЧФ) нужен документ об отгрузке (ДокПодтвОтгрНом), кроме СпОбстФСЧФ=2",
        when=among("../@Функция", "СЧФ") & differs("ДопСвФХЖ1/@СпОбстФСЧФ", 2),
        then=present("ДокПодтвОтгрНом"),
    ),
)


def _exactly_for(code: str, attribute: str, function: str) -> tuple[Rule, Rule]:
    """The circumstances of a function are told with this function and with no other."""
    path = f"@{attribute}"
    mine = among("../../@Функция", function)
    return (
        rule(
            f"circumstances-{code}",
            path,
            f"элемент ДопСвФХЖ1 — при Функция={function} нужен {attribute}",
            when=mine,
            then=present(path),
        ),
        rule(
            f"circumstances-{code}-alien",
            path,
            f"элемент ДопСвФХЖ1 — {attribute} бывает только при Функция={function}",
            when=~mine,
            then=absent(path),
        ),
    )


_CIRCUMSTANCES: Final = (
    *_exactly_for("invoice", "СпОбстФСЧФ", "СЧФ"),
    *_exactly_for("both", "СпОбстФСЧФДОП", "СЧФДОП"),
    *_exactly_for("transfer", "СпОбстФДОП", "ДОП"),
)

_SELLER: Final = Differences(
    values={
        "Файл/@ВерсФорм": words("5.02"),
        "АдрРФ/@НаимРегион": text(50),
        "АдрГАР/НаимРегион": text(50),
        "СвБанк/@КорСчет": text(20),
        "БанкРекв/@НомерСчета": text(20),
        "СведПрослеж/@НомТовПрослеж": text(29, least=27),
        "СведПрослеж/@СтТовБезНДСПрослеж": integer(19),
        "СведТов/@ЦенаТов": decimal(26, 11, more_than=0),
        "СведТов/@НалСт": words(*TAX_RATES),
    },
    names={
        "ДопСвФХЖ1/ИнфПродЗаГоскКазн": "ИнфПродЗаГосКазн",
        "ДопСведТов/@КодТовОКПД2": "КодТовОКДП2",
    },
    blocks={
        "ДопСведТов": both(
            without_element("КрНаимСтрПр"),
            with_attribute(may("КрНаимСтрПр", T255, "страна происхождения"), after="ДопПризн"),
        ),
    },
    rules={
        "Документ": _kept(DOCUMENT_RULES, "table", "transfer"),
        "СвСчФакт": _HEAD,
        "ДопСвФХЖ1": _CIRCUMSTANCES,
        "СведТов": _LINE,
        "СвДТ": _CUSTOMS,
        "ДопСведТов": _PARTICULARS,
        "ВсегоОпл": TOTALS_RULES,
    },
)

UPD_SELLER_5_02: Final = replace(
    UPD_SELLER, version="5.02", root=amended(UPD_SELLER.root, _SELLER), remarks=(requisites, sums)
)
UPD_BUYER_5_02: Final = replace(
    UPD_BUYER,
    version="5.02",
    root=amended(UPD_BUYER.root, Differences(values={"Файл/@ВерсФорм": words("5.02")})),
    remarks=(requisites,),
)
