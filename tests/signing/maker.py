"""Certificates, CRLs, OCSP answers and time-stamps made for tests, good ones and evil ones alike."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from signing import Certificate, PrivateKey, digest, generate_private_key, signature_algorithm
from signing._internal import der, digests, oids
from signing._internal.names import encode_name
from signing._internal.revocation import public_key_bits

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
_USAGES = {"digital_signature": 0, "non_repudiation": 1, "key_cert_sign": 5, "crl_sign": 6}

Extension = tuple[str, bool, bytes]


def basic_constraints(*, authority: bool, length: int | None = None) -> Extension:
    members = [der.boolean(True)] if authority else []
    members += [der.integer(length)] if length is not None else []
    return oids.BASIC_CONSTRAINTS, True, der.sequence(*members)


def key_usage(*names: str) -> Extension:
    bits = 0
    for name in names:
        bits |= 0x80 >> _USAGES[name]
    unused = (bits & -bits).bit_length() - 1  # DER of named bits has no zeros at the end (X.690, 11.2.2)
    return oids.KEY_USAGE, True, der.tlv(der.BIT_STRING, bytes([unused, bits]))


def extended_key_usage(*purposes: str, critical: bool = False) -> Extension:
    return oids.EXTENDED_KEY_USAGE, critical, der.sequence(*map(der.oid, purposes))


def addresses(*, crl: str = "", ocsp: str = "", issuer: str = "") -> list[Extension]:
    made: list[Extension] = []
    if crl:
        point = der.sequence(der.explicit(0, der.explicit(0, der.tlv(0x86, crl.encode()))))
        made.append((oids.CRL_DISTRIBUTION_POINTS, False, der.sequence(point)))
    access = [(oids.ACCESS_OCSP, ocsp), (oids.ACCESS_CA_ISSUERS, issuer)]
    entries = [der.sequence(der.oid(method), der.tlv(0x86, url.encode())) for method, url in access if url]
    if entries:
        made.append((oids.AUTHORITY_INFO_ACCESS, False, der.sequence(*entries)))
    return made


def encode_extensions(extensions: Sequence[Extension]) -> bytes:
    return der.sequence(
        *(
            der.sequence(der.oid(dotted), der.boolean(True) if critical else b"", der.octet_string(value))
            for dotted, critical, value in extensions
        )
    )


def _signed(key: PrivateKey, body: bytes) -> bytes:
    return der.sequence(body, signature_algorithm(key), der.bit_string(key.sign(body)))


def signed_body(key: PrivateKey, body: Callable[[bytes], bytes]) -> bytes:
    """What is signed with its algorithm inside and outside: `body` gets the AlgorithmIdentifier."""
    return _signed(key, body(signature_algorithm(key)))


@dataclass(kw_only=True)
class Holder:
    """A key with its certificate; an authority when it issues."""

    key: PrivateKey
    certificate: Certificate
    chain: tuple[Certificate, ...] = ()
    revoked: dict[int, tuple[datetime, int]] = field(default_factory=dict)

    def issue(
        self,
        name: str,
        *,
        spec: str = "gost2012_256:XA",
        extensions: Sequence[Extension] | None = None,
        not_before: datetime = NOW - YEAR,
        not_after: datetime = NOW + YEAR,
        key: PrivateKey | None = None,
        subject: Sequence[tuple[str, str]] | None = None,
    ) -> Holder:
        key = key or generate_private_key(spec)
        extensions = [key_usage("digital_signature", "non_repudiation")] if extensions is None else extensions
        certificate = make_certificate(
            subject=list(subject or [("country", "RU"), ("common_name", name)]),
            public_key_info=key.public_key_info,
            issuer=self,
            extensions=extensions,
            validity=(not_before, not_after),
        )
        return Holder(key=key, certificate=certificate, chain=(self.certificate, *self.chain))

    def authority(self, name: str, *, spec: str = "gost2012_256:XA", length: int | None = None) -> Holder:
        extensions = [basic_constraints(authority=True, length=length), key_usage("key_cert_sign", "crl_sign")]
        return self.issue(name, spec=spec, extensions=extensions, not_after=NOW + 5 * YEAR)

    def revoke(self, certificate: Certificate, at: datetime, reason: int = 0) -> None:
        self.revoked[certificate.serial] = (at, reason)

    def crl(
        self,
        *,
        at: datetime = NOW,
        until: datetime | None = None,
        extensions: Sequence[Extension] = (),
        signer: Holder | None = None,
    ) -> bytes:
        signer = signer or self
        entries = [
            der.sequence(
                der.integer(serial),
                der.time(when),
                encode_extensions([(oids.REASON_CODE, False, der.tlv(der.ENUMERATED, bytes([reason])))]),
            )
            for serial, (when, reason) in self.revoked.items()
        ]
        body = der.sequence(
            der.integer(1),
            signature_algorithm(signer.key),
            self.certificate.subject_der,
            der.time(at),
            der.time(until or at + timedelta(days=7)),
            der.sequence(*entries) if entries else b"",
            der.explicit(0, encode_extensions([(oids.CRL_NUMBER, False, der.integer(1)), *extensions])),
        )
        return _signed(signer.key, body)

    def ocsp(
        self,
        certificate: Certificate,
        *,
        at: datetime = NOW,
        until: datetime | None = None,
        responder: Holder | None = None,
        hash_name: str = "sha1",
        name_of: Certificate | None = None,
        key_of: Certificate | None = None,
        responder_name: bytes | None = None,
        status: bytes | None = None,
    ) -> bytes:
        """An answer of the authority itself, or of `responder`, about a certificate of this authority."""
        signer = responder or self
        status = status or der.tlv(0x80)
        if certificate.serial in self.revoked:
            when, reason = self.revoked[certificate.serial]
            status = der.tlv(
                0xA1, der.generalized_time(when), der.explicit(0, der.tlv(der.ENUMERATED, bytes([reason])))
            )
        identifier = der.sequence(
            digests.identifier(hash_name),
            der.octet_string(digest(hash_name, name_of.subject_der if name_of else certificate.issuer_der)),
            der.octet_string(digest(hash_name, public_key_bits(key_of or self.certificate))),
            der.integer(certificate.serial),
        )
        single = der.sequence(
            identifier,
            status,
            der.generalized_time(at),
            der.explicit(0, der.generalized_time(until or at + timedelta(hours=12))),
        )
        data = der.sequence(
            der.explicit(1, responder_name or signer.certificate.subject_der),
            der.generalized_time(at),
            der.sequence(single),
        )
        basic = der.sequence(
            data,
            signature_algorithm(signer.key),
            der.bit_string(signer.key.sign(data)),
            der.explicit(0, der.sequence(signer.certificate.der)),
        )
        wrapped = der.sequence(der.oid(oids.OCSP_BASIC_INFO), der.octet_string(basic))
        return der.sequence(der.tlv(der.ENUMERATED, b"\x00"), der.explicit(0, wrapped))


def make_certificate(
    *,
    subject: Sequence[tuple[str, str]],
    public_key_info: bytes,
    issuer: Holder,
    extensions: Sequence[Extension],
    validity: tuple[datetime, datetime],
) -> Certificate:
    return Certificate.load(
        _certificate(subject, public_key_info, issuer.certificate.subject_der, issuer.key, extensions, validity)
    )


def _certificate(
    subject: Sequence[tuple[str, str]],
    info: bytes,
    issuer_name: bytes,
    key: PrivateKey,
    extensions: Sequence[Extension],
    validity: tuple[datetime, datetime],
) -> bytes:
    body = der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(secrets.randbits(100)),
        signature_algorithm(key),
        issuer_name,
        der.sequence(*map(der.time, validity)),
        encode_name(list(subject)),
        info,
        der.explicit(3, encode_extensions(extensions)) if extensions else b"",
    )
    return _signed(key, body)


def make_root(
    name: str = "Тестовый корень", *, spec: str = "gost2012_256:XA", validity: tuple[datetime, datetime] | None = None
) -> Holder:
    key = generate_private_key(spec)
    subject = [("country", "RU"), ("common_name", name)]
    extensions = [basic_constraints(authority=True), key_usage("key_cert_sign", "crl_sign")]
    validity = validity or (NOW - 5 * YEAR, NOW + 10 * YEAR)
    made = _certificate(subject, key.public_key_info, encode_name(subject), key, extensions, validity)
    return Holder(key=key, certificate=Certificate.load(made))


@dataclass(kw_only=True)
class Tsa:
    """A time-stamping authority with knobs: its clock, and what it gets wrong."""

    holder: Holder
    at: datetime = NOW
    policy: str = "1.3.6.1.4.1.32473.2.1"
    embed: bool = True
    wrong_imprint: bool = False
    nonce: int | None = None
    unsigned: Mapping[str, bytes] = field(default_factory=dict)

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        imprint = bytes(len(digest)) if self.wrong_imprint else digest
        info = der.sequence(
            der.integer(1),
            der.oid(self.policy),
            der.sequence(digests.identifier(digest_algorithm), der.octet_string(imprint)),
            der.integer(secrets.randbits(60)),
            der.generalized_time(self.at),
            der.integer(self.nonce) if self.nonce is not None else b"",
        )
        certificates = [self.holder.certificate.der, *(one.der for one in self.holder.chain)] if self.embed else []
        return make_cms(
            self.holder, info, content_type=oids.TST_INFO, certificates=certificates, unsigned=self.unsigned
        )


def attribute(dotted: str, *values: bytes) -> bytes:
    return der.sequence(der.oid(dotted), der.set_of(values))


def usual_attributes(
    holder: Holder, content: bytes, *, content_type: str = oids.DATA, signing_time: datetime = NOW
) -> dict[str, bytes]:
    name = holder.key.digest_algorithm
    reference = der.sequence(
        b"" if name == "sha256" else digests.identifier(name),
        der.octet_string(digest(name, holder.certificate.der)),
        der.sequence(
            der.sequence(der.explicit(4, holder.certificate.issuer_der)), der.integer(holder.certificate.serial)
        ),
    )
    return {
        "content_type": attribute(oids.CONTENT_TYPE, der.oid(content_type)),
        "signing_time": attribute(oids.SIGNING_TIME, der.time(signing_time)),
        "message_digest": attribute(oids.MESSAGE_DIGEST, der.octet_string(digest(name, content))),
        "reference": attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(reference))),
    }


def make_signer(
    holder: Holder,
    content: bytes,
    *,
    attributes: Sequence[bytes] | None,
    algorithms: tuple[bytes, bytes] | None = None,
    unsigned: Mapping[str, bytes] | None = None,
    ordered: bool = True,
) -> bytes:
    """A SignerInfo; `attributes` None means no signedAttrs, `ordered` False keeps them as they are given."""
    key = holder.key
    digest_identifier, signature_identifier = algorithms or (
        digests.identifier(key.digest_algorithm),
        signature_algorithm(key, cms=True),
    )
    signed = None
    if attributes is not None:
        signed = der.set_of(attributes) if ordered else der.tlv(der.SET, *attributes)
    signature = key.sign(content if signed is None else signed)
    extra = [attribute(dotted, value) for dotted, value in (unsigned or {}).items()]
    return der.sequence(
        der.integer(1),
        der.sequence(holder.certificate.issuer_der, der.integer(holder.certificate.serial)),
        digest_identifier,
        b"" if signed is None else b"\xa0" + signed[1:],
        signature_identifier,
        der.octet_string(signature),
        der.set_of(extra, tag=0xA1) if extra else b"",
    )


def wrap(
    signers: Sequence[bytes],
    content: bytes | None,
    *,
    content_type: str = oids.DATA,
    certificates: Sequence[bytes] = (),
    crls: Sequence[bytes] = (),
) -> bytes:
    encapsulated = der.oid(content_type) + (b"" if content is None else der.explicit(0, der.octet_string(content)))
    signed = der.sequence(
        der.integer(1 if content_type == oids.DATA else 3),
        der.set_of([digests.identifier("streebog256")]),
        der.sequence(encapsulated),
        der.set_of(certificates, tag=0xA0) if certificates else b"",
        der.set_of(crls, tag=0xA1) if crls else b"",
        der.tlv(der.SET, *signers),
    )
    return der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, signed))


def make_cms(
    holder: Holder,
    content: bytes,
    *,
    content_type: str = oids.DATA,
    certificates: Sequence[bytes] | None = None,
    unsigned: Mapping[str, bytes] | None = None,
) -> bytes:
    attributes = list(usual_attributes(holder, content, content_type=content_type).values())
    signer = make_signer(holder, content, attributes=attributes, unsigned=unsigned)
    embedded = [holder.certificate.der] if certificates is None else certificates
    return wrap([signer], content, content_type=content_type, certificates=embedded)
