"""What a document that counts from now on does to its neighbours: исправления and УКД, those that overtook it included.

Plain functions inside the caller's unit of work.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select

from edo_service.documents import adjustments, corrections, recording
from edo_service.documents.tables import Document
from edo_service.documents.titles import SellerTitle
from edo_service.formats.ukd_titles import UkdTitle
from edo_service.kernel.actor import Actor
from edo_service.kernel.turns import take_turn
from edo_service.kernel.uow import UnitOfWork


def settle(uow: UnitOfWork, document: Document, *, actor: Actor, is_fresh: bool = True) -> None:
    """Tie what overtook the document, let it replace or adjust what it names, and finish its set when that is whole.

    `is_fresh`: it counts only since this transaction, having come in or its doubt being cleared; an older one has been
    tied already. Whoever clears a doubt calls it, after `take_turns_of`. Repeating changes nothing.
    """
    if is_fresh:
        earlier = corrections.overtakers(uow, document)
        corrections.tie_overtakers(uow, document, earlier, actor=actor)
        adjustments.tie_overtakers(uow, document, earlier, actor=actor)
    corrections.replace_original(uow, document, actor=actor)
    adjustments.note(uow, document, actor=actor)
    recording.finish_if_complete(uow, document, actor=actor)


def take_turns(uow: UnitOfWork, owner_id: UUID, titles: Iterable[SellerTitle]) -> None:
    """Record titles of one number and date one at a time: an original and its correction that come at once see each other.

    Without it each of two transactions could look for the other before that one has committed, and both in vain. An УКД
    takes the turns of what it corrects too.
    """
    named: set[tuple[str, date]] = set()
    for title in titles:
        named.add((title.number[:255], title.date))
        if isinstance(title, UkdTitle):
            named.update((one.number[:255], one.date) for one in title.corrected)
    _take(uow, owner_id, named)


def take_turns_of(uow: UnitOfWork, document_id: UUID) -> None:
    """The same turns for a document that is here, before it is read: what it shall see is what the others have committed.

    Absent and foreign ones have no turn: whoever reads them then is told so.
    """
    asked = select(Document.owner_id, Document.number, Document.dated, Document.facts)
    row = uow.session.execute(asked.where(Document.id == document_id)).one_or_none()
    if row is not None:
        corrected = {(one.number[:255], one.date) for one in adjustments.named_in(row.facts)}
        _take(uow, row.owner_id, {(row.number, row.dated), *corrected})


def _take(uow: UnitOfWork, owner_id: UUID, named: Iterable[tuple[str, date]]) -> None:
    for number, day in sorted(named):
        take_turn(uow.session, "correction", str(owner_id), number, day.isoformat())
