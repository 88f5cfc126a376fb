"""Dataclasses in our words bound to a declaration: the same field names the place for reading and for writing.

A field is declared with `value`, `moment`, `flag`, `inside`, `each`, `rest`, `one_of` or `as_it_is`; its path is relative to the
element of its class. How a text becomes a Python value follows from the declaration: dates, times, whole numbers,
Decimal, text. Moments are aware datetimes in Moscow time, which the formats mean when they write ДД.ММ.ГГГГ and
ЧЧ.ММ.СС.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Final, Literal, TypeVar, cast

from lxml import etree

from edo_service.formats.engine.model import Block, Element, Value
from edo_service.formats.engine.source import line_of, parse, text_of
from edo_service.formats.engine.tree import Node
from edo_service.formats.engine.values import XML_SPACE, date_text, time_text, to_date, to_time
from edo_service.formats.errors import FormatError

MOSCOW: Final = timezone(timedelta(hours=3), "MSK")
_KEY: Final = "edo_service.formats"
T = TypeVar("T")
How = Literal["value", "moment", "flag", "inside", "each", "rest", "one_of", "as_it_is"]
Variant = type | Enum | None


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where a field stands in the file and what stands there."""

    how: How
    path: str
    second: str = ""
    form: Literal["", "iso", "colon"] = ""
    target: Callable[[str], object] | type | None = None
    variants: Mapping[str, Variant] = dataclasses.field(default_factory=dict)


def _field(binding: Binding, default: object) -> Any:
    metadata = {_KEY: binding}
    if default is MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def value(path: str, *, default: object = MISSING, as_: Callable[[str], object] | None = None) -> Any:
    """One value; `as_` makes it from its text (an Enum, say). «.» is the element's own text."""
    return _field(Binding(how="value", path=path, target=as_), default)


def iso_day(path: str, *, default: object = MISSING) -> Any:
    """A date that the file writes as ГГГГ-ММ-ДД."""
    return _field(Binding(how="value", path=path, form="iso"), default)


def moment(day: str, clock: str, *, colon: bool = False) -> Any:
    """A date attribute and a time attribute as one aware datetime; the time is ЧЧ.ММ.СС or with colons."""
    return _field(Binding(how="moment", path=day, second=clock, form="colon" if colon else ""), MISSING)


def flag(path: str) -> Any:
    """True when the element stands there (its text is «1»)."""
    return _field(Binding(how="flag", path=path), default=False)


def inside(path: str, target: type, *, default: object = MISSING) -> Any:
    """A child element as a dataclass; the first one where it may be repeated."""
    return _field(Binding(how="inside", path=path, target=target), default)


def each(path: str, target: type | None = None) -> Any:
    """All child elements: dataclasses, or texts when there is no target."""
    return _field(Binding(how="each", path=path, target=target), ())


def rest(path: str, target: type) -> Any:
    """The repeated child elements after the first one, which `inside` holds."""
    return _field(Binding(how="rest", path=path, target=target), ())


def one_of(path: str, variants: Mapping[str, Variant], *, many: bool = False, default: object = MISSING) -> Any:
    """A container («.»: this element) with one of several children.

    A variant is a dataclass, an Enum member for an element that only marks a case, or None for a plain value.
    With `many` the container may be repeated and the field is a tuple.
    """
    return _field(
        Binding(how="one_of", path=path, second="many" if many else "", variants=variants), () if many else default
    )


def as_it_is() -> Any:
    """All that stands in this element, as XML text: for blocks where anything may stand. Comments go with their element."""
    return _field(Binding(how="as_it_is", path="."), MISSING)


def bindings(cls: type) -> tuple[tuple[str, Binding], ...]:
    """The bound fields of a dataclass."""
    return _bindings(cast("Hashable", cls))


@cache
def _bindings(cls: Hashable) -> tuple[tuple[str, Binding], ...]:
    return tuple(
        (item.name, item.metadata[_KEY]) for item in dataclasses.fields(cast("type[Any]", cls)) if _KEY in item.metadata
    )


def read(cls: type[T], element: etree._Element, declared: Element) -> T:
    """A dataclass from an element that its declaration accepts.

    Raises FormatError for a date that does not exist (29.02.1900).
    """
    given: dict[str, object] = {}
    for name, binding in bindings(cls):
        found = _read_field(binding, element, declared)
        if found is not MISSING:
            given[name] = found
    return cls(**given)


