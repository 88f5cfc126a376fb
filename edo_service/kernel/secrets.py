"""Secrets at rest: AES-256-GCM under keys that live in settings, bound to a context, ready for rotation."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_ID_LENGTH: Final = 8
_NONCE_LENGTH: Final = 12
_KEY_LENGTH: Final = 32


class SecretUnreadable(Exception):
    """Sealed bytes do not open: damaged, of another context, or sealed under a key that is gone."""


class SecretBox:
    """Seals and opens small secrets. The first of `keys` (32 bytes each) seals; every one opens.

    A sealed value is version (1 byte), key id (8), nonce (12), ciphertext with tag. The context is authenticated, not
    stored: what was sealed for one row does not open in another (NIST SP 800-38D; nonces are random, far below 2^32
    seals).
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_LENGTH for key in keys):
            raise ValueError("one or more keys of 32 bytes are needed")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._newest = _key_id(keys[0])

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of the keys that open, the sealing one first; an id says nothing of its key."""
        return tuple(key_id.hex() for key_id in self._ciphers)

    def seal(self, content: bytes, context: str) -> bytes:
        """Return the content sealed for the context (`signing_key:<id>`)."""
        nonce = os.urandom(_NONCE_LENGTH)
        sealed = self._ciphers[self._newest].encrypt(nonce, content, context.encode())
        return _VERSION + self._newest + nonce + sealed

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the content; SecretUnreadable when it does not open for this context."""
        key_id, rest = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SecretUnreadable(f"sealed under the unknown key {key_id.hex()}")
        try:
            return cipher.decrypt(rest[:_NONCE_LENGTH], rest[_NONCE_LENGTH:], context.encode())
        except InvalidTag as error:
            raise SecretUnreadable("damaged, or sealed for another context") from error

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the value is sealed under the newest key."""
        return _split(sealed)[0] == self._newest

    def reseal(self, sealed: bytes, context: str) -> bytes:
        """Return the same content sealed under the newest key (rotation)."""
        return sealed if self.is_current(sealed) else self.seal(self.open(sealed, context), context)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"edo secret key id\x00" + key).digest()[:_ID_LENGTH]


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    if len(sealed) < 1 + _ID_LENGTH + _NONCE_LENGTH + 16 or sealed[:1] != _VERSION:
        raise SecretUnreadable("not a sealed value")
    return sealed[1 : 1 + _ID_LENGTH], sealed[1 + _ID_LENGTH :]
