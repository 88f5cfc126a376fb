"""Revocation evidence: CRLs (RFC 5280 § 5, 6.3) and OCSP answers (RFC 6960), read and matched to a certificate.

Reading says what the evidence states; whether it is fresh enough and who signed it is judged in `status`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from signing._internal import der, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.certificates import Certificate, Extension, read_extensions
from signing._internal.errors import BadInput, Unsupported
from signing._internal.names import same_name

REASONS = {
    0: "unspecified",
    1: "key_compromise",
    2: "ca_compromise",
    3: "affiliation_changed",
    4: "superseded",
    5: "cessation_of_operation",
    6: "certificate_hold",
    8: "remove_from_crl",
    9: "privilege_withdrawn",
    10: "aa_compromise",
}
# members of issuingDistributionPoint: for which certificates each of them makes the CRL useless
_LIMITS: dict[int, tuple[Callable[[Certificate], bool], str]] = {
    0x81: (lambda certificate: certificate.is_ca, "список только для сертификатов пользователей"),
    0x82: (lambda certificate: not certificate.is_ca, "список только для сертификатов удостоверяющих центров"),
    0x83: (lambda _: False, "список только для части причин отзыва"),
    0x84: (lambda _: True, "косвенный список (indirect CRL) не поддерживается"),
    0x85: (lambda _: True, "список только для атрибутных сертификатов"),
}
_UNKNOWN_LIMIT: tuple[Callable[[Certificate], bool], str] = (lambda _: True, "список с неизвестным ограничением")
_KNOWN_CRL_EXTENSIONS = {
    oids.ISSUING_DISTRIBUTION_POINT,
    oids.AUTHORITY_KEY_ID,
    oids.CRL_NUMBER,
    oids.DELTA_CRL,
}
_KNOWN_ENTRY_EXTENSIONS = {oids.REASON_CODE, oids.INVALIDITY_DATE}


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """When and why a certificate was revoked."""

    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Something signed: the bytes under the signature, the AlgorithmIdentifier, the signature."""

    data: bytes
    algorithm: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True)
class Crl:
    """A certificate revocation list."""

    der: bytes
    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    signed: Signed
    extensions: dict[str, Extension]
    entries: tuple[int, int]  # where revokedCertificates stand in `der`

    def find(self, certificate: Certificate) -> Revoked | None:
        """Look the certificate up by its serial number.

        Unsupported when the entry carries a critical extension that is unknown here (an indirect CRL names other
        issuers so).
        """
        start, stop = self.entries
        # DER writes a serial in one way only, so a CRL without these octets does not list the certificate
        if self.der.find(certificate.serial_der, start, stop) < 0:
            return None
        position = start
        while position < stop:
            entry = der.read(self.der, position, stop)
            position = entry.end
            members = entry.sequence("revokedCertificates", 2)
            if members[0].integer() == certificate.serial:
                return _revoked(members)
        return None

    def unfit_for(self, certificate: Certificate) -> str | None:
        """Why this CRL cannot tell about the certificate; None when it can (RFC 5280, 6.3.3, step b)."""
        unknown = [
            name for name, item in self.extensions.items() if item.critical and name not in _KNOWN_CRL_EXTENSIONS
        ]
        if unknown:
            return f"неизвестное критическое расширение {unknown[0]}"
        point = self.extensions.get(oids.ISSUING_DISTRIBUTION_POINT)
        return _out_of_scope(point.value, certificate) if point else None

    @property
    def partial(self) -> str | None:
        """Why the list can only say "revoked", never "good"; None for a complete list."""
        if oids.DELTA_CRL in self.extensions:
            return "разностный список (delta CRL)"
        point = self.extensions.get(oids.ISSUING_DISTRIBUTION_POINT)
        if point is None:
            return None
        members = der.read_all(point.value, "issuingDistributionPoint").sequence("issuingDistributionPoint")
        return "список только для части причин отзыва" if any(one.tag == 0x83 for one in members) else None

    @property
    def keeps_expired_since(self) -> datetime | None:
        """expiredCertsOnCRL: certificates that expired after this moment stay on the list (X.509, 9.5.2.8)."""
        found = self.extensions.get(oids.EXPIRED_CERTS_ON_CRL)
        return der.read(found.value).time() if found else None


