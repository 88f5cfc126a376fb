"""Reads of the parties, inside the caller's unit of work and its scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select

from edo_service.errors import NotFound
from edo_service.kernel.guard import standing
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.tables import Counterparty, OwnBox

_BEHIND_BOX = standing(select(Counterparty).where(Counterparty.box == bindparam("box")).order_by(Counterparty.id))


@dataclass(frozen=True, kw_only=True)
class BoxCard:
    """A mailbox of ours."""

    id: UUID
    operator: str
    participant_id: str
    box: str


@dataclass(frozen=True, kw_only=True)
class CounterpartyCard:
    """A counterparty as others see it. `entity_id` is set when it has an account here (the direct route)."""

    id: UUID
    inn: str
    kpp: str | None
    name: str
    operator: str | None
    participant_id: str | None
    box: str | None
    relation: str
    entity_id: UUID | None


def own_box(uow: UnitOfWork, *, participant_id: str | None) -> BoxCard | None:
    """Our box of that participant id, None when it is none of ours."""
    row = uow.session.scalars(select(OwnBox).where(OwnBox.participant_id == participant_id)).one_or_none()
    return None if row is None else _box(row)


def own_boxes(uow: UnitOfWork) -> Sequence[BoxCard]:
    """All boxes of the scope."""
    return [_box(row) for row in uow.session.scalars(select(OwnBox).order_by(OwnBox.participant_id))]


def counterparty(uow: UnitOfWork, counterparty_id: UUID) -> CounterpartyCard:
    """The counterparty; NotFound for an absent and for a foreign id."""
    found = _one(uow, Counterparty.id == counterparty_id)
    if found is None:
        raise NotFound("party.absent", id=str(counterparty_id))
    return found


def counterparty_by_participant(uow: UnitOfWork, participant_id: str | None) -> CounterpartyCard | None:
    """The counterparty of that participant id, None when we do not know it."""
    return None if participant_id is None else _one(uow, Counterparty.participant_id == participant_id)


def counterparty_by_box(uow: UnitOfWork, box: str | None) -> CounterpartyCard | None:
    """The counterparty behind an operator's box, None when we do not know it."""
    return None if box is None else _first(uow.session.scalars(_BEHIND_BOX, {"box": box}).first())


def counterparties(uow: UnitOfWork, *, text: str = "") -> Sequence[CounterpartyCard]:
    """All counterparties of the scope by name; `text` narrows by name, ИНН or КПП."""
    query = select(Counterparty).order_by(Counterparty.search)
    for word in text.split():
        query = query.where(Counterparty.search.contains(fold(word), autoescape=True))
    return [_card(row) for row in uow.session.scalars(query)]


def _one(uow: UnitOfWork, condition: ColumnElement[bool]) -> CounterpartyCard | None:
    return _first(uow.session.scalars(select(Counterparty).where(condition).order_by(Counterparty.id)).first())


def _first(row: Counterparty | None) -> CounterpartyCard | None:
    return None if row is None else _card(row)


def _box(row: OwnBox) -> BoxCard:
    return BoxCard(id=row.id, operator=row.operator, participant_id=row.participant_id, box=row.box)


def _card(row: Counterparty) -> CounterpartyCard:
    return CounterpartyCard(
        id=row.id,
        inn=row.inn,
        kpp=row.kpp,
        name=row.name,
        operator=row.operator,
        participant_id=row.participant_id,
        box=row.box,
        relation=row.relation,
        entity_id=row.entity_id,
    )
