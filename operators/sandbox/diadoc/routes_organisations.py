"""Organisations, boxes, counterparties."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from operators.sandbox.diadoc import organisations
from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import Call, answer
from operators.sandbox.exchange import relations, rows
from operators.sandbox.exchange.desk import Desk, box_key, own_box
from operators.sandbox.exchange.refusals import Absent, BadRequest
from operators.sandbox.exchange.rows import Organisation

PAGE = 100


def router(desk: Desk, gate: Gate) -> APIRouter:
    """Give the routes of organisations and of counterparties."""
    routes = APIRouter()
    _organisation_routes(routes, desk, gate)
    _counteragent_routes(routes, desk, gate)
    _invitation_routes(routes, desk, gate)
    return routes


def _organisation_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.get("/getmyorganizations")
    def my_organizations(_: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            return answer(organisations.organization_list(rows.organisations(connection)))

    @routes.get("/getorganizationsbyinnkpp")
    def organizations_by_inn_kpp(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        inn, kpp = call.need("inn"), call.maybe("kpp")
        with desk.reading() as connection:
            found = [each for each in rows.organisations(connection) if each.inn == inn and kpp in {None, each.kpp}]
        return answer(organisations.organization_list(found))

    @routes.get("/getorganization")
    def organization(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            return answer(organisations.organization(_organisation(connection, call)))

    @routes.get("/getbox")
    def box(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            return answer(organisations.box(rows.organisation(connection, box_key(call.need("boxId")))))


def _counteragent_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.get("/v3/getcounteragents")
    def counteragents(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        limit = call.number("pageSize") or PAGE
        if not 1 <= limit <= PAGE:
            raise BadRequest(f"pageSize: от 1 до {PAGE}")
        standing = call.maybe("counteragentStatus")
        if standing is not None and standing not in set(relations.Standing):
            raise BadRequest(f"Неизвестный статус контрагента: {standing}")
        with desk.reading() as connection:
            lines, total = relations.lines(
                connection,
                own_box(connection, call.need("myBoxId")),
                standing=standing,
                after_key=call.maybe("afterIndexKey"),
                text=call.maybe("query"),
                limit=limit,
            )
        return answer(organisations.counteragent_list(lines, total))

    @routes.get("/v3/getcounteragent")
    def counteragent(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            mine = own_box(connection, call.need("myBoxId"))
            line = relations.line(connection, mine, box_key(call.need("counteragentBoxId")))
        return answer(organisations.counteragent(line))


def _invitation_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.post("/v3/acquirecounteragent")
    def acquire(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        body = call.json()
        if body.get("InvitationDocument"):
            raise BadRequest("Приглашение с документом песочница не поддерживает")
        with desk.writing() as ledger:
            box = own_box(ledger.connection, call.need("myBoxId"))
            task = relations.invite(
                ledger.connection,
                box,
                other=_invited(ledger.connection, body.get("BoxId"), body.get("OrgId")),
                inn=body.get("Inn"),
                text=body.get("MessageToCounteragent"),
                now=ledger.at,
            )
        return answer({"TaskId": task})

    @routes.get("/v2/acquirecounteragentresult")
    def acquire_result(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            box = relations.invitation_result(connection, call.need("taskId"))
        return answer({"BoxId": organisations.box_id(box)})

    @routes.post("/v2/breakwithcounteragent")
    def break_with(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        comment = call.maybe("comment")
        if comment is not None and len(comment) > 5000:
            raise BadRequest("Комментарий длиннее 5000 символов")
        with desk.writing() as ledger:
            box = own_box(ledger.connection, call.need("myBoxId"))
            other = box_key(call.need("counteragentBoxId"))
            relations.leave(ledger.connection, box, other, text=comment, now=ledger.at)
        return Response(status_code=200)


def _organisation(connection: sqlite3.Connection, call: Call) -> Organisation:
    wanted_box = call.maybe("boxId")
    if wanted_box is not None:
        return rows.organisation(connection, box_key(wanted_box))
    org_id, participant, inn = call.maybe("orgId"), call.maybe("fnsParticipantId"), call.maybe("inn")
    if not (org_id or participant or inn):
        raise BadRequest("Укажите orgId, boxId, fnsParticipantId или inn")
    for each in rows.organisations(connection):
        if org_id is not None and each.org_id != org_id.lower():
            continue
        if participant is not None and each.participant_id != participant:
            continue
        if inn is not None and (each.inn != inn or call.maybe("kpp") not in {None, each.kpp}):
            continue
        return each
    raise Absent("Организация не найдена")


def _invited(connection: sqlite3.Connection, box: object, org_id: object) -> str | None:
    if isinstance(box, str) and box:
        return box_key(box)
    if isinstance(org_id, str) and org_id:
        found = [each.box for each in rows.organisations(connection) if each.org_id == org_id.lower()]
        if not found:
            raise Absent("Организация не найдена")
        return found[0]
    return None
