"""Sealing keys in a backup: under a passphrase (scrypt, RFC 7914; AES-256-GCM, NIST SP 800-38D), or not at all.

Whoever has the database and the sealing keys has every key of signature that the service holds. So they are never written
open: without a passphrase a backup holds none, and says so.
"""

import base64
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from edo_service.backup.values import BackupError

SHORTEST = 12
_COST = {"n": 2**15, "r": 8, "p": 1}
_MOST = 2**20
_CONTEXT = b"edo-backup sealing keys/1"


def seal_keys(keys: Sequence[bytes], passphrase: str) -> dict[str, Any]:
    """The keys under a passphrase. BackupError when it is short."""
    if len(passphrase) < SHORTEST:
        raise BackupError(f"пароль копии короче {SHORTEST} знаков")
    salt, nonce = os.urandom(16), os.urandom(12)
    content = json.dumps([base64.b64encode(key).decode() for key in keys]).encode()
    sealed = AESGCM(_key(passphrase, salt, _COST)).encrypt(nonce, content, _CONTEXT)
    words = {"salt": salt, "nonce": nonce, "sealed": sealed}
    return {"kdf": "scrypt", **_COST, **{name: base64.b64encode(value).decode() for name, value in words.items()}}


def open_keys(sealed: dict[str, Any], passphrase: str) -> tuple[bytes, ...]:
    """The keys again. BackupError when the passphrase is another one or the file is damaged."""
    try:
        cost = {name: int(sealed[name]) for name in _COST}
        if sealed["kdf"] != "scrypt" or not 1 < cost["n"] <= _MOST or cost["r"] > 32 or cost["p"] > 16:
            raise BackupError("keys.json: неизвестный способ запечатывания")
        salt, nonce, content = (base64.b64decode(sealed[name], validate=True) for name in ("salt", "nonce", "sealed"))
        opened = AESGCM(_key(passphrase, salt, cost)).decrypt(nonce, content, _CONTEXT)
        return tuple(base64.b64decode(one) for one in json.loads(opened))
    except InvalidTag:
        raise BackupError("ключи не открылись: другой пароль или файл keys.json повреждён") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError("keys.json: не читается") from error


def _key(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())
