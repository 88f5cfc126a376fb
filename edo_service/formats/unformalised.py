"""Any file as an unformalised document: what it is by its first bytes, and whether it is safe to keep and to show.

Nothing here opens the file with a program; every reading is bounded in bytes. `inspect_file` is the one entrance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from edo_service.formats.archives import ArchiveLimits, Trouble, look_into_zip
from edo_service.formats.checking import detect
from edo_service.formats.engine.source import parse
from edo_service.formats.errors import FormatError
from edo_service.formats.pdf_traits import pdf_notes

Container = Literal["pdf", "jpeg", "png", "docx", "xml", "zip"]
MAX_BYTES: Final = 25 * 1024 * 1024
MAX_PIXELS: Final = 100_000_000
_MEDIA: Final[dict[Container, str]] = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xml": "application/xml",
    "zip": "application/zip",
}
_EXTENSIONS: Final[dict[str, Container]] = {
    "pdf": "pdf", "jpg": "jpeg", "jpeg": "jpeg", "png": "png", "docx": "docx", "docm": "docx", "xml": "xml", "zip": "zip"
}  # fmt: skip
_NAMES_RU: Final[dict[Container, str]] = {
    "pdf": "PDF", "jpeg": "JPEG", "png": "PNG", "docx": "DOCX", "xml": "XML", "zip": "ZIP"
}  # fmt: skip
_PDF_HEAD: Final = 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_XML_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[?!A-Za-z_\x80-\xff]|\xff\xfe<\x00|\xfe\xff\x00<")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileReport:
    """What is known of a file. `refusals` forbid taking it, `notes` are shown to people; both are plain Russian.

    `container` is None when the bytes are none of the kinds taken here; `formal_ru` names the formalised document that
    an XML file is, if it is one.
    """

    file_name: str
    size: int
    container: Container | None
    media_type: str
    refusals: tuple[Trouble, ...]
    notes: tuple[Trouble, ...]
    formal_ru: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the file may be taken."""
        return not self.refusals


def container_of(content: bytes) -> Container | None:
    """What the first bytes say; a ZIP that holds a Word document is a DOCX."""
    if content.startswith(_ZIP):
        return "docx" if b"word/document.xml" in content else "zip"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(_PNG):
        return "png"
    if b"%PDF-" in content[:_PDF_HEAD]:
        return "pdf"
    return "xml" if _XML_START.match(content) else None


def inspect_file(
    content: bytes, file_name: str, *, max_bytes: int = MAX_BYTES, limits: ArchiveLimits | None = None
) -> FileReport:
    """Judge a file before it is stored; never raises for what is inside it."""
    container = None if len(content) > max_bytes else container_of(content)
    media_type = _MEDIA[container] if container is not None else "application/octet-stream"
    refusals: list[Trouble] = []
    notes: list[Trouble] = []
    formal_ru: str | None = None
    if not content:
        refusals.append(Trouble(code="empty", text_ru="Файл пуст"))
    elif len(content) > max_bytes:
        refusals.append(Trouble(code="too-large", text_ru=f"Файл больше {max_bytes // 1024 // 1024} МБ"))
    elif container is None:
        text = "Принимаются файлы PDF, JPEG, PNG, DOCX, XML и ZIP, а этот ни на что из них не похож"
        refusals.append(Trouble(code="unknown", text_ru=text))
    else:
        refusals += _named_otherwise(file_name, container)
        if container == "xml":
            formal_ru = _look_into_xml(content, refusals)
        else:
            _look_inside(container, content, refusals, notes, limits or ArchiveLimits())
    return FileReport(
        file_name=file_name,
        size=len(content),
        container=container,
        media_type=media_type,
        refusals=tuple(refusals),
        notes=tuple(notes),
        formal_ru=formal_ru,
    )


def _named_otherwise(file_name: str, container: Container) -> list[Trouble]:
    """The extension, where it is one we know, must not promise something else; any other name is as good as none."""
    _, dot, extension = file_name.rpartition(".")
    promised = _EXTENSIONS.get(extension.lower()) if dot else None
    if promised is None and extension.lower() in _RUNNABLE:
        return [Trouble(code="extension", text_ru=f"Файлы .{extension.lower()} не принимаются")]
    if promised is None or promised == container or {promised, container} == {"zip", "docx"}:
        return []
    text = f"Имя обещает {_NAMES_RU[promised]}, а внутри {_NAMES_RU[container]}"
    return [Trouble(code="mismatch", text_ru=text)]


_RUNNABLE: Final = frozenset(
    {"exe", "com", "bat", "cmd", "scr", "js", "vbs", "ps1", "msi", "jar", "lnk", "hta", "html"}
)


def _look_into_xml(content: bytes, refusals: list[Trouble]) -> str | None:
    try:
        parse(content)
    except FormatError as error:
        refusals.append(Trouble(code="xml", text_ru=error.text_ru))
        return None
    kind = detect(content)
    return None if kind is None else kind.name_ru


def _look_inside(
    container: Container, content: bytes, refusals: list[Trouble], notes: list[Trouble], limits: ArchiveLimits
) -> None:
    if container in {"zip", "docx"}:
        bad, said = look_into_zip(content, limits=limits)
        refusals += bad
        notes += said
    elif container == "pdf":
        notes += pdf_notes(content)
    else:
        refusals += _too_many_pixels(container, content)


def _too_many_pixels(container: Container, content: bytes) -> list[Trouble]:
    size = png_size(content) if container == "png" else jpeg_size(content)
    if size is None:
        return [Trouble(code="broken", text_ru=f"Файл {_NAMES_RU[container]} повреждён: размер картинки не прочитать")]
    width, height = size
    if width * height > MAX_PIXELS:
        text = f"Картинка {width}×{height} точек слишком велика: можно {MAX_PIXELS // 1_000_000} млн точек"
        return [Trouble(code="pixels", text_ru=text)]
    return []


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height by the first chunk (ISO/IEC 15948, 11.2.2)."""
    if content[12:16] != b"IHDR" or len(content) < 33 or b"IEND" not in content[-16:]:
        return None
    width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    return (width, height) if width and height else None


_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height by the frame header (ISO/IEC 10918-1, B.2.2)."""
    position = 2
    while position + 9 <= len(content):
        if content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            height, width = (int.from_bytes(content[position + at : position + at + 2]) for at in (5, 7))
            return (width, height) if width and height else None
        length = int.from_bytes(content[position + 2 : position + 4])
        if length < 2:
            return None
        position += 2 + length
    return None
