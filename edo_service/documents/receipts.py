"""The receipt notice (ИоП): written when a title arrives, signed by the organisation's automatic key, sent by the exchange.

Diadoc and its kind sign it without a person; 63-ФЗ art. 14 p. 3 allows certificates without a person for automatic signing.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.documents import papers, recording
from edo_service.documents.rules import NO_KEY, Direction, Origin, ReceiptEvent, Role
from edo_service.documents.tables import Document, Part, Signature
from edo_service.documents.use_cases.send import SIGN
from edo_service.formats.service import ReceiptNotice
from edo_service.kernel.actor import Actor
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys


def promise_receipt(
    uow: UnitOfWork, document: Document, title: Part, *, actor: Actor, objects: ObjectStore
) -> Signature | None:
    """Freeze the receipt notice and promise its signature; None when the organisation has no automatic key.

    Without a key the receipt stays «Требуется извещение» and the card says so; `promise_again` is called when a key is
    kept. Runs in the caller's unit of work.
    """
    key = keys.automatic_key(uow)
    if key is None:
        document.trouble = NO_KEY
        return None
    written = formats.write_receipt_notice(_notice(uow, document, title, objects))
    sha256 = objects.put(written.content, owner=document.owner_id)
    part = recording.add_part(
        uow,
        document,
        role=Role.RECEIPT_NOTICE,
        origin=Origin.OURS,
        file_name=written.file_name,
        media_type="application/xml",
        sha256=sha256,
        size=len(written.content),
        parent=title,
    )
    recording.move(uow, document, "receipt", ReceiptEvent.PREPARE, actor=actor)
    return _intend(uow, document, part, key.id)


def unsigned_receipts(*, uow: UnitOfWork) -> Sequence[UUID]:
    """Incoming documents of the scope whose receipt notice is not written, or written and not signed yet."""
    with uow:
        return uow.session.scalars(
            select(Document.id).where(
                Document.direction == Direction.IN.value, Document.receipt.in_(("required", "prepared"))
            )
        ).all()


def promise_again(document_id: UUID, *, actor: Actor, uow: UnitOfWork, objects: ObjectStore) -> None:
    """Promise the receipt notice that an automatic key was missing for, or that its old key could not sign."""
    with uow:
        document = recording.take(uow, document_id)
        if document.trouble == NO_KEY:
            document.trouble = None
        if document.receipt == "required":
            promise_receipt(uow, document, recording.main_part(uow, document), actor=actor, objects=objects)
        elif document.receipt == "prepared":
            key, part = keys.automatic_key(uow), recording.part_of_role(uow, document, Role.RECEIPT_NOTICE)
            if key is None or part is None:
                return
            _intend(uow, document, part, key.id)
        uow.commit()


def _intend(uow: UnitOfWork, document: Document, part: Part, key_id: UUID) -> Signature:
    signature = recording.intend_signature(uow, part, means="automatic", key_id=key_id, person_id=None)
    if signature.state == "intended":
        uow.jobs.put(
            SIGN,
            owner_id=document.owner_id,
            key=str(signature.id),
            queue="signing",
            payload={"signature_id": str(signature.id)},
        )
    return signature


def _notice(uow: UnitOfWork, document: Document, title: Part, objects: ObjectStore) -> ReceiptNotice:
    content = objects.get(document.owner_id, title.sha256)
    signatures = [
        objects.get(document.owner_id, row.sha256)
        for row in recording.signatures_of(uow, document)
        if row.part_id == title.id and row.sha256
    ]
    return papers.receipt_notice(
        formats.read_upd_seller(content),
        signatures=signatures,
        received_at=uow.clock.now(),
        signer=accounts.head(uow, document.owner_id),
    )
