"""What is known of an unformalised file, on one sheet: a picture of it is never needed to say what was signed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from edo_service.formats.printing.blocks import (
    Block,
    Facts,
    Form,
    Heading,
    Space,
    Table,
    Text,
    code,
    divided,
    figure,
    fitted,
    head,
    words,
)
from edo_service.formats.printing.pieces import stamps_of
from edo_service.formats.showing import NARROW_SPACE
from edo_service.formats.unformalised import FileReport, inspect_file, jpeg_size, png_size

if TYPE_CHECKING:
    from edo_service.formats.printing import Stamp

WIDTHS: Final = (9.0, 137.0, 30.0)
MOST_NAMES: Final = 200
_KINDS: Final = {
    "pdf": "документ PDF",
    "jpeg": "изображение JPEG",
    "png": "изображение PNG",
    "docx": "документ Word (DOCX)",
    "xml": "файл XML",
    "zip": "архив ZIP",
}
_VALUE: Final = 12.5  # room of a value, in millimetres for each point of size


def layout(content: bytes, file_name: str, stamps: Sequence[Stamp]) -> Form:
    """Name, kind, size, digest, remarks, an archive's contents and the marks of signatures."""
    report = inspect_file(content, file_name)
    blocks = (
        Heading(text=f"Файл {file_name}", size=13),
        Text(text="Неформализованный документ: подписан файл целиком, как он есть", grey=True),
        Space(height=1),
        Facts(rows=tuple(_facts(content, report))),
        *_remarks(report),
        *_contents(content, report),
        *stamps_of(stamps),
    )
    return Form(
        title=f"Файл {file_name}",
        blocks=blocks,
        note="Сведения о файле, сам файл они не заменяют",
        size=9,
        margins=(14.0, 14.0, 16.0, 20.0),
    )


def _facts(content: bytes, report: FileReport) -> Iterator[tuple[str, str]]:
    yield "Имя файла", divided(report.file_name, _VALUE)
    yield "Вид", _KINDS.get(report.container or "", "не определён")
    yield "Размер, байт", f"{report.size:,}".replace(",", NARROW_SPACE)
    yield "SHA-256", divided(hashlib.sha256(content).hexdigest(), _VALUE)
    size = (
        jpeg_size(content) if report.container == "jpeg" else png_size(content) if report.container == "png" else None
    )
    if size is not None:
        yield "Размер картинки, точек", f"{size[0]} × {size[1]}"


def _remarks(report: FileReport) -> Iterator[Block]:
    found = [trouble.text_ru for trouble in (*report.refusals, *report.notes)]
    if found:
        yield Heading(text="Замечания", size=10, above=4)
        for text in found:
            yield Text(text=text)


def _contents(content: bytes, report: FileReport) -> Iterator[Block]:
    """Names and sizes by the archive's own list; nothing is unpacked."""
    if report.container != "zip" or not report.ok:
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [(entry.filename, entry.file_size) for entry in archive.infolist() if not entry.is_dir()]
    yield Heading(text=f"В архиве файлов: {len(entries)}", size=10, above=4)
    rows = [
        (code(str(place)), words(name), figure(f"{size:,}".replace(",", NARROW_SPACE)))
        for place, (name, size) in enumerate(entries[:MOST_NAMES], start=1)
    ]
    columns = ((head("№"), head("Имя"), head("Размер, байт")),)
    yield Table(widths=WIDTHS, head=columns, marks=(), rows=fitted(WIDTHS, rows, size=7.8), size=7.8, head_size=7)
    if len(entries) > MOST_NAMES:
        yield Text(text=f"… и ещё {len(entries) - MOST_NAMES}")
