"""X.509 certificates (RFC 5280), read lazily and kept as they were encoded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from signing._internal import der, digests, keys, oids, pem
from signing._internal.errors import BadCertificate, BadInput
from signing._internal.names import Subject, read_name, same_name

_USUAL_SIZE = 1 << 13  # octets; larger certificates are read anew each time
_KEY_USAGES = (
    "digital_signature",
    "non_repudiation",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


ALL_REASONS = frozenset(range(1, 9))  # bits of ReasonFlags (RFC 5280, 4.2.1.13)


@dataclass(frozen=True, kw_only=True)
class DistributionPoint:
    """One of cRLDistributionPoints: encoded GeneralNames, the reasons it serves, issuers of an indirect CRL, addresses."""

    names: frozenset[bytes] | None = None
    reasons: frozenset[int] = ALL_REASONS
    issuers: tuple[bytes, ...] = ()
    urls: tuple[str, ...] = ()


class Extension(NamedTuple):
    """One extension: whether it is critical, and the DER of its value."""

    critical: bool
    value: bytes


class _Fields(NamedTuple):
    """Where the parts of a certificate stand."""

    tbs: bytes
    algorithm: bytes
    inner_algorithm: bytes
    signature: bytes
    version: int
    serial: int
    serial_raw: bytes
    issuer: bytes
    not_before: datetime
    not_after: datetime
    subject: bytes
    public_key_info: bytes
    extensions: dict[str, Extension]


@dataclass(frozen=True)
class Certificate:
    """A certificate: `der` is all there is, the rest is read from it when asked.

    `Certificate.load` checks that the bytes are a certificate. Two certificates are equal when their bytes are.
    """

    der: bytes

    @classmethod
    def load(cls, data: bytes) -> Certificate:
        """Read DER, PEM (the first certificate of it) or bare base64; BadCertificate."""
        blob = data
        if not data.startswith(b"\x30"):
            labels = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
            blob = pem.first_block(data, labels) or pem.decode_base64(data) or b""
        return _load_known(blob) if len(blob) <= _USUAL_SIZE else _load(blob)

    @cached_property
    def _fields(self) -> _Fields:
        return _read_fields(self.der)

    def pem(self) -> str:
        """PEM text."""
        return pem.encode("CERTIFICATE", self.der).decode("ascii")

    @cached_property
    def subject(self) -> Subject:
        """Whose certificate it is."""
        return read_name(self._fields.subject)

    @cached_property
    def issuer(self) -> Subject:
        """Who issued it."""
        return read_name(self._fields.issuer)

    @property
    def subject_der(self) -> bytes:
        """The encoded subject."""
        return self._fields.subject

    @property
    def issuer_der(self) -> bytes:
        """The encoded issuer."""
        return self._fields.issuer

    @property
    def serial(self) -> int:
        """The serial number."""
        return self._fields.serial

    @property
    def serial_der(self) -> bytes:
        """The serial number as encoded, with tag and length."""
        return self._fields.serial_raw

    @property
    def not_before(self) -> datetime:
        """The beginning of validity, aware, UTC."""
        return self._fields.not_before

    @property
    def not_after(self) -> datetime:
        """The end of validity, aware, UTC."""
        return self._fields.not_after

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the DER, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    def hashed(self, name: str) -> bytes:
        """The hash of the DER by the function `name`, worked out once; Unsupported, BackendMissing."""
        known = self._hashes.get(name)
        if known is None:
            known = self._hashes[name] = digests.digest(name, self.der)
        return known

    @cached_property
    def _hashes(self) -> dict[str, bytes]:
        return {}

    @property
    def public_key_info(self) -> bytes:
        """DER of SubjectPublicKeyInfo."""
        return self._fields.public_key_info

    @cached_property
    def public_key_algorithm(self) -> str:
        """gost2012_256, gost2012_512, gost2001, rsa, ec, ed25519 … or a dotted identifier."""
        return keys.public_key_algorithm(self._fields.public_key_info)

    @property
    def tbs(self) -> bytes:
        """The bytes under the issuer's signature."""
        return self._fields.tbs

    @property
    def signature_algorithm(self) -> bytes:
        """DER of the AlgorithmIdentifier of the issuer's signature."""
        return self._fields.algorithm

    @property
    def algorithms_agree(self) -> bool:
        """Whether the signature algorithm inside equals the one outside (RFC 5280, 4.1.1.2)."""
        return self._fields.algorithm == self._fields.inner_algorithm

    @property
    def signature(self) -> bytes:
        """The issuer's signature."""
        return self._fields.signature

    @property
    def version(self) -> int:
        """1, 2 or 3."""
        return self._fields.version

    @property
    def extensions(self) -> dict[str, Extension]:
        """Extensions by dotted identifier."""
        return self._fields.extensions

    @cached_property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return same_name(self.subject_der, self.issuer_der)

    @cached_property
    def is_ca(self) -> bool:
        """Whether basicConstraints says CA (RFC 5280, 4.2.1.9)."""
        return self._basic_constraints[0]

    @cached_property
    def path_length(self) -> int | None:
        """pathLenConstraint, None when there is no limit."""
        return self._basic_constraints[1]

    @cached_property
    def _basic_constraints(self) -> tuple[bool, int | None]:
        found = self.extensions.get(oids.BASIC_CONSTRAINTS)
        if found is None:
            return False, None
        authority, length = False, None
        for member in der.read_all(found.value, "basicConstraints").sequence("basicConstraints"):
            if member.tag == der.BOOLEAN:
                authority = member.boolean()
            else:
                length = member.integer()
        return authority, length

    @cached_property
    def key_usage(self) -> frozenset[str] | None:
        """Names of key usages (digital_signature, non_repudiation, key_cert_sign …); None without the extension."""
        found = self.extensions.get(oids.KEY_USAGE)
        if found is None:
            return None
        node = der.read_all(found.value, "keyUsage").expect(der.BIT_STRING, "keyUsage")
        bits = int.from_bytes(node.bits()[:2].ljust(2, b"\0"), "big")
        return frozenset(name for index, name in enumerate(_KEY_USAGES) if bits & 0x8000 >> index)

    @cached_property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """Dotted identifiers of extended key usages; None without the extension."""
        found = self.extensions.get(oids.EXTENDED_KEY_USAGE)
        if found is None:
            return None
        return tuple(item.oid() for item in der.read_all(found.value, "extKeyUsage").sequence("extKeyUsage", 1))

    @cached_property
    def policies(self) -> tuple[str, ...]:
        """Dotted identifiers of certificate policies."""
        found = self.extensions.get(oids.CERTIFICATE_POLICIES)
        if found is None:
            return ()
        members = der.read_all(found.value, "certificatePolicies").sequence("certificatePolicies")
        return tuple(item.sequence("PolicyInformation", 1)[0].oid() for item in members)

    @cached_property
    def subject_key_id(self) -> bytes | None:
        """SubjectKeyIdentifier."""
        found = self.extensions.get(oids.SUBJECT_KEY_ID)
        return der.read(found.value).octets() if found else None

    @cached_property
    def authority_key_id(self) -> bytes | None:
        """KeyIdentifier of authorityKeyIdentifier."""
        found = self.extensions.get(oids.AUTHORITY_KEY_ID)
        if found is None:
            return None
        members = der.read(found.value).sequence("authorityKeyIdentifier")
        return next((member.octets() for member in members if member.tag == 0x80), None)

    @cached_property
    def distribution_points(self) -> tuple[DistributionPoint, ...]:
        """CRLDistributionPoints (RFC 5280, 4.2.1.13)."""
        return self._points(oids.CRL_DISTRIBUTION_POINTS)

    @cached_property
    def points_spoken_for(self) -> tuple[DistributionPoint, ...]:
        """Its distribution points and, after them, the issuer itself, whose complete list counts too (RFC 5280, 6.3.3)."""
        issuer = DistributionPoint(names=frozenset({der.explicit(4, self.issuer_der)}))
        return (*self.distribution_points, issuer)

    @cached_property
    def freshest_crl(self) -> tuple[DistributionPoint, ...]:
        """Where delta CRLs are (RFC 5280, 4.2.1.15)."""
        return self._points(oids.FRESHEST_CRL)

    def _points(self, dotted: str) -> tuple[DistributionPoint, ...]:
        found = self.extensions.get(dotted)
        if found is None:
            return ()
        return tuple(read_point(item, self.issuer_der) for item in der.read(found.value).sequence("CRLDistPoints"))

    @cached_property
    def crl_urls(self) -> tuple[str, ...]:
        """Addresses in cRLDistributionPoints."""
        return tuple(url for point in self.distribution_points for url in point.urls)

    @cached_property
    def ocsp_urls(self) -> tuple[str, ...]:
        """Addresses of OCSP responders in authorityInfoAccess."""
        return self._access(oids.ACCESS_OCSP)

    @cached_property
    def issuer_urls(self) -> tuple[str, ...]:
        """Addresses of the issuer's certificate in authorityInfoAccess."""
        return self._access(oids.ACCESS_CA_ISSUERS)

    def _access(self, method: str) -> tuple[str, ...]:
        found = self.extensions.get(oids.AUTHORITY_INFO_ACCESS)
        if found is None:
            return ()
        urls = []
        for description in der.read(found.value).sequence("authorityInfoAccess"):
            members = description.sequence("AccessDescription", 2)
            if members[0].oid() == method and members[1].tag == 0x86:
                urls.append(_url(members[1]))
        return tuple(urls)


