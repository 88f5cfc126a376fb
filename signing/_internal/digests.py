"""Hash functions by one set of names: Streebog through the engine, the rest through hashlib."""

from __future__ import annotations

import hashlib
from typing import Protocol

from signing._internal import der, gost, gost_backend
from signing._internal.errors import Unsupported

_OIDS = {
    "streebog256": "1.2.643.7.1.1.2.2",
    "streebog512": "1.2.643.7.1.1.2.3",
    "gost94": "1.2.643.2.2.9",
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha512_224": "2.16.840.1.101.3.4.2.5",
    "sha512_256": "2.16.840.1.101.3.4.2.6",
    "sha3_224": "2.16.840.1.101.3.4.2.7",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
    "sha3_384": "2.16.840.1.101.3.4.2.9",
    "sha3_512": "2.16.840.1.101.3.4.2.10",
    "shake256": "2.16.840.1.101.3.4.2.12",
}
_NAMES = {dotted: name for name, dotted in _OIDS.items()}
# CryptoPro and CSPs write the key's identifier where the digest's belongs
_NAMES |= {"1.2.643.7.1.1.1.1": "streebog256", "1.2.643.7.1.1.1.2": "streebog512", "1.2.643.2.2.19": "gost94"}
_SHAKE256_SIZE = 64  # RFC 8419: SHAKE256 with 512 bits of output


class HashObject(Protocol):
    """A running hash, as hashlib has them: bytes go in piece by piece, nothing of them is kept."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The hash of what was taken in so far."""


def digest(name: str, data: bytes) -> bytes:
    """Hash `data` with the function `name` ("streebog256", "sha256", …); Unsupported, BackendMissing."""
    if name in gost.DIGEST_SIZES:
        return gost_backend.digest(name, data)
    if name == "shake256":
        return hashlib.shake_256(data).digest(_SHAKE256_SIZE)
    if name not in _OIDS:
        raise Unsupported(f"unknown hash function {name!r}")
    return hashlib.new(name, data, usedforsecurity=False).digest()


def new_hash(name: str) -> HashObject:
    """Start a running hash; Unsupported for an unknown name, BackendMissing without the engine."""
    if name in gost.DIGEST_SIZES:
        return gost_backend.new_hash(name)
    if name not in _OIDS or name == "shake256":
        raise Unsupported(f"unknown hash function {name!r}")
    return hashlib.new(name, usedforsecurity=False)


def name_of(dotted: str) -> str:
    """Our name of the digest algorithm with this object identifier; Unsupported."""
    try:
        return _NAMES[dotted]
    except KeyError:
        raise Unsupported(f"unknown digest algorithm {dotted}") from None


def identifier(name: str) -> bytes:
    """DER of AlgorithmIdentifier for a digest, parameters absent (RFC 5754, RFC 9215); Unsupported."""
    if name not in _OIDS:
        raise Unsupported(f"unknown hash function {name!r}")
    return der.sequence(der.oid(_OIDS[name]))
