"""Rows of a table that a person brings: XLSX or CSV, read as plain text. Bounded, no formulas, no entities, no network.

XLSX is a ZIP of XML (ECMA-376, SpreadsheetML): the first sheet, shared and inline strings, numbers. Sizes in a ZIP's
directory are what its maker says, so unpacked bytes are counted as they come; so are the tags and attributes in them,
because an element takes twenty times the bytes that write it.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from edo_service.errors import Rejected

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_PART = 16 * 1024 * 1024
MOST_ROWS = 1000
MOST_COLUMNS = 40
LONGEST_CELL = 2000
MOST_MARKS = 400_000
"""Tags and attributes of one part: forty cells in a thousand rows have half as many."""
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What ECMA-376 part 2 lets a part be packed by."""
_SEPARATOR = re.compile(r"sep=([;,|\t])\r?\n", re.IGNORECASE)
"""First line of a CSV in which a table program names its delimiter."""
_PIECE = 64 * 1024
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_COLUMN = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row as the person sees it: its number in the file, its cells as text. `formula`: a cell computes itself."""

    number: int
    cells: tuple[str, ...]
    formula: bool = False


def read_lines(content: bytes, file_name: str) -> tuple[Line, ...]:
    """Rows that are not empty, at most 1000.

    Raises Rejected: `sheet.too_large`, `sheet.unreadable`, `sheet.too_many_rows`, `sheet.empty`.
    """
    if len(content) > LARGEST_FILE:
        raise Rejected("sheet.too_large", limit=LARGEST_FILE // 1024 // 1024)
    if content.startswith(b"PK\x03\x04"):
        lines = _xlsx(content)
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")) or b"\x00" in content[:1000]:
        raise Rejected("sheet.unreadable", file_name=file_name)
    else:
        lines = _csv(content)
    found: list[Line] = []
    for line in lines:
        if not any(line.cells) and not line.formula:
            continue
        if len(found) >= MOST_ROWS:
            raise Rejected("sheet.too_many_rows", limit=MOST_ROWS)
        found.append(line)
    if not found:
        raise Rejected("sheet.empty", file_name=file_name)
    return tuple(found)


def _csv(content: bytes) -> Iterator[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
    named = _SEPARATOR.match(text)
    delimiter = named[1] if named else _delimiter(text)
    rows = csv.reader(io.StringIO(text[named.end() :] if named else text), delimiter=delimiter)
    try:
        for number, row in enumerate(rows, start=2 if named else 1):
            yield Line(number=number, cells=tuple(_clean(cell) for cell in row[:MOST_COLUMNS]))
    except csv.Error as error:
        raise Rejected("sheet.unreadable", file_name="CSV") from error


def _delimiter(text: str) -> str:
    """The first of `;`, tab, comma in the first line: letters and names are full of commas, never of the other two."""
    head = next((line for line in text[:64_000].splitlines() if line.strip()), "")
    return next((one for one in ";\t," if one in head), ";")


def _xlsx(content: bytes) -> Iterator[Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = set(book.namelist())
            sheet = _first_sheet(book, names)
            shared = _shared(_part(book, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else ()
            root = _xml(_part(book, sheet))
    except (
        zipfile.BadZipFile, KeyError, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError,
    ) as error:  # fmt: skip
        raise Rejected("sheet.unreadable", file_name="XLSX") from error
    last = 0
    for row in root.iter(f"{_MAIN}row"):
        line = _line(row, last, shared)
        yield line
        last = line.number


def _line(row: etree._Element, last: int, shared: Sequence[str]) -> Line:
    """`last`: the number of the row before. Numbers only grow: a row without one, or with an earlier one, is the next."""
    cells: dict[int, str] = {}
    formula = False
    for order, cell in enumerate(row.iter(f"{_MAIN}c")):
        column = _place(cell.get("r"), order)
        if column >= MOST_COLUMNS:
            continue
        formula = formula or cell.find(f"{_MAIN}f") is not None
        cells[column] = _value(cell, shared)
    named = row.get("r") or ""
    number = int(named) if named.isdecimal() and len(named) < 8 else 0
    width = max(cells, default=-1) + 1
    return Line(
        number=number if number > last else last + 1,
        cells=tuple(_clean(cells.get(column, "")) for column in range(width)),
        formula=formula,
    )


def _value(cell: etree._Element, shared: Sequence[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _texts(cell)
    found = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        place = int(found) if found.isdecimal() and len(found) < 8 else len(shared)
        return shared[place] if place < len(shared) else ""
    return _number(found) if kind == "n" else found


def _number(text: str) -> str:
    """A number as a person reads it: 7700000016, not 7.700000016E9."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or abs(value.adjusted()) > 40:
        return text
    whole = value.to_integral_value()
    return f"{whole:f}" if whole == value else f"{value:f}"


def _shared(data: bytes) -> tuple[str, ...]:
    return tuple(_texts(item)[:LONGEST_CELL] for item in _xml(data).iter(f"{_MAIN}si"))


def _texts(element: etree._Element) -> str:
    """The text of a string, rich or plain."""
    return "".join(one.text or "" for one in element.iter(f"{_MAIN}t"))


def _first_sheet(book: zipfile.ZipFile, names: set[str]) -> str:
    """The part of the first sheet, by the workbook's own links."""
    sheet = _xml(_part(book, "xl/workbook.xml")).find(f"{_MAIN}sheets/{_MAIN}sheet")
    links: Mapping[str, str] = {
        link.get("Id", ""): link.get("Target", "") for link in _xml(_part(book, "xl/_rels/workbook.xml.rels"))
    }
    target = links.get(sheet.get(_LINK, "") if sheet is not None else "", "").lstrip("/")
    path = target if target.startswith("xl/") else f"xl/{target}"
    if path not in names:
        raise KeyError(path)
    return path


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    """One file of the ZIP; what grows beyond the limit is refused, whatever the directory says of its size."""
    found = bytearray()
    if book.getinfo(name).compress_type not in _PACKED:
        raise ValueError(f"{name} is packed in a way that tables are not")
    with book.open(name) as part:
        while piece := part.read(_PIECE):
            found += piece
            if len(found) > LARGEST_PART:
                raise ValueError(f"{name} is too large when unpacked")
    return bytes(found)


def _xml(data: bytes) -> etree._Element:
    if data.count(b"<") + data.count(b"=") > MOST_MARKS:
        raise Rejected("sheet.too_many_rows", limit=MOST_ROWS)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a DTD has no place in a table")
    return root


def _place(reference: str | None, order: int) -> int:
    """Column of a cell: A is 0."""
    found = _COLUMN.fullmatch(reference or "")
    if found is None:
        return order
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _clean(text: str) -> str:
    return " ".join(text[:LONGEST_CELL].replace("\x00", "").split())
