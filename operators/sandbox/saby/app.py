"""The sandbox of Saby as a FastAPI application."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from operators.port import Clock
from operators.sandbox import admin
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.refusals import Refusal
from operators.sandbox.exchange.state import State
from operators.sandbox.faults import Faults
from operators.sandbox.misbehaviour import Misbehaviour
from operators.sandbox.ports import Notary, Papers, SandboxOperator, SandboxOrganization
from operators.sandbox.saby import methods, shelf
from operators.sandbox.saby.access import Gate
from operators.sandbox.saby.rpc import (
    BUSINESS,
    NO_METHOD,
    Call,
    RpcError,
    Unauthorized,
    answer,
    read_call,
    refuse,
    unauthorized,
)

DEFAULT_OPERATOR = SandboxOperator()
Method = Callable[[Desk, Call], Any]
METHODS: Mapping[str, Method] = methods.METHODS


def create_saby_app(
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
    """Build the sandbox over the SQLite file `state`; see `operators.sandbox.diadoc.app.create_app`.

    Log-ins: demo/demo, and demo-sms/demo with a code by SMS that `/_sandbox/sms` shows. Who is not `acquainted` gets
    an implicit invitation with the first document; `/_sandbox/cabinet/accept?box=&other=` accepts it. In rules of
    `Faults` a `path` is a part of a method's name.
    """
    knobs = faults if faults is not None else Faults()
    desk = Desk(state=State(state), notary=notary, papers=papers, operator=operator, clock=clock, faults=knobs)
    desk.declare(organizations, acquainted=acquainted)
    with desk.state.writing() as connection:
        shelf.prepare_tables(connection)
    gate = Gate(desk)
    app = FastAPI(title="Saby sandbox", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_router(desk, gate))
    app.include_router(admin.router(desk))
    _refusals(app)
    app.add_middleware(Misbehaviour, faults=knobs, by_method=True)
    return app


def _router(desk: Desk, gate: Gate) -> APIRouter:
    routes = APIRouter()

    @routes.post("/auth/service/")
    def log_in(call: Annotated[Call, Depends(read_call)]) -> Response:
        return answer(gate.answer(call))

    @routes.post("/service/")
    def service(call: Annotated[Call, Depends(read_call)]) -> Response:
        gate.admit(call)
        method = METHODS.get(call.method)
        if method is None:
            raise RpcError(NO_METHOD, f"Метод {call.method} не найден", status=404)
        return answer(method(desk, call))

    @routes.get("/disk/{document_id}/{file_id}")
    def file(document_id: str, file_id: str, signature: int | None = None) -> Response:
        content = methods.file(desk, document_id, file_id, signature)
        return Response(content, media_type="application/octet-stream")

    @routes.get("/_sandbox/sms")
    def sms() -> Response:
        return answer({"Код": gate.last_code()})

    return routes


def _refusals(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    def refusal(_: Request, error: Refusal) -> Response:
        return refuse(RpcError(BUSINESS, str(error)))

    @app.exception_handler(RpcError)
    def rpc_error(_: Request, error: RpcError) -> Response:
        return refuse(error)

    @app.exception_handler(Unauthorized)
    def no_session(_: Request, __: Unauthorized) -> Response:
        return unauthorized()

    @app.exception_handler(HTTPException)
    def other(_: Request, error: HTTPException) -> Response:
        return refuse(RpcError(NO_METHOD, str(error.detail), status=error.status_code))
