"""The sandbox of Diadoc as a FastAPI application."""

from collections.abc import Iterable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from operators.port import Clock
from operators.sandbox import admin
from operators.sandbox.diadoc import routes_generators, routes_messages, routes_organisations, routes_relations
from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import STATUS, Unauthorized, refuse
from operators.sandbox.diadoc.middleware import CaseInsensitivePaths, TraceIds
from operators.sandbox.diadoc.protobuf import Protobuf
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.refusals import Refusal, WrongState
from operators.sandbox.exchange.state import State
from operators.sandbox.faults import Faults
from operators.sandbox.misbehaviour import Misbehaviour
from operators.sandbox.ports import Notary, Papers, SandboxOperator, SandboxOrganization

DEFAULT_OPERATOR = SandboxOperator()


def create_app(
    *,
    state: Path,
    organizations: Iterable[SandboxOrganization],
    notary: Notary,
    papers: Papers,
    clock: Clock,
    faults: Faults | None = None,
    operator: SandboxOperator = DEFAULT_OPERATOR,
    acquainted: bool = True,
) -> FastAPI:
    """Build the sandbox over the SQLite file `state`, which survives restarts and may be served by several processes.

    `organizations` become known (again); `acquainted`: they are each other's counterparties from the start. The
    log-in is demo/demo with any client id, or by OIDC (`/connect/token`) the refresh token `demo-refresh`. Addresses of
    the sandbox itself: `/_sandbox/health`, `/_sandbox/counts`, `/_sandbox/faults`. Several operators' sandboxes over one
    `state` make roaming: each serves the organisations that are declared to it (or name it as their operator).
    """
    knobs = faults if faults is not None else Faults()
    desk = Desk(state=State(state), notary=notary, papers=papers, operator=operator, clock=clock, faults=knobs)
    desk.declare(organizations, acquainted=acquainted)
    gate = Gate(desk)
    app = FastAPI(title="Diadoc sandbox", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(gate.router())
    app.include_router(routes_organisations.router(desk, gate))
    app.include_router(routes_relations.router(desk, gate))
    app.include_router(routes_messages.router(desk, gate))
    app.include_router(routes_generators.router(desk, gate))
    app.include_router(admin.router(desk))
    _refusals(app)
    app.add_middleware(Protobuf)
    app.add_middleware(Misbehaviour, faults=knobs)
    app.add_middleware(TraceIds)
    app.add_middleware(CaseInsensitivePaths)
    return app


def _refusals(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    def refusal(request: Request, error: Refusal) -> Response:
        code = "DocumentService.InvalidDocumentState" if type(error) is WrongState else None
        return refuse(request, STATUS[type(error)], str(error), error_code=code)

    @app.exception_handler(Unauthorized)
    def unauthorized(request: Request, error: Unauthorized) -> Response:
        return refuse(request, 401, str(error))

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        return refuse(
            request, error.status_code, "Нет такого метода" if error.status_code == 404 else str(error.detail)
        )
