"""Writing XML: elements of one namespace, values that XML 1.0 can hold."""

from typing import Any

from lxml import etree


def start(name: str, namespace: str) -> Any:
    """Begin a document."""
    names: Any = {None: namespace}
    return etree.Element(f"{{{namespace}}}{name}", nsmap=names)


def add(parent: Any, name: str, attributes: dict[str, str] | None = None) -> Any:
    """Add an element of the parent's namespace."""
    added = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    for key, value in (attributes or {}).items():
        added.set(key, plain(value))
    return added


def plain(value: str) -> str:
    """Drop what XML 1.0 cannot hold."""
    return "".join(
        each
        for each in value
        if each in "\t\n\r" or " " <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd" or each > "\uffff"
    )


def written(root: Any, encoding: str = "utf-8") -> bytes:
    """Finish a document."""
    content: Any = etree.tostring(root, xml_declaration=True, encoding=encoding)
    return bytes(content)
