"""The register of legal holds: set over sets of a search, lifted by another person with another right."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving import queries_disposal as queries
from edo_service.archiving.pages import finding
from edo_service.archiving.pages.exports import chosen_sets
from edo_service.archiving.pages.search import SearchPages
from edo_service.archiving.pages.visits import Visits
from edo_service.archiving.queries_disposal import HoldLine
from edo_service.archiving.taking import take_several
from edo_service.archiving.use_cases.hold import lift_hold, set_hold
from edo_service.archiving.views_control import HoldPage, HoldRow, HoldsPage, NewHoldPage, SetItem
from edo_service.errors import Conflict, Forbidden, Rejected
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from edo_service.web.filters import moment
from edo_service.web.statuses import status

TITLES_SHOWN = 10


@dataclass(frozen=True)
class HoldPages:
    """`/o/{org}/archive/holds`, `…/new`, `…/{hold}`, `…/{hold}/lift`."""

    portal: Portal
    visits: Visits

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/holds", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/holds", self.set, methods=["POST"])
        found.add_api_route("/o/{org}/archive/holds/new", self.new, methods=["POST"])
        found.add_api_route("/o/{org}/archive/holds/{hold}", self.one, methods=["GET"])
        found.add_api_route("/o/{org}/archive/holds/{hold}/lift", self.lift, methods=["POST"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """Every hold, those in force first."""
        viewer = self._viewer(request, org)
        rows = tuple(_row(one, viewer) for one in queries.holds(uow=viewer.uow().reading()))
        view = HoldsPage(
            rows=rows,
            back=views.Link(label="Архив", url=viewer.url("/archive")),
            empty=views.Empty(
                title="Запретов нет",
                text="Запрет ставят на комплекты из поиска: спор, проверка, запрос суда. Он сильнее срока хранения.",
                link=views.Link(label="Найти комплекты", url=viewer.url("/archive")),
            ),
        )
        return self.portal.show(request, "archiving/holds.html", view, viewer=viewer, section="archive")

    def new(self, request: Request, org: str, form: finding.Sent) -> Response:
        """The form over the sets that were ticked, or over all that were found."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_HOLD)
        asked = finding.asked_of({name: str(value) for name, value in form.items()})
        chosen = chosen_sets(form, asked, viewer)
        if asked.errors:
            return SearchPages(self.portal, self.visits).page(request, viewer, asked, code=422)
        return self._form(request, viewer, Asked({}), tuple(str(one) for one in chosen))

    def set(self, request: Request, org: str, form: finding.Sent) -> Response:
        """Set the hold."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_HOLD)
        asked = Asked({"ground": str(form.get("ground", "")), "reason": str(form.get("reason", ""))[:2000]})
        ground = asked.needed("ground", "Основание: напишите, какой документ требует сохранить")
        reason = asked.needed("reason", "Почему: напишите, ради чего запрет")
        ids = tuple(str(one) for one in form.getlist("id"))
        if not asked.errors:
            try:
                chosen = [identifier(one) for one in ids]
                found = set_hold(chosen, ground=ground, reason=reason, actor=viewer.actor, uow=viewer.uow())
                return see_other(viewer.url(f"/archive/holds/{found}"), said="hold_set")
            except (Rejected, Conflict) as error:
                asked.refuse("", words(error))
        return self._form(request, viewer, asked, ids, code=422)

    def one(self, request: Request, org: str, hold: str) -> Response:
        """One hold with its first sets."""
        viewer = self._viewer(request, org)
        return self._page(request, viewer, hold, Asked({}))

    def lift(self, request: Request, org: str, hold: str, reason: Annotated[str, Form()] = "") -> Response:
        """Lift it."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_RELEASE)
        found, asked = identifier(hold), Asked({"reason": reason[:2000]})
        queries.hold(found, uow=viewer.uow().reading())
        why = asked.needed("reason", "Почему снимаете: напишите, чем закончилось дело")
        if not asked.errors:
            try:
                lift_hold(found, reason=why, actor=viewer.actor, uow=viewer.uow())
                return see_other(viewer.url(f"/archive/holds/{found}"), said="hold_lifted")
            except (Conflict, Forbidden) as error:
                asked.refuse("", words(error))
        return self._page(request, viewer, hold, asked, code=422)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        viewer.actor.require(Right.JOURNAL)
        return viewer

    def _form(
        self, request: Request, viewer: Viewer, asked: Asked, ids: tuple[str, ...], *, code: int = 200
    ) -> Response:
        uow = viewer.uow().reading()
        with uow:
            titles = tuple(one.title for one in take_several(uow, [identifier(one) for one in ids[:TITLES_SHOWN]]))
        view = NewHoldPage(
            form=asked.form,
            ids=ids,
            total=len(ids),
            url=viewer.url("/archive/holds"),
            back=views.Link(label="Архив", url=viewer.url("/archive")),
            titles=titles,
        )
        return self.portal.show(request, "archiving/hold_new.html", view, viewer=viewer, section="archive", status=code)

    def _page(self, request: Request, viewer: Viewer, hold: str, asked: Asked, *, code: int = 200) -> Response:
        line, sets = queries.hold(identifier(hold), uow=viewer.uow().reading())
        live = line.state in {"setting", "on"}
        own = line.set_by is not None and line.set_by == viewer.actor.user_id
        may = viewer.may(Right.ARCHIVE_RELEASE)
        view = HoldPage(
            title=f"Запрет № {line.number}",
            status=status("legal_hold", line.state),
            back=views.Link(label="Запреты", url=viewer.url("/archive/holds")),
            facts=_facts(line),
            sets=tuple(
                SetItem(
                    title=one.title,
                    url=viewer.url(f"/archive/{one.package_id}"),
                    counterparty=one.counterparty,
                    day=one.dated,
                    until=moscow_date(one.retain_until),
                )
                for one in sets
            ),
            total=line.sets,
            all_url=viewer.url(f"/archive?hold={line.id}"),
            form=asked.form,
            lift_url=viewer.url(f"/archive/holds/{line.id}/lift") if live and may and not own else "",
            refused="" if not live or (may and not own) else "Запрет снимает другой человек с правом снимать запреты.",
        )
        return self.portal.show(request, "archiving/hold.html", view, viewer=viewer, section="archive", status=code)


def _row(one: HoldLine, viewer: Viewer) -> HoldRow:
    lifted = f"Снят {moment(one.lifted_at)}, {one.lifted_by_name}: {one.lift_reason}" if one.lifted_at else ""
    return HoldRow(
        title=f"Запрет № {one.number}",
        url=viewer.url(f"/archive/holds/{one.id}"),
        ground=one.ground,
        reason=one.reason,
        status=status("legal_hold", one.state),
        sets=one.sets,
        who=one.set_by_name,
        at=one.set_at,
        lifted=lifted,
    )


def _facts(line: HoldLine) -> tuple[views.Fact, ...]:
    found = [
        views.Fact(label="Основание", text=line.ground),
        views.Fact(label="Почему", text=line.reason),
        views.Fact(label="Поставил", text=f"{line.set_by_name}, {moment(line.set_at)}"),
    ]
    if line.lifted_at is not None:
        found.append(views.Fact(label="Снял", text=f"{line.lifted_by_name}, {moment(line.lifted_at)}"))
        found.append(views.Fact(label="Почему снят", text=line.lift_reason or ""))
    return tuple(found)