def _steps(path: str) -> list[str]:
    return [] if path == "." else path.split("/")


def _declared(declared: Element, steps: list[str]) -> Element | Value:
    here = declared
    for step in steps:
        if not isinstance(here.type, Block):
            raise TypeError(f"{here.name} has no children")
        if step.startswith("@"):
            attribute = here.type.attribute(step[1:])
            if attribute is None:
                raise TypeError(f"{here.name} has no {step}")
            return attribute.value
        child = here.type.element(step)
        if child is None:
            raise TypeError(f"{here.name} has no {step}")
        here = child
    return here


@lru_cache(maxsize=8192)
def declared_element(declared: Element, path: str) -> Element:
    """The declaration at a relative element path. Raises TypeError when a binding names what the declaration lacks."""
    found = _declared(declared, _steps(path))
    if isinstance(found, Value):
        raise TypeError(f"{path} is an attribute")
    return found


@lru_cache(maxsize=8192)
def _value_at(declared: Element, path: str) -> Value:
    found = _declared(declared, _steps(path))
    simple = found if isinstance(found, Value) else found.type
    if isinstance(simple, Block):
        raise TypeError(f"{path} holds elements")
    return simple


@lru_cache(maxsize=4096)
def _way(path: str) -> tuple[str, ...]:
    return () if path in {".", ""} else tuple(path.split("/"))


def _find(element: etree._Element, path: str) -> list[etree._Element]:
    found = [element]
    for step in _way(path):
        found = [child for parent in found for child in parent.iterchildren(step)]
    return found


@lru_cache(maxsize=4096)
def _split(path: str) -> tuple[str, str]:
    owner, _, name = path.rpartition("/")
    return owner, name


def _text_at(element: etree._Element, path: str) -> str | None:
    owner, name = _split(path)
    if name.startswith("@"):
        holders = [element] if not owner else _find(element, owner)
        return holders[0].get(name[1:]) if holders else None
    found = _find(element, path)
    return text_of(found[0]) if found else None


def _to_python(text: str, simple: Value, element: etree._Element) -> object:
    try:
        if simple.kind in {"date", "isodate"}:
            return to_date(text)
        if simple.kind == "time":
            return to_time(text)
        if simple.kind == "integer":
            return int(text.strip(XML_SPACE))
        if simple.kind == "decimal":
            return Decimal(text.strip(XML_SPACE))
    except ValueError as error:
        line = line_of(element)
        raise FormatError(f"Строка {line}: такой даты нет: {text}", element=str(element.tag), line=line) from error
    return text


def _read_field(binding: Binding, element: etree._Element, declared: Element) -> object:
    return _READERS[binding.how](binding, element, declared)


def _read_value(binding: Binding, element: etree._Element, declared: Element) -> object:
    text = _text_at(element, binding.path)
    if text is None:
        return MISSING
    if binding.target is not None:
        return binding.target(text)
    return _to_python(text, _value_at(declared, binding.path), element)


def _read_flag(binding: Binding, element: etree._Element, _: Element) -> object:
    return bool(_find(element, binding.path))


def _read_inside(binding: Binding, element: etree._Element, declared: Element) -> object:
    found = _find(element, binding.path)
    return _read_child(binding.target, found[0], declared_element(declared, binding.path)) if found else MISSING


def _read_as_it_is(_: Binding, element: etree._Element, __: Element) -> object:
    children = element.iterchildren(etree.Element)
    return "".join(etree.tostring(child, encoding="unicode", with_tail=False) for child in children)


def _read_many(binding: Binding, element: etree._Element, declared: Element) -> object:
    found = _find(element, binding.path)[1 if binding.how == "rest" else 0 :]
    inner = declared_element(declared, binding.path)
    return tuple(_read_child(binding.target, child, inner) for child in found)


def _read_child(target: Callable[[str], object] | type | None, element: etree._Element, declared: Element) -> object:
    if isinstance(target, type):
        return read(target, element, declared)
    return _to_python(text_of(element), _value_at(declared, "."), element)


def _read_moment(binding: Binding, element: etree._Element, declared: Element) -> object:
    day, clock = _text_at(element, binding.path), _text_at(element, binding.second)
    if day is None or clock is None:
        return MISSING
    date_ = _to_python(day, _value_at(declared, binding.path), element)
    time_ = _to_python(clock, _value_at(declared, binding.second), element)
    if not isinstance(date_, date) or not isinstance(time_, time):
        raise TypeError(f"{binding.path} and {binding.second} are not a moment")
    return datetime.combine(date_, time_, tzinfo=MOSCOW)


