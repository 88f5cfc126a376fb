"""What clients wrote in their cards: the exchange does not keep it, and it comes back as it was."""

import sqlite3
from dataclasses import dataclass

SCHEMA = """create table if not exists taxcom_card (
    entity_id text primary key, external_id text, title text, date text
) strict"""


@dataclass(frozen=True, kw_only=True)
class KeptCard:
    """The client's own words about a document."""

    external_id: str | None
    title: str | None
    date: str | None


NOTHING = KeptCard(external_id=None, title=None, date=None)


def prepare_tables(connection: sqlite3.Connection) -> None:
    """Create what is not there."""
    connection.execute(SCHEMA)


def keep(connection: sqlite3.Connection, entity_id: str, card: KeptCard) -> None:
    """Keep a card."""
    connection.execute(
        "insert or replace into taxcom_card values (?, ?, ?, ?)", (entity_id, card.external_id, card.title, card.date)
    )


def kept(connection: sqlite3.Connection, entity_id: str) -> KeptCard:
    """Return a card; what came another way has an empty one."""
    row = connection.execute(
        "select external_id, title, date from taxcom_card where entity_id = ?", (entity_id,)
    ).fetchone()
    return NOTHING if row is None else KeptCard(**row)
