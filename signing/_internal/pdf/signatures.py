"""Signature dictionaries of a PDF (ISO 32000-1, 12.8.1): found through fields and in the raw bytes, ByteRange checked."""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from itertools import islice

from signing._internal.errors import BadInput
from signing._internal.pdf.document import Document, Located
from signing._internal.pdf.syntax import Parser, Reference, Value

MAX_SIGNATURES = 200
_MAX_FIELDS = 20_000
_MAX_MARKS = 5000
_MARK = re.compile(rb"/ByteRange[\x00\t\n\x0c\r ]*+\[")
_OBJECT = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj")
_LOOK_BACK = 200_000  # an object with a signature placeholder is not longer before /ByteRange


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the interactive form: its full name, the number of its object (None when direct), its dictionary."""

    name: str
    number: int | None
    dictionary: dict[str, Value]
    kind: Value
    kids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PdfSignature:
    """One signature dictionary.

    `span` is where the value of /Contents stands with its brackets; `ranges` the numbers of /ByteRange; `reachable`
    whether a field of the document points to it, `field` the dictionary of that field. `faults` tell what breaks the
    form, `doubts` what is ambiguous.
    """

    name: str
    dictionary: dict[str, Value]
    contents: bytes
    span: tuple[int, int]
    ranges: tuple[int, ...]
    place: tuple[int, int]
    number: int | None
    reachable: bool
    field: dict[str, Value] = dataclass_field(default_factory=dict)
    faults: list[str] = dataclass_field(default_factory=list)
    doubts: list[str] = dataclass_field(default_factory=list)

    @property
    def end(self) -> int:
        """Where the signed revision ends."""
        return self.ranges[2] + self.ranges[3] if len(self.ranges) == 4 else 0

    @property
    def format(self) -> str:
        """The value of /SubFilter."""
        found = self.dictionary.get("SubFilter")
        return found if isinstance(found, str) else ""

    def signed_bytes(self, data: bytes) -> bytes:
        """What the signature is over."""
        first, length, second, rest = self.ranges
        return data[first : first + length] + data[second : second + rest]


def fields_of(document: Document) -> list[Field]:
    """Terminal fields of the form in their order; bounded, never loops."""
    form = document.dictionary(document.catalog.get("AcroForm"))
    found: list[Field] = []
    seen: set[int] = set()
    waiting: list[tuple[Value, str, Value]] = []
    waiting += [(one, "", None) for one in reversed(document.array(form.get("Fields")))]
    while waiting and len(found) < _MAX_FIELDS:
        value, prefix, inherited = waiting.pop()
        number = value.number if isinstance(value, Reference) else None
        if number is not None:
            if number in seen:
                continue
            seen.add(number)
        one = document.resolve(value)
        if not isinstance(one, dict):
            continue
        own = one.get("T")
        name = ".".join(part for part in (prefix, text_of(document.resolve(own))) if part)
        kind = document.resolve(one.get("FT")) or inherited
        kids = document.array(one.get("Kids"))
        below = [kid for kid in kids if "T" in document.dictionary(kid)]
        if below:
            waiting += [(kid, name, kind) for kid in reversed(below)]
            continue
        numbers = tuple(kid.number for kid in kids if isinstance(kid, Reference))
        found.append(Field(name=name, number=number, dictionary=one, kind=kind, kids=numbers))
    return found


def text_of(value: Value) -> str:
    """A text string (ISO 32000-1, 7.9.2.2); "" for anything else."""
    if not isinstance(value, bytes):
        return ""
    if value[:2] == b"\xfe\xff":
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1")


def find_signatures(document: Document) -> list[PdfSignature]:
    """All signature dictionaries: those that fields point to, then others that stand in the file as objects."""
    found: list[PdfSignature] = []
    for one in fields_of(document):
        if one.kind != "Sig" or one.dictionary.get("V") is None:
            continue
        located = _locate(document, one)
        if len(found) >= MAX_SIGNATURES:
            break
        if located is not None:
            found.append(replace(_read(document, located, name=one.name, reachable=True), field=one.dictionary))
        elif document.resolve(one.dictionary["V"]) is not None or not document.encrypted:
            found.append(_unreadable(one.name))
    bound = {one.span for one in found}
    for located in _unbound(document.data, sorted(set(_offsets(document))), document):
        if len(found) >= MAX_SIGNATURES:
            break
        if located.spans.get("Contents") not in bound:
            found.append(_read(document, located, name="", reachable=False))
    _refuse_doubles(document, found)
    return found


def stray_signatures(data: bytes) -> list[PdfSignature]:
    """Signature dictionaries of a file whose structure cannot be read at all, by their raw bytes."""
    found: list[PdfSignature] = []
    headers = _Headers(data, len(data))
    for mark in islice(_MARK.finditer(data), _MAX_MARKS):
        located = headers.around(mark.start())
        if located is not None and len(found) < MAX_SIGNATURES:
            found.append(_read(None, located, name="", reachable=False))
    return found


class _Headers:
    """Objects found by their headers alone ("7 0 obj"), each given once; the file is gone through once."""

    def __init__(self, data: bytes, end: int) -> None:
        self.data = data
        self.end = end
        self._starts: list[int] | None = None
        self._seen: set[int] = set()

    def around(self, position: int) -> Located | None:
        """The object with a signature around a position, when it was not given yet."""
        if self._starts is None:
            self._starts = [one.start() for one in _OBJECT.finditer(self.data, 0, self.end)]
        at = bisect.bisect_right(self._starts, position) - 1
        if at < 0 or self._starts[at] in self._seen or position - self._starts[at] > _LOOK_BACK:
            return None
        self._seen.add(self._starts[at])
        located = _raw_object(self.data, self._starts[at], self.end)
        signature = located is not None and {"ByteRange", "Contents"} <= located.spans.keys()
        return located if located is not None and signature and located.stop > position else None


def _raw_object(data: bytes, start: int, end: int) -> Located | None:
    head = _OBJECT.match(data, start, end)
    if head is None:
        return None
    parser = Parser(data, head.end(), end)
    try:
        value = parser.value()
    except BadInput:
        return None
    number, generation = map(int, head.groups())
    return Located(
        number=number, generation=generation, value=value, start=start, stop=parser.position, spans=parser.spans
    )


def _locate(document: Document, one: Field) -> Located | None:
    """The signature dictionary of a field, with the places of its values."""
    value = one.dictionary["V"]
    try:
        if isinstance(value, Reference):
            entry = document.entries.get(value.number)
            if entry is None or entry.container >= 0:
                return None
            return document.at(entry.offset, value.number)
        entry = document.entries.get(one.number) if one.number is not None else None
        if entry is None or entry.container >= 0:
            return None
        outer = document.at(entry.offset, one.number)
        parser = Parser(document.data, outer.spans["V"][0], document.end)
        inner = parser.value()
    except (BadInput, KeyError):
        return None
    return Located(
        number=outer.number,
        generation=outer.generation,
        value=inner,
        start=outer.spans["V"][0],
        stop=parser.position,
        spans=parser.spans,
    )


def _offsets(document: Document) -> Iterator[int]:
    """Places of all objects of all revisions."""
    for section in document.sections:
        for entry in section.entries.values():
            if entry is not None and entry.container < 0:
                yield entry.offset


def _unbound(data: bytes, offsets: list[int], document: Document) -> Iterator[Located]:
    """Objects with /ByteRange that stand in the file, whether a section names them or not; not those inside streams."""
    stops: dict[int, int] = {}  # where the objects end that were looked at; 0 for what is no object
    headers = _Headers(data, document.end)
    for mark in islice(_MARK.finditer(data, 0, document.end), _MAX_MARKS):
        at = bisect.bisect_right(offsets, mark.start()) - 1
        offset = offsets[at] if at >= 0 else -1
        if offset not in stops:
            known = _object_at(document, offset) if offset >= 0 else None
            stops[offset] = known.stop if known is not None else 0
            if known is not None and known.stop > mark.start() and "ByteRange" in known.spans:
                yield known
        if stops[offset] <= mark.start():
            stray = headers.around(mark.start())
            if stray is not None:
                yield stray


def _object_at(document: Document, offset: int) -> Located | None:
    try:
        return document.at(offset)
    except BadInput:
        return None


def _unreadable(name: str) -> PdfSignature:
    return PdfSignature(
        name=name,
        dictionary={},
        contents=b"",
        span=(-1, -1),
        ranges=(),
        place=(0, 0),
        number=None,
        reachable=True,
        faults=["словарь подписи не читается"],
    )


def _read(document: Document | None, located: Located, *, name: str, reachable: bool) -> PdfSignature:
    faults: list[str] = []
    dictionary = located.value if isinstance(located.value, dict) else {}
    value = dictionary.get("ByteRange")
    numbers = value if isinstance(value, list) else []
    ranges = tuple(one for one in numbers if isinstance(one, int) and not isinstance(one, bool))
    contents, span = dictionary.get("Contents"), located.spans.get("Contents", (0, 0))
    if not isinstance(contents, bytes):
        faults.append("нет значения /Contents")
        contents = b""
    if len(ranges) != 4 or len(numbers) != 4:
        faults.append("/ByteRange не из четырёх чисел")
        ranges = ()
    found = PdfSignature(
        name=name,
        dictionary=dictionary,
        contents=contents,
        span=span,
        ranges=ranges,
        place=(located.start, located.stop),
        number=located.number,
        reachable=reachable,
        faults=faults,
    )
    if ranges and document is not None:
        faults += _range_faults(found, document.end)
    elif ranges and not 0 <= min(ranges) <= max(ranges):
        faults.append("/ByteRange с отрицательными числами")
    return found


def _range_faults(found: PdfSignature, size: int) -> list[str]:
    """The signed bytes must be everything up to some end but the value of /Contents (ISO 32000-1, 12.8.1)."""
    first, length, second, rest = found.ranges
    if min(found.ranges) < 0 or second + rest > size or first + length > second:
        return ["/ByteRange выходит за пределы файла или пересекается сам с собой"]
    faults = []
    if first != 0:
        faults.append("подписано не с начала файла")
    if (first + length, second) != found.span:
        faults.append("неподписанный промежуток не совпадает со значением /Contents")
    if second + rest < found.place[1]:
        faults.append("словарь подписи подписан не целиком")
    return faults


def _refuse_doubles(document: Document, found: list[PdfSignature]) -> None:
    """No two signatures may share a hole, and holes may not overlap; field names are unique (ISO 32000-1, 12.7.3.2)."""
    spans = Counter(one.span for one in found)
    names = Counter(one.name for one in fields_of(document))
    for one in found:
        if spans[one.span] > 1:
            one.doubts.append("два поля указывают на одну и ту же подпись")
        if one.reachable and one.name and names[one.name] > 1:
            one.doubts.append(f"имя поля «{one.name}» встречается дважды")
        if any(_overlap(one, other) for other in found if other is not one):
            one.faults.append("подписанные промежутки двух подписей противоречат друг другу")


def _overlap(one: PdfSignature, other: PdfSignature) -> bool:
    """Whether the holes overlap, or the later revision starts inside the hole of the other."""
    if one.span == other.span or not one.ranges or not other.ranges:
        return False
    return one.span[0] < other.span[1] and other.span[0] < one.span[1]
