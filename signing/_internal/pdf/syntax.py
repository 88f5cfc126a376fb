"""PDF objects as they stand in a file (ISO 32000-1, 7.2, 7.3): a bounded parser that remembers where values stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from signing._internal.errors import BadInput

_MAX_DEPTH = 60
_MAX_ITEMS = 2_000_000
_BLANK = re.compile(rb"(?>[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+")
_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_WORD = re.compile(_REGULAR + rb"++")
_TOKEN = re.compile(
    _BLANK.pattern
    + rb"(?:(?P<reference>(?P<object>\d{1,10}+)[\x00\t\n\x0c\r ]++(?P<generation>\d{1,5}+)[\x00\t\n\x0c\r ]++R(?!"
    + _REGULAR
    + rb"))|(?P<number>[+-]*+(?>\d++\.?\d*+|\.\d*+))|/(?P<name>"
    + _REGULAR
    + rb"*+)|(?P<dictionary><<)|<(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*+)>|(?P<array>\[)|(?P<close>\]|>>)|(?P<literal>\()|(?P<word>"
    + _REGULAR
    + rb"++))"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STRING_PART = re.compile(rb"[^()\\]++")
_SIMPLE_ESCAPES = {0x6E: b"\n", 0x72: b"\r", 0x74: b"\t", 0x62: b"\b", 0x66: b"\f"}


class Name(str):
    """A name object, without its slash."""

    __slots__ = ()


class Reference(NamedTuple):
    """An indirect reference."""

    number: int
    generation: int


@dataclass(frozen=True)
class Stream:
    """A stream: its dictionary and its bytes as they are stored."""

    dictionary: dict[str, Value]
    raw: bytes


Value = None | bool | int | float | bytes | Name | Reference | Stream | list["Value"] | dict[str, "Value"]


class _Close:
    """What closes an array or a dictionary."""


_END_OF_ARRAY, _END_OF_DICTIONARY = _Close(), _Close()
_CLOSES: dict[bytes, Value | _Close] = {b"]": _END_OF_ARRAY, b">>": _END_OF_DICTIONARY}
_WORDS: dict[bytes, Value | _Close] = {b"true": True, b"false": False, b"null": None}
# which of two values counts changes nothing in the verdict: every reader knows a signature by /Contents and /ByteRange
_MAY_REPEAT = {"Type"}


def _number(text: bytes) -> int | float:
    digits = text.lstrip(b"+-")
    if len(digits) > 40:
        raise BadInput("a number is too long")
    value = float(digits if digits != b"." else b"0") if b"." in digits else int(digits)
    return -value if text[:1] == b"-" else value


@lru_cache(maxsize=4096)
def _name(text: bytes) -> Name:
    plain = _ESCAPED.sub(lambda match: bytes([int(match.group(1), 16)]), text) if b"#" in text else text
    return Name(plain.decode("latin-1"))


def _plain(kind: str | None, found: re.Match[bytes]) -> Value | _Close:
    """The value of a token that holds no others."""
    text = found.group(kind or 0)
    if kind == "number":
        return _number(text)
    if kind == "reference":
        return Reference(int(found.group("object")), int(found.group("generation")))
    if kind == "name":
        return _name(text)
    if kind == "hex":
        digits = text.translate(None, b"\x00\t\n\x0c\r ")
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    known = _CLOSES if kind == "close" else _WORDS
    if text not in known:
        raise BadInput("not a PDF value", f"offset {found.start()}")
    return known[text]


class Parser:
    """Reads values one after another from `data` between `position` and `end`.

    After a dictionary was read at the outer level, `spans` tells where its values stand. BadInput on what is no PDF.
    """

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self.data = data
        self.position = position
        self.end = end
        self.spans: dict[str, tuple[int, int]] = {}
        self._items = 0

    def blank(self) -> None:
        """Pass over white space and comments."""
        found = _BLANK.match(self.data, self.position, self.end)
        self.position = found.end() if found else self.position

    def word(self, expected: bytes) -> bool:
        """Take a keyword when it is the next thing."""
        self.blank()
        found = _WORD.match(self.data, self.position, self.end)
        if found is None or found.group() != expected:
            return False
        self.position = found.end()
        return True

    def value(self, depth: int = 0) -> Value:
        """Read one value."""
        value = self._next(depth)
        if isinstance(value, _Close):
            raise BadInput("not a PDF value", f"offset {self.position}")
        return value

    def _next(self, depth: int) -> Value | _Close:
        """Read a value, or the bracket that closes the array or dictionary around."""
        self._items += 1
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise BadInput("a PDF object is too deep or too large", f"offset {self.position}")
        found = _TOKEN.match(self.data, self.position, self.end)
        if found is None:
            raise BadInput("not a PDF value", f"offset {self.position}")
        self.position = found.end()
        kind = found.lastgroup
        if kind in {"array", "dictionary"}:
            return self._array(depth) if kind == "array" else self._dictionary(depth)
        return self._literal() if kind == "literal" else _plain(kind, found)

    def _array(self, depth: int) -> list[Value]:
        items: list[Value] = []
        while True:
            value = self._next(depth + 1)
            if isinstance(value, _Close):
                if value is not _END_OF_ARRAY:
                    raise BadInput("an array is malformed", f"offset {self.position}")
                return items
            items.append(value)

    def _dictionary(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        spans: dict[str, tuple[int, int]] = {}
        while True:
            key = self._next(depth + 1)
            if key is _END_OF_DICTIONARY:
                break
            if not isinstance(key, Name):
                raise BadInput("a dictionary is malformed", f"offset {self.position}")
            if depth == 0:
                self.blank()
            start = self.position
            value = self.value(depth + 1)
            if key in found and found[key] != value and key not in _MAY_REPEAT:
                raise BadInput(f"the key /{key} stands twice in a dictionary", f"offset {start}")
            found[key] = value
            spans[key] = (start, self.position)
        if depth == 0:
            self.spans = spans
        return found

    def _literal(self) -> bytes:
        start = self.position
        parts: list[bytes] = []
        depth = 1
        while True:
            if self.position >= self.end:
                raise BadInput("a string does not end", f"offset {start}")
            found = _STRING_PART.match(self.data, self.position, self.end)
            if found is not None:
                parts.append(found.group())
                self.position = found.end()
                continue
            octet = self.data[self.position]
            self.position += 1
            if octet == 0x5C:
                parts.append(self._escape())
                continue
            depth += 1 if octet == 0x28 else -1
            if depth == 0:
                return b"".join(parts)
            parts.append(bytes([octet]))

    def _escape(self) -> bytes:
        data, at = self.data, self.position
        if at >= self.end:
            return b""
        octet = data[at]
        self.position += 1
        if octet in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[octet]
        if octet in b"\r\n":
            self.position += data[at : at + 2] == b"\r\n"
            return b""
        if octet in b"01234567":
            stop = at + 1
            while stop < min(at + 3, self.end) and data[stop] in b"01234567":
                stop += 1
            self.position = stop
            return bytes([int(data[at:stop], 8) & 0xFF])
        return bytes([octet])
