"""Who stands how to whom: invitations, acceptance, rejection, break. Each side keeps its own line."""

import hashlib
import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.ledger import new_id
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState
from operators.sandbox.exchange.rows import Organisation


class Standing(StrEnum):
    """The status of a line, in the operator's words."""

    MINE = "IsMyCounteragent"
    INVITES_ME = "InvitesMe"
    INVITED_BY_ME = "IsInvitedByMe"
    REJECTS_ME = "RejectsMe"
    REJECTED_BY_ME = "IsRejectedByMe"
    NONE = "NotInCounteragentList"


@dataclass(frozen=True, kw_only=True)
class RelationLine:
    """A line of a box's list."""

    index_key: str
    organisation: Organisation
    standing: Standing
    changed_at: int
    text_in: str | None
    text_out: str | None


def invite(
    connection: sqlite3.Connection, box: str, *, other: str | None, inn: str | None, text: str | None, now: int
) -> str:
    """Invite or accept; returns the id of a task that is done at once. Repeating it changes nothing."""
    target = _target(connection, other=other, inn=inn)
    if target == box:
        raise BadRequest("Нельзя пригласить самого себя")
    if text is not None and len(text) > 2000:
        raise BadRequest("Сообщение к приглашению длиннее 2000 символов")
    standing = standing_of(connection, box, target)
    if standing is Standing.INVITES_ME:
        _set(connection, box, target, Standing.MINE, now=now, text_out=text)
        _set(connection, target, box, Standing.MINE, now=now, text_in=text)
    elif standing not in {Standing.MINE, Standing.INVITED_BY_ME}:
        _set(connection, box, target, Standing.INVITED_BY_ME, now=now, text_out=text)
        _set(connection, target, box, Standing.INVITES_ME, now=now, text_in=text)
    task = new_id()
    connection.execute("insert into task values (?, ?)", (task, target))
    return task


def invitation_result(connection: sqlite3.Connection, task: str) -> str:
    """Return the box that a task was about; raises Absent."""
    row = connection.execute("select box from task where id = ?", (task,)).fetchone()
    if row is None:
        raise Absent(f"Задача {task} не найдена")
    return str(row["box"])


def leave(connection: sqlite3.Connection, box: str, other: str, *, text: str | None, now: int) -> None:
    """Withdraw an invitation, reject one, or break the relation."""
    rows.organisation(connection, other)
    standing = standing_of(connection, box, other)
    if standing is Standing.INVITED_BY_ME:
        _set(connection, box, other, Standing.NONE, now=now, text_out=text)
        _set(connection, other, box, Standing.NONE, now=now, text_in=text)
    elif standing in {Standing.MINE, Standing.INVITES_ME}:
        _set(connection, box, other, Standing.REJECTED_BY_ME, now=now, text_out=text)
        _set(connection, other, box, Standing.REJECTS_ME, now=now, text_in=text)
    else:
        raise WrongState("Организация не находится в списке контрагентов")


def acquaint(connection: sqlite3.Connection, box: str, other: str, *, now: int) -> None:
    """Make two boxes counterparties unless they already stand in some relation."""
    for mine, theirs in ((box, other), (other, box)):
        if standing_of(connection, mine, theirs) is Standing.NONE:
            _set(connection, mine, theirs, Standing.MINE, now=now)


def standing_of(connection: sqlite3.Connection, box: str, other: str) -> Standing:
    """Return how a box stands to another."""
    row = connection.execute("select status from relation where box = ? and other = ?", (box, other)).fetchone()
    return Standing.NONE if row is None else Standing(row["status"])


def is_blocked(connection: sqlite3.Connection, *, by: str, other: str) -> bool:
    """Whether `by` has rejected `other` and therefore takes nothing from it."""
    return standing_of(connection, by, other) is Standing.REJECTED_BY_ME


def line(connection: sqlite3.Connection, box: str, other: str) -> RelationLine:
    """Return one line of a box's list; raises Absent."""
    row = connection.execute("select * from relation where box = ? and other = ?", (box, other)).fetchone()
    if row is None:
        raise Absent("Контрагент не найден")
    return _line(connection, row)


def lines(
    connection: sqlite3.Connection,
    box: str,
    *,
    standing: str | None,
    after_key: str | None,
    text: str | None,
    limit: int,
) -> tuple[list[RelationLine], int]:
    """Return a page of a box's list and the number of lines that fit from there on, the page included."""
    after = 0
    if after_key is not None:
        row = connection.execute(
            "select seq from relation where box = ? and index_key = ?", (box, after_key)
        ).fetchone()
        if row is None:
            raise BadRequest("Неизвестный ключ списка контрагентов")
        after = int(row["seq"])
    found = connection.execute(
        "select * from relation where box = ? and seq > ? and (? is null or status = ?) order by seq",
        (box, after, standing, standing),
    ).fetchall()
    fitting = [each for each in (_line(connection, row) for row in found) if _fits(each, text)]
    return fitting[:limit], len(fitting)


def _fits(each: RelationLine, text: str | None) -> bool:
    if not text:
        return True
    wanted = text.casefold()
    return any(
        wanted in (field or "").casefold()
        for field in (each.organisation.name, each.organisation.inn, each.organisation.kpp)
    )


def _line(connection: sqlite3.Connection, row: sqlite3.Row) -> RelationLine:
    return RelationLine(
        index_key=row["index_key"],
        organisation=rows.organisation(connection, row["other"]),
        standing=Standing(row["status"]),
        changed_at=row["changed_at"],
        text_in=row["text_in"],
        text_out=row["text_out"],
    )


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


def _set(
    connection: sqlite3.Connection,
    box: str,
    other: str,
    standing: Standing,
    *,
    now: int,
    text_in: str | None = None,
    text_out: str | None = None,
) -> None:
    key = hashlib.sha256(f"relation/{box}/{other}".encode()).hexdigest()[:48].upper()
    connection.execute(
        "insert into relation (index_key, box, other, status, changed_at, text_in, text_out)"
        " values (?, ?, ?, ?, ?, ?, ?) on conflict (box, other) do update set status = excluded.status,"
        " changed_at = excluded.changed_at, text_in = coalesce(excluded.text_in, text_in),"
        " text_out = coalesce(excluded.text_out, text_out)",
        (key, box, other, standing.value, now, text_in, text_out),
    )
