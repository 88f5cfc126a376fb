"""Organisations and boxes."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from operators.sandbox.diadoc import organisations
from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import Call, answer
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.desk import Desk, box_key
from operators.sandbox.exchange.refusals import Absent, BadRequest
from operators.sandbox.exchange.rows import Organisation


def router(desk: Desk, gate: Gate) -> APIRouter:
    """Give the routes of organisations."""
    routes = APIRouter()
    _organisation_routes(routes, desk, gate)
    return routes


def _organisation_routes(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    home = desk.operator.code

    @routes.get("/getmyorganizations")
    def my_organizations(_: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            return answer(organisations.organization_list(desk.our_organisations(connection), home=home))

    @routes.get("/getorganizationsbyinnkpp")
    def organizations_by_inn_kpp(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        inn, kpp = call.need("inn"), call.maybe("kpp")
        with desk.reading() as connection:
            found = [each for each in rows.organisations(connection) if each.inn == inn and kpp in {None, each.kpp}]
        return answer(organisations.organization_list(found, home=home))

    @routes.get("/getorganization")
    def organization(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            return answer(organisations.organization(_organisation(connection, call), home=home))

    @routes.get("/getbox")
    def box(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        with desk.reading() as connection:
            return answer(organisations.box(rows.organisation(connection, box_key(call.need("boxId"))), home=home))


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
