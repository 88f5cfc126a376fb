"""Every declaration says what the official schema says: names, order, occurrence, facets. Compared node by node."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.model import Block, Choice, Element, Value, elements_of
from edo_service.formats.engine.values import faults
from tests.formats.judge import OFFICIAL, declared

XS = "{http://www.w3.org/2001/XMLSchema}"
NUMBERS = {"xs:decimal": "decimal", "xs:integer": "integer"}


class Official:
    """A schema document read as trees comparable with ours."""

    def __init__(self, path: str) -> None:
        self.root = etree.parse(path).getroot()
        self.named = {e.get("name"): e for e in self.root if e.tag in {f"{XS}complexType", f"{XS}simpleType"}}

    def type_of(self, node: etree._Element) -> etree._Element | str:
        name = node.get("type")
        if name is not None:
            return self.named.get(name, name)
        return next(child for child in node if child.tag in {f"{XS}complexType", f"{XS}simpleType"})

    def facets(self, type_: etree._Element | str) -> dict[str, Any]:
        collected = {"base": "xs:string", "pattern": [], "enumeration": []}
        chain = []
        while not isinstance(type_, str):
            restriction = type_.find(f"{XS}restriction")
            chain.append(restriction)
            type_ = self.named.get(restriction.get("base"), restriction.get("base"))
        collected["base"] = type_
        for restriction in reversed(chain):
            own_patterns = [facet.get("value") for facet in restriction if facet.tag == f"{XS}pattern"]
            own_choices = [facet.get("value") for facet in restriction if facet.tag == f"{XS}enumeration"]
            collected["pattern"] = own_patterns or collected["pattern"]
            collected["enumeration"] = own_choices or collected["enumeration"]
            for facet in restriction:
                if isinstance(facet.tag, str) and facet.tag not in {f"{XS}pattern", f"{XS}enumeration"}:
                    collected[facet.tag.removeprefix(XS)] = facet.get("value")
        return collected


def occurrence(node: etree._Element) -> tuple[int, int | None]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most)


def compare_value(official: Official, type_: etree._Element | str, value: Value, path: str) -> None:
    facets = official.facets(type_)
    kind = NUMBERS.get(facets["base"], "text")
    if value.kind == "isodate":
        assert facets["base"] == "xs:date", path
        return
    if value.kind in {"date", "time"}:
        assert facets["pattern"], path
        return
    assert value.kind == kind, path
    assert set(value.choices) == set(facets["enumeration"]), path
    if value.choices:
        return
    if kind == "text":
        length = facets.get("length")
        low, high = (length, length) if length else (facets.get("minLength"), facets.get("maxLength"))
        assert (value.min_length or 0) == int(low or 0), f"{path}: shortest"
        assert value.max_length == (None if high is None else int(high)), f"{path}: longest"
        assert bool(value.patterns) == bool(facets["pattern"]), f"{path}: pattern {facets['pattern']}"
        return
    total, fraction = facets.get("totalDigits"), facets.get("fractionDigits")
    assert value.total_digits == (None if total is None else int(total)), path
    assert value.fraction_digits == (None if fraction is None else int(fraction)), path
    for ours, theirs in ((value.at_least, "minInclusive"), (value.more_than, "minExclusive")):
        stated = facets.get(theirs)
        assert ours == (None if stated is None else Decimal(stated)), f"{path}: {theirs}"


def compare_particle(official: Official, node: etree._Element, ours: Block | Value, path: str, seen: list[str]) -> None:
    if node.tag == f"{XS}element":
        assert isinstance(ours, Element), f"{path}: {node.get('name')}"
        assert ours.name == node.get("name"), path
        assert (ours.least, ours.most) == occurrence(node), f"{path}/{ours.name}"
        compare_type(official, official.type_of(node), ours.type, f"{path}/{ours.name}", seen)
        return
    parts = [child for child in node if isinstance(child.tag, str) and child.tag != f"{XS}annotation"]
    assert isinstance(ours, Choice) == (node.tag == f"{XS}choice"), path
    assert (ours.least, ours.most) == occurrence(node), path
    assert len(parts) == len(ours.parts), f"{path}: {[part.get('name') for part in parts]}"
    for part, our_part in zip(parts, ours.parts, strict=True):
        compare_particle(official, part, our_part, path, seen)


def compare_type(
    official: Official, type_: etree._Element | str, ours: Block | Value, path: str, seen: list[str]
) -> None:
    seen.append(path)
    if isinstance(ours, Value):
        compare_value(official, type_, ours, path)
        return
    assert type_.tag == f"{XS}complexType", path
    if ours.text is not None:
        type_ = type_.find(f"{XS}simpleContent/{XS}extension")
        assert (ours.text.kind, ours.text.min_length, ours.text.max_length) == ("text", None, None), path
    groups = [child for child in type_ if child.tag in {f"{XS}sequence", f"{XS}choice"}]
    if groups:
        top = ours.content
        if groups[0].tag == f"{XS}choice":
            assert len(top.parts) == 1, path
            compare_particle(official, groups[0], top.parts[0], path, seen)
        elif ours.anything:
            (free,) = groups[0]
            assert (free.tag, occurrence(free)) == (f"{XS}any", (1, None)), path
        else:
            compare_particle(official, groups[0], top, path, seen)
    else:
        assert not ours.content.parts, path
    attributes = {node.get("name"): node for node in type_.findall(f"{XS}attribute")}
    assert [a.name for a in ours.attributes] == list(attributes), path
    for attribute in ours.attributes:
        node = attributes[attribute.name]
        seen.append(f"{path}/@{attribute.name}")
        assert attribute.required == (node.get("use") == "required"), f"{path}/@{attribute.name}"
        compare_value(official, official.type_of(node), attribute.value, f"{path}/@{attribute.name}")


@pytest.mark.parametrize("code", OFFICIAL)
def test_declaration_states_what_the_official_schema_states(code: str, shared_data: Path) -> None:
    official = Official(shared_data / "formats" / "xsd" / OFFICIAL[code])
    declaration = declared(code)
    seen: list[str] = []
    node = official.root.find(f"{XS}element")
    assert node.get("name") == declaration.root.name
    compare_type(official, official.type_of(node), declaration.root.type, f"/{declaration.root.name}", seen)
    print(f"{code}: {len(seen)} elements and attributes compared")
    assert len(seen) > 20


def _values(type_: Block | Value, seen: set[int]) -> Iterator[Value]:
    if isinstance(type_, Value):
        yield type_
        return
    if id(type_) in seen:
        return
    seen.add(id(type_))
    for attribute in type_.attributes:
        yield attribute.value
    stack = list(type_.content.parts)
    while stack:
        part = stack.pop()
        if isinstance(part, Element):
            yield from _values(part.type, seen)
        else:
            stack.extend(part.parts)


def all_labels(element: Element) -> Iterator[str]:
    yield element.label
    if isinstance(element.type, Block):
        for attribute in element.type.attributes:
            yield attribute.label
        for child in elements_of(element.type.content):
            yield from all_labels(child)


def test_every_place_has_a_short_label() -> None:
    for declaration in DECLARATIONS.values():
        for label in all_labels(declaration.root):
            assert 0 < len(label) <= 60, label


def test_an_empty_text_breaks_every_value_that_has_a_least_length() -> None:
    checked = 0
    for declaration in DECLARATIONS.values():
        for value in _values(declaration.root.type, set()):
            if value.min_length and value.kind == "text":
                assert list(faults("", value))
                checked += 1
    assert checked > 100


def test_labels_are_not_taken_from_the_schemas(shared_data: Path) -> None:
    """Nothing is copied: no label of several words is a sentence of the official file."""
    theirs: set[str] = set()
    for path in OFFICIAL.values():
        for node in etree.parse(shared_data / "formats" / "xsd" / path).iter(f"{XS}documentation"):
            theirs.add(" ".join((node.text or "").split()).lower())
    assert len(theirs) > 200
    taken = {label.lower() for d in DECLARATIONS.values() for label in all_labels(d.root)} & theirs
    assert {label for label in taken if len(label) > 30} == set()
