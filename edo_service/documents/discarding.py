"""Whether a document may be deleted as a draft that nobody needs, and why not.

A draft binds nobody: it is neither signed nor seen by the other side, so an исправление or an УКД that was uploaded by
mistake may go as well, and what it was to correct stays as it is. A signed file is a document (63-ФЗ art. 6) and is kept
as one (402-ФЗ art. 29), sent or not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from edo_service.documents import adjustments, corrections, recording, rules
from edo_service.documents.tables import Document
from edo_service.errors import Conflict
from edo_service.kernel.uow import UnitOfWork

_BY_DELIVERY: Mapping[str, str] = {"queued": "document.discard_queued", "failed": "document.discard_failed"}


@dataclass(frozen=True, kw_only=True)
class Unwanted:
    """A document that somebody wants deleted; `obstacle` says why it stays, None when nothing is against it.

    `corrects`: titles of the documents here that it was to correct.
    """

    id: UUID
    title: str
    counterparty_name: str
    obstacle: Conflict | None
    corrects: Sequence[str] = ()


def obstacle(uow: UnitOfWork, document: Document) -> Conflict | None:
    """Why the document is not deleted, as the error to be raised; None for a draft of ours that nothing speaks against."""
    name = str(document.id)
    if document.direction != rules.Direction.OUT.value:
        return Conflict("document.discard_incoming", id=name)
    if document.delivery != "draft":
        return Conflict(_BY_DELIVERY.get(document.delivery, "document.discard_sent"), id=name)
    if any(row.state != "intended" for row in recording.signatures_of(uow, document)):
        return Conflict("document.discard_signed", id=name)
    _, replaced_by = corrections.ties(uow, document)
    later = next(iter(adjustments.adjusted_by(uow, document)), replaced_by)
    return None if later is None else Conflict("document.discard_corrected", id=name, title=later.title)


def unwanted(document_ids: Collection[UUID], *, uow: UnitOfWork) -> Sequence[Unwanted]:
    """What of the documents is here, newest first; absent, foreign and discarded ones are left out."""
    asked = select(Document).where(Document.id.in_(document_ids), Document.delivery != rules.DISCARDED)
    with uow:
        rows = uow.session.scalars(asked.order_by(Document.id.desc())).all()
        return [
            Unwanted(
                id=row.id,
                title=row.title,
                counterparty_name=row.counterparty_name,
                obstacle=obstacle(uow, row),
                corrects=_corrects(uow, row),
            )
            for row in rows
        ]


def _corrects(uow: UnitOfWork, document: Document) -> Sequence[str]:
    replaces, _ = corrections.ties(uow, document)
    adjusted = (one.original for one in adjustments.adjusts(uow, document))
    return tuple(one.title for one in (replaces, *adjusted) if one is not None)
