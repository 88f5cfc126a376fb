"""Private and public keys: ГОСТ through the engine, RSA, ECDSA and Ed25519 through `cryptography`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from signing._internal import der, gost, gost_backend, oids, pem
from signing._internal.algorithms import SignatureScheme, algorithm_parts, identifier_of
from signing._internal.errors import BadInput, BadKey, Unsupported

if TYPE_CHECKING:
    from signing._internal.pyca_keys import PycaPrivateKey

_ALGORITHMS = {
    oids.GOST2012_256: "gost2012_256",
    oids.GOST2012_512: "gost2012_512",
    oids.GOST2001: "gost2001",
    oids.RSA: "rsa",
    oids.RSA_PSS: "rsa",
    oids.EC: "ec",
    oids.DSA: "dsa",
    oids.ED25519: "ed25519",
    oids.ED448: "ed448",
}
_GOST_DIGESTS = {"gost2012_256": "streebog256", "gost2012_512": "streebog512", "gost2001": "gost94"}
_GOST_SIGNATURE_SIZES = {"gost2012_256": 64, "gost2012_512": 128, "gost2001": 64}
# object identifiers of parameter sets -> the engine's names (RFC 4357, RFC 9215)
PARAMETER_SETS = {
    "1.2.643.2.2.35.1": "CryptoPro-A",
    "1.2.643.2.2.35.2": "CryptoPro-B",
    "1.2.643.2.2.35.3": "CryptoPro-C",
    "1.2.643.2.2.36.0": "CryptoPro-XchA",
    "1.2.643.2.2.36.1": "CryptoPro-XchB",
    "1.2.643.7.1.2.1.1.1": "TC26-256-A",
    "1.2.643.7.1.2.1.1.2": "TC26-256-B",
    "1.2.643.7.1.2.1.1.3": "TC26-256-C",
    "1.2.643.7.1.2.1.1.4": "TC26-256-D",
    "1.2.643.7.1.2.1.2.1": "TC26-512-A",
    "1.2.643.7.1.2.1.2.2": "TC26-512-B",
    "1.2.643.7.1.2.1.2.3": "TC26-512-C",
}


class PrivateKey(Protocol):
    """A key that signs; keys held elsewhere (HSM, remote service) implement this too."""

    @property
    def algorithm(self) -> str:
        """gost2012_256, gost2012_512, rsa, ec or ed25519."""

    @property
    def public_key_info(self) -> bytes:
        """DER of SubjectPublicKeyInfo."""

    @property
    def digest_algorithm(self) -> str:
        """The hash function that `sign` applies."""

    def sign(self, data: bytes) -> bytes:
        """Hash and sign; the octets as CMS and X.509 carry them."""


class GostPrivateKey:
    """A ГОСТ Р 34.10-2012 key inside OpenSSL's memory."""

    def __init__(self, native: gost.NativeKey) -> None:
        self._native = native
        self.public_key_info = native.public_info()
        self.algorithm = public_key_algorithm(self.public_key_info)
        if self.algorithm not in {"gost2012_256", "gost2012_512"}:
            raise BadKey(f"keys of {self.algorithm} do not sign")
        self.digest_algorithm = _GOST_DIGESTS[self.algorithm]

    def sign(self, data: bytes) -> bytes:
        """Hash with Streebog and sign: s‖r, 64 or 128 octets."""
        return self._native.sign(self.digest_algorithm, data)

    def pkcs8(self, password: bytes | None) -> bytes:
        """Write PKCS#8 DER."""
        return self._native.pkcs8(password)


