"""One visible transaction: what is committed stays, what is not leaves no trace, errors are ours."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from edo_service.errors import Conflict, Unavailable
from edo_service.kernel import database as kernel_database
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.money import Money
from edo_service.kernel.scope import Scope
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from tests.fixtures.databases import MakeUnit
from tests.kernel.samples import Paper


def test_only_a_commit_keeps(samples: Database, unit: MakeUnit, us: UUID) -> None:
    uow = unit(us)
    with uow:
        uow.session.add(Paper(owner_id=us, title="lost"))
        uow.session.flush()
    with uow:
        uow.session.add(Paper(owner_id=us, title="kept"))
        uow.commit()
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(uow, us)
    with uow:
        assert uow.session.scalars(select(Paper.title)).all() == ["kept"]


def _write_and_fail(uow: UnitOfWork, us: UUID) -> None:
    with uow:
        uow.session.add(Paper(owner_id=us, title="lost too"))
        uow.session.flush()
        raise ZeroDivisionError


def test_the_block_is_over_after_the_commit(samples: Database, unit: MakeUnit, us: UUID) -> None:
    uow = unit(us)
    with pytest.raises(RuntimeError, match="no open unit"):
        _ = uow.session
    with uow:
        paper = Paper(owner_id=us, title="readable")
        uow.session.add(paper)
        uow.commit()
        with pytest.raises(RuntimeError, match="no open unit"):
            _ = uow.session
    assert (paper.title, paper.version) == ("readable", 1)
    with uow, pytest.raises(RuntimeError, match="open already"):
        uow.__enter__()
    with uow.reading() as reading, pytest.raises(RuntimeError, match="nothing to commit"):
        reading.commit()


def test_values_come_back_as_they_went(samples: Database, unit: MakeUnit, us: UUID) -> None:
    moscow = timezone(timedelta(hours=3))
    at = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=moscow)
    facts = {"sum": "1.10", "nested": {"list": [1, "два", None]}}
    with unit(us) as uow:
        paper = Paper(
            owner_id=us, total=Money(-12345678901), cents=Money(5), at=at, facts=facts, search="  Ёлка\u00a0 и  ПАЛКА "
        )
        uow.session.add(paper)
        uow.commit()
    with unit(us) as uow:
        read = uow.session.scalars(select(Paper).where(Paper.search.like("%ЁЛКА и%"))).one()
    assert (read.total, read.cents, read.facts) == (Money(-12345678901), 5, facts)
    assert read.at == at
    assert read.at.tzinfo is UTC
    assert read.search == fold("елка и палка")


@pytest.mark.parametrize("column", ["at", "cents"])
def test_inexact_values_are_refused(samples: Database, unit: MakeUnit, us: UUID, column: str) -> None:
    value = datetime(2026, 1, 1) if column == "at" else Decimal("1.5")  # noqa: DTZ001 - a naive moment is the subject
    with unit(us) as uow:
        uow.session.add(Paper(owner_id=us, **{column: value}))
        with pytest.raises(StatementError, match=r"aware|whole"):
            uow.session.flush()


def test_moments_sort_as_time_does(samples: Database, unit: MakeUnit, us: UUID) -> None:
    moments = [
        datetime(2026, 1, 1, 0, 0, 0, 0, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 1, 0, 0, 0, tzinfo=timezone(timedelta(minutes=30))),
    ]
    with unit(us) as uow:
        uow.session.add_all([Paper(owner_id=us, at=one) for one in reversed(moments)])
        uow.commit()
    with unit(us) as uow:
        assert uow.session.scalars(select(Paper.at).order_by(Paper.at)).all() == moments
        assert len(uow.session.scalars(select(Paper).where(Paper.at > moments[0])).all()) == 2


def test_the_second_writer_of_a_row_gets_a_conflict(samples: Database, unit: MakeUnit, us: UUID) -> None:
    with unit(us) as uow:
        uow.session.add(Paper(owner_id=us, title="0"))
        uow.commit()
    with unit(us) as uow:
        stale = uow.session.scalars(select(Paper)).one()
    with unit(us) as uow:
        uow.session.scalars(select(Paper)).one().title = "1"
        uow.commit()

    def write_late() -> None:
        with unit(us) as uow:
            uow.session.add(stale)
            stale.title = "2"
            uow.commit()

    with pytest.raises(Conflict) as caught:
        write_late()

    assert caught.value.code == "database.changed_meanwhile"
    with unit(us) as uow:
        assert uow.session.scalars(select(Paper)).one().title == "1"


def test_a_duplicate_is_a_conflict_and_can_be_caught_inside(samples: Database, unit: MakeUnit, us: UUID) -> None:
    statement = text("INSERT INTO sample_note (id, text) VALUES (:id, :text)")
    uow = unit(us)
    with uow:
        uow.session.execute(statement, {"id": "0" * 32, "text": "first"})
        with pytest.raises(IntegrityError), uow.session.begin_nested():
            uow.session.execute(statement, {"id": "0" * 32, "text": "second"})
        uow.commit()
    with pytest.raises(Conflict) as caught, uow:
        uow.session.execute(statement, {"id": "0" * 32, "text": "third"})
    assert caught.value.code == "database.duplicate"
    with pytest.raises(IntegrityError), uow:  # a defect, not a conflict
        uow.session.execute(statement, {"id": "1" * 32, "text": None})


def test_a_database_that_is_away_is_unavailable(clock: MovableClock, tmp_path: Path) -> None:
    absent = Database(f"sqlite:///{tmp_path}/no/folder.db")
    with pytest.raises(Unavailable), UnitOfWork(absent, clock, None) as uow:
        uow.session.execute(text("SELECT 1"))
    absent.dispose()


def test_writers_queue_up_and_none_is_lost(samples: Database, unit: MakeUnit, us: UUID) -> None:
    """Read, add one, write: under BEGIN IMMEDIATE nobody fails; on PostgreSQL the slower ones get a Conflict and repeat."""
    with unit(us) as uow:
        uow.session.add(Paper(owner_id=us, cents=0))
        uow.commit()
    problems: list[Exception] = []

    def add_ten() -> None:
        done = 0
        while done < 10:
            try:
                with unit(us) as uow:
                    paper = uow.session.scalars(select(Paper)).one()
                    paper.cents = (paper.cents or 0) + 1
                    uow.commit()
                done += 1
            except Conflict:
                continue
            except Exception as error:  # noqa: BLE001 - handed to the test below
                problems.append(error)
                return

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert problems == []
    with unit(us) as uow:
        assert uow.session.scalars(select(Paper)).one().cents == 40


def test_a_writer_waits_for_its_turn_but_not_for_ever(
    sqlite_database: Database, clock: MovableClock, us: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (UnitOfWork(sqlite_database, clock, Scope.of(us)) for _ in range(2))
    with monkeypatch.context() as patch, first:
        patch.setattr(kernel_database, "_BUSY_SECONDS", 0)
        first.jobs.put("work", owner_id=us)
        with pytest.raises(Unavailable, match="unavailable"), second:
            second.jobs.put("work", owner_id=us)
        first.commit()
    with second:
        second.jobs.put("work", owner_id=us)
        (waits,) = second.session.connection().exec_driver_sql("PRAGMA busy_timeout").one()
        second.commit()
    assert waits == 20_000, "what reads is waited for by SQLite itself"


def test_a_reader_has_one_snapshot_and_waits_for_nobody(samples: Database, unit: MakeUnit, us: UUID) -> None:
    with unit(us, read_only=True) as reader:
        assert reader.session.scalars(select(Paper)).all() == []
        with unit(us) as writer:
            writer.session.add(Paper(owner_id=us))
            writer.commit()
        assert reader.session.scalars(select(Paper)).all() == []
    with unit(us, read_only=True) as reader:
        assert len(reader.session.scalars(select(Paper)).all()) == 1


def test_sqlite_is_set_up_for_durability(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20000}


def test_a_database_may_be_opened_first_by_several_at_once(tmp_path: Path) -> None:
    """SQLite refuses one of two who turn the log on together, without waiting; it happened once in twenty times."""
    for attempt in range(10):
        together = threading.Barrier(4)

        def first(url: str = f"sqlite:///{tmp_path / f'{attempt}.db'}", together: threading.Barrier = together) -> str:
            database = Database(url)
            together.wait(240)
            with database.engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            database.dispose()
            return str(found)

        with ThreadPoolExecutor(4) as threads:
            found = [future.result(30) for future in [threads.submit(first) for _ in range(4)]]
        assert found == ["wal"] * 4


def test_sqlite_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="give a file"):
        Database("sqlite://")


def test_jobs_are_published_after_the_commit_only(
    samples: Database, unit: MakeUnit, us: UUID, clock: MovableClock
) -> None:
    told: list[tuple[UUID, str]] = []
    uow = unit(us, publish=lambda job_id, queue: told.append((job_id, queue)))
    with uow:
        uow.jobs.put("lost", owner_id=us)
    assert told == []
    with uow:
        due = uow.jobs.put("now", owner_id=us, queue="mail")
        uow.jobs.put("later", owner_id=us, run_after=clock.now() + timedelta(hours=1))
        assert told == []
        uow.commit()
    assert told == [(due, "mail")]


@pytest.mark.full
def test_a_connection_cut_off_is_unavailable_and_the_next_unit_works(
    postgres_server: dict[str, Any], migrated_postgres_url: str, clock: MovableClock, us: UUID
) -> None:
    import psycopg

    database = Database(migrated_postgres_url)

    def cut() -> None:
        with psycopg.connect(f"{postgres_server['admin_url']}/postgres", autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
                (database.engine.url.database,),
            )

    def write(title: str, *, cut_off: bool) -> None:
        with UnitOfWork(database, clock, Scope.of(us)) as uow:
            uow.inbox.put("s", title, {}, us)
            if cut_off:
                cut()
            uow.commit()

    with pytest.raises(Unavailable):
        write("lost", cut_off=True)
    write("kept", cut_off=False)
    cut()
    write("kept too", cut_off=False)
    with UnitOfWork(database, clock, Scope.of(us)) as uow:
        assert {one.external_id for one in uow.inbox.waiting("s")} == {"kept", "kept too"}
    database.dispose()


@pytest.mark.full
def test_a_lock_held_too_long_is_unavailable(migrated_postgres_url: str, clock: MovableClock, us: UUID) -> None:
    import psycopg

    database = Database(migrated_postgres_url)
    with psycopg.connect(migrated_postgres_url) as other:
        other.execute("LOCK TABLE inbox_item")

        def write() -> None:
            with UnitOfWork(database, clock, Scope.of(us)) as uow:
                uow.session.execute(text("SET LOCAL lock_timeout = 50"))
                uow.inbox.put("s", "1", {}, us)
                uow.commit()

        with pytest.raises(Unavailable):
            write()
    with UnitOfWork(database, clock, Scope.of(us)) as uow:
        assert uow.session.scalar(text("SHOW lock_timeout")) == "20s"
        assert uow.inbox.put("s", "1", {}, us)
        uow.commit()
    database.dispose()
