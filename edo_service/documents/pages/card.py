"""A document's card, and the sender's buttons that belong to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import queries
from edo_service.documents.pages import presenting, words
from edo_service.documents.pages.panel import signing_panel
from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.pages.printed import preview
from edo_service.documents.queries import Card
from edo_service.documents.use_cases.clear_doubt import clear_doubt
from edo_service.documents.use_cases.send import send_document, take_back
from edo_service.documents.views import CardPage, Placement, Preview
from edo_service.errors import Conflict
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.web import views

#: Conflicts that are no error to a person: the state is shown with a word of `portal.desk.SAID`.
SHOWN_CONFLICTS: Mapping[str, str] = {
    "status.not_allowed": "already",
    "document.already_signed": "already",
    "document.not_in_doubt": "already",
    "document.nothing_to_sign": "already",
    "status.changed_meanwhile": "changed",
    "document.changed_meanwhile": "changed",
    "database.changed_meanwhile": "changed",
}


#: How often a card is read at most until its document rests.
READINGS = 3
ROUTES: Mapping[str, str] = {"operator": "Через оператора ЭДО", "direct": "Напрямую, без оператора"}


@dataclass(frozen=True)
class CardPages:
    """`/o/{org}/documents/{id}`, `…/send`, `…/take-back`, `…/clear-doubt`."""

    portal: Portal
    ports: DocumentPorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        base = "/o/{org}/documents/{document}"
        found.add_api_route(base, self.show, methods=["GET"])
        found.add_api_route(f"{base}/send", self.send, methods=["POST"])
        found.add_api_route(f"{base}/take-back", self.take_back, methods=["POST"])
        found.add_api_route(f"{base}/clear-doubt", self.clear_doubt, methods=["POST"])
        return found

    def show(self, request: Request, org: str, document: str) -> Response:
        """Facts, lines, printed form, files, road, signatures, and the one thing to do."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        view = self._at_one_moment(identifier(document), viewer)
        return self.portal.show(request, "documents/card.html", view, viewer=viewer, section="documents")

    def _at_one_moment(self, document: UUID, viewer: Viewer) -> CardPage:
        """The card with its panels. Each panel is read by itself: when the document has moved meanwhile all is read again.

        What never rests is shown as it was read last; an act that came too late is refused by its use case anyway.
        """
        for _ in range(READINGS):
            card = queries.card(document, uow=viewer.uow().reading())
            view = self.view(card, viewer)
            if queries.is_still(card, uow=viewer.uow().reading()):
                break
        return view

    def view(self, card: Card, viewer: Viewer, *, form: views.Form = views.EMPTY_FORM) -> CardPage:
        """The card's view model; `form` holds what was refused in the panel."""
        line = card.line
        url = viewer.url(f"/documents/{line.id}")
        may_sign = viewer.may(Right.SIGN)
        signing = signing_panel(card, viewer=viewer, ports=self.ports, form=form)
        incoming = line.direction == "in"
        undecided = may_sign and words.awaits_decision(line)
        is_there = card.disposed_at is None
        folder = "in" if incoming else "drafts" if words.is_draft(line) else "out"
        return CardPage(
            id=str(line.id),
            title=line.title,
            status=words.chip(line),
            other_statuses=words.other_chips(line),
            intro=f"{ROUTES[line.route]}, {'от' if incoming else 'для'}",
            counterparty=views.Link(
                label=line.counterparty_name, url=viewer.url(f"/documents?folder=all&q={line.counterparty_inn}")
            ),
            place=Placement(
                folder=views.Link(
                    label={"in": "Входящие", "out": "Исходящие", "drafts": "Черновики"}[folder],
                    url=viewer.url(f"/documents?folder={folder}"),
                )
            ),
            facts=presenting.facts(card),
            lines=presenting.lines(card, all_url=f"{url}/text") if is_there else None,
            preview=preview(card, viewer=viewer, ports=self.ports) if is_there else Preview(),
            files=presenting.files(card, viewer=viewer),
            signatures=presenting.verdicts(card, viewer=viewer),
            own_signature=_own_signature(card, viewer),
            signing=signing,
            waiting="" if signing or undecided else words.waiting(card),
            trouble=words.notes(card),
            reason=card.refusal_reason or "" if line.response != "refusal_prepared" else "",
            take_back_url=f"{url}/take-back" if viewer.may(Right.SEND) and line.delivery == "queued" else "",
            delete_url=f"{url}/discard" if viewer.may(Right.UPLOAD) and words.is_draft(line) else "",
            clear_doubt_url=f"{url}/clear-doubt" if undecided else "",
            download_url=f"{url}/download" if is_there else "",
            protocol_url=f"{url}/protocol.pdf" if is_there else "",
            road=words.road(card, may_sign=may_sign),
            panels=self.portal.slots.panels(viewer, str(line.id)),
            refresh_url=url if words.machine_works(line) else "",
        )

    def send(self, request: Request, org: str, document: str) -> Response:
        """Promise to sign with the organisation's key and to send."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.SEND)
        found = identifier(document)
        return self._once(viewer, found, lambda: send_document(found, actor=viewer.actor, uow=viewer.uow()), "sent")

    def take_back(self, request: Request, org: str, document: str) -> Response:
        """Back to the drafts while nothing is signed."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.SEND)
        found = identifier(document)
        return self._once(viewer, found, lambda: take_back(found, actor=viewer.actor, uow=viewer.uow()), "taken_back")

    def clear_doubt(self, request: Request, org: str, document: str) -> Response:
        """Take a document in doubt as it is."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.SIGN)
        found = identifier(document)
        act = partial(clear_doubt, found, actor=viewer.actor, uow=viewer.uow())
        return self._once(viewer, found, act, "doubt_cleared")

    @staticmethod
    def _once(viewer: Viewer, document: UUID, act: Callable[[], object], said: str) -> Response:
        return once(viewer.url(f"/documents/{document}"), act, said)


def once(url: str, act: Callable[[], object], said: str) -> Response:
    """Do it and go to `url`; what somebody has done already is shown there, not told as an error."""
    try:
        act()
    except Conflict as error:
        if error.code not in SHOWN_CONFLICTS:
            raise
        said = SHOWN_CONFLICTS[error.code]
    return see_other(url, said=said)


def _own_signature(card: Card, viewer: Viewer) -> str:
    if not words.is_your_move(card.line) or not viewer.may(Right.SIGN):
        return ""
    found = words.answer_deadline(card.line, moscow_date(viewer.now))
    return f"Подпишите {found.words}" if found and found.nearness != "late" else found.words if found else ""
