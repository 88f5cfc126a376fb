"""OCSP answers (RFC 6960), read and matched to a certificate; CRLs are read in `crl`.

Reading says what the evidence states; whether it is fresh enough and who signed it is judged in `status`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signing._internal import der, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.certificates import Certificate, Extension, read_extensions
from signing._internal.crl import REASONS, Revoked, Signed
from signing._internal.errors import BadInput, Unsupported
from signing._internal.names import same_name


@dataclass(frozen=True, kw_only=True)
class OcspAnswer:
    """One SingleResponse with what its BasicOCSPResponse says of the responder."""

    der: bytes
    this_update: datetime
    next_update: datetime | None
    produced_at: datetime
    revoked: Revoked | None
    known: bool
    responder_name: bytes | None
    responder_key_hash: bytes | None
    signed: Signed
    certificates: tuple[bytes, ...]
    archive_cutoff: datetime | None = None


def find_answer(response: bytes, certificate: Certificate, issuer: Certificate) -> OcspAnswer | None:
    """The answer about `certificate` in a DER OCSPResponse; None when it is about others. BadInput, Unsupported."""
    basic = _basic_response(response)
    data = basic[0].sequence("ResponseData", 3)
    if data[0].tag == 0xA0 and data[1].tag in {0xA1, 0xA2}:
        data.pop(0)  # version
    name = data[0].inner().raw if data[0].tag == 0xA1 else None
    key_hash = data[0].inner().octets() if data[0].tag == 0xA2 else None
    if name is None and key_hash is None:
        raise BadInput("the OCSP responder is not named")
    if len(data) > 3 and data[3].tag == 0xA1:
        _refuse_critical(read_extensions(data[3].inner()), "OCSP response")
    certificates: tuple[bytes, ...] = ()
    if len(basic) > 3 and basic[3].tag == 0xA0:
        certificates = tuple(item.raw for item in basic[3].inner().sequence("certs"))
    for single in data[2].sequence("responses"):
        members = single.sequence("SingleResponse", 3)
        if not _is_about(members[0], certificate, issuer):
            continue
        return _answer(
            response,
            members,
            produced_at=data[1].time(),
            responder=(name, key_hash),
            signed=Signed(data=basic[0].raw, algorithm=basic[1].raw, signature=basic[2].bits()),
            certificates=certificates,
        )
    return None


def _basic_response(response: bytes) -> list[der.Node]:
    outer = der.read_all(response, "OCSPResponse").sequence("OCSPResponse", 1)
    if outer[0].tag == der.ENUMERATED and outer[0].integer() != 0:
        raise BadInput("the OCSP responder refused to answer", f"status {outer[0].integer()}")
    if outer[0].tag != der.ENUMERATED or len(outer) < 2:
        raise BadInput("not an OCSP response")
    wrapped = outer[1].inner().sequence("ResponseBytes", 2)
    if wrapped[0].oid() != oids.OCSP_BASIC_INFO:
        raise Unsupported(f"OCSP response of type {wrapped[0].oid()}")
    return der.read_all(wrapped[1].octets(), "BasicOCSPResponse").sequence("BasicOCSPResponse", 3)


def _answer(
    response: bytes,
    members: list[der.Node],
    *,
    produced_at: datetime,
    responder: tuple[bytes | None, bytes | None],
    signed: Signed,
    certificates: tuple[bytes, ...],
) -> OcspAnswer:
    status = members[1]
    revoked = None
    if status.tag == 0xA1:
        parts = status.children()
        reason = parts[1].inner().integer() if len(parts) > 1 else 0
        revoked = Revoked(at=parts[0].time(), reason=REASONS.get(reason, "unspecified"))
    next_update, cutoff = None, None
    for extra in members[3:]:
        if extra.tag == 0xA0:
            next_update = extra.inner().time()
        elif extra.tag == 0xA1:
            extensions = read_extensions(extra.inner())
            _refuse_critical(extensions, "OCSP answer")
            if oids.OCSP_ARCHIVE_CUTOFF in extensions:
                cutoff = der.read(extensions[oids.OCSP_ARCHIVE_CUTOFF].value).time()
    return OcspAnswer(
        der=response,
        this_update=members[2].time(),
        next_update=next_update,
        produced_at=produced_at,
        revoked=revoked,
        known=status.tag in {0x80, 0xA1},
        responder_name=responder[0],
        responder_key_hash=responder[1],
        signed=signed,
        certificates=certificates,
        archive_cutoff=cutoff,
    )


def _refuse_critical(extensions: dict[str, Extension], where: str) -> None:
    critical = [dotted for dotted, extension in extensions.items() if extension.critical]
    if critical:
        raise Unsupported(f"critical extension {critical[0]} in an {where}")


def _is_about(node: der.Node, certificate: Certificate, issuer: Certificate) -> bool:
    members = node.sequence("CertID", 4)
    if members[3].integer() != certificate.serial:
        return False
    name = digests.name_of(algorithm_parts(members[0])[0])
    if members[1].octets() != digests.digest(name, certificate.issuer_der):
        return False
    return members[2].octets() == digests.digest(name, public_key_bits(issuer))


def public_key_bits(certificate: Certificate) -> bytes:
    """The contents of subjectPublicKey, over which OCSP and key identifiers are hashed."""
    return der.read(certificate.public_key_info).sequence("SubjectPublicKeyInfo", 2)[1].bits()


def is_responder(answer: OcspAnswer, certificate: Certificate) -> bool:
    """Whether the certificate is the one that ResponderID names."""
    if answer.responder_name is not None:
        return same_name(answer.responder_name, certificate.subject_der)
    return answer.responder_key_hash == digests.digest("sha1", public_key_bits(certificate))


def ocsp_request(certificate: Certificate, issuer: Certificate) -> bytes:
    """DER of OCSPRequest about one certificate: CertID with SHA-1, as every responder knows it, no nonce (RFC 5019)."""
    identifier = der.sequence(
        der.sequence(der.oid("1.3.14.3.2.26"), der.null()),
        der.octet_string(digests.digest("sha1", certificate.issuer_der)),
        der.octet_string(digests.digest("sha1", public_key_bits(issuer))),
        certificate.serial_der,
    )
    return der.sequence(der.sequence(der.sequence(der.sequence(identifier))))
