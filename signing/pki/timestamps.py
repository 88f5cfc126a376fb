"""Timestamp tokens (RFC 3161, RFC 5816): an authority that answers requests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from signing import Certificate
from signing._internal import der, digests, oids
from signing._internal.errors import BadInput, Unsupported
from signing._internal.keys import PrivateKey, signature_algorithm
from signing.pki import asn1

_IMPRINTS = {"streebog256": 32, "streebog512": 64, "sha256": 32, "sha512": 64}  # digest -> length of its value
_EXTENSIONS = 0xA0


class Failure(IntEnum):
    """PKIFailureInfo (RFC 3161, 2.4.2): the bit that says why a request was refused."""

    BAD_ALGORITHM = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16


@dataclass(frozen=True, kw_only=True)
class TimestampService:
    """What the authority signs with; `chain` are the intermediates that go into a token with the certificate."""

    key: PrivateKey
    certificate: Certificate
    chain: Sequence[Certificate]
    policy: str
    accuracy_seconds: int


@dataclass(frozen=True, kw_only=True)
class _Request:
    imprint: bytes  # MessageImprint as it came
    nonce: bytes  # INTEGER as it came, or nothing
    certificates_wanted: bool


class _Refused(Exception):
    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


def answer_timestamp(request: bytes, service: TimestampService, *, now: datetime) -> bytes:
    """Return the DER TimeStampResp to a DER TimeStampReq; a bad request is answered with a rejection, not raised.

    Accepted imprints: Streebog and SHA-2 of 256 and 512 bits. The token carries a random 64-bit serial number, so that
    processes sharing the key need no counter; the nonce and, when asked for (certReq), the certificates are enclosed.
    """
    try:
        wanted = _read(request, service)
    except _Refused as refused:
        text = der.sequence(asn1.text(str(refused)))
        return der.sequence(der.sequence(der.integer(2), text, asn1.named_bits(refused.failure)))
    info = _token_info(wanted, service, now)
    token = _signed_data(info, service, now, enclose=wanted.certificates_wanted)
    return der.sequence(der.sequence(der.integer(0)), token)


def _read(request: bytes, service: TimestampService) -> _Request:
    """Check the request clause by clause (RFC 3161, 2.4.1)."""
    try:
        members = der.read_all(request, "TimeStampReq").sequence("TimeStampReq", 2)
        version = members[0].integer()
        algorithm, hashed = members[1].sequence("MessageImprint", 2)[:2]
        identifier = algorithm.sequence("hashAlgorithm", 1)
        size, value = _imprint_size(identifier), hashed.expect(der.OCTET_STRING, "hashedMessage").value
        wanted = {member.tag: member for member in members[2:]}  # the optional fields differ in their tags
        policy = wanted[der.OID].oid() if der.OID in wanted else None
        certificates_wanted = wanted[der.BOOLEAN].boolean() if der.BOOLEAN in wanted else False
    except BadInput as error:
        raise _Refused(Failure.BAD_DATA_FORMAT, f"not a TimeStampReq: {error}") from error
    if version != 1:
        raise _Refused(Failure.BAD_REQUEST, "version 1 is expected")
    if size is None:
        raise _Refused(Failure.BAD_ALGORITHM, "the digest is not accepted here")
    if len(value) != size:
        raise _Refused(Failure.BAD_DATA_FORMAT, "the imprint's length is not its digest's")
    if policy not in {None, service.policy}:
        raise _Refused(Failure.UNACCEPTED_POLICY, "the policy is not served here")
    if _EXTENSIONS in wanted:
        raise _Refused(Failure.UNACCEPTED_EXTENSION, "extensions are not understood here")
    if wanted.keys() - {der.OID, der.INTEGER, der.BOOLEAN} or len(wanted) != len(members) - 2:
        raise _Refused(Failure.BAD_DATA_FORMAT, "not a TimeStampReq: fields are unknown or repeated")
    return _Request(
        imprint=der.sequence(der.sequence(*(member.raw for member in identifier)), der.octet_string(value)),
        nonce=der.tlv(der.INTEGER, wanted[der.INTEGER].value) if der.INTEGER in wanted else b"",
        certificates_wanted=certificates_wanted,
    )


def _imprint_size(identifier: Sequence[der.Node]) -> int | None:
    """How long the imprint must be; None for a digest that is not accepted or has parameters other than NULL."""
    if any(member.raw != der.null() for member in identifier[1:]):
        return None
    try:
        return _IMPRINTS.get(digests.name_of(identifier[0].oid()))
    except Unsupported:
        return None


def _token_info(wanted: _Request, service: TimestampService, now: datetime) -> bytes:
    """TSTInfo (RFC 3161, 2.4.2); ordering is left at its default, FALSE."""
    return der.sequence(
        der.integer(1),
        der.oid(service.policy),
        wanted.imprint,
        der.integer(secrets.randbits(64) or 1),
        der.generalized_time(now),
        der.sequence(der.integer(service.accuracy_seconds)),
        wanted.nonce,
        der.explicit(0, der.explicit(4, service.certificate.subject_der)),  # tsa: directoryName
    )


def _signed_data(info: bytes, service: TimestampService, now: datetime, *, enclose: bool) -> bytes:
    """ContentInfo with SignedData of version 3 and its one SignerInfo."""
    algorithm = digests.identifier(service.key.digest_algorithm)
    attributes = der.set_of(
        [
            _attribute(oids.CONTENT_TYPE, der.oid(oids.TST_INFO)),
            _attribute(oids.SIGNING_TIME, der.time(now.astimezone(UTC))),
            _attribute(oids.MESSAGE_DIGEST, der.octet_string(digests.digest(service.key.digest_algorithm, info))),
            _attribute(oids.SIGNING_CERTIFICATE_V2, _signing_certificate(service)),
        ]
    )
    issuer, serial = service.certificate.issuer_der, service.certificate.serial_der
    signer = der.sequence(
        der.integer(1),
        der.sequence(issuer, serial),
        algorithm,
        asn1.implicit(0, attributes),
        signature_algorithm(service.key, cms=True),
        der.octet_string(service.key.sign(attributes)),
    )
    enclosed = b""
    if enclose:
        certificates = (service.certificate, *service.chain)
        enclosed = asn1.implicit(0, der.set_of(certificate.der for certificate in certificates))
    signed = der.sequence(
        der.integer(3),
        der.set_of([algorithm]),
        der.sequence(der.oid(oids.TST_INFO), der.explicit(0, der.octet_string(info))),
        enclosed,
        der.set_of([signer]),
    )
    return der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, signed))


def _signing_certificate(service: TimestampService) -> bytes:
    """SigningCertificateV2 (RFC 5816, 2.2.1): ESSCertIDv2 with the digest of the key and issuerSerial."""
    name = service.key.digest_algorithm
    algorithm = b"" if name == "sha256" else digests.identifier(name)  # SHA-256 is the default
    issuer, serial = service.certificate.issuer_der, service.certificate.serial_der
    issuer_serial = der.sequence(der.sequence(der.explicit(4, issuer)), serial)
    identifier = der.sequence(algorithm, der.octet_string(digests.digest(name, service.certificate.der)), issuer_serial)
    return der.sequence(der.sequence(identifier))


def _attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.set_of([value]))
