"""The receipt notice (ИоП): promised when a title arrives, signed by the organisation's automatic key, sent by the exchange.

Diadoc and its kind sign it without a person; 63-ФЗ art. 14 p. 3 allows certificates without a person for automatic signing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import MemberCard
from edo_service.documents import held, papers, recording
from edo_service.documents.rules import NO_KEY, Direction, ReceiptEvent, Role
from edo_service.documents.tables import Document, Part
from edo_service.documents.titles import read_title
from edo_service.documents.use_cases.send import SIGN
from edo_service.kernel.actor import Actor
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys

RECEIPT = "document.receipt"
"""Job that writes a document's receipt notice and promises its signature."""


class Teller(Protocol):
    """How the exchange gives a receipt as a universal message (УС) instead of a notice."""

    def __call__(self, document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> bool:
        """Write and promise the message; False where the box gives notices. Raises Retry, Unavailable, NotFound."""


def promise_receipt(uow: UnitOfWork, document: Document, *, run_after: datetime | None = None) -> None:
    """Promise the notice, or the message that stands for it, now or later; one that is sent already stays the one.

    Runs in the caller's unit of work.
    """
    uow.jobs.put(
        RECEIPT,
        owner_id=document.owner_id,
        key=str(document.id),
        run_after=run_after,
        queue="signing",
        payload={"document_id": str(document.id)},
    )


def write_receipt(document_id: UUID, *, actor: Actor, uow: UnitOfWork, objects: ObjectStore) -> None:
    """Freeze the receipt notice and promise its signature; a frozen one that its old key could not sign gets the new key.

    Without an automatic key the receipt stays as it is and the card says so; a key that is kept later promises anew.
    Nothing is done when the notice is on its way or not needed. Raises formats.FormatError when the title does not say
    what a notice must say.
    """
    with uow:
        document = recording.take(uow, document_id)
        key = keys.automatic_key(uow)
        if document.receipt not in {"required", "prepared"}:
            return
        if key is None:
            held.say(document, NO_KEY)
            uow.commit()
            return
        if document.receipt == "prepared":
            _sign_frozen(uow, document, key.id)
            uow.commit()
            return
        question = _question(uow, document)
    written = _notice(question, objects)
    sha256 = objects.put(written.content, owner=question.owner_id)
    with uow:
        document = recording.take(uow, document_id)
        key = keys.automatic_key(uow)
        if document.receipt != "required" or key is None:
            return
        part = recording.freeze(
            uow,
            document,
            role=Role.RECEIPT_NOTICE,
            file_name=written.file_name,
            content=written.content,
            sha256=sha256,
        )
        recording.move(uow, document, "receipt", ReceiptEvent.PREPARE, actor=actor)
        _intend(uow, document, part, key.id)
        uow.commit()


def promise_unsigned(*, uow: UnitOfWork) -> None:
    """A new automatic key: promise the notices of the scope that are not written, or written and not signed yet."""
    with uow:
        unsigned = uow.session.scalars(
            select(Document).where(
                Document.direction == Direction.IN.value, Document.receipt.in_(("required", "prepared"))
            )
        ).all()
        for document in unsigned:
            promise_receipt(uow, document)
        uow.commit()


def discard_unsigned(uow: UnitOfWork, document: Document, *, actor: Actor) -> bool:
    """Discard a notice that is written and not signed yet: the receipt is owed again. False when there is none.

    A signature that is being made meanwhile is not recorded (`sign_intended`). In the caller's unit of work.
    """
    part = recording.part_of_role(uow, document, Role.RECEIPT_NOTICE)
    if document.receipt != "prepared" or part is None:
        return False
    rows = [row for row in recording.signatures_of(uow, document) if row.part_id == part.id]
    if any(row.state != "intended" for row in rows):
        return False
    part.discarded_at = uow.clock.now()
    recording.move(uow, document, "receipt", ReceiptEvent.FAIL, actor=actor)
    return True


def note_unwritten(document_id: UUID, trouble: str, *, uow: UnitOfWork) -> None:
    """Say on the card why no notice can be written."""
    with uow:
        held.say(recording.take(uow, document_id), trouble)
        uow.commit()


def _sign_frozen(uow: UnitOfWork, document: Document, key_id: UUID) -> None:
    part = recording.part_of_role(uow, document, Role.RECEIPT_NOTICE)
    if part is not None:
        _intend(uow, document, part, key_id)


def _intend(uow: UnitOfWork, document: Document, part: Part, key_id: UUID) -> None:
    if document.trouble == NO_KEY:
        document.trouble = None
    signature = recording.intend_signature(uow, part, means="automatic", key_id=key_id, person_id=None)
    if signature.state == "intended":
        uow.jobs.put(
            SIGN,
            owner_id=document.owner_id,
            key=str(signature.id),
            queue="signing",
            payload={"signature_id": str(signature.id)},
        )


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What a notice is written from, read in one short transaction; the bytes are fetched after it."""

    owner_id: UUID
    title_sha256: str
    signatures: tuple[str, ...]
    received_at: datetime
    head: MemberCard


def _question(uow: UnitOfWork, document: Document) -> _Question:
    title = recording.main_part(uow, document)
    signed = [row.sha256 for row in recording.signatures_of(uow, document) if row.part_id == title.id]
    return _Question(
        owner_id=document.owner_id,
        title_sha256=title.sha256,
        signatures=tuple(sha for sha in signed if sha),
        received_at=document.arrived_at or document.created_at,
        head=accounts.head(uow, document.owner_id),
    )


def _notice(question: _Question, objects: ObjectStore) -> formats.WrittenFile:
    content = objects.get(question.owner_id, question.title_sha256)
    notice = papers.receipt_notice(
        read_title(content),
        signatures=[objects.get(question.owner_id, sha) for sha in question.signatures],
        received_at=question.received_at,
        signer=question.head,
    )
    return formats.write_receipt_notice(notice)
