"""What a PDF carries beside its pages: scripts, actions, attachments, encryption. Found by names, bounded in bytes.

ISO 32000-1, 7.3.5 lets any sign of a name be written as #XX, and 7.5.7 lets objects lie in compressed streams: both are
undone before looking.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from edo_service.formats.archives import Trouble

MAX_INFLATED: Final = 32 * 1024 * 1024
_MAX_STREAM: Final = 8 * 1024 * 1024
_TAIL: Final = 2048
_NAME: Final = re.compile(rb"/[A-Za-z0-9#_.\-]{2,40}")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_COMPRESSED: Final = re.compile(rb"/(?:ObjStm|O#62jStm|XFA|JS)\b[^>]{0,400}>>\s{0,4}stream\r?\n")
_TRAITS: Final = (
    ({b"/JavaScript", b"/JS"}, "script", "В PDF есть сценарий JavaScript: он не выполняется при просмотре здесь"),
    ({b"/Launch"}, "launch", "PDF пытается запустить программу"),
    ({b"/OpenAction", b"/AA"}, "action", "PDF выполняет действие при открытии"),
    ({b"/EmbeddedFile", b"/EmbeddedFiles"}, "attachment", "В PDF вложены файлы"),
    ({b"/RichMedia", b"/Movie", b"/Sound"}, "media", "В PDF вложены звук или видео"),
    ({b"/XFA"}, "form", "PDF — динамическая форма XFA: вид зависит от программы просмотра"),
    ({b"/Encrypt"}, "encrypted", "PDF зашифрован: без пароля его можно не увидеть"),
)


def pdf_notes(content: bytes) -> list[Trouble]:
    """What people should know of a PDF before they open it."""
    names = _names(content)
    for inside in _object_streams(content):
        names |= _names(inside)
    notes = [Trouble(code=code, text_ru=text) for marks, code, text in _TRAITS if names & marks]
    if b"%%EOF" not in content[-_TAIL:]:
        notes.append(Trouble(code="cut", text_ru="PDF обрывается: в конце нет отметки %%EOF"))
    return notes


def _names(data: bytes) -> set[bytes]:
    return {_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), name) for name in set(_NAME.findall(data))}


def _object_streams(content: bytes) -> list[bytes]:
    """Compressed objects, inflated as far as the bounds allow."""
    found: list[bytes] = []
    left = MAX_INFLATED
    for start in _COMPRESSED.finditer(content):
        if left <= 0:
            break
        try:
            data = zlib.decompressobj().decompress(content[start.end() :], min(left, _MAX_STREAM))
        except zlib.error:
            continue
        left -= len(data)
        found.append(data)
    return found
