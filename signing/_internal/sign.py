"""Making CAdES signatures: BES and T (ETSI EN 319 122-1, RFC 5652, RFC 9215)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from signing._internal import assemble, der, digests, oids
from signing._internal.certificates import Certificate
from signing._internal.cms import SignerInfo, unwrap
from signing._internal.errors import BadInput
from signing._internal.keys import PrivateKey, signature_algorithm


class Timestamper(Protocol):
    """A time-stamping authority (RFC 3161): says that a hash existed at a moment."""

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
    info = sign_digest(digests.digest(name, content), key=key, certificate=certificate, signing_time=signing_time)
    cms = assemble.signed_data(
        assemble.encapsulated_content(None if detached else content),
        [name],
        [one.der for one in (certificate, *chain)],
        [info],
    )
    return cms if timestamper is None else add_signature_timestamp(cms, timestamper)


def sign_digest(
    digest: bytes,
    *,
    key: PrivateKey,
    certificate: Certificate,
    signing_time: datetime | None,
    content_type: str | None = oids.DATA,
) -> bytes:
    """SignerInfo over a digest that was made by the key's own hash function; BadInput and what the key raises.

    `signing_time` and `content_type` may be None as `assemble.signed_attributes` tells.
    """
    assemble.check_new_signer(certificate, key.public_key_info, signing_time)
    name = key.digest_algorithm
    attributes = assemble.signed_attributes(
        certificate, name, digest, signing_time=signing_time, content_type=content_type
    )
    signature = key.sign(der.set_of(attributes))
    return assemble.signer_info(certificate, name, attributes, signature_algorithm(key, cms=True), signature)


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
    stamped = [add_timestamp_to_signer(info, timestamper) for info in infos]
    signed = der.sequence(*(part.raw for part in parts[:-1]), der.set_of(stamped))
    return der.sequence(members[0].raw, der.explicit(0, signed))


def add_timestamp_to_signer(info: der.Node, timestamper: Timestamper) -> bytes:
    """The SignerInfo with a signature time-stamp, unless it has one."""
    signer = SignerInfo(info)
    if signer.unsigned(oids.SIGNATURE_TIMESTAMP):
        return info.raw
    name = assemble.strong_digest_of(signer)
    token = timestamper.timestamp(name, digests.digest(name, signer.signature))
    return assemble.with_unsigned(info, [assemble.attribute(oids.SIGNATURE_TIMESTAMP, token)])
