"""Migrations go up and down on both databases and say exactly what the tables say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from edo_service.kernel import schema
from edo_service.kernel.database import Database
from edo_service.kernel.tables import owned_tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.db'}"
    return str(request.getfixturevalue("postgres_url"))


def names(url: str) -> set[str]:
    database = Database(url)
    with database.transaction() as connection:
        found = set(inspect(connection).get_table_names())
    database.dispose()
    return found


def test_up_down_up_and_nothing_is_left_to_do(empty_url: str) -> None:
    schema.upgrade(empty_url)
    schema.check(empty_url)
    full = names(empty_url)
    assert {"job", "journal_entry", "document", "membership"} <= full
    schema.downgrade(empty_url, "base")
    assert names(empty_url) <= {"alembic_version"}
    schema.upgrade(empty_url)
    assert names(empty_url) == full
    schema.upgrade(empty_url)

    database = Database(empty_url)
    assert schema.current(database) == schema.newest()
    database.dispose()


def test_an_empty_database_stands_nowhere(empty_url: str) -> None:
    database = Database(empty_url)
    assert schema.current(database) is None
    database.dispose()


def test_processes_may_migrate_at_once(empty_url: str) -> None:
    command = [sys.executable, "-c", "import sys; from edo_service.kernel import schema; schema.upgrade(sys.argv[1])"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([*command, empty_url], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outcomes = [(process.communicate(timeout=120)[1], process.returncode) for process in running]

    assert [code for _, code in outcomes] == [0, 0], outcomes
    schema.check(empty_url)


def test_every_table_with_an_owner_is_owned(sqlite_url: str) -> None:
    """A table that has owner_id and is not Owned would be outside every wall; `job` alone is global on purpose."""
    database = Database(sqlite_url)
    with database.transaction() as connection:
        seen = inspect(connection)
        owning = {
            table for table in seen.get_table_names() if any(c["name"] == "owner_id" for c in seen.get_columns(table))
        }
    database.dispose()
    assert owning - owned_tables() == {"job"}


def test_differences_between_tables_and_migrations_are_named(tmp_path: Path) -> None:
    """Run beside, since declaring a table for the test would declare it for every other test of the process."""
    program = """
import sys
from sqlalchemy import Column, Index, String
from edo_service.kernel import schema
from edo_service.kernel.tables import Base, Identified, Owned
from edo_service.accounts.tables import Person

class Forgotten(Identified, Owned, Base):
    __tablename__ = "forgotten"

table = Person.__table__
table.append_column(Column("nickname", String(16)))
table.c.surname.nullable = True
Index("ix_person_nickname", table.c.nickname)
sys.argv[1:] = [f"sqlite:///{sys.argv[1]}"]
from scripts.migrations import main
sys.exit(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "fresh.db")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stdout.splitlines()
    for wanted in (
        "add_table: forgotten",
        "protect_owned: forgotten",
        "add_column: person person.nickname",
        "modify_nullable: person surname False True",
        "add_index: person.ix_person_nickname",
    ):
        assert any(line.startswith(wanted) for line in lines), (wanted, lines)
