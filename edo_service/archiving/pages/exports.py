"""Exports in the background: ordered from the search, shown with their progress, downloaded while they live."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from edo_service.archiving import queries, queries_desk
from edo_service.archiving.pages import finding
from edo_service.archiving.pages.search import EXPORTS, SearchPages
from edo_service.archiving.pages.taking_out import ZIP, ArchivePorts
from edo_service.archiving.pages.visits import Visits
from edo_service.archiving.queries_desk import ExportLine
from edo_service.archiving.rules import MOST_EXPORTED
from edo_service.archiving.use_cases.export import open_export, order_export
from edo_service.archiving.views import ExportRow, ExportsPage
from edo_service.errors import Conflict, NotFound, Rejected
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.downloads import disposition
from edo_service.portal.forms import Asked, identifier, words
from edo_service.texts import trouble_words
from edo_service.web.filters import moment, plural
from edo_service.web.statuses import status

_PIECE = 256 * 1024


@dataclass(frozen=True)
class ExportPages:
    """`/o/{org}/archive/export`, `…/archive/exports`."""

    portal: Portal
    ports: ArchivePorts
    visits: Visits

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/export", self.order, methods=["POST"])
        found.add_api_route("/o/{org}/archive/exports", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/exports/{export}/download", self.download, methods=["GET"])
        return found

    def order(self, request: Request, org: str, form: finding.Sent) -> Response:
        """Order the export of the ticked sets, or of all that were found."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        asked = finding.asked_of({name: str(value) for name, value in form.items()})
        purpose = self.visits.purpose(request, viewer, back=viewer.url(f"/archive{finding.address(asked)}"))
        kind = str(form.get("variant", EXPORTS[0][0]))
        chosen = chosen_sets(form, asked, viewer)
        if not asked.errors:
            try:
                title = f"Выгрузка {moscow_date(viewer.now):%d.%m.%Y}: {plural(len(chosen), 'комплект', 'комплекта', 'комплектов')}"
                order_export(
                    chosen,
                    kind=kind,
                    title=title.replace("\u00a0", " "),
                    purpose=purpose,
                    actor=viewer.actor,
                    uow=viewer.uow(),
                )
            except (Rejected, Conflict) as error:
                asked.refuse("", words(error))
        if asked.errors:
            return SearchPages(self.portal, self.visits).page(request, viewer, asked, code=422)
        return see_other(viewer.url("/archive/exports"), said="export_ordered")

    def show(self, request: Request, org: str) -> Response:
        """What was ordered, newest first."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        rows = tuple(_row(one, viewer) for one in queries_desk.exports(uow=viewer.uow().reading()))
        view = ExportsPage(
            rows=rows,
            search_url=viewer.url("/archive"),
            visit=self.visits.bar(request, viewer),
            running=any(row.state in {"queued", "building"} for row in rows),
        )
        return self.portal.show(request, "archiving/exports.html", view, viewer=viewer, section="archive")

    def download(self, request: Request, org: str, export: str) -> Response:
        """The ready file, piece by piece; the taking is noted."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        queries_desk.require_export(identifier(export), uow=viewer.uow().reading())
        name, size, content = open_export(
            identifier(export),
            purpose=self.visits.purpose(request, viewer),
            actor=viewer.actor,
            uow=viewer.uow(),
            shelf=self.ports.shelf,
        )
        headers = {"Content-Disposition": disposition(name), "Content-Length": str(size)}
        return StreamingResponse(
            _pieces(content), media_type=ZIP, headers=headers, background=BackgroundTask(content.close)
        )


def chosen_sets(form: FormData, asked: Asked, viewer: Viewer) -> Sequence[UUID]:
    """The ticked sets, or every kept set of the search when «all» was ticked; refusals go to `asked`."""
    if form.get("all"):
        wish = finding.wish_of(asked)
        found = queries.found_ids(wish, uow=viewer.uow().reading(), limit=MOST_EXPORTED) if not asked.errors else ()
    else:
        found = list(dict.fromkeys(_known(str(one)) for one in form.getlist("id")))
    if not found and not asked.errors:
        asked.refuse("", "Отметьте хотя бы один комплект в списке найденного")
    return found


def _known(text: str) -> UUID:
    try:
        return identifier(text)
    except NotFound as error:
        raise NotFound("archive.package_absent", id=text) from error


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    while piece := content.read(_PIECE):
        yield piece


def _row(one: ExportLine, viewer: Viewer) -> ExportRow:
    live = one.state == "ready" and one.expires_at is not None and one.expires_at > viewer.now
    state = "expired" if one.state == "ready" and not live else one.state
    return ExportRow(
        id=str(one.id),
        title=one.title,
        kind=dict(EXPORTS).get(one.kind, one.kind),
        sets=one.sets,
        done=one.done,
        ordered_at=one.ordered_at,
        who=one.who,
        purpose=one.purpose,
        status=status("export", state),
        state=state,  # type: ignore[arg-type]  # the states of the workflow
        size=one.size,
        sha256=one.sha256 or "",
        url=viewer.url(f"/archive/exports/{one.id}/download") if live else "",
        until=moscow_date(one.expires_at) if live and one.expires_at else None,
        trouble=trouble_words(one.trouble) if one.trouble else "",
        taken=tuple(f"{moment(at)}, {who}" for at, who in one.taken),
    )
