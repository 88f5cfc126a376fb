"""The sandbox's own addresses, for tests and people who play: health, counts, faults. No log-in: loopback only."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from operators.sandbox.exchange import invitations, relations
from operators.sandbox.exchange.desk import Desk, own_box
from operators.sandbox.faults import Fault, FaultRule, Roaming

SWITCHES = ("deduplicate", "duplicate_events", "reorder_events", "unknown_entities", "lose_cursors", "roaming")
DELAYS = ("delay_events", "delay_delivery", "delay_roaming", "delay_invitations", "delay_shelf")


class RuleToSet(BaseModel):
    """A fault for the next requests."""

    model_config = ConfigDict(extra="forbid")

    fault: Fault
    path: str = "postmessage"
    times: int = 1
    retry_after: int = 1


class FaultsToSet(BaseModel):
    """Knobs to turn; what is absent stays. `clear` forgets the waiting rules first; delays in seconds."""

    model_config = ConfigDict(extra="forbid")

    clear: bool = False
    rules: list[RuleToSet] = []
    deduplicate: bool | None = None
    duplicate_events: bool | None = None
    reorder_events: bool | None = None
    unknown_entities: bool | None = None
    lose_cursors: int | None = None
    roaming: Roaming | None = None
    delay_events: float | None = None
    delay_delivery: float | None = None
    delay_roaming: float | None = None
    delay_invitations: float | None = None
    delay_shelf: float | None = None


def router(desk: Desk) -> APIRouter:
    """Give the routes under `/_sandbox`."""
    routes = APIRouter(prefix="/_sandbox")

    @routes.get("/health")
    def health() -> Response:
        with desk.reading():
            return JSONResponse({"status": "ok"})

    @routes.get("/counts")
    def counts() -> Response:
        return JSONResponse(desk.counts())

    @routes.get("/faults")
    def faults() -> Response:
        return JSONResponse(_present(desk))

    @routes.post("/faults")
    async def set_faults(request: Request) -> Response:
        try:
            wanted = FaultsToSet.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"description": str(error)}, status_code=400)
        _turn(desk, wanted)
        return JSONResponse(_present(desk))

    _cabinet(routes, desk)
    return routes


def _cabinet(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/cabinet/accept")
    def accept(box: str, other: str) -> Response:
        """Play the operator's cabinet: `box` accepts the invitation of `other`, and what waited for it is delivered."""
        with desk.writing() as ledger:
            mine, theirs = own_box(ledger.connection, box), own_box(ledger.connection, other)
            invitations.invite(ledger, mine, other=theirs, inn=None, text=None)
        return JSONResponse({"status": "ok"})

    @routes.post("/cabinet/reject")
    def reject(box: str, other: str, text: str | None = None) -> Response:
        """Play the operator's cabinet: `box` rejects the invitation of `other`, or breaks with it."""
        with desk.writing() as ledger:
            mine, theirs = own_box(ledger.connection, box), own_box(ledger.connection, other)
            relations.leave(ledger, mine, theirs, text=text)
        return JSONResponse({"status": "ok"})


def _turn(desk: Desk, wanted: FaultsToSet) -> None:
    knobs = desk.faults
    if wanted.clear:
        knobs.clear()
    knobs.add(*(FaultRule(**rule.model_dump()) for rule in wanted.rules))
    for name in SWITCHES:
        value = getattr(wanted, name)
        if value is not None:
            setattr(knobs, name, value)
    for name in DELAYS:
        seconds = getattr(wanted, name)
        if seconds is not None:
            setattr(knobs, name, timedelta(seconds=seconds))


def _present(desk: Desk) -> dict[str, Any]:
    knobs = desk.faults
    return {
        "rules": [
            {"fault": rule.fault, "path": rule.path, "times": rule.times, "retry_after": rule.retry_after}
            for rule in knobs.pending()
        ],
        **{name: getattr(knobs, name) for name in SWITCHES},
        **{name: getattr(knobs, name).total_seconds() for name in DELAYS},
    }
