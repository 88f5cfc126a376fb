"""Rows from before a migration survive it, also those that its new rules would refuse."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from edo_service.kernel import schema
from edo_service.kernel.database import Database
from edo_service.kernel.guard import Guard
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import SystemScope

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as it was at 0002."""
    url = f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    schema.upgrade(str(url), "0002")
    return str(url)


def add_document(connection: Connection, owner: str, to: str, sha256: str, delivery: str, *, later: int) -> str:
    values = {
        "id": new_id().hex, "owner_id": owner, "direction": "out", "route": "operator", "kind": "upd", "number": "1",
        "dated": NOON.date(), "title": "УПД", "currency": "643", "content_sha256": sha256, "facts": "{}",
        "counterparty_id": to, "counterparty_name": "Вектор", "counterparty_inn": "6600000010", "delivery": delivery,
        "receipt": "expected", "response": "expected", "archive": "not_yet", "search": "",
        "created_at": NOON + timedelta(minutes=later), "version": 1,
    }  # fmt: skip
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO document ({columns}) VALUES ({places})"), values)  # noqa: S608 - our own names
    return str(values["id"])


def test_files_uploaded_twice_before_0003_stay_and_the_first_one_counts(old_url: str) -> None:
    owner, client, other = (new_id().hex for _ in range(3))
    database = Database(old_url)
    guarded = database.guarded(Guard(scope=SystemScope("migrate")))
    with guarded.begin() as connection:
        first, second, failed, elsewhere = (
            add_document(connection, owner, to, "a" * 64, delivery, later=later)
            for later, (to, delivery) in enumerate(
                [(client, "sent"), (client, "draft"), (client, "failed"), (other, "draft")]
            )
        )

    schema.upgrade(old_url)

    with guarded.connect() as connection:
        rows = connection.execute(text("SELECT id, upload_sha256 FROM document")).all()
    kept = {str(row.id).replace("-", ""): row.upload_sha256 for row in rows}
    assert kept == {first: "a" * 64, second: None, failed: "a" * 64, elsewhere: "a" * 64}
    database.dispose()
    schema.downgrade(old_url, "0002")
    schema.upgrade(old_url)
    schema.check(old_url)
