"""Deleting drafts: a page that asks, for one from its card, for several from the list, and the act itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import discarding
from edo_service.documents.discarding import Unwanted
from edo_service.documents.use_cases.discard import discard_draft
from edo_service.documents.views_discarding import DiscardPage, UnwantedRow
from edo_service.errors import Conflict, NotFound
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier, words
from edo_service.web import views

MOST = 100
DRAFTS = "/documents?folder=drafts"


@dataclass(frozen=True)
class DiscardPages:
    """`/o/{org}/documents/{id}/discard` and, for several, `/o/{org}/documents/discard`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/documents/discard", self.discard_several, methods=["POST"])
        found.add_api_route("/o/{org}/documents/{document}/discard", self.ask, methods=["GET"])
        found.add_api_route("/o/{org}/documents/{document}/discard", self.discard, methods=["POST"])
        return found

    def ask(self, request: Request, org: str, document: str) -> Response:
        """What goes with the draft, or why it stays. NotFound for what is none of the company's documents."""
        viewer, asked = self._viewer(request, org), identifier(document)
        found = discarding.unwanted([asked], uow=viewer.uow().reading())
        if not found:
            raise NotFound("document.document_absent", id=document)
        back = views.Link(label=found[0].title, url=viewer.url(f"/documents/{asked}"))
        return self._page(request, viewer, found, back=back, action=viewer.url(f"/documents/{asked}/discard"))

    def discard(self, request: Request, org: str, document: str) -> Response:
        """Delete the draft, however often the button is pressed; what speaks against it is said on the page that asks."""
        viewer, asked = self._viewer(request, org), identifier(document)
        try:
            done = discard_draft(asked, actor=viewer.actor, uow=viewer.uow())
        except Conflict:
            return see_other(viewer.url(f"/documents/{asked}/discard"))
        return see_other(viewer.url(DRAFTS), said="discarded" if done else "already")

    def discard_several(
        self,
        request: Request,
        org: str,
        chosen: Annotated[Sequence[str], Form(alias="id")] = (),
        confirmed: Annotated[str, Form()] = "",
    ) -> Response:
        """Ask about the chosen drafts; once that is confirmed, delete them one by one."""
        viewer = self._viewer(request, org)
        wanted = list(dict.fromkeys(identifier(one) for one in chosen[:MOST]))
        if confirmed:
            return see_other(viewer.url(DRAFTS), said=_discard(viewer, wanted))
        found = discarding.unwanted(wanted, uow=viewer.uow().reading())
        if not found:
            return see_other(viewer.url(DRAFTS))
        back = views.Link(label="Черновики", url=viewer.url(DRAFTS))
        return self._page(request, viewer, found, back=back, action=viewer.url("/documents/discard"))

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.UPLOAD)
        return viewer

    def _page(
        self, request: Request, viewer: Viewer, found: Sequence[Unwanted], *, back: views.Link, action: str
    ) -> Response:
        rows = [_row(one, viewer) for one in found]
        view = DiscardPage(
            back=back,
            rows=tuple(one for one in rows if not one.obstacle),
            kept=tuple(one for one in rows if one.obstacle),
            action=action,
        )
        return self.portal.show(request, "documents/discard.html", view, viewer=viewer, section="documents")


def _discard(viewer: Viewer, wanted: Sequence[UUID]) -> str:
    """Each draft by itself: one that somebody sends just now keeps no other. Returns the word that is said."""
    done = stayed = 0
    for one in wanted:
        try:
            done += discard_draft(one, actor=viewer.actor, uow=viewer.uow())
        except (Conflict, NotFound):
            stayed += 1
    if stayed:
        return "some_discarded" if done else "none_discarded"
    return "already" if not done else "discarded" if done == 1 else "all_discarded"


def _row(one: Unwanted, viewer: Viewer) -> UnwantedRow:
    named = ", ".join(one.corrects)
    return UnwantedRow(
        id=str(one.id),
        title=one.title,
        url=viewer.url(f"/documents/{one.id}"),
        counterparty=one.counterparty_name,
        note=f"Составлен к: {named}. Там ничего не изменится" if named else "",
        obstacle=words(one.obstacle) if one.obstacle else "",
    )