def _load(blob: bytes) -> Certificate:
    try:
        certificate = Certificate(der.read(blob).raw)
        _ = certificate.subject, certificate.issuer, certificate.public_key_algorithm
    except BadInput as error:
        raise BadCertificate(f"not a certificate: {error}") from error
    return certificate


# the same certificates come again and again: what was read from them once is kept with them, by their full bytes
_load_known = lru_cache(maxsize=1024)(_load)


def _url(name: der.Node) -> str:
    return name.value.decode("latin-1")


def read_point(node: der.Node, issuer: bytes) -> DistributionPoint:
    """One DistributionPoint of a certificate that `issuer` issued."""
    members = {member.tag: member for member in node.sequence("DistributionPoint")}
    issuers = tuple(name.inner().raw for name in _members(members.get(0xA2)) if name.tag == 0xA4)
    name, reasons = members.get(0xA0), members.get(0x81)
    full = [one for choice in _members(name) if choice.tag == 0xA0 for one in choice.children()]
    return DistributionPoint(
        names=point_names(name, issuers[0] if issuers else issuer) if name else None,
        reasons=reason_flags(reasons) if reasons else ALL_REASONS,
        issuers=issuers,
        urls=tuple(_url(one) for one in full if one.tag == 0x86),
    )


def _members(node: der.Node | None) -> list[der.Node]:
    return node.children() if node is not None else []


