"""The part of clearing that is about discarded drafts (ADR 0012): their files leave the working store.

The promise is the draft's own row, whose discarding forgot what it told of the content. What another paper holds, the same
file uploaded again above all, stays. A content that was put within a day is asked for again when the day is over.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import literal_column, select

from edo_service.archiving import holders
from edo_service.archiving.desk import ArchiveDesk
from edo_service.documents import recording
from edo_service.documents.tables import Document
from edo_service.kernel.actor import Actor
from edo_service.kernel.objects import IDLE
from edo_service.kernel.uow import UnitOfWork

CLEARED = "document.copies_cleared"
_DISCARDED = Document.delivery == literal_column("'discarded'")  # as the partial index says it
_AT_ONCE = 200


def clear_discarded(*, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> list[datetime]:
    """Clear every discarded draft that is not cleared yet. Returns when to come back for those that have to wait.

    Every step may be repeated. Unavailable when the store does not answer.
    """
    again: list[datetime] = []
    after = None
    while True:
        with uow.reading() as reading:
            some = discarded_waiting(reading, after=after, limit=_AT_ONCE)
        halted = [one for one in some if not _clear(one, actor=actor, uow=uow, desk=desk)]
        again.extend(desk.now() + IDLE for _ in halted)
        if not some:
            return again
        after = some[-1]


def discarded_waiting(uow: UnitOfWork, *, after: UUID | None = None, limit: int) -> Sequence[UUID]:
    """Discarded drafts that are not cleared yet, by their ids; read within the caller's unit of work."""
    query = select(Document.id).where(_DISCARDED, Document.cleared_at.is_(None))
    if after is not None:
        query = query.where(Document.id > after)
    return uow.session.scalars(query.order_by(Document.id).limit(limit)).all()


def _clear(document_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> bool:
    """False when something of it was put within a day, by whoever may be about to write the row that needs it."""
    with uow.reading() as reading:
        document = recording.take_or_stub(reading, document_id)
        contents = holders.contents_of_document(reading, document)
        free, owner = contents - holders.needed(reading, contents), document.owner_id
    young = [sha256 for sha256 in sorted(free) if not desk.objects.delete(owner, sha256)]
    if young:
        return False
    with uow:
        document = recording.take_or_stub(uow, document_id)
        if document.cleared_at is None:
            document.cleared_at = uow.clock.now()
            uow.journal.write(
                CLEARED,
                owner_id=owner,
                subject=f"document:{document_id}",
                actor=actor,
                contents=len(contents),
                needed_by_others=len(contents - free),
            )
            uow.commit()
    return True
