"""Invitations as the operator works them off: tasks, files that go with them, and what an acceptance sets free.

An invitation is worked on for a while (`Faults.delay_invitations`, between operators `delay_roaming` besides): it is a
task first, and `settle_due` carries out those whose time has come.
"""

import sqlite3
from dataclasses import dataclass, field

from operators.sandbox.exchange import messages, relations, rows
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.model import INVITATION, Document, DocumentDraft, MessageDraft, Response, Revocation
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoRoaming, WrongState
from operators.sandbox.exchange.standing import Standing, attach, standing_of
from operators.sandbox.faults import Roaming

WORDS_LIMIT = 2000


@dataclass(frozen=True, kw_only=True)
class InvitationFile:
    """A signed file that goes with an invitation; it is not delivered to other operators."""

    file_name: str
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    needs_signature: bool


@dataclass(frozen=True, kw_only=True)
class Task:
    """What became of an invitation: `done_at` None while it is being worked on, `failure` when it came to nothing."""

    id: str
    box: str
    other: str
    ready_at: int
    done_at: int | None
    failure: str | None
    message_id: str | None
    entity_id: str | None


def invite(
    ledger: Ledger,
    box: str,
    *,
    other: str | None,
    inn: str | None,
    text: str | None,
    file: InvitationFile | None = None,
) -> str:
    """Invite or accept; returns the id of a task. Repeating it changes nothing.

    `other` is a box; `inn` is enough where only one organisation has it. Raises BadRequest, Absent, NoRoaming and
    WrongState (the other side's file has to be signed instead).
    """
    target = _target(ledger.connection, other=other, inn=inn)
    if target == box:
        raise BadRequest("Нельзя пригласить самого себя")
    if text is not None and len(text) > WORDS_LIMIT:
        raise BadRequest(f"Сообщение к приглашению длиннее {WORDS_LIMIT} символов")
    roams = ledger.roams(box, target)
    if roams and ledger.knobs.roaming is Roaming.CLOSED:
        raise NoRoaming(messages.NO_WAY)
    line = relations.find_line(ledger.connection, box, target)
    if line is not None and line.standing is Standing.INVITES_ME and line.signature_requested:
        raise WrongState("Приглашение принимают подписью приложенного документа")
    task = new_id()
    wait = ledger.knobs.delay_invitations
    ready_at = ledger.later(wait + ledger.knobs.delay_roaming if roams else wait)
    ledger.connection.execute(
        "insert into invitation (id, box, other, words, ready_at) values (?, ?, ?, ?, ?)",
        (task, box, target, text, ready_at),
    )
    if file is not None and not roams:
        ledger.connection.execute(
            "update invitation set file_name = ?, content = ?, signature = ?, needs_signature = ? where id = ?",
            (file.file_name, file.content, file.signature, file.needs_signature, task),
        )
    settle_due(ledger)
    return task


def task_of(connection: sqlite3.Connection, box: str | None, task: str) -> Task:
    """Return a task (of a box, or of whichever when the wire does not name one); raises Absent."""
    row = connection.execute(
        "select id, box, other, ready_at, done_at, failure, message_id, entity_id from invitation"
        " where id = ? and ? in ('', box)",
        (task, box or ""),
    ).fetchone()
    if row is None:
        raise Absent(f"Задача {task} не найдена")
    return Task(**row)


def accept(ledger: Ledger, box: str, other: str, *, text: str | None = None) -> None:
    """Accept the other side's invitation and deliver what has waited for that; raises WrongState."""
    relations.accept(ledger, box, other, text=text)
    messages.release(ledger, from_box=other, to_box=box)


def check_withdrawal(document: Document, *, is_sender: bool) -> None:
    """An invitation with a file is taken back by annulling the file, by its sender and before it is answered."""
    if not is_sender:
        raise WrongState("Отозвать приглашение может только отправитель")
    if document.revocation is not Revocation.NONE or document.response in {Response.SIGNED, Response.REJECTED}:
        raise WrongState("На приглашение уже дан ответ")


def settle_due(ledger: Ledger) -> None:
    """Carry out the tasks whose time has come, oldest first."""
    due = ledger.connection.execute(
        "select * from invitation where done_at is null and ready_at <= ? order by rowid", (ledger.at,)
    ).fetchall()
    for row in due:
        failure = None
        if ledger.knobs.roaming is Roaming.FAILING and ledger.roams(row["box"], row["other"]):
            failure = "Оператор контрагента не принял приглашение"
        else:
            _carry_out(ledger, row)
        ledger.connection.execute(
            "update invitation set done_at = ?, failure = ? where id = ?", (ledger.at, failure, row["id"])
        )


def has_due(connection: sqlite3.Connection, now: int) -> bool:
    """Whether `settle_due` has anything to do."""
    query = "select 1 from invitation where done_at is null and ready_at <= ? limit 1"
    return connection.execute(query, (now,)).fetchone() is not None


def _carry_out(ledger: Ledger, row: sqlite3.Row) -> None:
    box, other = row["box"], row["other"]
    before = standing_of(ledger.connection, box, other)
    relations.carry_out(ledger, box, other, text=row["words"])
    after = standing_of(ledger.connection, box, other)
    if after is Standing.MINE and before is not Standing.MINE:
        messages.release(ledger, from_box=other, to_box=box)
    elif after is Standing.INVITED_BY_ME and before is not after:
        ids = None if row["content"] is None else _send_file(ledger, row)
        attach(ledger, box, other, ids, signature_requested=ids is not None and bool(row["needs_signature"]))


def _send_file(ledger: Ledger, row: sqlite3.Row) -> tuple[str, str]:
    draft = DocumentDraft(
        type_named_id=INVITATION,
        function=None,
        version=None,
        content=bytes(row["content"]),
        signature=bytes(row["signature"]),
        file_name=row["file_name"],
        custom_id=None,
        comment=None,
        needs_answer=bool(row["needs_signature"]),
        needs_receipt=False,
    )
    message_id = messages.post_message(
        ledger, MessageDraft(from_box=row["box"], to_box=row["other"], documents=(draft,)), is_invitation=True
    )
    entity_id = rows.documents(ledger.connection, message_id)[0].entity_id
    ledger.connection.execute(
        "update invitation set message_id = ?, entity_id = ? where id = ?", (message_id, entity_id, row["id"])
    )
    return message_id, entity_id


def _target(connection: sqlite3.Connection, *, other: str | None, inn: str | None) -> str:
    if other is not None:
        return rows.organisation(connection, other).box
    if inn is None:
        raise BadRequest("Не указано, кого пригласить: BoxId, OrgId или Inn")
    found = [each.box for each in rows.organisations(connection) if each.inn == inn]
    if not found:
        raise Absent(f"Организация с ИНН {inn} не найдена")
    if len(found) > 1:
        raise WrongState(f"С ИНН {inn} найдено несколько организаций, укажите BoxId")
    return found[0]
