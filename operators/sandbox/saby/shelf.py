"""What was written but not sent: drafts of documents and files brought to a stage. They survive a restart."""

import base64
import json
import sqlite3
import uuid
from dataclasses import dataclass, field

from operators.sandbox.exchange.model import NONFORMALIZED, UPD, DocumentDraft, MessageDraft
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoAccess
from operators.sandbox.saby.rpc import Json, items, maybe, part, text
from operators.sandbox.saby.words import counterparty, ours

ATTACHMENTS_LIMIT = 10
TYPES = {"ДокОтгрИсх": UPD, "ДоговорИсх": NONFORMALIZED, "КоррИсх": NONFORMALIZED}

SCHEMA = """
create table if not exists saby_draft (
    id text primary key, box text not null, other text not null, body text not null
) strict;
create table if not exists saby_file (
    document text not null, id text not null, stage text not null, file_name text not null, content blob not null,
    primary key (document, id)
) strict
"""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file under its attachment's id."""

    id: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A written document. `file` is its one attachment."""

    id: str
    box: str
    other: str
    kind: str
    file: File
    note: str | None

    def to_send(self, signature: bytes) -> MessageDraft:
        """The message that sending the draft makes."""
        is_upd = TYPES[self.kind] == UPD
        document = DocumentDraft(
            type_named_id=TYPES[self.kind],
            function=None,
            version=None,
            content=self.file.content,
            signature=signature,
            file_name=self.file.name,
            custom_id=self.id,
            comment=self.note,
            needs_answer=self.kind == "ДоговорИсх",
            needs_receipt=is_upd,
        )
        return MessageDraft(from_box=self.box, to_box=self.other, documents=(document,))


def prepare_tables(connection: sqlite3.Connection) -> None:
    """Create what is not there."""
    for statement in SCHEMA.split(";\n"):
        connection.execute(statement)


def write(connection: sqlite3.Connection, value: Json, operator: str) -> str:
    """Store a document or its new version; returns its id. Raises BadRequest, NoAccess, Absent."""
    document_id = guid(maybe(value, "Идентификатор") or str(uuid.uuid4()))
    kind = text(value, "Тип")
    if kind not in TYPES:
        raise BadRequest(f"Тип документа {kind} песочница не поддерживает")
    box, other = ours(connection, value, operator).box, counterparty(connection, value).box
    known = connection.execute("select box from saby_draft where id = ?", (document_id,)).fetchone()
    if known is not None and known["box"] != box:
        raise NoAccess(f"Нет доступа к документу {document_id}")
    attachments = items(value, "Вложение")
    if len(attachments) != 1:
        raise BadRequest("Песочница принимает документ ровно с одним вложением")
    file = read_file(attachments[0])
    body = {
        "Тип": kind,
        "Примечание": maybe(value, "Примечание"),
        "Вложение": {"Идентификатор": file.id, "Имя": file.name, "ДвоичныеДанные": _encoded(file.content)},
    }
    connection.execute(
        "insert or replace into saby_draft values (?, ?, ?, ?)",
        (document_id, box, other, json.dumps(body, ensure_ascii=False)),
    )
    return document_id


def draft(connection: sqlite3.Connection, document_id: str) -> Draft | None:
    """Return a draft."""
    row = connection.execute("select * from saby_draft where id = ?", (document_id,)).fetchone()
    if row is None:
        return None
    body = json.loads(row["body"])
    kept = body["Вложение"]
    content = base64.b64decode(kept["ДвоичныеДанные"])
    return Draft(
        id=row["id"],
        box=row["box"],
        other=row["other"],
        kind=body["Тип"],
        file=File(id=kept["Идентификатор"], name=kept["Имя"], content=content),
        note=body["Примечание"],
    )


def forget(connection: sqlite3.Connection, document_id: str) -> None:
    """Remove a draft that was sent."""
    connection.execute("delete from saby_draft where id = ?", (document_id,))


def bring(connection: sqlite3.Connection, document_id: str, stage: str, file: File) -> None:
    """Keep a file that somebody brought to a stage of a document."""
    connection.execute(
        "insert or replace into saby_file values (?, ?, ?, ?, ?)",
        (document_id, file.id, stage, file.name, file.content),
    )


def brought(connection: sqlite3.Connection, document_id: str, file_id: str, stage: str | None = None) -> File:
    """Return a file that was brought to a document (to that stage, when named); raises Absent."""
    row = connection.execute(
        "select * from saby_file where document = ? and id = ? and (? is null or stage = ?)",
        (document_id, file_id, stage, stage),
    ).fetchone()
    if row is None:
        raise Absent(f"Вложение {file_id} не найдено")
    return File(id=row["id"], name=row["file_name"], content=bytes(row["content"]))


def read_file(value: Json) -> File:
    """Вложение with its bytes -> file; raises BadRequest."""
    file = part(value, "Файл")
    return File(
        id=guid(maybe(value, "Идентификатор") or str(uuid.uuid4())),
        name=text(file, "Имя"),
        content=decoded(text(file, "ДвоичныеДанные")),
    )


def guid(value: str) -> str:
    """Bring an id to its usual form; raises BadRequest."""
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise BadRequest(f"Идентификатор не является GUID: {value[:60]}") from error


def decoded(value: str) -> bytes:
    """Base64 -> bytes; raises BadRequest."""
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:  # binascii.Error, or letters that are not ASCII
        raise BadRequest("ДвоичныеДанные не в кодировке base64") from error


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
