"""Reads of holds and disposal: sets whose term is over, acts and holds with their sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, not_, or_, select

from edo_service.archiving.desk_tables import DisposalAct, DisposalLine, LegalHold, LegalHoldSet, RetentionChange
from edo_service.archiving.retention import TERMS, From
from edo_service.archiving.tables import Package
from edo_service.archiving.taking import take_act, take_hold
from edo_service.kernel.money import Money
from edo_service.kernel.uow import UnitOfWork

FROM_END = tuple(kind for kind, term in TERMS.items() if term.counted is From.END)
SHOWN = 50
HALTED = (DisposalLine.state == "deleting", DisposalLine.spared.is_not(None))
"""Lines whose set is half deleted while the store protects the rest."""


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    """A hold in the register."""

    id: UUID
    number: int
    state: str
    ground: str
    reason: str
    set_by: UUID | None
    set_by_name: str
    set_at: datetime
    lifted_by_name: str | None
    lifted_at: datetime | None
    lift_reason: str | None
    sets: int


@dataclass(frozen=True, kw_only=True)
class HeldSet:
    """A set under a hold, as the hold's page shows it."""

    package_id: UUID
    title: str
    counterparty: str
    dated: date
    retain_until: datetime
    settled: bool


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act of disposal. `halted`: sets half deleted whose rest the store still protects."""

    id: UUID
    number: int
    state: str
    reason: str
    law: str
    sets: int
    size: int
    proposed_by: UUID | None
    proposed_by_name: str
    proposed_at: datetime
    first_by: UUID | None
    first_by_name: str | None
    first_at: datetime | None
    second_by: UUID | None
    second_by_name: str | None
    second_at: datetime | None
    rejected_by_name: str | None
    rejected_at: datetime | None
    rejected_reason: str | None
    done_at: datetime | None
    paper_sha256: str | None
    halted: int = 0


@dataclass(frozen=True, kw_only=True)
class ActLine:
    """A set on an act."""

    package_id: UUID
    position: int
    state: str
    title: str
    counterparty: str
    dated: date
    total: Money | None
    kind: str
    law: str
    retain_until: datetime
    manifest_sha256: str
    parts: int
    size: int
    spared: str | None
    deleted_at: datetime | None


def is_ripe(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What the database must say of a set before its disposal may be proposed or begun.

    Kept, its term over and known (a contract's end has been told), under no hold.
    """
    known = or_(Package.counted_from.is_not(None), not_(_needs_end()))
    return (Package.state == "kept", Package.retain_until <= now, Package.held.is_(False), known)


def _needs_end() -> ColumnElement[bool]:
    """Whether the set counts, or ever counted, from the end of a contract: another kind does not undo the question."""
    was = exists().where(
        RetentionChange.package_id == Package.id,
        RetentionChange.owner_id == Package.owner_id,
        RetentionChange.kind.in_(FROM_END),
    )
    return or_(Package.retention_kind.in_(FROM_END), Package.kind.in_(FROM_END), was)


def ripe(uow: UnitOfWork, now: datetime, *, limit: int, only: Sequence[UUID] | None = None) -> Sequence[Package]:
    """Sets that may be proposed for disposal, the longest over first."""
    kinds = Package.retention_kind.in_(tuple(TERMS))
    query = select(Package).where(*is_ripe(now), kinds, Package.proposed.is_(False))
    if only is not None:
        query = query.where(Package.id.in_(list(only)[:limit]))
    return uow.session.scalars(query.order_by(Package.retain_until, Package.id).limit(limit)).all()


@dataclass(frozen=True, kw_only=True)
class Ripe:
    """How much may be proposed, and how much would be if the ends of contracts were known."""

    sets: int
    size: int
    unknown_end: int


def ripe_counts(*, uow: UnitOfWork) -> Ripe:
    """The head of the disposal desk."""
    with uow:
        now = uow.clock.now()
        kinds = Package.retention_kind.in_(tuple(TERMS))
        sets, size = uow.session.execute(
            select(func.count(Package.id), func.coalesce(func.sum(Package.size), 0)).where(
                *is_ripe(now), kinds, Package.proposed.is_(False)
            )
        ).one()
        over = (Package.state == "kept", Package.retain_until <= now, Package.counted_from.is_(None))
        unknown = uow.session.execute(select(func.count(Package.id)).where(*over, _needs_end())).scalar_one()
    return Ripe(sets=sets, size=int(size), unknown_end=unknown)


def holds(*, uow: UnitOfWork) -> Sequence[HoldLine]:
    """The register of holds: those in force first, newest first."""
    with uow:
        counts = _counts(uow)
        rows = uow.session.scalars(select(LegalHold).order_by(LegalHold.state == "lifted", LegalHold.number.desc()))
        return [_hold_line(row, counts.get(row.id, 0)) for row in rows]


def hold(hold_id: UUID, *, uow: UnitOfWork) -> tuple[HoldLine, Sequence[HeldSet]]:
    """One hold with its first sets. NotFound."""
    with uow:
        row = take_hold(uow, hold_id)
        sets = uow.session.execute(
            select(LegalHoldSet, Package)
            .join(Package, Package.id == LegalHoldSet.package_id)
            .where(LegalHoldSet.hold_id == hold_id)
            .order_by(Package.dated.desc(), Package.id)
            .limit(SHOWN)
        ).all()
        return _hold_line(row, _counts(uow, hold_id).get(hold_id, 0)), [_held(one, package) for one, package in sets]


