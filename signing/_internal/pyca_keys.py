"""RSA, ECDSA, DSA and EdDSA keys through the library `cryptography`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signing._internal import der
from signing._internal.algorithms import SignatureScheme
from signing._internal.errors import BadInput, BadKey, Unsupported

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512_224": hashes.SHA512_224,
    "sha512_256": hashes.SHA512_256,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
_CURVES: dict[str, tuple[type[ec.EllipticCurve], str]] = {
    "P-256": (ec.SECP256R1, "sha256"),
    "P-384": (ec.SECP384R1, "sha384"),
    "P-521": (ec.SECP521R1, "sha512"),
}
_Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_Public = (
    rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
)


_PKCS1 = padding.PKCS1v15()


@lru_cache(maxsize=64)
def _hash(name: str) -> hashes.HashAlgorithm:
    if name not in _HASHES:
        raise Unsupported(f"{name} is not used with this kind of key")
    return _HASHES[name]()


class PycaPrivateKey:
    """An RSA, EC or Ed25519 key."""

    def __init__(self, key: _Private) -> None:
        self._key = key
        self.public_key_info = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if isinstance(key, rsa.RSAPrivateKey):
            self.algorithm, self.digest_algorithm = "rsa", "sha256"
        elif isinstance(key, ec.EllipticCurvePrivateKey):
            self.algorithm = "ec"
            self.digest_algorithm = "sha256" if key.key_size <= 256 else "sha384" if key.key_size <= 384 else "sha512"
        else:
            self.algorithm, self.digest_algorithm = "ed25519", "sha512"

    def sign(self, data: bytes) -> bytes:
        """Hash and sign: PKCS#1 v1.5, ECDSA-Sig-Value or raw Ed25519."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, _PKCS1, _hash(self.digest_algorithm))
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(_hash(self.digest_algorithm)))
        return self._key.sign(data)

    def pkcs8(self, password: bytes | None) -> bytes:
        """Write PKCS#8 DER."""
        sealing: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            sealing = serialization.BestAvailableEncryption(password)
        return self._key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, sealing)


def load_pyca(blob: bytes, password: bytes | None) -> PycaPrivateKey:
    """Read a DER key; BadKey."""
    try:
        key = serialization.load_der_private_key(blob, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey(f"the key cannot be read: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise BadKey(f"keys of this kind do not sign here: {type(key).__name__}")
    return PycaPrivateKey(key)


def generate_pyca(algorithm: str, parameters: str) -> PycaPrivateKey:
    """Make a key: rsa:2048…, ec:P-256…, ed25519; BadKey for other words."""
    if algorithm == "rsa" and parameters.isdigit() and int(parameters) >= 2048:
        return PycaPrivateKey(rsa.generate_private_key(65537, int(parameters)))
    if algorithm == "ec" and parameters in _CURVES:
        return PycaPrivateKey(ec.generate_private_key(_CURVES[parameters][0]()))
    if algorithm == "ed25519" and not parameters:
        return PycaPrivateKey(ed25519.Ed25519PrivateKey.generate())
    raise BadKey(f"unknown specification of a key: {algorithm}:{parameters}")


def _load_public(info: bytes) -> object:
    try:
        return serialization.load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(f"the public key cannot be read: {error}") from error


def _load_rsa(info: bytes) -> object:
    """Read an RSA key; a modulus written without its leading zero octet (it looks negative) is read as it is meant.

    National identity cards were issued with such keys, and their signatures are genuine.
    """
    try:
        return serialization.load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm) as error:
        try:
            bits = der.read_all(info, "SubjectPublicKeyInfo").sequence("SubjectPublicKeyInfo", 2)[1].bits()
            modulus, exponent = der.read_all(bits, "RSAPublicKey").sequence("RSAPublicKey", 2)[:2]
            numbers = [int.from_bytes(node.expect(der.INTEGER, "RSA").value, "big") for node in (exponent, modulus)]
            return rsa.RSAPublicNumbers(*numbers).public_key()
        except (BadInput, ValueError):
            raise BadKey(f"the public key cannot be read: {error}") from error


class PycaPublicKey:
    """An RSA, EC, DSA or EdDSA public key."""

    def __init__(self, algorithm: str, info: bytes) -> None:
        self.algorithm = algorithm
        key = _load_rsa(info) if algorithm == "rsa" else _load_public(info)
        if not isinstance(
            key,
            rsa.RSAPublicKey
            | ec.EllipticCurvePublicKey
            | dsa.DSAPublicKey
            | ed25519.Ed25519PublicKey
            | ed448.Ed448PublicKey,
        ):
            raise Unsupported(f"keys of this kind do not sign: {type(key).__name__}")
        self._key: _Public = key
        self._rsa = key if isinstance(key, rsa.RSAPublicKey) else None  # asked here once: abstract classes are slow
        self.bits = 255 if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) else key.key_size

    def verify(self, scheme: SignatureScheme, data: bytes, signature: bytes) -> bool:
        """Whether the signature is right for this key and scheme."""
        try:
            self._check(scheme, data, signature)
        except (InvalidSignature, ValueError):
            return False
        except UnsupportedAlgorithm as error:
            raise Unsupported(str(error)) from error
        return True

    def _check(self, scheme: SignatureScheme, data: bytes, signature: bytes) -> None:
        key = self._key
        if self._rsa is not None and scheme.kind in {"rsa", "rsa_pss"}:
            scheme_padding: padding.AsymmetricPadding = _PKCS1
            if scheme.kind == "rsa_pss":
                scheme_padding = padding.PSS(padding.MGF1(_hash(scheme.mask_digest)), scheme.salt_length)
            self._rsa.verify(signature, data, scheme_padding, _hash(scheme.digest))
        elif isinstance(key, ec.EllipticCurvePublicKey) and scheme.kind in {"ec", "ec_plain"}:
            if scheme.kind == "ec_plain":
                signature = _from_plain(signature, key.key_size)
            key.verify(signature, data, ec.ECDSA(_hash(scheme.digest)))
        elif isinstance(key, dsa.DSAPublicKey) and scheme.kind == "dsa":
            key.verify(signature, data, _hash(scheme.digest))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and scheme.kind == self.algorithm:
            key.verify(signature, data)
        else:
            raise InvalidSignature


def _from_plain(signature: bytes, bits: int) -> bytes:
    """BSI TR-03111 plain format r‖s to ECDSA-Sig-Value."""
    size = (bits + 7) // 8
    if len(signature) != 2 * size:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
