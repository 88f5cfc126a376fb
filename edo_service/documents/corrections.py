"""A correction (исправление) and the document it replaces: found by their requisites, tied, and what the tie does to both.

An исправление is the same УПД anew: its number and date are the old ones, ИспрДок counts the corrections, ИмяФайлИспрПрод
names the file that is replaced (order 970@). Plain functions inside the caller's unit of work.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from edo_service.documents import recording
from edo_service.documents.rules import (
    FORMAL,
    IN_DOUBT,
    REPLACING,
    UNSENT,
    VOID,
    CorrectionEvent,
    Direction,
    Kind,
    ResponseEvent,
    Role,
)
from edo_service.documents.tables import Document
from edo_service.documents.titles import SellerTitle, kind_of
from edo_service.formats.ukd_titles import Corrected, UkdTitle
from edo_service.kernel.actor import Actor
from edo_service.kernel.guard import standing
from edo_service.kernel.uow import UnitOfWork

OVERTAKEN_FOR = timedelta(days=31)
"""How far back a document looks for corrections of its own that came in before it."""
_SAME = and_(
    Document.kind == bindparam("kind"),
    Document.number == bindparam("number"),
    Document.dated == bindparam("dated"),
)
_OVERTAKERS = standing(
    select(Document)
    .where(
        Document.direction == Direction.IN.value,
        Document.created_at >= bindparam("since"),
        Document.counterparty_inn == bindparam("inn"),
        Document.id != bindparam("document_id"),
        or_(_SAME, Document.kind == bindparam("adjusting")),
    )
    .order_by(Document.created_at, Document.id)
)


@dataclass(frozen=True, kw_only=True)
class Tied:
    """The other end of a correction, as a card names it."""

    id: UUID
    title: str
    number: str
    correction: int


def correction_number(facts: Mapping[str, Any]) -> int:
    """Which correction a document is, by its kept facts; 0 when it is none."""
    found = facts.get("correction")
    return int(found["number"]) if isinstance(found, Mapping) else 0


def revision_of(title: SellerTitle) -> int:
    """Which исправление a title is; 0 when it is none."""
    found = title.correction
    if found is None:
        return 0
    return found.revision if isinstance(found, Corrected) else found.number


def find_original(uow: UnitOfWork, upd: SellerTitle, *, direction: Direction, counterparty_inn: str) -> Document | None:
    """The document that an исправление replaces: the file that it names, else the last one of its number and date.

    Only documents of the same way and the same counterparty are looked at: nobody replaces what another has sent. None for
    what corrects nothing, and for a correction of a paper that never went through here.
    """
    if upd.correction is None:
        return None
    asked = select(Document).where(
        Document.counterparty_inn == counterparty_inn,
        Document.direction == direction.value,
        Document.kind == kind_of(upd).value,
        Document.number == upd.number[:255],
        Document.dated == upd.date,
        Document.delivery.not_in(UNSENT),
    )
    rows = uow.session.scalars(asked.order_by(Document.created_at.desc(), Document.id.desc())).all()
    earlier = [row for row in rows if correction_number(row.facts) < revision_of(upd)]
    named = "" if isinstance(upd, UkdTitle) else (upd.corrected_seller_file or "").casefold()
    by_file = [row for row in earlier if str(row.facts.get("file_id", "")).casefold() == named]
    return next(iter(by_file or earlier), None)


def overtakers(uow: UnitOfWork, document: Document) -> Sequence[Document]:
    """What may have come in before the document that it corrects, oldest first: events may overtake each other.

    Papers of its own kind, number and date; for a УПД every УКД too: what those correct is told by their facts. Nothing for a
    document in doubt, which is nobody's original: whoever wrote it would take the tie from the true one.
    """
    incoming = document.direction == Direction.IN.value and document.kind in FORMAL
    if not incoming or document.delivery == IN_DOUBT:
        return ()
    asked = {"since": uow.clock.now() - OVERTAKEN_FOR, "inn": document.counterparty_inn, "kind": document.kind}
    asked |= {"number": document.number, "dated": document.dated, "document_id": document.id}
    asked["adjusting"] = Kind.UKD.value if document.kind == Kind.UPD.value else None  # nothing is equal to NULL
    return uow.session.scalars(_OVERTAKERS, asked).all()


def tie_overtakers(uow: UnitOfWork, document: Document, rows: Iterable[Document], *, actor: Actor) -> None:
    """Tie those of the `overtakers` that correct the document."""
    same = (document.kind, document.number, document.dated)
    for row in rows:
        if (row.kind, row.number, row.dated) != same:
            continue
        later = correction_number(row.facts) > correction_number(document.facts)
        if later and (row.corrects_id is None or _names(row, document)):
            row.corrects_id = document.id
            replace_original(uow, row, actor=actor)


def _names(correction: Document, document: Document) -> bool:
    """Whether an исправление names the document's very file: until that one came it was tied to an earlier one."""
    found = correction.facts.get("correction")
    named = str(found.get("file") or "") if isinstance(found, Mapping) else ""
    return bool(named) and named.casefold() == str(document.facts.get("file_id", "")).casefold()


