"""A PDF file up to a given byte, read through its cross-reference sections only (ISO 32000-1, 7.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from signing._internal.errors import BadInput
from signing._internal.pdf.filters import decode
from signing._internal.pdf.syntax import Parser, Reference, Stream, Value

_MAX_SECTIONS = 2000
_MAX_OBJECTS = 2_000_000
_MAX_HOPS = 20
_MAX_DECODED = 128 * 1024 * 1024
_FAILED_COST = 8 * 1024 * 1024  # what a stream that cannot be decoded takes from the bound
_START = re.compile(rb"startxref[\x00\t\n\x0c\r ]*+(\d{1,12})")
_OBJECT = re.compile(rb"(\d{1,10}+)[\x00\t\n\x0c\r ]++(\d{1,5}+)[\x00\t\n\x0c\r ]++obj")
_ROW = re.compile(rb"(\d{10}) (\d{5}) ([nf])[\x00\t\n\x0c\r ]{0,3}")
_HEAD = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]++(\d{1,10})[\x00\t\n\x0c\r ]++")


class Entry(NamedTuple):
    """Where an object stands: `offset` in the file, or the `place` inside the object stream number `container`."""

    offset: int
    generation: int
    container: int = -1
    place: int = 0


@dataclass(kw_only=True)
class Section:
    """One cross-reference section: where it starts, what it lists (None: free) and its trailer."""

    position: int
    stop: int
    trailer: dict[str, Value]
    entries: dict[int, Entry | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Located:
    """An object with its place in the file: `spans` are those of the values of its dictionary."""

    number: int
    generation: int
    value: Value
    start: int
    stop: int
    spans: dict[str, tuple[int, int]]


class Document:
    """The file `data[:end]` as a conforming reader sees it; BadInput when it has no usable cross-references.

    Everything is bounded: sections, objects, depth, sizes of decoded streams.
    """

    def __init__(self, data: bytes, end: int | None = None) -> None:
        self.data = data
        self.end = len(data) if end is None else end
        self.base = data.find(b"%PDF-", 0, min(1024, self.end))
        if self.base < 0:
            raise BadInput("the file is not a PDF")
        self.sections: list[Section] = []
        self.entries: dict[int, Entry | None] = {}
        self._values: dict[int, Value] = {}
        self._containers: dict[int, list[tuple[int, int]]] = {}
        self._decoded: dict[int, bytes] = {}
        self._stops: dict[int, int] = {}
        self._budget = _MAX_DECODED
        self._read_sections()
        self.trailer = self.sections[0].trailer

    @property
    def encrypted(self) -> bool:
        """Whether strings and streams are encrypted (their contents are not read here)."""
        return self.trailer.get("Encrypt") is not None

    @property
    def catalog(self) -> dict[str, Value]:
        """The document catalogue."""
        return self.dictionary(self.trailer.get("Root"))

    # --- values ---

    def resolve(self, value: Value) -> Value:
        """Follow references; None for what is absent, free or unreadable."""
        for _ in range(_MAX_HOPS):
            if not isinstance(value, Reference):
                return value
            value = self.object(value.number)
        return None

    def dictionary(self, value: Value) -> dict[str, Value]:
        """The dictionary behind a value; an empty one when it is something else."""
        found = self.resolve(value)
        if isinstance(found, Stream):
            return found.dictionary
        return found if isinstance(found, dict) else {}

    def array(self, value: Value) -> list[Value]:
        """The array behind a value; an empty one when it is something else."""
        found = self.resolve(value)
        return found if isinstance(found, list) else []

    def object(self, number: int) -> Value:
        """The object with this number; None when it is absent, free or unreadable."""
        if number in self._values:
            return self._values[number]
        self._values[number] = None  # an object that needs itself is nothing
        entry = self.entries.get(number)
        value: Value = None
        if entry is not None:
            try:
                value = self._inside(entry, number) if entry.container >= 0 else self.at(entry.offset, number).value
            except BadInput:
                value = None
        self._values[number] = value
        return value

    def at(self, offset: int, number: int | None = None) -> Located:
        """The indirect object at an offset; BadInput when there is none (or another `number`)."""
        found = _OBJECT.match(self.data, offset, self.end)
        if found is None:
            parser = Parser(self.data, offset, self.end)
            parser.blank()
            found = _OBJECT.match(self.data, parser.position, self.end)
        if found is None or (number is not None and int(found.group(1)) != number):
            raise BadInput("no object where the cross-reference points", f"offset {offset}")
        parser = Parser(self.data, found.end(), self.end)
        value = parser.value()
        spans = parser.spans
        if isinstance(value, dict) and parser.word(b"stream"):
            value = self._stream(parser, value)
        if not parser.word(b"endobj"):
            self._loose_end(parser)
        return Located(
            number=int(found.group(1)),
            generation=int(found.group(2)),
            value=value,
            start=found.start(),
            stop=parser.position,
            spans=spans,
        )

    def decode(self, stream: Stream) -> bytes:
        """The decoded bytes of a stream; all of a document together stay within a bound. BadInput."""
        if self._budget <= 0:
            raise BadInput("the streams of the PDF are too large")
        left = self._budget
        self._budget -= _FAILED_COST
        body = decode(stream, left)
        self._budget = left - len(body)
        return body

    def stop_of(self, offset: int) -> int:
        """Where the object at an offset ends; BadInput when there is none."""
        if offset not in self._stops:
            self._stops[offset] = self.at(offset).stop
        return self._stops[offset]

    def _loose_end(self, parser: Parser) -> None:
        """A missing endobj is forgiven when the next object or section begins; anything else is not."""
        parser.blank()
        rest = self.data[parser.position : parser.position + 24]
        if not (_OBJECT.match(rest) or rest.startswith((b"xref", b"startxref", b"endobj"))):
            raise BadInput("an object does not end", f"offset {parser.position}")

    def _stream(self, parser: Parser, dictionary: dict[str, Value]) -> Stream:
        data, start = self.data, parser.position
        start += 2 if data[start : start + 2] == b"\r\n" else data[start : start + 1] in {b"\n", b"\r"}
        length = self.resolve(dictionary.get("Length"))
        if isinstance(length, int) and 0 <= length <= self.end - start:
            parser.position = start + length
            if parser.word(b"endstream"):
                return Stream(dictionary, data[start : start + length])
        stop = data.find(b"endstream", start, self.end)
        if stop < 0:
            raise BadInput("a stream does not end", f"offset {start}")
        parser.position = stop + len(b"endstream")
        for tail in (b"\r\n", b"\n", b"\r"):
            if data[start:stop].endswith(tail):
                stop -= len(tail)
                break
        return Stream(dictionary, data[start:stop])

    def _inside(self, entry: Entry, number: int) -> Value:
        if entry.container not in self._containers:
            self._open_container(entry.container)
        places = self._containers[entry.container]
        body = self._decoded[entry.container]
        # the place is a hint: what counts is the number (ISO 32000-1, 7.5.7)
        hinted = places[entry.place : entry.place + 1]
        offset = next((where for own, where in (*hinted, *places) if own == number), None)
        if offset is None:
            raise BadInput("an object is not in its object stream", str(number))
        return Parser(body, offset, len(body)).value()

    def _open_container(self, number: int) -> None:
        self._containers[number], self._decoded[number] = [], b""
        stream = self.object(number)
        if self.encrypted or not isinstance(stream, Stream):
            raise BadInput("an object stream cannot be read", str(number))
        count, first = self.resolve(stream.dictionary.get("N")), self.resolve(stream.dictionary.get("First"))
        if not isinstance(count, int) or not isinstance(first, int) or not 0 <= count <= _MAX_OBJECTS:
            raise BadInput("an object stream is malformed", str(number))
        body = self.decode(stream)
        parser = Parser(body, 0, min(max(first, 0), len(body)))
        for _ in range(count):
            own, where = parser.value(), parser.value()
            if not isinstance(own, int) or not isinstance(where, int) or where < 0:
                raise BadInput("an object stream is malformed", str(number))
            self._containers[number].append((own, first + where))
        self._decoded[number] = body

    # --- cross-references ---

    def _read_sections(self) -> None:
        position = self.data.rfind(b"startxref", 0, self.end)
        found = _START.match(self.data, position, self.end) if position >= 0 else None
        if found is None:
            raise BadInput("the PDF has no startxref")
        waiting, seen = [int(found.group(1))], set()
        while waiting:
            offset = waiting.pop(0)
            if offset in seen:
                continue
            seen.add(offset)
            if len(seen) > _MAX_SECTIONS:
                raise BadInput("the PDF has too many cross-reference sections")
            section = self._section(offset)
            self.sections.append(section)
            for key in ("XRefStm", "Prev"):
                link = section.trailer.get(key)
                if isinstance(link, int | float) and link > 0:
                    waiting.append(int(link))
        for section in reversed(self.sections):
            self.entries.update(section.entries)
        if len(self.entries) > _MAX_OBJECTS:
            raise BadInput("the PDF has too many objects")

    def _section(self, offset: int) -> Section:
        for start in dict.fromkeys((offset, offset + self.base)):
            if not 0 <= start < self.end:
                continue
            parser = Parser(self.data, start, self.end)
            if parser.word(b"xref"):
                return self._table(parser, start)
            if _OBJECT.match(self.data, parser.position, self.end):
                return self._table_stream(start)
        raise BadInput("no cross-reference section where startxref or /Prev points", f"offset {offset}")

    def _table(self, parser: Parser, start: int) -> Section:
        entries: dict[int, Entry | None] = {}
        while True:
            parser.blank()
            head = _HEAD.match(self.data, parser.position, self.end)
            if head is None:
                break
            first, count = int(head.group(1)), int(head.group(2))
            parser.position = head.end()
            for number in range(first, first + min(count, _MAX_OBJECTS)):
                row = _ROW.match(self.data, parser.position, self.end)
                if row is None:
                    raise BadInput("a cross-reference table is malformed", f"offset {parser.position}")
                parser.position = row.end()
                used = row.group(3) == b"n"
                where = int(row.group(1))
                entries[number] = Entry(self._placed(where), int(row.group(2))) if used and where else None
        if not parser.word(b"trailer"):
            raise BadInput("a cross-reference table has no trailer", f"offset {parser.position}")
        trailer = parser.value()
        if not isinstance(trailer, dict):
            raise BadInput("a trailer is malformed", f"offset {start}")
        return Section(position=start, stop=parser.position, trailer=trailer, entries=entries)

    def _placed(self, offset: int) -> int:
        """Offsets count from the header when something stands before it."""
        if self.base and _OBJECT.match(self.data, offset, self.end) is None:
            return offset + self.base
        return offset

    def _table_stream(self, start: int) -> Section:
        located = self.at(start)
        stream = located.value
        if not isinstance(stream, Stream) or stream.dictionary.get("Type") != "XRef":
            raise BadInput("not a cross-reference stream", f"offset {start}")
        widths, size = stream.dictionary.get("W"), stream.dictionary.get("Size")
        index = stream.dictionary.get("Index", [0, size])
        numbers = [one for one in widths if isinstance(one, int) and 0 <= one <= 8] if isinstance(widths, list) else []
        pairs = [one for one in index if isinstance(one, int) and one >= 0] if isinstance(index, list) else []
        if len(numbers) != 3 or len(pairs) % 2 or not sum(numbers):
            raise BadInput("a cross-reference stream is malformed", f"offset {start}")
        body, step, at = self.decode(stream), sum(numbers), 0
        entries: dict[int, Entry | None] = {}
        for first, count in zip(pairs[::2], pairs[1::2], strict=True):
            for number in range(first, first + min(count, len(body) // step - at)):
                entries[number] = self._row(body[at * step : (at + 1) * step], numbers)
                at += 1
        return Section(position=start, stop=located.stop, trailer=stream.dictionary, entries=entries)

    def _row(self, row: bytes, widths: list[int]) -> Entry | None:
        first, second = widths[0], widths[0] + widths[1]
        kind = int.from_bytes(row[:first], "big") if first else 1
        where, extra = int.from_bytes(row[first:second], "big"), int.from_bytes(row[second:], "big")
        if kind == 1:
            return Entry(self._placed(where), extra)
        return Entry(-1, 0, where, extra) if kind == 2 else None
