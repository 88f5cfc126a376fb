"""Findings beside the fields they concern: the element as it stands in the file, each of its values with what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from edo_service.formats.checking import declaration_of, detect
from edo_service.formats.engine.model import Block, Element, Value
from edo_service.formats.engine.source import line_of, local, parse, text_of
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import Finding
from edo_service.formats.vocabulary import word_of

MOST_PLACES: Final = 100
_LONG: Final = 200
_STEP: Final = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, kw_only=True)
class MarkedValue:
    """A value of an element: its XML name («@ИННЮЛ»), what people call it, what it says (None: it is not there)."""

    name: str
    label_ru: str
    value: str | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MarkedPlace:
    """An element with findings. `way_ru` are the Russian words from the document down to it, the last its own.

    `path` is numbered as in findings, and so are the words of repeated elements («строка таблицы 2»). `findings` are
    about the element as a whole.
    """

    path: str
    line: int | None
    way_ru: tuple[str, ...]
    values: tuple[MarkedValue, ...]
    findings: tuple[Finding, ...] = ()


def beside(xml: bytes, findings: Iterable[Finding]) -> tuple[MarkedPlace, ...]:
    """The places of the findings in their order, at most a hundred; () for what is no XML of a known kind."""
    kind = detect(xml)
    declaration = declaration_of(kind) if kind is not None else None
    try:
        root = parse(xml)
    except FormatError:
        return ()
    if kind is None:
        return ()
    found: dict[str, _Place] = {}
    for finding in findings:
        place = _locate(root, declaration.root if declaration is not None else None, finding.path)
        kept = found.setdefault(place.path, place)
        kept.take(finding, place.rest)
    return tuple(place.told() for place in list(found.values())[:MOST_PLACES])


class _Place:
    """An element of the file that findings are about, and what the path says below it."""

    def __init__(self, element: etree._Element, known: Element | None, way: tuple[str, ...], path: str) -> None:
        self.element, self.known, self.way, self.path = element, known, way, path
        self.rest = ""
        self.whole: list[Finding] = []
        self.parts: dict[str, list[Finding]] = {}

    def take(self, finding: Finding, rest: str) -> None:
        if rest:
            self.parts.setdefault(rest, []).append(finding)
        else:
            self.whole.append(finding)

    def told(self) -> MarkedPlace:
        values = [
            (f"@{local(str(name))}", str(value))
            for name, value in self.element.attrib.items()
            if not str(name).startswith("{")
        ]
        text = text_of(self.element).strip()
        if text:
            values.append((".", text))
        shown = [
            MarkedValue(
                name=name,
                label_ru=self._label(name),
                value=value if len(value) <= _LONG else f"{value[:_LONG]}…",
                findings=tuple(self.parts.get(name, ())),
            )
            for name, value in values
        ]
        there = {name for name, _ in values}
        shown += [
            MarkedValue(name=name, label_ru=self._label(name), value=None, findings=tuple(findings))
            for name, findings in self.parts.items()
            if name not in there
        ]
        return MarkedPlace(
            path=self.path,
            line=line_of(self.element),
            way_ru=self.way,
            values=tuple(shown),
            findings=tuple(self.whole),
        )

    def _label(self, name: str) -> str:
        if name == ".":
            return self.way[-1]
        block = self.known.type if self.known is not None and isinstance(self.known.type, Block) else None
        if block is None:
            return word_of(name)
        known = block.attribute(name[1:]) if name.startswith("@") else block.element(name)
        return known.label if known is not None else word_of(name)


def _locate(root: etree._Element, declared: Element | None, path: str) -> _Place:
    """The deepest element of a path that is in the file; what is not there stays as the rest."""
    here, known = root, declared
    way: tuple[str, ...] = (_name_of(root, known),)
    steps = [step for step in path.split("/") if step][1:]
    taken = [local(str(root.tag))]
    for step in steps:
        if step.startswith("@"):
            return _made(here, known, way, taken, step)
        child = _child(here, step)
        if child is None:
            return _made(here, known, way, taken, step.split("[", 1)[0])
        block = known.type if known is not None and isinstance(known.type, Block) else None
        known = block.element(local(str(child.tag))) if block is not None else None
        here = child
        number = step.partition("[")[2].rstrip("]")
        way = (*way, f"{_name_of(child, known)} {number}".strip())
        taken.append(step)
    plain = known is not None and isinstance(known.type, Value)
    return _made(here, known, way, taken, "." if plain else "")


def _made(element: etree._Element, known: Element | None, way: tuple[str, ...], taken: list[str], rest: str) -> _Place:
    place = _Place(element, known, way, "/" + "/".join(taken))
    place.rest = rest
    return place


def _child(element: etree._Element, step: str) -> etree._Element | None:
    named = _STEP.fullmatch(step)
    if named is None:
        return None
    name, number = named[1], int(named[2] or 1)
    same = (child for child in element.iterchildren(etree.Element) if local(str(child.tag)) == name)
    return next((child for place, child in enumerate(same, start=1) if place == number), None)


def _name_of(element: etree._Element, known: Element | None) -> str:
    return known.label if known is not None else word_of(local(str(element.tag)))
