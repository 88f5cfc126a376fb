"""Proposals to annul: which parts of an event are about one, and their rows. Inside the caller's unit of work, or pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal
from uuid import UUID, uuid5

from sqlalchemy import select

from edo_service.documents import recording
from edo_service.documents.tables import Document
from edo_service.exchange.lives import ANNULMENT, OPEN_ANNULMENTS, AnnulmentEvent
from edo_service.exchange.tables import Annulment
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers.desk import Judged
from edo_service.powers.use_cases import note_use
from operators import port
from operators.port import EntityKind


def split(event: port.Event, proposals: Collection[str]) -> tuple[port.Event, tuple[port.Entity, ...]]:
    """The event without what is about an annulment, and that: proposals and everything that hangs on one.

    `proposals`: ids of proposals that are known already. A refusal of a proposal must not be taken for one of the document.
    """
    about = set(proposals) | {one.ref.entity_id for one in event.entities if one.kind is EntityKind.REVOCATION}
    grown = -1
    while grown != len(about):
        grown = len(about)
        about |= {one.ref.entity_id for one in event.entities if one.parent_id in about}
    mine = tuple(one for one in event.entities if one.ref.entity_id in about)
    rest = tuple(one for one in event.entities if one.ref.entity_id not in about)
    return replace(event, entities=rest), mine


def of_message(uow: UnitOfWork, message_id: str) -> Sequence[Annulment]:
    """Every proposal about a document of the message, oldest first."""
    found = select(Annulment).where(Annulment.message_ref == message_id).order_by(Annulment.created_at, Annulment.id)
    return uow.session.scalars(found).all()


def of_document(uow: UnitOfWork, document_id: UUID) -> Sequence[Annulment]:
    """Every proposal about the document, the newest first."""
    found = select(Annulment).where(Annulment.document_id == document_id)
    return uow.session.scalars(found.order_by(Annulment.created_at.desc(), Annulment.id.desc())).all()


def is_open(rows: Sequence[Annulment]) -> bool:
    """Whether a new proposal has to wait: one is under way, or the document is annulled already."""
    return any(row.state in OPEN_ANNULMENTS or row.state == "annulled" for row in rows)


def is_offered(rows: Sequence[Annulment]) -> bool:
    """Whether a proposal of ours is open: there is one at a time (`uq_annulment_offered`)."""
    return any(row.side == "ours" and row.state in {"proposing", "expected"} for row in rows)


def document_of(uow: UnitOfWork, entity: port.Entity) -> Document | None:
    """The document that a proposal is about: the one it hangs on, else the message's only one."""
    rows = uow.session.scalars(select(Document).where(Document.message_ref == entity.ref.message_id)).all()
    named = [row for row in rows if row.entity_ref == entity.parent_id]
    if named:
        return named[0]
    return rows[0] if len(rows) == 1 else None


def signature_key(row: Annulment, what: Literal["offer", "answer"]) -> UUID:
    """Under which id it is kept what a signature of an annulment rests on: such signatures have no rows of their own.

    An answer that the operator has refused may be given again, by another employee: each signature has an id of its own.
    """
    sha256 = row.signature_sha256 if what == "offer" else row.answer_signature_sha256
    return uuid5(row.id, f"{what}:{sha256}")


def note_power(uow: UnitOfWork, row: Annulment, judged: Judged | None, what: Literal["offer", "answer"]) -> None:
    """Write down the МЧД that the row's proposal, or its answer, is signed by; nothing when none was needed."""
    if judged is not None:
        note_use(uow, judged, owner_id=row.owner_id, signature_id=signature_key(row, what), document_id=row.document_id)


def move_if_possible(uow: UnitOfWork, row: Annulment, event: AnnulmentEvent, *, actor: Actor) -> bool:
    """Move when the table allows it: news may come late or twice."""
    if not ANNULMENT.allows(row.state, event):
        return False
    workflow.move(uow.session, row, "state", event, ANNULMENT, actor=actor, at=uow.clock.now())
    if row.state in {"annulled", "refused"}:
        row.decided_at = uow.clock.now()
    uow.journal.write(
        f"annulment.{row.state}", owner_id=row.owner_id, subject=f"document:{row.document_id}", actor=actor
    )
    recording.tell_late(uow, recording.take(uow, row.document_id))
    return True
