"""Putting CMS SignedData together (RFC 5652, 5; ETSI EN 319 122-1): attributes, signers, the frame around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from signing._internal import der, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.certificates import Certificate
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.errors import BadInput

_WEAK = {"md5", "sha1", "gost94"}
_CERTIFICATES, _REVOCATIONS, _UNSIGNED, _OTHER_REVOCATION = 0xA0, 0xA1, 0xA1, 0xA1


def attribute(dotted: str, value: bytes) -> bytes:
    """Attribute with one value."""
    return der.sequence(der.oid(dotted), der.set_of([value]))


def signed_attributes(
    certificate: Certificate,
    name: str,
    digest: bytes,
    *,
    signing_time: datetime | None,
    content_type: str | None = oids.DATA,
) -> list[bytes]:
    """The signed attributes of CAdES-BES: contentType, signingTime, messageDigest, signingCertificateV2.

    `digest` is of what is signed, made by the hash function `name`. A counter-signature has no contentType (RFC 5652,
    11.4: `content_type` None), a PAdES signature no signingTime (EN 319 142-1, 6.3: `signing_time` None).
    """
    reference = der.sequence(
        b"" if name == "sha256" else digests.identifier(name),  # SHA-256 is the default, which DER leaves out
        der.octet_string(digests.digest(name, certificate.der)),
        der.sequence(der.sequence(der.explicit(4, certificate.issuer_der)), certificate.serial_der),
    )
    found = [
        attribute(oids.MESSAGE_DIGEST, der.octet_string(digest)),
        attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(reference))),
    ]
    if content_type is not None:
        found.append(attribute(oids.CONTENT_TYPE, der.oid(content_type)))
    if signing_time is not None:
        found.append(attribute(oids.SIGNING_TIME, der.time(signing_time)))
    return found


def signer_info(
    certificate: Certificate, name: str, attributes: Iterable[bytes], algorithm: bytes, signature: bytes
) -> bytes:
    """SignerInfo with signed attributes (sorted here) and no unsigned ones; `algorithm` is signatureAlgorithm."""
    return der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer_der, certificate.serial_der),
        digests.identifier(name),
        der.set_of(attributes, tag=0xA0),
        algorithm,
        der.octet_string(signature),
    )


def signed_data(
    encapsulated: bytes, names: Iterable[str], certificates: Iterable[bytes], infos: Iterable[bytes]
) -> bytes:
    """ContentInfo with SignedData of version 1; `encapsulated` is EncapsulatedContentInfo."""
    signed = der.sequence(
        der.integer(1),
        der.set_of(digests.identifier(name) for name in dict.fromkeys(names)),
        encapsulated,
        der.set_of(dict.fromkeys(certificates), tag=_CERTIFICATES),
        der.set_of(infos),
    )
    return der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, signed))


def encapsulated_content(content: bytes | None) -> bytes:
    """EncapsulatedContentInfo of type data; None leaves the content out (a detached signature)."""
    return der.sequence(der.oid(oids.DATA), b"" if content is None else der.explicit(0, der.octet_string(content)))


def strong_digest_of(signer: SignerInfo) -> str:
    """The hash function of a signer, or SHA-256 where that one is weak: for time-stamps over it."""
    name = digests.name_of(algorithm_parts(signer.digest_node)[0])
    return "sha256" if name in _WEAK else name


def with_unsigned(info: der.Node, added: Sequence[bytes]) -> bytes:
    """The SignerInfo with further unsigned attributes; everything else keeps its bytes."""
    parts = info.children()
    kept = [part.raw for part in parts if part.tag != _UNSIGNED]
    old = [child.raw for part in parts if part.tag == _UNSIGNED for child in part.children()]
    return der.sequence(*kept, der.set_of([*old, *added], tag=_UNSIGNED))


def replace(
    signed: SignedData,
    infos: Iterable[bytes],
    *,
    certificates: Iterable[bytes] = (),
    revocations: Iterable[bytes] = (),
    names: Iterable[bytes] = (),
) -> SignedData:
    """The same SignedData with these signers, and with more certificates, revocation data and digest algorithms.

    `certificates`, `revocations` (members of `crls`) and `names` (AlgorithmIdentifiers) are added to those there;
    what is there keeps its bytes, the version becomes 5 when revocation data of other forms is there (RFC 5652, 5.1).
    """
    members = der.read(signed.raw).children()[1].inner().children()
    present = {part.tag: [child.raw for child in part.children()] for part in signed.parts[1:]}
    version, algorithms = members[0].integer(), [one.raw for one in members[1].children()]
    encoded = [signed.parts[0].raw]
    for tag, added in ((_CERTIFICATES, certificates), (_REVOCATIONS, revocations)):
        old = present.get(tag, [])
        new = dict.fromkeys((*old, *added))
        if len(new) == len(old) and tag in present:
            encoded += [part.raw for part in signed.parts[1:] if part.tag == tag]
        elif new:
            encoded.append(der.set_of(new, tag=tag))
        if tag == _REVOCATIONS and any(one[0] == _OTHER_REVOCATION for one in new):
            version = max(version, 5)
    known = {der.read(one).children()[0].raw for one in algorithms}
    algorithms += [one for one in dict.fromkeys(names) if der.read(one).children()[0].raw not in known]
    body = der.sequence(der.integer(version), der.set_of(algorithms), *encoded, der.set_of(infos))
    return read_signed_data(der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, body)))


def check_new_signer(certificate: Certificate, public_key_info: bytes | None, signing_time: datetime | None) -> None:
    """Refuse a certificate of another key (unless the key is not at hand: None) and a naive time; BadInput."""
    if public_key_info is not None and not same_key(certificate.public_key_info, public_key_info):
        raise BadInput("the certificate belongs to another key", "certificate")
    if signing_time is not None and signing_time.tzinfo is None:
        raise BadInput("the time of signing must be aware", "signing_time")


def same_key(one: bytes, other: bytes) -> bool:
    """Whether two SubjectPublicKeyInfo hold one key.

    Makers write the parameters of ГОСТ keys in several ways (RFC 4491 with the hash's parameters, RFC 9215 without).
    """
    if one == other:
        return True
    first, second = (der.read(info).sequence("SubjectPublicKeyInfo", 2) for info in (one, other))
    return algorithm_parts(first[0])[0] == algorithm_parts(second[0])[0] and first[1].bits() == second[1].bits()
