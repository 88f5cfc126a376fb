"""Changing a password: whoever knows the old one, and the administrator for one who forgot it."""

from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import hashing, queries
from edo_service.accounts.rules import check_password
from edo_service.accounts.tables import Membership, Person
from edo_service.accounts.use_cases.sessions import end_sessions
from edo_service.errors import NotFound, Rejected
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.uow import UnitOfWork

_SCOPE = SystemScope("accounts.log_in")


def change_password(person_id: UUID, *, old: str, new: str, uow: UnitOfWork) -> None:
    """Change one's own password; every session of the person ends, the present one too.

    Rejected `account.password_wrong` and the refusals of `rules.check_password`; NotFound.
    """
    uow = uow.under(_SCOPE)
    person, companies = _read(person_id, uow=uow)
    if not hashing.password_fits(person.password_hash, old):
        raise Rejected("account.password_wrong")
    _check(new, person, companies)
    _write(person_id, hashing.hash_password(new), event="account.password_changed", actor=None, uow=uow)


def set_password(person_id: UUID, *, new: str, actor: Actor, uow: UnitOfWork) -> None:
    """Give a member of the actor's company a new password; all her sessions end. Forbidden, NotFound, Rejected."""
    actor.require(Right.PEOPLE)
    if not actor.is_system:
        with uow:
            queries.member(uow, person_id, actor.entity)
    uow = uow.under(_SCOPE)
    person, companies = _read(person_id, uow=uow)
    _check(new, person, companies)
    _write(person_id, hashing.hash_password(new), event="account.password_set", actor=actor, uow=uow)


def _read(person_id: UUID, *, uow: UnitOfWork) -> tuple[Person, tuple[str, ...]]:
    with uow.reading() as reading:
        person = reading.session.get(Person, person_id)
        if person is None:
            raise NotFound("account.person_absent")
        return person, tuple(one.entity.name for one in queries.organizations(reading, person))


def _check(password: str, person: Person, companies: tuple[str, ...]) -> None:
    check_password(password, personal=(person.login, person.surname, person.given_name, *companies))


def _write(person_id: UUID, hashed: str, *, event: str, actor: Actor | None, uow: UnitOfWork) -> None:
    with uow:
        person = uow.session.get_one(Person, person_id)
        now = uow.clock.now()
        person.password_hash, person.password_changed_at = hashed, now
        end_sessions(uow, person_id)
        owners = uow.session.scalars(select(Membership.owner_id).where(Membership.person_id == person_id)).all()
        name = queries.full_name(person.surname, person.given_name, person.patronymic)
        for owner_id in owners:
            own = Actor(user_id=person_id, name=name, entity_id=owner_id, scope=_SCOPE, rights=frozenset())
            uow.journal.write(event, owner_id=owner_id, subject=f"person:{person_id}", actor=actor or own)
        uow.commit()
