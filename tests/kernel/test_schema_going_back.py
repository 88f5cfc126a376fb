"""A schema does not go back while rows are kept that the older code cannot read."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

from edo_service.kernel import schema
from edo_service.kernel.database import Database
from edo_service.kernel.guard import Guard
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import SystemScope
from edo_service.migrations.going_back import CannotGoBack
from tests.kernel.test_schema_upgrades import add_document, insert

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def newest(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of this test's own at the newest revision."""
    url = str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
    schema.upgrade(url)
    found = Database(url)
    yield found
    found.dispose()


def add_job(connection: Connection, kind: str, state: str) -> str:
    return insert(connection, "job", {
        "id": new_id().hex, "kind": kind, "queue": "exchange", "payload": "{}", "state": state, "attempt": 0, "failures": 0,
        "max_failures": 12, "again": False, "run_after": NOON, "created_at": NOON,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("change", "back_to", "named"),
    [
        ("UPDATE document SET receipt = 'told'", "0010", "acknowledged by a message: 1"),
        ("UPDATE document SET delivery = 'discarded'", "0015", "discarded drafts: 1"),
        ("UPDATE document SET kind = 'ukd'", "0014", "УКД: 1"),
        ("UPDATE document SET correction = 'adjusted'", "0014", "adjusts: 1"),
        ("UPDATE job SET kind = 'exchange.retake'", "0010", "jobs of kinds it does not know: 1"),
    ],
)
def test_going_back_is_refused_while_older_code_could_not_read_what_is_kept(
    newest: Database, change: str, back_to: str, named: str
) -> None:
    url = newest.engine.url.render_as_string(hide_password=False)
    guarded = newest.guarded(Guard(scope=SystemScope("migrate")))
    with guarded.begin() as connection:
        add_document(connection, new_id().hex, new_id().hex, "a" * 64, "sent", later=0)
        add_job(connection, "exchange.event", "waiting")
        connection.execute(text(change))

    with pytest.raises(CannotGoBack, match=named):
        schema.downgrade(url, back_to)
    schema.check(url)

    with guarded.begin() as connection:
        connection.execute(
            text("UPDATE document SET receipt = 'expected', kind = 'upd', correction = 'none', delivery = 'sent'")
        )
        connection.execute(text("UPDATE job SET state = 'done'"))
    schema.downgrade(url, back_to)
    schema.upgrade(url)
    schema.check(url)
