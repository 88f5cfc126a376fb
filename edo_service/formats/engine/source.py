"""Bytes from outside become an element tree, or a FormatError in plain Russian; nothing hostile gets further.

1. Size. 2. The prolog is read by expat up to the root's start: any DOCTYPE is refused before a single entity is
declared. 3. libxml2 parses with entities, DTD and network off and its own limits on depth (256) and text (10 MB) on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast
from xml.parsers import expat

from lxml import etree

from edo_service.formats.errors import FormatError

MAX_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = 8192
_PIECE: Final = 256 * 1024
_LONG_TAG: Final = 4096  # two hundred attributes do not fit into less by much
_HEAD_ELEMENTS: Final = 2
_HEAD_LENGTH: Final = 1000  # «Документ» comes long before so many elements, or not at all
MAX_ELEMENTS: Final = 400_000
MAX_ASIDES: Final = 10_000
MAX_DEPTH: Final = 100
MAX_ATTRIBUTES: Final = 200
BODIES: Final = ("Документ", "ИнфПок")


class _Seen(Exception):
    pass


@dataclass(frozen=True, kw_only=True)
class Head:
    """The root element and the attributes of its child «Документ»: enough to tell what the file is."""

    root: str
    attributes: dict[str, str]
    document: dict[str, str]


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rsplit("}", 1)[-1]


def line_of(element: etree._Element) -> int | None:
    """The line where an element starts, from 1; None for a tree that was not parsed."""
    return cast("int | None", element.sourceline)


def text_of(element: etree._Element) -> str:
    """The character data directly in an element, comments and instructions left out."""
    parts = [element.text or ""]
    parts.extend(child.tail or "" for child in element)
    return "".join(parts)


def unqualify(root: etree._Element, namespace: str | None) -> etree._Element:
    """The tree with the names of its form's namespace made plain, in place; names from elsewhere stay strange.

    Without a namespace of the form, nothing changes.
    """
    if namespace is not None:
        inside = f"{{{namespace}}}"
        for element in root.iter(etree.Element):
            name = str(element.tag)
            element.tag = name[len(inside) :] if name.startswith(inside) else f"{{urn:strange}}{local(name)}"
    return root


class _HeadReader:
    """Reads the root and, if it comes at once or later on the second floor, «Документ»; then stops."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.depth = self.met = 0
        self.root: tuple[str, dict[str, str]] | None = None
        self.document: dict[str, str] = {}

    def _doctype(self, *_: object) -> None:
        raise FormatError("Файл содержит DOCTYPE: такие файлы не принимаются", line=self.parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.met += 1
        if self.met > _HEAD_LENGTH:
            raise _Seen
        if self.root is None:
            self.root = (name, attributes)
        elif self.depth == _HEAD_ELEMENTS and local(name) in BODIES:
            self.document = attributes
            raise _Seen

    def _end(self, _: str) -> None:
        self.depth -= 1

    def run(self, xml: bytes) -> None:
        try:
            start, size = 0, _CHUNK
            while start < len(xml):
                self.parser.Parse(xml[start : start + size], False)
                # twice as much each time: expat reads an unfinished token again from its beginning
                start, size = start + size, size * 2
            self.parser.Parse(b"", True)
        except _Seen:
            return
        except expat.ExpatError as error:
            if self.root is None:
                raise FormatError(_broken(error.lineno, None), line=error.lineno) from error
        except (LookupError, ValueError) as error:
            raise FormatError("Кодировка файла неизвестна: нужна windows-1251 или UTF-8", line=1) from error


class _Surveyor:
    """Counts elements, attributes and depth of a whole file without building anything; stops at the limits."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._aside
        self.parser.CommentHandler = self._aside
        self.elements = self.asides = 0
        self.depth = 0

    def _doctype(self, *_: object) -> None:
        raise FormatError("Файл содержит DOCTYPE: такие файлы не принимаются", line=self.parser.CurrentLineNumber)

    def _start(self, _: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.elements > MAX_ELEMENTS:
            self._refuse(f"элементов больше {MAX_ELEMENTS}")
        if self.depth > MAX_DEPTH:
            self._refuse("вложенность элементов слишком велика")
        if len(attributes) > MAX_ATTRIBUTES:
            self._refuse(f"у одного элемента больше {MAX_ATTRIBUTES} атрибутов")

    def _aside(self, *_: str) -> None:
        self.asides += 1
        if self.asides > MAX_ASIDES:
            self._refuse(f"комментариев и инструкций больше {MAX_ASIDES}")

    def _refuse(self, why: str) -> None:
        line = self.parser.CurrentLineNumber
        raise FormatError(f"Файл не принимается: строка {line}, {why}", line=line)

    def _end(self, _: str) -> None:
        self.depth -= 1

    def run(self, xml: bytes) -> None:
        """Raises FormatError at a limit; what is only malformed is left to the parser, which names it better."""
        try:
            start, size = 0, _PIECE
            while start < len(xml):
                self.parser.Parse(xml[start : start + size], False)
                start, size = start + size, size * 2
            self.parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError):
            return


def _is_suspicious(xml: bytes) -> bool:
    """Whether a file may pass the limits: so many tags, or so much between two of them, that it must be counted."""
    return xml.count(b"<") > MAX_ELEMENTS or max(map(len, xml.split(b"<"))) > _LONG_TAG


def read_head(xml: bytes) -> Head:
    """The root and «Документ». Raises FormatError when there is no XML or a DOCTYPE."""
    if len(xml) > MAX_BYTES:
        raise FormatError(f"Файл больше {MAX_BYTES // 1024 // 1024} МБ: такие файлы не принимаются")
    if not xml.strip():
        raise FormatError("Файл пуст", line=1)
    reader = _HeadReader()
    reader.run(xml)
    if reader.root is None:
        raise FormatError("Файл не содержит ни одного элемента XML", line=1)
    name, attributes = reader.root
    return Head(root=local(name), attributes=attributes, document=reader.document)


def parse(xml: bytes) -> etree._Element:
    """The root element of a harmless, well-formed file. Raises FormatError with element and line otherwise."""
    read_head(xml)
    if _is_suspicious(xml):
        _Surveyor().run(xml)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise FormatError(_broken(line, error.msg), line=line, element=_named(error.msg)) from error
    except (LookupError, ValueError) as error:
        raise FormatError("Кодировка файла неизвестна: нужна windows-1251 или UTF-8", line=1) from error
    if root.getroottree().docinfo.internalDTD is not None:  # pragma: no cover - the prolog was read before
        raise FormatError("Файл содержит DOCTYPE: такие файлы не принимаются", line=1)
    return root


_REASONS: Final = (
    (re.compile(r"Opening and ending tag mismatch: (\S+)"), "элемент {0} не закрыт"),
    (re.compile(r"Premature end of data in tag (\S+)"), "файл обрывается внутри элемента {0}"),
    (re.compile(r"Attribute (\S+) redefined"), "атрибут {0} указан дважды"),
    (re.compile(r"Couldn't find end of Start Tag (\S+)"), "элемент {0} не закрыт"),
    (re.compile(r"Entity '([^']+)' not defined"), "неизвестная подстановка &{0};"),
    (re.compile(r"EntityRef|xmlParseEntityRef"), "знак & должен быть записан как &amp;"),
    (re.compile(r"Unescaped '<'"), "знак < внутри значения должен быть записан как &lt;"),
    (re.compile(r"AttValue: \" or ' expected"), "значение атрибута должно стоять в кавычках"),
    (re.compile(r"Excessive depth|max depth", re.IGNORECASE), "вложенность элементов слишком велика"),
    (re.compile(r"PCDATA invalid Char|Char 0x|invalid character", re.IGNORECASE), "недопустимый знак"),
    (re.compile(r"encoding|conversion|proper UTF-8", re.IGNORECASE), "знаки не соответствуют кодировке файла"),
    (re.compile(r"Extra content at the end"), "после конца документа стоит лишнее"),
    (re.compile(r"Document is empty|Start tag expected"), "это не XML"),
    (re.compile(r"too long|huge", re.IGNORECASE), "слишком длинное значение"),
)  # fmt: skip


def _broken(line: int, reason: str | None) -> str:
    for pattern, text in _REASONS:
        found = pattern.search(reason or "")
        if found:
            return f"Файл повреждён: строка {line}, {text.format(*found.groups())}"
    return f"Файл повреждён: строка {line}, это не правильный XML"


def _named(reason: str | None) -> str | None:
    found = re.search(r"(?:mismatch:|in tag|Start Tag|Attribute) (\w+)", reason or "")
    return found.group(1) if found else None
