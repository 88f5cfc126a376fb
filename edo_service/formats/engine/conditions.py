"""A small language of conditions over an element: presence, equality, comparison, and, or, not.

Paths are relative: child names, `..`, and `@name` as the last step. A comparison holds when any of the found values
satisfies it (nothing found: it does not hold), as in XPath 1.0, in which the rules of the official schemas are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
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


@dataclass(frozen=True)
class _Way:
    """A path made ready: so many floors up, then down by these names, then perhaps to an attribute."""

    up: int
    down: tuple[str, ...]
    attribute: str | None


@lru_cache(maxsize=4096)
def _way(path: str) -> _Way:
    steps = path.split("/")
    attribute = steps.pop()[1:] if steps[-1].startswith("@") else None
    up = sum(step == ".." for step in steps)
    return _Way(up, tuple(steps[up:]), attribute)


def values(element: etree._Element, path: str) -> Iterator[str]:
    """All values at a relative path: of an attribute when the last step begins with @, else the texts of elements."""
    way = _way(path)
    for found in _down(element, way):
        if way.attribute is None:
            yield text_of(found)
        else:
            value = found.get(way.attribute)
            if value is not None:
                yield value


def first(element: etree._Element, path: str) -> str | None:
    """The first value at a path or None."""
    way = _way(path)
    if way.attribute is not None and not way.down and not way.up:
        return element.get(way.attribute)
    return next(values(element, path), None)


def elements(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """All elements at a relative path."""
    yield from _down(element, _way(path))


def _down(element: etree._Element, way: _Way) -> Iterable[etree._Element]:
    """The elements to which a way leads, in document order."""
    for _ in range(way.up):
        parent = element.getparent()
        if parent is None:
            return ()
        element = parent
    if not way.down:
        return (element,)
    if len(way.down) == 1:
        return element.iterchildren(way.down[0])
    found = [element]
    for step in way.down:
        found = [child for parent in found for child in parent.iterchildren(step)]
    return found


def _is_there(way: _Way) -> Callable[[etree._Element], bool]:
    """Whether a way leads to anything."""
    name = way.attribute
    if name is None:
        return lambda element: next(iter(_down(element, way)), None) is not None
    if not way.down and not way.up:
        return lambda element: element.get(name) is not None
    return lambda element: any(found.get(name) is not None for found in _down(element, way))


ALWAYS = Condition(lambda _: True)
NEVER = Condition(lambda _: False)


def present(path: str) -> Condition:
    """Something is found at the path."""
    return Condition(_is_there(_way(path)))


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
