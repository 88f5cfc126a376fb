"""Feeds of boxes: each box sees its own lines in its own order; a line is written with what it tells about."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.model import FeedLine
from operators.sandbox.exchange.refusals import BadRequest


@dataclass(frozen=True, kw_only=True)
class FeedQuery:
    """What is asked of a feed; times in ticks, keys exclusive."""

    box: str
    after_key: str | None = None
    after_event: str | None = None
    time_from: int | None = None
    time_to: int | None = None
    counteragent: str | None = None
    descending: bool = False
    limit: int = 100


def announce_message(ledger: Ledger, box: str, message_id: str, entity_ids: Sequence[str]) -> None:
    """Write the line of a message itself."""
    _write(ledger, box=box, message_id=message_id, patch_id=None, entity_ids=entity_ids)


def announce_patch(ledger: Ledger, box: str, message_id: str, patch_id: str, entity_ids: Sequence[str]) -> None:
    """Write the line of an addition."""
    _write(ledger, box=box, message_id=message_id, patch_id=patch_id, entity_ids=entity_ids)


def announce_delivery(ledger: Ledger, box: str, message_id: str) -> None:
    """Write the line that tells the sender of the delivery."""
    _write(ledger, box=box, message_id=message_id, patch_id=new_id(), entity_ids=(), notice="delivered")


def announce_failure(ledger: Ledger, box: str, message_id: str, entity_ids: Sequence[str]) -> None:
    """Write the line that tells the sender that another operator did not take its message."""
    _write(ledger, box=box, message_id=message_id, patch_id=new_id(), entity_ids=entity_ids, notice="failed")


def read_feed(connection: sqlite3.Connection, query: FeedQuery, *, now: int) -> tuple[list[FeedLine], int]:
    """Return a page of a feed and the number of lines that fit from there on, the page included.

    A line that is not seen yet hides those after it, else a cursor would step over it.
    """
    hidden = connection.execute(
        "select min(seq) from event where box = ? and seen_at > ?", (query.box, now)
    ).fetchone()[0]
    where, values = ["e.box = ?"], [query.box]
    bounds: list[tuple[str, int | str | None]] = [
        ("e.seq < ?", hidden),
        ("e.seq < ?" if query.descending else "e.seq > ?", _after(connection, query)),
        ("e.at >= ?", query.time_from),
        ("e.at <= ?", query.time_to),
    ]
    arguments: list[int | str] = list(values)
    for condition, value in bounds:
        if value is not None:
            where.append(condition)
            arguments.append(value)
    if query.counteragent is not None:
        where.append("? in (m.from_box, m.to_box)")
        arguments.append(query.counteragent)
    source = f"from event e join message m on m.id = e.message_id where {' and '.join(where)}"
    order = "desc" if query.descending else "asc"
    total = connection.execute(f"select count(*) {source}", arguments).fetchone()[0]
    found = connection.execute(
        f"select e.* {source} order by e.seq {order} limit ?",
        [*arguments, query.limit],
    ).fetchall()
    return [rows.feed_line(row) for row in found], int(total)


def _after(connection: sqlite3.Connection, query: FeedQuery) -> int | None:
    if query.after_key is not None:
        column, value = "index_key", query.after_key
    elif query.after_event is not None:
        column, value = "id", query.after_event
    else:
        return None
    row = connection.execute(
        f"select seq from event where box = ? and {column} = ?",  # noqa: S608 - the column is one of two constants
        (query.box, value),
    ).fetchone()
    if row is None:
        raise BadRequest("Неизвестный ключ события в ленте")
    return int(row["seq"])


def _write(
    ledger: Ledger, *, box: str, message_id: str, patch_id: str | None, entity_ids: Sequence[str], notice: str = ""
) -> None:
    line_id = message_id if patch_id is None else patch_id
    key = hashlib.sha256(f"{box}/{line_id}".encode()).hexdigest()[:48].upper()
    written = ledger.connection.execute(
        "insert into event (box, id, index_key, message_id, patch_id, entities, delivered, failed, at, seen_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            box,
            line_id,
            key,
            message_id,
            patch_id,
            json.dumps(list(entity_ids)),
            notice == "delivered",
            notice == "failed",
            ledger.at,
            ledger.later(ledger.knobs.delay_events),
        ),
    ).lastrowid
    before = ledger.lines.get(box)
    ledger.lines[box] = written or 0
    if before is not None and ledger.knobs.reorder_events:
        for old, new in ((written, -1), (before, written), (-1, before)):
            ledger.connection.execute("update event set seq = ? where seq = ?", (new, old))
