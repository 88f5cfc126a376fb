"""What every way in shares: where a request comes from, counted tries, a fresh session. No transaction ends here."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, select, update

from edo_service.accounts import hashing
from edo_service.accounts.queries import Organization
from edo_service.accounts.rules import TRIES_WINDOW
from edo_service.accounts.tables import LogInTries, UserSession
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.tables import table_of
from edo_service.kernel.uow import UnitOfWork


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
class Tries:
    """How often something was tried within the window, and when it may be tried afresh."""

    count: int
    wait: timedelta


def subject(*parts: str) -> str:
    """What tries are counted by: a hash, so that no log-in name (it may be a password) is kept."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def count_try(uow: UnitOfWork, counted: str) -> Tries:
    """Count a try before it is made, so that fifty at once are fifty. The caller commits, and refuses over its limit."""
    now = uow.clock.now()
    values = {"id": new_id(), "subject": counted, "since": now, "tries": 0}
    insert_missing(uow.session, table_of(LogInTries), values, unique=("subject",))
    over = LogInTries.since <= now - TRIES_WINDOW
    uow.session.execute(
        update(LogInTries)
        .where(LogInTries.subject == counted)
        .values(tries=case((over, 1), else_=LogInTries.tries + 1), since=case((over, now), else_=LogInTries.since))
        .execution_options(synchronize_session=False)
    )
    row = uow.session.execute(select(LogInTries.tries, LogInTries.since).where(LogInTries.subject == counted)).one()
    return Tries(count=row.tries, wait=max(row.since + TRIES_WINDOW - now, timedelta(seconds=1)))


def open_session(
    uow: UnitOfWork,
    person_id: UUID,
    organizations: Sequence[Organization],
    *,
    device: Device,
    old_token: str | None,
) -> NewSession:
    """Open a session under a fresh token; the browser's old one ends (no fixation). Journalled for every company."""
    token = hashing.new_token()
    now = uow.clock.now()
    if old_token is not None:
        end_sessions_where(uow, UserSession.token_sha256 == hashing.token_hash(old_token), now)
    session = UserSession(
        id=new_id(),
        person_id=person_id,
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
            subject=f"person:{person_id}",
            actor=one.actor,
            address=device.address,
        )
    return NewSession(session_id=session.id, person_id=person_id, token=token)


def end_sessions_where(uow: UnitOfWork, condition: ColumnElement[bool], now: datetime) -> None:
    """End the live sessions that the condition names."""
    uow.session.execute(
        update(UserSession)
        .where(condition, UserSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
