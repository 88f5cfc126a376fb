"""Why somebody looks: asked once for a visit, kept in a sealed cookie, shown on top of the archive, asked before it leads on."""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from edo_service.archiving import queries_desk
from edo_service.archiving.purposes import LONGEST, OWN_WORK, PurposeNeeded, PurposeSeal
from edo_service.archiving.views import PurposePage, VisitBar
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked
from edo_service.web.problems import Problems, safe_next
from edo_service.web.security import set_cookie

COOKIE = "__Host-edo-purpose-"
ASKED = "Зачем смотрите: напишите цель, её увидит проверяющий"
_API = "/api/"


def needs_purpose(viewer: Viewer) -> bool:
    """Control says why it looks at other people's work; whoever made these documents looks at her own."""
    return not viewer.may(Right.SIGN)


@dataclass(frozen=True)
class Visits:
    """The purpose of a visit; `/o/{org}/archive/purpose`."""

    portal: Portal
    seal: PurposeSeal = field(repr=False)

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/purpose", self.ask, methods=["GET"])
        found.add_api_route("/o/{org}/archive/purpose", self.take, methods=["POST"])
        return found

    def said(self, request: Request, viewer: Viewer) -> str:
        """The purpose of this visit, empty when nobody said one. A program says it in each request."""
        if request.url.path.startswith(_API):
            return request.query_params.get("purpose", "").strip()
        value = request.cookies.get(COOKIE + viewer.company.code, "")
        kept = self.seal.open(value, session_id=viewer.visitor.session_id, company=viewer.company.code) if value else ""
        return kept or ("" if needs_purpose(viewer) else OWN_WORK)

    def purpose(self, request: Request, viewer: Viewer, *, back: str = "") -> str:
        """The purpose of this visit; without one PurposeNeeded, which leads on to `back` or to this very page."""
        found = self.said(request, viewer)
        if not found:
            raise PurposeNeeded(back or _address(request))
        return found

    def just_said(self, request: Request, *, back: str) -> str:
        """The purpose that the form of the first search states with it, empty when it was left empty.

        An address can be written by anybody, and what it says goes into the journal as this person's words: only what
        one of our own pages sent counts (Fetch Metadata, `same-origin`). Any other address leads to the question and on
        to `back`: PurposeNeeded. `none` does not count either: so does a link come from a program for letters.
        """
        found = " ".join(request.query_params.get("purpose", "").split())[:LONGEST]
        if found and request.headers.get("sec-fetch-site") != "same-origin":
            raise PurposeNeeded(back)
        return found

    def keep(self, answer: Response, viewer: Viewer, purpose: str) -> None:
        """Keep it until the session ends."""
        code = viewer.company.code
        set_cookie(answer, COOKIE + code, self.seal.seal(purpose, session_id=viewer.visitor.session_id, company=code))

    def bar(self, request: Request, viewer: Viewer, *, back: str = "", said: str = "") -> VisitBar | None:
        """What stands on top of a page of the archive; None before a purpose was said. `said`: just now, by this request."""
        found = said or self.said(request, viewer)
        if not found:
            return None
        return VisitBar(purpose=found, change_url=ask_url(viewer.company.code, back or _address(request)))

    def ask(self, request: Request, org: str, next: str = "") -> Response:  # noqa: A002 - the name in the address
        """The question; what she answered lately is one press away."""
        viewer = self._viewer(request, org)
        return self._page(request, viewer, next, Asked({"purpose": _shown(self.said(request, viewer))}))

    def take(
        self,
        request: Request,
        org: str,
        purpose: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "",  # noqa: A002 - the name of the field
    ) -> Response:
        """Keep the answer and lead on to where she wanted to go."""
        viewer = self._viewer(request, org)
        asked = Asked({"purpose": " ".join(purpose.split())[:LONGEST]})
        said = asked.needed("purpose", ASKED)
        if asked.errors:
            return self._page(request, viewer, next, asked, code=422)
        answer = see_other(_inside(next, viewer))
        self.keep(answer, viewer, said)
        return answer

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)  # documents that lie in the archive are read without the right to search it
        return viewer

    def _page(self, request: Request, viewer: Viewer, target: str, asked: Asked, *, code: int = 200) -> Response:
        recent = queries_desk.recent_purposes(viewer.actor.user_id, uow=viewer.uow().reading())
        view = PurposePage(
            form=asked.form,
            url=viewer.url("/archive/purpose"),
            next=_inside(target, viewer),
            recent=tuple(one for one in recent if one != OWN_WORK),
            archive_url=viewer.url(_home(viewer)),
            archive_label="Архив" if viewer.may(Right.ARCHIVE_SEARCH) else "Документы",
        )
        return self.portal.show(request, "archiving/purpose.html", view, viewer=viewer, section="archive", status=code)


@dataclass(frozen=True)
class LeadToQuestion:
    """PurposeNeeded → the question, which leads on; programs are refused with a problem."""

    problems: Problems

    async def __call__(self, request: Request, error: Exception) -> Response:
        """The answer of the application."""
        if not isinstance(error, PurposeNeeded):
            raise error
        org = request.path_params.get("org")
        if request.url.path.startswith(_API) or org is None:
            return self.problems.answer(request, self.problems.of(request, error))
        return RedirectResponse(ask_url(str(org), error.back), status_code=303)


def ask_url(code: str, back: str) -> str:
    """The address of the question."""
    return f"/o/{code}/archive/purpose?{urlencode({'next': back})}"


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _inside(target: str, viewer: Viewer) -> str:
    """Where to lead on: within this company, else its archive."""
    home = viewer.url("/")
    return target if safe_next(target) == target and target.startswith(home) else viewer.url(_home(viewer))


def _home(viewer: Viewer) -> str:
    return "/archive" if viewer.may(Right.ARCHIVE_SEARCH) else "/documents"


def _shown(purpose: str) -> str:
    return "" if purpose == OWN_WORK else purpose
