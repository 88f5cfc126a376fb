"""Counterparties: the list, invitations with their tasks, breaks, the feed of what happened."""

import sqlite3
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from operators.sandbox.diadoc import organisations
from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import Call, answer, refuse
from operators.sandbox.diadoc.drafts import Reader, maybe
from operators.sandbox.exchange import invitations, relations, rows
from operators.sandbox.exchange.desk import Desk, box_key
from operators.sandbox.exchange.refusals import Absent, BadRequest
from operators.sandbox.exchange.standing import NewsQuery, Standing, read_news

PAGE = 100
COMMENT_LIMIT = 5000
TICKS_A_SECOND = 10_000_000


def router(desk: Desk, gate: Gate) -> APIRouter:
    """Give the routes of counterparties."""
    routes = APIRouter()
    _list_routes(routes, desk, gate)
    _news_routes(routes, desk, gate)
    _inviting_routes(routes, desk, gate)
    _leaving_routes(routes, desk, gate)
    return routes


def _list_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    home = desk.operator.code

    @routes.get("/v3/getcounteragents")
    def counteragents(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        standing = call.maybe("counteragentStatus")
        if standing is not None and standing not in set(Standing):
            raise BadRequest(f"Неизвестный статус контрагента: {standing}")
        after = call.maybe("afterIndexKey")
        if after is not None and desk.faults.takes_cursor():
            raise BadRequest("Неизвестный ключ списка контрагентов")
        with desk.reading() as connection:
            lines, total = relations.lines(
                connection,
                desk.own_box(connection, call.need("myBoxId")),
                standing=standing,
                after_key=after,
                text=call.maybe("query"),
                limit=_limit(call, "pageSize"),
            )
        return answer(organisations.counteragent_list(lines, total, home=home))

    @routes.get("/v3/getcounteragent")
    def counteragent(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            mine = desk.own_box(connection, call.need("myBoxId"))
            line = relations.line(connection, mine, box_key(call.need("counteragentBoxId")))
        return answer(organisations.counteragent(line, home=home))


def _news_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.get("/v1/getcounteragentevents")
    def counteragent_events(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        after = call.maybe("afterIndexKey")
        if after is not None and desk.faults.takes_cursor():
            raise BadRequest("Неизвестный ключ события контрагента")
        with desk.reading() as connection:
            query = NewsQuery(
                box=desk.own_box(connection, call.need("boxId")),
                after_key=after,
                time_from=call.number("timestampFromTicks"),
                time_to=call.number("timestampToTicks"),
                limit=_limit(call, "limit"),
            )
            news, total = read_news(connection, query, now=desk.now())
        if desk.faults.duplicate_events:
            news = [line for line in news for _ in range(2)]
        return answer(organisations.counteragent_events(news, total))


def _inviting_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    reader = Reader(shelf=desk.shelf, test_signer=desk.notary.sign)

    @routes.post("/v3/acquirecounteragent")
    def acquire(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        body = call.json()
        file = reader.invitation(body)
        with desk.writing() as ledger:
            task = invitations.invite(
                ledger,
                desk.own_box(ledger.connection, call.need("myBoxId")),
                other=_invited(ledger.connection, body.get("BoxId"), body.get("OrgId")),
                inn=maybe(body, "Inn"),
                text=maybe(body, "MessageToCounteragent"),
                file=file,
            )
        return answer({"TaskId": task})

    @routes.get("/v2/acquirecounteragentresult")
    def acquire_result(call: Annotated[Call, Depends(gate.admit)], request: Request) -> Response:
        with desk.reading() as connection:
            task = invitations.task_of(connection, None, call.need("taskId"))
        if task.done_at is None:
            left = max(1, -((desk.now() - task.ready_at) // TICKS_A_SECOND))
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Retry-After": str(left)})
        if task.failure is not None:
            return refuse(request, HTTPStatus.CONFLICT, task.failure)
        value = {"BoxId": organisations.box_id(task.other)}
        if task.message_id is None:
            return answer(value)
        return answer({**value, "InvitationDocumentId": {"MessageId": task.message_id, "EntityId": task.entity_id}})


def _leaving_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.post("/v2/breakwithcounteragent")
    def break_with(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        comment = call.maybe("comment")
        if comment is not None and len(comment) > COMMENT_LIMIT:
            raise BadRequest(f"Комментарий длиннее {COMMENT_LIMIT} символов")
        with desk.writing() as ledger:
            box = desk.own_box(ledger.connection, call.need("myBoxId"))
            other = box_key(call.need("counteragentBoxId"))
            relations.leave(ledger, box, other, text=comment)
        return Response(status_code=HTTPStatus.OK)


def _limit(call: Call, name: str) -> int:
    given = call.number(name)
    limit = PAGE if given is None else given
    if not 1 <= limit <= PAGE:
        raise BadRequest(f"{name}: от 1 до {PAGE}")
    return limit


def _invited(connection: sqlite3.Connection, box: object, org_id: object) -> str | None:
    if isinstance(box, str) and box:
        return box_key(box)
    if isinstance(org_id, str) and org_id:
        found = [each.box for each in rows.organisations(connection) if each.org_id == org_id.lower()]
        if not found:
            raise Absent("Организация не найдена")
        return found[0]
    return None
