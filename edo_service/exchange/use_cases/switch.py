"""Switch a connection off and on. Nothing in the queue is lost: it leaves through the old connection before that is off."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import OperatorFactory, card
from edo_service.exchange.lives import ACCOUNT, AccountEvent
from edo_service.exchange.tables import (
    Annulment,
    InvitationBatch,
    InvitationRow,
    OperatorAccount,
    Relation,
    RelationStep,
)
from edo_service.exchange.use_cases.set_up import start_reading, take
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.tables import OwnBox
from operators import errors

UNSENT = ("queued", "sending", "clarifying")
UNANSWERED = ("required", "prepared", "refusal_prepared", "signing", "refusing")


def unfinished(uow: UnitOfWork, row: OperatorAccount) -> int:
    """How much still has to leave through the box.

    Documents to be sent, answered or acknowledged by us; what was promised about annulments and relations; companies of
    lists that are not invited yet.
    """
    return sum(
        uow.session.execute(query).scalar_one()
        for query in (
            select(func.count(Document.id)).where(Document.box == row.box, _open()),
            select(func.count(Annulment.id)).where(Annulment.account_id == row.id, Annulment.act.is_not(None)),
            select(func.count(RelationStep.id))
            .join(Relation, Relation.id == RelationStep.relation_id)
            .where(Relation.account_id == row.id, RelationStep.state.in_(relations.LIVE_STEPS)),
            select(func.count(InvitationRow.id))
            .join(InvitationBatch, InvitationBatch.id == InvitationRow.batch_id)
            .where(InvitationBatch.account_id == row.id, InvitationRow.outcome == "waiting"),
        )
    )


def left_in(account_id: UUID, *, uow: UnitOfWork) -> int:
    """The same number for a screen. NotFound."""
    with uow:
        return unfinished(uow, take(uow, account_id))


def _open() -> ColumnElement[bool]:
    incoming = Document.direction == "in"
    return or_(
        Document.delivery.in_(UNSENT),
        incoming & Document.receipt.in_(("required", "prepared")),
        incoming & Document.response.in_(UNANSWERED) & (Document.correction != "corrected"),
        incoming & Document.correction.in_(("prepared", "asking")),
    )


def switch_off(account_id: UUID, *, at_once: bool, actor: Actor, uow: UnitOfWork) -> str:
    """Close the connection: off when nothing is unfinished or `at_once`, else as soon as that is so. Returns the state.

    The feed's place is kept: what comes meanwhile is read when the connection is switched on again.
    """
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        left = unfinished(uow, row)
        if row.state != "closing":
            _move(uow, row, AccountEvent.SWITCH_OFF, actor)
            _forget_box(uow, row)
        if at_once or left == 0:
            _move(uow, row, AccountEvent.STOP, actor)
        uow.journal.write(
            "exchange.switched_off",
            owner_id=row.owner_id,
            subject=f"operator_account:{row.id}",
            actor=actor,
            unfinished=left,
            at_once=at_once,
        )
        uow.commit()
        return row.state


def switch_on(account_id: UUID, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory) -> None:
    """Open it again when its credentials still work. Raises Rejected, Unavailable, Conflict."""
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        if not ACCOUNT.allows(row.state, AccountEvent.SWITCH_ON):
            raise Conflict("exchange.set_up_already")
        account = card(row)
    try:
        operators(account).check_connection()
    except (errors.AuthExpired, errors.Forbidden) as error:
        raise Rejected("exchange.credentials_refused", reason=str(error)) from error
    except errors.OperatorError as error:
        raise Unavailable("exchange.no_answer", reason=str(error)) from error
    with uow:
        row = take(uow, account_id)
        _move(uow, row, AccountEvent.SWITCH_ON, actor)
        row.trouble = row.trouble_since = row.trace_id = None
        _know_box(uow, row)
        start_reading(uow, row)
        uow.journal.write(
            "exchange.switched_on", owner_id=row.owner_id, subject=f"operator_account:{row.id}", actor=actor
        )
        uow.commit()


def drain(account_id: UUID, *, actor: Actor, uow: UnitOfWork) -> bool:
    """End a connection that is closing and has nothing unfinished any more. True when it is off now."""
    with uow:
        row = take(uow, account_id)
        if row.state != "closing" or unfinished(uow, row):
            return False
        done = relations.move_account(uow, row, AccountEvent.DRAIN, actor=actor)
        uow.commit()
        return done


def _forget_box(uow: UnitOfWork, row: OperatorAccount) -> None:
    """New files that name this participant as their sender are not taken any more."""
    for box in uow.session.scalars(select(OwnBox).where(OwnBox.participant_id == row.participant_id)):
        uow.session.delete(box)


def _know_box(uow: UnitOfWork, row: OperatorAccount) -> None:
    known = select(OwnBox.id).where(OwnBox.participant_id == row.participant_id)
    if uow.session.execute(known).first() is None:
        uow.session.add(
            OwnBox(
                owner_id=row.owner_id,
                operator=row.operator,
                participant_id=row.participant_id,
                box=row.box,
                created_at=uow.clock.now(),
            )
        )


def _move(uow: UnitOfWork, row: OperatorAccount, event: AccountEvent, actor: Actor) -> None:
    if not ACCOUNT.allows(row.state, event):
        raise Conflict("exchange.set_up_already")
    workflow.move(uow.session, row, "state", event, ACCOUNT, actor=actor, at=uow.clock.now())