@lru_cache(maxsize=32)  # lists of large authorities take megabytes
def read_crl(data: bytes) -> Crl:
    """Read a CRL (DER); BadInput."""
    outer = der.read_all(data, "CertificateList").sequence("CertificateList", 3)
    tbs = outer[0].sequence("TBSCertList", 3)
    if tbs[0].tag == der.INTEGER:
        tbs.pop(0)
    if outer[1].raw != tbs[0].raw:
        raise BadInput("the signature algorithms of the CRL differ inside and outside")
    rest = tbs[3:]
    next_update = rest.pop(0).time() if rest and rest[0].tag in {der.UTC_TIME, der.GENERALIZED_TIME} else None
    entries = (0, 0)
    if rest and rest[0].tag == der.SEQUENCE:
        listed = rest.pop(0)
        entries = (listed.body, listed.stop)
    extensions = read_extensions(rest[0].inner()) if rest and rest[0].tag == 0xA0 else {}
    return Crl(
        der=data,
        issuer=tbs[1].expect(der.SEQUENCE, "issuer").raw,
        this_update=tbs[2].time(),
        next_update=next_update,
        signed=Signed(data=outer[0].raw, algorithm=outer[1].raw, signature=outer[2].bits()),
        extensions=extensions,
        entries=entries,
    )


def _revoked(members: list[der.Node]) -> Revoked:
    reason = "unspecified"
    extensions = read_extensions(members[2]) if len(members) > 2 else {}
    for dotted, extension in extensions.items():
        if extension.critical and dotted not in _KNOWN_ENTRY_EXTENSIONS:
            raise Unsupported(f"critical extension {dotted} in an entry of the CRL")
        if dotted == oids.REASON_CODE:
            reason = REASONS.get(der.read(extension.value).integer(), "unspecified")
    return Revoked(at=members[1].time(), reason=reason)


def _out_of_scope(point: bytes, certificate: Certificate) -> str | None:
    """Judge issuingDistributionPoint (RFC 5280, 5.2.5)."""
    for member in der.read_all(point, "issuingDistributionPoint").sequence("issuingDistributionPoint"):
        if member.tag == 0xA0:
            if not _names_overlap(member, certificate):
                return "список относится к другой точке распространения"
            continue
        limits, text = _LIMITS.get(member.tag, _UNKNOWN_LIMIT)
        if member.value != b"\0" and limits(certificate):
            return text
    return None


def _names_overlap(point: der.Node, certificate: Certificate) -> bool:
    """Whether a name in the CRL's distribution point stands in the certificate's (RFC 5280, 6.3.3, b.2.i)."""
    found = certificate.extensions.get(oids.CRL_DISTRIBUTION_POINTS)
    own = _point_names(point, certificate.issuer_der)
    if found is None:  # the implied point is the issuer's name (RFC 5280, 6.3.3)
        return der.explicit(4, certificate.issuer_der) in own
    for item in der.read(found.value).sequence("cRLDistributionPoints"):
        parts = item.sequence("DistributionPoint")
        if not parts or parts[0].tag != 0xA0:
            continue
        if own & _point_names(parts[0], certificate.issuer_der):
            return True
    return False


def _point_names(point: der.Node, issuer: bytes) -> set[bytes]:
    choice = point.inner()
    if choice.tag == 0xA1:  # nameRelativeToCRLIssuer
        relative = b"".join(child.raw for child in choice.children())
        whole = der.sequence(der.read(issuer).value, der.tlv(der.SET, relative))
        return {der.explicit(4, whole)}
    return {name.raw for name in choice.children()}


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
