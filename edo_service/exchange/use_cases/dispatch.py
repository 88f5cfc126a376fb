"""Carry one file to the operator, with its signature where it has one.

The intent is stored before the call; an unknown outcome is looked up, not repeated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from edo_service.documents import held, recording
from edo_service.documents.rules import (
    NO_KEY,
    CorrectionEvent,
    DeliveryEvent,
    Direction,
    Kind,
    ReceiptEvent,
    ResponseEvent,
    Role,
)
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import NotFound, Unavailable
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.refusals import give_back, hold, holds, is_held
from edo_service.exchange.rules import LOCKED_OUT, LONGEST_PAUSE, LOOK_UP_GRACE, Act, act_for
from edo_service.exchange.tables import Dispatch
from edo_service.exchange.telling import power_behind
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import GiveUp, Retry
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from operators import errors as operator_errors
from operators import port

WIRE_VERSIONS: Mapping[str, str] = {Kind.UPD.value: "utd970_05_03_01", Kind.UKD.value: "ucd736_05_01_02"}
"""Kind of a formal document → the operator's name of the format in force: УПД 5.03 (970@), УКД 5.01 (736@)."""


LOOKS_AFTER_CONFLICT = 6
_ENDED = frozenset({"done", "overtaken"})


@dataclass(frozen=True, kw_only=True)
class Promise:
    """An intent ready to be carried out: what, through which box, and whether an earlier try may have succeeded.

    `make` builds the action around the file's bytes; `calls` counts the tries, this one included. `power`: the МЧД that
    the signature rests on, for the other side.
    """

    dispatch_id: UUID
    key: str
    make: Callable[[bytes], port.Action]
    content_sha256: str
    signature_sha256: str | None
    account: AccountCard
    owner_id: UUID
    look_first: bool
    calls: int
    since: datetime
    power: port.PowerRef | None

    @property
    def pause(self) -> timedelta:
        """How long to wait before looking again: two seconds, then twice as long each time, ten minutes at most."""
        return min(LOOK_UP_GRACE * int(2 ** min(self.calls - 1, 10)), LONGEST_PAUSE)


def dispatch(
    part_id: UUID,
    signature_id: UUID | None,
    *,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
    operators: OperatorFactory,
) -> None:
    """Carry the signed file out once. Raises Retry while the operator cannot answer or the outcome is unknown.

    GiveUp: the operator refused an answer that is held; the same job carries it when a person lets it run again.
    """
    try:
        promise = _promise(part_id, signature_id, actor=actor, uow=uow)
        if promise is None:
            return
        faults.reach("exchange.after_intent")
        action = promise.make(objects.get(promise.owner_id, promise.content_sha256))
        signed = promise.signature_sha256
        signature = objects.get(promise.owner_id, signed) if signed is not None else None
        operator = operators(promise.account)
    except Unavailable as error:
        _note(part_id, error.code, uow=uow)
        raise Retry(timedelta(minutes=1), str(error)) from error
    try:
        executed = _carry_out(operator, promise, action, signature)
    except operator_errors.OutcomeUnknown as error:
        _lose_track(promise, error, actor=actor, uow=uow)
        raise Retry(promise.pause, str(error)) from error
    except operator_errors.SILENT as error:
        _note(part_id, "exchange.silent", uow=uow, error=error)
        raise Retry(timedelta(seconds=error.retry_after or 5), str(error)) from error
    except operator_errors.AuthExpired as error:  # asked rarely: operators lock accounts out
        _note(part_id, "exchange.credentials_refused", uow=uow, error=error)
        raise Retry(LOCKED_OUT, str(error)) from error
    except operator_errors.OperatorError as error:
        if _refuse(promise, error, actor=actor, uow=uow):
            raise GiveUp(str(error)) from error
        return
    faults.reach("exchange.after_call")
    _record(promise, executed, actor=actor, uow=uow)


def _carry_out(
    operator: port.Operator, promise: Promise, action: port.Action, signature: bytes | None
) -> port.Executed:
    """Look when an earlier call may have succeeded, else execute. A conflict may be the echo of our own earlier call."""
    found = _look(operator, promise, action) if promise.look_first else None
    if found is not None:
        return found
    try:
        wanted = operator.prepare(action)
        signatures = {} if signature is None else {item.ref: signature for item in wanted}
        return operator.execute(action, signatures, key=promise.key, power=promise.power)
    except operator_errors.Conflict as error:
        found = _look(operator, promise, action)
        if found is not None:
            return found
        if promise.look_first and promise.calls < LOOKS_AFTER_CONFLICT:
            raise operator_errors.OutcomeUnknown(str(error), operator=error.operator) from error
        raise


