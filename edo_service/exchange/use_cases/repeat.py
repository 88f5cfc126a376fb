"""Send an answer again that the operator refused and that is held: the signed file goes as it is, nobody signs anew."""

from uuid import UUID

from edo_service.documents import recording
from edo_service.documents.tables import Document, Signature
from edo_service.errors import Conflict, Forbidden
from edo_service.exchange.refusals import held, release
from edo_service.exchange.rules import Act
from edo_service.exchange.tables import Dispatch
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork

RIGHTS = (Right.SIGN, Right.REJECT, Right.OPERATORS)
"""One of them is needed to repeat anything."""


def repeat_answer(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Promise to carry the document's held answer once more.

    Raises NotFound (absent and foreign alike), Conflict `exchange.answer_not_held` when nothing is held or it is on its
    way already, Forbidden for who may not (`may_repeat`).
    """
    if not any(actor.may(right) for right in RIGHTS):
        actor.require(Right.SIGN)
    with uow:
        document = recording.take(uow, document_id)
        found = held(uow, document)
        if found is None:
            raise Conflict("exchange.answer_not_held")
        row, signature = found
        if not may_repeat(row, signature, actor=actor):
            raise Forbidden("exchange.answer_of_another", signer=signature.signer_name or "")
        _promise(uow, document, signature)
        uow.journal.write(
            "exchange.answer_repeated",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            act=row.act,
        )
        uow.commit()


def may_repeat(row: Dispatch, signature: Signature, *, actor: Actor) -> bool:
    """Who has signed may, while she has the right to such an act; so may who keeps the connections to operators.

    It is her own act: a colleague who may sign decides for himself, he does not send what she has signed.
    """
    needed = Right.REJECT if row.act == Act.REJECT.value else Right.SIGN
    hers = actor.user_id is not None and signature.person_id == actor.user_id
    return (hers and actor.may(needed)) or actor.may(Right.OPERATORS)


def _promise(uow: UnitOfWork, document: Document, signature: Signature) -> None:
    """Wake the job that gave up; a new one when it is kept no more. Conflict when somebody else has just done so."""
    dead = uow.jobs.dead_id(recording.SIGNED, str(signature.id))
    if dead is None:
        recording.announce_signed(uow, signature)
    elif not uow.jobs.revive(dead, owner_id=document.owner_id):
        raise Conflict("exchange.answer_not_held")
    release(document)
