"""Carry one act about a relation out at the operator. One looks before each call, so a lost answer repeats nothing."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from edo_service.errors import Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import AccountCard, OperatorFactory
from edo_service.exchange.lives import REACHED, AccountEvent, RelationAct
from edo_service.exchange.rules import LOCKED_OUT, LONGEST_PAUSE, LOOK_UP_GRACE
from edo_service.exchange.tables import OperatorAccount, Relation, RelationStep
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import Retry
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from operators import errors, port

PENDING_PAUSE = timedelta(seconds=5)
SWITCHED_OFF = timedelta(minutes=1)
UNSEEN = "Оператор не видит этой связи: приглашение отозвали или обмен уже прекращён"
GONE = "Приглашение отозвали: у оператора его больше нет"


@dataclass(frozen=True, kw_only=True)
class _Order:
    """A step read in one short transaction."""

    step_id: UUID
    owner_id: UUID
    act: RelationAct
    key: str
    text: str | None
    file_name: str | None
    file_sha256: str | None
    signature_sha256: str | None
    task: str | None
    calls: int
    account: AccountCard
    to: port.Participant

    @property
    def pause(self) -> timedelta:
        """Two seconds, then twice as long each time, ten minutes at most."""
        return min(LOOK_UP_GRACE * int(2 ** min(self.calls - 1, 10)), LONGEST_PAUSE)


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What came of it: the operator's task while it works, its refusal in words, and how the two stand now.

    `gone`: the operator knows of nothing between the two any more.
    """

    pending: port.Invitation | None = None
    refusal: str | None = None
    news: port.Relation | None = None
    gone: bool = False


def carry_relation(
    step_id: UUID, *, actor: Actor, uow: UnitOfWork, objects: ObjectStore, operators: OperatorFactory
) -> None:
    """Carry the step out once. Raises Retry while the operator is silent, works on it, or its answer was lost.

    It waits as well while the connection is switched off: nothing is asked then.
    """
    order = _take(step_id, uow=uow)
    if order is None:
        return
    try:
        outcome = _act(operators(order.account), order, objects)
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
        _refuse(order, str(error), error.trace_id, actor=actor, uow=uow)
        return
    _record(order, outcome, actor=actor, uow=uow)
    if outcome.pending is not None:
        after = outcome.pending.retry_after
        raise Retry(timedelta(seconds=after) if after else PENDING_PAUSE, "the operator works on it")


def _take(step_id: UUID, *, uow: UnitOfWork) -> _Order | None:
    with uow:
        step = uow.session.scalars(select(RelationStep).where(RelationStep.id == step_id)).one_or_none()
        if step is None or step.state in {"done", "refused"}:
            return None
        row = uow.session.get_one(Relation, step.relation_id)
        if not relations.is_usable(uow, row.account_id):
            step.trouble, step.trace_id = relations.OFF, None
            uow.commit()
            raise Retry(SWITCHED_OFF, relations.OFF)
        step.calls, step.called_at = step.calls + 1, uow.clock.now()
        if step.state == "intended":
            step.state = "calling"
        order = _Order(
            step_id=step.id,
            owner_id=step.owner_id,
            act=RelationAct(step.act),
            key=step.key,
            text=step.text,
            file_name=step.file_name,
            file_sha256=step.file_sha256,
            signature_sha256=step.signature_sha256,
            task=step.task,
            calls=step.calls,
            account=relations.account_of(uow, row),
            to=relations.participant_of(row),
        )
        uow.commit()
    return order


def _act(operator: port.Operator, order: _Order, objects: ObjectStore) -> _Outcome:
    """Look, call when it is not done yet, look again."""
    box = order.account.box
    if order.task is not None:
        return _judge(operator, order, operator.invitation_result(box, order.task))
    before = operator.relation(box, order.to)
    if before is not None and before.status in REACHED[order.act]:
        return _Outcome(news=before)
    if order.act is RelationAct.INVITE:
        made = operator.invite(box, order.to, text=order.text, document=_file(order, objects), key=order.key)
        return _judge(operator, order, made)
    if before is None:
        return _unseen(order)
    if order.act is RelationAct.ACCEPT:
        return _judge(operator, order, operator.accept(box, before, text=order.text, key=order.key))
    call = {
        RelationAct.REJECT: operator.reject,
        RelationAct.WITHDRAW: operator.withdraw,
        RelationAct.BREAK: operator.break_relation,
    }[order.act]
    call(box, before, text=order.text, key=order.key)
    return _Outcome(news=operator.relation(box, order.to))


