"""The panel of a document that went by an act: which act, on which day, what is left."""

from dataclasses import dataclass
from uuid import UUID

from edo_service.archiving import queries, queries_disposal
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Viewer
from edo_service.web.statuses import status
from edo_service.web.views import Link, Panel, Status


@dataclass(frozen=True, kw_only=True)
class DestroyedPanel:
    """«Уничтожен по акту № 3 от 12.01.2034». Addresses are empty for those who may not look there."""

    status: Status
    text: str
    act: Link | None
    package_url: str


def destroyed_panel(viewer: Viewer, document: str) -> Panel | None:
    """For everybody who sees the document; None while it has its content."""
    uow = viewer.uow().reading()
    line = queries.package_of_document(UUID(document), uow=uow)
    if line is None or line.state != "disposed":
        return None
    act = queries_disposal.act_of(line.id, uow=uow)
    day = moscow_date(act.second_at) if act is not None and act.second_at is not None else None
    searches = viewer.may(Right.ARCHIVE_SEARCH)
    view = DestroyedPanel(
        status=status("archive", "disposed"),
        text="Уничтожен по акту"
        if act is None or day is None
        else f"Уничтожен по акту № {act.number} от {day:%d.%m.%Y}",
        act=Link(label=f"Акт № {act.number}", url=viewer.url(f"/archive/disposal/{act.id}"))
        if act is not None and searches and viewer.may(Right.JOURNAL)
        else None,
        package_url=viewer.url(f"/archive/{line.id}") if searches else "",
    )
    return Panel(template="archiving/destroyed.html", view=view, place="aside")
