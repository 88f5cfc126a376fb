"""Whose a key is and how a person's key is locked: a PIN stretched by Argon2id wraps it, five wrong PINs lock it.

OWASP ASVS 5.0 11.4; who may use which key: docs/adr/0007.
"""

from enum import StrEnum
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw

MAX_WRONG_PINS = 5
MIN_PIN = 6
MAX_PIN = 64
_MEMORY_KIB = 19 * 1024
_PASSES = 2


KEPT = "key.kept"
"""Job that announces a new automatic key to the upper areas."""


class Purpose(StrEnum):
    """Who a key signs for: automatic jobs, titles signed on the server, its holder by PIN."""

    ORGANIZATION = "organization"
    STAFF = "staff"
    PERSON = "person"


def is_for(person_id: UUID | None, *, holder_id: UUID | None, names_person: bool) -> bool:
    """Whether a server-held key may sign for this person (None: for an automatic job). Her right to sign is asked apart.

    A key that has a holder, or whose certificate names a person, signs for that holder alone: nobody else, no job by
    itself, and nobody at all while the holder is not known. A certificate without a person is the organisation's.
    """
    if holder_id is not None or names_person:
        return person_id is not None and person_id == holder_id
    return True


def key_under_pin(pin: str, salt: bytes) -> bytes:
    """32 octets from a PIN and the key's own salt (RFC 9106, 19 MiB, two passes, one lane)."""
    return hash_secret_raw(
        pin.encode(), salt, time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1, hash_len=32, type=Type.ID
    )
