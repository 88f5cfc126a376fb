"""Carry a proposal to annul, or our answer to one, to the operator. An earlier call is looked for before it is repeated."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from edo_service.documents.tables import Document
from edo_service.errors import Unavailable
from edo_service.exchange import annulments, relations
from edo_service.exchange.accounts import AccountCard, OperatorFactory, card
from edo_service.exchange.lives import AnnulmentEvent
from edo_service.exchange.rules import LOCKED_OUT, LONGEST_PAUSE, LOOK_UP_GRACE
from edo_service.exchange.tables import Annulment, OperatorAccount
from edo_service.exchange.telling import power_behind
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import Retry
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from operators import errors, port

SWITCHED_OFF = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class _Order:
    id: UUID
    owner_id: UUID
    act: str
    key: str
    calls: int
    doc: port.EntityRef
    proposal: port.EntityRef
    file_name: str
    file_sha256: str
    signature_sha256: str
    account: AccountCard
    since: datetime
    power: port.PowerRef | None

    @property
    def pause(self) -> timedelta:
        return min(LOOK_UP_GRACE * int(2 ** min(self.calls - 1, 10)), LONGEST_PAUSE)

    def action(self, content: bytes) -> port.Action:
        if self.act == "propose":
            return port.ProposeAnnulment(doc=self.doc, content=content, file_name=self.file_name)
        if self.act == "accept":
            return port.AcceptAnnulment(doc=self.doc, proposal=self.proposal)
        return port.RefuseAnnulment(doc=self.doc, proposal=self.proposal, content=content, file_name=self.file_name)


def carry_annulment(
    annulment_id: UUID, *, actor: Actor, uow: UnitOfWork, objects: ObjectStore, operators: OperatorFactory
) -> None:
    """Carry it out once. Raises Retry while the operator is silent, the outcome is unknown or we are switched off."""
    order = _take(annulment_id, uow=uow)
    if order is None:
        return
    try:
        action = order.action(objects.get(order.owner_id, order.file_sha256))
        signature = objects.get(order.owner_id, order.signature_sha256)
        executed = _execute(operators(order.account), order, action, signature)
    except Unavailable as error:
        raise Retry(timedelta(minutes=1), str(error)) from error
    except errors.OutcomeUnknown as error:
        _note(order, error, uow=uow)
        raise Retry(order.pause, str(error)) from error
    except errors.SILENT as error:
        _note(order, error, uow=uow)
        raise Retry(timedelta(seconds=error.retry_after or 5), str(error)) from error
    except errors.AuthExpired as error:
        _note(order, error, uow=uow)
        raise Retry(LOCKED_OUT, str(error)) from error
    except errors.OperatorError as error:
        _end(order, AnnulmentEvent.FAIL, None, error, actor=actor, uow=uow)
        return
    _end(order, AnnulmentEvent.SEND, executed, None, actor=actor, uow=uow)


def _execute(operator: port.Operator, order: _Order, action: port.Action, signature: bytes) -> port.Executed:
    found = operator.look_up(action, since=order.since) if order.calls > 1 else None
    if found is not None:
        return found
    try:
        wanted = operator.prepare(action)
        return operator.execute(action, {item.ref: signature for item in wanted}, key=order.key, power=order.power)
    except errors.Conflict:
        found = operator.look_up(action, since=order.since)
        if found is not None:
            return found
        raise


def _take(annulment_id: UUID, *, uow: UnitOfWork) -> _Order | None:
    with uow:
        row = uow.session.scalars(select(Annulment).where(Annulment.id == annulment_id)).one_or_none()
        if row is None or row.act is None:
            return None
        if not relations.is_usable(uow, row.account_id):
            row.trouble, row.trace_id = relations.OFF, None
            uow.commit()
            raise Retry(SWITCHED_OFF, relations.OFF)
        document = uow.session.get_one(Document, row.document_id)
        account = card(uow.session.get_one(OperatorAccount, row.account_id))
        row.calls += 1
        ours = row.act == "propose"
        order = _Order(
            id=row.id,
            owner_id=row.owner_id,
            act=row.act,
            key=row.key,
            calls=row.calls,
            doc=port.EntityRef(box=account.box, message_id=row.message_ref, entity_id=document.entity_ref or ""),
            proposal=port.EntityRef(box=account.box, message_id=row.message_ref, entity_id=row.entity_ref or ""),
            file_name=row.file_name if ours else row.answer_name or row.file_name,
            file_sha256=row.file_sha256 if ours else row.answer_sha256 or row.file_sha256,
            signature_sha256=(row.signature_sha256 if ours else row.answer_signature_sha256) or "",
            account=account,
            since=row.created_at,
            power=power_behind(uow, row.owner_id, annulments.signature_key(row, "offer" if ours else "answer")),
        )
        uow.commit()
    return order


def _end(
    order: _Order,
    event: AnnulmentEvent,
    executed: port.Executed | None,
    error: errors.OperatorError | None,
    *,
    actor: Actor,
    uow: UnitOfWork,
) -> None:
    with uow:
        row = uow.session.get_one(Annulment, order.id)
        if row.act is None:
            return
        row.act = None
        row.trouble = _told(error) if error else None
        row.trace_id = error.trace_id if error else None
        if executed is not None and order.act == "propose" and row.entity_ref is None:
            row.entity_ref = executed.main.entity_id
        annulments.move_if_possible(uow, row, event, actor=actor)
        uow.commit()


def _note(order: _Order, error: errors.OperatorError, *, uow: UnitOfWork) -> None:
    with uow:
        row = uow.session.get_one(Annulment, order.id)
        row.trouble, row.trace_id = _told(error), error.trace_id
        uow.commit()


def _told(error: errors.OperatorError) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
