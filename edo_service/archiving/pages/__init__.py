"""Pages of the archive: the search, the card of a set, taking out; panels on a document's card; another try."""

from uuid import UUID

from fastapi import APIRouter

from edo_service.archiving import queries
from edo_service.archiving.pages.control import ControlPages
from edo_service.archiving.pages.destroyed import destroyed_panel
from edo_service.archiving.pages.disposal import DisposalPages
from edo_service.archiving.pages.exports import ExportPages
from edo_service.archiving.pages.gate import ContentGate
from edo_service.archiving.pages.holds import HoldPages
from edo_service.archiving.pages.incomplete import IncompletePages, overdue, todo
from edo_service.archiving.pages.retry import RetryPages
from edo_service.archiving.pages.search import SearchPages
from edo_service.archiving.pages.sets import SetPages
from edo_service.archiving.pages.subjects import add_names
from edo_service.archiving.pages.taking_out import ArchivePorts
from edo_service.archiving.pages.visits import LeadToQuestion, Visits, needs_purpose
from edo_service.archiving.purposes import PurposeNeeded, PurposeSeal
from edo_service.archiving.rules import STATES
from edo_service.archiving.views import FailedPanel, KeptPanel
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status
from edo_service.web.views import Panel

__all__ = ["ArchivePorts", "ContentGate", "LeadToQuestion", "PurposeNeeded", "PurposeSeal", "Visits", "router"]


def router(portal: Portal, ports: ArchivePorts, visits: Visits) -> APIRouter:
    """Every page of the area; also fills the area's place in the menu."""
    portal.slots.add_menu(
        MenuSlot(
            key="archive",
            label="Архив",
            icon="archive-box",
            path="/archive",
            order=40,
            phone=True,
            allowed=lambda viewer: viewer.may(Right.ARCHIVE_SEARCH),
            count=overdue,
        )
    )
    portal.slots.add_todo(50, todo)
    add_names(portal)
    portal.slots.add_panel(50, kept_panel)
    portal.slots.add_panel(51, failed_panel)
    portal.slots.add_panel(52, destroyed_panel)
    found = APIRouter(include_in_schema=False)
    named = (
        ExportPages(portal, ports, visits), HoldPages(portal, visits), DisposalPages(portal, ports),
        ControlPages(portal, visits), IncompletePages(portal),
    )  # fmt: skip
    for pages in (visits, SearchPages(portal, visits), *named, SetPages(portal, ports, visits), RetryPages(portal)):
        found.include_router(pages.router())  # a set's own address comes last: it takes every word
    return found


def kept_panel(viewer: Viewer, document: str) -> Panel | None:
    """The kept set of a document, for those who may search the archive; what was destroyed has a panel of its own."""
    if not viewer.may(Right.ARCHIVE_SEARCH):
        return None
    line = queries.package_of_document(UUID(document), uow=viewer.uow().reading())
    if line is None or line.state in {"failed", "disposed"}:
        return None
    view = KeptPanel(
        status=status("archive", STATES[line.state]),
        keep_until=moscow_date(line.retain_until),
        url=viewer.url(f"/archive/{line.id}"),
        journalled=needs_purpose(viewer),
    )
    return Panel(template="archiving/panel.html", view=view, place="aside")


def failed_panel(viewer: Viewer, document: str) -> Panel | None:
    """What to do about a hand-over that gave up."""
    if not queries.has_failed(UUID(document), uow=viewer.uow().reading()):
        return None
    retry = viewer.url(f"/documents/{document}/archive-retry") if viewer.may(Right.SEND) else ""
    return Panel(
        template="archiving/failed.html",
        view=FailedPanel(status=status("archive", "failed"), retry_url=retry),
        place="aside",
    )
