"""Keys on tokens and in HSMs through PKCS#11 (OASIS 2.40, 3.0) with the optional package python-pkcs11.

The package is imported when a token is opened: `pip install edo-service[pkcs11]`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signing._internal import algorithms, der, digests, keys
from signing._internal.certificates import Certificate
from signing._internal.errors import BackendMissing, BadCertificate, BadKey, Unsupported
from signing._internal.two_phase import digest_for

_KINDS = {"rsa", "ec", "ed25519"}


class Pkcs11Key:
    """A `PrivateKey` that never leaves its token. RSA (PKCS#1 v1.5), ECDSA and Ed25519.

    The certificate tells which kind of key it is; `certificate` is the given one or the one found beside the key.
    Calls are made one at a time: a session of PKCS#11 does one operation at once.
    """

    def __init__(self, session: Any, key: Any, certificate: Certificate) -> None:
        self.certificate = certificate
        self.public_key_info = certificate.public_key_info
        self.algorithm = certificate.public_key_algorithm
        if self.algorithm not in _KINDS:
            raise Unsupported(f"keys of {self.algorithm} on tokens are not supported: sign in two phases")
        self.digest_algorithm = digest_for(certificate)
        self._session, self._key = session, key
        self._public = keys.public_key(self.public_key_info)
        identifier = algorithms.identifier_of(self.algorithm, self.digest_algorithm, cms=True)
        self._scheme = algorithms.scheme(identifier, self.digest_algorithm)
        self._lock = threading.Lock()

    def sign(self, data: bytes) -> bytes:
        """Have the token sign; BadKey when it refuses, or when its answer is not a signature of the certificate's key."""
        with self._lock, _token_errors():
            value = self._ask(data)
        if not self._public.verify(self._scheme, data, value):
            raise BadKey("the token's key is not the key of the certificate")
        return value

    def _ask(self, data: bytes) -> bytes:
        from pkcs11 import Mechanism

        if self.algorithm == "ed25519":
            return bytes(self._key.sign(data, mechanism=Mechanism.EDDSA))
        digest = digests.digest(self.digest_algorithm, data)
        if self.algorithm == "rsa":
            name = der.read(digests.identifier(self.digest_algorithm)).children()[0].raw
            info = der.sequence(der.sequence(name, der.null()), der.octet_string(digest))  # DigestInfo (RFC 8017, 9.2)
            return bytes(self._key.sign(info, mechanism=Mechanism.RSA_PKCS))
        plain = bytes(self._key.sign(digest, mechanism=Mechanism.ECDSA))
        half = len(plain) // 2
        return encode_dss_signature(int.from_bytes(plain[:half], "big"), int.from_bytes(plain[half:], "big"))

    def close(self) -> None:
        """Log out of the token."""
        with self._lock, _token_errors():
            self._session.close()


def open_pkcs11_key(
    module: str, *, token: str, label: str, pin: str, certificate: Certificate | None = None
) -> Pkcs11Key:
    """Open the key `label` on the token `token` (its label) through the library `module` (path of a .so).

    Without `certificate` the one with the same CKA_ID or label on the token is taken. Raises BadKey (no such token or
    key, wrong PIN, no certificate), Unsupported, BackendMissing (python-pkcs11 is not installed).
    """
    try:
        import pkcs11
    except ImportError as error:
        raise BackendMissing("the Python package python-pkcs11 is absent", "python-pkcs11") from error
    with _token_errors():
        session = pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin)
        try:
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
            return Pkcs11Key(session, key, certificate or _certificate_beside(session, key, label))
        except BaseException:
            session.close()
            raise


def _certificate_beside(session: Any, key: Any, label: str) -> Certificate:
    from pkcs11 import Attribute, ObjectClass

    for template in ({Attribute.ID: key.id}, {Attribute.LABEL: label}):
        for found in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE, **template}):
            try:
                return Certificate.load(found[Attribute.VALUE])
            except BadCertificate:
                continue
    raise BadKey("the token holds no certificate of this key, and none is given")


@contextmanager
def _token_errors() -> Iterator[None]:
    """Turn what python-pkcs11 raises into BadKey."""
    from pkcs11.exceptions import PKCS11Error

    try:
        yield
    except PKCS11Error as error:
        text = f"{type(error).__name__} {error}".strip()
        raise BadKey(f"the token refuses: {text}") from error
    except RuntimeError as error:  # the library cannot be loaded
        raise BadKey(f"the PKCS#11 library cannot be used: {error}") from error
