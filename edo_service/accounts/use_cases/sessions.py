"""Ending sessions: one, all, and tidying up what is long over."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, update

from edo_service.accounts.tables import LogInTries, UserSession
from edo_service.errors import NotFound
from edo_service.kernel.uow import UnitOfWork

_KEPT = timedelta(days=90)


def revoke_session(session_id: UUID, *, person_id: UUID, uow: UnitOfWork) -> None:
    """End one of the person's sessions. NotFound for an absent, an ended and a foreign one alike."""
    with uow:
        if not _end(uow, UserSession.person_id == person_id, UserSession.id == session_id):
            raise NotFound("account.session_absent")
        uow.commit()


def revoke_all_sessions(*, person_id: UUID, uow: UnitOfWork, but: UUID | None = None) -> int:
    """End the person's sessions, all but one if told. Returns how many."""
    with uow:
        ended = end_sessions(uow, person_id, but=but)
        uow.commit()
    return ended


def end_sessions(uow: UnitOfWork, person_id: UUID, *, but: UUID | None = None) -> int:
    """End the person's sessions inside the caller's transaction. Returns how many."""
    others = (UserSession.id != but,) if but is not None else ()
    return _end(uow, UserSession.person_id == person_id, *others)


def prune(*, uow: UnitOfWork) -> None:
    """Drop sessions that ended or were last used 90 days ago and log-in tries of yesterday."""
    with uow:
        now = uow.clock.now()
        uow.session.execute(delete(UserSession).where(UserSession.seen_at < now - _KEPT))
        uow.session.execute(delete(LogInTries).where(LogInTries.since < now - timedelta(days=1)))
        uow.commit()


def _end(uow: UnitOfWork, *conditions: Any) -> int:
    ended = uow.session.execute(
        update(UserSession)
        .where(*conditions, UserSession.ended_at.is_(None))
        .values(ended_at=uow.clock.now())
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", ended).rowcount
