"""Reads of the powers, inside the caller's unit of work and its scope."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from edo_service.errors import NotFound
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import codec
from edo_service.powers.covering import covers
from edo_service.powers.rules import Outcome, Power, PowerFile, Who
from edo_service.powers.tables import PowerOfAttorney, PowerUse


@dataclass(frozen=True, kw_only=True)
class PowerCard:
    """A power of the register; `decided` are kinds of documents that a person has decided on, with who and when."""

    id: UUID
    owner_id: UUID
    power: Power
    file: PowerFile
    file_sha256: str
    signature_sha256: str
    source: str
    decided: Mapping[str, Any]
    revoked_at: datetime | None
    created_at: datetime

    def covers(self, kind: str) -> bool:
        """Whether the powers surely reach this kind of document."""
        return covers(self.power, self.decided, kind)[0] is Outcome.PASSED


@dataclass(frozen=True, kw_only=True)
class UseCard:
    """What a signature rested on when it was judged."""

    signature_id: UUID
    document_id: UUID
    number: str
    outcome: str
    reason: str
    checks: Sequence[Mapping[str, Any]]
    judged_at: datetime


def powers(uow: UnitOfWork, *, text: str = "") -> Sequence[PowerCard]:
    """The register, newest first, narrowed by words, numbers or ИНН."""
    query = select(PowerOfAttorney).order_by(PowerOfAttorney.id.desc()).limit(500)
    if text:
        query = query.where(PowerOfAttorney.search.contains(fold(text), autoescape=True))
    return [_card(row) for row in uow.session.scalars(query)]


def power(uow: UnitOfWork, power_id: UUID) -> PowerCard:
    """The power; NotFound for an absent and for a foreign id."""
    row = uow.session.scalars(select(PowerOfAttorney).where(PowerOfAttorney.id == power_id)).one_or_none()
    if row is None:
        raise NotFound("power.absent", id=str(power_id))
    return _card(row)


def by_number(uow: UnitOfWork, owner_id: UUID, number: str) -> PowerCard | None:
    """The owner's power of that GUID, None when it is not in the register."""
    row = uow.session.scalars(
        select(PowerOfAttorney).where(PowerOfAttorney.owner_id == owner_id, PowerOfAttorney.number == number.casefold())
    ).one_or_none()
    return None if row is None else _card(row)


def for_agent(
    uow: UnitOfWork, owner_id: UUID, agent: Who, *, principal_inn: str, on: date, revoked: bool = False
) -> Sequence[PowerCard]:
    """Powers in the register that a person may act by for the principal on a day, those that end last first.

    `revoked`: with those that a person has told here to be revoked, for a verdict that says so.
    """
    if not principal_inn or (not agent.inn and not agent.snils):
        return []
    query = select(PowerOfAttorney).where(
        PowerOfAttorney.owner_id == owner_id,
        PowerOfAttorney.principal_inn == principal_inn,
        PowerOfAttorney.issued <= on,
        PowerOfAttorney.expires >= on,
    )
    if not revoked:
        query = query.where(PowerOfAttorney.revoked_at.is_(None))
    if agent.inn:
        query = query.where(or_(PowerOfAttorney.agent_inn.is_(None), PowerOfAttorney.agent_inn == agent.inn))
    rows = uow.session.scalars(query.order_by(PowerOfAttorney.expires.desc(), PowerOfAttorney.id.desc()))
    found = [_card(row) for row in rows]
    person = Who(name=agent.name, inn=agent.inn, snils=agent.snils)
    return [one for one in found if any(person.is_same(other) for other in one.power.agents)]


def behind(uow: UnitOfWork, owner_id: UUID, signature_id: UUID) -> PowerCard | None:
    """The owner's power that a signature rests on; None when it rests on none, or on one that is not in the register."""
    use = uow.session.scalars(
        select(PowerUse).where(PowerUse.owner_id == owner_id, PowerUse.signature_id == signature_id)
    ).one_or_none()
    return None if use is None else by_number(uow, owner_id, use.number)


def is_revoked(uow: UnitOfWork, owner_id: UUID, numbers: Sequence[str]) -> bool:
    """Whether a person has told here that one of the powers is revoked, asked where a signature is taken.

    The rows are locked against a revocation that would be committed before this transaction.
    """
    rows = uow.session.scalars(
        select(PowerOfAttorney)
        .where(PowerOfAttorney.owner_id == owner_id, PowerOfAttorney.number.in_([one.casefold() for one in numbers]))
        .with_for_update(read=True)
    )
    return any(row.revoked_at is not None for row in rows)


def uses(uow: UnitOfWork, document_id: UUID) -> Mapping[UUID, UseCard]:
    """Signature's id → what it rested on, for one document."""
    rows = uow.session.scalars(select(PowerUse).where(PowerUse.document_id == document_id))
    return {row.signature_id: _use(row) for row in rows}


def labels(uow: UnitOfWork, ids: AbstractSet[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """Own number and agent of powers; unknown ids are left out."""
    columns = (PowerOfAttorney.id, PowerOfAttorney.own_number, PowerOfAttorney.agent_name)
    rows = uow.session.execute(select(*columns).where(PowerOfAttorney.id.in_(ids)))
    return {power_id: (number, agent) for power_id, number, agent in rows}


def _card(row: PowerOfAttorney) -> PowerCard:
    power, file = codec.load(row.facts)
    return PowerCard(
        id=row.id,
        owner_id=row.owner_id,
        power=power,
        file=file,
        file_sha256=row.file_sha256,
        signature_sha256=row.signature_sha256,
        source=row.source,
        decided=row.decided,
        revoked_at=row.revoked_at,
        created_at=row.created_at,
    )


def _use(row: PowerUse) -> UseCard:
    return UseCard(
        signature_id=row.signature_id,
        document_id=row.document_id,
        number=row.number,
        outcome=row.outcome,
        reason=row.reason,
        checks=row.checks["checks"],
        judged_at=row.judged_at,
    )