def _look(operator: port.Operator, promise: Promise, action: port.Action) -> port.Executed | None:
    """Look the action up. That looking failed says nothing about the action: OutcomeUnknown, never a refusal."""
    try:
        return operator.look_up(action, since=promise.since)
    except (*operator_errors.SILENT, operator_errors.AuthExpired):
        raise
    except operator_errors.OperatorError as error:
        raise operator_errors.OutcomeUnknown(str(error), operator=error.operator) from error


def _promise(part_id: UUID, signature_id: UUID | None, *, actor: Actor, uow: UnitOfWork) -> Promise | None:
    with uow:
        part = uow.session.scalars(select(Part).where(Part.id == part_id)).one_or_none()
        signature = uow.session.scalars(select(Signature).where(Signature.id == signature_id)).one_or_none()
        unsigned = signature_id is None and part is not None and part.role == Role.UNIVERSAL_RECEIPT.value
        if part is None or not (unsigned or (signature is not None and signature.sha256 is not None)):
            raise NotFound("exchange.nothing_to_carry", part_id=str(part_id))
        document = recording.take(uow, part.document_id)
        act = act_for(Direction(document.direction), Role(part.role))
        stale = part.discarded_at is not None or (act is Act.SEND and document.delivery in {"draft", "failed"})
        if act is None:
            return None
        row = _intent(uow, document, part, signature, act)
        if stale or row.state in _ENDED:
            _settle(uow, document, row)
            return None
        if row.state == "refused" and not is_held(document, row):
            return None
        look_first = row.state != "intended"
        now = uow.clock.now()
        if row.state == "calling" and row.called_at is not None and now - row.called_at < LOOK_UP_GRACE:
            raise Retry(row.called_at + LOOK_UP_GRACE - now)
        account = account_of_box(uow, document.owner_id, document.box)
        row.state, row.calls, row.called_at = "calling", row.calls + 1, now
        if act is Act.SEND:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.CALL, actor=actor)
        promise = Promise(
            dispatch_id=row.id,
            key=row.key,
            make=_maker(uow, act, document, part, account),
            content_sha256=part.sha256,
            signature_sha256=signature.sha256 if signature is not None else None,
            account=account,
            owner_id=document.owner_id,
            look_first=look_first,
            calls=row.calls,
            since=row.created_at,
            power=power_behind(uow, document.owner_id, signature.id if signature is not None else None),
        )
        uow.commit()
    return promise


