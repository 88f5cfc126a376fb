"""Keys that are kept elsewhere and sign hashes: a signing service, an HSM behind an interface of its own."""

from __future__ import annotations

from typing import Protocol

from signing._internal import algorithms, digests, keys
from signing._internal.certificates import Certificate
from signing._internal.errors import BadKey
from signing._internal.two_phase import digest_for


class RemoteSigner(Protocol):
    """A service that signs hashes with one key: an HSM or a cloud signature. It sees the hash, never the document."""

    def sign_digest(self, digest_algorithm: str, digest: bytes) -> bytes:
        """The signature value as CMS carries it (PKCS#1 v1.5, ECDSA-Sig-Value, ГОСТ s‖r); raises BadKey."""


class RemoteKey:
    """A `PrivateKey` over a `RemoteSigner`: hashes here, has the hash signed there and checks what comes back.

    The certificate tells the kind of the key. `digest_algorithm` may name another hash function that the key allows.
    """

    def __init__(self, certificate: Certificate, signer: RemoteSigner, digest_algorithm: str | None = None) -> None:
        self.public_key_info = certificate.public_key_info
        self.algorithm = certificate.public_key_algorithm
        self.digest_algorithm = digest_for(certificate, digest_algorithm)
        if self.algorithm == "ed25519":
            raise BadKey("Ed25519 signs the data themselves, not their hash")
        self._signer = signer
        self._public = keys.public_key(self.public_key_info)
        identifier = algorithms.identifier_of(self.algorithm, self.digest_algorithm, cms=True)
        self._scheme = algorithms.scheme(identifier, self.digest_algorithm)

    def sign(self, data: bytes) -> bytes:
        """Have the hash of the data signed; BadKey when the answer is not a signature of this key."""
        value = self._signer.sign_digest(self.digest_algorithm, digests.digest(self.digest_algorithm, data))
        if not self._public.verify(self._scheme, data, value):
            raise BadKey("the signing service gave a value that is not a signature of its key")
        return value
