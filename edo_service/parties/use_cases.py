"""Verbs of the parties: keep a box of ours, keep a counterparty. Both may be repeated: the same row is kept."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from edo_service.errors import Rejected
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.rules import inn_is_valid, kpp_is_valid, participant_id_is_valid
from edo_service.parties.tables import Counterparty, OwnBox


@dataclass(frozen=True, kw_only=True)
class NewCounterparty:
    """What is known of a counterparty when it is added."""

    inn: str
    kpp: str | None
    name: str
    operator: str | None = None
    participant_id: str | None = None
    box: str | None = None
    relation: str = "active"
    entity_id: UUID | None = None


def keep_own_box(*, operator: str, participant_id: str, box: str, actor: Actor, uow: UnitOfWork) -> UUID:
    """Keep a box of the actor's company. Raises Rejected (`party.bad_participant_id`)."""
    actor.require(Right.OPERATORS)
    if not participant_id_is_valid(participant_id):
        raise Rejected("party.bad_participant_id", participant_id=participant_id)
    with uow:
        row = uow.session.scalars(select(OwnBox).where(OwnBox.participant_id == participant_id)).one_or_none()
        if row is None:
            row = OwnBox(
                owner_id=actor.entity,
                operator=operator,
                participant_id=participant_id,
                box=box,
                created_at=uow.clock.now(),
            )
            uow.session.add(row)
        row.operator, row.box = operator, box
        uow.commit()
        return row.id


def keep_counterparty(new: NewCounterparty, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Keep a counterparty by ИНН, КПП and participant id. Raises Rejected (`party.bad_inn`, `party.bad_kpp`)."""
    actor.require(Right.COUNTERPARTIES)
    if not inn_is_valid(new.inn):
        raise Rejected("party.bad_inn", inn=new.inn)
    if new.kpp is not None and not kpp_is_valid(new.kpp):
        raise Rejected("party.bad_kpp", kpp=new.kpp)
    with uow:
        row = uow.session.scalars(
            select(Counterparty).where(
                Counterparty.inn == new.inn,
                Counterparty.kpp == new.kpp,
                Counterparty.participant_id == new.participant_id,
            )
        ).one_or_none()
        if row is None:
            row = Counterparty(
                owner_id=actor.entity,
                inn=new.inn,
                kpp=new.kpp,
                participant_id=new.participant_id,
                created_at=uow.clock.now(),
            )
            uow.session.add(row)
        row.name, row.operator, row.box = new.name, new.operator, new.box
        row.relation, row.entity_id = new.relation, new.entity_id
        row.search = " ".join(filter(None, (new.name, new.inn, new.kpp)))
        uow.session.flush()  # gives a new row its id
        uow.journal.write(
            "party.kept", owner_id=actor.entity, subject=f"counterparty:{row.id}", actor=actor, inn=new.inn
        )
        uow.commit()
        return row.id
