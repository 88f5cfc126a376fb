"""Reads of safekeeping: how the scrub stands and what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from edo_service.kernel.uow import UnitOfWork
from edo_service.safekeeping.tables import ScrubFinding, ScrubRound

CLOCK, COMMAND = "clock", "command"


@dataclass(frozen=True, kw_only=True)
class Round:
    """One reading of the archive, finished or under way."""

    id: UUID
    origin: str
    started_at: datetime
    moved_at: datetime
    finished_at: datetime | None
    after: str
    objects: int
    bytes: int
    findings: int
    repaired: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding of a round."""

    at: datetime
    kind: str
    key: str
    detail: str
    repaired: str


def last_round(uow: UnitOfWork, *, origin: str | None = None, finished: bool | None = None) -> Round | None:
    """The newest round, of one origin when it is named; `finished` asks for one that ended, or that did not."""
    asked = select(ScrubRound)
    if origin is not None:
        asked = asked.where(ScrubRound.origin == origin)
    if finished is not None:
        asked = asked.where(ScrubRound.finished_at.is_not(None) if finished else ScrubRound.finished_at.is_(None))
    row = uow.session.scalars(asked.order_by(ScrubRound.started_at.desc(), ScrubRound.id.desc()).limit(1)).one_or_none()
    return None if row is None else as_round(row)


def found(uow: UnitOfWork, round_id: UUID, *, shelf: str | None = None, limit: int = 1000) -> Sequence[Found]:
    """What a round found, in its order; of one shelf (a company's id) when it is named."""
    asked = select(ScrubFinding).where(ScrubFinding.round_id == round_id)
    if shelf is not None:
        asked = asked.where(ScrubFinding.shelf == shelf)
    rows = uow.session.scalars(asked.order_by(ScrubFinding.id).limit(limit))
    return [Found(at=row.at, kind=row.kind, key=row.key, detail=row.detail, repaired=row.repaired) for row in rows]


def damaged(uow: UnitOfWork) -> int:
    """Findings of the newest finished round that nobody has repaired, orphans apart."""
    last = last_round(uow, finished=True)
    if last is None:
        return 0
    return sum(1 for one in found(uow, last.id) if not one.repaired and one.kind != "orphan")


def as_round(row: ScrubRound) -> Round:
    """A row as others see it."""
    return Round(
        id=row.id,
        origin=row.origin,
        started_at=row.started_at,
        moved_at=row.moved_at,
        finished_at=row.finished_at,
        after=row.after,
        objects=row.objects,
        bytes=row.bytes,
        findings=row.findings,
        repaired=row.repaired,
    )
