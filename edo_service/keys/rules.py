"""How a person's key is locked: a PIN stretched by Argon2id wraps it, five wrong PINs lock it (OWASP ASVS 5.0 11.4)."""

from enum import StrEnum

from argon2.low_level import Type, hash_secret_raw

MAX_WRONG_PINS = 5
MIN_PIN = 6
MAX_PIN = 64
_MEMORY_KIB = 19 * 1024
_PASSES = 2


KEPT = "key.kept"
"""Job that announces a new automatic key to the upper areas."""


class Purpose(StrEnum):
    """Who a key signs for."""

    ORGANIZATION = "organization"
    STAFF = "staff"
    PERSON = "person"


def key_under_pin(pin: str, salt: bytes) -> bytes:
    """32 octets from a PIN and the key's own salt (RFC 9106, 19 MiB, two passes, one lane)."""
    return hash_secret_raw(
        pin.encode(), salt, time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1, hash_len=32, type=Type.ID
    )
