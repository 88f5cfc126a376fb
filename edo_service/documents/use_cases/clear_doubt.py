"""A person decides on a document in doubt that nobody has to answer: it is taken as it is."""

from uuid import UUID

from edo_service.documents import completeness, recording, rules, ties
from edo_service.errors import Conflict
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork


def clear_doubt(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Clear the doubt by the actor's word; what spoke against the file stays beside it and goes to the archive with it.

    From here on the document counts as received: it ties what corrects or adjusts it, replaces or adjusts what it names,
    and its set may be complete. One that has to be answered is refused instead. Raises Forbidden, NotFound, Conflict
    `document.not_in_doubt`.
    """
    actor.require(Right.SIGN)
    with uow:
        ties.take_turns_of(uow, document_id)
        document = recording.take(uow, document_id)
        if not completeness.awaits_decision(rules.Direction(document.direction), recording.lives_of(document)):
            raise Conflict("document.not_in_doubt", id=str(document_id))
        recording.move(uow, document, "delivery", rules.DeliveryEvent.CLEAR, actor=actor)
        uow.journal.write(
            "document.doubt_cleared",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            sha256=document.content_sha256,
            objection=recording.main_part(uow, document).objection or "",
        )
        ties.settle(uow, document, actor=actor)
        uow.commit()
