"""Logging in and out, and knowing who calls."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from edo_service.accounts import hashing, queries
from edo_service.accounts.arrival import Device, NewSession, count_try, end_sessions_where, open_session, subject
from edo_service.accounts.queries import EndedWork, Organization
from edo_service.accounts.rules import MOST_TRIES, SessionTimes, demands_code, phone_of
from edo_service.accounts.tables import LogInTries, Person, UserSession
from edo_service.errors import AccessOver, Forbidden, NotFound, NotLoggedIn, RateLimited, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork

_SCOPE = SystemScope("accounts.log_in")
_SEEN_STEP = timedelta(minutes=1)


class CodeNeeded(Forbidden):
    """The password was right and a company demands a code from an SMS: no session yet."""

    def __init__(self, person_id: UUID, phone: str) -> None:
        super().__init__("account.code_needed")
        self.person_id = person_id
        self.phone = phone


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """Who a live session belongs to, and whom she may act for."""

    session_id: UUID
    person_id: UUID
    login: str
    name: str
    csrf_secret: bytes = field(repr=False)
    organizations: tuple[Organization, ...]
    ended: tuple[EndedWork, ...] = ()

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


def log_in(
    login: str,
    password: str,
    *,
    device: Device,
    uow: UnitOfWork,
    old_token: str | None = None,
    demanded: frozenset[str] = frozenset(),
) -> NewSession:
    """Check the password and open a session under a fresh token; the browser's old session ends (no fixation).

    An unknown log-in, a wrong password and a person who works for nobody answer alike and after the same time: Rejected
    `account.log_in_failed`. AccessOver for the right password of a visitor whose last day has passed. RateLimited
    `account.too_many_tries` after ten bad tries in 15 minutes from one address. CodeNeeded when the log-in is a phone and
    one of the person's companies stands in `demanded` (ИНН, or `*`).
    """
    uow = uow.under(_SCOPE)
    counted = subject(fold(login), device.address)
    with uow:
        tries = count_try(uow, counted)
        uow.commit()
    if tries.count > MOST_TRIES:
        raise RateLimited("account.too_many_tries", retry_after=tries.wait)
    with uow:
        person = uow.session.scalars(select(Person).where(Person.login == login)).one_or_none()
        organizations, ended = queries.works(uow, person) if person is not None else ((), ())
    fits = hashing.password_fits(person.password_hash if person is not None else None, password)
    if person is None or not fits or not organizations:
        _note_failure(person, organizations, device=device, uow=uow)
        if fits and ended:
            raise access_over(ended[0], uow=uow)
        raise Rejected("account.log_in_failed")
    phone = phone_of(person.login)
    if phone is not None and demands_code((one.entity.inn for one in organizations), demanded=demanded):
        raise CodeNeeded(person.id, phone)
    fresh_hash = hashing.hash_password(password) if hashing.is_outdated(person.password_hash) else None
    with uow:
        uow.session.execute(delete(LogInTries).where(LogInTries.subject == counted))
        if fresh_hash is not None:
            uow.session.execute(update(Person).where(Person.id == person.id).values(password_hash=fresh_hash))
        session = open_session(uow, person.id, organizations, device=device, old_token=old_token)
        uow.commit()
    return session


def authenticate(token: str | None, *, times: SessionTimes, uow: UnitOfWork) -> LoggedIn:
    """Return who the token's session belongs to, with an actor per company. NotLoggedIn when it is absent or over.

    AccessOver for a visitor whose last day has passed everywhere.

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
        organizations, over = queries.works(reading, person)
    if not organizations and over:
        raise access_over(over[0], uow=uow)
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
        ended=over,
    )


def access_over(ended: EndedWork, *, uow: UnitOfWork) -> AccessOver:
    """What is told to a visitor whose last day has passed, with who may extend it now."""
    with uow.under(_SCOPE).reading() as reading:
        whom = queries.who_extends(reading, ended.entity.id)
    return AccessOver("account.access_over", company=ended.entity.name, until=f"{ended.until:%d.%m.%Y}", whom=whom)


def log_out(token: str | None, *, uow: UnitOfWork) -> None:
    """End the token's session; an unknown token is no error."""
    if not token:
        return
    with uow.under(_SCOPE) as writing:
        end_sessions_where(writing, UserSession.token_sha256 == hashing.token_hash(token), writing.clock.now())
        writing.commit()


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
