"""The journal: nobody changes it unseen, and sealing never stands in a writer's way."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from edo_service.kernel import journal
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.journal import GENESIS, JournalEntry, entries
from edo_service.kernel.money import Money
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import table_of
from tests.fixtures.databases import START, MakeUnit

Write = Callable[..., None]
MIGRATE = SystemScope("migrate")
UNLOCK = {
    "sqlite": ("DROP TRIGGER journal_entry_no_delete", "DROP TRIGGER journal_entry_seal_once"),
    "postgresql": ("ALTER TABLE journal_entry DISABLE TRIGGER ALL",),
}


@pytest.fixture
def write(unit: MakeUnit, us: UUID) -> Write:
    """Write entries, each in a transaction of its own."""

    def entries_of(count: int, owner: UUID = us) -> None:
        for number in range(count):
            with unit(owner) as uow:
                actor = Actor.automatic("test", owner)
                uow.journal.write(
                    "thing.happened", owner_id=owner, subject=f"thing:{number}", actor=actor, number=number
                )
                uow.commit()

    return entries_of


@pytest.fixture
def forge(database: Database) -> Iterator[Callable[..., int]]:
    """Change the table as an intruder with the owner's rights would: triggers off, the scope set to all."""

    def act(*statements: str, **bound: object) -> int:
        changed = 0
        unlock = UNLOCK["sqlite" if database.is_sqlite else "postgresql"]
        with database.transaction(MIGRATE) as connection:
            for statement in (*unlock, *statements):
                wanted = {name: value for name, value in bound.items() if f":{name}" in statement}
                wanted = {k: v.hex if database.is_sqlite and isinstance(v, UUID) else v for k, v in wanted.items()}
                changed = connection.execute(text(statement), wanted).rowcount
        return changed

    yield act
    if not database.is_sqlite:
        with database.transaction(MIGRATE) as connection:
            connection.execute(text("ALTER TABLE journal_entry ENABLE TRIGGER ALL"))


def rows(database: Database) -> list[JournalEntry]:
    with database.transaction(MIGRATE, read_only=True) as connection:
        return list(connection.execute(select(table_of(JournalEntry)).order_by(JournalEntry.id)).all())  # type: ignore[arg-type]  # rows read like entries


def test_entries_are_chained_per_organisation(
    database: Database, clock: MovableClock, write: Write, us: UUID, them: UUID
) -> None:
    write(3)
    write(2, them)

    assert journal.seal(database, clock) == 5
    assert journal.seal(database, clock) == 0
    write(1)
    assert journal.seal(database, clock) == 1

    for owner, count in ((us, 4), (them, 2)):
        report = journal.verify_chain(database, owner)
        assert (report.ok, report.head.position, report.unsealed) == (True, count, 0)
        assert report.head == journal.head(database, owner)
    own = [row for row in rows(database) if row.owner_id == us]
    assert [row.position for row in own] == [1, 2, 3, 4]
    assert [row.previous for row in own] == [GENESIS, *[row.hash for row in own[:-1]]]
    assert journal.head(database, UUID(int=9)).position == 0


def test_an_entry_rolled_back_never_happened(database: Database, clock: MovableClock, unit: MakeUnit, us: UUID) -> None:
    with unit(us) as uow:
        uow.journal.write("thing.happened", owner_id=us, subject="thing:1", actor=Actor.automatic("test", us))
    assert journal.seal(database, clock) == 0


