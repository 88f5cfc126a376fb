"""A ZIP from outside: bombs, traps in names, encryption, what lies inside. Bounded in bytes, files and depth.

Sizes in the directory of a ZIP are what its maker says; everything is unpacked in memory by pieces and counted, and
stops at the limits. APPNOTE.TXT 6.3.10, 4.3 and 4.4.4 (bit 0: encryption).
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from lxml import etree

from edo_service.formats.engine.source import parse
from edo_service.formats.errors import FormatError

_PIECE: Final = 64 * 1024
_PARTS_OF_WORD: Final = 1024 * 1024
_RUNNABLE: Final = (".exe", ".com", ".bat", ".cmd", ".scr", ".js", ".vbs", ".ps1", ".msi", ".jar", ".lnk", ".hta")
_NESTED: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OTHER_PACKERS: Final = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One thing to know of a file: a stable `code` and a phrase for people."""

    code: str
    text_ru: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveLimits:
    """What an archive may be: files, bytes when unpacked, times it may grow, archives inside archives."""

    files: int = 2000
    unpacked: int = 200 * 1024 * 1024
    ratio: int = 100
    free: int = 10 * 1024 * 1024
    depth: int = 2


class _Refused(Exception):
    def __init__(self, code: str, text_ru: str) -> None:
        super().__init__(text_ru)
        self.trouble = Trouble(code=code, text_ru=text_ru)


@dataclass
class _Count:
    files: int = 0
    unpacked: int = 0


def look_into_zip(content: bytes, *, limits: ArchiveLimits) -> tuple[list[Trouble], list[Trouble]]:
    """(why it is refused, what people should know); the first refusal ends the look."""
    notes: dict[str, Trouble] = {}
    try:
        _look(content, limits, _Count(), notes, 1)
    except _Refused as refused:
        return [refused.trouble], list(notes.values())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError, OSError):
        return [Trouble(code="broken", text_ru="Архив повреждён или упакован неизвестным способом")], []
    return [], list(notes.values())


def _look(content: bytes, limits: ArchiveLimits, count: _Count, notes: dict[str, Trouble], depth: int) -> None:
    if depth > limits.depth:
        raise _Refused("nested", f"Архивы вложены друг в друга глубже {limits.depth} раз")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        items = archive.infolist()
        _check_directory(items, limits, count)
        names = {item.filename for item in items}
        for item in items:
            if item.is_dir():
                continue
            data = _unpack(archive, item, limits, count, len(content))
            _note_content(item.filename, data, notes)
            if data.startswith(_NESTED):
                _look(data, limits, count, notes, depth + 1)
            elif data.startswith(_OTHER_PACKERS):
                _note(notes, "packed", f"Внутри есть архив, который здесь не раскрывается: {item.filename}")
            if "word/document.xml" in names:
                _look_into_word(item.filename, data, notes)


def _check_directory(items: list[zipfile.ZipInfo], limits: ArchiveLimits, count: _Count) -> None:
    count.files += len(items)
    if count.files > limits.files:
        raise _Refused("files", f"В архиве больше {limits.files} файлов")
    seen: set[str] = set()
    for item in items:
        if item.flag_bits & 0x1:
            raise _Refused("encrypted", "Архив зашифрован: пришлите его без пароля")
        if _escapes(item):
            raise _Refused("path", f"В архиве опасное имя файла: {item.filename[:100]!r}")
        if item.filename.casefold() in seen:
            raise _Refused("twice", f"В архиве два файла с одним именем: {item.filename[:100]}")
        seen.add(item.filename.casefold())
    end = 0
    for item in sorted(items, key=lambda item: item.header_offset):
        if item.header_offset < end:
            raise _Refused("bomb", "Файлы в архиве лежат друг на друге: так устроены архивные бомбы")
        end = item.header_offset + item.compress_size


def _escapes(item: zipfile.ZipInfo) -> bool:
    """A name that leads out of the folder where the archive would be unpacked, a device, or a link."""
    name = getattr(item, "orig_filename", item.filename)
    parts = name.replace("\\", "/").split("/")
    link = stat.S_ISLNK(item.external_attr >> 16)
    return link or "\x00" in name or name.startswith(("/", "\\")) or ".." in parts or ":" in name


def _unpack(
    archive: zipfile.ZipFile, item: zipfile.ZipInfo, limits: ArchiveLimits, count: _Count, packed: int
) -> bytes:
    """The bytes of one file; stops as soon as the whole archive has grown beyond the limits."""
    pieces: list[bytes] = []
    with archive.open(item) as source:
        while piece := source.read(_PIECE):
            count.unpacked += len(piece)
            if count.unpacked > limits.unpacked:
                size = limits.unpacked // 1024 // 1024
                raise _Refused("bomb", f"Архив распаковывается больше чем в {size} МБ")
            if count.unpacked > max(limits.free, packed * limits.ratio):
                raise _Refused("bomb", f"Архив сжат больше чем в {limits.ratio} раз: так устроены архивные бомбы")
            pieces.append(piece)
    return b"".join(pieces)


def _note(notes: dict[str, Trouble], code: str, text_ru: str) -> None:
    notes.setdefault(code, Trouble(code=code, text_ru=text_ru))


def _note_content(name: str, data: bytes, notes: dict[str, Trouble]) -> None:
    if name.lower().endswith(_RUNNABLE) or data.startswith(b"MZ"):
        _note(notes, "program", f"Внутри есть программа: {name[:100]}")


def _look_into_word(name: str, data: bytes, notes: dict[str, Trouble]) -> None:
    """Macros, embedded objects and templates from outside of a Word document (ECMA-376-2, 9 and 10)."""
    if name.endswith("vbaProject.bin"):
        _note(notes, "macros", "В документе Word есть макросы")
    if name.startswith("word/embeddings/"):
        _note(notes, "embedded", "В документ Word вложены объекты других программ")
    if not name.endswith((".rels", "[Content_Types].xml")) or len(data) > _PARTS_OF_WORD:
        return
    try:
        root = parse(data)
    except FormatError as error:
        raise _Refused("xml", f"Документ Word повреждён: {error.text_ru}") from error
    for element in root.iter(etree.Element):
        if "macroEnabled" in element.get("ContentType", ""):
            _note(notes, "macros", "В документе Word есть макросы")
        if element.get("TargetMode") == "External" and not element.get("Type", "").endswith("/hyperlink"):
            _note(notes, "outside", "Документ Word берёт части из сети: шаблон, картинку или объект")
