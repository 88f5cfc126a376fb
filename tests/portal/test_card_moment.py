"""A card is made of several readings; it shows one moment all the same."""

from uuid import UUID

from edo_service.documents.pages.card import CardPages
from edo_service.documents.use_cases.send import send_document
from edo_service.portal import Viewer
from edo_service.web.views import Panel
from tests.portal.conftest import ACCOUNTANT, Live
from tests.portal.routes import endpoints


def test_a_document_that_moves_while_its_card_is_read_is_read_again(live: Live) -> None:
    draft = live.upload(live.number())
    assert draft.has_form("/send")
    [pages] = {one.__self__ for one in endpoints(live.running.app) if getattr(one, "__func__", None) is CardPages.show}
    sent: list[str] = []

    def send_meanwhile(viewer: Viewer, document: str) -> Panel | None:
        if draft.path.endswith(document) and not sent:
            sent.append(document)
            send_document(UUID(document), actor=viewer.actor, uow=viewer.uow())
        return None

    pages.portal.slots.add_panel(1, send_meanwhile)
    shown = live.person(ACCOUNTANT).get(draft.path)
    assert sent, "the panel was not asked"
    assert not shown.has_form("/send")
