"""Signing in two phases: what is to be signed goes out, the signature value comes back (keys in browsers, HSM, services).

1. `prepare_signature` makes the file with everything but the value. 2. The key's owner signs `to_sign` (or its hash
`to_sign_digest`). 3. `complete_signature` checks the value by the certificate's key and puts it in. Nothing is kept
between the phases but the draft, which is bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import BinaryIO

from signing._internal import algorithms, assemble, der, digests, keys
from signing._internal.attributes import read_signed_attributes
from signing._internal.certificates import Certificate
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.cosign import check_same_content, refuse_sealed
from signing._internal.errors import BadCertificate, BadInput, Unsupported
from signing._internal.hashing import hash_stream
from signing._internal.sign import Timestamper, add_timestamp_to_signer

_DIGESTS = {
    "gost2012_256": ("streebog256",),
    "gost2012_512": ("streebog512",),
    "rsa": ("sha256", "sha384", "sha512"),
    "ed25519": ("sha512",),
}
_EC_DIGESTS = ((256, "sha256"), (384, "sha384"), (10_000, "sha512"))


@dataclass(frozen=True, kw_only=True)
class PreparedSignature:
    """A signature without its value. `draft` is all there is to keep (DER CMS with one empty signature value)."""

    draft: bytes

    @cached_property
    def _signer(self) -> SignerInfo:
        empty = [one for one in read_signed_data(self.draft).signers if not one.signature]
        if len(empty) != 1:
            raise BadInput(f"the draft has {len(empty)} signers without a signature value, not one", "draft")
        return empty[0]

    @property
    def to_sign(self) -> bytes:
        """What the key signs: DER of the signed attributes as SET OF (RFC 5652, 5.4)."""
        return next(self._signer.signed_forms())[1]

    @property
    def digest_algorithm(self) -> str:
        """The hash function of the signature."""
        return digests.name_of(algorithms.algorithm_parts(self._signer.digest_node)[0])

    @property
    def message_digest(self) -> bytes | None:
        """The hash of the content that the signature is over."""
        return read_signed_attributes(self._signer).message_digest

    @property
    def to_sign_digest(self) -> bytes:
        """The hash of `to_sign`, for keys that sign hashes."""
        return digests.digest(self.digest_algorithm, self.to_sign)


def digest_for(certificate: Certificate, wanted: str | None = None) -> str:
    """The hash function that signatures with this certificate's key use; BadInput when `wanted` does not fit."""
    key = keys.public_key(certificate.public_key_info)
    if key.algorithm == "ec":
        allowed: tuple[str, ...] = (next(name for bits, name in _EC_DIGESTS if key.bits <= bits),)
    else:
        allowed = _DIGESTS.get(key.algorithm, ())
    if not allowed:
        raise Unsupported(f"keys of {key.algorithm} do not sign here")
    if wanted is not None and wanted not in allowed:
        raise BadInput(f"keys of {key.algorithm} sign {' or '.join(allowed)} digests, not {wanted}", "digest_algorithm")
    return wanted or allowed[0]


def prepare_signature(
    content: bytes | BinaryIO,
    *,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    detached: bool = True,
    digest_algorithm: str | None = None,
    beside: bytes | None = None,
) -> PreparedSignature:
    """Prepare a CAdES-BES signature of a key that is elsewhere.

    `content` may be a stream when the signature is detached; it is read to its end. `beside` is a signature of the
    same content that gets one more signer (then `detached` is as there). Raises BadInput (a naive time, a digest that
    does not fit the key, `beside` signs something else), Unsupported, BadKey.
    """
    assemble.check_new_signer(certificate, None, signing_time)
    name = digest_for(certificate, digest_algorithm)
    certificates = [one.der for one in (certificate, *chain)]
    if beside is not None:
        signed = read_signed_data(beside)
        refuse_sealed(signed)
        body = check_same_content(signed, content, name)
        info = _unsigned_info(certificate, name, body, signing_time, content_type=signed.content_type)
        infos = [*(one.node.raw for one in signed.signers), info]
        names = [digests.identifier(name)]
        return PreparedSignature(draft=assemble.replace(signed, infos, certificates=certificates, names=names).raw)
    if isinstance(content, bytes):
        digest, inside = digests.digest(name, content), None if detached else content
    elif detached:
        digest, inside = hash_stream(content, [name])[name], None
    else:
        raise BadInput("a stream is signed in two phases only when the signature is detached", "content")
    info = _unsigned_info(certificate, name, digest, signing_time)
    return PreparedSignature(
        draft=assemble.signed_data(assemble.encapsulated_content(inside), [name], certificates, [info])
    )


def prepare_digest(digest: bytes, name: str, *, certificate: Certificate, chain: Sequence[Certificate]) -> bytes:
    """The draft of a detached signature over a digest, without a time of its own: for PDF."""
    info = _unsigned_info(certificate, name, digest, None)
    certificates = [one.der for one in (certificate, *chain)]
    return assemble.signed_data(assemble.encapsulated_content(None), [name], certificates, [info])


def _unsigned_info(
    certificate: Certificate,
    name: str,
    digest: bytes,
    signing_time: datetime | None,
    *,
    content_type: str | None = None,
) -> bytes:
    kind = {} if content_type is None else {"content_type": content_type}
    attributes = assemble.signed_attributes(certificate, name, digest, signing_time=signing_time, **kind)
    algorithm = algorithms.identifier_of(keys.public_key(certificate.public_key_info).algorithm, name, cms=True)
    return assemble.signer_info(certificate, name, attributes, algorithm, b"")


def complete_signature(
    prepared: PreparedSignature, signature: bytes, *, timestamper: Timestamper | None = None
) -> bytes:
    """Put the signature value in: DER CMS, CAdES-BES, or T when a time-stamper is given.

    The value is as CMS carries it: PKCS#1 v1.5, ECDSA-Sig-Value, ГОСТ s‖r of 64 or 128 octets; ГОСТ with its octets in
    reverse order, as CryptoPro's interfaces give it, is turned round. Raises BadInput when it is not a signature of
    the certificate's key over `to_sign`.
    """
    signed = read_signed_data(prepared.draft)
    info = complete_info(signed, prepared, signature)
    if timestamper is not None:
        info = add_timestamp_to_signer(der.read(info), timestamper)
    others = [one.node.raw for one in signed.signers if one.signature]
    return assemble.replace(signed, [*others, info]).raw


def complete_info(signed: SignedData, prepared: PreparedSignature, signature: bytes) -> bytes:
    """The SignerInfo of the draft with its value, checked."""
    signer = prepared._signer  # noqa: SLF001 the reader of the draft is its own class
    certificate = _certificate_of(signed, signer)
    scheme = algorithms.scheme(signer.signature_algorithm, prepared.digest_algorithm)
    key = keys.public_key(certificate.public_key_info)
    orders = [signature, signature[::-1]] if key.algorithm.startswith("gost") else [signature]
    for value in orders:
        if key.verify(scheme, prepared.to_sign, value):
            parts = [part.raw for part in signer.node.children()]
            return der.sequence(*parts[:5], der.octet_string(value))
    raise BadInput("the value is not a signature of this certificate's key over what was prepared", "signature")


def _certificate_of(signed: SignedData, signer: SignerInfo) -> Certificate:
    references = read_signed_attributes(signer).references
    for blob in signed.certificates:
        try:
            certificate = Certificate.load(blob)
        except BadCertificate:
            continue
        if references and all(one.matches(certificate) for one in references):
            return certificate
    raise BadInput("the draft holds no certificate of its signer", "draft")
