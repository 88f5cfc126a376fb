"""Registers of sets as CSV (UTF-8 with a mark, semicolons: what office programs of the region open) and XLSX (ISO/IEC 29500).

Both are written row by row, so that a register of any length costs no memory.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from typing import BinaryIO
from xml.sax.saxutils import escape

Cell = str | int | Decimal | date | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FILES = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Реестр" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write_csv(out: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write the register as CSV; a text that a program would take for a formula gets an apostrophe before it."""
    import csv

    wrapper = TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(wrapper, delimiter=";")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_plain(one) for one in row])
    wrapper.flush()
    wrapper.detach()


def write_xlsx(out: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write the register as a workbook of one sheet. Texts are never formulas there; numbers are numbers."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in _FILES.items():
            book.writestr(name, _DECLARATION + content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for piece in _sheet(head, rows):
                sheet.write(piece.encode())


def _sheet(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    yield _DECLARATION
    yield '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    yield _row(head)
    for row in rows:
        yield _row(row)
    yield "</sheetData></worksheet>"


def _row(cells: Sequence[Cell]) -> str:
    return f"<row>{''.join(_cell(one) for one in cells)}</row>"


def _cell(value: Cell) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int | Decimal):
        return f"<c><v>{value}</v></c>"
    said = f"{value:%d.%m.%Y}" if isinstance(value, date) else value
    printable = "".join(letter for letter in said if letter.isprintable() or letter in "\n\t")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(printable)}</t></is></c>'


def _plain(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Decimal):
        return f"{value}".replace(".", ",")
    said = str(value)
    return f"'{said}" if isinstance(value, str) and said.startswith(_FORMULA) else said
