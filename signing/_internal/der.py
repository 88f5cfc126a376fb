"""Reading BER and writing DER (X.690), as much as CMS and X.509 need.

The reader is lenient (indefinite lengths, constructed strings, long lengths) and keeps the bytes as they were
encoded, because signatures are made over those bytes; whoever needs DER asks for `Node.der()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from signing._internal.errors import BadInput

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A
UTF8_STRING, NUMERIC_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING = 0x0C, 0x12, 0x13, 0x14, 0x16
UTC_TIME, GENERALIZED_TIME, VISIBLE_STRING, UNIVERSAL_STRING, BMP_STRING = 0x17, 0x18, 0x1A, 0x1C, 0x1E
SEQUENCE, SET = 0x30, 0x31
_CONSTRUCTED = 0x20
_MAX_DEPTH = 40
_MAX_OID = 100
_ENCODINGS = {
    UTF8_STRING: "utf-8",
    NUMERIC_STRING: "ascii",
    PRINTABLE_STRING: "ascii",
    IA5_STRING: "latin-1",
    T61_STRING: "latin-1",
    VISIBLE_STRING: "ascii",
    UNIVERSAL_STRING: "utf-32-be",
    BMP_STRING: "utf-16-be",
}
_CONSTRUCTED_STRINGS = {_CONSTRUCTED | OCTET_STRING, *(_CONSTRUCTED | code for code in _ENCODINGS)}


class Node:
    """One encoded value inside `data`: identifier at `start`, contents `body:stop`, the next value at `end`."""

    __slots__ = ("body", "data", "end", "start", "stop", "tag")

    def __init__(self, data: bytes, tag: int, span: tuple[int, int, int, int]) -> None:
        self.data = data
        self.tag = tag
        self.start, self.body, self.stop, self.end = span

    @property
    def raw(self) -> bytes:
        """The whole value as it was encoded."""
        return self.data[self.start : self.end]

    @property
    def value(self) -> bytes:
        """The contents octets as they were encoded."""
        return self.data[self.body : self.stop]

    @property
    def constructed(self) -> bool:
        """Whether the contents are values themselves."""
        return bool(self.data[self.start] & _CONSTRUCTED)

    def children(self) -> list[Node]:
        """The values inside a constructed value."""
        if not self.data[self.start] & _CONSTRUCTED:
            raise BadInput("a constructed value is expected", f"offset {self.start}")
        return read_many(self.data, self.body, self.stop)

    def expect(self, tag: int, what: str) -> Node:
        """Return this value when its tag is `tag`; BadInput names `what` otherwise."""
        if self.tag != tag:
            raise BadInput(f"{what}: tag {tag:#x} expected, {self.tag:#x} found", f"offset {self.start}")
        return self

    def sequence(self, what: str, at_least: int = 0) -> list[Node]:
        """The members of a SEQUENCE of at least `at_least` values."""
        members = self.expect(SEQUENCE, what).children()
        if len(members) < at_least:
            raise BadInput(f"{what}: {at_least} members expected", f"offset {self.start}")
        return members

    def oid(self) -> str:
        """The dotted form of an OBJECT IDENTIFIER."""
        return _dotted(self.expect(OID, "object identifier").value)

    def integer(self) -> int:
        """The value of an INTEGER or ENUMERATED."""
        if self.tag not in {INTEGER, ENUMERATED} or self.body == self.stop:
            raise BadInput("an integer is expected", f"offset {self.start}")
        return int.from_bytes(self.value, "big", signed=True)

    def boolean(self) -> bool:
        """The value of a BOOLEAN."""
        return self.expect(BOOLEAN, "boolean").value != b"\x00"

    def octets(self, depth: int = 0) -> bytes:
        """The contents of an OCTET STRING (or of a value that replaces its tag), segments joined."""
        if not self.constructed:
            return self.value
        _check_depth(depth)
        return b"".join(part.octets(depth + 1) for part in self.children())

    def bits(self, depth: int = 0) -> bytes:
        """The octets of a BIT STRING without the count of unused bits."""
        if self.constructed:
            _check_depth(depth)
            return b"".join(part.bits(depth + 1) for part in self.children())
        if self.body == self.stop or self.data[self.body] > 7:
            raise BadInput("a bit string is malformed", f"offset {self.start}")
        return self.data[self.body + 1 : self.stop]

    def text(self) -> str:
        """The text of a character string; bytes that do not decode become U+FFFD."""
        encoding = _ENCODINGS.get(self.tag)
        if encoding is None:
            raise BadInput("a character string is expected", f"offset {self.start}")
        return self.octets().decode(encoding, "replace")

    def time(self) -> datetime:
        """The instant of a UTCTime or GeneralizedTime, aware, in UTC."""
        return _instant(self.tag, self.value)

    def inner(self) -> Node:
        """The single value inside an EXPLICIT tag."""
        members = self.children()
        if len(members) != 1:
            raise BadInput("an explicit tag holds one value", f"offset {self.start}")
        return members[0]

    def der(self, tag: int | None = None, depth: int = 0) -> bytes:
        """Re-encode with definite lengths and joined strings; SET OF members keep their order."""
        if tag is None and is_der(self.data, self.start, self.end):
            return self.raw
        if not self.constructed:
            return tlv(self.tag if tag is None else tag, self.value)
        _check_depth(depth)
        if self.tag in _CONSTRUCTED_STRINGS:
            return tlv(self.tag & ~_CONSTRUCTED, self.octets())
        return tlv(self.tag if tag is None else tag, b"".join(child.der(None, depth + 1) for child in self.children()))


def is_der(data: bytes, position: int, stop: int) -> bool:
    """Whether the values between two offsets are written as `Node.der` would write them; a quick look that may say no.

    Definite lengths in their shortest form, no constructed strings, short tags, up to 64 KB.
    """
    ends = [stop]
    while True:
        while position == ends[-1]:
            ends.pop()
            if not ends:
                return True
        if position + 2 > ends[-1] or len(ends) > _MAX_DEPTH:
            return False
        tag, length = data[position], data[position + 1]
        position += 2
        if length >= 0x80:
            length, position = _shortest_length(data, position, length, stop)
        end = position + length
        if length < 0 or end > ends[-1] or tag & 0x1F == 0x1F or tag in _CONSTRUCTED_STRINGS:
            return False
        if tag & _CONSTRUCTED:
            ends.append(end)
        else:
            position = end


def _shortest_length(data: bytes, position: int, first: int, stop: int) -> tuple[int, int]:
    """A length of one or two octets after `first`, and where the contents begin; -1 when it is written otherwise."""
    if first == 0x81 and position < stop and data[position] >= 0x80:
        return data[position], position + 1
    if first == 0x82 and position + 1 < stop and data[position]:
        return data[position] << 8 | data[position + 1], position + 2
    return -1, position


def _check_depth(depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise BadInput("values are nested too deeply")


def read(data: bytes, start: int = 0, limit: int | None = None, depth: int = 0) -> Node:
    """Read the value at `start`; BadInput when it does not end before `limit`."""
    limit = len(data) if limit is None else limit
    position = start + 1
    if position >= limit:
        raise BadInput("the data end inside a value", f"offset {start}")
    tag = data[start]
    if tag & 0x1F == 0x1F:
        tag, position = _long_tag(data, start, limit)
    length = data[position]
    position += 1
    if length < 0x80:
        stop = end = position + length
    elif length == 0x80:
        if not data[start] & _CONSTRUCTED or depth > _MAX_DEPTH:
            raise BadInput("an indefinite length where none is allowed", f"offset {start}")
        stop = _end_of_contents(data, position, limit, depth)
        end = stop + 2
    else:
        count = length & 0x7F
        if count > 8 or position + count > limit:
            raise BadInput("a length is malformed", f"offset {start}")
        stop = end = position + count + int.from_bytes(data[position : position + count], "big")
        position += count
    if end > limit:
        raise BadInput("the data end inside a value", f"offset {start}")
    return Node(data, tag, (start, position, stop, end))


def read_many(data: bytes, position: int, stop: int) -> list[Node]:
    """Read the values that stand one after another up to `stop`.

    What nearly every value looks like (one octet of tag, a definite length of up to two octets) is read here, in one
    loop, because this is where a verification spends its time; the rest goes through `read`.
    """
    found: list[Node] = []
    while position < stop:
        body, tag = position + 2, data[position]
        if body <= stop and tag & 0x1F != 0x1F:
            length = data[position + 1]
            if length == 0x82 and body + 2 <= stop:
                length = data[body] << 8 | data[body + 1]
                body += 2
            elif length == 0x81 and body < stop:
                length = data[body]
                body += 1
            elif length >= 0x80:
                length = -1
            end = body + length
            if length >= 0 and end <= stop:
                found.append(Node(data, tag, (position, body, end, end)))
                position = end
                continue
        node = read(data, position, stop)
        found.append(node)
        position = node.end
    return found


def read_all(data: bytes, what: str) -> Node:
    """Read a value that must fill `data` exactly."""
    node = read(data)
    if node.end != len(data):
        raise BadInput(f"{what}: extra bytes after the value", f"offset {node.end}")
    return node


def _long_tag(data: bytes, start: int, limit: int) -> tuple[int, int]:
    position = start + 1
    while position < limit and data[position] & 0x80:
        position += 1
    if position + 1 >= limit or position - start > 4:
        raise BadInput("a tag is malformed", f"offset {start}")
    return int.from_bytes(data[start : position + 1], "big"), position + 1


def _end_of_contents(data: bytes, position: int, limit: int, depth: int) -> int:
    while data[position : position + 2] != b"\x00\x00":
        position = read(data, position, limit, depth + 1).end
    return position


@lru_cache(maxsize=4096)
def _dotted(value: bytes) -> str:
    if not value or value[-1] & 0x80 or len(value) > _MAX_OID:
        raise BadInput("an object identifier is malformed")
    arcs, number = [], 0
    for octet in value:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


@lru_cache(maxsize=4096)
def _instant(tag: int, value: bytes) -> datetime:
    if tag not in {UTC_TIME, GENERALIZED_TIME}:
        raise BadInput("a time is expected")
    try:
        text = value.decode("ascii")
        body, shift = _split_zone(text)
        width = 12 if tag == UTC_TIME else 14
        whole, _, fraction = body.replace(",", ".").partition(".")
        whole = whole.ljust(width, "0")
        if len(whole) != width or not whole.isdigit() or (fraction and not fraction.isdigit()):
            raise BadInput("a time is malformed", text)
        if tag == UTC_TIME:
            whole = ("19" if whole[:2] >= "50" else "20") + whole
        instant = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
        return instant + timedelta(microseconds=micro) - shift
    except (ValueError, OverflowError) as error:
        raise BadInput("a time is malformed", repr(value)) from error


def _split_zone(text: str) -> tuple[str, timedelta]:
    if text.endswith("Z"):
        return text[:-1], timedelta()
    if len(text) > 5 and text[-5] in "+-":
        shift = timedelta(hours=int(text[-4:-2]), minutes=int(text[-2:]))
        return text[:-5], shift if text[-5] == "+" else -shift
    return text, timedelta()


def tlv(tag: int, *contents: bytes) -> bytes:
    """Encode one value with a definite length."""
    body = b"".join(contents)
    identifier = bytes([tag]) if tag < 0x100 else tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    length = len(body)
    if length < 0x80:
        return identifier + bytes([length]) + body
    size = (length.bit_length() + 7) // 8
    return identifier + bytes([0x80 | size]) + length.to_bytes(size, "big") + body


def sequence(*members: bytes) -> bytes:
    """Encode SEQUENCE."""
    return tlv(SEQUENCE, *members)


def set_of(members: Iterable[bytes], tag: int = SET) -> bytes:
    """Encode SET OF in DER order (X.690, 11.6)."""
    return tlv(tag, *sorted(members))


def integer(value: int) -> bytes:
    """Encode INTEGER."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    """Encode OCTET STRING."""
    return tlv(OCTET_STRING, value)


def bit_string(value: bytes) -> bytes:
    """Encode BIT STRING of whole octets."""
    return tlv(BIT_STRING, b"\x00", value)


def null() -> bytes:
    """Encode NULL."""
    return b"\x05\x00"


def boolean(value: bool) -> bytes:  # noqa: FBT001 the type of what is encoded
    """Encode BOOLEAN."""
    return b"\x01\x01\xff" if value else b"\x01\x01\x00"


def explicit(number: int, value: bytes) -> bytes:
    """Encode an EXPLICIT context tag."""
    return tlv(0xA0 | number, value)


@lru_cache(maxsize=1024)
def oid(dotted: str) -> bytes:
    """Encode OBJECT IDENTIFIER."""
    arcs = [int(arc) for arc in dotted.split(".")]
    out = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        out += bytes(reversed(septets))
    return tlv(OID, bytes(out))


def time(instant: datetime) -> bytes:
    """Encode Time as X.509 and CMS want it: UTCTime through 2049, GeneralizedTime after."""
    instant = instant.astimezone(UTC)
    if 1950 <= instant.year < 2050:
        return tlv(UTC_TIME, instant.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(instant)


def generalized_time(instant: datetime) -> bytes:
    """Encode GeneralizedTime in whole seconds, UTC."""
    return tlv(GENERALIZED_TIME, instant.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())
