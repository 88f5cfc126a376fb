"""Certificates: RFC 5280 with the fields and extensions of приказ ФСБ № 795.

A certificate is issued in three steps: the name, the extensions of its profile, the signature of the issuer over both.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from signing._internal import der, oids
from signing._internal.keys import PrivateKey, signature_algorithm
from signing.pki import asn1
from signing.pki.declaration import Authority, Issued, Name, Responder, SigningTools, TimestampAuthority

_NAME_ATTRIBUTES: Mapping[str, str] = {  # in the order in which they stand
    "country": "2.5.4.6",
    "region": "2.5.4.8",
    "locality": "2.5.4.7",
    "street": "2.5.4.9",
    "organization": "2.5.4.10",
    "title": "2.5.4.12",
    "surname": "2.5.4.4",
    "given_name": "2.5.4.42",
    "email": "1.2.840.113549.1.9.1",
    "ogrn": oids.OGRN,
    "ogrnip": oids.OGRNIP,
    "snils": oids.SNILS,
    "inn_le": oids.INN_LE,
    "inn": oids.INN,
    "common_name": "2.5.4.3",
}
_NUMERIC = frozenset({"inn", "inn_le", "ogrn", "ogrnip", "snils"})  # приказ № 795 wants NumericString
_PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16"
_CLIENT_AUTH, _EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4"
_POLICY_KC1 = "1.2.643.100.113.1"
_IN_PERSON = 0  # identificationKind: the applicant was present

_DIGITAL_SIGNATURE, _NON_REPUDIATION, _KEY_CERT_SIGN, _CRL_SIGN = 0, 1, 5, 6  # bits of keyUsage


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """What an authority lends to what it issues; for a self-signed certificate it is the subject itself."""

    name: str
    subject_der: bytes
    key: PrivateKey
    responder: str | None


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where certificates send a verifier; `base` is as `http://pki.demo.test`."""

    base: str

    def crl(self, authority: str) -> str:
        """CRL of that authority."""
        return f"{self.base}/crl/{authority}.crl"

    def certificate(self, authority: str) -> str:
        """Certificate of that authority."""
        return f"{self.base}/ca/{authority}.cer"

    @property
    def ocsp(self) -> str:
        """The OCSP responder."""
        return f"{self.base}/ocsp"


def issue_certificate(
    issued: Issued,
    public_key_info: bytes,
    *,
    issuer: Issuer,
    now: datetime,
    tools: SigningTools,
    addresses: Addresses,
) -> bytes:
    """Return the DER certificate of `issued` (an authority, a service or a signer) signed by `issuer`."""
    not_before, not_after = issued.valid_from.after(now), issued.valid_until.after(now)
    extensions = _Extensions()
    _profile(extensions, issued, tools)
    extensions.add(oids.SUBJECT_KEY_ID, der.octet_string(key_identifier(public_key_info)))
    extensions.add(
        _PRIVATE_KEY_USAGE_PERIOD,
        der.sequence(
            asn1.implicit(0, der.generalized_time(not_before)), asn1.implicit(1, der.generalized_time(not_after))
        ),
    )
    if issued.issuer is not None:
        authority_key = key_identifier(issuer.key.public_key_info)
        extensions.add(oids.AUTHORITY_KEY_ID, der.sequence(asn1.implicit(0, der.octet_string(authority_key))))
        _pointers(extensions, issued, issuer, addresses)
    algorithm = signature_algorithm(issuer.key)
    tbs = der.sequence(
        der.explicit(0, der.integer(2)),  # version 3
        der.integer(new_serial()),
        algorithm,
        issuer.subject_der,
        der.sequence(der.time(not_before), der.time(not_after)),
        encode_name(issued.subject),
        public_key_info,
        der.explicit(3, extensions.encoded()),
    )
    return der.sequence(tbs, algorithm, der.bit_string(issuer.key.sign(tbs)))


def encode_name(name: Name) -> bytes:
    """Name (RFC 5280, 4.1.2.4): numbers NumericString, e-mail IA5String, country PrintableString, the rest UTF8String.

    Values stand in the order of `_NAME_ATTRIBUTES`, one to a relative name.
    """
    parts = []
    for field, oid in _NAME_ATTRIBUTES.items():
        value: str | None = getattr(name, field)
        if value is None:
            continue
        if field in _NUMERIC:
            encoded = asn1.numeric(value)
        elif field == "email":
            encoded = asn1.ia5(value)
        elif field == "country":
            encoded = asn1.printable(value)
        else:
            encoded = asn1.text(value)
        parts.append(der.set_of([der.sequence(der.oid(oid), encoded)]))
    return der.sequence(*parts)


