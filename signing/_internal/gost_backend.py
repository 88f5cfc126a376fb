"""Which library does ГОСТ here: the engine of OpenSSL, or GnuTLS where the engine is absent (hashes and checks only)."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from signing._internal import gnutls, gost
from signing._internal.errors import BackendMissing


class CheckingKey(Protocol):
    """A ГОСТ public key of either library."""

    def verify(self, digest_name: str, data: bytes, signature: bytes) -> bool:
        """Hash and check; the caller has checked the length of the signature."""


@lru_cache(maxsize=1)
def engine_present() -> bool:
    """Whether the engine is there; asked once. BackendMissing, naming the engine's package, when GnuTLS is absent too."""
    try:
        gost.library()
    except BackendMissing:
        try:
            gnutls.library()
        except BackendMissing as second:
            raise BackendMissing(
                "neither the ГОСТ engine of OpenSSL nor GnuTLS is there", "libengine-gost-openssl"
            ) from second
        return False
    return True


def digest(name: str, data: bytes) -> bytes:
    """Hash at once; BackendMissing."""
    return gost.digest(name, data) if engine_present() else gnutls.digest(name, data)


def new_hash(name: str) -> gost.Hash | gnutls.Hash:
    """Start a running hash; BackendMissing."""
    return gost.Hash(name) if engine_present() else gnutls.Hash(name)


def public_key(info: bytes) -> CheckingKey:
    """Read SubjectPublicKeyInfo; BadKey, BackendMissing, Unsupported for parameter sets that GnuTLS lacks."""
    return gost.NativeKey.public(info) if engine_present() else gnutls.NativeKey.public(info)
