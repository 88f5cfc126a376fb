"""What alembic runs: finds every area's tables, opens the database under the scope `migrate`, one transaction for all.

The database: `config.attributes["url"]` (from `kernel.schema`) or `-x url=…` on the command line.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, text

from edo_service.kernel import schema
from edo_service.kernel.database import Database
from edo_service.kernel.guard import Guard
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import Base, Folded, JsonDict, Kopecks, MoneyType, UtcDateTime
from edo_service.migrations.operations import protect_new_tables

FULL_TEXT = "package_fts"
"""SQLite's full text and its shadow tables: made by the migration, no table of ours."""
_MIGRATION_LOCK = 0x65646F  # "edo": one migrating process at a time
_PLAIN = {
    UtcDateTime: "sa.DateTime(timezone=True)",
    Kopecks: "sa.BigInteger()",
    MoneyType: "sa.BigInteger()",
    Folded: "sa.Text()",
    JsonDict: "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')",
}


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as plain SQLAlchemy ones: a migration must not change when a class does."""
    return _PLAIN.get(type(item), False) if kind == "type" else False


def run() -> None:
    """Run what the alembic command asks for."""
    schema.import_tables()
    url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("alembic: name the database with -x url=sqlite:///… or postgresql://…")
    database = Database(url)
    try:
        with database.guarded(Guard(scope=SystemScope("migrate"))).connect() as connection:
            _migrate(connection, is_sqlite=database.is_sqlite)
    finally:
        database.dispose()


def _migrate(connection: Connection, *, is_sqlite: bool) -> None:
    if is_sqlite:  # a rebuilt table must not take its children along; outside a transaction, or SQLite ignores it
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys=OFF").close()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        render_item=render_item,
        transactional_ddl=True,
        process_revision_directives=protect_new_tables,
        include_name=lambda name, kind, _parents: not (kind == "table" and str(name).startswith(FULL_TEXT)),
    )
    with context.begin_transaction():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})
        context.run_migrations()
        if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            raise RuntimeError("the migration left rows without their parents")


run()
