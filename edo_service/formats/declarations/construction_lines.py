"""The lines of акт КС-2: works, sections, resources, corrections of earlier periods. Order ЕД-7-26/691@.

The official rules look from a line at the settings of the whole document: whether sums are cumulative, whether the tax
stands only in totals, whether the contract is a state one.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.construction_changes import CHANGES, changes_rules
from edo_service.formats.declarations.construction_common import (
    DASH_ZERO,
    EXTENSION,
    INFORMATION,
    for_state,
    state_contract,
    switched,
    wanted,
)
from edo_service.formats.declarations.values import (
    COUNTRY,
    MONEY,
    MONEY_NOT_NEGATIVE,
    QUANTITY,
    QUANTITY_POSITIVE,
    T100,
    T255,
    T500,
    T1000,
    T2000,
    UNIT,
    codes,
    decimal,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.conditions import ALWAYS, NEVER, Condition, absent, equals, present, unlike
from edo_service.formats.engine.model import (
    Rule,
    block,
    choice,
    in_order,
    many,
    may,
    maybe,
    need,
    one,
    rule,
    some,
)

TAX_RATES: Final = ("0%", "10%", "20%", "без НДС", "НДС исчисляется налоговым агентом")
_RATES_IN_TOTAL: Final = tuple(rate for rate in TAX_RATES if rate != "20%")
_ORDINAL: Final = integer(6)
COST_KIND: Final = codes(_1="затраты вида 1", _2="вида 2", _3="вида 3", _4="вида 4", _5="вида 5", _6="вида 6")

_TRACED: Final = block(
    need("НомТовПрослеж", text(29, least=27), "номер прослеживаемой партии"),
    need("ЕдИзмПрослеж", UNIT, "код единицы прослеживаемости"),
    need("НаимЕдИзмПрослеж", T255, "единица прослеживаемости"),
    need("КолВЕдПрослеж", QUANTITY_POSITIVE, "количество прослеживаемого товара"),
    may("НаимТовВГрупп", T1000, "прослеживаемый товар"),
    may("СтТовПрослежБезНДС", MONEY, "стоимость прослеживаемого товара"),
)

LINE: Final = block(
    maybe("УчОшИНовОбстСт", CHANGES, "изменения стоимости", *changes_rules("УчОшИНовОбстСт")),
    choice(
        maybe("НалСтПостр", words(*TAX_RATES), "налоговая ставка строки"),
        maybe("НалСтВИтог", words(*_RATES_IN_TOTAL), "налоговая ставка в итоге"),
    ),
    choice(maybe("КолСмет", QUANTITY, "количество по смете"), maybe("КолСметТекст", T500, "объём по смете")),
    choice(maybe("КолТов", QUANTITY, "количество за период"), maybe("КолТовТекст", T500, "объём за период")),
    choice(maybe("КолСНач", QUANTITY, "количество с начала"), maybe("КолСНачТекст", T500, "объём с начала")),
    maybe("УчОшИНовОбстКол", CHANGES, "изменения количества", *changes_rules("УчОшИНовОбстКол")),
    maybe(
        "СумНал",
        block(
            choice(
                one("СумНал", MONEY_NOT_NEGATIVE, "сумма налога"),
                one("БезНДС", words("Без НДС"), "отметка «Без НДС»"),
                one("ДефНДС", DASH_ZERO, "прочерк вместо налога"),
            )
        ),
        "налог",
    ),
    many("СвПрослежСтройка", _TRACED, "прослеживаемость"),
    many("ИнфПолФХЖ2", INFORMATION, "дополнительные поля строки"),
    EXTENSION,
    may("НомСтр", _ORDINAL, "номер строки"),
    may("ПозСмет", T100, "позиция сметы"),
    may("НомПоз", text(10), "номер позиции"),
    need("НаимТов", T2000, "работа"),
    may("ПрИспрОш", exact(1), "учтены ошибки прошлых периодов"),
    may("ПрНовОбст", exact(1), "учтены новые обстоятельства"),
    may("ТипЗатр", COST_KIND, "тип затрат"),
    need("ЦенаТов", QUANTITY, "цена"),
    may("СтПоСметеБезНДС", MONEY, "стоимость по смете без налога"),
    may("КоэфПересч", decimal(6, 2), "коэффициент пересчёта"),
    need("СтТовБезНДС", MONEY, "стоимость без налога"),
    may("СтСНачСтрБезНДС", MONEY, "стоимость с начала без налога"),
    may("ИдОС", T255, "основное средство"),
    may("ОКЕИ_Стройка", UNIT, "код единицы измерения"),
    may("НаимЕдИзм", T255, "единица измерения"),
    may("НаимОЕИ", T255, "иная единица измерения"),
    may("СтТовУчНал", MONEY, "стоимость с налогом"),
    may("СтТовУчНалСНачСтр", MONEY, "стоимость с начала с налогом"),
    may("СтПоСметеУчНал", MONEY, "стоимость по смете с налогом"),
    may("КодПроисх", COUNTRY, "код страны происхождения"),
    may("НаимСтрПр", T255, "страна происхождения"),
)


def _line_rules(name: str, way: str) -> tuple[Rule, ...]:
    """`way` leads from the line to «Документ»."""
    whole, sums, taxes = _settings(way)
    state = state_contract(f"{way}/СвАктСдПр/ОсновСтроит")
    resource = state & equals("@ТипЗатр", 3)
    row_tax = taxes(0) | (taxes(1) & resource)
    sums_only = equals(f"{way}/НастрФормДок/@ПрНакИтог", 0)
    corrected = equals("@ПрИспрОш", 1) | equals("@ПрНовОбст", 1)
    cumulative = "накопительным итогом"
    return (
        *switched("errors-flag", name, "@ПрИспрОш", whole, f"{cumulative} нужен ПрИспрОш", f"ПрИспрОш — {sums}"),
        *switched("news-flag", name, "@ПрНовОбст", whole, f"{cumulative} нужен ПрНовОбст", f"ПрНовОбст — {sums}"),
        wanted("estimate", name, "@СтПоСметеБезНДС", whole, cumulative),
        rule(
            "zero-cost",
            "@СтТовБезНДС",
            f"элемент {name} — нулевая стоимость бывает только накопительным итогом или при ТипЗатр=6",
            when=equals("@СтТовБезНДС", 0),
            then=whole | equals("@ТипЗатр", 6),
        ),
        *switched(
            "since-start", name, "@СтСНачСтрБезНДС", whole, f"{cumulative} нужна СтСНачСтрБезНДС", f"сумма — {sums}"
        ),
        wanted("unit", name, "@ОКЕИ_Стройка", ALWAYS, "без исключений"),
        rule(
            "unit-of-state",
            "@ОКЕИ_Стройка",
            f"элемент {name} — для государственного контракта код единицы не 0000",
            when=state,
            then=unlike("@ОКЕИ_Стройка", "0000"),
        ),
        rule(
            "other-unit",
            "@НаимОЕИ",
            f"элемент {name} — НаимОЕИ бывает только при государственном контракте",
            when=~state,
            then=absent("@НаимОЕИ"),
        ),
        wanted("gross", name, "@СтТовУчНал", row_tax, "налог считается по строкам"),
        *(
            wanted(f"resource-{number}", name, about, taxes(1) & resource, "ресурс государственного контракта")
            for number, about in enumerate(("@СтТовУчНалСНачСтр", "@СтПоСметеУчНал", "НалСтВИтог"), start=1)
        ),
        wanted("origin", name, "@НаимСтрПр", resource, "ресурс государственного контракта"),
        wanted("origin-code", name, "@КодПроисх", resource, "ресурс государственного контракта"),
        *(
            rule(f"{code}-alien", about, f"элемент {name} — {about} {sums}", when=sums_only, then=absent(about))
            for code, about in (("cost-changes", "УчОшИНовОбстСт"), ("quantity-changes", "УчОшИНовОбстКол"))
        ),
        wanted("cost-changes", name, "УчОшИНовОбстСт", corrected, "отмечены изменения"),
        wanted("quantity-changes", name, "УчОшИНовОбстКол", corrected, "отмечены изменения"),
        wanted("rate", name, "НалСтПостр", taxes(0), "налог считается по строкам"),
        wanted("tax", name, "СумНал", row_tax, "налог считается по строкам"),
        *for_state(name, state),
    )


def _settings(way: str) -> tuple[Condition, str, _Taxes]:
    whole = equals(f"{way}/НастрФормДок/@ПрНакИтог", 1)
    return whole, "бывает только накопительным итогом", _Taxes(way)


class _Taxes:
    """Whether the tax stands in every line (0) or in totals only (1)."""

    def __init__(self, way: str) -> None:
        self.way = way

    def __call__(self, value: int) -> Condition:
        return equals(f"{self.way}/НастрФормДок/@ПрНДСВИтог", value)


def _amount_rules(name: str, way: str, *, in_section: bool) -> tuple[Rule, ...]:
    """Cumulative sums tell the amounts of the estimate and since the start, by number or in words."""
    whole, only, _ = _settings(way)
    state = state_contract(f"{way}/СвАктСдПр/ОсновСтроит")
    found: list[Rule] = []
    for code, number_, words_ in (("estimate", "КолСмет", "КолСметТекст"), ("start", "КолСНач", "КолСНачТекст")):
        by_words = whole & state if in_section else whole & state & absent(number_)
        found += switched(
            f"{code}-amount",
            name,
            number_,
            whole & absent(words_),
            f"накопительным итогом нужно {number_}",
            f"{number_} {only}, вместо {words_}",
        )
        found += switched(
            f"{code}-words",
            name,
            words_,
            by_words,
            f"у государственного контракта накопительным итогом нужно {words_}",
            f"{words_} бывает только у государственного контракта накопительным итогом",
        )
    return tuple(found)


def _not_in_resources() -> tuple[Rule, ...]:
    kept = {"НомСтр", "НомПоз", "НаимТов", "ЦенаТов", "СтПоСметеБезНДС", "КоэфПересч", "СтТовБезНДС", "ИнфПолФХЖ2"}
    names = [f"@{attribute.name}" for attribute in LINE.attributes]
    names += ["УчОшИНовОбстСт", "НалСтПостр", "НалСтВИтог", "КолСмет", "КолСметТекст", "КолТов", "КолТовТекст"]
    names += ["КолСНач", "КолСНачТекст", "УчОшИНовОбстКол", "СумНал", "СвПрослежСтройка", "ДопПолеСтрИнф"]
    return tuple(
        rule(
            f"resource-alien-{number}",
            name,
            f"элемент РасшифРес — {name.lstrip('@')} здесь не бывает",
            when=ALWAYS,
            then=absent(name),
        )
        for number, name in enumerate(names, start=1)
        if name.lstrip("@") not in kept
    )


_FAULT: Final = "раздел накопительным итогом с налогом по строкам официальная схема не принимает ни в каком виде"


def _section_rules() -> tuple[Rule, ...]:
    whole, only, taxes = _settings("../..")
    both = whole & taxes(0)
    state = state_contract("../../СвАктСдПр/ОсновСтроит")
    rows = "бывает только с налогом по строкам"
    found: list[Rule] = []
    for code, about, when, alien in (
        ("estimate", "@СтБезНДСРаздСмет", whole, only),
        ("estimate-gross", "@СтСНДСРаздСмет", both, rows),
        ("gross", "@СтСНДСРаздОтч", taxes(0), rows),
        ("since-start", "@СтБезНДСРаздСНач", whole, only),
        ("since-start-gross", "@СтСНДСРаздСНач", both, rows),
        ("estimate-dash", "ПрочеркНалСмет", taxes(0), rows),
        ("since-start-dash", "ПрочеркНалСНач", taxes(0), rows),
    ):
        name = about.lstrip("@")
        found += switched(f"section-{code}", "Раздел", about, when, f"нужен {name}", f"{name} {alien}")
    return (
        *found,
        # the official rule asks for attributes that are elements: it can never be met
        rule("section-schema-fault", ".", f"элемент Раздел — {_FAULT}", when=both, then=NEVER),
        rule(
            "section-tax",
            "ПрочеркНалОтч",
            "элемент Раздел — с налогом по строкам нужен налог за период или прочерк",
            when=taxes(0) & absent("СумНалРаздОтч"),
            then=present("ПрочеркНалОтч"),
        ),
        rule(
            "section-tax-alien",
            "СумНалРаздОтч",
            f"элемент Раздел — СумНалРаздОтч {rows}",
            when=~taxes(0),
            then=absent("СумНалРаздОтч"),
        ),
        rule(
            "section-tax-dash-alien",
            "ПрочеркНалОтч",
            f"элемент Раздел — ПрочеркНалОтч {rows}",
            when=~taxes(0),
            then=absent("ПрочеркНалОтч"),
        ),
        *for_state("Раздел", state),
    )


_LINE_IN_SECTION: Final = some(
    "СвВидРаб",
    LINE,
    "строка раздела",
    *_line_rules("СвВидРаб", "../../.."),
    *_amount_rules("СвВидРаб", "../../..", in_section=True),
)

_DASH: Final = words("-")
SECTION: Final = block(
    _LINE_IN_SECTION,
    choice(
        maybe("СумНалРаздСмет", MONEY_NOT_NEGATIVE, "налог раздела по смете"),
        maybe("ПрочеркНалСмет", _DASH, "прочерк вместо налога по смете"),
    ),
    choice(
        maybe("СумНалРаздОтч", MONEY_NOT_NEGATIVE, "налог раздела за период"),
        maybe("ПрочеркНалОтч", _DASH, "прочерк вместо налога за период"),
    ),
    choice(
        maybe("СумНалРаздСНач", MONEY_NOT_NEGATIVE, "налог раздела с начала"),
        maybe("ПрочеркНалСНач", _DASH, "прочерк вместо налога с начала"),
    ),
    many("ИнфПолРазд", INFORMATION, "дополнительные поля раздела"),
    EXTENSION,
    may("НомСтр", _ORDINAL, "номер строки"),
    may("ПозРаздСмет", T100, "раздел сметы"),
    may("НомРазд", _ORDINAL, "номер раздела"),
    need("НаимРаздел", T500, "раздел"),
    may("СтБезНДСРаздСмет", MONEY_NOT_NEGATIVE, "по смете без налога"),
    may("СтСНДСРаздСмет", MONEY_NOT_NEGATIVE, "по смете с налогом"),
    need("СтБезНДСРаздОтч", MONEY_NOT_NEGATIVE, "за период без налога"),
    may("СтСНДСРаздОтч", MONEY_NOT_NEGATIVE, "за период с налогом"),
    may("СтБезНДСРаздСНач", MONEY_NOT_NEGATIVE, "с начала без налога"),
    may("СтСНДСРаздСНач", MONEY_NOT_NEGATIVE, "с начала с налогом"),
)

_LIST: Final = block(
    in_order(
        many(
            "ВидРаб",
            LINE,
            "строка",
            *_line_rules("ВидРаб", "../.."),
            *_amount_rules("ВидРаб", "../..", in_section=False),
        ),
        many("Раздел", SECTION, "раздел", *_section_rules()),
        many(
            "РасшифРес",
            LINE,
            "расчёт стоимости",
            *_not_in_resources(),
            wanted("index", "РасшифРес", "@КоэфПересч", ALWAYS, "без исключений"),
        ),
    ),
    EXTENSION,
)

WORKS: Final = some(
    "НаимИСт",
    _LIST,
    "работы",
    *for_state("НаимИСт", state_contract("../СвАктСдПр/ОсновСтроит")),
    *(
        rule(
            f"only-resources-{number}",
            about,
            f"элемент НаимИСт — вместе с РасшифРес не бывает {about}",
            when=present("РасшифРес"),
            then=absent(about),
        )
        for number, about in enumerate(("ВидРаб", "Раздел"), start=1)
    ),
    rule(
        "works",
        "ВидРаб",
        "элемент НаимИСт — нужны работы: ВидРаб, Раздел или РасшифРес",
        when=absent("РасшифРес") & absent("Раздел"),
        then=present("ВидРаб"),
    ),
)
