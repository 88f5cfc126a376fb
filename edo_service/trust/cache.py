"""Keeps fetched CRLs, OCSP answers and CA certificates in the database until they are stale (signing.EvidenceCache)."""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, insert, select

from edo_service.errors import Conflict
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.ids import new_id
from edo_service.trust.tables import FetchedEvidence

LONGEST = timedelta(hours=12)
UNASKED: Final = timedelta(seconds=2)
"""For so long what was read is not read again: one incoming document asks for the same lists and answers eight times."""
MOST, LARGEST = 64, 1 << 18
"""How many values are held, and of how many octets at most: a larger list is read each time."""


class _Held(NamedTuple):
    """A value, when it was read, and until when it may be used."""

    value: bytes
    read_at: datetime
    until: datetime


class _Lately:
    """The values read last; threads share it."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def get(self, key: str, now: datetime) -> bytes | None:
        held = self._held.get(key)
        if held is None or not held.read_at <= now < min(held.until, held.read_at + UNASKED):
            return None
        return held.value

    def keep(self, key: str, held: _Held) -> None:
        if len(held.value) > LARGEST:
            return
        with self._lock:
            self._held.pop(key, None)
            self._held[key] = held
            if len(self._held) > MOST:
                del self._held[next(iter(self._held))]

    def drop(self, key: str) -> None:
        with self._lock:
            self._held.pop(key, None)


@dataclass(frozen=True, kw_only=True)
class DatabaseCache:
    """Rows by the SHA-256 of the key; small transactions of their own, never inside a caller's.

    What another process has put counts after `UNASKED`, what this one has put counts at once.
    """

    database: Database
    clock: Clock
    _lately: _Lately = field(default_factory=_Lately, init=False, repr=False, compare=False)

    def get(self, key: str, *, now: datetime) -> bytes | None:
        """What was kept under `key`, if it is still good at `now`."""
        held = self._lately.get(key, now)
        if held is not None:
            return held
        query = select(FetchedEvidence.content, FetchedEvidence.usable_until).where(
            FetchedEvidence.key == _key(key), FetchedEvidence.usable_until > now
        )
        with self.database.transaction(read_only=True) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        self._lately.keep(key, _Held(value=row.content, read_at=now, until=row.usable_until))
        return bytes(row.content)

    def put(self, key: str, value: bytes, *, until: datetime) -> None:
        """Keep `value` until the instant `until`, twelve hours at most; a racing writer wins or loses, both are fine.

        The bound heals what somebody on the way has put into an unsigned HTTP answer, and lets a fresh revocation be
        seen the same day. What is stale is thrown away.
        """
        now = self.clock.now()
        try:
            with self.database.transaction() as connection:
                mine, stale = FetchedEvidence.key == _key(key), FetchedEvidence.usable_until <= now
                connection.execute(delete(FetchedEvidence).where(mine | stale))
                connection.execute(
                    insert(FetchedEvidence).values(
                        id=new_id(),
                        key=_key(key),
                        kind="fetched",
                        content=value,
                        fetched_at=now,
                        usable_until=min(until, now + LONGEST),
                    )
                )
        except Conflict:
            pass
        self._lately.drop(key)


def _key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
