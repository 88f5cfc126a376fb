"""Who stands how to whom: invitations, acceptance, rejection, withdrawal, break. Each side keeps its own line.

These are the bare verbs; what an invitation brings along (a task, a file, documents that waited) is `invitations`'.
"""

import sqlite3

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.ledger import Ledger
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState
from operators.sandbox.exchange.standing import Change, RelationLine, Standing, record, relation_row, standing_of

__all__ = [
    "Change",
    "RelationLine",
    "Standing",
    "accept",
    "acquaint",
    "break_off",
    "carry_out",
    "find_line",
    "is_blocked",
    "leave",
    "line",
    "lines",
    "reject",
    "standing_of",
    "withdraw",
]

NOT_INVITING = "Нет приглашения от этой организации"


def carry_out(ledger: Ledger, box: str, other: str, *, text: str | None) -> None:
    """Do what an invitation does at its time: accept the other side's, or put ours before it."""
    standing = standing_of(ledger.connection, box, other)
    if standing is Standing.INVITES_ME:
        accept(ledger, box, other, text=text)
    elif standing not in {Standing.MINE, Standing.INVITED_BY_ME}:
        record(ledger, box, other, Standing.INVITED_BY_ME, Change.WE_INVITED, text=text)


def accept(ledger: Ledger, box: str, other: str, *, text: str | None = None) -> None:
    """Accept the other side's invitation; raises WrongState."""
    _need(ledger, box, other, Standing.INVITES_ME, NOT_INVITING)
    record(ledger, box, other, Standing.MINE, Change.WE_ACCEPTED, text=text)


def reject(ledger: Ledger, box: str, other: str, *, text: str | None = None) -> None:
    """Reject the other side's invitation; raises WrongState."""
    _need(ledger, box, other, Standing.INVITES_ME, NOT_INVITING)
    record(ledger, box, other, Standing.REJECTED_BY_ME, Change.WE_REJECTED, text=text)


def withdraw(ledger: Ledger, box: str, other: str, *, text: str | None = None, with_file: bool = False) -> None:
    """Take back our invitation; raises WrongState, also when it came with a file (unless that is annulled now)."""
    _need(ledger, box, other, Standing.INVITED_BY_ME, "Приглашение этой организации не отправлено")
    line = find_line(ledger.connection, box, other)
    if line is not None and line.entity_id is not None and not with_file:
        raise WrongState("Приглашение с документом отзывают аннулированием этого документа")
    record(ledger, box, other, Standing.NONE, Change.WE_WITHDREW, text=text)


def break_off(ledger: Ledger, box: str, other: str, *, text: str | None = None) -> None:
    """End a relation: nothing is taken from the other side any more; raises WrongState."""
    _need(ledger, box, other, Standing.MINE, "Организация не является контрагентом")
    record(ledger, box, other, Standing.REJECTED_BY_ME, Change.WE_BROKE, text=text)


def leave(ledger: Ledger, box: str, other: str, *, text: str | None) -> None:
    """Withdraw, reject or break, whichever the present standing means; raises WrongState."""
    rows.organisation(ledger.connection, other)
    verbs = {Standing.INVITED_BY_ME: withdraw, Standing.INVITES_ME: reject, Standing.MINE: break_off}
    verb = verbs.get(standing_of(ledger.connection, box, other))
    if verb is None:
        raise WrongState("Организация не находится в списке контрагентов")
    verb(ledger, box, other, text=text)


def acquaint(ledger: Ledger, box: str, other: str) -> None:
    """Make two boxes counterparties unless they already stand in some relation."""
    if standing_of(ledger.connection, box, other) is Standing.NONE:
        record(ledger, box, other, Standing.MINE, Change.MADE, text=None)


def is_blocked(connection: sqlite3.Connection, *, by: str, other: str) -> bool:
    """Whether `by` has rejected `other` and therefore takes nothing from it."""
    return standing_of(connection, by, other) is Standing.REJECTED_BY_ME


def line(connection: sqlite3.Connection, box: str, other: str) -> RelationLine:
    """Return one line of a box's list; raises Absent."""
    found = find_line(connection, box, other)
    if found is None:
        raise Absent("Контрагент не найден")
    return found


def find_line(connection: sqlite3.Connection, box: str, other: str) -> RelationLine | None:
    """Return one line of a box's list; None when the two have nothing to do with each other."""
    row = connection.execute("select * from relation where box = ? and other = ?", (box, other)).fetchone()
    return None if row is None else relation_row(connection, row)


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
    fitting = [each for each in (relation_row(connection, row) for row in found) if _fits(each, text)]
    return fitting[:limit], len(fitting)


def _need(ledger: Ledger, box: str, other: str, wanted: Standing, otherwise: str) -> None:
    if standing_of(ledger.connection, box, other) is not wanted:
        raise WrongState(otherwise)


def _fits(each: RelationLine, text: str | None) -> bool:
    if not text:
        return True
    wanted = text.casefold()
    return any(
        wanted in (field or "").casefold()
        for field in (each.organisation.name, each.organisation.inn, each.organisation.kpp)
    )
