"""Chaining the journal after the commit, and checking the chain.

No writing transaction ever waits for the chain: entries appear unchained, one sealer per organisation gives them
positions in the order of their ids. Positions are what feeds to the outside read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, text, update

from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database
from edo_service.kernel.faults import reach
from edo_service.kernel.journal.entries import GENESIS, JournalEntry, digest
from edo_service.kernel.scope import Scope, SystemScope
from edo_service.kernel.tables import table_of

_entry = table_of(JournalEntry)
_SEAL = SystemScope("journal.seal")
_BATCH = 500
_PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where a chain stands: what goes into the archive daily, to prove later that the tail was not cut off."""

    position: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault of a chain.

    `kind`: changed, removed, inserted, broken; against the heads kept outside: cut, rewritten, head_damaged. `entry_id`
    names the row where it shows.
    """

    kind: str
    position: int
    entry_id: UUID | None
    text: str


@dataclass(frozen=True, kw_only=True)
class ChainReport:
    """The outcome for one organisation: its head, how many rows wait to be sealed, what is wrong."""

    owner_id: UUID
    head: Head
    unsealed: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the chain is whole."""
        return not self.problems


def seal(database: Database, _clock: Clock) -> int:
    """Chain every entry that is committed and unchained. Returns how many. Safe to run in several processes."""
    with database.transaction(_SEAL, read_only=True) as connection:
        owners = connection.scalars(select(_entry.c.owner_id).where(_entry.c.position.is_(None)).distinct()).all()
    return sum(_seal_owner(database, owner_id) for owner_id in owners)


def _seal_owner(database: Database, owner_id: UUID) -> int:
    sealed = 0
    while True:
        with database.transaction(_SEAL) as connection:
            if not _alone(connection, owner_id):
                return sealed
            done = _seal_batch(connection, owner_id)
        reach("journal.sealed")
        sealed += done
        if done < _BATCH:
            return sealed


def _alone(connection: Connection, owner_id: UUID) -> bool:
    """Be the organisation's only sealer until the end of the transaction (SQLite has one writer anyway)."""
    if connection.dialect.name != "postgresql":
        return True
    number = int.from_bytes(owner_id.bytes[8:], "big", signed=True)
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}))


def _seal_batch(connection: Connection, owner_id: UUID) -> int:
    head = _head(connection, owner_id)
    position, previous = head.position, head.hash
    found = connection.execute(
        select(_entry)
        .where(_entry.c.owner_id == owner_id, _entry.c.position.is_(None))
        .order_by(_entry.c.id)
        .limit(_BATCH)
    ).all()
    for row in found:
        position += 1
        own = digest(previous, row._asdict())
        connection.execute(
            update(_entry)
            .where(_entry.c.owner_id == owner_id, _entry.c.id == row.id)
            .values(position=position, previous=previous, hash=own)
        )
        previous = own
    return len(found)


def _head(connection: Connection, owner_id: UUID) -> Head:
    last = connection.execute(
        select(_entry.c.position, _entry.c.hash)
        .where(_entry.c.owner_id == owner_id, _entry.c.position.is_not(None))
        .order_by(_entry.c.position.desc())
        .limit(1)
    ).one_or_none()
    return Head(position=last.position, hash=last.hash) if last else Head(position=0, hash=GENESIS)


def head(database: Database, owner_id: UUID) -> Head:
    """Return where the organisation's chain stands; position 0 and zeros when it is empty."""
    with database.transaction(Scope.of(owner_id), read_only=True) as connection:
        return _head(connection, owner_id)


def unsealed_age(database: Database, clock: Clock) -> timedelta:
    """Return how long the oldest unchained entry has been waiting; zero when none is. Over 60 s is not ready."""
    with database.transaction(SystemScope("health"), read_only=True) as connection:
        oldest = connection.scalar(select(func.min(_entry.c.at)).where(_entry.c.position.is_(None)))
    return max(clock.now() - oldest, timedelta(0)) if oldest else timedelta(0)


def verify_chain(database: Database, owner_id: UUID, *, expected: Iterable[Head] = ()) -> ChainReport:
    """Walk the whole chain and name every row that was changed, removed or inserted.

    A row proves itself by its own hash; a gap in positions is a removal; a row that its follower skips was inserted.
    With `expected` heads from outside, a tail that was cut off or rewritten as a whole is found too.
    """
    problems: list[Problem] = []
    last: Row[Any] | None = None
    before = GENESIS
    wanted = {head.position: head.hash for head in expected if head.position}
    with database.transaction(Scope.of(owner_id), read_only=True) as connection:
        for row in _sealed(connection, owner_id):
            problems.extend(_judge(row, last, before))
            problems.extend(_compare(row, wanted.pop(row.position, None)))
            before = last.hash if last is not None else GENESIS
            last = row
        waiting = connection.scalar(
            select(func.count()).select_from(_entry).where(_entry.c.owner_id == owner_id, _entry.c.position.is_(None))
        )
    where = last.position if last is not None else 0
    problems.extend(
        Problem(kind="cut", position=where, entry_id=None, text=f"the head kept outside ({position}) is not met")
        for position in sorted(wanted)
    )
    stands = Head(position=last.position, hash=last.hash) if last is not None else Head(position=0, hash=GENESIS)
    return ChainReport(owner_id=owner_id, head=stands, unsealed=waiting or 0, problems=tuple(problems))


def _sealed(connection: Connection, owner_id: UUID) -> Iterator[Row[Any]]:
    position = 0
    while True:
        page = connection.execute(
            select(_entry)
            .where(_entry.c.owner_id == owner_id, _entry.c.position > position)
            .order_by(_entry.c.position)
            .limit(_PAGE)
        ).all()
        yield from page
        if len(page) < _PAGE:
            return
        position = page[-1].position


def _compare(row: Row[Any], kept: str | None) -> Iterator[Problem]:
    """Compare a row with the hash that the archive has for its position, if it has one."""
    if kept is not None and row.hash != kept:
        text = f"the head kept outside ({row.position}) has another hash"
        yield Problem(kind="rewritten", position=row.position, entry_id=row.id, text=text)


def _judge(row: Row[Any], last: Row[Any] | None, before: str) -> Iterator[Problem]:
    """Compare a row with itself and with the row in front; `before` is the hash in front of that one."""
    expected_position = last.position + 1 if last is not None else 1
    in_front = last.hash if last is not None else GENESIS
    if digest(row.previous, row._asdict()) != row.hash:
        yield Problem(
            kind="changed", position=row.position, entry_id=row.id, text="its hash is not that of its content"
        )
    if row.position != expected_position:
        for missing in range(expected_position, row.position):
            yield Problem(kind="removed", position=missing, entry_id=None, text=f"no row in front of {row.id}")
    elif row.previous != in_front:
        if last is not None and row.previous == before:
            yield Problem(
                kind="inserted",
                position=last.position,
                entry_id=last.id,
                text=f"{row.id} follows the row in front of it",
            )
        else:
            yield Problem(
                kind="broken",
                position=row.position,
                entry_id=row.id,
                text="what stood in front was removed or rewritten",
            )
