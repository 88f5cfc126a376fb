"""Promise an act about a relation: invite, accept, reject, withdraw, break. The intent and its job are kept together."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from edo_service.errors import Conflict, NotFound, Rejected
from edo_service.exchange import relations
from edo_service.exchange.accounts import card
from edo_service.exchange.lives import ACTS, LONGEST_TEXT, AccountEvent, RelationAct
from edo_service.exchange.rules import RELATION
from edo_service.exchange.tables import OperatorAccount, Relation, RelationStep
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork
from operators import port


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A signed file that goes with an invitation; both lie in the object store."""

    file_name: str
    sha256: str
    signature_sha256: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person wants said to the other side."""

    act: RelationAct
    text: str = ""
    enclosure: Enclosure | None = None


def invite(
    account_id: UUID, to: port.Participant, wish: Wish, *, actor: Actor, uow: UnitOfWork, first: bool = False
) -> UUID:
    """Promise an invitation of a participant found at the operator. Returns the relation's id.

    `first`: the connection's set-up waits for it. Raises Rejected (`exchange.text_too_long`, `exchange.invite_oneself`,
    `exchange.not_connected`), Conflict (`exchange.relation_busy`, `exchange.relation_not_allowed`), NotFound.
    """
    actor.require(Right.OPERATORS if first else Right.COUNTERPARTIES)
    with uow:
        row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
        if row is None:
            raise NotFound("exchange.account_absent", id=str(account_id))
        if row.state not in relations.USABLE:
            raise Rejected("exchange.not_connected")
        account = card(row)
        if to.participant_id == account.participant_id:
            raise Rejected("exchange.invite_oneself")
        relation = relations.keep(uow, account, to)
        if relation.state != "accepted" or not first:
            intend(uow, relation, wish, actor=actor)
        if first:
            row.invited_id = relation.id
            relations.move_account(uow, row, AccountEvent.INVITE, actor=actor)
            relations.follow(uow, relation, actor=actor)
        uow.commit()
        return relation.id


def relate(relation_id: UUID, wish: Wish, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Promise an act about a relation that is there. Returns the step's id.

    Errors as of `invite`; Conflict `exchange.not_connected` when the connection is switched off.
    """
    actor.require(Right.COUNTERPARTIES)
    with uow:
        row = uow.session.scalars(select(Relation).where(Relation.id == relation_id)).one_or_none()
        if row is None:
            raise NotFound("exchange.relation_absent", id=str(relation_id))
        if not relations.is_usable(uow, row.account_id):
            raise Conflict("exchange.not_connected")
        step = intend(uow, row, wish, actor=actor)
        uow.commit()
        return step


def intend(uow: UnitOfWork, row: Relation, wish: Wish, *, actor: Actor) -> UUID:
    """Keep the intent and promise to carry it out; in the caller's unit of work. Returns the step's id."""
    text = wish.text.replace("\x00", "").strip()  # PostgreSQL keeps none
    if len(text) > LONGEST_TEXT:
        raise Rejected("exchange.text_too_long", limit=LONGEST_TEXT)
    if relations.live_step(uow, row.id) is not None:
        raise Conflict("exchange.relation_busy", name=row.name)
    if wish.act not in ACTS.get(row.state, ()):
        raise Conflict("exchange.relation_not_allowed", name=row.name)
    step = RelationStep(
        owner_id=row.owner_id,
        relation_id=row.id,
        act=wish.act.value,
        state="intended",
        key=str(new_id()),
        text=text or None,
        file_name=wish.enclosure.file_name if wish.enclosure else None,
        file_sha256=wish.enclosure.sha256 if wish.enclosure else None,
        signature_sha256=wish.enclosure.signature_sha256 if wish.enclosure else None,
        by_id=actor.user_id,
        by_name=actor.name,
        created_at=uow.clock.now(),
    )
    uow.session.add(step)
    uow.session.flush()
    if wish.act is RelationAct.INVITE or text:
        row.text_out = text or None
    flag_modified(row, "text_out")  # of two acts at the same moment the later one's version is stale: Conflict
    uow.jobs.put(RELATION, owner_id=row.owner_id, key=str(step.id), queue="exchange", payload={"step_id": str(step.id)})
    uow.journal.write(
        f"relation.{wish.act.value}_intended",
        owner_id=row.owner_id,
        subject=f"relation:{row.id}",
        actor=actor,
        name=row.name,
        inn=row.inn,
        key=step.key,
    )
    return step.id
