"""The journal's rows and how they are written and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import Clock
from edo_service.kernel.ids import new_id
from edo_service.kernel.money import Money
from edo_service.kernel.tables import Base, Identified, Owned

PLATFORM = UUID(int=0)
"""Owner of what concerns no entity (a failed log-in of an unknown name, a start of the service)."""

GENESIS = "0" * 64
_UNSEALED = text("position IS NULL")


class JournalEntry(Identified, Owned, Base):
    """One thing that happened.

    Written unchained; the sealer gives `position`, `previous` and `hash` once; then never changed.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        UniqueConstraint("owner_id", "position"),
        Index("ix_journal_entry_unsealed", "owner_id", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
        Index("ix_journal_entry_subject", "owner_id", "subject"),
    )

    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(400))
    facts: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None]
    previous: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))


CONTENT = ("id", "owner_id", "at", "event", "subject", "actor_id", "actor_name", "facts")
"""The columns that are hashed; the triggers of the migration let nobody change them."""


class Journal:
    """`uow.journal`."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def write(self, event: str, *, owner_id: UUID, subject: str, actor: Actor, **facts: Any) -> UUID:
        """Write one entry into this transaction and return its id.

        `event` is past tense with dots (`document.signed`), `subject` is `kind:id`. `facts` are plain values (text,
        whole numbers, UUIDs, moments, money, lists and dicts of them); never secrets, never a float (TypeError).
        """
        entry_id = new_id()
        self._session.add(
            JournalEntry(
                id=entry_id,
                owner_id=owner_id,
                at=self._clock.now(),
                event=event,
                subject=subject,
                actor_id=actor.user_id,
                actor_name=actor.name,
                facts=canonical({name: plain(value) for name, value in facts.items()}),
            )
        )
        return entry_id


def plain(value: Any) -> Any:
    """Return a value as the journal keeps it; TypeError for what has no exact form (a float, an unknown class)."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(one) for one in value), key=str)
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal | Money):
        return str(value)
    raise TypeError(f"the journal cannot keep a {type(value).__name__}")


def canonical(value: Any) -> str:
    """Write JSON in one form only: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(previous: str, content: Mapping[str, Any]) -> str:
    """Hash an entry onto its chain: SHA-256 over the previous hash and the entry's canonical JSON."""
    kept = {name: plain(content[name]) for name in CONTENT}
    return hashlib.sha256(f"{previous}\n{canonical(kept)}".encode()).hexdigest()
