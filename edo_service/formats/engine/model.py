"""The words of a declaration: values with facets, attributes, elements, sequences, choices and rules.

A declaration states what an order of ФНС demands of a file; the functions at the end are the notation in which it is
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from lxml import etree

from edo_service.formats.engine.conditions import Condition
from edo_service.formats.findings import Finding

UNBOUNDED: None = None
ValueKind = Literal["text", "integer", "decimal", "date", "time", "isodate"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Value:
    """A simple value: its kind and the facets that limit it.

    `patterns` are alternatives (one must match the whole text), `choices` the closed list, digits and limits are for
    numbers. A date is between the years `since` and `until`; a `loose` one knows 29.02 in every year (formats before
    2019). A time with `colon` is ЧЧ:ММ:СС, else ЧЧ.ММ.СС. `hint_ru` says to people what is expected («10 цифр»),
    `meanings` what the codes of a closed list mean.
    """

    kind: ValueKind = "text"
    min_length: int | None = None
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    total_digits: int | None = None
    fraction_digits: int | None = None
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    loose: bool = False
    since: int = 1900
    until: int = 2099
    colon: bool = False
    hint_ru: str | None = None
    meanings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribute:
    """An attribute of an element."""

    name: str
    value: Value
    required: bool
    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """A condition on the place where it stands, beyond what types can say.

    When `when` holds, `then` must hold. `about` is the relative path the finding names, `text_ru` says what is wrong.
    A rule with `fault_of_schema` is a known mistake of the official schema: breaking it is a remark, not a violation.
    """

    code: str
    when: Condition
    then: Condition
    about: str
    text_ru: str
    fault_of_schema: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """A complex type: particles in their order, attributes in their order.

    In an `anything` block stand one or more elements of any name, which nobody checks (xs:any, skipped). A block with
    `text` has no children but a text beside its attributes.
    """

    content: Sequence
    attributes: tuple[Attribute, ...]
    anything: bool = False
    text: Value | None = None

    @cached_property
    def attribute_names(self) -> dict[str, Attribute]:
        """The attributes by their names."""
        return {attribute.name: attribute for attribute in self.attributes}

    @cached_property
    def required(self) -> tuple[Attribute, ...]:
        """The attributes that must stand here."""
        return tuple(attribute for attribute in self.attributes if attribute.required)

    @cached_property
    def element_names(self) -> dict[str, Element]:
        """The child elements by their names, the first declared of each name."""
        return {element.name: element for element in reversed(list(elements_of(self.content)))}

    @cached_property
    def counted(self) -> tuple[Element, ...]:
        """The child elements that may be repeated up to a number."""
        return tuple(child for child in self.element_names.values() if child.most is not None and child.most > 1)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute with this name, if it is declared here."""
        return self.attribute_names.get(name)

    def element(self, name: str) -> Element | None:
        """The child element with this name, if it is declared here."""
        return self.element_names.get(name)


@dataclass(frozen=True, kw_only=True, eq=False)
class Element:
    """A child element; `most` None means any number."""

    name: str
    type: Block | Value
    label: str
    least: int = 1
    most: int | None = 1
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Sequence:
    """Particles that follow each other."""

    parts: tuple[Particle, ...]
    least: int = 1
    most: int | None = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """Particles of which one is taken."""

    parts: tuple[Particle, ...]
    least: int = 1
    most: int | None = 1


Particle = Element | Sequence | Choice
Remark = Callable[[etree._Element], Iterator[Finding]]  # noqa: SLF001  (lxml names its element type so)


@dataclass(frozen=True, kw_only=True, eq=False)
class Declaration:
    """A kind of file in one version: the root element and the remarks that need arithmetic or check digits.

    Where the form has a `namespace`, all its elements stand in it and its encoding is UTF-8; `encoding` says what else
    it is.
    """

    code: str
    version: str
    root: Element
    order: str
    remarks: tuple[Remark, ...] = field(default=())
    namespace: str | None = None
    encoding: str = "windows-1251"


def elements_of(particle: Particle) -> Iterator[Element]:
    """All elements named in a particle, in declared order."""
    if isinstance(particle, Element):
        yield particle
        return
    for part in particle.parts:
        yield from elements_of(part)


def block(*parts: Particle | Attribute) -> Block:
    """A complex type from its particles and attributes, in the order given."""
    particles = tuple(part for part in parts if not isinstance(part, Attribute))
    return Block(
        content=Sequence(parts=particles), attributes=tuple(part for part in parts if isinstance(part, Attribute))
    )


def anything(*attributes: Attribute) -> Block:
    """One or more elements of any name and content, with these attributes on their parent."""
    return Block(content=Sequence(parts=()), attributes=attributes, anything=True)


def labelled(text: Value, *attributes: Attribute) -> Block:
    """A text with attributes."""
    return Block(content=Sequence(parts=()), attributes=attributes, text=text)


def in_order(*parts: Particle) -> Sequence:
    """Particles that follow each other, as a group inside others."""
    return Sequence(parts=parts)


def one(name: str, type_: Block | Value, label: str, *rules: Rule) -> Element:
    """Exactly one element."""
    return Element(name=name, type=type_, label=label, rules=rules)


def maybe(name: str, type_: Block | Value, label: str, *rules: Rule) -> Element:
    """None or one element."""
    return Element(name=name, type=type_, label=label, least=0, rules=rules)


def some(name: str, type_: Block | Value, label: str, *rules: Rule) -> Element:
    """One element or more."""
    return Element(name=name, type=type_, label=label, most=UNBOUNDED, rules=rules)


def many(name: str, type_: Block | Value, label: str, *rules: Rule) -> Element:
    """Any number of elements, none too."""
    return Element(name=name, type=type_, label=label, least=0, most=UNBOUNDED, rules=rules)


def choice(*parts: Particle, least: int = 1, most: int | None = 1) -> Choice:
    """One of the particles."""
    return Choice(parts=parts, least=least, most=most)


def need(name: str, value: Value, label: str) -> Attribute:
    """A required attribute."""
    return Attribute(name=name, value=value, required=True, label=label)


def may(name: str, value: Value, label: str) -> Attribute:
    """An optional attribute."""
    return Attribute(name=name, value=value, required=False, label=label)


def rule(code: str, about: str, text_ru: str, *, when: Condition, then: Condition) -> Rule:
    """A rule of the official schema, see `Rule`."""
    return Rule(code=code, when=when, then=then, about=about, text_ru=text_ru)
