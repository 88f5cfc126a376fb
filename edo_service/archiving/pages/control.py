"""The report about the archive's integrity for a period."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving import papers, queries_desk
from edo_service.archiving.evidence_views import evidence_state
from edo_service.archiving.pages.visits import Visits
from edo_service.archiving.use_cases.take_out import note_report
from edo_service.archiving.views_control import ReportPage
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.downloads import download
from edo_service.portal.forms import Asked
from edo_service.web import views

MOSCOW = ZoneInfo("Europe/Moscow")
LONGEST_PERIOD = timedelta(days=3 * 366)


@dataclass(frozen=True)
class ControlPages:
    """`/o/{org}/archive/report`."""

    portal: Portal
    visits: Visits

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/report", self.form, methods=["GET"])
        found.add_api_route("/o/{org}/archive/report", self.report, methods=["POST"])
        return found

    def form(self, request: Request, org: str) -> Response:
        """The period to report about: this month at first."""
        viewer = self._viewer(request, org)
        today = moscow_date(viewer.now)
        asked = Asked({"since": f"{today.replace(day=1):%d.%m.%Y}", "until": f"{today:%d.%m.%Y}"})
        return self._page(request, viewer, asked)

    def report(
        self, request: Request, org: str, since: Annotated[str, Form()] = "", until: Annotated[str, Form()] = ""
    ) -> Response:
        """The report as PDF; that it was taken is journalled with what for."""
        viewer = self._viewer(request, org)
        purpose = self.visits.purpose(request, viewer, back=viewer.url("/archive/report"))
        asked = Asked({"since": since[:20], "until": until[:20]})
        asked.needed("since", "С какого дня: напишите день как 01.11.2026")
        asked.needed("until", "По какой день: напишите день как 30.11.2026")
        first, last = asked.day("since", "С какого дня"), asked.day("until", "По какой день")
        if first and last and not first <= last <= first + LONGEST_PERIOD:
            asked.refuse("until", "По какой день: период от одного дня до трёх лет")
        if asked.errors or first is None or last is None:
            return self._page(request, viewer, asked, code=422)
        begin = datetime.combine(first, time(), MOSCOW).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), MOSCOW).astimezone(UTC)
        found = queries_desk.period(begin, end, uow=viewer.uow().reading())
        note_report(purpose=purpose, since=first, until=last, actor=viewer.actor, uow=viewer.uow())
        company = f"{viewer.company.name}, ИНН {viewer.company.inn}"
        evidence = evidence_state(uow=viewer.uow().reading())
        content = papers.integrity_pdf(found, evidence, since=first, until=last, company=company, at=viewer.now)
        return download(content, f"Отчёт о целости {first:%d.%m.%Y}–{last:%d.%m.%Y}.pdf", "application/pdf")

    def _page(self, request: Request, viewer: Viewer, asked: Asked, *, code: int = 200) -> Response:
        view = ReportPage(
            form=asked.form,
            url=viewer.url("/archive/report"),
            back=views.Link(label="Архив", url=viewer.url("/archive")),
            visit=self.visits.bar(request, viewer, back=viewer.url("/archive/report")),
        )
        return self.portal.show(request, "archiving/report.html", view, viewer=viewer, section="archive", status=code)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        viewer.actor.require(Right.JOURNAL)
        return viewer
