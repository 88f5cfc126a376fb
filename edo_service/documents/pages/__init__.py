"""Pages of documents: home, folders, a new document, the card, signing and refusing, files."""

from fastapi import APIRouter

from edo_service.documents import queries
from edo_service.documents.pages.card import CardPages
from edo_service.documents.pages.discard import DiscardPages
from edo_service.documents.pages.files import FilePages
from edo_service.documents.pages.home import HomePages, todo
from edo_service.documents.pages.lists import ListPages
from edo_service.documents.pages.new import NewPages
from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.pages.signing import SigningPages
from edo_service.documents.pages.subjects import find_documents, name_documents
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.web.slots import MenuSlot

__all__ = ["DocumentPorts", "router"]


def router(portal: Portal, ports: DocumentPorts) -> APIRouter:
    """Every page of the area; also fills the area's places in the menu and on the home page."""
    portal.slots.add_menu(
        MenuSlot(key="home", label="Главная", icon="home", path="/", order=10, phone=True),
        MenuSlot(
            key="documents",
            label="Документы",
            icon="document-text",
            path="/documents",
            order=20,
            phone=True,
            allowed=lambda viewer: viewer.may(Right.READ),
            count=_count,
        ),
    )
    portal.slots.add_todo(10, todo)
    portal.slots.add_names("document", name_documents)
    portal.slots.add_search("document", find_documents)
    found = APIRouter(include_in_schema=False)
    # The order matters: `/documents/new` and `/documents/discard` are no ids.
    for pages in (
        HomePages(portal),
        ListPages(portal),
        NewPages(portal, ports),
        DiscardPages(portal),
        FilePages(portal, ports),
        SigningPages(portal, ports),
        CardPages(portal, ports),
    ):
        found.include_router(pages.router())
    return found


def _count(viewer: Viewer) -> int:
    return queries.count_todo(uow=viewer.uow().reading()) if viewer.may(Right.SIGN) else 0