def test_facts_keep_their_exact_form(database: Database, unit: MakeUnit, us: UUID) -> None:
    actor = Actor(user_id=UUID(int=1), name="Иванова А. П.", entity_id=us, scope=unit(us).scope, rights=frozenset())
    with unit(us) as uow:
        uow.journal.write(
            "thing.happened",
            owner_id=us,
            subject="thing:1",
            actor=actor,
            at=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=START.tzinfo),
            day=date(2026, 1, 2),
            sum=Money(123),
            rate=Decimal("0.20"),
            right=Right.SIGN,
            name="нуль \x00 внутри",
            deep={"ids": [UUID(int=2)], "set": {"b", "a"}},
            nothing=None,
        )
        with pytest.raises(TypeError, match="float"):
            uow.journal.write("thing.happened", owner_id=us, subject="thing:1", actor=actor, number=1.5)
        uow.commit()
    (row,) = rows(database)
    assert (row.actor_id, row.actor_name) == (UUID(int=1), "Иванова А. П.")
    assert json.loads(row.facts) == {
        "at": "2026-01-02T03:04:05.000006+00:00",
        "day": "2026-01-02",
        "sum": "1.23",
        "rate": "0.20",
        "right": "document.sign",
        "name": "нуль � внутри",
        "deep": {"ids": ["00000000-0000-0000-0000-000000000002"], "set": ["a", "b"]},
        "nothing": None,
    }


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal_entry WHERE owner_id = owner_id",
        "UPDATE journal_entry SET facts = '{}' WHERE owner_id = owner_id",
        "UPDATE journal_entry SET position = position + 100 WHERE owner_id = owner_id",
        "UPDATE journal_entry SET hash = previous WHERE owner_id = owner_id",
        "UPDATE journal_entry SET position = NULL WHERE owner_id = owner_id",
    ],
)
def test_the_application_cannot_change_a_sealed_entry(
    database: Database, clock: MovableClock, write: Write, statement: str
) -> None:
    write(1)
    journal.seal(database, clock)
    with pytest.raises(DBAPIError, match="append-only"), database.transaction(MIGRATE) as connection:
        connection.execute(text(statement))


