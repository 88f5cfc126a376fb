"""Fonts inside a PDF without the moment of their making, so that the same form has the same bytes.

WeasyPrint cuts a static font out of a variable one, and fontTools writes the current time into its `head` table
(OpenType 1.9, `head`: checkSumAdjustment at 8, created at 20, modified at 28).
"""

from __future__ import annotations

import struct
from typing import Any, Final

_RECORD: Final = struct.Struct(">4sIII")
_ALL: Final = 0xFFFFFFFF
_MAGIC: Final = 0xB1B0AFBA


def finisher(_document: Any, pdf: Any) -> None:
    """A WeasyPrint finisher: every embedded TrueType file gets its time of creation as its time of change."""
    for item in pdf.objects:
        extra, stream = getattr(item, "extra", None), getattr(item, "stream", None)
        if isinstance(extra, dict) and "Length1" in extra and stream:
            stream[0] = without_time(stream[0])


def without_time(font: bytes) -> bytes:
    """The font with `modified` equal to `created` and right checksums; anything that is no TrueType file as it is."""
    if font[:4] not in {b"\x00\x01\x00\x00", b"true"}:
        return font
    content = bytearray(font)
    (count,) = struct.unpack_from(">H", content, 4)
    for place in range(12, 12 + count * _RECORD.size, _RECORD.size):
        tag, _, offset, length = _RECORD.unpack_from(content, place)
        if tag == b"head":
            content[offset + 28 : offset + 36] = content[offset + 20 : offset + 28]
            content[offset + 8 : offset + 12] = bytes(4)
            _RECORD.pack_into(content, place, tag, _checksum(content[offset : offset + length]), offset, length)
            struct.pack_into(">I", content, offset + 8, (_MAGIC - _checksum(content)) & _ALL)
    return bytes(content)


def _checksum(data: bytes | bytearray) -> int:
    padded = bytes(data) + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & _ALL
