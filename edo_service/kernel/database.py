"""The database: one engine that behaves the same on SQLite (embedded) and PostgreSQL (full).

SQLite: WAL, synchronous=FULL, foreign keys, a busy time-out; a writing transaction opens with BEGIN IMMEDIATE,
because a deferred one that turns into a writer fails at once when another writer was faster; a reading one is
deferred. PostgreSQL: READ COMMITTED for writing (races are decided by conditional updates), one snapshot for reading;
the scope is set for row-level security at the start of each transaction.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from edo_service.errors import DATABASE_AWAY, Conflict, EdoError, Unavailable
from edo_service.kernel.guard import OPTION, Guard, watch_engine
from edo_service.kernel.scope import AnyScope, wire

_BUSY_SECONDS = 20
_CONNECT_SECONDS = 5
_BETWEEN_TRIES = 0.01
_TURN_MILLISECONDS = 1
_SQLITE_UNIQUE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


class Database:
    """The engine and its habits. `url`: `sqlite:///path/edo.db` or `postgresql://…` (psycopg 3)."""

    def __init__(self, url: str, *, echo: bool = False, pool_size: int = 10) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if parsed.database in {None, "", ":memory:"}:
                raise ValueError("SQLite in memory has one connection only: give a file")
            arguments: dict[str, Any] = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
        else:
            parsed = parsed.set(drivername="postgresql+psycopg")
            arguments = {
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "edo",
                "options": f"-c lock_timeout={_BUSY_SECONDS * 1000}",
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": _BUSY_SECONDS * 1000,
            }
        self.engine: Engine = create_engine(
            parsed,
            echo=echo,
            connect_args=arguments,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=_BUSY_SECONDS,
            pool_pre_ping=not self.is_sqlite,
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_connect)
        event.listen(self.engine, "begin", self._begin)
        watch_engine(self.engine)

    def dispose(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()

    def guarded(self, guard: Guard) -> Engine:
        """Return the engine whose connections carry the guard; reading ones get one snapshot and may not write."""
        options: dict[str, Any] = {OPTION: guard}
        if guard.read_only and not self.is_sqlite:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return self.engine.execution_options(**options)

    @contextmanager
    def transaction(self, scope: AnyScope | None = None, *, read_only: bool = False) -> Iterator[Connection]:
        """Open one Core transaction: committed at the end of the block, rolled back by an exception.

        For the kernel's own tables and system duties; use cases take a UnitOfWork. The errors are those of
        `translated`.
        """
        with translated(), self.guarded(Guard(scope=scope, read_only=read_only)).begin() as connection:
            yield connection

    def _begin(self, connection: Connection) -> None:
        guard: Guard | None = connection.get_execution_options().get(OPTION)
        if self.is_sqlite:
            if guard is not None and guard.read_only:
                connection.exec_driver_sql("BEGIN")
            else:
                _begin_writing(connection)
        elif guard is not None and guard.scope is not None:
            connection.exec_driver_sql("SELECT set_config('app.entities', %s, true)", (wire(guard.scope),))


def _begin_writing(connection: Connection) -> None:
    """Begin to write as soon as nobody else does; the error of SQLite after `_BUSY_SECONDS`.

    SQLite's own waiting sleeps longer each time, up to 100 ms, while the lock that it waits for is held for a few.
    """
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the dialect was chosen above
    ends = time.monotonic() + _BUSY_SECONDS
    driver.execute(f"PRAGMA busy_timeout={_TURN_MILLISECONDS}").close()
    try:
        while time.monotonic() < ends:
            try:
                driver.execute("BEGIN IMMEDIATE").close()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last try: its error is SQLAlchemy's
    finally:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}").close()


def _sqlite_connect(connection: Any, _record: Any) -> None:
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - the dialect was chosen above
    connection.isolation_level = None  # BEGIN is ours
    _keep_a_log(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. Of two connections that do it first at once SQLite refuses one without waiting."""
    ends = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's errors into ours.

    Conflict `database.changed_meanwhile` (another unit of work was faster), Conflict `database.duplicate` (a unique
    constraint), Unavailable `database.unavailable` (gone, locked too long, no free connection). Defects pass
    unchanged.
    """
    try:
        yield
    except (StaleDataError, DBAPIError, PoolTimeoutError) as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error


def translate(error: Exception) -> EdoError | None:
    """Return our error for one of the database, None for any other (see `translated`)."""
    if isinstance(error, StaleDataError) or getattr(getattr(error, "orig", None), "sqlstate", None) in {
        "40001",
        "40P01",
    }:
        return Conflict("database.changed_meanwhile")
    if isinstance(error, IntegrityError):
        return Conflict("database.duplicate") if _is_duplicate(error) else None
    if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError) or getattr(
        error, "connection_invalidated", False
    ):
        return Unavailable(DATABASE_AWAY)
    return None


def _is_duplicate(error: IntegrityError) -> bool:
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    return sqlite_code in _SQLITE_UNIQUE or getattr(error.orig, "sqlstate", None) == "23505"


def insert_missing(
    session: Session, table: Table, values: Mapping[str, Any], *, unique: Sequence[str], where: Any = None
) -> bool:
    """INSERT … ON CONFLICT DO NOTHING for the unique columns (and their partial index's condition).

    True when the row was made, False when one stood there. The table has a column `id`.
    """
    statement = _insert_missing(session.get_bind().dialect.name, table, tuple(values), tuple(unique), where)
    return session.connection().execute(statement, dict(values)).first() is not None


@lru_cache(maxsize=256)
def _insert_missing(dialect: str, table: Table, names: tuple[str, ...], unique: tuple[str, ...], where: Any) -> Any:
    """The statement without its values, made once: making it takes longer than carrying it out."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).values({name: bindparam(name) for name in names})
    return statement.on_conflict_do_nothing(index_elements=list(unique), index_where=where).returning(table.c.id)
