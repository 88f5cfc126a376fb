"""Stream filters that structure needs (ISO 32000-1, 7.4): FlateDecode with predictors, ASCIIHex, none; bounded."""

from __future__ import annotations

import binascii
import zlib

from signing._internal.errors import BadInput
from signing._internal.pdf.syntax import Stream, Value

_MAX_SIZE = 64 * 1024 * 1024
_MAX_PREDICTED = 16 * 1024 * 1024  # a row filter works byte by byte


def decode(stream: Stream, limit: int = _MAX_SIZE) -> bytes:
    """The decoded bytes of a stream, at most `limit`; BadInput for filters that structure never uses and for bombs."""
    data = stream.raw
    filters = _listed(stream.dictionary.get("Filter"))
    parameters = _listed(stream.dictionary.get("DecodeParms"))
    for index, name in enumerate(filters):
        if name in {"FlateDecode", "Fl"}:
            data = _inflate(data, limit)
            found = parameters[index] if index < len(parameters) else None
            if isinstance(found, dict):
                data = _unpredict(data, found)
        elif name in {"ASCIIHexDecode", "AHx"}:
            data = _unhex(data)
        else:
            raise BadInput("a stream filter is not supported", str(name))
    return data


def _listed(value: Value) -> list[Value]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _inflate(data: bytes, limit: int) -> bytes:
    machine = zlib.decompressobj()
    try:
        out = machine.decompress(data, max(min(limit, _MAX_SIZE), 1))
    except zlib.error as error:
        raise BadInput("a compressed stream is damaged", str(error)) from error
    if machine.unconsumed_tail:
        raise BadInput("a compressed stream is too large")
    return out


def _unhex(data: bytes) -> bytes:
    digits = data.partition(b">")[0].translate(None, b"\x00\t\n\x0c\r ")
    try:
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error as error:
        raise BadInput("a hexadecimal stream is damaged") from error


def _unpredict(data: bytes, parameters: dict[str, Value]) -> bytes:
    predictor = parameters.get("Predictor", 1)
    columns = parameters.get("Columns", 1)
    colours, bits = parameters.get("Colors", 1), parameters.get("BitsPerComponent", 8)
    if predictor in {None, 1}:
        return data
    if not isinstance(predictor, int) or predictor < 10 or colours != 1 or bits != 8:
        raise BadInput("a predictor is not supported", str(predictor))
    if not isinstance(columns, int) or not 0 < columns < 10_000 or len(data) > _MAX_PREDICTED:
        raise BadInput("a predictor is malformed", str(columns))
    rows = bytearray()
    above = bytes(columns)
    for start in range(0, len(data), columns + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + columns])
        _unfilter(kind, row, above)
        rows += row
        above = bytes(row).ljust(columns, b"\0")
    return bytes(rows)


def _unfilter(kind: int, row: bytearray, above: bytes) -> None:
    """Undo one row of a PNG filter (RFC 2083, clause 6), one byte per pixel."""
    if kind == 0:
        return
    if kind == 2:  # what writers use for tables
        row[:] = bytes((one + up) & 0xFF for one, up in zip(row, above, strict=False))
        return
    for index in range(len(row)):
        left = row[index - 1] if index else 0
        corner = above[index - 1] if index else 0
        up = above[index]
        if kind == 1:
            add = left
        elif kind == 3:
            add = (left + up) // 2
        elif kind == 4:
            estimate = left + up - corner
            add = min((left, up, corner), key=lambda one: abs(estimate - one))
        else:
            raise BadInput("a predictor is malformed", f"row filter {kind}")
        row[index] = (row[index] + add) & 0xFF