def point_names(point: der.Node, issuer: bytes) -> frozenset[bytes]:
    """The encoded GeneralNames of DistributionPointName; a relative name is completed with the CRL issuer's."""
    choice = point.inner()
    if choice.tag == 0xA1:  # nameRelativeToCRLIssuer
        relative = b"".join(child.raw for child in choice.children())
        return frozenset({der.explicit(4, der.sequence(der.read(issuer).value, der.tlv(der.SET, relative)))})
    return frozenset(name.raw for name in choice.children())


def reason_flags(node: der.Node) -> frozenset[int]:
    """The numbers of the bits of ReasonFlags that are set."""
    bits = int.from_bytes(node.bits()[:2].ljust(2, b"\0"), "big")
    return frozenset(index for index in ALL_REASONS if bits & 0x8000 >> index)


def _read_fields(data: bytes) -> _Fields:
    outer = der.read_all(data, "Certificate").sequence("Certificate", 3)
    tbs = outer[0].sequence("TBSCertificate", 6)
    version = 1
    if tbs[0].tag == 0xA0:
        version = tbs.pop(0).inner().integer() + 1
    if len(tbs) < 6:
        raise BadInput("TBSCertificate is too short")
    validity = tbs[3].sequence("Validity", 2)
    extensions: dict[str, Extension] = {}
    for extra in tbs[6:]:
        if extra.tag == 0xA3:
            extensions = read_extensions(extra.inner())
    return _Fields(
        tbs=outer[0].raw,
        algorithm=outer[1].expect(der.SEQUENCE, "signatureAlgorithm").raw,
        inner_algorithm=tbs[1].raw,
        signature=outer[2].expect(der.BIT_STRING, "signature").bits(),
        version=version,
        serial=tbs[0].expect(der.INTEGER, "serialNumber").integer(),
        serial_raw=tbs[0].raw,
        issuer=tbs[2].expect(der.SEQUENCE, "issuer").raw,
        not_before=validity[0].time(),
        not_after=validity[1].time(),
        subject=tbs[4].expect(der.SEQUENCE, "subject").raw,
        public_key_info=tbs[5].expect(der.SEQUENCE, "subjectPublicKeyInfo").raw,
        extensions=extensions,
    )


def read_extensions(node: der.Node) -> dict[str, Extension]:
    """Extensions by dotted identifier; BadInput when one stands twice (RFC 5280, 4.2)."""
    extensions: dict[str, Extension] = {}
    for item in node.sequence("Extensions"):
        members = item.sequence("Extension", 2)
        dotted = members[0].oid()
        if dotted in extensions:
            raise BadInput("an extension stands twice", dotted)
        critical = len(members) > 2 and members[1].boolean()
        extensions[dotted] = Extension(critical, members[-1].expect(der.OCTET_STRING, "extnValue").octets())
    return extensions