def _unseen(order: _Order) -> _Outcome:
    """What was to end has ended, what was to be accepted is gone. Without a box not every adapter can look: no conclusion."""
    if order.to.box is None:
        return _Outcome(refusal=UNSEEN)
    return _Outcome(gone=True, refusal=GONE if order.act is RelationAct.ACCEPT else None)


def _judge(operator: port.Operator, order: _Order, made: port.Invitation) -> _Outcome:
    if made.state is port.InvitationState.FAILED:
        return _Outcome(refusal=made.reason or "Оператор не назвал причину")
    if made.state is port.InvitationState.PENDING:
        return _Outcome(pending=made)
    return _Outcome(news=operator.relation(order.account.box, order.to))


def _file(order: _Order, objects: ObjectStore) -> port.SignedFile | None:
    if order.file_sha256 is None or order.signature_sha256 is None:
        return None
    return port.SignedFile(
        file_name=order.file_name or "file",
        content=objects.get(order.owner_id, order.file_sha256),
        signature=objects.get(order.owner_id, order.signature_sha256),
    )


def _record(order: _Order, outcome: _Outcome, *, actor: Actor, uow: UnitOfWork) -> None:
    if outcome.refusal is not None:
        _refuse(order, outcome.refusal, None, actor=actor, uow=uow, gone=outcome.gone)
        return
    with uow:
        step = uow.session.get_one(RelationStep, order.step_id)
        if step.state in {"done", "refused"}:
            return
        step.trouble = step.trace_id = None
        if outcome.pending is not None:
            step.state, step.task = "asked", outcome.pending.task[:200]
            uow.commit()
            return
        row = uow.session.get_one(Relation, step.relation_id)
        step.state, step.done_at = "done", uow.clock.now()
        account = uow.session.get_one(OperatorAccount, row.account_id)
        if account.invited_id == row.id and order.act is RelationAct.INVITE:
            relations.move_account(uow, account, AccountEvent.ASK_CONFIRM, actor=actor)
        if outcome.news is not None and not relations.misfit(outcome.news.participant, ref=outcome.news.ref):
            relations.take_news(uow, order.account, outcome.news, actor=actor)
        if outcome.gone:
            relations.take_absence(uow, order.account, row, actor=actor)
        uow.journal.write(
            f"relation.{order.act.value}",
            owner_id=row.owner_id,
            subject=f"relation:{row.id}",
            actor=actor,
            name=row.name,
            inn=row.inn,
            key=order.key,
        )
        uow.commit()


def _refuse(
    order: _Order, reason: str, trace_id: str | None, *, actor: Actor, uow: UnitOfWork, gone: bool = False
) -> None:
    with uow:
        step = uow.session.get_one(RelationStep, order.step_id)
        if step.state in {"done", "refused"}:
            return
        row = uow.session.get_one(Relation, step.relation_id)
        step.state, step.done_at = "refused", uow.clock.now()
        step.trouble, step.trace_id = reason, trace_id
        account = uow.session.get_one(OperatorAccount, row.account_id)
        if account.invited_id == row.id and order.act is RelationAct.INVITE:
            relations.move_account(uow, account, AccountEvent.REFUSE, actor=actor)
        if gone:
            relations.take_absence(uow, order.account, row, actor=actor)
        uow.journal.write(
            "relation.refused",
            owner_id=row.owner_id,
            subject=f"relation:{row.id}",
            actor=actor,
            act=order.act.value,
            reason=reason,
        )
        uow.commit()


def _note(order: _Order, error: errors.OperatorError, *, uow: UnitOfWork) -> None:
    """Keep why it waits, for the queue's screen."""
    with uow:
        step = uow.session.get_one(RelationStep, order.step_id)
        step.trouble, step.trace_id = f"{type(error).__name__}: {error}", error.trace_id
        uow.commit()
