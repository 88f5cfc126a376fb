"""Invite a list of companies: the list is kept row by row, a job goes through it and writes down what became of each."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from edo_service.errors import EdoError, NotFound, Rejected, Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import AccountCard, OperatorFactory, card
from edo_service.exchange.invitees import Invitee
from edo_service.exchange.lives import ACTS, LONGEST_TEXT, WORKING, RelationAct
from edo_service.exchange.rules import INVITATIONS
from edo_service.exchange.tables import InvitationBatch, InvitationRow, OperatorAccount, RelationStep
from edo_service.exchange.use_cases.relate import Wish, intend
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from operators import errors, port

PIECE = 20
ALREADY = {
    "accepted": "Обмен с этой компанией уже включён",
    "invited": "Приглашение уже отправлено",
    "inviting": "Эта компания сама приглашает вас: примите приглашение",
}


def keep_list(
    account_id: UUID, invitees: Sequence[Invitee], *, file_name: str, text: str, actor: Actor, uow: UnitOfWork
) -> UUID:
    """Keep the list and promise to go through it. Returns its id. Raises Rejected, NotFound."""
    actor.require(Right.COUNTERPARTIES)
    text, file_name = (one.replace("\x00", "") for one in (text, file_name))  # PostgreSQL keeps none
    if len(text) > LONGEST_TEXT:
        raise Rejected("exchange.text_too_long", limit=LONGEST_TEXT)
    with uow:
        account = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
        if account is None:
            raise NotFound("exchange.account_absent", id=str(account_id))
        if account.state not in WORKING:
            raise Rejected("exchange.not_connected")
        batch = InvitationBatch(
            owner_id=actor.entity,
            account_id=account.id,
            file_name=file_name[-400:],
            text=text or None,
            by_id=actor.user_id,
            by_name=actor.name,
            created_at=uow.clock.now(),
        )
        uow.session.add(batch)
        uow.session.flush()
        uow.session.add_all(_row(batch, one) for one in invitees)
        _promise(uow, batch)
        uow.journal.write(
            "relation.list_kept",
            owner_id=batch.owner_id,
            subject=f"invitation_batch:{batch.id}",
            actor=actor,
            rows=len(invitees),
            file_name=file_name[-400:],
        )
        uow.commit()
        return batch.id


def invite_listed(batch_id: UUID, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory) -> int:
    """Go through the next twenty rows; the rest is promised anew. Returns how many were gone through.

    A row that was gone through stays so: a repeat invites nobody twice. Raises OperatorError, Unavailable: silence of the
    operator leaves the row waiting, and so does a connection that is switched off (`exchange.not_connected`).
    """
    with uow:
        batch = uow.session.scalars(select(InvitationBatch).where(InvitationBatch.id == batch_id)).one_or_none()
        if batch is None:
            return 0
        account = _account(uow, batch)
        waiting = uow.session.scalars(
            select(InvitationRow)
            .where(InvitationRow.batch_id == batch_id, InvitationRow.outcome == "waiting")
            .order_by(InvitationRow.number)
            .limit(PIECE)
        ).all()
        wanted = [(row.id, row.inn, row.kpp, row.participant_id) for row in waiting]
    for row_id, inn, kpp, participant_id in wanted:
        try:
            hits = operators(account).find_participants(inn=inn, kpp=kpp)
        except errors.Invalid:
            hits = ()
        _invite(
            row_id,
            _fitting([one for one in hits if not relations.misfit(one)], participant_id),
            account=account,
            actor=actor,
            uow=uow,
        )
    if len(wanted) == PIECE:
        with uow:
            _promise(uow, uow.session.get_one(InvitationBatch, batch_id))
            uow.commit()
    return len(wanted)


def _account(uow: UnitOfWork, batch: InvitationBatch) -> AccountCard:
    """The list's connection; Unavailable while it is switched off, also when that happens half-way."""
    if not relations.is_usable(uow, batch.account_id):
        raise Unavailable(relations.OFF)
    return card(uow.session.get_one(OperatorAccount, batch.account_id))


def _fitting(hits: Sequence[port.Participant], participant_id: str | None) -> list[port.Participant]:
    """Whom the row can mean: the participant named, else those who may be written to, the operator's own first."""
    if participant_id:
        return [one for one in hits if (one.participant_id or "").casefold() == participant_id.casefold()]
    active = [one for one in hits if one.is_active]
    return [one for one in active if not one.is_roaming] or active


def _invite(
    row_id: UUID, hits: Sequence[port.Participant], *, account: AccountCard, actor: Actor, uow: UnitOfWork
) -> None:
    with uow:
        row = uow.session.get_one(InvitationRow, row_id)
        if row.outcome != "waiting":
            return
        batch = uow.session.get_one(InvitationBatch, row.batch_id)
        _account(uow, batch)
        if not hits:
            row.outcome, row.reason = "absent", "У оператора такой компании нет"
        elif len(hits) > 1:
            ids = ", ".join(one.participant_id or one.name for one in hits[:5])
            row.outcome, row.reason = "several", f"Подходит несколько, назовите идентификатор: {ids}"
        elif hits[0].participant_id == account.participant_id:
            row.outcome, row.reason = "faulty", "Это ваша компания"
        else:
            _ask(uow, row, batch, hits[0], account=account, actor=actor)
        uow.commit()


def _ask(
    uow: UnitOfWork,
    row: InvitationRow,
    batch: InvitationBatch,
    to: port.Participant,
    *,
    account: AccountCard,
    actor: Actor,
) -> None:
    relation = relations.keep(uow, account, to)
    row.relation_id, row.name = relation.id, relation.name
    if relations.live_step(uow, relation.id) is not None or RelationAct.INVITE not in ACTS.get(relation.state, ()):
        row.outcome, row.reason = "already", ALREADY.get(relation.state, ALREADY["invited"])
        return
    try:
        step_id = intend(uow, relation, Wish(act=RelationAct.INVITE, text=row.text or batch.text or ""), actor=actor)
    except EdoError as error:
        row.outcome, row.reason = "faulty", str(error)
        return
    step = uow.session.get_one(RelationStep, step_id)
    step.by_id, step.by_name = batch.by_id, batch.by_name
    row.outcome = "invited"


def _row(batch: InvitationBatch, one: Invitee) -> InvitationRow:
    return InvitationRow(
        owner_id=batch.owner_id,
        batch_id=batch.id,
        number=one.number,
        inn=one.inn,
        kpp=one.kpp,
        participant_id=one.participant_id,
        name=one.name,
        text=one.text[:LONGEST_TEXT] or None,
        outcome="faulty" if one.fault else "waiting",
        reason=one.fault,
    )


def _promise(uow: UnitOfWork, batch: InvitationBatch) -> None:
    uow.jobs.put(
        INVITATIONS,
        owner_id=batch.owner_id,
        key=str(batch.id),
        queue="exchange",
        payload={"batch_id": str(batch.id)},
    )
