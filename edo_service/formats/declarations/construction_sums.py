"""Settlements and totals of акт КС-2. Order ЕД-7-26/691@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.construction_common import (
    EXTENSION,
    IDENTIFIED,
    INFORMATION,
    state_contract,
    switched,
    wanted,
)
from edo_service.formats.declarations.construction_lines import TAX_RATES
from edo_service.formats.declarations.values import MONEY, T255, text, words
from edo_service.formats.engine.conditions import Condition, above, absent, among, differs, equals, present
from edo_service.formats.engine.model import Element, Rule, block, choice, many, may, maybe, need, one, rule

_BASE: Final = "СвАктСдПр/ОсновСтроит"
CLAIM: Final = words("01", "02", "03", "04", "05")
DEDUCTION: Final = words("31", "32", "33", "34", "35", "36")


_CLAIM_OR_DEDUCTION: Final = block(
    choice(one("ВидТреб", CLAIM, "вид требования"), one("ВидУдерж", DEDUCTION, "вид удержания")),
    choice(maybe("ИнВидТреб", T255, "иное требование"), maybe("ИнВидУдерж", T255, "иное удержание")),
    maybe("ДокПодтСумУд", IDENTIFIED, "подтверждающий документ"),
    need("СумТребУдерж", MONEY, "сумма"),
)


def _settlement_rules(name: str) -> tuple[Rule, ...]:
    state, several = state_contract(f"../../{_BASE}"), equals(f"../../{_BASE}/@ПрНескОбъект", 1)
    several_ru = f"элемент {name} — такой вид бывает только при нескольких объектах"
    state_ru = f"элемент {name} — такой вид при государственном контракте не бывает"
    return (
        rule("claim-several", "ВидТреб", several_ru, when=among("ВидТреб", "04"), then=several),
        rule("claim-state", "ВидТреб", state_ru, when=state & present("ВидТреб"), then=among("ВидТреб", "05")),
        rule("deduction-several", "ВидУдерж", several_ru, when=among("ВидУдерж", "36"), then=several),
        rule(
            "deduction-state",
            "ВидУдерж",
            state_ru,
            when=state & present("ВидУдерж"),
            then=among("ВидУдерж", "31", "33"),
        ),
        *switched(
            "other-claim",
            name,
            "ИнВидТреб",
            among("ВидТреб", "05"),
            "при ВидТреб=05 нужен ИнВидТреб",
            "ИнВидТреб бывает только при ВидТреб=05",
        ),
        *switched(
            "other-deduction",
            name,
            "ИнВидУдерж",
            among("ВидУдерж", "36"),
            "при ВидУдерж=36 нужен ИнВидУдерж",
            "ИнВидУдерж бывает только при ВидУдерж=36",
        ),
        rule(
            "deduction-paper",
            "ДокПодтСумУд",
            f"элемент {name} — при ВидУдерж=31 и государственном контракте документа не бывает",
            when=state & among("ВидУдерж", "31"),
            then=absent("ДокПодтСумУд"),
        ),
    )


SETTLEMENTS: Final = block(
    one("УчетТребУдерж", _CLAIM_OR_DEDUCTION, "за период", *_settlement_rules("УчетТребУдерж")),
    maybe("УчетТребУдержСНач", _CLAIM_OR_DEDUCTION, "с начала", *_settlement_rules("УчетТребУдержСНач")),
    many("ИнфПолСвОРасч", INFORMATION, "дополнительные поля расчётов"),
    EXTENSION,
    may("ВсегоКОплатОтч", MONEY, "к оплате за период"),
    may("ВсегоКОплатеСНач", MONEY, "к оплате с начала"),
    need("СумУдержВсегоОтч", MONEY, "удержания за период"),
    may("СумУдержВсегоСНач", MONEY, "удержания с начала"),
    need("СумТребВсегоОтч", MONEY, "требования за период"),
    may("СумТребВсегоСНач", MONEY, "требования с начала"),
)

_BY_RATE: Final = block(
    choice(
        one("СумНДС", MONEY, "сумма налога"),
        one("НеобНДС", words("без НДС"), "без налога"),
        one("НДСНалАг", words("-"), "налог считает агент"),
    ),
    many("НомПозСт", text(10), "номер позиции"),
    need("НалСт", words(*TAX_RATES), "налоговая ставка"),
    need("НалБаза", MONEY, "налоговая база"),
)


def _rate(code: str, about: str, *rates: str) -> tuple[Rule, ...]:
    needed, alien = f"при этой ставке нужен {about}", f"при этой ставке {about} не бывает"
    return switched(f"rate-{code}", "СумПоСтавке", about, among("@НалСт", *rates), needed, alien)


_BY_RATE_RULES: Final = (
    *_rate("tax", "СумНДС", "0%", "10%", "20%"),
    *_rate("exempt", "НеобНДС", "без НДС"),
    *_rate("agent", "НДСНалАг", "НДС исчисляется налоговым агентом"),
    *_rate("positions", "НомПозСт", *(rate for rate in TAX_RATES if rate != "20%")),
)


def total(name: str, label: str, *, needed: bool) -> Element:
    """The sums of the act for the period or since the start."""
    foreign: Condition = differs("../СвАктСдПр/@КодОКВДог", 643)
    body = block(
        choice(one("СумНалВсего", MONEY, "налог всего"), one("ОтсСумНДС", words("-"), "прочерк вместо налога")),
        many("СумПоСтавке", _BY_RATE, "налог по ставке", *_BY_RATE_RULES),
        need("СтТовБезНДСВсего", MONEY, "всего без налога"),
        may("СтТовУчНалВсего", MONEY, "всего с налогом"),
        may("СтУчНалВсВалДог", MONEY, "всего в валюте договора"),
        may("СумНалВсВалДог", MONEY, "налог в валюте договора"),
    )
    taxed = foreign & above("СумНалВсего", 0)
    rules = (
        wanted("currency-gross", name, "@СтУчНалВсВалДог", foreign, "договор не в рублях"),
        wanted("currency-tax", name, "@СумНалВсВалДог", taxed, "договор не в рублях"),
        wanted("rates", name, "СумПоСтавке", equals("../НастрФормДок/@ПрНДСВИтог", 1), "налог только в итоге"),
    )
    return Element(name=name, type=body, label=label, least=1 if needed else 0, rules=rules)
