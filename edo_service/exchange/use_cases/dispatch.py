"""Carry one signed file to the operator. The intent is stored before the call; an unknown outcome is looked up, not repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from edo_service.documents import recording
from edo_service.documents.rules import DeliveryEvent, Direction, Kind, ReceiptEvent, ResponseEvent, Role
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import NotFound
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.rules import LOOK_UP_GRACE, Act, act_for
from edo_service.exchange.tables import Dispatch
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Retry
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from operators import errors as operator_errors
from operators import port

UPD_WIRE_VERSION = "utd970_05_03_01"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """An intent ready to be carried out: what, through which box, and whether an earlier try may have succeeded."""

    dispatch_id: UUID
    key: str
    action: port.Action
    signatures: Mapping[str, str]
    account: AccountCard
    owner_id: UUID
    look_first: bool
    since: datetime


def dispatch(
    part_id: UUID,
    signature_id: UUID,
    *,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
    operators: OperatorFactory,
) -> None:
    """Carry the signed file out once. Raises Retry while the operator cannot answer or the outcome is unknown."""
    promise = _promise(part_id, signature_id, actor=actor, uow=uow, objects=objects)
    if promise is None:
        return
    faults.reach("exchange.after_intent")
    operator = operators(promise.account)
    try:
        executed = operator.look_up(promise.action, since=promise.since) if promise.look_first else None
        if executed is None:
            executed = _execute(operator, promise, objects)
    except operator_errors.OutcomeUnknown as error:
        _lose_track(promise, actor=actor, uow=uow)
        raise Retry(LOOK_UP_GRACE) from error
    except (
        operator_errors.Temporary,
        operator_errors.RateLimited,
        operator_errors.InProgress,
        operator_errors.AuthExpired,
    ) as error:
        raise Retry(timedelta(seconds=error.retry_after or 5)) from error
    except operator_errors.OperatorError as error:
        _refuse(promise, error, actor=actor, uow=uow)
        return
    faults.reach("exchange.after_call")
    _record(promise, executed, actor=actor, uow=uow)


def _execute(operator: port.Operator, promise: Promise, objects: ObjectStore) -> port.Executed:
    """Sign what the operator asks to have signed with the signature that is ready, and execute."""
    (only,) = promise.signatures.values()
    signature = objects.get(promise.owner_id, only)
    wanted = operator.prepare(promise.action)
    return operator.execute(promise.action, {item.ref: signature for item in wanted}, key=promise.key)


def _promise(
    part_id: UUID, signature_id: UUID, *, actor: Actor, uow: UnitOfWork, objects: ObjectStore
) -> Promise | None:
    with uow:
        part = uow.session.scalars(select(Part).where(Part.id == part_id)).one_or_none()
        signature = uow.session.scalars(select(Signature).where(Signature.id == signature_id)).one_or_none()
        if part is None or signature is None or signature.sha256 is None:
            raise NotFound("exchange.nothing_to_carry", part_id=str(part_id))
        document = recording.take(uow, part.document_id)
        act = act_for(Direction(document.direction), Role(part.role))
        if act is None:
            return None
        row = _intent(uow, document, part, signature, act)
        if row.state in {"done", "refused"}:
            return None
        look_first = row.state == "calling"
        now = uow.clock.now()
        if look_first and row.called_at is not None and now - row.called_at < LOOK_UP_GRACE:
            raise Retry(row.called_at + LOOK_UP_GRACE - now)
        row.state, row.calls, row.called_at = "calling", row.calls + 1, now
        if act is Act.SEND:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.CALL, actor=actor)
        account = account_of_box(uow, document.owner_id, document.box)
        promise = Promise(
            dispatch_id=row.id,
            key=row.key,
            action=_action(uow, act, document, part, account, objects),
            signatures={str(part.id): signature.sha256},
            account=account,
            owner_id=document.owner_id,
            look_first=look_first,
            since=row.created_at,
        )
        uow.commit()
    return promise


def _intent(uow: UnitOfWork, document: Document, part: Part, signature: Signature, act: Act) -> Dispatch:
    row = uow.session.scalars(
        select(Dispatch).where(Dispatch.part_id == part.id, Dispatch.act == act.value)
    ).one_or_none()
    if row is None:
        row = Dispatch(
            owner_id=document.owner_id,
            document_id=document.id,
            part_id=part.id,
            signature_id=signature.id,
            act=act.value,
            state="intended",
            key=str(new_id()),
            calls=0,
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
    return row


def _action(
    uow: UnitOfWork, act: Act, document: Document, part: Part, account: AccountCard, objects: ObjectStore
) -> port.Action:
    content = objects.get(document.owner_id, part.sha256)
    if act is Act.SEND:
        return port.Send(
            from_box=account.box,
            to_box=document.peer_box or "",
            own_id=str(document.id),
            document=port.OutgoingDocument(
                kind="upd" if document.kind == Kind.UPD.value else "nonformalized",
                content=content,
                file_name=part.file_name,
                function=document.function,
                version=UPD_WIRE_VERSION if document.kind == Kind.UPD.value else None,
                needs_answer=document.response != "not_needed",
                needs_receipt=document.receipt != "not_needed",
                comment=None,
            ),
        )
    doc = port.EntityRef(box=account.box, message_id=document.message_ref or "", entity_id=document.entity_ref or "")
    if act is Act.RECEIPT:
        parent = uow.session.get_one(Part, part.parent_id)
        target = port.EntityRef(box=account.box, message_id=doc.message_id, entity_id=parent.entity_ref or "")
        return port.SendReceipt(doc=doc, target=target, content=content, file_name=part.file_name)
    if act is Act.ANSWER:
        return port.AnswerWithTitle(doc=doc, content=content, file_name=part.file_name)
    if act is Act.REJECT:
        return port.RejectDocument(doc=doc, content=content, file_name=part.file_name)
    return port.SignDocument(doc=doc)


def _record(promise: Promise, executed: port.Executed, *, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        row = uow.session.get_one(Dispatch, promise.dispatch_id)
        if row.state == "done":
            return
        now = uow.clock.now()
        row.state, row.done_at, row.result = "done", now, {"message_id": executed.message_id}
        document = recording.take(uow, row.document_id)
        part = uow.session.get_one(Part, row.part_id)
        created = executed.main
        if row.act == Act.SEND.value:
            document.message_ref, document.entity_ref = executed.message_id, created.entity_id
            document.sent_at = now
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.ACCEPT, actor=actor)
        elif row.act == Act.RECEIPT.value:
            recording.move_if_possible(uow, document, "receipt", ReceiptEvent.SEND, actor=actor)
        else:
            recording.move_if_possible(uow, document, "response", ResponseEvent.SEND, actor=actor)
        if row.act != Act.SIGN.value:
            part.message_ref, part.entity_ref = executed.message_id, created.entity_id
        document.trouble = None
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


def _lose_track(promise: Promise, *, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        row = uow.session.get_one(Dispatch, promise.dispatch_id)
        document = recording.take(uow, row.document_id)
        if row.act == Act.SEND.value:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.LOSE_TRACK, actor=actor)
        document.trouble = "exchange.outcome_unknown"
        uow.commit()


def _refuse(promise: Promise, error: operator_errors.OperatorError, *, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        row = uow.session.get_one(Dispatch, promise.dispatch_id)
        document = recording.take(uow, row.document_id)
        row.state, row.trouble = "refused", str(error)
        if row.act == Act.SEND.value:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.FAIL, actor=actor)
        document.trouble = f"exchange.refused: {error}"
        uow.journal.write(
            "exchange.refused",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            act=row.act,
            reason=str(error),
        )
        uow.commit()
