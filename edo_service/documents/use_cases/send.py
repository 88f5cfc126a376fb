"""The sender's verbs: sign and send, take back while nothing has left the house."""

from uuid import UUID

from edo_service.documents import recording, rules
from edo_service.errors import Conflict
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys

SIGN = "document.sign"


def send_document(document_id: UUID, *, actor: Actor, uow: UnitOfWork, key_id: UUID | None = None) -> UUID:
    """Promise to sign with the organisation's server-held key and to send. Returns the id of the signing job.

    The intent of the signature, the new status and the promise are kept in one transaction. `key_id` chooses the key;
    without it the actor's own is taken, else the organisation's. Raises NotFound, Forbidden, Conflict.
    """
    actor.require(Right.SIGN)
    actor.require(Right.SEND)
    with uow:
        document = recording.take(uow, document_id)
        key = keys.organization_key(uow, key_id, actor=actor)
        recording.move(uow, document, "delivery", rules.DeliveryEvent.SEND, actor=actor)
        part = recording.main_part(uow, document)
        signature = recording.intend_signature(uow, part, means="server_key", key_id=key.id, person_id=actor.user_id)
        document.trouble = None
        uow.journal.write(
            "document.send_promised",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            sha256=part.sha256,
            key_id=str(key.id),
        )
        job = uow.jobs.put(
            SIGN,
            owner_id=document.owner_id,
            key=str(signature.id),
            queue="signing",
            payload={"signature_id": str(signature.id)},
        )
        uow.commit()
    return job


def take_back(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Return a queued document to the drafts while its signature is only intended. Raises Conflict once it is signed."""
    actor.require(Right.SEND)
    with uow:
        document = recording.take(uow, document_id)
        if any(row.state != "intended" for row in recording.signatures_of(uow, document)):
            raise Conflict("document.already_signed", id=str(document_id))
        recording.move(uow, document, "delivery", rules.DeliveryEvent.TAKE_BACK, actor=actor)
        document.trouble = None
        uow.journal.write(
            "document.taken_back", owner_id=document.owner_id, subject=f"document:{document.id}", actor=actor
        )
        uow.commit()
