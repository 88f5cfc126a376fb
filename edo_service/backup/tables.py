"""The database as lines: every table out of one snapshot, and back into an empty schema of the same revision.

The form is the same for SQLite and PostgreSQL, so a backup of one may be restored into the other. What is derived from
other columns (the full text) is left out and written anew by the service.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    inspect,
    literal,
    select,
    type_coerce,
)
from sqlalchemy import table as plain_table
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.types import TypeEngine

from edo_service.backup.values import BackupError, Lines, read_lines
from edo_service.kernel import schema
from edo_service.kernel.database import Database
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import Base, JsonDict, UtcDateTime

SCOPE: Final = "backup"
_BATCH = 500
_NOT_OURS: Final = ("alembic_version", "sqlite_", "package_fts")
"""Tables that are no rows of ours: the schema's own number and the full text of SQLite."""
_MARK: Final = "restore_under_way"
_DERIVED: Final = {("package", "text_row"), ("package", "text_vector"), ("package", "indexed_at")}
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "uuid": Uuid(),
    "moment": UtcDateTime(),
    "date": Date(),
    "bytes": LargeBinary(),
    "json": JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    "number": Numeric(),
    "boolean": Boolean(),
    "integer": BigInteger(),
    "text": Text(),
}
_WRITE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "uuid": str,
    "moment": lambda value: value.isoformat(),
    "date": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
    "number": str,
}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "uuid": UUID,
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
    "number": Decimal,
}


def write_tables(database: Database, folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """Write every table out of one snapshot: the schema's revision and a note for each table, parents first.

    BackupError when the schema is not this code's, or a table is there that this code does not know.
    """
    schema.import_tables()
    revision, newest = schema.current(database), schema.newest()
    if revision is None or revision != newest:
        raise BackupError(f"схема базы {revision}, программе нужна {newest}: сначала выполните edo migrate")
    notes = []
    with database.transaction(SystemScope(SCOPE), read_only=True) as connection:
        _refuse_unknown(connection)
        for table in Base.metadata.sorted_tables:
            columns = {column.name: _kind(column) for column in _columns(table)}
            with Lines(folder / f"{table.name}.jsonl.gz") as lines:
                for row in _rows(connection, table, columns):
                    lines.write(row)
            notes.append(lines.note(table=table.name, columns=list(columns.items()), links=_links(table)))
    return revision, notes


def read_tables(database: Database, folder: Path, notes: Sequence[Mapping[str, Any]]) -> int:
    """Write every table's rows into an empty database, in one transaction that takes the mark away. Returns how many.

    BackupError.
    """
    count = 0
    with database.transaction(SystemScope(SCOPE)) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for note in notes:
            kinds: dict[str, str] = dict(note["columns"])
            columns = [Column(name, _TYPES[kind]) for name, kind in kinds.items()]
            table = Table(note["table"], MetaData(), *columns)
            rows = (_values(row, kinds) for row in read_lines(folder / note["file"], note))
            links: list[dict[str, Any]] = []
            while batch := [_unlinked(row, note["links"], links) for row in islice(rows, _BATCH)]:
                connection.execute(table.insert(), batch)
                count += len(batch)
            for name in note["links"]:
                pairs = [{"row": one["id"], "link": one[name]} for one in links if one[name] is not None]
                if pairs:
                    change = table.update().where(table.c.id == bindparam("row")).values({name: bindparam("link")})
                    connection.execute(change, pairs)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_MARK}")
    return count


def is_empty(database: Database) -> bool:
    """Whether the database has no table at all, or is marked and has no row yet."""
    names = inspect(database.engine).get_table_names()
    if _MARK not in names:
        return not names
    with database.transaction(SystemScope(SCOPE), read_only=True) as connection:
        ours = [name for name in names if name != _MARK and not name.startswith(_NOT_OURS)]
        return all(
            connection.execute(select(literal(1)).select_from(plain_table(name)).limit(1)).first() is None
            for name in ours
        )


def mark(database: Database) -> None:
    """Mark an empty database as one that a restore is filling."""
    with database.transaction(SystemScope(SCOPE)) as connection:
        connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {_MARK} (run TEXT)")


def is_marked(database: Database) -> bool:
    """Whether a restore began to fill the database and did not end."""
    return inspect(database.engine).has_table(_MARK)


def _rows(connection: Connection, table: Table, kinds: Mapping[str, str]) -> Iterator[list[Any]]:
    columns = [type_coerce(table.c[name], _TYPES[kind]).label(name) for name, kind in kinds.items()]
    asked = select(*columns).order_by(*table.primary_key.columns)
    found = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(asked)
    writers = [_WRITE.get(kind) for kind in kinds.values()]
    for row in found:
        yield [
            value if value is None or write is None else write(value) for value, write in zip(row, writers, strict=True)
        ]


def _values(row: Sequence[Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: value if value is None or kind not in _READ else _READ[kind](value)
        for (name, kind), value in zip(kinds.items(), row, strict=True)
    }


def _columns(table: Table) -> list[Column[Any]]:
    return [
        one for one in table.columns if (table.name, one.name) not in _DERIVED and not isinstance(one.type, TSVECTOR)
    ]


def _links(table: Table) -> list[str]:
    """Columns that point at rows of the same table: written when all of them stand there."""
    return sorted(
        column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)
    )


def _unlinked(row: dict[str, Any], names: Sequence[str], links: list[dict[str, Any]]) -> dict[str, Any]:
    if not any(row[name] is not None for name in names):
        return row
    links.append({"id": row["id"], **{name: row[name] for name in names}})
    return {**row, **dict.fromkeys(names)}


def _kind(column: Column[Any]) -> str:
    """The word for a column's type; BackupError for one that no word stands for: it must be added here."""
    if isinstance(column.type, JsonDict | UtcDateTime):
        return "json" if isinstance(column.type, JsonDict) else "moment"
    found = getattr(column.type, "impl", column.type)
    for kind, plain in _TYPES.items():
        if kind not in {"json", "moment"} and isinstance(found, _general(plain)):
            return kind
    raise BackupError(f"{column.table.name}.{column.name}: тип {column.type!r} не умеем сохранять")


def _general(plain: TypeEngine[Any]) -> type[Any]:
    if isinstance(plain, BigInteger):
        return Integer
    return String if isinstance(plain, Text) else type(plain)


def _refuse_unknown(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    unknown = {name for name in there - set(Base.metadata.tables) if not name.startswith(_NOT_OURS)}
    if unknown:
        raise BackupError(f"в базе есть таблицы, о которых программа не знает: {', '.join(sorted(unknown))}")
