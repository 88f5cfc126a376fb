"""Writing signatures into PDF files: pyHanko makes the incremental update, we make the CMS (ADR 0005).

Of pyHanko only public parts are used (`PdfCMSEmbedder` and its writer), nothing in it is replaced; its hash over the
file, which knows no Streebog, is not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Literal

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import cms_embedder, pdf_byterange
from pyhanko.stamp import BaseStampStyle

from signing._internal import hashing
from signing._internal.errors import BadInput
from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import find_signatures
from signing._internal.pdf.stamp import Mark, PdfStamp

_MAX_FIELDS = 10_000


@dataclass(frozen=True, kw_only=True)
class PdfPlace:
    """What the PDF says about a signature beside the CMS.

    `field` names the field: an empty one that is there is filled, another is made; "" takes the first free name.
    `certify` 1, 2 or 3 makes a certification signature with these DocMDP permissions (ISO 32000-1, 12.8.2.2).
    `stamp` makes the signature visible.
    """

    field: str = ""
    reason: str = ""
    location: str = ""
    contact: str = ""
    certify: Literal[1, 2, 3] | None = None
    stamp: PdfStamp | None = None


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A PDF with room for a signature: `data` without `start:end` (the hexadecimal string) is signed."""

    data: bytes = field(repr=False)
    start: int
    end: int

    def digest(self, name: str) -> bytes:
        """The hash of the signed bytes."""
        view = memoryview(self.data)
        return hashing.hash_parts(name, (view[: self.start], view[self.end :]))

    def filled(self, contents: bytes) -> bytes:
        """The PDF with the signature in it; BadInput when the room is too small."""
        room = self.end - self.start - 2
        if 2 * len(contents) > room:
            raise TooSmall(f"the signature has {len(contents)} octets, the room is for {room // 2}", "reserve")
        text = contents.hex().encode().ljust(room, b"0")
        return b"".join((self.data[: self.start + 1], text, self.data[self.end - 1 :]))


class TooSmall(BadInput):
    """The room that was left in the PDF is too small for the signature."""


@contextmanager
def pdf_errors() -> Iterator[None]:
    """Turn what pyHanko raises about a bad file into BadInput."""
    try:
        yield
    except PdfError as error:
        raise BadInput(f"the PDF cannot be written: {error}", "pdf") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, AssertionError) as error:
        raise BadInput(f"the PDF is malformed: {type(error).__name__} {error}", "pdf") from error


def open_pdf(pdf: bytes) -> IncrementalPdfFileWriter:
    """An incremental update over the file; BadInput for what is no PDF and for encrypted files."""
    with pdf_errors():
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
        if writer.prev.encrypted:
            raise BadInput("the PDF is encrypted", "pdf")
        return writer


def make_hole(pdf: bytes, place: PdfPlace, *, reserve: int, signing_time: datetime, lines: tuple[str, ...]) -> Hole:
    """Write a field with an empty signature of `reserve` octets; `lines` are what a visible stamp says."""
    writer = open_pdf(pdf)
    stamp = place.stamp
    with pdf_errors():
        name = _field_name(writer, place.field)
        placeholder = pdf_byterange.SignatureObject(
            timestamp=signing_time,
            subfilter=SigSeedSubFilter.PADES,
            reason=place.reason or None,
            location=place.location or None,
            contact_info=place.contact or None,
            bytes_reserved=2 * reserve,
        )
        spec = SigFieldSpec(name) if stamp is None else SigFieldSpec(name, on_page=stamp.page, box=stamp.box)
        look = None if stamp is None else _Style(stamp=stamp, lines=(*lines, *stamp.lines))
        appearance = None if look is None else cms_embedder.SigAppearanceSetup(look, signing_time, None)
        rights = None
        if place.certify is not None:
            _refuse_second_certification(writer)
            rights = cms_embedder.SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm(place.certify))
        setup = cms_embedder.SigObjSetup(sig_placeholder=placeholder, appearance_setup=appearance, mdp_setup=rights)
        return _embed(writer, name, spec, setup)


def make_timestamp_hole(pdf: bytes, *, reserve: int) -> Hole:
    """Write a field with an empty document time-stamp (EN 319 142-1, 5.4.3)."""
    writer = open_pdf(pdf)
    with pdf_errors():
        name = _field_name(writer, "", "Timestamp")
        setup = cms_embedder.SigObjSetup(sig_placeholder=pdf_byterange.DocumentTimestamp(bytes_reserved=2 * reserve))
        return _embed(writer, name, SigFieldSpec(name), setup)


def _embed(writer: IncrementalPdfFileWriter, name: str, spec: SigFieldSpec, setup: cms_embedder.SigObjSetup) -> Hole:
    """Walk through pyHanko's protocol up to the filled placeholder."""
    steps = cms_embedder.PdfCMSEmbedder(new_field_spec=spec).write_cms(name, writer)
    next(steps)
    steps.send(setup)
    prepared, out = steps.send(cms_embedder.SigIOSetup(md_algorithm="sha256"))
    hole = Hole(data=out.getvalue(), start=prepared.reserved_region_start, end=prepared.reserved_region_end)
    _check_found(hole)
    return hole


def _check_found(hole: Hole) -> None:
    """Refuse a file so built that readers would not find the new signature through its form."""
    found = (one for one in find_signatures(Document(hole.data)) if one.ranges[:2] == (0, hole.start))
    if not any(one.reachable and not one.doubts for one in found):
        raise BadInput("the PDF is so built that its form does not lead to the new signature", "pdf")


def _field_name(writer: IncrementalPdfFileWriter, wanted: str, stem: str = "Signature") -> str:
    """The name of the field to fill; BadInput when it holds a signature."""
    filled = {name: value is not None for name, value, _ in enumerate_sig_fields(writer.prev)}
    if wanted:
        if filled.get(wanted):
            raise BadInput(f"the field {wanted!r} is signed already", "field")
        return wanted
    return next(name for name in (f"{stem}{number}" for number in range(1, _MAX_FIELDS)) if name not in filled)


def _refuse_second_certification(writer: IncrementalPdfFileWriter) -> None:
    """A certification signature is the first one (ISO 32000-1, 12.8.1)."""
    if any(value is not None for _, value, _ in enumerate_sig_fields(writer.prev)):
        raise BadInput("only the first signature of a document may certify it", "certify")


@dataclass(frozen=True)
class _Style(BaseStampStyle):
    """Hands our mark over to pyHanko."""

    stamp: PdfStamp | None = None
    lines: tuple[str, ...] = ()

    def create_stamp(self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: object) -> Mark | None:
        """The mark for a box."""
        del text_params
        if self.stamp is None:
            return None
        return Mark(writer, (box.width, box.height), self.stamp.title, self.lines, self.stamp.font)
