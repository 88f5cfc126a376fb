"""Requests as clients write them, and timestamp tokens as asn1crypto reads them."""

from collections.abc import Sequence

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signing import digest
from signing._internal import der, digests
from signing.pki import Pki
from signing.pki.certificates import public_key_bits


def asked(pki: Pki, serial: int, *, nonce: bytes | None = None, issuer: str = "issuing") -> bytes:
    """A request as cryptography writes it: SHA-1 of the issuer's name and key."""
    above = pki.certificate(issuer)
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        digest("sha1", above.subject_der),
        digest("sha1", public_key_bits(above.public_key_info)),
        serial,
        hashes.SHA1(),  # noqa: S303 OCSP names issuers by it
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def request(
    name: str = "streebog256",
    *,
    version: int = 1,
    imprint: bytes | None = None,
    algorithm: bytes | None = None,
    tail: Sequence[bytes] = (),
) -> bytes:
    """A TimeStampReq for the content b"content"; `tail` are its optional fields."""
    value = digest(name, b"content") if imprint is None else imprint
    identifier = digests.identifier(name) if algorithm is None else algorithm
    return der.sequence(der.integer(version), der.sequence(identifier, der.octet_string(value)), *tail)


def token(content: bytes) -> tuple[cms.SignedData, tsp.TSTInfo]:
    response = tsp.TimeStampResp.load(content, strict=True)
    assert response["status"]["status"].native == "granted"
    signed = response["time_stamp_token"]["content"]
    return signed, signed["encap_content_info"]["content"].parsed
