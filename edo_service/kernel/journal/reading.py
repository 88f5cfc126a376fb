"""Reading the journal of the scope for people: newest first, by keyset pages."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from edo_service.kernel.journal.entries import JournalEntry

if TYPE_CHECKING:
    from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened; `position` and `hash` are None until it is sealed."""

    id: UUID
    at: datetime
    event: str
    subject: str
    actor_name: str
    facts: Mapping[str, Any]
    position: int | None
    hash: str | None


@dataclass(frozen=True, kw_only=True)
class Entries:
    """A page of the journal with the exact count of all that was found."""

    rows: Sequence[Entry]
    found: int
    more: bool


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What else a word of a question stands for: events that people call so, subjects (`kind:id`) that have it in a name."""

    events: Collection[str] = ()
    subjects: Collection[str] = ()


def entries(
    uow: UnitOfWork,
    *,
    text: str = "",
    meanings: Mapping[str, Meaning] = MappingProxyType({}),
    prefix: str = "",
    after: UUID | None = None,
    limit: int = 50,
) -> Entries:
    """Entries of the scope. `prefix` narrows by the event's first word, each word of `text` by anything kept or its meaning."""
    conditions: list[ColumnElement[bool]] = []
    if prefix:
        conditions.append(JournalEntry.event.startswith(f"{prefix}.", autoescape=True))
    conditions.extend(_says(word, meanings.get(word, Meaning())) for word in dict.fromkeys(text.split()))
    found = uow.session.execute(select(func.count(JournalEntry.id)).where(*conditions)).scalar_one()
    page = select(JournalEntry).where(*conditions)
    if after is not None:
        page = page.where(JournalEntry.id < after)
    rows = list(uow.session.scalars(page.order_by(JournalEntry.id.desc()).limit(limit + 1)))
    return Entries(rows=[_entry(row) for row in rows[:limit]], found=found, more=len(rows) > limit)


def _says(word: str, meaning: Meaning) -> ColumnElement[bool]:
    kept = (JournalEntry.event, JournalEntry.subject, JournalEntry.actor_name, JournalEntry.facts)
    return or_(
        *(column.contains(word, autoescape=True) for column in kept),
        JournalEntry.event.in_(meaning.events),
        JournalEntry.subject.in_(meaning.subjects),
    )


def last(uow: UnitOfWork, event: str, *, subject: str = "") -> Entry | None:
    """The newest entry of an event (about a subject), None when it has never happened."""
    query = select(JournalEntry).where(JournalEntry.event == event)
    if subject:
        query = query.where(JournalEntry.subject == subject)
    row = uow.session.scalars(query.order_by(JournalEntry.id.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def _entry(row: JournalEntry) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        event=row.event,
        subject=row.subject,
        actor_name=row.actor_name,
        facts=json.loads(row.facts),
        position=row.position,
        hash=row.hash,
    )
