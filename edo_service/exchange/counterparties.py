"""Reads of relations and counterparties for their screens: one list by state and words, one card, lists of invitations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from edo_service.errors import NotFound
from edo_service.exchange.lives import RelationAct
from edo_service.exchange.relations import LIVE_STEPS
from edo_service.exchange.tables import InvitationBatch, InvitationRow, OperatorAccount, Relation, RelationStep
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.tables import Counterparty

FOLDERS: Mapping[str, tuple[str, ...]] = {
    "inviting": ("inviting",),
    "invited": ("invited",),
    "accepted": ("accepted",),
    "over": ("refused", "refused_by_us", "ended", "failed"),
    "all": (),
}
"""Folder of the list -> states of the relation; all of them for the last one."""
MOST_UNRELATED = 200


@dataclass(frozen=True, kw_only=True)
class RelationLine:
    """A line of the list. `pending` is the act on its way; a line without `account_id` is kept here by hand (direct)."""

    id: UUID
    account_id: UUID | None
    operator: str
    name: str
    inn: str
    kpp: str | None
    participant_id: str | None
    is_roaming: bool
    state: str
    raw_status: str | None
    text_in: str | None
    text_out: str | None
    to_be_signed: bool
    changed_at: datetime
    pending: str | None = None
    is_here: bool = False


@dataclass(frozen=True, kw_only=True)
class RelationPage:
    """A page of the list and how many lines there are in all."""

    lines: Sequence[RelationLine]
    found: int
    more: bool


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """An act of ours about a relation, with what the operator said."""

    act: str
    state: str
    text: str | None
    file_name: str | None
    trouble: str | None
    trace_id: str | None
    by: str
    at: datetime
    done_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """A row of a list and what became of it.

    `outcome`: waiting, sending (promised, the operator has not answered), invited, refused (by the operator, `reason` as it
    was recorded), already, several, absent or faulty.
    """

    number: int
    inn: str
    kpp: str | None
    name: str
    outcome: str
    reason: str | None
    relation_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class BatchCard:
    """A list of invitations with its rows."""

    id: UUID
    file_name: str
    by: str
    at: datetime
    rows: Sequence[BatchLine]


@dataclass(frozen=True, kw_only=True)
class BatchCount:
    """A list of invitations in short: how many of its rows came to each outcome of `BatchLine`."""

    id: UUID
    file_name: str
    by: str
    at: datetime
    outcomes: Mapping[str, int]


def list_relations(
    *, folder: str, text: str, operator: str, after: UUID | None, limit: int, uow: UnitOfWork
) -> RelationPage:
    """Relations by name, a page after the row `after`; counterparties without a relation follow on the last page."""
    with uow:
        conditions = _conditions(folder, text, operator)
        order = (Relation.search, Relation.id)
        query = select(Relation, OperatorAccount.operator).join(
            OperatorAccount, OperatorAccount.id == Relation.account_id
        )
        page = query.where(*conditions).order_by(*order).limit(limit + 1)
        if after is not None:
            here = uow.session.scalars(select(Relation).where(Relation.id == after)).one_or_none()
            if here is not None:
                page = page.where(
                    or_(Relation.search > here.search, and_(Relation.search == here.search, Relation.id > here.id))
                )
        rows = uow.session.execute(page).all()
        total = uow.session.execute(
            select(func.count(Relation.id))
            .join(OperatorAccount, OperatorAccount.id == Relation.account_id)
            .where(*conditions)
        ).scalar_one()
        pending = _pending(uow, [row.id for row, _ in rows[:limit]])
        lines = [_line(row, word, pending.get(row.id)) for row, word in rows[:limit]]
        others = _unrelated(uow, folder, text, operator)
        if len(rows) <= limit:
            lines += others
        return RelationPage(lines=lines, found=total + len(others), more=len(rows) > limit)


def relation_counts(*, uow: UnitOfWork) -> Mapping[str, int]:
    """How many lines each folder has."""
    with uow:
        rows = uow.session.execute(select(Relation.state, func.count(Relation.id)).group_by(Relation.state))
        by_state = dict(rows.all())
        unrelated = len(_unrelated(uow, "all", "", ""))
    counts = {name: sum(by_state.get(state, 0) for state in states) for name, states in FOLDERS.items()}
    counts["accepted"] += unrelated
    counts["all"] = sum(by_state.values()) + unrelated
    return counts


def relation(relation_id: UUID, *, uow: UnitOfWork) -> tuple[RelationLine, Sequence[StepLine]]:
    """One relation and every act of ours about it, the newest first; NotFound for an absent and a foreign one."""
    with uow:
        query = select(Relation, OperatorAccount.operator).join(
            OperatorAccount, OperatorAccount.id == Relation.account_id
        )
        found = uow.session.execute(query.where(Relation.id == relation_id)).one_or_none()
        if found is None:
            raise NotFound("exchange.relation_absent", id=str(relation_id))
        steps = uow.session.scalars(
            select(RelationStep).where(RelationStep.relation_id == relation_id).order_by(RelationStep.created_at.desc())
        ).all()
        live = next((step.act for step in steps if step.state in LIVE_STEPS), None)
        return _line(found[0], found[1], live), [_step(step) for step in steps]


def relation_of_set_up(account_id: UUID, *, uow: UnitOfWork) -> RelationLine | None:
    """Whom the set-up of this connection has invited."""
    with uow:
        query = (
            select(Relation, OperatorAccount.operator)
            .join(OperatorAccount, OperatorAccount.invited_id == Relation.id)
            .where(OperatorAccount.id == account_id)
        )
        found = uow.session.execute(query).one_or_none()
        if found is None:
            return None
        return _line(found[0], found[1], _pending(uow, [found[0].id]).get(found[0].id))


def batch(batch_id: UUID, *, uow: UnitOfWork) -> BatchCard:
    """A list of invitations; NotFound for an absent and a foreign one."""
    with uow:
        row = uow.session.scalars(select(InvitationBatch).where(InvitationBatch.id == batch_id)).one_or_none()
        if row is None:
            raise NotFound("exchange.batch_absent", id=str(batch_id))
        found = uow.session.execute(
            select(InvitationRow, RelationStep)
            .outerjoin(RelationStep, _newest_invitation())
            .where(InvitationRow.batch_id == batch_id)
            .order_by(InvitationRow.number)
        )
        rows = [_batch_line(one, step) for one, step in found]
        return BatchCard(id=row.id, file_name=row.file_name, by=row.by_name, at=row.created_at, rows=rows)


def batches(*, limit: int, uow: UnitOfWork) -> Sequence[BatchCount]:
    """The newest lists of invitations with how many rows came to what."""
    with uow:
        newest = select(InvitationBatch).order_by(InvitationBatch.created_at.desc(), InvitationBatch.id.desc())
        rows = uow.session.scalars(newest.limit(limit)).all()
        counted = uow.session.execute(
            select(InvitationRow.batch_id, InvitationRow.outcome, RelationStep.state, func.count(InvitationRow.id))
            .outerjoin(RelationStep, _newest_invitation())
            .where(InvitationRow.batch_id.in_([row.id for row in rows]))
            .group_by(InvitationRow.batch_id, InvitationRow.outcome, RelationStep.state)
        )
        outcomes: dict[UUID, Counter[str]] = {row.id: Counter() for row in rows}
        for batch_id, kept, step_state, count in counted:
            outcomes[batch_id][_outcome(kept, step_state)] += count
        return [
            BatchCount(id=row.id, file_name=row.file_name, by=row.by_name, at=row.created_at, outcomes=outcomes[row.id])
            for row in rows
        ]


def _newest_invitation() -> ColumnElement[bool]:
    """Joins a row that was promised an invitation to the newest one of its relation: what became of the promise."""
    step = aliased(RelationStep)
    newest = (
        select(step.id)
        .where(
            step.owner_id == InvitationRow.owner_id,
            step.relation_id == InvitationRow.relation_id,
            step.act == RelationAct.INVITE.value,
        )
        .order_by(step.created_at.desc(), step.id.desc())
        .limit(1)
        .correlate(InvitationRow)
        .scalar_subquery()
    )
    return and_(InvitationRow.outcome == "invited", RelationStep.id == newest)


def _batch_line(row: InvitationRow, step: RelationStep | None) -> BatchLine:
    outcome = _outcome(row.outcome, step.state if step else None)
    return BatchLine(
        number=row.number,
        inn=row.inn,
        kpp=row.kpp,
        name=row.name,
        outcome=outcome,
        reason=step.trouble if step and outcome == "refused" else row.reason,
        relation_id=row.relation_id,
    )


def _outcome(kept: str, step_state: str | None) -> str:
    """What became of a row, from what is kept of it and the state of its newest invitation."""
    if step_state == "refused":
        return "refused"
    return "sending" if step_state in LIVE_STEPS else kept


def _conditions(folder: str, text: str, operator: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    states = FOLDERS.get(folder, ())
    if states:
        found.append(Relation.state.in_(states))
    if operator:
        found.append(OperatorAccount.operator == operator)
    found.extend(Relation.search.contains(fold(word), autoescape=True) for word in text.split())
    return found


def _unrelated(uow: UnitOfWork, folder: str, text: str, operator: str) -> list[RelationLine]:
    """Counterparties that no operator's list names: kept by hand, or reached directly."""
    if folder not in {"accepted", "all"}:
        return []
    named = select(Relation.counterparty_id).where(Relation.counterparty_id.is_not(None))
    query = select(Counterparty).where(Counterparty.id.not_in(named)).order_by(Counterparty.search)
    if operator:
        query = query.where(Counterparty.operator == operator)
    for word in text.split():
        query = query.where(Counterparty.search.contains(fold(word), autoescape=True))
    return [
        RelationLine(
            id=row.id,
            account_id=None,
            operator=row.operator or "",
            name=row.name,
            inn=row.inn,
            kpp=row.kpp,
            participant_id=row.participant_id,
            is_roaming=False,
            state="accepted" if row.relation == "active" else row.relation,
            raw_status=None,
            text_in=None,
            text_out=None,
            to_be_signed=False,
            changed_at=row.created_at,
            is_here=row.entity_id is not None,
        )
        for row in uow.session.scalars(query.limit(MOST_UNRELATED))
    ]


def _pending(uow: UnitOfWork, relation_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    if not relation_ids:
        return {}
    rows = uow.session.execute(
        select(RelationStep.relation_id, RelationStep.act).where(
            RelationStep.relation_id.in_(relation_ids), RelationStep.state.in_(LIVE_STEPS)
        )
    )
    return dict(rows.all())


def _line(row: Relation, operator: str, pending: str | None) -> RelationLine:
    return RelationLine(
        id=row.id,
        account_id=row.account_id,
        operator=operator,
        name=row.name,
        inn=row.inn,
        kpp=row.kpp,
        participant_id=row.participant_id,
        is_roaming=row.is_roaming,
        state=row.state,
        raw_status=row.raw_status,
        text_in=row.text_in,
        text_out=row.text_out,
        to_be_signed=row.to_be_signed,
        changed_at=row.changed_at,
        pending=pending,
    )


def _step(step: RelationStep) -> StepLine:
    return StepLine(
        act=step.act,
        state=step.state,
        text=step.text,
        file_name=step.file_name,
        trouble=step.trouble,
        trace_id=step.trace_id,
        by=step.by_name,
        at=step.created_at,
        done_at=step.done_at,
    )
