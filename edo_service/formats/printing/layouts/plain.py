"""The plain form: everything a file says, part by part, under Russian names. For kinds without a paper form of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from edo_service.formats.kinds import FileKind
from edo_service.formats.printing.blocks import Block, Facts, Form, Heading, Text
from edo_service.formats.printing.pieces import stamps_of
from edo_service.formats.reading import Field, read_any

if TYPE_CHECKING:
    from edo_service.formats.printing import Stamp

LABEL_DEPTH: Final = 3


def layout(xml: bytes, kind: FileKind, stamps: Sequence[Stamp]) -> Form:
    """All fields by the block they stand in, in the file's order."""
    reading = read_any(xml)
    blocks: list[Block] = [Heading(text=kind.name_ru, size=14)]
    if reading.about_file:
        blocks.append(Text(text=f"О файле {reading.about_file}"))
    if reading.text:
        blocks.append(Text(text=reading.text))
    for title, rows in sections(reading.fields):
        blocks += [Heading(text=title, size=10), Facts(rows=tuple(rows))]
    made = reading.date
    return Form(
        title=kind.name_ru,
        blocks=(*blocks, *stamps_of(stamps)),
        file_id=reading.file_id or "",
        size=8.5,
        **({"day": (made.year, made.month, made.day)} if made else {}),
    )


def sections(fields: Sequence[Field]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Fields by the block they stand in, in the file's order."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    last = ""
    for field in fields:
        steps = [step for step in field.path.split("/") if not step.startswith("@")]
        block = "/".join(steps[:LABEL_DEPTH]) if len(steps) >= LABEL_DEPTH else "Документ"
        if block != last:
            head = field.block_ru if block != "Документ" else "Документ"
            found.append((head[:1].upper() + head[1:], []))
            last = block
        label = field.label_ru if field.owner_ru in {field.block_ru, ""} else f"{field.owner_ru}: {field.label_ru}"
        found[-1][1].append((label[:1].upper() + label[1:], field.value))
    return found
