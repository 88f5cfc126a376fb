"""What documents are called where the journal tells of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from edo_service.documents.rules import DISCARDED
from edo_service.documents.tables import Document
from edo_service.kernel.actor import Right
from edo_service.portal import Viewer
from edo_service.portal.subjects import found_by, rows_of
from edo_service.web.views import Subject


def find_documents(viewer: Viewer, word: str) -> Sequence[UUID]:
    """By what the list of documents finds them by."""
    return found_by(viewer, word, Document.id, Document.search)


def name_documents(viewer: Viewer, ids: AbstractSet[UUID]) -> Mapping[UUID, Subject]:
    """Title and counterparty; a deleted draft says so and has no page."""
    rows = rows_of(viewer, ids, Document.id, Document.title, Document.counterparty_name, Document.delivery)
    return {
        row.id: Subject(
            name=row.title,
            note="черновик удалён" if row.delivery == DISCARDED else row.counterparty_name,
            url=viewer.url(f"/documents/{row.id}") if row.delivery != DISCARDED and viewer.may(Right.READ) else "",
        )
        for row in rows
    }
