"""Keeps fetched CRLs, OCSP answers and CA certificates in the database until they are stale (signing.EvidenceCache)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from edo_service.errors import Conflict
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.ids import new_id
from edo_service.trust.tables import FetchedEvidence

LONGEST = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class DatabaseCache:
    """Rows by the SHA-256 of the key; small transactions of their own, never inside a caller's."""

    database: Database
    clock: Clock

    def get(self, key: str, *, now: datetime) -> bytes | None:
        """What was kept under `key`, if it is still good at `now`."""
        query = select(FetchedEvidence.content).where(
            FetchedEvidence.key == _key(key), FetchedEvidence.usable_until > now
        )
        with self.database.transaction(read_only=True) as connection:
            return connection.execute(query).scalar_one_or_none()

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
            return


def _key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