def _read_variants(binding: Binding, element: etree._Element, declared: Element) -> object:
    containers = _find(element, binding.path)
    inner = declared_element(declared, binding.path)
    found = [variant for container in containers for variant in _variants_in(binding, container, inner)]
    if binding.second == "many":
        return tuple(found)
    return found[0] if found else MISSING


def _variants_in(binding: Binding, container: etree._Element, declared: Element) -> Iterator[object]:
    for path, variant in binding.variants.items():
        for child in container.findall(path):
            yield (
                variant if isinstance(variant, Enum) else _read_child(variant, child, declared_element(declared, path))
            )


_READERS: Final[dict[How, Callable[[Binding, etree._Element, Element], object]]] = {
    "value": _read_value,
    "moment": _read_moment,
    "flag": _read_flag,
    "inside": _read_inside,
    "each": _read_many,
    "rest": _read_many,
    "one_of": _read_variants,
    "as_it_is": _read_as_it_is,
}


def write(item: Any, node: Node) -> None:
    """Put a dataclass into a node. Raises FormatError for numbers that cannot be written."""
    for name, binding in bindings(type(item)):
        given = getattr(item, name)
        if given is None or given == ():
            continue
        _write_field(binding, given, node)


def _write_field(binding: Binding, given: Any, node: Node) -> None:
    if binding.how == "value":
        _put(node, binding.path, given.isoformat() if binding.form == "iso" else to_text(given))
    elif binding.how == "moment":
        local = _moscow(given)
        _put(node, binding.path, date_text(local.date()))
        clock = time_text(local.time())
        _put(node, binding.second, clock.replace(".", ":") if binding.form == "colon" else clock)
    elif binding.how == "flag":
        if given:
            node.put(binding.path, "1")
    elif binding.how == "as_it_is":
        _write_as_it_is(str(given), node)
    elif binding.how == "one_of":
        for choice in given if binding.second == "many" else (given,):
            _write_variant(binding, choice, _container(binding, node))
    else:
        for child in (given,) if binding.how == "inside" else given:
            _write_child(child, node if binding.path == "." else _new(node, binding.path))


def _write_as_it_is(text: str, node: Node) -> None:
    """XML text as children; raises FormatError where it is no XML, or hostile."""
    for child in parse(f"<{node.name}>{text}</{node.name}>".encode()).iterchildren(etree.Element):
        node.add(str(child.tag)).origin = child


def _container(binding: Binding, node: Node) -> Node:
    """Where a variant stands: in this element, in a new one of several, or in the only one, which others may share."""
    if binding.second == "many":
        return _new(node, binding.path)
    for step in _way(binding.path):
        node = node.child(step)
    return node


def _write_variant(binding: Binding, choice: Any, container: Node) -> None:
    for path, variant in binding.variants.items():
        fits = (
            choice is variant
            if isinstance(variant, Enum)
            else type(choice) is variant
            or (variant is None and not isinstance(choice, Enum) and not dataclasses.is_dataclass(choice))
        )
        if fits:
            _write_child(choice, _new(container, path))
            return
    raise FormatError(f"{container.name}: значение {choice!r} здесь невозможно", element=container.name)


def _write_child(child: Any, node: Node) -> None:
    if dataclasses.is_dataclass(child):
        write(child, node)
    else:
        node.text = to_text(child)


def _new(node: Node, path: str) -> Node:
    *way, last = path.split("/")
    for step in way:
        node = node.child(step)
    return node.add(last)


def _put(node: Node, path: str, text: str) -> None:
    if path == ".":
        node.text = text
    else:
        node.put(path, text)


def _moscow(given: datetime) -> datetime:
    if given.tzinfo is None:
        raise FormatError("Время файла должно быть с часовым поясом")
    return given.astimezone(MOSCOW)


def to_text(given: object) -> str:
    """The text of a value as the formats write it."""
    if isinstance(given, Enum):
        return str(given.value)
    if isinstance(given, Decimal):
        if not given.is_finite():
            raise FormatError(f"Число {given} в файл не записать")
        return f"{given:f}"
    if isinstance(given, date):
        return date_text(given)
    if isinstance(given, time):
        return time_text(given)
    return str(given)
