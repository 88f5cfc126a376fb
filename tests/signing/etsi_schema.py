"""A judge of ETSI TS 119 102-2 reports: the element classes that pyHanko generated from the official schema.

They are plain dataclasses with the schema's names, order and occurrence in their metadata; the library that would read
them is not installed, so the few types it has for times are stood in for here and the walk is ours.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
import types
import typing
from typing import Any
from xml.etree.ElementTree import Element

_XS = ("XmlDateTime", "XmlDate", "XmlDuration", "XmlPeriod", "XmlTime")


def schema() -> Any:
    """The module of classes."""
    if "xsdata" not in sys.modules:
        package, models, datatype = (
            types.ModuleType(name) for name in ("xsdata", "xsdata.models", "xsdata.models.datatype")
        )
        for name in _XS:
            setattr(datatype, name, type(name, (), {}))
        sys.modules |= {one.__name__: one for one in (package, models, datatype)}
    return importlib.import_module("pyhanko.generated.etsi.ts_11910202")


def faults(element: Element, kind: type, where: str = "") -> list[str]:
    """What in an element is not as its class says: unknown or missing elements and attributes, their order and number."""
    where = f"{where}/{element.tag.rpartition('}')[2]}"
    hints = typing.get_type_hints(kind, vars(sys.modules[kind.__module__]))
    fields = {field.name: field.metadata for field in dataclasses.fields(kind)}
    elements = {_tag(name, data): name for name, data in fields.items() if data.get("type") == "Element"}
    wild = any(data.get("type") == "Wildcard" for data in fields.values())
    attributes = {data.get("name", name) for name, data in fields.items() if data.get("type") == "Attribute"}
    found = [f"{where}: attribute {name}" for name in element.attrib if name not in attributes]
    found += [
        f"{where}: no attribute {data.get('name', name)}"
        for name, data in fields.items()
        if data.get("type") == "Attribute" and data.get("required") and data.get("name", name) not in element.attrib
    ]
    order = list(elements)
    places = [order.index(child.tag) for child in element if child.tag in elements]
    if places != sorted(places):
        found.append(f"{where}: order of {[child.tag.rpartition('}')[2] for child in element]}")
    for child in element:
        if child.tag not in elements:
            found += [] if wild else [f"{where}: unknown {child.tag}"]
            continue
        held = _class(hints[elements[child.tag]])
        if held is not None:
            found += faults(child, held, where)
        elif len(child):
            found.append(f"{where}/{child.tag}: elements where text is expected")
        elif not (child.text or "").strip():
            found.append(f"{where}/{child.tag}: empty")
    for tag, name in elements.items():
        count = sum(child.tag == tag for child in element)
        many = typing.get_origin(hints[name]) is tuple
        if count > 1 and not many:
            found.append(f"{where}: {count} of {tag}")
        if not count and fields[name].get("required"):
            found.append(f"{where}: no {tag}")
    return found


def _tag(name: str, data: Any) -> str:
    return f"{{{data.get('namespace', '')}}}{data.get('name', name)}"


def _class(hint: Any) -> type | None:
    for one in (hint, *typing.get_args(hint)):
        if dataclasses.is_dataclass(one) and isinstance(one, type):
            return one
    return None
