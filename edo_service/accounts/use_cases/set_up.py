"""Companies, people and who works for whom."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import hashing
from edo_service.accounts.rules import (
    LONGEST_VISIT,
    VISITORS,
    EntityKind,
    Role,
    check_password,
    inn_is_valid,
    kpp_is_valid,
    ogrn_is_valid,
    snils_is_valid,
)
from edo_service.accounts.tables import Entity, Membership, Person
from edo_service.accounts.use_cases.sessions import end_sessions
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.ids import new_code, new_id
from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class NewEntity:
    """A legal entity to be given an account."""

    kind: EntityKind
    name: str
    inn: str
    kpp: str | None = None
    ogrn: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """A person to be let in."""

    login: str
    password: str = field(repr=False)
    surname: str
    given_name: str
    patronymic: str = ""


@dataclass(frozen=True, kw_only=True)
class NewMembership:
    """A person's work for an entity. `inn` and `snils` are the person's own; `valid_until` is the last day, if there is one.

    A visitor (`rules.VISITORS`: an auditor) has always one: without a word of it a year from today.
    """

    person_id: UUID
    role: Role
    position: str = ""
    inn: str | None = None
    snils: str | None = None
    head: bool = False
    valid_until: date | None = None


def create_entity(new: NewEntity, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Open an account for a legal entity and return its id; only the system may (command line, demo, registration).

    Rejected: `account.inn_invalid`, `account.kpp_invalid`, `account.ogrn_invalid`; Conflict `account.entity_exists`.
    """
    if not actor.is_system:
        raise Forbidden("account.right_missing", right="entity.create")
    _check_entity(new)
    with uow:
        same = select(Entity.id).where(Entity.inn == new.inn, Entity.kpp == (new.kpp or ""))
        if uow.session.scalar(same) is not None:
            raise Conflict("account.entity_exists", inn=new.inn, kpp=new.kpp or "—")
        entity_id = new_id()
        uow.session.add(
            Entity(
                id=entity_id,
                code=new_code(),
                kind=new.kind.value,
                name=new.name.strip(),
                inn=new.inn,
                kpp=new.kpp or "",
                ogrn=new.ogrn or "",
                created_at=uow.clock.now(),
            )
        )
        uow.journal.write(
            "account.entity_created", owner_id=entity_id, subject=f"entity:{entity_id}", actor=actor, inn=new.inn
        )
        uow.commit()
        return entity_id


def create_person(new: NewPerson, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Let a person in under a log-in name and return her id.

    Rejected for a weak password (`rules.check_password`) or `account.log_in_invalid`; Conflict `account.log_in_taken`.
    """
    actor.require(Right.PEOPLE)
    login = new.login.strip()
    if not 3 <= len(login) <= 200 or not login.isprintable() or " " in login:
        raise Rejected("account.log_in_invalid")
    check_password(new.password, personal=(login, new.surname, new.given_name))
    hashed = hashing.hash_password(new.password)
    with uow:
        if uow.session.scalar(select(Person.id).where(Person.login == login)) is not None:
            raise Conflict("account.log_in_taken", login=login)
        now = uow.clock.now()
        person = Person(
            id=new_id(),
            login=login,
            password_hash=hashed,
            surname=new.surname.strip(),
            given_name=new.given_name.strip(),
            patronymic=new.patronymic.strip(),
            created_at=now,
            password_changed_at=now,
        )
        uow.session.add(person)
        uow.commit()
        return person.id


def add_membership(new: NewMembership, *, entity_id: UUID, actor: Actor, uow: UnitOfWork) -> UUID:
    """Let a person work for the entity; one who left comes back in the new role. Returns the membership's id.

    Rejected `account.inn_invalid`, `account.snils_invalid`, `account.visit_too_long`; NotFound for an unknown person or
    a foreign entity.
    """
    actor.require(Right.PEOPLE)
    if not actor.scope.allows(entity_id):
        raise NotFound("account.entity_absent")
    if new.inn and not (inn_is_valid(new.inn) and len(new.inn) == 12):
        raise Rejected("account.inn_invalid", inn=new.inn)
    if new.snils and not snils_is_valid(new.snils):
        raise Rejected("account.snils_invalid", snils=new.snils)
    with uow:
        until = _last_day(new, today=moscow_date(uow.clock.now()))
        if uow.session.get(Person, new.person_id) is None:
            raise NotFound("account.person_absent")
        if uow.session.get(Entity, entity_id) is None:
            raise NotFound("account.entity_absent")
        row = uow.session.scalars(
            select(Membership).where(Membership.owner_id == entity_id, Membership.person_id == new.person_id)
        ).one_or_none()
        if row is None:
            row = Membership(
                id=new_id(),
                owner_id=entity_id,
                person_id=new.person_id,
                created_at=uow.clock.now(),
                role=new.role.value,
            )
            uow.session.add(row)
        row.role, row.position, row.head = new.role.value, new.position.strip(), new.head
        row.inn, row.snils = new.inn or "", new.snils or ""
        row.active, row.ended_at, row.valid_until = True, None, until
        uow.journal.write(
            "account.membership_added",
            owner_id=entity_id,
            subject=f"person:{new.person_id}",
            actor=actor,
            role=new.role,
            valid_until=until,
        )
        uow.commit()
        return row.id


def end_membership(person_id: UUID, *, entity_id: UUID, actor: Actor, uow: UnitOfWork) -> None:
    """End a person's work for the entity: her rights are gone at once, and all her sessions end. NotFound."""
    actor.require(Right.PEOPLE)
    with uow:
        row = uow.session.scalars(
            select(Membership).where(
                Membership.owner_id == entity_id, Membership.person_id == person_id, Membership.active.is_(True)
            )
        ).one_or_none()
        if row is None:
            raise NotFound("account.membership_absent")
        row.active, row.ended_at = False, uow.clock.now()
        end_sessions(uow, person_id)
        uow.journal.write(
            "account.membership_ended", owner_id=entity_id, subject=f"person:{person_id}", actor=actor, role=row.role
        )
        uow.commit()


def _last_day(new: NewMembership, *, today: date) -> date | None:
    if new.role not in VISITORS:
        return new.valid_until
    latest = today + LONGEST_VISIT
    if new.valid_until is not None and not today <= new.valid_until <= latest:
        raise Rejected("account.visit_too_long", latest=latest)
    return new.valid_until or latest


def _check_entity(new: NewEntity) -> None:
    if not inn_is_valid(new.inn):
        raise Rejected("account.inn_invalid", inn=new.inn)
    is_company = len(new.inn) == 10
    if is_company != bool(new.kpp) or (new.kpp and not kpp_is_valid(new.kpp)):
        raise Rejected("account.kpp_invalid", kpp=new.kpp or "—")
    if new.ogrn and not ogrn_is_valid(new.ogrn):
        raise Rejected("account.ogrn_invalid", ogrn=new.ogrn)
    if not new.name.strip():
        raise Rejected("account.name_empty")
