"""The sandbox of Taxcom as a FastAPI application."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from operators.port import Clock
from operators.sandbox import admin
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoAccess, NotYet, Refusal, WrongState
from operators.sandbox.exchange.state import State
from operators.sandbox.faults import Faults
from operators.sandbox.misbehaviour import Misbehaviour
from operators.sandbox.ports import Notary, Papers, SandboxOperator, SandboxOrganization
from operators.sandbox.taxcom import cards, contacts, lists, posting, view
from operators.sandbox.taxcom.access import Gate, Sealer, Unauthorized

DEFAULT_OPERATOR = SandboxOperator()
XML, ZIP = "text/xml; charset=utf-8", "application/zip"
PREFIXES = ("/v1.3/api", "/v1.3/API")
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (BadRequest, 400),
    (NoAccess, 403),
    (Absent, 404),
    (NotYet, 204),
    (WrongState, 409),
)


def create_taxcom_app(  # noqa: PLR0913 - all that a sandbox is given from outside
    *,
    state: Path,
    organizations: Iterable[SandboxOrganization],
    notary: Notary,
    papers: Papers,
    clock: Clock,
    faults: Faults | None = None,
    operator: SandboxOperator = DEFAULT_OPERATOR,
    acquainted: bool = True,
    sealer: Sealer | None = None,
) -> FastAPI:
    """Build the sandbox over the SQLite file `state`; see `operators.sandbox.diadoc.app.create_app`.

    Log-in: a participant id with the password demo, any Integrator-Id that begins with COMPANY_; by certificate when a
    `sealer` is given. Documents go to counterparties only. A repeated ExternalIdentifier is a new document: whether the
    operator refuses it is not known, and this is the worse case.
    """
    knobs = faults if faults is not None else Faults()
    desk = Desk(state=State(state), notary=notary, papers=papers, operator=operator, clock=clock, faults=knobs)
    desk.declare(organizations, acquainted=acquainted)
    with desk.state.writing() as connection:
        cards.prepare_tables(connection)
        contacts.prepare_tables(connection)
    gate = Gate(desk, sealer)
    app = FastAPI(title="Taxcom sandbox", openapi_url=None, docs_url=None, redoc_url=None)
    for prefix in PREFIXES:
        app.include_router(_log_ins(gate), prefix=prefix)
        app.include_router(_contacts(desk, gate), prefix=prefix)
        app.include_router(_documents(desk, gate), prefix=prefix)
    app.include_router(admin.router(desk))
    _refusals(app)
    app.add_middleware(Misbehaviour, faults=knobs)
    return app


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]


def _log_ins(gate: Gate) -> APIRouter:
    routes = APIRouter()

    @routes.post("/Login")
    def log_in(request: Request, body: Body) -> Response:
        return Response(gate.by_password(_integrator(request), body))

    @routes.get("/Login")
    def log_in_by_query(request: Request, login: str, password: str) -> Response:
        return Response(gate.by_query(_integrator(request), login, password))

    @routes.post("/CertificateLogin")
    def log_in_by_certificate(request: Request, body: Body) -> Response:
        return Response(gate.by_certificate(_integrator(request), body))

    return routes


def _contacts(desk: Desk, gate: Gate) -> APIRouter:
    routes = APIRouter()

    def box(request: Request) -> str:
        return gate.admit(request)

    @routes.post("/SendContacts")
    def send_contacts(mine: Annotated[str, Depends(box)], body: Body) -> Response:
        contacts.send(desk, mine, body)
        return Response()

    @routes.get("/AcceptContact")
    def accept_contact(mine: Annotated[str, Depends(box)], id: str) -> Response:  # noqa: A002 - the wire's
        contacts.accept(desk, mine, id)
        return Response()

    @routes.get("/RejectContact")
    def reject_contact(mine: Annotated[str, Depends(box)], id: str, comment: str | None = None) -> Response:  # noqa: A002 - the wire's
        contacts.reject(desk, mine, id, comment)
        return Response()

    @routes.get("/GetContacts")
    def get_contacts(mine: Annotated[str, Depends(box)]) -> Response:
        return Response(contacts.contact_list(desk, mine), media_type=XML)

    @routes.get("/GetContactListUpdates")
    def get_updates(mine: Annotated[str, Depends(box)], date: str = "", status: str | None = None) -> Response:
        return Response(contacts.updates(desk, mine, date=date, status=status), media_type=XML)

    @routes.post("/CheckContragent", dependencies=[Depends(box)])
    def check_contragent(body: Body) -> Response:
        return Response(contacts.check(desk, body), media_type=XML)

    return routes


def _documents(desk: Desk, gate: Gate) -> APIRouter:
    routes = APIRouter()

    def box(request: Request) -> str:
        return gate.admit(request)

    @routes.post("/SendMessage")
    @routes.post("/SendMessage/{container_name}")
    def send_message(mine: Annotated[str, Depends(box)], body: Body) -> Response:
        posting.send(desk, mine, body)
        return Response()

    @routes.get("/GetMessageList")
    def get_message_list(mine: Annotated[str, Depends(box)], DATE: str = "", direction: str | None = None) -> Response:  # noqa: N803 - the wire's
        return Response(lists.message_list(desk, mine, date=DATE, direction=direction), media_type=XML)

    @routes.get("/GetList")
    def get_list(
        mine: Annotated[str, Depends(box)], date: str = "", direction: str | None = None, status: str | None = None
    ) -> Response:
        content = lists.docflow_list(desk, mine, date=date, direction=direction, status=status)
        return Response(content, media_type=XML)

    @routes.get("/GetMessage")
    def get_message(mine: Annotated[str, Depends(box)], ID: str = "") -> Response:  # noqa: N803 - the wire's
        with desk.reading() as connection:
            return Response(view.container(view.docflow(connection, mine, ID)), media_type=ZIP)

    return routes


def _integrator(request: Request) -> str:
    return request.headers.get("integrator-id", "")


def _refusals(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    def refusal(_: Request, error: Refusal) -> Response:
        status = next(code for kind, code in STATUSES if isinstance(error, kind))
        if status == 204:
            return Response(status_code=status, headers={"Retry-After": "1"})
        return PlainTextResponse(str(error), status_code=status)

    @app.exception_handler(Unauthorized)
    def unauthorized(_: Request, error: Unauthorized) -> Response:
        return PlainTextResponse(str(error), status_code=401)
