"""A tree to be written: the same bytes for the same tree, whatever the library versions.

Children and attributes are put into declared order, but what was read from a file keeps its own, so that a file with
mistakes is written back as it was. The encoding is windows-1251, and what it lacks is written as character references.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from edo_service.formats.engine.model import Block, Declaration, Element, elements_of
from edo_service.formats.engine.source import text_of
from edo_service.formats.errors import FormatError

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INDENT: Final = "  "


@dataclass
class Node:
    """An element to be written; `origin` is what it was read from, written back as it is where anything may stand."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str | None = None
    origin: etree._Element | None = field(default=None, compare=False, repr=False)

    def child(self, name: str) -> Node:
        """The only child with this name, made if there is none yet."""
        found = next((node for node in self.children if node.name == name), None)
        return found if found is not None else self.add(name)

    def add(self, name: str) -> Node:
        """One more child with this name."""
        node = Node(name)
        self.children.append(node)
        return node

    def put(self, path: str, text: str) -> None:
        """Set the attribute («Путь/@Имя») or the text («Путь/Имя») at a relative path.

        Making the elements on the way.
        """
        *steps, last = path.split("/")
        here = self
        for step in steps:
            here = here.child(step)
        if last.startswith("@"):
            here.attributes[last[1:]] = text
        else:
            here.child(last).text = text


def node_of(element: etree._Element) -> Node:
    """A parsed element as a tree to be written: comments, instructions and indentation are left out."""
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    node = Node(str(element.tag), attributes=attributes, origin=element)
    node.children = [node_of(child) for child in element.iterchildren(etree.Element)]
    if not node.children:
        text = text_of(element)
        node.text = text or None
    return node


def render(node: Node, declaration: Declaration) -> bytes:
    """The file: XML declaration, windows-1251 (UTF-8 where the form has a namespace), two spaces a level, declared order.

    Raises FormatError for signs XML cannot hold.
    """
    encoding = declaration.encoding if declaration.namespace is None else "UTF-8"
    lines = [f'<?xml version="1.0" encoding="{encoding}"?>']
    _lines(node, declaration.root, 0, lines)
    if declaration.namespace is not None:
        lines[1] = lines[1].replace(f"<{node.name}", f'<{node.name} xmlns="{declaration.namespace}"', 1)
    return ("\n".join(lines) + "\n").encode(encoding, errors="xmlcharrefreplace")


def _lines(node: Node, declared: Element, level: int, lines: list[str]) -> None:
    if node.origin is not None and not isinstance(declared.type, Block) and (node.attributes or node.children):
        lines.append(_INDENT * level + _as_it_was(node))  # a text is declared here: the file says something else
        return
    start = _INDENT * level + "<" + node.name + _attributes(node, declared)
    if node.text is not None and not node.children:
        lines.append(f"{start}>{_escape(node.text, node.name)}</{node.name}>")
        return
    if not node.children:
        lines.append(start + "/>")
        return
    if not isinstance(declared.type, Block):
        raise TypeError(f"{node.name} holds text, not elements")
    if declared.type.anything:
        lines.append(start + ">" + "".join(_as_it_was(child) for child in node.children) + f"</{node.name}>")
        return
    order = {
        element.name: (place, element)
        for place, element in reversed(list(enumerate(elements_of(declared.type.content))))
    }
    lines.append(start + ">")
    for child in (
        node.children if node.origin is not None else sorted(node.children, key=lambda one: order[one.name][0])
    ):
        if child.name in order:
            _lines(child, order[child.name][1], level + 1, lines)
        else:
            lines.append(_INDENT * (level + 1) + _as_it_was(child))
    lines.append(f"{_INDENT * level}</{node.name}>")


def _as_it_was(node: Node) -> str:
    if node.origin is None:
        raise TypeError(f"{node.name} was not read from a file")
    text: str = etree.tostring(node.origin, encoding="unicode", with_tail=False)
    return text


def _attributes(node: Node, declared: Element) -> str:
    if not node.attributes:
        return ""
    if not isinstance(declared.type, Block):
        raise TypeError(f"{node.name} has no attributes")
    order = {attribute.name: place for place, attribute in enumerate(declared.type.attributes)}
    last = len(order) if node.origin is not None else None  # what is not declared stands last where it was read
    names = sorted(node.attributes, key=lambda name: order[name] if last is None else order.get(name, last))
    return "".join(f' {name}="{_escape(node.attributes[name], name, quoted=True)}"' for name in names)


def _escape(text: str, name: str, *, quoted: bool = False) -> str:
    bad = _FORBIDDEN.search(text)
    if bad:
        raise FormatError(f"{name}: знак U+{ord(bad[0]):04X} в файле невозможен", element=name)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    if quoted:
        text = text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return text
