"""What the operator refuses for good: it comes back, so that a new try can begin, or is held until a person repeats it."""

from datetime import timedelta

from sqlalchemy import func, select

from edo_service.documents import corrections, receipts, recording
from edo_service.documents.held import HELD, is_told, say
from edo_service.documents.rules import CorrectionEvent, DeliveryEvent, ReceiptEvent, ResponseEvent
from edo_service.documents.tables import Document, Part, Signature
from edo_service.exchange.rules import Act
from edo_service.exchange.tables import Dispatch
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble
from operators import errors as operator_errors

_RECEIPTS = frozenset({Act.RECEIPT.value, Act.TELL.value})
FIRST_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=1)
ARRIVED = frozenset({"accepted", "sent", "delivered"})
"""Deliveries of a document that the operator has, by its own feed: a later refusal of the same call is an echo."""
OUTSIDE_OF_THE_FILE = (operator_errors.SubscriptionRequired, operator_errors.Forbidden)
"""Refusals that say nothing about the signed file: the tariff is not paid, the account lacks a right."""
_HELD_IN = {Act.SIGN.value: "signing", Act.ANSWER.value: "signing", Act.REJECT.value: "refusing"}
"""Act -> the response that waits while it is held."""


def holds(row: Dispatch, error: operator_errors.OperatorError) -> bool:
    """Whether the signed answer is kept to be repeated, instead of being given back.

    A bare signature on an agreed file always is: there is no other file to sign. An answer with a file of its own is when
    the cause lies outside of that file.
    """
    return row.act == Act.SIGN.value or (row.act in _HELD_IN and isinstance(error, OUTSIDE_OF_THE_FILE))


def is_held(document: Document, row: Dispatch) -> bool:
    """Whether a refused answer still waits for its repetition; not when it was given another way meanwhile."""
    return row.state == "refused" and _HELD_IN.get(row.act) == document.response


def hold(document: Document, *, reason: str) -> None:
    """Keep the answer as it is and say so on the card, where who has signed repeats it (`use_cases.repeat`)."""
    document.trouble = write_trouble(HELD, {"reason": reason})


def release(document: Document) -> None:
    """Take the word about a held answer off the card: it is on its way again. Any other trouble is left standing."""
    if is_told(document.trouble):
        document.trouble = None


def held(uow: UnitOfWork, document: Document) -> tuple[Dispatch, Signature] | None:
    """The refused answer that waits for a person, with its signature; None when nothing waits or it is on its way again."""
    if document.response not in _HELD_IN.values():
        return None
    found = select(Dispatch, Signature).join(Signature, Signature.id == Dispatch.signature_id)
    found = found.where(Dispatch.document_id == document.id, Dispatch.state == "refused", Dispatch.act.in_(_HELD_IN))
    for row, signature in uow.session.execute(found.order_by(Dispatch.created_at.desc(), Dispatch.id.desc())):
        part = uow.session.get_one(Part, row.part_id)
        if is_held(document, row) and part.discarded_at is None:
            return None if uow.jobs.is_live(recording.SIGNED, str(signature.id)) else (row, signature)
    return None


def give_back(uow: UnitOfWork, document: Document, row: Dispatch, *, reason: str, actor: Actor) -> None:
    """Move the life of the refused file back and say why on the card. In the caller's unit of work.

    - A document is not delivered: that is final, the file may be uploaded anew. One that the feed has shown is.
    - An answer is discarded with its signature; the person decides again. The signed file is not offered a second time:
      what the operator refused once it would refuse again, and its intent stays closed. (`holds` tells which are not.)
    - A receipt (ИоП or УС) is discarded too and promised anew by itself: in an hour, then twice as late each time, a day at most.

    - A request for a correction is discarded: it may be asked for anew.

    A life that has moved on meanwhile (the answer was given at the operator's own site) is left alone, without a word.
    """
    part = uow.session.get_one(Part, row.part_id)
    trouble = "exchange.refused"
    if row.act == Act.SEND.value:
        if document.delivery in ARRIVED:
            return
        recording.move_if_possible(uow, document, "delivery", DeliveryEvent.FAIL, actor=actor)
        corrections.pass_on(uow, document, actor=actor)
    elif row.act in _RECEIPTS:
        trouble = "exchange.receipt_refused"
        if not recording.move_if_possible(uow, document, "receipt", ReceiptEvent.FAIL, actor=actor):
            return
        part.discarded_at = uow.clock.now()
        receipts.promise_receipt(uow, document, run_after=uow.clock.now() + pause_after(_refused(uow, document)))
    elif row.act in {Act.ANSWER.value, Act.REJECT.value}:
        trouble = "exchange.answer_refused"
        if not recording.move_if_possible(uow, document, "response", ResponseEvent.FAIL, actor=actor):
            return
        part.discarded_at = uow.clock.now()
        document.answered_at = document.refusal_reason = None
    elif row.act == Act.SIGN.value:
        return
    elif row.act == Act.CORRECT.value:
        trouble = "exchange.correction_refused"
        part.discarded_at = uow.clock.now()
        if not recording.move_if_possible(uow, document, "correction", CorrectionEvent.FAIL, actor=actor):
            return
    say(document, write_trouble(trouble, {"reason": reason}))


def pause_after(refused: int) -> timedelta:
    """How long to wait before the next notice when so many have been refused."""
    return min(FIRST_PAUSE * int(2 ** min(refused - 1, 10)), LONGEST_PAUSE)


def _refused(uow: UnitOfWork, document: Document) -> int:
    """How many notices of the document were refused, the one just now included."""
    uow.session.flush()
    return uow.session.execute(
        select(func.count(Dispatch.id)).where(
            Dispatch.document_id == document.id, Dispatch.act.in_(_RECEIPTS), Dispatch.state == "refused"
        )
    ).scalar_one()
