"""A small language of conditions over an element: presence, equality, comparison, and, or, not.

Paths are relative: child names, `..`, and `@name` as the last step. A comparison holds when any of the found values
satisfies it (nothing found: it does not hold), as in XPath 1.0, in which the rules of the official schemas are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from lxml import etree

from edo_service.formats.engine.source import text_of


@dataclass(frozen=True)
class Condition:
    """A test of an element; combine with `&`, `|` and `~`."""

    test: Callable[[etree._Element], bool]

    def __and__(self, other: Condition) -> Condition:
        return Condition(lambda element: self.test(element) and other.test(element))

    def __or__(self, other: Condition) -> Condition:
        return Condition(lambda element: self.test(element) or other.test(element))

    def __invert__(self) -> Condition:
        return Condition(lambda element: not self.test(element))


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def values(element: etree._Element, path: str) -> Iterator[str]:
    """All values at a relative path: of an attribute when the last step begins with @, else the texts of elements."""
    for found in _walk(element, _steps(path)):
        yield found if isinstance(found, str) else text_of(found)


def first(element: etree._Element, path: str) -> str | None:
    """The first value at a path or None."""
    return next(values(element, path), None)


def elements(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """All elements at a relative path."""
    for found in _walk(element, _steps(path)):
        if not isinstance(found, str):
            yield found


def _walk(element: etree._Element, steps: tuple[str, ...]) -> Iterator[etree._Element | str]:
    if not steps:
        yield element
        return
    step, rest = steps[0], steps[1:]
    if step == "..":
        parent = element.getparent()
        if parent is not None:
            yield from _walk(parent, rest)
    elif step.startswith("@"):
        value = element.get(step[1:])
        if value is not None:
            yield value
    else:
        for child in element.iterchildren(step):
            yield from _walk(child, rest)


ALWAYS = Condition(lambda _: True)
NEVER = Condition(lambda _: False)


def present(path: str) -> Condition:
    """Something is found at the path."""
    return Condition(lambda element: next(_walk(element, _steps(path)), None) is not None)


def absent(path: str) -> Condition:
    """Nothing is found at the path."""
    return ~present(path)


def among(path: str, *texts: str) -> Condition:
    """A value at the path is one of these texts."""
    allowed = frozenset(texts)
    return Condition(lambda element: any(value in allowed for value in values(element, path)))


def unlike(path: str, text: str) -> Condition:
    """A value stands at the path and is not this text."""
    return Condition(lambda element: any(value != text for value in values(element, path)))


_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def number(text: str) -> Decimal | None:
    """The number a text stands for by XPath 1.0 (no plus sign, no exponent); None when it is none."""
    stripped = text.strip(" \t\r\n")
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None


def equals(path: str, wanted: int) -> Condition:
    """A value at the path is this number."""
    return Condition(lambda element: any(number(value) == wanted for value in values(element, path)))


def differs(path: str, wanted: int) -> Condition:
    """A value stands at the path and is not this number (no number at all differs too)."""
    return Condition(lambda element: any(number(value) != wanted for value in values(element, path)))


def above(path: str, limit: int) -> Condition:
    """A value at the path is a number greater than the limit."""
    return Condition(
        lambda element: any((found := number(value)) is not None and found > limit for value in values(element, path))
    )
