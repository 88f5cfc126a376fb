"""Signed attributes as CAdES wants them (EN 319 122-1, clause 5; RFC 5035): what they say and what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from signing._internal import der, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.certificates import Certificate
from signing._internal.cms import SignerInfo
from signing._internal.errors import BadInput, Unsupported
from signing._internal.names import same_name

_USUAL_SIZE = 1024
_SINGLE = {
    oids.CONTENT_TYPE: "content-type",
    oids.MESSAGE_DIGEST: "message-digest",
    oids.SIGNING_TIME: "signing-time",
    oids.SIGNING_CERTIFICATE: "signing-certificate",
    oids.SIGNING_CERTIFICATE_V2: "signing-certificate-v2",
    oids.ALGORITHM_PROTECTION: "cms-algorithm-protection",
}


@dataclass(frozen=True, kw_only=True)
class CertificateReference:
    """ESSCertID or ESSCertIDv2: the hash of a certificate, and its issuer and serial when they are there."""

    digest_algorithm: str
    digest: bytes
    issuer: bytes | None = None
    serial: int | None = None

    def matches(self, certificate: Certificate) -> bool:
        """Whether the hash is the hash of this certificate."""
        return certificate.hashed(self.digest_algorithm) == self.digest

    def names(self, certificate: Certificate) -> bool:
        """Whether issuer and serial, when given, are those of this certificate."""
        if self.serial is not None and self.serial != certificate.serial:
            return False
        return self.issuer is None or same_name(self.issuer, certificate.issuer_der)


@dataclass(kw_only=True)
class SignedFacts:
    """What the signed attributes say; `faults` breach the form, `doubled` attributes make the signer's word unclear."""

    content_type: str | None = None
    message_digest: bytes | None = None
    signing_time: datetime | None = None
    references: list[CertificateReference] = field(default_factory=list)
    protection: tuple[bytes, bytes | None] | None = None
    faults: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def read_signed_attributes(signer: SignerInfo) -> SignedFacts:
    """Read the signed attributes; never raises on bad ones, `faults` tells."""
    facts = SignedFacts()
    try:
        attributes = signer.signed_attributes
    except BadInput as error:
        facts.faults.append(str(error))
        return facts
    kinds = [attribute.oid for attribute in attributes]
    for dotted, count in Counter(kinds).items() if len(set(kinds)) < len(kinds) else ():
        if count > 1 and dotted in _SINGLE:
            decisive = dotted in {oids.CONTENT_TYPE, oids.MESSAGE_DIGEST, oids.ALGORITHM_PROTECTION}
            (facts.faults if decisive else facts.doubled).append(f"атрибут {_SINGLE[dotted]} повторён")
    for attribute in attributes:
        if attribute.oid in _SINGLE:
            if len(attribute.values) != 1:
                facts.faults.append(f"у атрибута {_SINGLE[attribute.oid]} значений: {len(attribute.values)}")
                continue
            try:
                _read_one(attribute.oid, attribute.values[0], facts)
            except (BadInput, Unsupported) as error:
                facts.faults.append(f"атрибут {_SINGLE[attribute.oid]}: {error}")
    if not facts.faults:
        decisive_ones = ((oids.CONTENT_TYPE, facts.content_type), (oids.MESSAGE_DIGEST, facts.message_digest))
        facts.faults += [f"нет атрибута {_SINGLE[dotted]}" for dotted, present in decisive_ones if present is None]
    return facts


def _read_one(dotted: str, value: der.Node, facts: SignedFacts) -> None:
    if dotted == oids.CONTENT_TYPE:
        facts.content_type = value.oid()
    elif dotted == oids.MESSAGE_DIGEST:
        if value.tag not in {der.OCTET_STRING, 0x24}:
            raise BadInput("an octet string is expected")
        facts.message_digest = value.octets()
    elif dotted == oids.SIGNING_TIME:
        facts.signing_time = value.time()
    elif dotted == oids.ALGORITHM_PROTECTION:
        facts.protection = _read_protection(value)
    else:
        first = value.sequence("SigningCertificate", 1)[0].sequence("certs", 1)[0]
        read = _known_reference if first.end - first.start <= _USUAL_SIZE else _read_reference
        facts.references.append(read(first.raw, "sha1" if dotted == oids.SIGNING_CERTIFICATE else "sha256"))


def _read_reference(encoded: bytes, default: str) -> CertificateReference:
    members = der.read(encoded).sequence("ESSCertID", 1)
    name = default
    if members[0].tag == der.SEQUENCE:
        name = _name_or_number(algorithm_parts(members.pop(0))[0])
    issuer: bytes | None = None
    serial: int | None = None
    if len(members) > 1:
        issuer_serial = members[1].sequence("IssuerSerial", 2)
        serial = issuer_serial[1].integer()
        names = [name.inner().raw for name in issuer_serial[0].sequence("GeneralNames") if name.tag == 0xA4]
        issuer = names[0] if names else None
    return CertificateReference(
        digest_algorithm=name,
        digest=members[0].expect(der.OCTET_STRING, "certHash").octets(),
        issuer=issuer,
        serial=serial,
    )


def _name_or_number(dotted: str) -> str:
    """The hash function of a reference; an unknown one keeps its number, and `matches` tells that it is unknown."""
    try:
        return digests.name_of(dotted)
    except Unsupported:
        return dotted


_known_reference = lru_cache(maxsize=1024)(_read_reference)  # one signer, one reference: in every file of his


def _read_protection(node: der.Node) -> tuple[bytes, bytes | None]:
    """CMSAlgorithmProtection (RFC 6211): the digest algorithm and the signature algorithm."""
    members = node.sequence("CMSAlgorithmProtection", 1)
    signature = next((member for member in members[1:] if member.tag == 0xA1), None)
    return members[0].der(), signature.der(der.SEQUENCE) if signature else None


def looks_like_attributes(content: bytes) -> bool:
    """Whether the content is DER of SET OF Attribute: the mark of the attack that strips signedAttrs."""
    if content[:1] not in {b"\x31", b"\xa0"}:
        return False
    try:
        members = der.read_all(content, "SET OF Attribute").children()
        kinds = set()
        for member in members:
            parts = member.sequence("Attribute", 2)
            parts[1].expect(der.SET, "attrValues")
            kinds.add(parts[0].oid())
    except BadInput:
        return False
    return bool(kinds)


def level_of(signer: SignerInfo, facts: SignedFacts, *, embedded_revocation: bool) -> str:
    """The CAdES level by the attributes that are there (RFC 5126, 4.4; EN 319 122-1)."""
    if not facts.references:
        return "PKCS7"
    present = {attribute.oid for attribute in signer.unsigned_attributes}
    ladder = (
        ("A", {oids.ARCHIVE_TIMESTAMP, oids.ARCHIVE_TIMESTAMP_V2, oids.ARCHIVE_TIMESTAMP_V3}),
        ("XL", {oids.REVOCATION_VALUES, oids.CERTIFICATE_VALUES}),
        ("X", {oids.CADES_C_TIMESTAMP, oids.CERT_CRL_TIMESTAMP}),
        ("C", {oids.REVOCATION_REFS, oids.CERTIFICATE_REFS}),
    )
    for level, marks in ladder:
        if present & marks:
            return level
    if oids.SIGNATURE_TIMESTAMP in present:
        return "LT" if embedded_revocation else "T"
    policy = any(attribute.oid == oids.SIGNATURE_POLICY for attribute in signer.signed_attributes)
    return "EPES" if policy else "BES"
