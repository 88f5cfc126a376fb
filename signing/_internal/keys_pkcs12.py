"""PKCS#12 containers (RFC 7292): RSA and EC through `cryptography`, ГОСТ (Р 1323565.1.041-2022) through libcrypto."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from signing._internal import der, gost
from signing._internal.assemble import same_key
from signing._internal.certificates import Certificate
from signing._internal.errors import BackendMissing, BadKey, Unsupported
from signing._internal.keys import GostPrivateKey, PrivateKey
from signing._internal.pyca_keys import load_pyca

_CRYPTOPRO = der.oid("1.2.840.113549.1.12.1.80")  # CryptoPro CSP's own way to hide a key
_RUSSIAN = bytes.fromhex("2a8503")  # 1.2.643
_MAX = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class KeyContainer:
    """A key with its certificate (None when the container has none) and the certificates above it."""

    key: PrivateKey
    certificate: Certificate | None
    chain: tuple[Certificate, ...]


def load_pkcs12(data: bytes, password: bytes) -> KeyContainer:
    """Read a PKCS#12 container (.p12, .pfx): RSA, EC, Ed25519, ГОСТ; the password is UTF-8.

    Raises BadKey (no container, wrong password, no key in it), Unsupported (a container of CryptoPro CSP, whose keys
    leave only through CryptoPro) and BackendMissing.
    """
    if len(data) > _MAX:
        raise BadKey("the container is too large")
    if _CRYPTOPRO in data:
        raise Unsupported("the container is in CryptoPro's own form: sign with CryptoPro in two phases")
    try:
        key, own, others = pkcs12.load_key_and_certificates(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        return _gost_container(data, password, error)
    if key is None:
        raise BadKey("the container holds no private key")
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    found = [one.public_bytes(serialization.Encoding.DER) for one in (own, *others) if one is not None]
    return _container(load_pyca(plain, None), found)


def _gost_container(data: bytes, password: bytes, reason: Exception) -> KeyContainer:
    try:
        native, certificates = gost.NativeKey.from_pkcs12(data, password)
    except BackendMissing:
        if _RUSSIAN in data:
            raise
        raise BadKey(f"the container cannot be opened: {reason}") from reason
    return _container(GostPrivateKey(native), certificates)


def _container(key: PrivateKey, found: list[bytes]) -> KeyContainer:
    loaded = [Certificate.load(one) for one in found]
    own = next((one for one in loaded if same_key(one.public_key_info, key.public_key_info)), None)
    return KeyContainer(key=key, certificate=own, chain=tuple(one for one in loaded if one is not own))
