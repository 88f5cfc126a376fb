"""Keeps fetched CRLs, OCSP answers and CA certificates in the database until they are stale (signing.EvidenceCache)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from edo_service.errors import Conflict
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.ids import new_id
from edo_service.trust.tables import FetchedEvidence


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
        """Keep `value` until the instant `until`; a racing writer of the same key wins or loses, both are fine."""
        try:
            with self.database.transaction() as connection:
                connection.execute(delete(FetchedEvidence).where(FetchedEvidence.key == _key(key)))
                connection.execute(
                    insert(FetchedEvidence).values(
                        id=new_id(),
                        key=_key(key),
                        kind="fetched",
                        content=value,
                        fetched_at=self.clock.now(),
                        usable_until=until,
                    )
                )
        except Conflict:
            return


def _key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