def key_identifier(public_key_info: bytes) -> bytes:
    """Key identifier: SHA-1 of the key's bits (RFC 5280, 4.2.1.2, method 1); OCSP names issuers by the same hash."""
    return hashlib.sha1(public_key_bits(public_key_info), usedforsecurity=False).digest()


def public_key_bits(public_key_info: bytes) -> bytes:
    """The content of subjectPublicKey without the count of unused bits."""
    return _public_key_info(public_key_info)[1].bits()


def new_serial() -> int:
    """A positive random serial number of 126 bits (RFC 5280 allows 20 octets)."""
    return secrets.randbits(126) | 1 << 125


class _Extensions:
    """Collects extensions in the order of calls."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, oid: str, value: bytes, *, critical: bool = False) -> None:
        self._parts.append(asn1.extension(oid, value, critical=critical))

    def encoded(self) -> bytes:
        return der.sequence(*self._parts)


def _profile(extensions: _Extensions, issued: Issued, tools: SigningTools) -> None:
    """What the certificate may be used for."""
    match issued:
        case Authority():
            path = der.integer(0) if issued.issuer is not None else b""
            constraints = der.sequence(der.boolean(True), path)
            extensions.add(oids.BASIC_CONSTRAINTS, constraints, critical=True)
            extensions.add(oids.KEY_USAGE, asn1.named_bits(_KEY_CERT_SIGN, _CRL_SIGN), critical=True)
            if issued.policies:
                extensions.add(oids.CERTIFICATE_POLICIES, _policies(*issued.policies))
        case Responder():
            extensions.add(oids.KEY_USAGE, asn1.named_bits(_DIGITAL_SIGNATURE), critical=True)
            extensions.add(oids.EXTENDED_KEY_USAGE, der.sequence(der.oid(oids.EKU_OCSP_SIGNING)))
            extensions.add(oids.OCSP_NO_CHECK, der.null())
        case TimestampAuthority():
            # RFC 3161, 2.3: the only purpose, and critical
            extensions.add(oids.KEY_USAGE, asn1.named_bits(_DIGITAL_SIGNATURE, _NON_REPUDIATION), critical=True)
            extensions.add(oids.EXTENDED_KEY_USAGE, der.sequence(der.oid(oids.EKU_TIME_STAMPING)), critical=True)
        case _:
            extensions.add(oids.KEY_USAGE, asn1.named_bits(_DIGITAL_SIGNATURE, _NON_REPUDIATION), critical=True)
            purposes = der.sequence(der.oid(_CLIENT_AUTH), der.oid(_EMAIL_PROTECTION))
            extensions.add(oids.EXTENDED_KEY_USAGE, purposes)
            extensions.add(oids.CERTIFICATE_POLICIES, _policies(_POLICY_KC1))
            extensions.add(oids.IDENTIFICATION_KIND, der.integer(_IN_PERSON))
    extensions.add(oids.SUBJECT_SIGN_TOOL, asn1.text(tools.subject_sign_tool))
    texts = (tools.sign_tool, tools.ca_tool, tools.sign_tool_certificate, tools.ca_tool_certificate)
    extensions.add(oids.ISSUER_SIGN_TOOL, der.sequence(*map(asn1.text, texts)))


def _policies(*policies: str) -> bytes:
    return der.sequence(*(der.sequence(der.oid(policy)) for policy in policies))


def _pointers(extensions: _Extensions, issued: Issued, issuer: Issuer, addresses: Addresses) -> None:
    """CRL distribution point and authority information access (RFC 5280, 4.2.1.13 and 4.2.2.1)."""
    places = [(oids.ACCESS_CA_ISSUERS, addresses.certificate(issuer.name))]
    if not isinstance(issued, Responder):  # a responder with ocsp-nocheck is not asked about (RFC 6960, 4.2.2.2.1)
        point = der.explicit(0, der.explicit(0, _uri(addresses.crl(issuer.name))))
        extensions.add(oids.CRL_DISTRIBUTION_POINTS, der.sequence(der.sequence(point)))
        if issuer.responder is not None:
            places.insert(0, (oids.ACCESS_OCSP, addresses.ocsp))
    access = der.sequence(*(der.sequence(der.oid(method), _uri(address)) for method, address in places))
    extensions.add(oids.AUTHORITY_INFO_ACCESS, access)


def _uri(address: str) -> bytes:
    """GeneralName of the form uniformResourceIdentifier."""
    return asn1.implicit(6, asn1.ia5(address))


def _public_key_info(public_key_info: bytes) -> list[der.Node]:
    return der.read_all(public_key_info, "SubjectPublicKeyInfo").sequence("SubjectPublicKeyInfo", 2)
