"""Saby's methods over the exchange, by name."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from operators.sandbox.exchange import rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.feed import FeedQuery
from operators.sandbox.exchange.model import FeedLine
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState
from operators.sandbox.saby import shelf, stages, view
from operators.sandbox.saby.rpc import Call, Json, maybe, part, text
from operators.sandbox.saby.words import NO, YES, find, organisation, ours, to_ticks

PAGE = 200
DEFAULT_PAGE = 25


def our_organisations(desk: Desk, call: Call) -> Json:
    """СБИС.СписокНашихОрганизаций."""
    part(call.params, "Фильтр")
    with desk.reading() as connection:
        found = desk.our_organisations(connection)
    return {"НашаОрганизация": [organisation(each) for each in found]}


def counterparty(desk: Desk, call: Call) -> Json:
    """СБИС.ИнформацияОКонтрагенте."""
    wanted = part(call.params, "Участник")
    with desk.reading() as connection:
        found = find(connection, wanted)
    if not found:
        raise Absent("Контрагент не найден")
    first = organisation(found[0])
    ids = [{"Идентификатор": each.participant_id, "СвЮЛ": {"ИНН": each.inn, "КПП": each.kpp or ""}} for each in found]
    return dict(first) | (
        {"Идентификаторы": ids} if "СписокИдентификаторов" in (maybe(wanted, "ДопПоля") or "") else {}
    )


def write_document(desk: Desk, call: Call) -> Json:
    """СБИС.ЗаписатьДокумент: writing again under the same id changes the draft; what was sent is not changed."""
    value = part(call.params, "Документ")
    with desk.writing() as ledger:
        wanted = maybe(value, "Идентификатор")
        if wanted is not None and view.find_sent(ledger.connection, wanted.lower()) is not None:
            raise WrongState("Документ уже отправлен, изменить его нельзя")
        written = shelf.draft(ledger.connection, shelf.write(ledger.connection, value, ledger.operator.code))
        if written is None:
            raise Absent("Документ не найден")
        return view.draft_document(ledger.connection, written, call.base)


def prepare_action(desk: Desk, call: Call) -> Json:
    """СБИС.ПодготовитьДействие."""
    step = stages.read_step(call.params)
    with desk.writing() as ledger:
        return stages.prepare(ledger.connection, step, call.base)


def execute_action(desk: Desk, call: Call) -> Json:
    """СБИС.ВыполнитьДействие."""
    document_id = stages.execute(desk, stages.read_step(call.params))
    return _read(desk, document_id, call.base)


def read_document(desk: Desk, call: Call) -> Json:
    """СБИС.ПрочитатьДокумент."""
    return _read(desk, text(part(call.params, "Документ"), "Идентификатор").lower(), call.base)


def service_stages(desk: Desk, call: Call) -> Json:
    """СБИС.СписокСлужебныхЭтапов."""
    wanted = part(call.params, "Фильтр")
    document_id = maybe(wanted, "ИдентификаторДокумента")
    with desk.reading() as connection:
        box = ours(connection, wanted, desk.operator.code).box
        query = "select id from message where to_box = ? and delivered_at is not null order by created_at, id"
        found = [view.seen_by(connection, box, row["id"]) for row in connection.execute(query, (box,)).fetchall()]
    lines = [
        {"Идентификатор": each.id, "Этап": view.service_stages(each)}
        for each in found
        if view.service_stages(each) and document_id in {None, each.id}
    ]
    return {"Документ": lines[:PAGE], "Навигация": {"ЕстьЕще": YES if len(lines) > PAGE else NO}}


def changes(desk: Desk, call: Call) -> Json:
    """СБИС.СписокИзменений: each event brings its document once more."""
    wanted = part(call.params, "Фильтр")
    cursor, since = maybe(wanted, "ИдентификаторСобытия"), maybe(wanted, "ДатаВремяС")
    if (cursor is None) == (since is None):
        raise BadRequest("Укажите либо ИдентификаторСобытия, либо ДатаВремяС")
    asked = maybe(part(wanted, "Навигация"), "РазмерСтраницы") if wanted.get("Навигация") else None
    size = int(asked) if asked is not None and asked.isdecimal() and len(asked) < 10 else 0 if asked else DEFAULT_PAGE
    if not 1 <= size <= PAGE:
        raise BadRequest(f"Размер страницы не указан или больше {PAGE}")
    with desk.reading() as connection:
        query = FeedQuery(
            box=ours(connection, wanted, desk.operator.code).box,
            after_event=cursor,
            time_from=None if since is None else to_ticks(since),
            limit=size,
        )
        lines, total = desk.feed(connection, query)
        more = total > len({line.id for line in lines})
        shown = [
            view.document(connection, view.seen_by(connection, query.box, line.message_id), call.base, events=[line])
            for line in lines
        ]
    return {"Документ": shown, "Навигация": {"РазмерСтраницы": str(size), "ЕстьЕще": YES if more else NO}}


def file(desk: Desk, document_id: str, file_id: str, signature: int | None) -> bytes:
    """The bytes behind a link; raises Absent."""
    with desk.reading() as connection:
        draft = shelf.draft(connection, document_id)
        if draft is not None and draft.file.id == file_id:
            return draft.file.content
        seen = view.find_sent(connection, document_id)
        if seen is None:
            raise Absent("Документ не найден")
        try:
            return shelf.brought(connection, document_id, file_id).content
        except Absent:
            return view.content(connection, seen, file_id, signature)


def _read(desk: Desk, document_id: str, base: str) -> Json:
    with desk.reading() as connection:
        draft = shelf.draft(connection, document_id)
        if draft is not None:
            return view.draft_document(connection, draft, base)
        seen = view.find_sent(connection, document_id)
        if seen is None:
            raise Absent(f"Документ {document_id} не найден")
        return view.document(connection, seen, base, events=_lines(connection, seen))


def _lines(connection: sqlite3.Connection, seen: view.Seen) -> list[FeedLine]:
    found = connection.execute(
        "select * from event where box = ? and message_id = ? order by seq", (seen.box, seen.message.id)
    ).fetchall()
    return [rows.feed_line(row) for row in found]


METHODS: Mapping[str, Callable[[Desk, Call], Any]] = {
    "СБИС.СписокНашихОрганизаций": our_organisations,
    "СБИС.ИнформацияОКонтрагенте": counterparty,
    "СБИС.ЗаписатьДокумент": write_document,
    "СБИС.ПодготовитьДействие": prepare_action,
    "СБИС.ВыполнитьДействие": execute_action,
    "СБИС.ПрочитатьДокумент": read_document,
    "СБИС.СписокСлужебныхЭтапов": service_stages,
    "СБИС.СписокИзменений": changes,
}
"""Method -> its handler."""
