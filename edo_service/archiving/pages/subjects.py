"""What the things of the archive are called where the journal tells of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from edo_service.archiving.desk_tables import ArchiveExport, DisposalAct, LegalHold
from edo_service.archiving.tables import Package
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.subjects import found_by, rows_of
from edo_service.web.views import Subject


def add_names(portal: Portal) -> None:
    """Fill the area's places in the journal."""
    portal.slots.add_names("package", name_sets)
    portal.slots.add_search("package", find_sets)
    portal.slots.add_names("hold", name_holds)
    portal.slots.add_names("disposal", name_acts)
    portal.slots.add_names("export", name_exports)


def find_sets(viewer: Viewer, word: str) -> Sequence[UUID]:
    """By title and counterparty."""
    return found_by(viewer, word, Package.id, Package.search)


def name_sets(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """Title and counterparty of the document whose set it is."""
    rows = rows_of(viewer, ids, Package.id, Package.title, Package.counterparty_name)
    return {
        row.id: Subject(
            name=f"Комплект: {row.title}", note=row.counterparty_name, url=_url(viewer, f"/archive/{row.id}")
        )
        for row in rows
    }


def name_holds(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """Number and ground of a hold."""
    rows = rows_of(viewer, ids, LegalHold.id, LegalHold.number, LegalHold.ground)
    return {
        row.id: Subject(name=f"Запрет № {row.number}", note=row.ground, url=_url(viewer, f"/archive/holds/{row.id}"))
        for row in rows
    }


def name_acts(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """Number of an act of disposal."""
    rows = rows_of(viewer, ids, DisposalAct.id, DisposalAct.number)
    return {
        row.id: Subject(name=f"Акт № {row.number}", note="уничтожение", url=_url(viewer, f"/archive/disposal/{row.id}"))
        for row in rows
    }


def name_exports(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """Title of an export; the list of them for those who may export."""
    rows = rows_of(viewer, ids, ArchiveExport.id, ArchiveExport.title)
    url = viewer.url("/archive/exports") if viewer.may(Right.ARCHIVE_EXPORT) else ""
    return {row.id: Subject(name=row.title, note="выгрузка", url=url) for row in rows}


def _url(viewer: Viewer, path: str) -> str:
    return viewer.url(path) if viewer.may(Right.ARCHIVE_SEARCH) else ""
