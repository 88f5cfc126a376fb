"""Reads of the keys, inside the caller's unit of work and its scope. No private key leaves through here."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

import signing
from edo_service.errors import Conflict, Forbidden, NotFound
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import rules
from edo_service.keys.rules import MAX_WRONG_PINS, Purpose
from edo_service.keys.tables import SigningKey


@dataclass(frozen=True, kw_only=True)
class KeyCard:
    """A key as screens show it."""

    id: UUID
    label: str
    purpose: str
    person_id: UUID | None
    certificate: signing.Certificate = field(repr=False)
    not_before: datetime
    not_after: datetime
    locked: bool

    def is_for(self, person_id: UUID | None) -> bool:
        """Whether the key may sign for the person (`rules.is_for`)."""
        return rules.is_for(person_id, holder_id=self.person_id, names_person=bool(self.certificate.subject.surname))


@dataclass(frozen=True, kw_only=True)
class UnlockedKey:
    """A key opened for one act; never stored, never shown."""

    id: UUID
    key: signing.PrivateKey = field(repr=False)
    certificate: signing.Certificate = field(repr=False)


def keys(uow: UnitOfWork) -> Sequence[KeyCard]:
    """All keys of the scope that are not retired, newest first."""
    return [_card(row) for row in uow.session.scalars(_live().order_by(SigningKey.id.desc()))]


def organization_key(uow: UnitOfWork, key_id: UUID | None = None, *, actor: Actor) -> KeyCard:
    """The staff key that signs titles for the actor on the server: the one named, else her own, else the organisation's.

    Of several the newest usable. Raises Conflict `key.none_usable`, Forbidden for a key of another person (ADR 0007).
    """
    now = uow.clock.now()
    query = _live().where(
        SigningKey.purpose == Purpose.STAFF.value, SigningKey.not_before <= now, SigningKey.not_after > now
    )
    if key_id is not None:
        query = query.where(SigningKey.id == key_id)
    found = [_card(row) for row in uow.session.scalars(query.order_by(SigningKey.id.desc()))]
    hers = [one for one in found if one.is_for(actor.user_id)]
    if not hers and found and key_id is not None:
        raise Forbidden("key.of_another_person", id=str(key_id))
    if not hers or not actor.may(Right.SIGN):
        raise Conflict("key.none_usable")
    return min(hers, key=lambda one: one.person_id is None)


def automatic_key(uow: UnitOfWork) -> KeyCard | None:
    """The organisation's automatic key (no person in its certificate), None when there is no usable one."""
    return _usable(uow, SigningKey.purpose == Purpose.ORGANIZATION.value)


def personal_key(uow: UnitOfWork, person_id: UUID | None) -> KeyCard | None:
    """The key that this person may open by PIN, None when she has none usable here."""
    if person_id is None:
        return None
    return _usable(uow, (SigningKey.purpose == Purpose.PERSON.value) & (SigningKey.person_id == person_id))


def key(uow: UnitOfWork, key_id: UUID) -> KeyCard:
    """The key; NotFound for an absent and for a foreign id."""
    row = uow.session.scalars(_live().where(SigningKey.id == key_id)).one_or_none()
    if row is None:
        raise NotFound("key.absent", id=str(key_id))
    return _card(row)


def labels(uow: UnitOfWork, ids: AbstractSet[UUID]) -> Mapping[UUID, str]:
    """What keys are called, retired ones too; unknown ids are left out."""
    rows = uow.session.execute(select(SigningKey.id, SigningKey.label).where(SigningKey.id.in_(ids)))
    return {row.id: row.label for row in rows}


def _live() -> Select[SigningKey]:
    return select(SigningKey).where(SigningKey.retired_at.is_(None))


def _usable(uow: UnitOfWork, condition: ColumnElement[bool]) -> KeyCard | None:
    now = uow.clock.now()
    query = _live().where(condition, SigningKey.not_before <= now, SigningKey.not_after > now)
    row = uow.session.scalars(query.order_by(SigningKey.id.desc())).first()
    return None if row is None else _card(row)


def _card(row: SigningKey) -> KeyCard:
    return KeyCard(
        id=row.id,
        label=row.label,
        purpose=row.purpose,
        person_id=row.person_id,
        certificate=signing.Certificate.load(row.certificate),
        not_before=row.not_before,
        not_after=row.not_after,
        locked=row.wrong_pins >= MAX_WRONG_PINS,
    )
