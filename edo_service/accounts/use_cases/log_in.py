"""Logging in and out, and knowing who calls."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, select, update

from edo_service.accounts import hashing, queries
from edo_service.accounts.queries import Organization
from edo_service.accounts.rules import MOST_TRIES, TRIES_WINDOW, SessionTimes
from edo_service.accounts.tables import LogInTries, Person, UserSession
from edo_service.errors import NotFound, NotLoggedIn, RateLimited, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import fold, table_of
from edo_service.kernel.uow import UnitOfWork

_SCOPE = SystemScope("accounts.log_in")
_SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where a request comes from."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """What log-in gives: `token` goes into the browser's cookie and is known nowhere else."""

    session_id: UUID
    person_id: UUID
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """Who a live session belongs to, and whom she may act for."""

    session_id: UUID
    person_id: UUID
    login: str
    name: str
    csrf_secret: bytes = field(repr=False)
    organizations: tuple[Organization, ...]

    def organization(self, code: str) -> Organization:
        """Return the company of an address's code; NotFound for an unknown one and one she does not work for alike."""
        for one in self.organizations:
            if one.entity.code == code:
                return one
        raise NotFound("account.entity_absent")

    def actor(self, code: str) -> Actor:
        """Return the actor she is for the company of an address's code; NotFound."""
        return self.organization(code).actor

    @property
    def form_token(self) -> str:
        """The token that her forms carry."""
        return hashing.form_token(self.csrf_secret)


def log_in(login: str, password: str, *, device: Device, uow: UnitOfWork, old_token: str | None = None) -> NewSession:
    """Check the password and open a session under a fresh token; the browser's old session ends (no fixation).

    An unknown log-in, a wrong password and a person who works for nobody answer alike and after the same time: Rejected
    `account.log_in_failed`. RateLimited `account.too_many_tries` after ten bad tries in 15 minutes from one address.
    """
    uow = uow.under(_SCOPE)
    subject = _subject(login, device)
    _count_try(subject, uow=uow)
    with uow:
        person = uow.session.scalars(select(Person).where(Person.login == login)).one_or_none()
        organizations = queries.organizations(uow, person) if person is not None else ()
    fits = hashing.password_fits(person.password_hash if person is not None else None, password)
    if person is None or not fits or not organizations:
        _note_failure(person, organizations, device=device, uow=uow)
        raise Rejected("account.log_in_failed")
    fresh_hash = hashing.hash_password(password) if hashing.is_outdated(person.password_hash) else None
    token = hashing.new_token()
    with uow:
        now = uow.clock.now()
        if old_token is not None:
            _end(uow, UserSession.token_sha256 == hashing.token_hash(old_token), now)
        uow.session.execute(delete(LogInTries).where(LogInTries.subject == subject))
        if fresh_hash is not None:
            uow.session.execute(update(Person).where(Person.id == person.id).values(password_hash=fresh_hash))
        session = UserSession(
            id=new_id(),
            person_id=person.id,
            token_sha256=hashing.token_hash(token),
            csrf_secret=secrets.token_bytes(32),
            address=device.address[:64],
            user_agent=device.user_agent[:400],
            created_at=now,
            seen_at=now,
        )
        uow.session.add(session)
        for one in organizations:
            uow.journal.write(
                "account.logged_in",
                owner_id=one.entity.id,
                subject=f"person:{person.id}",
                actor=one.actor,
                address=device.address,
            )
        uow.commit()
    return NewSession(session_id=session.id, person_id=person.id, token=token)


def authenticate(token: str | None, *, times: SessionTimes, uow: UnitOfWork) -> LoggedIn:
    """Return who the token's session belongs to, with an actor per company. NotLoggedIn when it is absent or over.

    Memberships are read anew each time: a right taken away is gone with the next request. Use is noted once a minute.
    """
    if not token:
        raise NotLoggedIn("account.not_logged_in")
    now = uow.clock.now()
    with uow.under(_SCOPE).reading() as reading:
        found = reading.session.execute(
            select(UserSession, Person)
            .join(Person, Person.id == UserSession.person_id)
            .where(UserSession.token_sha256 == hashing.token_hash(token), UserSession.ended_at.is_(None))
        ).one_or_none()
        if found is None:
            raise NotLoggedIn("account.not_logged_in")
        session, person = found[0], found[1]
        if times.ended(created_at=session.created_at, seen_at=session.seen_at, now=now):
            raise NotLoggedIn("account.session_over")
        organizations = queries.organizations(reading, person)
    if not organizations:
        raise NotLoggedIn("account.not_logged_in")
    if now - session.seen_at >= _SEEN_STEP:
        _note_use(session.id, now, uow=uow.under(_SCOPE))
    return LoggedIn(
        session_id=session.id,
        person_id=person.id,
        login=person.login,
        name=organizations[0].actor.name,
        csrf_secret=session.csrf_secret,
        organizations=organizations,
    )


def log_out(token: str | None, *, uow: UnitOfWork) -> None:
    """End the token's session; an unknown token is no error."""
    if not token:
        return
    with uow.under(_SCOPE) as writing:
        _end(writing, UserSession.token_sha256 == hashing.token_hash(token), writing.clock.now())
        writing.commit()


def _subject(login: str, device: Device) -> str:
    return hashlib.sha256(f"{fold(login)}\n{device.address}".encode()).hexdigest()


def _count_try(subject: str, *, uow: UnitOfWork) -> None:
    """Count the try before it is made, so that fifty at once are fifty. RateLimited when there were too many."""
    with uow:
        now = uow.clock.now()
        values = {"id": new_id(), "subject": subject, "since": now, "tries": 0}
        insert_missing(uow.session, table_of(LogInTries), values, unique=("subject",))
        over = LogInTries.since <= now - TRIES_WINDOW
        uow.session.execute(
            update(LogInTries)
            .where(LogInTries.subject == subject)
            .values(tries=case((over, 1), else_=LogInTries.tries + 1), since=case((over, now), else_=LogInTries.since))
            .execution_options(synchronize_session=False)
        )
        counted = uow.session.execute(
            select(LogInTries.tries, LogInTries.since).where(LogInTries.subject == subject)
        ).one()
        uow.commit()
    if counted.tries > MOST_TRIES:
        wait = max(counted.since + TRIES_WINDOW - now, timedelta(seconds=1))
        raise RateLimited("account.too_many_tries", retry_after=wait)


def _note_failure(
    person: Person | None, organizations: tuple[Organization, ...], *, device: Device, uow: UnitOfWork
) -> None:
    """Journal the failure: with the person's companies, or with the platform (the name tried is not kept: it may be a password)."""
    owners = [one.entity.id for one in organizations] or [PLATFORM]
    with uow:
        for owner_id in owners:
            uow.journal.write(
                "account.log_in_failed",
                owner_id=owner_id,
                subject=f"person:{person.id}" if person is not None else "person:unknown",
                actor=Actor.system("accounts.log_in"),
                address=device.address,
            )
        uow.commit()


def _note_use(session_id: UUID, now: datetime, *, uow: UnitOfWork) -> None:
    with uow:
        uow.session.execute(
            update(UserSession)
            .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )
        uow.commit()


def _end(uow: UnitOfWork, condition: ColumnElement[bool], now: datetime) -> None:
    uow.session.execute(
        update(UserSession)
        .where(condition, UserSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
