"""Delete a draft that was uploaded by mistake: the row stays as a stub for the journal, its files go (ADR 0012)."""

from uuid import UUID

from edo_service.documents import discarding, recording, rules
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.send import SIGN
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork


def discard_draft(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> bool:
    """Discard a draft of ours. False when it is discarded already: repeating changes nothing.

    In one transaction: it leaves every list, the same file may be uploaded again, what the row told of the content is
    forgotten; the clearing job takes the bytes when nobody else holds them. Raises NotFound, Forbidden, Conflict
    (`document.discard_*` says why it stays; `status.changed_meanwhile` when somebody sends it at this moment).
    """
    actor.require(Right.UPLOAD)
    with uow:
        document = recording.take_or_stub(uow, document_id)
        if document.delivery == rules.DISCARDED:
            return False
        refusal = discarding.obstacle(uow, document)
        if refusal is not None:
            raise refusal
        recording.move(uow, document, "delivery", rules.DeliveryEvent.DISCARD, actor=actor)
        _forget(uow, document)
        uow.journal.write(
            "document.discarded",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            sha256=document.content_sha256,
        )
        uow.commit()
    return True


def _forget(uow: UnitOfWork, document: Document) -> None:
    now = uow.clock.now()
    document.upload_sha256, document.disposed_at = None, now
    for part in recording.live_parts(uow, document):
        part.discarded_at = now
    recording.forget_content(uow, document)
    _end_given_up(uow, document)


def _end_given_up(uow: UnitOfWork, document: Document) -> None:
    """A signing that was given up before the document was taken back leaves the queue: let go on, it finds nothing to do."""
    for row in recording.signatures_of(uow, document):
        dead = uow.jobs.dead_id(SIGN, str(row.id))
        if dead is not None:
            uow.jobs.revive(dead, owner_id=document.owner_id)
