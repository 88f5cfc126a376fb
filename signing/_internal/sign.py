"""Making CAdES signatures: BES and T (ETSI EN 319 122-1, RFC 5652, RFC 9215)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from signing._internal import der, digests, oids
from signing._internal.certificates import Certificate
from signing._internal.cms import SignerInfo, unwrap
from signing._internal.errors import BadInput
from signing._internal.keys import PrivateKey, signature_algorithm

_WEAK = {"md5", "sha1", "gost94"}


class Timestamper(Protocol):
    """A time-stamping authority."""

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        """A TimeStampToken (DER of ContentInfo) over the digest; raises TimestampFailed."""


def sign_cades(
    content: bytes,
    *,
    key: PrivateKey,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    timestamper: Timestamper | None = None,
    detached: bool = True,
    digest_algorithm: str | None = None,
) -> bytes:
    """Sign: DER CMS, CAdES-BES, or CAdES-T when a time-stamper is given.

    Signed attributes: contentType, signingTime, messageDigest, signingCertificateV2 (with issuer and serial).
    `chain` goes into the file beside the signer's certificate. Raises BadInput (the certificate is of another key,
    a digest that the key does not sign with, a naive time) and what the key and the time-stamper raise.
    """
    name = digest_algorithm or key.digest_algorithm
    if name != key.digest_algorithm:
        raise BadInput(f"the key signs {key.digest_algorithm} digests, not {name}", "digest_algorithm")
    if certificate.public_key_info != key.public_key_info:
        raise BadInput("the certificate belongs to another key", "certificate")
    if signing_time.tzinfo is None:
        raise BadInput("the time of signing must be aware", "signing_time")
    attributes = _signed_attributes(certificate, name, digests.digest(name, content), signing_time)
    info = _signer_info(key, certificate, name, attributes)
    encapsulated = der.oid(oids.DATA) + (b"" if detached else der.explicit(0, der.octet_string(content)))
    embedded = dict.fromkeys(one.der for one in (certificate, *chain))
    signed = der.sequence(
        der.integer(1),
        der.set_of([digests.identifier(name)]),
        der.sequence(encapsulated),
        der.set_of(embedded, tag=0xA0),
        der.set_of([info]),
    )
    cms = der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, signed))
    return cms if timestamper is None else add_signature_timestamp(cms, timestamper)


def _attribute(dotted: str, value: bytes) -> bytes:
    return der.sequence(der.oid(dotted), der.set_of([value]))


def _signed_attributes(certificate: Certificate, name: str, digest: bytes, signing_time: datetime) -> list[bytes]:
    reference = der.sequence(
        b"" if name == "sha256" else digests.identifier(name),  # SHA-256 is the default, which DER leaves out
        der.octet_string(digests.digest(name, certificate.der)),
        der.sequence(der.sequence(der.explicit(4, certificate.issuer_der)), certificate.serial_der),
    )
    return [
        _attribute(oids.CONTENT_TYPE, der.oid(oids.DATA)),
        _attribute(oids.SIGNING_TIME, der.time(signing_time)),
        _attribute(oids.MESSAGE_DIGEST, der.octet_string(digest)),
        _attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(reference))),
    ]


def _signer_info(key: PrivateKey, certificate: Certificate, name: str, attributes: list[bytes]) -> bytes:
    signature = key.sign(der.set_of(attributes))
    return der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer_der, certificate.serial_der),
        digests.identifier(name),
        der.set_of(attributes, tag=0xA0),
        signature_algorithm(key, cms=True),
        der.octet_string(signature),
    )


def add_signature_timestamp(cms: bytes, timestamper: Timestamper) -> bytes:
    """Add a signature time-stamp (EN 319 122-1, 5.3) to each signer that has none; DER CMS.

    What was signed keeps its bytes. Raises BadInput when the file is not CMS SignedData, and what the time-stamper
    raises.
    """
    members = der.read(unwrap(cms)[0]).sequence("ContentInfo", 2)
    if members[0].oid() != oids.SIGNED_DATA:
        raise BadInput("the file is CMS, but not SignedData", members[0].oid())
    parts = members[1].inner().sequence("SignedData", 4)
    infos = parts[-1].expect(der.SET, "signerInfos").children()
    stamped = [_stamped(info, timestamper) for info in infos]
    signed = der.sequence(*(part.raw for part in parts[:-1]), der.set_of(stamped))
    return der.sequence(members[0].raw, der.explicit(0, signed))


def _stamped(info: der.Node, timestamper: Timestamper) -> bytes:
    signer = SignerInfo(info)
    if signer.unsigned(oids.SIGNATURE_TIMESTAMP):
        return info.raw
    name = digests.name_of(signer.digest_node.sequence("digestAlgorithm", 1)[0].oid())
    if name in _WEAK:
        name = "sha256"
    token = timestamper.timestamp(name, digests.digest(name, signer.signature))
    unsigned = [child.raw for child in signer.unsigned_node.children()] if signer.unsigned_node else []
    unsigned.append(_attribute(oids.SIGNATURE_TIMESTAMP, token))
    kept = [part.raw for part in info.children() if part.tag != 0xA1]
    return der.sequence(*kept, der.set_of(unsigned, tag=0xA1))
