"""`POST /api/v1/o/{org}/documents/{document}/repeat`: an answer that the operator refused and that is held goes out again."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.exchange.use_cases.repeat import repeat_answer
from edo_service.kernel.actor import Right
from edo_service.portal.api import KEY_PARAMETER, Door, Raw, Shown
from edo_service.portal.forms import identifier


class Repeated(Shown):
    """The document whose answer goes out again; its lives tell how it goes."""

    id: UUID


@dataclass(frozen=True)
class ExchangeApi:
    """What programs may do with the exchange beyond documents."""

    door: Door

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(prefix="/api/v1/o/{org}", tags=["documents"])
        found.add_api_route(
            "/documents/{document}/repeat",
            self.repeat,
            methods=["POST"],
            response_model=Repeated,
            status_code=202,
            openapi_extra=dict(KEY_PARAMETER),
        )
        return found

    def repeat(self, request: Request, org: str, document: str, body: Raw) -> Response:
        """Send an answer again that the operator refused and that is held: as it is signed, nobody signs anew."""
        viewer, found = self.door.portal.viewer(request, org), identifier(document)
        viewer.actor.require(Right.READ)

        def act() -> Repeated:
            repeat_answer(found, actor=viewer.actor, uow=viewer.uow())
            return Repeated(id=found)

        return self.door.once(request, viewer, body, act, status=202)
