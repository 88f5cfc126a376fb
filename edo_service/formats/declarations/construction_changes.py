"""Changes of earlier periods in a line of акт КС-2. Order ЕД-7-26/691@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.construction_common import IDENTIFIED, switched
from edo_service.formats.declarations.values import QUANTITY_POSITIVE, decimal, text, words
from edo_service.formats.engine.conditions import equals
from edo_service.formats.engine.model import Rule, block, choice, many, may, maybe, one

_MONEY_POSITIVE: Final = decimal(19, 2, more_than=0)

_CHANGE: Final = block(
    choice(
        one("УвелДен", _MONEY_POSITIVE, "увеличение суммы"),
        one("УменьшДен", _MONEY_POSITIVE, "уменьшение суммы"),
    ),
    choice(
        one("УвелКол", QUANTITY_POSITIVE, "увеличение количества"),
        one("УменьшКол", QUANTITY_POSITIVE, "уменьшение количества"),
        one("НетИзмКол", words("без изм"), "количество не менялось"),
    ),
    maybe("ПрДокИзмСНачСтр", IDENTIFIED, "документ об изменении"),
    may("РНПТУвел", text(29), "партия при увеличении"),
    may("РНПТУменьш", text(29), "партия при уменьшении"),
)
CHANGES: Final = block(
    many("ОшибПрПер", _CHANGE, "исправление ошибок"), many("НовОбстПрПер", _CHANGE, "новые обстоятельства")
)


def changes_rules(name: str) -> tuple[Rule, ...]:
    """Corrections and new circumstances stand exactly where the line flags them."""
    return (
        *switched(
            "errors",
            name,
            "ОшибПрПер",
            equals("../@ПрИспрОш", 1),
            "при ПрИспрОш=1 нужны исправления ошибок (ОшибПрПер)",
            "ОшибПрПер бывает только при ПрИспрОш=1",
        ),
        *switched(
            "circumstances",
            name,
            "НовОбстПрПер",
            equals("../@ПрНовОбст", 1),
            "при ПрНовОбст=1 нужны новые обстоятельства (НовОбстПрПер)",
            "НовОбстПрПер бывает только при ПрНовОбст=1",
        ),
    )
