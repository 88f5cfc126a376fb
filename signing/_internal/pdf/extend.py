"""PAdES LT and LTA: evidence in the document security store, document time-stamps (ETSI EN 319 142-1, 5.4, 6.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Literal

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1

from signing._internal import assemble
from signing._internal.cms import read_signed_data
from signing._internal.errors import BadInput
from signing._internal.evidence import EvidenceSource
from signing._internal.pdf.verify import PdfEvidence, examine_pdf
from signing._internal.pdf.writing import TooSmall, make_timestamp_hole, open_pdf, pdf_errors
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.sign import Timestamper
from signing._internal.timestamps import merge_evidence
from signing._internal.trust import TrustStore
from signing._internal.verdict import Evidence

PdfLevel = Literal["LT", "LTA"]
_ROOM = 12_288
_KINDS = (("Certs", "Cert", "certificates"), ("CRLs", "CRL", "crls"), ("OCSPs", "OCSP", "ocsps"))


def extend_pdf(
    pdf: bytes,
    level: PdfLevel,
    *,
    timestamper: Timestamper | None = None,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    policy: Policy = DEFAULT_POLICY,
) -> bytes:
    """Raise the signatures of a PDF to LT (evidence inside) or LTA (a document time-stamp over all of it).

    Called again, LTA renews: evidence about the last document time-stamp goes in, then another one over everything.
    The time-stamp hashes with the function of the first signature. `timestamper` is for LTA alone. Raises BadInput:
    a naive `at`, no signature in the file, one that does not hold at `at`, one without a time-stamp; and what the
    time-stamper raises.
    """
    if at.tzinfo is None:
        raise BadInput("the time must be aware", "at")
    run = Run(trust=trust, source=evidence, at=at.astimezone(UTC), policy=policy)
    found = examine_pdf(run, pdf)
    if not found:
        raise BadInput("the PDF has no signature", "pdf")
    for one in found:
        if not one.fine:
            raise BadInput(f"the signature {one.field!r} does not hold now", one.sub_indication or "")
        if not one.proven:
            raise BadInput(f"the signature {one.field!r} has no time-stamp", "pdf")
    stored = _with_store(pdf, found)
    if level == "LT":
        return stored
    if timestamper is None:
        raise BadInput("a document time-stamp needs a time-stamper", "timestamper")
    room, name = _ROOM, _digest_of(found[0])
    while True:
        hole = make_timestamp_hole(stored, reserve=room)
        try:
            return hole.filled(timestamper.timestamp(name, hole.digest(name)))
        except TooSmall:
            room *= 2


def _digest_of(one: PdfEvidence) -> str:
    """The hash function of a signature, or SHA-256 where that is weak."""
    return assemble.strong_digest_of(read_signed_data(one.contents).signers[0])


@dataclass(kw_only=True)
class _Store:
    """The document security store that is being written: streams by their contents."""

    writer: IncrementalPdfFileWriter
    streams: dict[bytes, generic.PdfObject]

    def references(self, blobs: Iterable[bytes]) -> generic.ArrayObject:
        """References to streams with these contents, those that are there already and new ones."""
        for blob in blobs:
            if blob not in self.streams:
                stream = generic.StreamObject(stream_data=blob)
                stream.compress()
                self.streams[blob] = self.writer.add_object(stream)
        return generic.ArrayObject(self.streams[blob] for blob in dict.fromkeys(blobs))


def _with_store(pdf: bytes, found: Sequence[PdfEvidence]) -> bytes:
    """Add evidence to the store, and for each signature its own list of it (EN 319 142-1, 5.4.2)."""
    writer = open_pdf(pdf)
    with pdf_errors():
        old = _dictionary(writer.root, "/DSS")
        store = _Store(writer=writer, streams={})
        for name, _, _ in _KINDS:
            for reference in _raw(old, f"/{name}"):
                store.streams.setdefault(reference.get_object().data, reference)
        everything = merge_evidence(*(one.evidence for one in found))
        new = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/DSS")})
        for name, _, member in _KINDS:
            kept = [reference.get_object().data for reference in _raw(old, f"/{name}")]
            blobs = [*kept, *getattr(everything, member)]
            if blobs:
                new[pdf_name(f"/{name}")] = store.references(blobs)
        new[pdf_name("/VRI")] = _related(store, old, found)
        writer.root[pdf_name("/DSS")] = writer.add_object(new)
        writer.update_root()
        writer.register_extension(ESIC_EXTENSION_1)
        out = BytesIO()
        writer.write(out)
        return out.getvalue()


def _dictionary(holder: generic.DictionaryObject, name: str) -> generic.DictionaryObject:
    return holder[name] if name in holder else generic.DictionaryObject()


def _raw(holder: generic.DictionaryObject, name: str) -> list[generic.PdfObject]:
    """The references in an array."""
    listed = holder[name] if name in holder else generic.ArrayObject()
    return [listed.raw_get(number) for number in range(len(listed))]


def _related(store: _Store, old: generic.DictionaryObject, found: Sequence[PdfEvidence]) -> generic.DictionaryObject:
    """Validation-related information by the hash of each signature's contents (EN 319 142-1, 5.4.2.3)."""
    related = generic.DictionaryObject()
    known = _dictionary(old, "/VRI")
    for key in known:
        related[key] = known.raw_get(key)
    for one in found:
        key = pdf_name("/" + hashlib.sha1(one.contents, usedforsecurity=False).hexdigest().upper())
        related[key] = store.writer.add_object(_entry(store, one.evidence))
    return related


def _entry(store: _Store, evidence: Evidence) -> generic.DictionaryObject:
    entry = generic.DictionaryObject()
    for _, name, member in _KINDS:
        blobs = getattr(evidence, member)
        if blobs:
            entry[pdf_name(f"/{name}")] = store.references(blobs)
    return entry