def load_private_key(data: bytes, password: bytes | None = None) -> PrivateKey:
    """Read a PKCS#8 key, PEM or DER, plain or encrypted (PBES2): ГОСТ, RSA, EC, Ed25519.

    Raises BadKey (not a key, wrong password, password missing or needless) and BackendMissing.
    """
    blob = pem.first_block(data, ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")) or data
    encrypted = _is_encrypted(blob)
    if encrypted and password is None:
        raise BadKey("the key is encrypted and no password is given")
    if not encrypted and password is not None:
        raise BadKey("a password is given for a key that is not encrypted")
    if not encrypted and _is_gost(blob):
        return GostPrivateKey(gost.NativeKey.private(blob, None))
    from signing._internal.pyca_keys import load_pyca

    try:
        return load_pyca(blob, password)
    except BadKey:
        if not encrypted:
            raise
    return GostPrivateKey(gost.NativeKey.private(blob, password))


def generate_private_key(spec: str = "gost2012_256:XA") -> PrivateKey:
    """Make a key: "gost2012_256:XA", "gost2012_256:TCB", "gost2012_512:A", "rsa:2048", "ec:P-256", "ed25519"."""
    algorithm, _, parameters = spec.partition(":")
    if algorithm in {"gost2012_256", "gost2012_512"}:
        return GostPrivateKey(gost.NativeKey.generate(algorithm, parameters))
    from signing._internal.pyca_keys import generate_pyca

    return generate_pyca(algorithm, parameters)


def export_private_key(key: PrivateKey, password: bytes | None = None) -> bytes:
    """Write PKCS#8 DER, encrypted with AES-256 when `password` is given; BadKey for keys that do not leave."""
    writer = getattr(key, "pkcs8", None)
    if writer is None:
        raise BadKey("this key cannot be exported")
    return cast("GostPrivateKey | PycaPrivateKey", key).pkcs8(password)


def signature_algorithm(key: PrivateKey, *, cms: bool = False) -> bytes:
    """DER of the AlgorithmIdentifier for what `key.sign` gives: in certificates, CRLs, OCSP; or in CMS SignerInfo."""
    return identifier_of(key.algorithm, key.digest_algorithm, cms=cms)


def public_key_algorithm(info: bytes) -> str:
    """Our name of the algorithm in SubjectPublicKeyInfo, or its dotted identifier when it is unknown to us."""
    dotted, _ = algorithm_parts(der.read(info).sequence("SubjectPublicKeyInfo", 2)[0])
    return _ALGORITHMS.get(dotted, dotted)


def parameter_set(info: bytes) -> str:
    """The name of the ГОСТ parameter set in SubjectPublicKeyInfo, "" for other keys."""
    _, parameters = algorithm_parts(der.read(info).sequence("SubjectPublicKeyInfo", 2)[0])
    if parameters is None or parameters.tag != der.SEQUENCE:
        return ""
    first = parameters.children()[:1]
    if not first or first[0].tag != der.OID:
        return ""
    return PARAMETER_SETS.get(first[0].oid(), first[0].oid() if first[0].oid().startswith("1.2.643.") else "")


class PublicKey(Protocol):
    """A key that checks signatures."""

    @property
    def algorithm(self) -> str:
        """gost2012_256, gost2012_512, gost2001, rsa, ec, dsa, ed25519 or ed448."""

    @property
    def bits(self) -> int:
        """The size of the key for policies of strength."""

    def verify(self, scheme: SignatureScheme, data: bytes, signature: bytes) -> bool:
        """Whether `signature` over `data` is right; False too when key and scheme do not belong together."""


class GostPublicKey:
    """A ГОСТ public key; checks the length of a signature before the engine sees it."""

    def __init__(self, info: bytes) -> None:
        self.algorithm = public_key_algorithm(info)
        self._size = _GOST_SIGNATURE_SIZES[self.algorithm]
        self.bits = self._size * 4
        self._digest = _GOST_DIGESTS[self.algorithm]
        self._native = gost_backend.public_key(info)

    def verify(self, scheme: SignatureScheme, data: bytes, signature: bytes) -> bool:
        """Hash and check; a signature of any other length than 64 or 128 octets is false."""
        fits = scheme.kind == self.algorithm and scheme.digest == self._digest and len(signature) == self._size
        return fits and self._native.verify(self._digest, data, signature)


@lru_cache(maxsize=2048)
def public_key(info: bytes) -> PublicKey:
    """Read SubjectPublicKeyInfo; keys read before are remembered. Raises BadKey, Unsupported, BackendMissing."""
    try:
        algorithm = public_key_algorithm(info)
    except BadInput as error:
        raise BadKey(f"not a public key: {error}") from error
    if algorithm in _GOST_DIGESTS:
        return GostPublicKey(info)
    if algorithm not in _ALGORITHMS.values():
        raise Unsupported(f"unknown algorithm of a public key: {algorithm}")
    from signing._internal.pyca_keys import PycaPublicKey

    return PycaPublicKey(algorithm, info)


def _is_encrypted(blob: bytes) -> bool:
    """EncryptedPrivateKeyInfo begins with an algorithm, PrivateKeyInfo with a version."""
    try:
        members = der.read(blob).sequence("PKCS#8", 2)
    except BadInput as error:
        raise BadKey(f"not a PKCS#8 key: {error}") from error
    return members[0].tag == der.SEQUENCE


def _is_gost(blob: bytes) -> bool:
    members = der.read(blob).sequence("PKCS#8", 2)
    if members[1].tag != der.SEQUENCE:
        return False  # PKCS#1 or SEC1
    return algorithm_parts(members[1])[0].startswith("1.2.643.")