def holds_of(package_id: UUID, *, uow: UnitOfWork) -> Sequence[HoldLine]:
    """Holds that ever lay on a set, newest first."""
    with uow:
        rows = uow.session.scalars(
            select(LegalHold)
            .join(LegalHoldSet, LegalHoldSet.hold_id == LegalHold.id)
            .where(LegalHoldSet.package_id == package_id)
            .order_by(LegalHold.number.desc())
        )
        return [_hold_line(row, 0) for row in rows]


def acts(*, uow: UnitOfWork) -> Sequence[Act]:
    """Acts of disposal, newest first."""
    with uow:
        counted = select(DisposalLine.act_id, func.count()).where(*HALTED).group_by(DisposalLine.act_id)
        halted = {row[0]: row[1] for row in uow.session.execute(counted)}
        rows = uow.session.scalars(select(DisposalAct).order_by(DisposalAct.number.desc()))
        return [replace(_act(row), halted=halted.get(row.id, 0)) for row in rows]


def act(act_id: UUID, *, uow: UnitOfWork, limit: int | None = None) -> tuple[Act, Sequence[ActLine]]:
    """One act with its sets. NotFound."""
    with uow:
        row = take_act(uow, act_id)
        halted = uow.session.scalar(select(func.count(DisposalLine.id)).where(DisposalLine.act_id == act_id, *HALTED))
        return replace(_act(row), halted=halted or 0), [_line(one) for one in lines(uow, act_id, limit=limit)]


def acts_to_do(*, uow: UnitOfWork) -> Sequence[UUID]:
    """Approved acts that are not carried out yet, in their order."""
    query = select(DisposalAct.id).where(DisposalAct.state.in_(("approved", "executing")))
    with uow:
        return uow.session.scalars(query.order_by(DisposalAct.number)).all()


def act_of(package_id: UUID, *, uow: UnitOfWork) -> Act | None:
    """The act that a set stands on or went by, None when there is none."""
    with uow:
        row = uow.session.scalars(
            select(DisposalAct)
            .join(DisposalLine, DisposalLine.act_id == DisposalAct.id)
            .where(DisposalLine.package_id == package_id, DisposalLine.state != "spared")
        ).first()
        return None if row is None else _act(row)


def lines(uow: UnitOfWork, act_id: UUID, *, limit: int | None = None) -> Sequence[DisposalLine]:
    """Lines of an act in its order, inside the caller's unit of work."""
    query = select(DisposalLine).where(DisposalLine.act_id == act_id).order_by(DisposalLine.position)
    return uow.session.scalars(query.limit(limit)).all()


def promised_papers(*, uow: UnitOfWork) -> Sequence[tuple[str, datetime]]:
    """Key and promised retention of the papers of disposal that lie in the store."""
    with uow:
        rows = uow.session.execute(
            select(
                DisposalAct.owner_id, DisposalAct.paper_sha256, DisposalAct.register_sha256, DisposalAct.keep_until
            ).where(DisposalAct.keep_until.is_not(None))
        ).all()
    return [
        (f"{owner}/{sha256}", until) for owner, *both, until in rows for sha256 in both if sha256 and until is not None
    ]


def _counts(uow: UnitOfWork, hold_id: UUID | None = None) -> Mapping[UUID, int]:
    query = select(LegalHoldSet.hold_id, func.count(LegalHoldSet.id)).group_by(LegalHoldSet.hold_id)
    if hold_id is not None:
        query = query.where(LegalHoldSet.hold_id == hold_id)
    return {row[0]: row[1] for row in uow.session.execute(query)}


def _hold_line(row: LegalHold, sets: int) -> HoldLine:
    return HoldLine(
        id=row.id, number=row.number, state=row.state, ground=row.ground, reason=row.reason, set_by=row.set_by,
        set_by_name=row.set_by_name, set_at=row.set_at, lifted_by_name=row.lifted_by_name, lifted_at=row.lifted_at,
        lift_reason=row.lift_reason, sets=sets,
    )  # fmt: skip


def _held(row: LegalHoldSet, package: Package) -> HeldSet:
    return HeldSet(
        package_id=package.id,
        title=package.title,
        counterparty=f"{package.counterparty_name}, ИНН {package.counterparty_inn}",
        dated=package.dated,
        retain_until=package.retain_until,
        settled=row.settled_at is not None,
    )


def _act(row: DisposalAct) -> Act:
    return Act(
        id=row.id, number=row.number, state=row.state, reason=row.reason, law=row.law, sets=row.sets, size=row.size,
        proposed_by=row.proposed_by, proposed_by_name=row.proposed_by_name, proposed_at=row.proposed_at,
        first_by=row.first_by, first_by_name=row.first_by_name, first_at=row.first_at,
        second_by=row.second_by, second_by_name=row.second_by_name, second_at=row.second_at,
        rejected_by_name=row.rejected_by_name, rejected_at=row.rejected_at, rejected_reason=row.rejected_reason,
        done_at=row.done_at, paper_sha256=row.paper_sha256,
    )  # fmt: skip


def _line(row: DisposalLine) -> ActLine:
    return ActLine(
        package_id=row.package_id, position=row.position, state=row.state, title=row.title,
        counterparty=row.counterparty, dated=row.dated, total=row.total, kind=row.kind, law=row.law,
        retain_until=row.retain_until, manifest_sha256=row.manifest_sha256, parts=row.parts, size=row.size,
        spared=row.spared, deleted_at=row.deleted_at,
    )  # fmt: skip
