"""Signature algorithms: what an AlgorithmIdentifier means, and whether hash, key and identifier agree.

RFC 4055, 5758, 8419 and 9215, NIST CSOR; identifiers of keys in the place of signatures (RFC 5652, 10.1.2) are
ordinary for RSA and ГОСТ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from signing._internal import der, digests, oids
from signing._internal.errors import BadInput, Unsupported

_RSA = "1.2.840.113549.1.1."
_ECDSA = "1.2.840.10045.4."
_NIST = "2.16.840.1.101.3.4.3."
_BSI = "0.4.0.127.0.7.1.1.4.1."

# identifier -> (kind of key, hash or None when it stands elsewhere)
_SIGNATURES: dict[str, tuple[str, str | None]] = {
    oids.RSA: ("rsa", None),
    _RSA + "4": ("rsa", "md5"),
    _RSA + "5": ("rsa", "sha1"),
    _RSA + "11": ("rsa", "sha256"),
    _RSA + "12": ("rsa", "sha384"),
    _RSA + "13": ("rsa", "sha512"),
    _RSA + "14": ("rsa", "sha224"),
    _RSA + "15": ("rsa", "sha512_224"),
    _RSA + "16": ("rsa", "sha512_256"),
    _NIST + "13": ("rsa", "sha3_224"),
    _NIST + "14": ("rsa", "sha3_256"),
    _NIST + "15": ("rsa", "sha3_384"),
    _NIST + "16": ("rsa", "sha3_512"),
    oids.RSA_PSS: ("rsa_pss", None),
    oids.EC: ("ec", None),
    _ECDSA + "1": ("ec", "sha1"),
    _ECDSA + "3.1": ("ec", "sha224"),
    _ECDSA + "3.2": ("ec", "sha256"),
    _ECDSA + "3.3": ("ec", "sha384"),
    _ECDSA + "3.4": ("ec", "sha512"),
    _NIST + "9": ("ec", "sha3_224"),
    _NIST + "10": ("ec", "sha3_256"),
    _NIST + "11": ("ec", "sha3_384"),
    _NIST + "12": ("ec", "sha3_512"),
    _BSI + "1": ("ec_plain", "sha1"),
    _BSI + "2": ("ec_plain", "sha224"),
    _BSI + "3": ("ec_plain", "sha256"),
    _BSI + "4": ("ec_plain", "sha384"),
    _BSI + "5": ("ec_plain", "sha512"),
    oids.DSA: ("dsa", None),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    _NIST + "1": ("dsa", "sha224"),
    _NIST + "2": ("dsa", "sha256"),
    _NIST + "3": ("dsa", "sha384"),
    _NIST + "4": ("dsa", "sha512"),
    oids.ED25519: ("ed25519", "sha512"),
    oids.ED448: ("ed448", "shake256"),
    oids.GOST2012_256: ("gost2012_256", "streebog256"),
    oids.GOST2012_512: ("gost2012_512", "streebog512"),
    "1.2.643.7.1.1.3.2": ("gost2012_256", "streebog256"),
    "1.2.643.7.1.1.3.3": ("gost2012_512", "streebog512"),
    oids.GOST2001: ("gost2001", "gost94"),
    "1.2.643.2.2.3": ("gost2001", "gost94"),
}
# kind of key -> (identifier in certificates, identifier in CMS as openssl and CryptoPro write it, NULL parameters)
_WRITTEN: dict[tuple[str, str], tuple[str, str, bool]] = {
    ("gost2012_256", "streebog256"): ("1.2.643.7.1.1.3.2", oids.GOST2012_256, False),
    ("gost2012_512", "streebog512"): ("1.2.643.7.1.1.3.3", oids.GOST2012_512, False),
    ("rsa", "sha256"): (_RSA + "11", oids.RSA, True),
    ("rsa", "sha384"): (_RSA + "12", oids.RSA, True),
    ("rsa", "sha512"): (_RSA + "13", oids.RSA, True),
    ("ec", "sha256"): (_ECDSA + "3.2", _ECDSA + "3.2", False),
    ("ec", "sha384"): (_ECDSA + "3.3", _ECDSA + "3.3", False),
    ("ec", "sha512"): (_ECDSA + "3.4", _ECDSA + "3.4", False),
    ("ed25519", "sha512"): (oids.ED25519, oids.ED25519, False),
}


@dataclass(frozen=True, kw_only=True)
class SignatureScheme:
    """How a signature was made: the kind of key, the hash, and for RSASSA-PSS the mask hash and the salt's length."""

    kind: str
    digest: str
    mask_digest: str = ""
    salt_length: int = 0


def algorithm_parts(node: der.Node) -> tuple[str, der.Node | None]:
    """Split AlgorithmIdentifier into its object identifier and its parameters."""
    members = node.sequence("AlgorithmIdentifier", 1)
    return members[0].oid(), members[1] if len(members) > 1 else None


@lru_cache(maxsize=512)
def scheme(identifier: bytes, digest: str | None = None) -> SignatureScheme:
    """Understand a signatureAlgorithm (DER).

    `digest` is the hash that stands elsewhere (CMS digestAlgorithm). Unsupported for unknown algorithms; BadInput
    when both name a hash and the hashes differ.
    """
    dotted, parameters = algorithm_parts(der.read(identifier))
    if dotted not in _SIGNATURES:
        raise Unsupported(f"unknown signature algorithm {dotted}")
    kind, own = _SIGNATURES[dotted]
    mask, salt = "", 0
    if kind == "rsa_pss":
        own, mask, salt = _pss_parameters(parameters)
    if own is not None and digest is not None and own != digest:
        raise BadInput(f"the signature algorithm hashes with {own}, the digest algorithm is {digest}")
    used = own or digest
    if used is None:
        raise BadInput("the signature algorithm names no hash function", dotted)
    return SignatureScheme(kind=kind, digest=used, mask_digest=mask, salt_length=salt)


def _pss_parameters(node: der.Node | None) -> tuple[str, str, int]:
    """RSASSA-PSS-params (RFC 4055, 3.1) with their defaults."""
    own, mask, salt = "sha1", "sha1", 20
    if node is None:
        raise BadInput("RSASSA-PSS without parameters in a signature (RFC 4055, 3.1)")
    for member in node.sequence("RSASSA-PSS-params"):
        if member.tag == 0xA0:
            own = digests.name_of(algorithm_parts(member.inner())[0])
        elif member.tag == 0xA1:
            function, inner = algorithm_parts(member.inner())
            if function != "1.2.840.113549.1.1.8" or inner is None:
                raise Unsupported(f"unknown mask generation function {function}")
            mask = digests.name_of(algorithm_parts(inner)[0])
        elif member.tag == 0xA2:
            salt = member.inner().integer()
            if not 0 <= salt <= 512:
                raise BadInput("RSASSA-PSS salt length is out of range")
    return own, mask, salt


def identifier_of(algorithm: str, digest: str, *, cms: bool) -> bytes:
    """DER of the AlgorithmIdentifier that we write, for CMS SignerInfo or for certificates, CRLs and OCSP."""
    try:
        x509, in_cms, with_null = _WRITTEN[algorithm, digest]
    except KeyError:
        raise Unsupported(f"no signature algorithm for {algorithm} with {digest}") from None
    return der.sequence(der.oid(in_cms if cms else x509), der.null() if with_null else b"")
