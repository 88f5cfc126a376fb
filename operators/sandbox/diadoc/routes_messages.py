"""Posting, reading, the feed, the shelf."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from operators.sandbox.diadoc import messages
from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import JSON, Call, answer, to_text
from operators.sandbox.diadoc.drafts import Reader
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.desk import Desk, body_digest, box_key
from operators.sandbox.exchange.feed import FeedQuery
from operators.sandbox.exchange.messages import visible_message
from operators.sandbox.exchange.model import Entity, Message
from operators.sandbox.exchange.refusals import Absent, BadRequest

PAGE = 100
SHELF_PREFIX = "__userid__/"


def router(desk: Desk, gate: Gate) -> APIRouter:
    """Give the routes of messages."""
    routes = APIRouter()
    _writing_routes(routes, desk, gate)
    _feed_routes(routes, desk, gate)
    _reading_routes(routes, desk, gate)
    return routes


def _writing_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    reader = Reader(shelf=desk.shelf, test_signer=desk.notary.sign)

    @routes.post("/v3/postmessage")
    def post_message(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        draft = reader.message(call.json())
        _check_box(desk, draft.from_box)

        def render(connection: sqlite3.Connection, message_id: str) -> str:
            stored = rows.message(connection, message_id)
            return to_text(messages.message(connection, stored, box=draft.from_box))

        return Response(desk.post_message(draft, operation=_operation(call), render=render), media_type=JSON)

    @routes.post("/v4/postmessagepatch")
    def post_message_patch(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        draft = reader.patch(call.json())
        _check_box(desk, draft.box)

        def render(connection: sqlite3.Connection, patch_id: str) -> str:
            return to_text(messages.posted_patch(connection, patch_id, box=draft.box))

        return Response(desk.post_patch(draft, operation=_operation(call), render=render), media_type=JSON)

    @routes.post("/shelfupload")
    def shelf_upload(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        name = call.need("nameOnShelf")
        if not name.lower().startswith(SHELF_PREFIX):
            raise BadRequest("Имя файла на полке начинается с __userId__/")
        desk.store_part(name, call.number("partIndex") or 0, call.body)
        return Response(status_code=200)


def _feed_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.get("/v7/getnewevents")
    @routes.get("/v8/getnewevents")
    def new_events(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        order = (call.maybe("orderBy") or "Ascending").lower()
        limit = call.number("limit") or PAGE
        if not 1 <= limit <= PAGE or order not in {"ascending", "descending"}:
            raise BadRequest("limit: от 1 до 100; orderBy: Ascending или Descending")
        if call.maybe("afterIndexKey") and call.maybe("afterEventId"):
            raise BadRequest("afterIndexKey и afterEventId не передают вместе")
        if (call.maybe("messageType") or "Letter").lower() != "letter":
            raise BadRequest("Черновики и шаблоны песочница не поддерживает")
        counteragent = call.maybe("counteragentBoxId")
        with desk.reading() as connection:
            query = FeedQuery(
                box=desk.own_box(connection, call.need("boxId")),
                after_key=call.maybe("afterIndexKey"),
                after_event=call.maybe("afterEventId"),
                time_from=call.number("timestampFromTicks"),
                time_to=call.number("timestampToTicks"),
                counteragent=None if counteragent is None else box_key(counteragent),
                descending=order == "descending",
                limit=limit,
            )
            lines, total = desk.feed(connection, query)
            return answer(messages.event_list(connection, lines, total, box=query.box))


def _reading_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.get("/v6/getmessage")
    def get_message(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            box, stored = _message(desk, connection, call)
            entity_id = call.maybe("entityId")
            only = None if entity_id is None else {entity_id.lower()}
            inject = (call.maybe("injectEntityContent") or "").lower() == "true"
            return answer(messages.message(connection, stored, box=box, only=only, inject=inject))

    @routes.get("/v4/getentitycontent")
    def entity_content(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            box, stored = _message(desk, connection, call)
            content = _entity(connection, call, stored, box).content
        return Response(content, media_type="application/octet-stream")

    @routes.get("/v3/getdocument")
    def get_document(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            box, stored = _message(desk, connection, call)
            entity = _entity(connection, call, stored, box)
            found = rows.document(connection, entity.id)
            if found is None:
                raise Absent(f"Сущность {entity.id} не является документом")
            return answer(messages.document_info(connection, stored, found, box=box))


def _message(desk: Desk, connection: sqlite3.Connection, call: Call) -> tuple[str, Message]:
    box = desk.own_box(connection, call.need("boxId"))
    return box, visible_message(connection, box, call.need("messageId").lower())


def _entity(connection: sqlite3.Connection, call: Call, stored: Message, box: str) -> Entity:
    entity = rows.entity(connection, stored.id, call.need("entityId").lower())
    if not (entity.seen_by_sender if box == stored.from_box else entity.seen_by_recipient):
        raise Absent(f"Сущность {entity.id} в ящике не найдена")
    return entity


def _check_box(desk: Desk, box: str) -> None:
    with desk.reading() as connection:
        desk.own_box(connection, box)


def _operation(call: Call) -> str:
    return call.maybe("operationId") or body_digest(call.body)
