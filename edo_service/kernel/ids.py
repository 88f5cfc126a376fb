"""Identifiers: time-ordered UUIDs for rows, short opaque codes for addresses."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: codes are read aloud
_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """Return a UUID version 7 (RFC 9562, 5.7), strictly increasing within this process.

    48 bits of Unix milliseconds, then a 12-bit counter in `rand_a` (method 1 of 6.2), then 62 random bits.
    """
    global _last  # noqa: PLW0603 - the counter belongs to the process, RFC 9562 6.2
    with _lock:
        _last = max((time.time_ns() // 1_000_000) << 12, _last + 1)
        ticks = _last
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def new_code(length: int = 8) -> str:
    """Return a random short code (31 letters and digits, no look-alikes) for public addresses."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(length))
