"""Passwords and session tokens as they are kept: Argon2id hashes and SHA-256. Not one plain secret is stored."""

import hashlib
import hmac
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id, 19 MiB, two passes, one lane (OWASP Password Storage: the least allowed)."""


def hash_password(password: str) -> str:
    """Return the PHC string of a password."""
    return _HASHER.hash(password)


def password_fits(hashed: str | None, password: str) -> bool:
    """Tell whether the password is the one hashed. None (no such person) takes the same time and never fits."""
    try:
        fits = _HASHER.verify(hashed or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and hashed is not None


def is_outdated(hashed: str) -> bool:
    """Tell whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(hashed)


def new_token() -> str:
    """Return a session token of 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_token(csrf_secret: bytes) -> str:
    """Return the token that every form of the session carries."""
    return hmac.new(csrf_secret, b"edo form", hashlib.sha256).hexdigest()


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
