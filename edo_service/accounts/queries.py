"""Reads of accounts, inside the caller's unit of work. Companies are visible to all, people to their own company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Date, Select, Uuid, bindparam, or_, select

from edo_service.accounts.rules import RIGHTS, Role
from edo_service.accounts.tables import Entity, Membership, Person, UserSession
from edo_service.errors import NotFound
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.guard import standing
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork

MOST_NAMED = 2


@dataclass(frozen=True, kw_only=True)
class EntityCard:
    """A legal entity. `kpp` is None for a sole trader; `code` stands in addresses."""

    id: UUID
    code: str
    kind: str
    name: str
    inn: str
    kpp: str | None
    ogrn: str | None


@dataclass(frozen=True, kw_only=True)
class MemberCard:
    """A person as an employee of one company: what her signatures and titles say of her."""

    person_id: UUID
    entity_id: UUID
    login: str
    surname: str
    given_name: str
    patronymic: str
    position: str
    inn: str | None
    snils: str | None
    role: Role
    rights: frozenset[Right]
    head: bool
    active: bool
    valid_until: date | None = None

    @property
    def full_name(self) -> str:
        """Фамилия Имя Отчество."""
        return full_name(self.surname, self.given_name, self.patronymic)

    @property
    def short_name(self) -> str:
        """Фамилия И. О."""
        initials = " ".join(f"{name[0]}." for name in (self.given_name, self.patronymic) if name)
        return f"{self.surname} {initials}".strip()


@dataclass(frozen=True, kw_only=True)
class SessionCard:
    """A live session of a person."""

    id: UUID
    address: str
    user_agent: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Organization:
    """A company that the person logged in works for, and the actor she is there.

    `until`: the last day of a visitor; on that day `ask` says who may extend it.
    """

    entity: EntityCard
    role: Role
    position: str
    actor: Actor
    until: date | None = None
    ask: str = ""


@dataclass(frozen=True, kw_only=True)
class EndedWork:
    """Work for a company whose last day has passed. Who may extend it: `who_extends`, asked when it is told."""

    entity: EntityCard
    until: date


def entity(uow: UnitOfWork, entity_id: UUID) -> EntityCard:
    """Return the entity; NotFound."""
    read = uow.session.info.setdefault(_READ, {})  # asked for often in one transaction, read once
    if entity_id not in read:
        row = uow.session.scalars(_ENTITY, {"id": entity_id}).one_or_none()
        if row is None:
            raise NotFound("account.entity_absent")
        read[entity_id] = row
    return _entity_card(read[entity_id])


def entity_by_inn(uow: UnitOfWork, inn: str, kpp: str | None = None) -> EntityCard | None:
    """Return the entity with an account here, None when there is none."""
    return _one_entity(uow, select(Entity).where(Entity.inn == inn, Entity.kpp == (kpp or "")))


def entities(uow: UnitOfWork) -> Sequence[EntityCard]:
    """Return every entity with an account here, by name."""
    return [_entity_card(row) for row in uow.session.scalars(select(Entity).order_by(Entity.name, Entity.id))]


def member(uow: UnitOfWork, person_id: UUID, entity_id: UUID) -> MemberCard:
    """Return the person as an active member of the entity; NotFound also when the entity is out of scope."""
    found = _members(uow, _membership(uow, entity_id).where(Membership.person_id == person_id))
    if not found:
        raise NotFound("account.membership_absent")
    return found[0]


def members(uow: UnitOfWork, entity_id: UUID, *, former: bool = False) -> Sequence[MemberCard]:
    """Return the people of the entity by surname; `former` adds those who left."""
    if former:
        return _members(uow, _membership(uow, entity_id, former=True))
    found = uow.session.execute(_MEMBERS, {"entity_id": entity_id, "today": moscow_date(uow.clock.now())})
    return [_member_card(row[0], row[1]) for row in found]


def head(uow: UnitOfWork, entity_id: UUID) -> MemberCard:
    """Return the head of the entity, or else the member who has been allowed to sign longest; NotFound without any."""
    for one in sorted(members(uow, entity_id), key=lambda one: not one.head):
        if one.head or Right.SIGN in one.rights:
            return one
    raise NotFound("account.head_absent")


def person_id_by_login(uow: UnitOfWork, login: str) -> UUID | None:
    """Return the id of the person with the log-in name, None when there is none."""
    return uow.session.scalar(select(Person.id).where(Person.login == login))


def live_sessions(uow: UnitOfWork, person_id: UUID) -> Sequence[SessionCard]:
    """Return the person's sessions that nobody has ended, the latest used first (old ones may have run out)."""
    query = select(UserSession).where(UserSession.person_id == person_id, UserSession.ended_at.is_(None))
    return [
        SessionCard(
            id=row.id,
            address=row.address,
            user_agent=row.user_agent,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
        for row in uow.session.scalars(query.order_by(UserSession.seen_at.desc(), UserSession.id.desc()))
    ]


def organizations(uow: UnitOfWork, person: Person) -> tuple[Organization, ...]:
    """Return the companies the person works for now, by name. Needs a scope that sees her memberships.

    Asked at each request: a membership is over on the day after its last one.
    """
    return works(uow, person)[0]


def works(uow: UnitOfWork, person: Person) -> tuple[tuple[Organization, ...], tuple[EndedWork, ...]]:
    """Return the same, and beside it the companies for which her last day has passed."""
    today = moscow_date(uow.clock.now())
    query = (
        select(Membership, Entity)
        .join(Entity, Entity.id == Membership.owner_id)
        .where(Membership.person_id == person.id, Membership.active.is_(True))
        .order_by(Entity.name, Entity.id)
    )
    live, ended = [], []
    for found in uow.session.execute(query).all():
        membership, row = found[0], found[1]
        until = membership.valid_until
        if until is not None and until < today:
            ended.append(EndedWork(entity=_entity_card(row), until=until))
        else:
            live.append(_organization(person, membership, row, ask=who_extends(uow, row.id) if until == today else ""))
    return tuple(live), tuple(ended)


def who_extends(uow: UnitOfWork, entity_id: UUID) -> str:
    """Return who may extend a visitor's access, in words: the administrators by name, else the head of the company."""
    people = members(uow, entity_id)
    found = [one for one in people if Right.PEOPLE in one.rights]
    if found:
        names = ", ".join(one.full_name for one in found[:MOST_NAMED])
        return f"администратор компании: {names}"
    heads = [one for one in people if one.head]
    return f"руководитель компании: {heads[0].full_name}" if heads else "администратор компании"


def full_name(surname: str, given_name: str, patronymic: str) -> str:
    """Join the parts of a Russian name."""
    return " ".join(part for part in (surname, given_name, patronymic) if part)


def _organization(person: Person, membership: Membership, row: Entity, *, ask: str) -> Organization:
    role = Role(membership.role)
    actor = Actor(
        user_id=person.id,
        name=full_name(person.surname, person.given_name, person.patronymic),
        entity_id=row.id,
        scope=Scope.of(row.id),
        rights=RIGHTS[role],
    )
    return Organization(
        entity=_entity_card(row),
        role=role,
        position=membership.position,
        actor=actor,
        until=membership.valid_until,
        ask=ask,
    )


def _one_entity(uow: UnitOfWork, query: Select[Entity]) -> EntityCard | None:
    row = uow.session.scalars(query).one_or_none()
    return None if row is None else _entity_card(row)


def _entity_card(row: Entity) -> EntityCard:
    return EntityCard(
        id=row.id,
        code=row.code,
        kind=row.kind,
        name=row.name,
        inn=row.inn,
        kpp=row.kpp or None,
        ogrn=row.ogrn or None,
    )


def _works(today: date | BindParameter[date]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Active, and not past the last day of a membership that has one."""
    return Membership.active.is_(True), or_(Membership.valid_until.is_(None), Membership.valid_until >= today)


def _people(entity_id: UUID | BindParameter[UUID]) -> Select[Membership, Person]:
    return (
        select(Membership, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.owner_id == entity_id)
        .order_by(Person.surname, Person.given_name, Membership.id)
    )


_READ = "accounts.entities"
_ENTITY = standing(select(Entity).where(Entity.id == bindparam("id", type_=Uuid)))
_MEMBERS = standing(_people(bindparam("entity_id", type_=Uuid)).where(*_works(bindparam("today", type_=Date))))


def _membership(uow: UnitOfWork, entity_id: UUID, *, former: bool = False) -> Select[Membership, Person]:
    query = _people(entity_id)
    return query if former else query.where(*_works(moscow_date(uow.clock.now())))


def _members(uow: UnitOfWork, query: Select[Membership, Person]) -> list[MemberCard]:
    return [_member_card(row[0], row[1]) for row in uow.session.execute(query)]


def _member_card(membership: Membership, person: Person) -> MemberCard:
    role = Role(membership.role)
    return MemberCard(
        person_id=person.id,
        entity_id=membership.owner_id,
        login=person.login,
        surname=person.surname,
        given_name=person.given_name,
        patronymic=person.patronymic,
        position=membership.position,
        inn=membership.inn or None,
        snils=membership.snils or None,
        role=role,
        rights=RIGHTS[role],
        head=membership.head,
        active=membership.active,
        valid_until=membership.valid_until,
    )