def test_an_unsealed_entry_cannot_be_changed_while_it_is_sealed(database: Database, write: Write) -> None:
    write(1)
    for statement in (
        "UPDATE journal_entry SET facts = '{}', position = 1 WHERE owner_id = owner_id",
        "UPDATE journal_entry SET facts = '{}' WHERE owner_id = owner_id",
        "DELETE FROM journal_entry WHERE owner_id = owner_id",
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.transaction(MIGRATE) as connection:
            connection.execute(text(statement))


@pytest.mark.full
def test_the_table_cannot_be_truncated(migrated_postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(migrated_postgres_url) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("TRUNCATE journal_entry")


@pytest.mark.parametrize("column", ["facts", "event", "subject", "actor_name", "at", "actor_id"])
def test_a_changed_row_is_named(
    database: Database, clock: MovableClock, write: Write, forge: Callable[..., int], us: UUID, column: str
) -> None:
    write(5)
    journal.seal(database, clock)
    victim = rows(database)[2]
    value = {"at": "'2026-01-01 00:00:00.000000'", "actor_id": f"'{'0' * 31}1'"}.get(column, "'{}'")
    assert forge(f"UPDATE journal_entry SET {column} = {value} WHERE position = 3 AND owner_id = :us", us=us) == 1  # noqa: S608 - the test's own words

    report = journal.verify_chain(database, us)

    assert [(one.kind, one.position, one.entry_id) for one in report.problems] == [("changed", 3, victim.id)]


def test_a_removed_row_is_named(
    database: Database, clock: MovableClock, write: Write, forge: Callable[..., int], us: UUID
) -> None:
    write(5)
    journal.seal(database, clock)
    forge("DELETE FROM journal_entry WHERE position = 3 AND owner_id = :us", us=us)

    report = journal.verify_chain(database, us)

    assert [(one.kind, one.position) for one in report.problems] == [("removed", 3)]


def test_a_removal_covered_up_by_new_positions_is_seen(
    database: Database, clock: MovableClock, write: Write, forge: Callable[..., int], us: UUID
) -> None:
    write(5)
    journal.seal(database, clock)
    follower = rows(database)[3]
    forge(
        "DELETE FROM journal_entry WHERE position = 3 AND owner_id = :us",
        "UPDATE journal_entry SET position = 3 WHERE position = 4 AND owner_id = :us",
        "UPDATE journal_entry SET position = 4 WHERE position = 5 AND owner_id = :us",
        us=us,
    )

    report = journal.verify_chain(database, us)

    assert [(one.kind, one.position, one.entry_id) for one in report.problems] == [("broken", 3, follower.id)]


def test_an_inserted_row_is_named(
    database: Database, clock: MovableClock, write: Write, forge: Callable[..., int], us: UUID
) -> None:
    """The intruder knows how entries are hashed and makes room; only the row behind gives him away."""
    write(4)
    journal.seal(database, clock)
    second = rows(database)[1]
    content = {name: getattr(second, name) for name in entries.CONTENT} | {"id": UUID(int=77), "facts": '{"forged":1}'}
    forged = entries.digest(second.hash or "", content)
    forge(
        "UPDATE journal_entry SET position = 5 WHERE position = 4 AND owner_id = :us",
        "UPDATE journal_entry SET position = 4 WHERE position = 3 AND owner_id = :us",
        "INSERT INTO journal_entry (id, owner_id, at, event, subject, actor_name, facts, position, previous, hash) "
        "SELECT :id, owner_id, at, event, subject, actor_name, :facts, 3, :previous, :hash FROM journal_entry "
        "WHERE position = 2 AND owner_id = :us",
        us=us,
        id=UUID(int=77),
        facts='{"forged":1}',
        previous=second.hash,
        hash=forged,
    )

    report = journal.verify_chain(database, us)

    assert [(one.kind, one.position, one.entry_id) for one in report.problems] == [("inserted", 3, UUID(int=77))]


def test_a_tail_cut_off_is_seen_by_the_head_kept_outside(
    database: Database, clock: MovableClock, write: Write, forge: Callable[..., int], us: UUID
) -> None:
    write(5)
    journal.seal(database, clock)
    kept = journal.head(database, us)
    assert journal.verify_chain(database, us, expected=[kept]).ok
    forge("DELETE FROM journal_entry WHERE position > 3 AND owner_id = :us", us=us)

    assert journal.verify_chain(database, us).ok, "the chain alone cannot know"
    assert [one.kind for one in journal.verify_chain(database, us, expected=[kept]).problems] == ["cut"]


def test_a_chain_rewritten_as_a_whole_is_seen_by_the_heads_kept_outside(
    database: Database, clock: MovableClock, write: Write, forge: Callable[..., int], us: UUID
) -> None:
    heads = []
    for _ in range(3):
        write(2)
        journal.seal(database, clock)
        heads.append(journal.head(database, us))
    assert journal.verify_chain(database, us, expected=heads).ok
    forge(
        "UPDATE journal_entry SET facts = :facts, position = NULL, previous = NULL, hash = NULL "
        "WHERE position = 3 AND owner_id = :us",
        "UPDATE journal_entry SET position = NULL, previous = NULL, hash = NULL WHERE position > 3 AND owner_id = :us",
        us=us,
        facts='{"forged":1}',
    )
    journal.seal(database, clock)

    assert journal.verify_chain(database, us).ok, "the chain alone cannot know"
    found = journal.verify_chain(database, us, expected=heads).problems
    assert [(one.kind, one.position) for one in found] == [("rewritten", 4), ("rewritten", 6)]


def test_long_chains_are_read_page_by_page(
    database: Database, clock: MovableClock, unit: MakeUnit, us: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edo_service.kernel.journal.chain._BATCH", 7)
    monkeypatch.setattr("edo_service.kernel.journal.chain._PAGE", 5)
    actor = Actor.automatic("test", us)
    with unit(us) as uow:
        for number in range(23):
            uow.journal.write("thing.happened", owner_id=us, subject=f"thing:{number}", actor=actor)
        uow.commit()
    assert journal.seal(database, clock) == 23
    report = journal.verify_chain(database, us)
    assert (report.ok, report.head.position) == (True, 23)


def test_sealers_and_writers_at_once_make_one_whole_chain(
    database: Database, clock: MovableClock, write: Write, us: UUID
) -> None:
    done = threading.Event()

    def keep_sealing() -> None:
        while not done.is_set():
            journal.seal(database, clock)

    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(8,)) for _ in range(3)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join(240)
    done.set()
    for thread in sealers:
        thread.join(240)
    journal.seal(database, clock)

    report = journal.verify_chain(database, us)
    assert (report.ok, report.head.position, report.unsealed) == (True, 24, 0)


def test_the_age_of_the_oldest_unsealed_entry(database: Database, clock: MovableClock, write: Write) -> None:
    assert journal.unsealed_age(database, clock) == timedelta(0)
    write(1)
    clock.move(timedelta(seconds=70))
    write(1)
    assert journal.unsealed_age(database, clock) == timedelta(seconds=70)
    journal.seal(database, clock)
    assert journal.unsealed_age(database, clock) == timedelta(0)
