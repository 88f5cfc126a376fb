"""OCSP answers of a delegated responder (RFC 6960)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from signing import Certificate
from signing._internal import der, digests, oids
from signing._internal.errors import BadInput, Unsupported
from signing._internal.keys import PrivateKey, signature_algorithm
from signing.pki import asn1
from signing.pki.certificates import Issuer, key_identifier, public_key_bits
from signing.pki.declaration import RevocationReason
from signing.pki.revocations import Revocation

_OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2"
_MOST_QUESTIONS = 50
_LONGEST_NONCE = 34  # RFC 8954: 32 octets, with tag and length
_REQUEST_EXTENSIONS = 0xA2


class _Status(IntEnum):
    """OCSPResponseStatus."""

    MALFORMED_REQUEST = 1
    UNAUTHORIZED = 6


@dataclass(frozen=True, kw_only=True)
class OcspService:
    """One authority with its responder; `serials` is every serial number the authority has given out."""

    issuer: Issuer
    serials: frozenset[int]
    key: PrivateKey
    certificate: Certificate
    answer_hours: int


def answer_ocsp(
    request: bytes,
    services: Sequence[OcspService],
    revoked: Callable[[str], Sequence[Revocation]],
    *,
    now: datetime,
) -> bytes:
    """Return the DER OCSPResponse to a DER OCSPRequest; an unusable request is answered, not raised.

    malformedRequest for what is not a request; unauthorized if no service here answers for the issuer asked about, or
    if certificates of several issuers are asked about at once. Issuers are matched by hashes of any known digest.
    """
    try:
        asked, nonce = _read(request)
    except BadInput:
        return _refusal(_Status.MALFORMED_REQUEST)
    if not 0 < len(asked) <= _MOST_QUESTIONS:
        return _refusal(_Status.MALFORMED_REQUEST)
    matching = [service for service in services if all(question.is_about(service.issuer) for question in asked)]
    if not matching:
        return _refusal(_Status.UNAUTHORIZED)
    service = matching[0]
    entries = {entry.serial: entry for entry in revoked(service.issuer.name) if entry.at <= now}
    answers = [_answer(question, service, entries.get(question.serial), now) for question in asked]
    return _signed(service, answers, nonce, now)


@dataclass(frozen=True, kw_only=True)
class _Question:
    """CertID: the certificate is named by hashes of its issuer and by its serial number."""

    encoded: bytes
    digest_algorithm: str
    name_hash: bytes
    key_hash: bytes
    serial: int

    @classmethod
    def read(cls, cert_id: der.Node) -> _Question:
        algorithm, name_hash, key_hash, serial = cert_id.sequence("CertID", 4)[:4]
        members = algorithm.sequence("hashAlgorithm", 1)
        hashes = [member.expect(der.OCTET_STRING, "issuer hash").value for member in (name_hash, key_hash)]
        if any(member.raw != der.null() for member in members[1:]):
            raise BadInput("parameters of a digest are NULL or absent")
        return cls(
            encoded=der.sequence(
                der.sequence(*(member.raw for member in members)),
                *map(der.octet_string, hashes),
                der.integer(serial.integer()),
            ),
            digest_algorithm=members[0].oid(),
            name_hash=hashes[0],
            key_hash=hashes[1],
            serial=serial.integer(),
        )

    def is_about(self, issuer: Issuer) -> bool:
        try:
            name = digests.name_of(self.digest_algorithm)
        except Unsupported:
            return False
        bits = public_key_bits(issuer.key.public_key_info)
        return (
            digests.digest(name, issuer.subject_der) == self.name_hash and digests.digest(name, bits) == self.key_hash
        )


def _read(request: bytes) -> tuple[list[_Question], bytes | None]:
    """OCSPRequest (4.1.1): the questions and the nonce; a signature of the requestor is not looked at."""
    tbs = der.read_all(request, "OCSPRequest").sequence("OCSPRequest", 1)[0].sequence("TBSRequest", 1)
    lists = [member for member in tbs if member.tag == der.SEQUENCE]
    if len(lists) != 1:
        raise BadInput("a request has one list")
    questions = [_Question.read(item.sequence("Request", 1)[0]) for item in lists[0].children()]
    nonce = None
    for member in tbs:
        if member.tag == _REQUEST_EXTENSIONS:
            nonce = _nonce(member.inner())
    return questions, nonce


def _nonce(extensions: der.Node) -> bytes | None:
    """The value of the nonce extension as it came: DER of an OCTET STRING of up to 32 octets (RFC 8954)."""
    for extension in extensions.sequence("Extensions"):
        members = extension.sequence("Extension", 2)
        if members[0].oid() == _OCSP_NONCE:
            value = members[-1].expect(der.OCTET_STRING, "extnValue").value
            if not 0 < len(value) <= _LONGEST_NONCE:
                raise BadInput("the nonce is empty or too long")
            return value
    return None


def _answer(question: _Question, service: OcspService, revocation: Revocation | None, now: datetime) -> bytes:
    """SingleResponse: good, revoked or unknown, from now until the answer's end."""
    if question.serial not in service.serials:
        status = asn1.implicit(2, der.null())
    elif revocation is None:
        status = asn1.implicit(0, der.null())
    else:
        reason = b""
        if revocation.reason is not RevocationReason.UNSPECIFIED:
            reason = der.explicit(0, asn1.enumerated(revocation.reason.code))
        status = asn1.implicit(1, der.sequence(der.generalized_time(revocation.at), reason))
    until = now + timedelta(hours=service.answer_hours)
    return der.sequence(
        question.encoded, status, der.generalized_time(now), der.explicit(0, der.generalized_time(until))
    )


def _signed(service: OcspService, answers: list[bytes], nonce: bytes | None, now: datetime) -> bytes:
    """OCSPResponse with a BasicOCSPResponse; the responder is named by its key and its certificate is enclosed."""
    extensions = b""
    if nonce is not None:
        extensions = der.explicit(1, der.sequence(asn1.extension(_OCSP_NONCE, nonce)))
    data = der.sequence(
        der.explicit(2, der.octet_string(key_identifier(service.key.public_key_info))),
        der.generalized_time(now),
        der.sequence(*answers),
        extensions,
    )
    basic = der.sequence(
        data,
        signature_algorithm(service.key),
        der.bit_string(service.key.sign(data)),
        der.explicit(0, der.sequence(service.certificate.der)),
    )
    body = der.sequence(der.oid(oids.OCSP_BASIC_INFO), der.octet_string(basic))
    return der.sequence(asn1.enumerated(0), der.explicit(0, body))


def _refusal(status: _Status) -> bytes:
    return der.sequence(asn1.enumerated(status))
