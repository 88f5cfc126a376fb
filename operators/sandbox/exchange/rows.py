"""Rows of the state read into values and written from them. No business here."""

import json
import sqlite3
from dataclasses import asdict, dataclass, fields
from typing import Any

from operators.port import PowerRef
from operators.sandbox.exchange.model import Document, Entity, FeedLine, Message, Response, Revocation
from operators.sandbox.exchange.refusals import Absent

DOCUMENT_COLUMNS = tuple(column.name for column in fields(Document))
ENTITY_COLUMNS = tuple(column.name for column in fields(Entity))


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation of the sandbox with the ids that the state gave it; `box` is 32 hex digits."""

    box: str
    org_id: str
    name: str
    inn: str
    kpp: str | None
    ogrn: str
    participant_id: str
    operator: str


@dataclass(frozen=True, kw_only=True)
class OperatorRow:
    """An operator whose sandbox has used this state."""

    code: str
    name: str
    inn: str


def operator(connection: sqlite3.Connection, code: str) -> OperatorRow | None:
    """Return an operator; None for one that has not declared itself."""
    row = connection.execute("select * from operator where code = ?", (code,)).fetchone()
    return None if row is None else OperatorRow(**row)


def organisation(connection: sqlite3.Connection, box: str) -> Organisation:
    """Return the owner of a box; raises Absent."""
    row = connection.execute("select * from organisation where box = ?", (box,)).fetchone()
    if row is None:
        raise Absent(f"Ящик {box} не найден")
    return Organisation(**row)


def organisations(connection: sqlite3.Connection, operator_code: str | None = None) -> list[Organisation]:
    """Return all organisations, or those of one operator, in the order of their names."""
    rows = connection.execute(
        "select * from organisation where ? is null or operator in ('', ?) order by name, box",
        (operator_code, operator_code),
    ).fetchall()
    return [Organisation(**row) for row in rows]


def message(connection: sqlite3.Connection, message_id: str) -> Message:
    """Return a message; raises Absent."""
    row = connection.execute("select * from message where id = ?", (message_id,)).fetchone()
    if row is None:
        raise Absent(f"Сообщение {message_id} не найдено")
    return Message(**row)


def entities(connection: sqlite3.Connection, message_id: str) -> list[Entity]:
    """Return a message's entities, oldest first."""
    rows = connection.execute("select * from entity where message_id = ? order by seq", (message_id,)).fetchall()
    return [_entity(row) for row in rows]


def entity(connection: sqlite3.Connection, message_id: str, entity_id: str) -> Entity:
    """Return an entity of a message; raises Absent."""
    row = connection.execute("select * from entity where id = ? and message_id = ?", (entity_id, message_id)).fetchone()
    if row is None:
        raise Absent(f"Сущность {entity_id} в сообщении {message_id} не найдена")
    return _entity(row)


def signatures_on(connection: sqlite3.Connection, entity_id: str) -> tuple[bytes, ...]:
    """Return the bytes of all signatures on an entity, oldest first."""
    rows = connection.execute(
        "select content from entity where parent_id = ? and type = 'Signature' order by seq", (entity_id,)
    ).fetchall()
    return tuple(bytes(row["content"]) for row in rows)


def document(connection: sqlite3.Connection, entity_id: str) -> Document | None:
    """Return the document whose file is that entity; None when the entity is not a document."""
    row = connection.execute("select * from document where entity_id = ?", (entity_id,)).fetchone()
    return None if row is None else _document(row)


def documents(connection: sqlite3.Connection, message_id: str) -> list[Document]:
    """Return a message's documents in the order of their files."""
    rows = connection.execute(
        "select d.* from document d join entity e on e.id = d.entity_id where d.message_id = ? order by e.seq",
        (message_id,),
    ).fetchall()
    return [_document(row) for row in rows]


def documents_by_custom_id(connection: sqlite3.Connection, from_box: str, custom_id: str) -> list[Document]:
    """Return the documents that a box has sent under its own id, oldest first."""
    rows = connection.execute(
        "select d.* from document d join message m on m.id = d.message_id"
        " where d.custom_id = ? and m.from_box = ? order by m.created_at, d.entity_id",
        (custom_id, from_box),
    ).fetchall()
    return [_document(row) for row in rows]


def add_message(connection: sqlite3.Connection, value: Message) -> None:
    """Store a new message."""
    _insert(connection, "message", asdict(value))


def add_entity(connection: sqlite3.Connection, value: Entity) -> None:
    """Store a new entity after the others."""
    _insert(connection, "entity", {name: getattr(value, name) for name in ENTITY_COLUMNS})


def add_power(connection: sqlite3.Connection, signature_id: str, power: PowerRef) -> None:
    """Store what a signature rests on."""
    told = (signature_id, power.number, power.issuer_inn, power.representative_inn)
    connection.execute("insert into power values (?, ?, ?, ?)", told)


def powers(connection: sqlite3.Connection, message_id: str) -> dict[str, PowerRef]:
    """Signature's id -> what it rests on, for one message."""
    query = "select power.* from power join entity on entity.id = signature_id where message_id = ?"
    return {
        row["signature_id"]: PowerRef(
            number=row["number"], issuer_inn=row["issuer_inn"], representative_inn=row["representative_inn"]
        )
        for row in connection.execute(query, (message_id,))
    }


def add_document(connection: sqlite3.Connection, value: Document) -> None:
    """Store the facts of a new document."""
    _insert(connection, "document", {name: getattr(value, name) for name in DOCUMENT_COLUMNS})


def save_document(connection: sqlite3.Connection, value: Document) -> None:
    """Store a document's axes anew."""
    connection.execute("delete from document where entity_id = ?", (value.entity_id,))
    add_document(connection, value)


def feed_line(row: sqlite3.Row) -> FeedLine:
    """Turn a row of the feed into a value."""
    return FeedLine(
        id=row["id"],
        index_key=row["index_key"],
        message_id=row["message_id"],
        patch_id=row["patch_id"],
        entity_ids=tuple(json.loads(row["entities"])),
        delivered=bool(row["delivered"]),
        failed=bool(row["failed"]),
        at=row["at"],
    )


def _entity(row: sqlite3.Row) -> Entity:
    values: dict[str, Any] = {name: row[name] for name in ENTITY_COLUMNS}
    flags = ("need_signature", "need_receipt", "seen_by_sender", "seen_by_recipient")
    return Entity(**(values | {name: bool(values[name]) for name in flags} | {"content": bytes(values["content"])}))


def _document(row: sqlite3.Row) -> Document:
    values: dict[str, Any] = {name: row[name] for name in DOCUMENT_COLUMNS}
    flags = ("needs_answer", "needs_receipt", "sender_valid", "title_receipt")
    values |= {name: bool(values[name]) for name in flags}
    axes = {"response": Response(values["response"]), "revocation": Revocation(values["revocation"])}
    return Document(**(values | axes))


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    connection.execute(f"insert into {table} ({names}) values ({marks})", tuple(values.values()))  # noqa: S608 - names come from our dataclasses
