"""Switch a connection off and on. Nothing is lost: the queue leaves, and answers are read, before it is off."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from edo_service.documents.rules import CALLED, FORMAL, UNANSWERED
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import OperatorFactory, card
from edo_service.exchange.lives import ACCOUNT, OPEN_ANNULMENTS, AccountEvent
from edo_service.exchange.refusals import ARRIVED
from edo_service.exchange.rules import EVENT
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
from edo_service.kernel.jobs import Job, JobState
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.tables import OwnBox
from operators import errors

LEAVING = ("queued", *CALLED)


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a connection has unfinished: how much is still to leave through it, and what is still to come in.

    `to_send`: documents to be sent, answered or acknowledged by us; what was promised about annulments and relations;
    companies of lists that are not invited yet. `answers`, `receipts`, `confirmations`: what counterparties and the operator
    owe to what has gone through it. `annulments`: proposals that wait for either side. `unread`: news that has been fetched
    and not been taken yet.
    """

    to_send: int
    answers: int
    receipts: int
    confirmations: int
    annulments: int
    unread: int

    @property
    def total(self) -> int:
        """All of it; a document counts once for each thing that it waits for."""
        return self.to_send + self.answers + self.receipts + self.confirmations + self.annulments + self.unread


def unfinished(uow: UnitOfWork, row: OperatorAccount) -> Left:
    """What is to be waited for before the connection may be off."""

    def count(query: Select[int]) -> int:
        return uow.session.execute(query).scalar_one()

    documents = select(func.count(Document.id)).where(Document.box == row.box)
    proposals = select(func.count(Annulment.id)).where(Annulment.account_id == row.id)
    steps = (
        select(func.count(RelationStep.id))
        .join(Relation, Relation.id == RelationStep.relation_id)
        .where(Relation.account_id == row.id, RelationStep.state.in_(relations.LIVE_STEPS))
    )
    invitees = (
        select(func.count(InvitationRow.id))
        .join(InvitationBatch, InvitationBatch.id == InvitationRow.batch_id)
        .where(InvitationBatch.account_id == row.id, InvitationRow.outcome == "waiting")
    )
    promised = (documents.where(_open()), proposals.where(Annulment.act.is_not(None)), steps, invitees)
    open_proposals = proposals.where(Annulment.act.is_(None), Annulment.state.in_(OPEN_ANNULMENTS))
    news = select(func.count(Job.id)).where(
        Job.kind == EVENT,
        Job.owner_id == row.owner_id,
        Job.key.startswith(f"{row.box}:", autoescape=True),
        Job.state.in_((JobState.WAITING, JobState.RUNNING)),
    )
    return Left(
        to_send=sum(count(query) for query in promised),
        answers=count(documents.where(_sent(), Document.response == "expected", Document.correction != "corrected")),
        receipts=count(documents.where(_sent(), Document.receipt == "expected")),
        confirmations=count(documents.where(_unconfirmed())),
        annulments=count(open_proposals),
        unread=count(news),
    )


def left_in(account_id: UUID, *, uow: UnitOfWork) -> Left:
    """The same for a screen. NotFound."""
    with uow:
        return unfinished(uow, take(uow, account_id))


def _open() -> ColumnElement[bool]:
    incoming = Document.direction == "in"
    return or_(
        Document.delivery.in_(LEAVING),
        incoming & Document.receipt.in_(("required", "prepared")),
        incoming & Document.response.in_(UNANSWERED) & (Document.correction != "corrected"),
        incoming & Document.correction.in_(("prepared", "asking")),
    )


def _sent() -> ColumnElement[bool]:
    """Documents of ours that have left and are in force."""
    annulled = exists().where(Annulment.document_id == Document.id, Annulment.state == "annulled")
    return and_(Document.direction == "out", Document.delivery.in_(ARRIVED), ~annulled)


def _unconfirmed() -> ColumnElement[bool]:
    """What the operator has not confirmed yet: that ours came to the other side, that our receipt or title has gone."""
    incoming = and_(Document.direction == "in", Document.kind.in_(FORMAL))
    return or_(
        _sent() & (Document.delivery != "delivered"),
        incoming & (Document.receipt == "sent"),
        incoming & (Document.response == "signed"),
    )


def switch_off(account_id: UUID, *, at_once: bool, actor: Actor, uow: UnitOfWork) -> str:
    """Close the connection: off `at_once`, else as soon as the feed is read to its end and nothing is awaited any more.

    Returns the state. Until it is off it takes no new documents, goes on reading, and what is due goes out. The feed's place
    is kept: what comes later is read when the connection is switched on again. Conflict.
    """
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        if row.state == "closing" and not at_once:
            return row.state  # said a second time
        left = unfinished(uow, row)
        if row.state != "closing":
            _move(uow, row, AccountEvent.SWITCH_OFF, actor)
            _forget_box(uow, row)
        if at_once:
            _move(uow, row, AccountEvent.STOP, actor)
        else:
            start_reading(uow, row)
        uow.journal.write(
            "exchange.switched_off",
            owner_id=row.owner_id,
            subject=f"operator_account:{row.id}",
            actor=actor,
            unfinished=left.total,
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
    """End a connection that is closing and has nothing unfinished any more. True when it is off now.

    For who has just read the feed to its end: what is still there may be what was awaited.
    """
    with uow:
        row = take(uow, account_id)
        if row.state != "closing" or unfinished(uow, row).total:
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