def replace_original(uow: UnitOfWork, document: Document, *, actor: Actor) -> None:
    """Once a correction has gone out or come in whole, its original is corrected: nobody has to answer it any more.

    What was frozen on the original and not signed is discarded; what was signed goes its way. Repeating changes nothing.
    """
    if document.corrects_id is None or document.delivery not in REPLACING:
        return
    original = _reached(uow, document)
    if original is None:
        return
    frozen = original.correction == "prepared"
    if not recording.move_if_possible(uow, original, "correction", CorrectionEvent.REPLACE, actor=actor):
        return
    if frozen:
        discard(uow, original, Role.CORRECTION_REQUEST)
    if recording.move_if_possible(uow, original, "response", ResponseEvent.CHANGE_MIND, actor=actor):
        discard(uow, original, Role.BUYER_TITLE, Role.REJECTION)
        original.refusal_reason = None
    for row, other in ((original, document), (document, original)):
        uow.journal.write(
            "correction.replaced" if row is original else "correction.replaces",
            owner_id=row.owner_id,
            subject=f"document:{row.id}",
            actor=actor,
            by=other.title if row is original else "",
            original=other.title if row is document else "",
        )
    recording.finish_if_complete(uow, original, actor=actor)


def pass_on(uow: UnitOfWork, failed: Document, *, actor: Actor) -> None:
    """What corrects a paper that will never reach its counterparty corrects what that one corrected. Repeating changes nothing."""
    if failed.delivery not in VOID:
        return
    asked = select(Document).where(Document.corrects_id == failed.id).order_by(Document.created_at, Document.id)
    for row in uow.session.scalars(asked).all():
        _reached(uow, row)
        replace_original(uow, row, actor=actor)
    recording.move_if_possible(uow, failed, "correction", CorrectionEvent.UNTIE, actor=actor)


def _reached(uow: UnitOfWork, document: Document) -> Document | None:
    """What the document corrects, tied anew past papers that did not reach the counterparty; None when nothing is left."""
    while document.corrects_id is not None:
        original = uow.session.get_one(Document, document.corrects_id)
        if original.delivery not in VOID:
            return original
        document.corrects_id = original.corrects_id
    return None


def discard(uow: UnitOfWork, document: Document, *roles: Role) -> None:
    """Discard the newest file of the roles: it was frozen here and is not to be signed any more."""
    part = recording.part_of_role(uow, document, *roles)
    if part is not None:
        part.discarded_at = uow.clock.now()


def ties(uow: UnitOfWork, document: Document) -> tuple[Tied | None, Tied | None]:
    """What the document corrects, and what has replaced it (or is about to): both may be None."""
    corrects = uow.session.get(Document, document.corrects_id) if document.corrects_id else None
    asked = select(Document).where(Document.corrects_id == document.id, Document.delivery.not_in(VOID))
    newer = uow.session.scalars(asked.order_by(Document.created_at.desc(), Document.id.desc())).first()
    return tied(corrects) if corrects else None, tied(newer) if newer else None


def tied(row: Document) -> Tied:
    """The document as another card names it."""
    return Tied(id=row.id, title=row.title, number=row.number, correction=correction_number(row.facts))
