"""Small PDF files with signatures, made by hand for tests: good ones, and every kind of later change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from signing import digest, sign_cades
from tests.signing.conftest import World
from tests.signing.maker import NOW

_PLACE = 12_000
Signer = Callable[[bytes], bytes]
Ranges = Callable[[list[int]], list[int]]


@dataclass(kw_only=True)
class Pdf:
    """A PDF under construction: one page, a form; `update` writes an incremental update."""

    data: bytes = b""
    offsets: dict[int, int] = field(default_factory=dict)
    start: int = 0
    fields: list[int] = field(default_factory=list)
    catalog_extra: bytes = b""
    next_number: int = 10

    @classmethod
    def plain(cls) -> Pdf:
        pdf = cls(data=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        objects = {
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: pdf.page(),
            4: stream(b"BT /F1 12 Tf 72 700 Td (Pay 100 roubles) Tj ET"),
            5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        }
        return pdf.update(objects)

    def page(self, *, extra: bytes = b"", annotations: bytes | None = None) -> bytes:
        listed = b" ".join(b"%d 0 R" % one for one in self.fields) if annotations is None else annotations
        return (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>/Annots[" + listed + b"]" + extra + b">>"
        )

    def catalog(self) -> bytes:
        listed = b" ".join(b"%d 0 R" % one for one in self.fields)
        return (
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[" + listed + b"]>>" + self.catalog_extra + b">>"
        )

    def update(self, objects: Mapping[int, bytes], *, forget: set[int] = frozenset()) -> Pdf:  # type: ignore[assignment]  # an empty default
        """Append objects, a cross-reference table and a trailer; numbers in `forget` are left out of the table."""
        objects = {1: self.catalog(), **objects}
        data, rows = bytearray(self.data), []
        for number, body in sorted(objects.items()):
            rows.append((number, len(data)))
            data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(data)
        data += b"xref\n0 1\n0000000000 65535 f \n" if not self.start else b"xref\n"
        for number, offset in rows:
            if number not in forget:
                data += b"%d 1\n%010d 00000 n \n" % (number, offset)
        previous = b"/Prev %d" % self.start if self.start else b""
        data += b"trailer\n<</Size 200/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (previous, start)
        self.data, self.start = bytes(data), start
        self.offsets.update(rows)
        return self

    def sign(
        self,
        signer: Signer,
        *,
        name: bytes = b"Signature",
        sub_filter: bytes = b"ETSI.CAdES.detached",
        extra: bytes = b"",
        rectangle: bytes = b"0 0 0 0",
        kind: bytes = b"Sig",
        field_extra: bytes = b"",
        change: Ranges | None = None,
    ) -> Pdf:
        """Add a field with a signature over everything but its own value."""
        widget, value = self.next_number, self.next_number + 1
        self.next_number += 2
        self.fields.append(widget)
        dictionary = (
            b"<</Type/%s/Filter/Adobe.PPKLite/SubFilter/%s%s/ByteRange[0 0000000000 0000000000 0000000000]/Contents<%s>>>"
            % (kind, sub_filter, extra, b"0" * _PLACE)
        )
        field_body = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/P 3 0 R/Rect[%s]/V %d 0 R%s>>" % (
            name,
            rectangle,
            value,
            field_extra,
        )
        before = len(self.data)
        self.update({3: self.page(), widget: field_body, value: dictionary})
        return self.fill(signer, before, change)

    def fill(self, signer: Signer, after: int, change: Ranges | None = None) -> Pdf:
        """Put the ranges and the signature into the placeholders behind `after`; `change` makes the ranges wrong."""
        hole = self.data.index(b"/Contents<", after) + len(b"/Contents")
        stop = hole + _PLACE + 2
        numbers = [0, hole, stop, len(self.data) - stop]
        numbers = change(numbers) if change else numbers
        mark = self.data.index(b"/ByteRange[", after) + len(b"/ByteRange[")
        place = self.data.index(b"]", mark)
        data = self.data[:mark] + b" ".join(b"%d" % one for one in numbers).ljust(place - mark) + self.data[place:]
        first, second = (data[start : start + length] for start, length in (numbers[:2], numbers[2:]))
        cms = signer(first + second)
        text = cms.hex().encode().ljust(_PLACE, b"0")
        self.data = data[: hole + 1] + text + data[stop - 1 :]
        return self


def stream(body: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(body), extra, body)


def cades(world: World, *, stamped: bool = False) -> Signer:
    return lambda content: sign_cades(
        content,
        key=world.signer.key,
        certificate=world.signer.certificate,
        signing_time=NOW,
        timestamper=world.tsa if stamped else None,
    )


def stamper(world: World) -> Signer:
    """Signs as a document time-stamp."""
    return lambda content: world.tsa.timestamp("streebog256", digest("streebog256", content))
