"""«Передать ещё раз»: another try of a hand-over that gave up."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving.use_cases.give_up import retry_hand_over
from edo_service.errors import Conflict
from edo_service.kernel.actor import Right
from edo_service.portal import Portal
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier


@dataclass(frozen=True)
class RetryPages:
    """`/o/{org}/documents/{id}/archive-retry`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The route."""
        found = APIRouter()
        found.add_api_route("/o/{org}/documents/{document}/archive-retry", self.retry, methods=["POST"])
        return found

    def retry(self, request: Request, org: str, document: str) -> Response:
        """Promise the hand-over anew; one that is under way again already is shown as it is."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.SEND)
        found = identifier(document)
        said = "archive_retried"
        try:
            retry_hand_over(found, actor=viewer.actor, uow=viewer.uow())
        except Conflict:
            said = "changed"
        return see_other(viewer.url(f"/documents/{found}"), said=said)
