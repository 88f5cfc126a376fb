"""The plain form: everything a file says, part by part, under Russian names. For kinds without a paper form of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from edo_service.formats.kinds import FileKind
from edo_service.formats.printing.blocks import Block, Facts, Form, Heading, Table, Text, divided, fitted, head, words
from edo_service.formats.printing.pieces import EPOCH, stamps_of
from edo_service.formats.reading import Field, read_any

if TYPE_CHECKING:
    from edo_service.formats.printing import Stamp

LABEL_DEPTH: Final = 3
MOST_COLUMNS: Final = 9
_ROOM: Final = 176.0
_NUMBER: Final = 8.0
_VALUE: Final = 13.0  # of a value in the list of facts, in millimetres for each point of size
_SIZE: Final = 7.4


def layout(xml: bytes, kind: FileKind, stamps: Sequence[Stamp]) -> Form:
    """All fields by the block they stand in, in the file's order; what is repeated becomes a table."""
    reading = read_any(xml)
    blocks: list[Block] = [Heading(text=kind.name_ru, size=14)]
    if reading.about_file:
        blocks.append(Text(text=f"О файле {divided(reading.about_file, _VALUE)}"))
    if reading.text:
        blocks.append(Text(text=reading.text))
    for block, run in groupby(reading.fields, key=_block):
        fields = list(run)
        title = fields[0].block_ru if block != "" else "Документ"
        blocks.append(Heading(text=title[:1].upper() + title[1:], size=10, above=4))
        for _, same in groupby(fields, key=lambda field: field.path.partition("/@")[0]):
            blocks += _shown(list(same))
    made = reading.date
    return Form(
        title=kind.name_ru,
        blocks=(*_joined(blocks), *stamps_of(stamps)),
        file_id=reading.file_id or "",
        size=8.5,
        margins=(14.0, 14.0, 16.0, 20.0),
        day=(made.year, made.month, made.day) if made else EPOCH,
    )


def _block(field: Field) -> str:
    """The path of the part of the document in which a field stands; nothing for the document's own facts."""
    steps = [step for step in field.path.split("/") if not step.startswith("@")]
    return "/".join(steps[:LABEL_DEPTH]) if len(steps) >= LABEL_DEPTH else ""


def _shown(fields: list[Field]) -> Iterator[Block]:
    """One element's facts, or the table of an element that stands there several times."""
    records = list(_records(fields))
    names = {field.path: _named(field.label_ru) for field in fields}
    if len(records) == 1 or len(names) > MOST_COLUMNS:
        yield Facts(rows=tuple((_label(field), divided(field.value, _VALUE)) for field in fields))
        return
    widths = (_NUMBER, *((_ROOM - _NUMBER) / len(names),) * len(names))
    rows = [
        (words(str(place)), *(words(record.get(path)) for path in names))
        for place, record in enumerate(records, start=1)
    ]
    yield Table(
        widths=widths,
        head=((head("№"), *(head(name) for name in names.values())),),
        marks=(),
        rows=fitted(widths, rows, size=_SIZE),
        size=_SIZE,
        head_size=6.8,
    )


def _records(fields: list[Field]) -> Iterator[dict[str, str]]:
    record: dict[str, str] = {}
    for field in fields:
        if field.path in record:
            yield record
            record = {}
        record[field.path] = field.value
    yield record


def _label(field: Field) -> str:
    return _named(field.label_ru if field.owner_ru in {field.block_ru, ""} else f"{field.owner_ru}: {field.label_ru}")


def _named(label: str) -> str:
    return label[:1].upper() + label[1:]


def _joined(blocks: list[Block]) -> Iterator[Block]:
    """Facts that follow each other as one list."""
    for is_facts, run in groupby(blocks, key=lambda block: isinstance(block, Facts)):
        if is_facts:
            yield Facts(rows=tuple(row for block in run if isinstance(block, Facts) for row in block.rows))
        else:
            yield from run
