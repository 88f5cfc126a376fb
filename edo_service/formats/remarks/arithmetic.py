"""How remarks on sums read money and word what is off."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.engine.checker import path_of
from edo_service.formats.engine.conditions import first, number
from edo_service.formats.engine.source import line_of
from edo_service.formats.findings import Finding

KOPECK: Final = Decimal("0.01")
ZERO: Final = Decimal(0)


def money(element: etree._Element, path: str) -> Decimal | None:
    """The number at a path; None when there is none."""
    text = first(element, path)
    return None if text is None else number(text)


def told(element: etree._Element, path: str) -> Decimal:
    """The number at a path, zero when it is not told."""
    return money(element, path) or ZERO


def total(elements: Iterable[etree._Element], path: str) -> Decimal | None:
    """The sum over elements; None when one of them tells none."""
    found = [money(element, path) for element in elements]
    known = [part for part in found if part is not None]
    return sum(known, ZERO) if len(known) == len(found) else None


def rounding(price: Decimal, quantity: Decimal) -> Decimal:
    """What may honestly lie between a sum and price by quantity.

    The price itself was rounded: half of its last digit, taken `quantity` times, is honest.
    """
    exponent = price.as_tuple().exponent
    return max(KOPECK, abs(quantity) * Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) / 2)


def off(element: etree._Element, path: str, rule: str, what: str) -> Finding:
    """A remark: `path` under the element is not what the arithmetic says."""
    name = path.rsplit("/", 1)[-1]
    noun = "атрибут" if name.startswith("@") else "элемент"
    return Finding(
        path=f"{path_of(element)}/{path}",
        line=line_of(element),
        rule=f"sum.{rule}",
        message_ru=f"{noun} {name.lstrip('@')} — {what}",
    )


def by_lines(owner: etree._Element, path: str, rule: str, expected: Decimal | None) -> Finding | None:
    """A remark when the stated total is not what its lines give; None when it is, or either is not told."""
    stated = money(owner, path)
    if stated is None or expected is None or stated == expected:
        return None
    return off(owner, path, rule, f"{stated}, а строки дают {expected}")
