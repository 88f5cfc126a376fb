"""Contacts: invitations, their acceptance and rejection, the list, its updates, the check by INN."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from operators.errors import BadAnswer
from operators.sandbox.exchange import invitations, relations, rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.model import from_ticks, ticks
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState
from operators.sandbox.exchange.rows import Organisation
from operators.sandbox.exchange.standing import Change, NewsQuery, Standing, read_news, standing_of
from operators.sandbox.taxcom.access import by_participant
from operators.taxcom import layout
from operators.taxcom.contacts import read_contacts
from operators.taxcom.markup import add, plain, start, written
from operators.taxcom.moments import moment, to_wire

LONGEST_LIST = 100_000
STATES: Mapping[Standing, str] = {
    Standing.MINE: "Accepted",
    Standing.INVITES_ME: "Incoming",
    Standing.INVITED_BY_ME: "Sent",
    Standing.REJECTS_ME: "Rejected",
    Standing.REJECTED_BY_ME: "Rejected",
}
NEWS: Mapping[Change, str] = {
    Change.WE_INVITED: "Sent",
    Change.THEY_INVITED: "Incoming",
    Change.THEY_ACCEPTED: "Accepted",
    Change.THEY_REJECTED: "Rejected",
    Change.THEY_BROKE: "Rejected",
}
"""The updates tell what the other side did, and that our invitation went out."""

SCHEMA = """create table if not exists taxcom_contact (
    box text not null, other text not null, external_id text not null, primary key (box, other)
) strict"""


def prepare_tables(connection: sqlite3.Connection) -> None:
    """Create what is not there."""
    connection.execute(SCHEMA)


def send(desk: Desk, box: str, body: bytes) -> None:
    """SendContacts: invite whoever is in the list; all or none."""
    wanted = _read(body)
    with desk.writing() as ledger:
        for each in wanted:
            other = _named(ledger.connection, each.participant_id, each.inn, each.kpp).box
            if each.external_id:
                ledger.connection.execute(
                    "insert or replace into taxcom_contact values (?, ?, ?)", (box, other, each.external_id)
                )
            invitations.invite(ledger, box, other=other, inn=None, text=each.comment)


def accept(desk: Desk, box: str, participant_id: str) -> None:
    """AcceptContact."""
    with desk.writing() as ledger:
        invitations.accept(ledger, box, by_participant(ledger.connection, participant_id).box)


def reject(desk: Desk, box: str, participant_id: str, comment: str | None) -> None:
    """RejectContact: refuse an invitation or end the exchange with a counterparty."""
    with desk.writing() as ledger:
        other = by_participant(ledger.connection, participant_id).box
        standing = standing_of(ledger.connection, box, other)
        if standing is Standing.INVITES_ME:
            relations.reject(ledger, box, other, text=comment)
        elif standing is Standing.MINE:
            relations.break_off(ledger, box, other, text=comment)
        else:
            raise WrongState("Нет ни приглашения, ни обмена с этим контрагентом")


def contact_list(desk: Desk, box: str) -> bytes:
    """GetContacts: how every counterparty stands, failed invitations too."""
    root = start("Contacts", layout.CONTACTS)
    with desk.reading() as connection:
        lines, _ = relations.lines(connection, box, standing=None, after_key=None, text=None, limit=LONGEST_LIST)
        for line in lines:
            if line.standing in STATES:
                _add(connection, root, box, line.organisation, STATES[line.standing], line.changed_at, line.text_in)
        known = {line.organisation.box for line in lines if line.standing in STATES}
        for row in connection.execute(
            "select distinct other from invitation where box = ? and done_at is null", (box,)
        ):
            if row["other"] not in known:  # being worked on: for its sender it is out
                _add(connection, root, box, rows.organisation(connection, row["other"]), "Sent", desk.now())
        for row in _failures(connection, box):
            element = _add(connection, root, box, rows.organisation(connection, row["other"]), "Error", row["done_at"])
            element[0].text = row["failure"]
    return written(root)


def updates(desk: Desk, box: str, *, date: str | None, status: str | None) -> bytes:
    """GetContactListUpdates: changes of the list since a time."""
    if not date:
        raise BadRequest("Не указан параметр date")
    try:
        since = ticks(moment(date))
    except BadAnswer as error:
        raise BadRequest("Параметр date не является временем") from error
    root = start("Contacts", layout.CONTACTS)
    with desk.reading() as connection:
        query = NewsQuery(box=box, time_from=since, limit=LONGEST_LIST)
        news, _ = read_news(connection, query, now=desk.now())
        for each in news:
            state = NEWS.get(each.change)
            if state is not None and status in {None, state}:
                _add(connection, root, box, each.organisation, state, each.at, each.words)
    return written(root)


def check(desk: Desk, body: bytes) -> bytes:
    """CheckContragent: participants with those INN and КПП, other operators' too."""
    wanted = _read(body)
    if len(wanted) > layout.CHECKED_AT_ONCE:
        raise BadRequest(f"Не более {layout.CHECKED_AT_ONCE} пар ИНН/КПП")
    root = start("Contacts", layout.CONTACTS)
    with desk.reading() as connection:
        known = rows.organisations(connection)
    for each in wanted:
        for organisation in known:
            if organisation.inn == each.inn and each.kpp in {None, organisation.kpp}:
                _write(root, organisation)
    return written(root)


def _add(
    connection: sqlite3.Connection,
    root: Any,
    box: str,
    organisation: Organisation,
    state: str,
    at: int,
    comment: str | None = None,
) -> Any:
    element = add(root, "Contact")
    add(element, "State", {"Code": state, "Changed": to_wire(from_ticks(at))})
    row = connection.execute(
        "select external_id from taxcom_contact where box = ? and other = ?", (box, organisation.box)
    ).fetchone()
    said = {"ExternalContactId": None if row is None else str(row["external_id"]), "Comment": comment}
    _fill(element, organisation, said)
    return element


def _write(root: Any, organisation: Organisation) -> None:
    _fill(add(root, "Contact"), organisation, {})


def _fill(element: Any, organisation: Organisation, said: Mapping[str, str | None]) -> None:
    values = {
        "Name": organisation.name,
        "Inn": organisation.inn,
        "Kpp": organisation.kpp,
        "EDXClientId": organisation.participant_id,
        **said,
    }
    for name, value in values.items():
        if value:
            add(element, name).text = plain(value)


def _named(connection: sqlite3.Connection, participant_id: str | None, inn: str, kpp: str | None) -> Organisation:
    if participant_id:
        return by_participant(connection, participant_id)
    found = [each for each in rows.organisations(connection) if each.inn == inn and kpp in {None, each.kpp}]
    if not found:
        raise Absent(f"Участник с ИНН {inn[:20]} не найден, а электронная почта не указана")
    if len(found) > 1:
        raise WrongState(f"Участников с ИНН {inn[:20]} несколько, укажите EDXClientId")
    return found[0]


def _failures(connection: sqlite3.Connection, box: str) -> list[sqlite3.Row]:
    query = (
        "select other, failure, max(done_at) as done_at from invitation where box = ? and failure is not null"
        " group by other order by other"
    )
    return list(connection.execute(query, (box,)).fetchall())


def _read(body: bytes) -> Any:
    try:
        found = read_contacts(body)
    except BadAnswer as error:
        raise BadRequest(f"Список контактов не разобран: {error}") from error
    if not found:
        raise BadRequest("Список контактов пуст")
    return found
