"""PAdES signatures B and T, in one go or in two phases (ETSI EN 319 142-1, 6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signing._internal import assemble
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput
from signing._internal.keys import PrivateKey
from signing._internal.pdf.stamp import mark_lines
from signing._internal.pdf.writing import Hole, PdfPlace, TooSmall, make_hole
from signing._internal.sign import Timestamper
from signing._internal.two_phase import PreparedSignature, complete_signature, digest_for, prepare_digest

_VALUE_ROOM = 1024
_TOKEN_ROOM = 12_288
_PLAIN = PdfPlace()


@dataclass(frozen=True, kw_only=True)
class PreparedPdf:
    """A PDF with room for a signature, and the signature without its value; three values to keep between the phases.

    `data[start:end]` is the empty room; the key's owner signs `signature.to_sign`.
    """

    data: bytes
    start: int
    end: int
    signature: PreparedSignature


def sign_pdf(
    pdf: bytes,
    *,
    key: PrivateKey,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    place: PdfPlace = _PLAIN,
    timestamper: Timestamper | None = None,
) -> bytes:
    """Sign a PDF by an incremental update: PAdES B-B, or B-T when a time-stamper is given.

    The time of signing stands in the PDF (/M), not in the CMS (EN 319 142-1, 6.3 note i). Raises BadInput (not a PDF,
    an encrypted or malformed one, the certificate is of another key, the field is signed, the stamp does not fit) and
    what the key and the time-stamper raise.
    """
    assemble.check_new_signer(certificate, key.public_key_info, signing_time)
    room = _room(certificate, chain, timestamper)
    while True:
        prepared = prepare_pdf(
            pdf,
            certificate=certificate,
            chain=chain,
            signing_time=signing_time,
            place=place,
            digest_algorithm=key.digest_algorithm,
            reserve=room,
        )
        value = key.sign(prepared.signature.to_sign)
        try:
            return complete_pdf(prepared, value, timestamper=timestamper)
        except TooSmall:  # a time-stamp token with a long chain: the room is a part of what is signed
            room *= 2


def _room(certificate: Certificate, chain: Sequence[Certificate], timestamper: Timestamper | None) -> int:
    embedded = sum(len(one.der) for one in (certificate, *chain))
    return embedded + _VALUE_ROOM + (_TOKEN_ROOM if timestamper else 0)


def prepare_pdf(
    pdf: bytes,
    *,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    place: PdfPlace = _PLAIN,
    digest_algorithm: str | None = None,
    reserve: int | None = None,
) -> PreparedPdf:
    """Prepare a PAdES signature of a key that is elsewhere; `reserve` is the room in octets (16 KB more by default).

    Raises BadInput as `sign_pdf`.
    """
    assemble.check_new_signer(certificate, None, signing_time)
    name = digest_for(certificate, digest_algorithm)
    room = reserve or _room(certificate, chain, None) + _TOKEN_ROOM
    lines = mark_lines(certificate, signing_time) if place.stamp else ()
    hole = make_hole(pdf, place, reserve=room, signing_time=signing_time, lines=lines)
    draft = prepare_digest(hole.digest(name), name, certificate=certificate, chain=chain)
    return PreparedPdf(data=hole.data, start=hole.start, end=hole.end, signature=PreparedSignature(draft=draft))


def complete_pdf(prepared: PreparedPdf, signature: bytes, *, timestamper: Timestamper | None = None) -> bytes:
    """Put the signature value in: PAdES B-B, or B-T when a time-stamper is given.

    Raises BadInput when the value is not a signature of the certificate's key, when the room is too small, and when
    the prepared file was changed since.
    """
    hole = Hole(data=prepared.data, start=prepared.start, end=prepared.end)
    if hole.data[hole.start : hole.end].replace(b"0", b"") != b"<>":
        raise BadInput("there is no empty room for a signature where the prepared file names it", "prepared")
    name = prepared.signature.digest_algorithm
    if prepared.signature.message_digest != hole.digest(name):
        raise BadInput("the PDF is not the one that was prepared", "prepared")
    return hole.filled(complete_signature(prepared.signature, signature, timestamper=timestamper))
