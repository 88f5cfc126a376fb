"""Lists: transactions of a cabinet by time (GetMessageList), docflows by status (GetList)."""

import sqlite3
from dataclasses import dataclass

from operators.errors import BadAnswer
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.feed import FeedQuery
from operators.sandbox.exchange.model import NONFORMALIZED, UPD, FeedLine, from_ticks, ticks
from operators.sandbox.exchange.refusals import BadRequest
from operators.sandbox.taxcom.view import DocflowView, PartView, describe, docflow, identify, regulation, state_of
from operators.taxcom import layout
from operators.taxcom.markup import add, start, written
from operators.taxcom.moments import moment, to_wire


@dataclass(frozen=True, kw_only=True)
class Line:
    """A transaction in the list."""

    docflow: DocflowView
    part: PartView
    at: int
    result: str


def message_list(desk: Desk, box: str, *, date: str | None, direction: str | None) -> bytes:
    """GetMessageList: transactions since a time, at most 500."""
    since = _time(date)
    with desk.reading() as connection:
        query = FeedQuery(box=box, time_from=since, limit=layout.ROWS + 1)
        lines, total = desk.feed(connection, query)
        found = [each for line in lines for each in _lines(connection, box, line)]
    wanted = [each for each in found if _goes(each.docflow, direction)]
    shown = wanted[: layout.ROWS]
    is_last = len(shown) == len(wanted) and total <= layout.ROWS
    root = start("ContainerDescription", layout.META)
    root.set("RequestDateTime", to_wire(desk.clock.now()))
    root.set("IsLast", "true" if is_last else "false")
    last = shown[-1].at if len(shown) < len(wanted) else lines[-1].at if lines else None
    if last is not None:
        root.set("LastRecordDateTime", to_wire(from_ticks(last)))
    for each in shown:
        _add(root, each)
    return written(root)


def docflow_list(desk: Desk, box: str, *, date: str | None, direction: str | None, status: str | None) -> bytes:
    """GetList: docflows that have changed since a time."""
    since = _time(date)
    root = start("ContainerDescription", layout.META)
    with desk.reading() as connection:
        query = (
            "select m.id from message m where ((m.from_box = ?) or (m.to_box = ? and m.delivered_at is not null))"
            " and m.touched_at >= ? and exists (select 1 from document d where d.message_id = m.id"
            " and d.type_named_id in (?, ?)) order by m.touched_at, m.id"
        )
        found = connection.execute(query, (box, box, since, UPD, NONFORMALIZED)).fetchall()
        for row in found:
            each = docflow(connection, box, row["id"])
            if _goes(each, direction) and status in {None, each.status()[0]}:
                _add(root, Line(docflow=each, part=each.main, at=each.changed_at(), result=each.main.result))
    root.set("RequestDateTime", to_wire(desk.clock.now()))
    root.set("IsLast", "true")
    return written(root)


def _lines(connection: sqlite3.Connection, box: str, line: FeedLine) -> list[Line]:
    """What a line of the feed tells: the files in it, bare signatures, the delivery of the main document."""
    if line.failed:
        return []
    known = rows.documents(connection, line.message_id)
    if not known or known[0].type_named_id not in {UPD, NONFORMALIZED}:
        return []
    each = docflow(connection, box, line.message_id)
    if line.delivered:
        return [Line(docflow=each, part=each.main, at=line.at, result=layout.COMPLETED)]
    parts = [part for part in each.parts if part.id in line.entity_ids]
    return [Line(docflow=each, part=part, at=line.at, result=_told(each, part, line)) for part in parts]


def _told(each: DocflowView, part: PartView, line: FeedLine) -> str:
    """The result at the time of the line: our own main document was not delivered yet."""
    on_its_way = part.id == each.document.entity_id and each.outgoing and line.patch_id is None
    return layout.IN_PROGRESS if on_its_way and each.document.sender_valid else part.result


def _add(root: object, each: Line) -> None:
    element = describe(root, each.docflow, at=each.at)
    document = add(
        add(element, "Documents"),
        "Document",
        {"ReglamentCode": regulation(each.docflow), "TransactionCode": each.part.transaction},
    )
    identify(add(document, "Definition"), each.part)
    add(document, "Status", state_of(each.part, each.result))


def _goes(each: DocflowView, direction: str | None) -> bool:
    if direction not in {None, layout.OUTGOING, layout.INGOING}:
        raise BadRequest("Параметр direction: Ingoing или Outgoing")
    return direction is None or each.outgoing == (direction == layout.OUTGOING)


def _time(value: str | None) -> int:
    if not value:
        raise BadRequest("Не указан параметр DATE")
    try:
        return ticks(moment(value))
    except BadAnswer as error:
        raise BadRequest("Параметр DATE не является временем") from error