def _intent(uow: UnitOfWork, document: Document, part: Part, signature: Signature | None, act: Act) -> Dispatch:
    row = uow.session.scalars(
        select(Dispatch).where(Dispatch.part_id == part.id, Dispatch.act == act.value)
    ).one_or_none()
    if row is None:
        row = Dispatch(
            owner_id=document.owner_id,
            document_id=document.id,
            part_id=part.id,
            signature_id=signature.id if signature is not None else None,
            act=act.value,
            state="intended",
            key=str(new_id()),
            calls=0,
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
    return row


def _settle(uow: UnitOfWork, document: Document, row: Dispatch) -> None:
    """Close the intent of a call that is not made any more, because news have told its end before its answer.

    A document that the feed calls not delivered had reached the operator. A discarded file was overtaken by another.
    """
    if row.state != "calling":
        return
    row.trouble = row.trace_id = None
    if row.act == Act.SEND.value:
        row.state, row.done_at, row.result = "done", uow.clock.now(), {"message_id": document.message_ref}
    else:
        row.state = "overtaken"
    uow.commit()


def _maker(
    uow: UnitOfWork, act: Act, document: Document, part: Part, account: AccountCard
) -> Callable[[bytes], port.Action]:
    """What builds the action once the bytes have been read, outside the transaction."""
    if act is Act.SEND:
        return partial(_send, document, part.file_name, account.box)
    doc = port.EntityRef(box=account.box, message_id=document.message_ref or "", entity_id=document.entity_ref or "")
    if act in {Act.RECEIPT, Act.TELL}:
        parent = uow.session.get_one(Part, part.parent_id)
        target = port.EntityRef(box=account.box, message_id=doc.message_id, entity_id=parent.entity_ref or "")
        return partial(_receipt, act, doc, target, part.file_name)
    if act is Act.ANSWER:
        return lambda content: port.AnswerWithTitle(doc=doc, content=content, file_name=part.file_name)
    if act is Act.REJECT:
        return lambda content: port.RejectDocument(doc=doc, content=content, file_name=part.file_name)
    if act is Act.CORRECT:
        return lambda content: port.RequestCorrection(doc=doc, content=content, file_name=part.file_name)
    return lambda _content: port.SignDocument(doc=doc)


def _receipt(act: Act, doc: port.EntityRef, target: port.EntityRef, file_name: str, content: bytes) -> port.Action:
    if act is Act.TELL:
        return port.SendUniversalMessage(
            doc=doc, target=target, purpose=port.EntityKind.RECEIPT, content=content, file_name=file_name
        )
    return port.SendReceipt(doc=doc, target=target, content=content, file_name=file_name)


def _send(document: Document, file_name: str, box: str, content: bytes) -> port.Send:
    kinds: Mapping[str, Literal["upd", "ukd"]] = {Kind.UPD.value: "upd", Kind.UKD.value: "ukd"}
    return port.Send(
        from_box=box,
        to_box=document.peer_box or "",
        own_id=str(document.id),
        document=port.OutgoingDocument(
            kind=kinds.get(document.kind, "nonformalized"),
            content=content,
            file_name=file_name,
            function=document.function,
            version=WIRE_VERSIONS.get(document.kind),
            needs_answer=document.response != "not_needed",
            needs_receipt=document.receipt != "not_needed",
            comment=None,
        ),
    )


def _record(promise: Promise, executed: port.Executed, *, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        row = uow.session.get_one(Dispatch, promise.dispatch_id)
        if row.state == "done":
            return
        now = uow.clock.now()
        row.state, row.done_at, row.result = "done", now, {"message_id": executed.message_id}
        row.trouble = row.trace_id = None
        document = recording.take(uow, row.document_id)
        part = uow.session.get_one(Part, row.part_id)
        created = executed.main
        if row.act == Act.SEND.value:
            document.message_ref, document.entity_ref = executed.message_id, created.entity_id
            document.sent_at = now
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.ACCEPT, actor=actor)
        elif row.act == Act.RECEIPT.value:
            recording.move_if_possible(uow, document, "receipt", ReceiptEvent.SEND, actor=actor)
        elif row.act == Act.TELL.value:
            recording.move_if_possible(uow, document, "receipt", ReceiptEvent.TELL, actor=actor)
        elif row.act == Act.CORRECT.value:
            recording.move_if_possible(uow, document, "correction", CorrectionEvent.SEND, actor=actor)
        else:
            recording.move_if_possible(uow, document, "response", ResponseEvent.SEND, actor=actor)
        if row.act != Act.SIGN.value:
            part.message_ref, part.entity_ref = executed.message_id, created.entity_id
        _clear(document)
        uow.journal.write(
            f"exchange.{row.act}",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            message_id=executed.message_id,
            entity_id=created.entity_id,
            key=row.key,
        )
        recording.finish_if_complete(uow, document, actor=actor)
        faults.reach("exchange.before_record")
        uow.commit()


def _lose_track(promise: Promise, error: operator_errors.OperatorError, *, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        row = uow.session.get_one(Dispatch, promise.dispatch_id)
        _trace(row, error)
        document = recording.take(uow, row.document_id)
        if row.act == Act.SEND.value:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.LOSE_TRACK, actor=actor)
        held.say(document, "exchange.outcome_unknown")
        uow.commit()


def _refuse(promise: Promise, error: operator_errors.OperatorError, *, actor: Actor, uow: UnitOfWork) -> bool:
    """Write the refusal down; True when the answer is held for a person to repeat it."""
    with uow:
        row = uow.session.get_one(Dispatch, promise.dispatch_id)
        document = recording.take(uow, row.document_id)
        if row.state == "done":
            return False
        row.state = "refused"
        _trace(row, error)
        is_kept = holds(row, error) and is_held(document, row)
        if is_kept:
            hold(document, reason=str(error))
        else:
            give_back(uow, document, row, reason=str(error), actor=actor)
        uow.journal.write(
            "exchange.refused",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            act=row.act,
            reason=str(error),
        )
        recording.finish_if_complete(uow, document, actor=actor)
        uow.commit()
        return is_kept


def _note(part_id: UUID, trouble: str, *, uow: UnitOfWork, error: operator_errors.OperatorError | None = None) -> None:
    """Say on the card why nothing moves (trouble of another kind is left standing), and in the queue what was answered."""
    with uow:
        part = uow.session.get_one(Part, part_id)
        document = recording.take(uow, part.document_id)
        if error is not None:
            calling = select(Dispatch).where(Dispatch.part_id == part_id, Dispatch.state == "calling")
            for row in uow.session.scalars(calling):
                _trace(row, error)
        if document.trouble not in {trouble, NO_KEY}:
            held.say(document, trouble)
        uow.commit()


def _trace(row: Dispatch, error: operator_errors.OperatorError) -> None:
    """Keep the operator's last answer and what its support asks for."""
    row.trouble, row.trace_id = f"{type(error).__name__}: {error}"[:2000], error.trace_id


def _clear(document: Document) -> None:
    if document.trouble != NO_KEY:
        held.say(document, None)
