"""Lines of the lists of counterparties and the feed of what happened to them: values, rows, the one way to write them."""

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.refusals import BadRequest
from operators.sandbox.exchange.rows import Organisation


class Standing(StrEnum):
    """The status of a line, in the words of Diadoc."""

    MINE = "IsMyCounteragent"
    INVITES_ME = "InvitesMe"
    INVITED_BY_ME = "IsInvitedByMe"
    REJECTS_ME = "RejectsMe"
    REJECTED_BY_ME = "IsRejectedByMe"
    NONE = "NotInCounteragentList"


class Change(StrEnum):
    """What happened to a relation; "we" is the side whose feed tells it."""

    WE_INVITED = "we_invited"
    THEY_INVITED = "they_invited"
    WE_ACCEPTED = "we_accepted"
    THEY_ACCEPTED = "they_accepted"
    WE_REJECTED = "we_rejected"
    THEY_REJECTED = "they_rejected"
    WE_WITHDREW = "we_withdrew"
    THEY_WITHDREW = "they_withdrew"
    WE_BROKE = "we_broke"
    THEY_BROKE = "they_broke"
    MADE = "made"
    """The operator itself made them counterparties."""


OTHER_SIDE: Mapping[Standing, Standing] = {
    Standing.MINE: Standing.MINE,
    Standing.INVITED_BY_ME: Standing.INVITES_ME,
    Standing.REJECTED_BY_ME: Standing.REJECTS_ME,
    Standing.NONE: Standing.NONE,
}
"""How the other side's line stands when ours stands so."""


@dataclass(frozen=True, kw_only=True)
class RelationLine:
    """A line of a box's list. `message_id`, `entity_id`: the file that came with the invitation."""

    index_key: str
    organisation: Organisation
    standing: Standing
    changed_at: int
    text_in: str | None
    text_out: str | None
    message_id: str | None
    entity_id: str | None
    signature_requested: bool


@dataclass(frozen=True, kw_only=True)
class RelationNews:
    """A line of the feed of a box's relations; `words` came with the change."""

    id: str
    index_key: str
    organisation: Organisation
    change: Change
    standing: Standing
    words: str | None
    at: int


@dataclass(frozen=True, kw_only=True)
class NewsQuery:
    """What is asked of the feed of relations; times in ticks, the key exclusive."""

    box: str
    after_key: str | None = None
    time_from: int | None = None
    time_to: int | None = None
    limit: int = 100


def standing_of(connection: sqlite3.Connection, box: str, other: str) -> Standing:
    """Return how a box stands to another."""
    row = connection.execute("select status from relation where box = ? and other = ?", (box, other)).fetchone()
    return Standing.NONE if row is None else Standing(row["status"])


def record(ledger: Ledger, box: str, other: str, standing: Standing, change: Change, *, text: str | None) -> None:
    """Set both sides' lines to what `box` has just done, and tell both feeds."""
    _set(ledger, box, other, standing, text_out=text)
    _set(ledger, other, box, OTHER_SIDE[standing], text_in=text)
    _announce(ledger, box, other, change, standing, text)
    theirs = Change(change.value.replace("we_", "they_"))
    _announce(ledger, other, box, theirs, OTHER_SIDE[standing], text)


def attach(ledger: Ledger, box: str, other: str, ids: tuple[str, str] | None, *, signature_requested: bool) -> None:
    """Tell both lines which message and entity the invitation's file is; None when it has none any more."""
    message_id, entity_id = (None, None) if ids is None else ids
    for mine, theirs in ((box, other), (other, box)):
        ledger.connection.execute(
            "update relation set message_id = ?, entity_id = ?, signature_requested = ? where box = ? and other = ?",
            (message_id, entity_id, signature_requested, mine, theirs),
        )


def relation_row(connection: sqlite3.Connection, row: sqlite3.Row) -> RelationLine:
    """Turn a row of the list into a value."""
    return RelationLine(
        index_key=row["index_key"],
        organisation=rows.organisation(connection, row["other"]),
        standing=Standing(row["status"]),
        changed_at=row["changed_at"],
        text_in=row["text_in"],
        text_out=row["text_out"],
        message_id=row["message_id"],
        entity_id=row["entity_id"],
        signature_requested=bool(row["signature_requested"]),
    )


def read_news(connection: sqlite3.Connection, query: NewsQuery, *, now: int) -> tuple[list[RelationNews], int]:
    """Return a page of the feed of relations and the number of lines from there on, the page included."""
    after = 0
    if query.after_key is not None:
        row = connection.execute(
            "select seq from relation_event where box = ? and index_key = ?", (query.box, query.after_key)
        ).fetchone()
        if row is None:
            raise BadRequest("Неизвестный ключ события контрагента")
        after = int(row["seq"])
    hidden = connection.execute(
        "select min(seq) from relation_event where box = ? and seen_at > ?", (query.box, now)
    ).fetchone()[0]
    found = connection.execute(
        "select * from relation_event where box = ? and seq > ? and (? is null or seq < ?)"
        " and (? is null or at >= ?) and (? is null or at <= ?) order by seq",
        (query.box, after, hidden, hidden, query.time_from, query.time_from, query.time_to, query.time_to),
    ).fetchall()
    return [_news(connection, row) for row in found[: query.limit]], len(found)


def _news(connection: sqlite3.Connection, row: sqlite3.Row) -> RelationNews:
    return RelationNews(
        id=row["id"],
        index_key=row["index_key"],
        organisation=rows.organisation(connection, row["other"]),
        change=Change(row["change"]),
        standing=Standing(row["status"]),
        words=row["words"],
        at=row["at"],
    )


def _announce(ledger: Ledger, box: str, other: str, change: Change, standing: Standing, text: str | None) -> None:
    event_id = new_id()
    key = hashlib.sha256(f"relation-event/{event_id}".encode()).hexdigest()[:48].upper()
    ledger.connection.execute(
        "insert into relation_event (id, index_key, box, other, change, status, words, at, seen_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event_id,
            key,
            box,
            other,
            change.value,
            standing.value,
            text,
            ledger.at,
            ledger.later(ledger.knobs.delay_events),
        ),
    )


def _set(
    ledger: Ledger,
    box: str,
    other: str,
    standing: Standing,
    *,
    text_in: str | None = None,
    text_out: str | None = None,
) -> None:
    key = hashlib.sha256(f"relation/{box}/{other}".encode()).hexdigest()[:48].upper()
    ledger.connection.execute(
        "insert into relation (index_key, box, other, status, changed_at, text_in, text_out)"
        " values (?, ?, ?, ?, ?, ?, ?) on conflict (box, other) do update set status = excluded.status,"
        " changed_at = excluded.changed_at, text_in = coalesce(excluded.text_in, text_in),"
        " text_out = coalesce(excluded.text_out, text_out)",
        (key, box, other, standing.value, ledger.at, text_in, text_out),
    )
