"""`Idempotency-Key`: the same request repeated gives the same answer and one effect.

draft-ietf-httpapi-idempotency-key-header. A key belongs to its owner and route; what is kept is the answer, failures
included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, LargeBinary, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.errors import Conflict, Rejected
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.tables import Base, Identified, JsonDict, Owned, table_of
from edo_service.kernel.uow import UnitOfWork

KEPT = timedelta(hours=48)
ABANDONED = timedelta(minutes=2)
_LONGEST_KEY = 255


class IdempotentRequest(Identified, Owned, Base):
    """One request that carried a key; `status` is empty while it is being carried out."""

    __tablename__ = "idempotent_request"
    __table_args__ = (UniqueConstraint("owner_id", "route", "key"),)

    key: Mapped[str] = mapped_column(String(_LONGEST_KEY))
    route: Mapped[str] = mapped_column(String(200))
    body_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    begun_at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The answer given the first time."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Proceed:
    """Carry the request out, then `finish` (or `forget` when nothing was done)."""

    request_id: UUID


def begin(*, key: str, owner_id: UUID, route: str, body: bytes, uow: UnitOfWork) -> Replay | Proceed:
    """Register a request. One transaction of its own.

    Rejected `idempotency.key_invalid`, `idempotency.other_body` (same key, other request: 422); Conflict
    `idempotency.in_progress` while the first one runs. A request abandoned for two minutes (its process died) may be
    carried out again: the use cases under it decide races themselves.
    """
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise Rejected("idempotency.key_invalid", limit=_LONGEST_KEY)
    sha256 = hashlib.sha256(body).hexdigest()
    with uow:
        now = uow.clock.now()
        values = {
            "id": new_id(),
            "owner_id": owner_id,
            "key": key,
            "route": route,
            "body_sha256": sha256,
            "begun_at": now,
        }
        unique = ("owner_id", "route", "key")
        if insert_missing(uow.session, table_of(IdempotentRequest), values, unique=unique):
            uow.commit()
            return Proceed(request_id=cast("UUID", values["id"]))
        row = uow.session.scalars(
            select(IdempotentRequest).where(
                IdempotentRequest.owner_id == owner_id, IdempotentRequest.route == route, IdempotentRequest.key == key
            )
        ).one()
        if row.body_sha256 != sha256:
            raise Rejected("idempotency.other_body")
        if row.status is not None:
            return Replay(status=row.status, headers=row.headers or {}, body=row.body or b"")
        if not _take_over(uow, row, now):
            raise Conflict("idempotency.in_progress")
        uow.commit()
        return Proceed(request_id=row.id)


def _take_over(uow: UnitOfWork, row: IdempotentRequest, now: datetime) -> bool:
    if row.begun_at > now - ABANDONED:
        return False
    statement = (
        update(IdempotentRequest)
        .where(IdempotentRequest.id == row.id, IdempotentRequest.begun_at == row.begun_at)
        .values(begun_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", uow.session.execute(statement)).rowcount == 1


def finish(request_id: UUID, *, answer: Replay, uow: UnitOfWork) -> None:
    """Keep the answer, whatever it was. One transaction of its own."""
    with uow:
        uow.session.execute(
            update(IdempotentRequest)
            .where(IdempotentRequest.id == request_id)
            .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
            .execution_options(synchronize_session=False)
        )
        uow.commit()


def forget(request_id: UUID, *, uow: UnitOfWork) -> None:
    """Drop a request that was refused before anything was done (input check, busy): the key may be used again."""
    with uow:
        uow.session.execute(
            delete(IdempotentRequest)
            .where(IdempotentRequest.id == request_id, IdempotentRequest.status.is_(None))
            .execution_options(synchronize_session=False)
        )
        uow.commit()


def prune(*, uow: UnitOfWork) -> int:
    """Drop answers older than 48 hours. Returns how many."""
    with uow:
        gone = uow.session.execute(
            delete(IdempotentRequest)
            .where(IdempotentRequest.begun_at < uow.clock.now() - KEPT)
            .execution_options(synchronize_session=False)
        )
        uow.commit()
    return cast("CursorResult[Any]", gone).rowcount
