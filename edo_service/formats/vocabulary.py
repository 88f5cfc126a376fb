"""What people call an XML name of ФНС where no declaration tells: as most of the declared formats call it."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import Final

from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.model import Block, Element, elements_of

_RARE: Final = 5  # a label that stands so many times less often than the commonest is not meant


def word_of(name: str) -> str:
    """The Russian label of an element («Подписант») or attribute («@ИННЮЛ»); the name itself when none is known."""
    return _words().get(name, name.removeprefix("@"))


@cache
def _words() -> dict[str, str]:
    """The plainest of the common labels of each name over all declarations: «ИНН», not «ИНН предпринимателя»."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seen: set[int] = set()
    stack: list[Element] = [declaration.root for declaration in DECLARATIONS.values()]
    while stack:
        element = stack.pop()
        found[element.name][element.label] += 1
        if not isinstance(element.type, Block) or id(element.type) in seen:
            continue
        seen.add(id(element.type))
        for attribute in element.type.attributes:
            found[f"@{attribute.name}"][attribute.label] += 1
        stack.extend(elements_of(element.type.content))
    return {name: _plainest(labels) for name, labels in found.items()}


def _plainest(labels: Counter[str]) -> str:
    most = max(labels.values())
    return min((label for label, count in labels.items() if count * _RARE >= most), key=len)
