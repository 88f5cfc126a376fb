"""Tell the store what the rows say: longer terms first, then holds that were set, then holds that were lifted.

One job an owner does all of it (`hold.PROTECT`), so two of them never undo each other; each step may be repeated. A part
shared by several sets keeps the protection that any of them needs.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

import archive
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import LegalHold, LegalHoldSet, RetentionChange
from edo_service.archiving.rules import HOLD, HoldEvent
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.use_cases.hold import free
from edo_service.errors import Unavailable
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork

_ACTIVE = ("setting", "on")


def protect(*, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> None:
    """Do all that waits for the owner. Unavailable when the store does not answer; archive.ArchiveError for damage."""
    try:
        for change_id, package_id, until in _waiting_terms(uow):
            _extend(change_id, package_id, until, actor=actor, uow=uow, desk=desk)
        for row_id, package_id in _waiting_holds(uow, LegalHoldSet.settled_at.is_(None), LegalHold.state.in_(_ACTIVE)):
            _each_part(package_id, uow, lambda key: _hold(desk, key, on=True), actor.entity)
            _mark(uow, LegalHoldSet, row_id, settled_at=uow.clock.now())
        lifted = (LegalHoldSet.released_at.is_(None), LegalHold.state == "lifting")
        for row_id, package_id in _waiting_holds(uow, *lifted):
            _release(row_id, package_id, actor=actor, uow=uow, desk=desk)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    _finish(actor=actor, uow=uow)


def _waiting_terms(uow: UnitOfWork) -> Sequence[tuple[UUID, UUID, datetime]]:
    """Terms the store has not heard of. A set that is being handed over waits: its parts lie there when it is kept."""
    query = select(RetentionChange.id, RetentionChange.package_id, Package.retain_until).join(
        Package, Package.id == RetentionChange.package_id
    )
    waits = (RetentionChange.applied_at.is_(None), Package.state != "assembled")
    with uow.reading() as reading:
        rows = reading.session.execute(query.where(*waits).order_by(RetentionChange.id))
        return [(change, package, until) for change, package, until in rows]


def _waiting_holds(uow: UnitOfWork, *conditions: object) -> Sequence[tuple[UUID, UUID]]:
    query = (
        select(LegalHoldSet.id, LegalHoldSet.package_id)
        .join(LegalHold, LegalHold.id == LegalHoldSet.hold_id)
        .where(*conditions)  # type: ignore[arg-type]  # conditions of the two callers above
    )
    with uow.reading() as reading:
        return [(row, package) for row, package in reading.session.execute(query.order_by(LegalHoldSet.id))]


def _extend(
    change_id: UUID, package_id: UUID, until: datetime, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk
) -> None:
    def move_on(key: str) -> None:
        stat = desk.store.stat(key)
        if stat is not None and (stat.retain_until is None or stat.retain_until < until):
            desk.store.extend(key, until)

    _each_part(package_id, uow, move_on, actor.entity)
    _mark(uow, RetentionChange, change_id, applied_at=uow.clock.now())


def _release(row_id: UUID, package_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> None:
    """The store first, the row after it: between the two the database still forbids the disposal."""
    if not _held_by_others(uow, row_id, package_id):
        shared = _held_elsewhere(uow, package_id)
        _each_part(package_id, uow, lambda key: _hold(desk, key, on=False), actor.entity, but=shared)
    with uow:
        if not _others(uow, row_id, package_id):
            free(uow, package_id, actor.entity)
        _set(uow, LegalHoldSet, row_id, released_at=uow.clock.now())
        uow.commit()


def _held_by_others(uow: UnitOfWork, row_id: UUID, package_id: UUID) -> bool:
    with uow.reading() as reading:
        return _others(reading, row_id, package_id)


def _others(uow: UnitOfWork, row_id: UUID, package_id: UUID) -> bool:
    """Whether another hold protects the set, one that is being lifted and has not released it yet included."""
    query = (
        select(LegalHoldSet.id)
        .join(LegalHold, LegalHold.id == LegalHoldSet.hold_id)
        .where(
            LegalHoldSet.package_id == package_id,
            LegalHoldSet.id != row_id,
            LegalHoldSet.released_at.is_(None),
            LegalHold.state != "lifted",
        )
    )
    return uow.session.execute(query.limit(1)).first() is not None


def _held_elsewhere(uow: UnitOfWork, package_id: UUID) -> frozenset[str]:
    """Contents of the set that another held set has too."""
    mine, other = aliased(PackagePart), aliased(PackagePart)
    query = (
        select(mine.sha256)
        .join(other, (other.sha256 == mine.sha256) & (other.owner_id == mine.owner_id))
        .join(Package, Package.id == other.package_id)
        .where(mine.package_id == package_id, other.package_id != package_id, Package.held.is_(True))
    )
    with uow.reading() as reading:
        return frozenset(reading.session.scalars(query.distinct()))


def _each_part(
    package_id: UUID, uow: UnitOfWork, act: Callable[[str], None], owner_id: UUID, *, but: frozenset[str] = frozenset()
) -> None:
    with uow.reading() as reading:
        contents = reading.session.scalars(
            select(PackagePart.sha256).where(PackagePart.package_id == package_id).distinct()
        ).all()
    for sha256 in contents:
        if sha256 not in but:
            act(f"{owner_id}/{sha256}")


def _hold(desk: ArchiveDesk, key: str, *, on: bool) -> None:
    """What is missing is the scrub's to tell."""
    if desk.store.stat(key) is not None:
        desk.store.set_hold(key, on)


def _mark(uow: UnitOfWork, table: type[LegalHoldSet] | type[RetentionChange], row_id: UUID, **values: datetime) -> None:
    with uow:
        _set(uow, table, row_id, **values)
        uow.commit()


def _set(uow: UnitOfWork, table: type[LegalHoldSet] | type[RetentionChange], row_id: UUID, **values: datetime) -> None:
    uow.session.execute(
        update(table).where(table.id == row_id).values(**values).execution_options(synchronize_session=False)
    )


def _finish(*, actor: Actor, uow: UnitOfWork) -> None:
    """Move holds none of whose sets waits any more."""
    for state, column, event in (
        ("setting", LegalHoldSet.settled_at, HoldEvent.SETTLE),
        ("lifting", LegalHoldSet.released_at, HoldEvent.RELEASE),
    ):
        waits = exists().where(LegalHoldSet.hold_id == LegalHold.id, column.is_(None))
        with uow:
            for hold in uow.session.scalars(select(LegalHold).where(LegalHold.state == state, ~waits)).all():
                workflow.move(uow.session, hold, "state", event, HOLD, actor=actor, at=uow.clock.now())
            uow.commit()
