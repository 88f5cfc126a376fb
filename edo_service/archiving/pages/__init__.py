"""Pages of the archive: the search, the card of a set, taking out; a panel on a document's card."""

from fastapi import APIRouter

from edo_service.archiving.pages.search import SearchPages
from edo_service.archiving.pages.sets import SetPages
from edo_service.archiving.pages.taking_out import ArchivePorts
from edo_service.kernel.actor import Right
from edo_service.portal import Portal
from edo_service.web.slots import MenuSlot

__all__ = ["ArchivePorts", "router"]


def router(portal: Portal, ports: ArchivePorts) -> APIRouter:
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
        )
    )
    found = APIRouter(include_in_schema=False)
    for pages in (SearchPages(portal, ports), SetPages(portal, ports)):
        found.include_router(pages.router())
    return found
