"""Clear what is left of disposed sets outside the archive's store (ADR 0012): the promise is the set's own row.

1. The rows forget what they told of the content: the document's facts, what its signatures said of people, verdicts.
2. Exports that hold one of the sets are withdrawn; one that is being built is waited for, so is a refresh that may be
   putting a signature of the set into the archive, and a supplement. What is promised later is seen by the last step.
3. Its contents are deleted from the working store, and what a refresh put into the archive meanwhile, but for those
   that anything not disposed of holds, too (`holders`).
4. The row says cleared. Every step may be repeated after a crash, and none needs what an earlier one took away.

A content that was put within a day stays for now: somebody may be about to write the row that needs it. The set stays
promised, and is asked again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

import archive
from edo_service.archiving import holders
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import ArchiveCheck, ArchiveExportSet
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.rules import EXPORT, REFRESH, ExportEvent
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package
from edo_service.archiving.taking import take, take_export
from edo_service.archiving.use_cases.clear_discarded import clear_discarded, discarded_waiting
from edo_service.archiving.use_cases.export import BUILD, name_of
from edo_service.documents import recording
from edo_service.errors import Unavailable
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.objects import IDLE
from edo_service.kernel.uow import UnitOfWork

CLEAR = "archive.clear"
CLEARED = "archive.copies_cleared"
BUSY = timedelta(minutes=10)
"""How long an export that is being built is waited for before it is asked again."""
_AT_ONCE = 200


@dataclass(kw_only=True)
class _Found:
    """Sets that are cleared together: each one's contents, those that may go, those that have to wait.

    promises: what a refresh and supplements had on their way for each.
    """

    owner: UUID
    contents: dict[UUID, frozenset[str]]
    promises: dict[UUID, Sequence[Mapping[str, Any]]]
    made: frozenset[str]
    free: frozenset[str]
    young: set[str] = field(default_factory=set)


def promise_clearing(owner_id: UUID, *, uow: UnitOfWork) -> UUID | None:
    """Promise the job when a disposed set or a discarded draft is not cleared. Its id, None when there is nothing to do."""
    with uow:
        is_owed = bool(_waiting(uow, after=None, limit=1) or discarded_waiting(uow, limit=1))
        if not is_owed or uow.jobs.is_live(CLEAR, str(owner_id)):
            return None
        job = uow.jobs.put(CLEAR, owner_id=owner_id, key=str(owner_id), queue="archive")
        uow.commit()
    return job


def clear_again(uow: UnitOfWork, package: Package) -> None:
    """Promise in the caller's unit of work that a disposed set is cleared once more. Any other set: nothing."""
    if package.state == "disposed":
        package.cleared_at = None
        uow.jobs.put(CLEAR, owner_id=package.owner_id, key=str(package.owner_id), queue="archive")


def clear_copies(*, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk, shelf: ExportShelf) -> datetime | None:
    """Clear every disposed set and every discarded draft of the company that is not cleared yet.

    Returns when to come back for what has to wait, None when all is done. Unavailable when a store does not answer.
    """
    again = clear_discarded(actor=actor, uow=uow, desk=desk)
    for some in _batches(uow):
        for package_id in some:
            _forget(package_id, uow=uow)
        busy = _withdraw_exports(some, actor=actor, uow=uow, shelf=shelf)
        found = _find(some, uow)
        busy |= _filled_now(some, uow)
        _delete(found, desk)
        for package_id, contents in found.contents.items():
            if package_id in busy:
                again.append(desk.now() + BUSY)
            elif contents & found.young:
                again.append(desk.now() + IDLE)
            elif not _record(package_id, found, actor=actor, uow=uow):
                again.append(desk.now() + BUSY)
    return min(again, default=None)


def _waiting(uow: UnitOfWork, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    query = select(Package.id).where(Package.state == "disposed", Package.cleared_at.is_(None))
    if after is not None:
        query = query.where(Package.id > after)
    return uow.session.scalars(query.order_by(Package.id).limit(limit)).all()


def _batches(uow: UnitOfWork) -> Iterator[Sequence[UUID]]:
    after = None
    while True:
        with uow.reading() as reading:
            some = _waiting(reading, after=after, limit=_AT_ONCE)
        if not some:
            return
        yield some
        after = some[-1]


def _forget(package_id: UUID, *, uow: UnitOfWork) -> None:
    with uow:
        package = take(uow, package_id)
        document = recording.take(uow, package.document_id)
        recording.forget_content(uow, document)
        told = update(ArchiveCheck).where(ArchiveCheck.package_id == package_id).values(verdicts={})
        uow.session.execute(told.execution_options(synchronize_session=False))
        uow.commit()


def _withdraw_exports(some: Sequence[UUID], *, actor: Actor, uow: UnitOfWork, shelf: ExportShelf) -> set[UUID]:
    """End exports with these sets and remove their files. Returns the sets of those that are being built just now."""
    asked = select(ArchiveExportSet.export_id, ArchiveExportSet.package_id)
    with uow.reading() as reading:
        pairs = reading.session.execute(asked.where(ArchiveExportSet.package_id.in_(some))).all()
    busy = {one for one in {export_id for export_id, _ in pairs} if not _end(one, actor=actor, uow=uow, shelf=shelf)}
    return {package_id for export_id, package_id in pairs if export_id in busy}


def _end(export_id: UUID, *, actor: Actor, uow: UnitOfWork, shelf: ExportShelf) -> bool:
    """False while a job builds it: that one ends by itself, since the set has gone, or finishes what it had read."""
    with uow:
        export = take_export(uow, export_id)
        event = {"queued": ExportEvent.FAIL, "building": ExportEvent.FAIL, "ready": ExportEvent.EXPIRE}.get(
            export.state
        )
        if event is ExportEvent.FAIL and uow.jobs.is_live(BUILD, str(export_id)):
            return False
        if event is not None:
            if event is ExportEvent.FAIL:
                export.trouble = "archive.export_destroyed"
            workflow.move(uow.session, export, "state", event, EXPORT, actor=actor, at=uow.clock.now())
            uow.commit()
    shelf.remove(name_of(export_id))
    return True


def _filled_now(some: Sequence[UUID], uow: UnitOfWork) -> set[UUID]:
    """Sets of which a refresh, or papers that came late, may have something on its way while this is asked."""
    asked = select(PackageRefresh.package_id, PackageRefresh.owner_id)
    coming = (
        select(PackageSupplement.package_id, Package.document_id)
        .join(Package, Package.id == PackageSupplement.package_id)
        .where(PackageSupplement.package_id.in_(some), PackageSupplement.state == "made")
    )
    with uow.reading() as reading:
        mine = PackageRefresh.package_id.in_(some), PackageRefresh.underway.is_(True)
        raised = reading.session.execute(asked.where(*mine)).all()
        late = reading.session.execute(coming).all()
        jobs = [(one, REFRESH, owner) for one, owner in raised] + [(one, recording.LATE, about) for one, about in late]
        return {package_id for package_id, kind, key in jobs if reading.jobs.is_live(kind, str(key))}


def _find(some: Sequence[UUID], uow: UnitOfWork) -> _Found:
    contents: dict[UUID, frozenset[str]] = {}
    promises: dict[UUID, Sequence[Mapping[str, Any]]] = {}
    made: set[str] = set()
    with uow.reading() as reading:
        for package_id in some:
            package = take(reading, package_id)
            document = recording.take(reading, package.document_id)
            contents[package_id] = holders.contents_of(reading, package, document)
            promises[package_id] = _promised(reading, package_id)
            made |= holders.on_the_way(reading, package_id)
        every = frozenset().union(*contents.values())
        free = every - holders.needed(reading, every)
    return _Found(owner=package.owner_id, contents=contents, promises=promises, made=frozenset(made), free=free)


def _refresh_of(uow: UnitOfWork, package_id: UUID) -> PackageRefresh | None:
    return uow.session.scalars(select(PackageRefresh).where(PackageRefresh.package_id == package_id)).one_or_none()


def _supplements_of(uow: UnitOfWork, package_id: UUID) -> Sequence[PackageSupplement]:
    mine = select(PackageSupplement).where(PackageSupplement.package_id == package_id)
    return uow.session.scalars(mine.order_by(PackageSupplement.number)).all()


def _promised(uow: UnitOfWork, package_id: UUID) -> Sequence[Mapping[str, Any]]:
    row = _refresh_of(uow, package_id)
    return [{} if row is None else row.made, *(one.made for one in _supplements_of(uow, package_id))]


def _delete(found: _Found, desk: ArchiveDesk) -> None:
    for sha256 in sorted(found.free):
        put = sha256 in found.made and not _delete_put(f"{found.owner}/{sha256}", desk)
        if put or not desk.objects.delete(found.owner, sha256):
            found.young.add(sha256)


def _delete_put(key: str, desk: ArchiveDesk) -> bool:
    """What was put into the archive after its set had gone. False while the archive protects it, or shows damage there."""
    try:
        if desk.store.stat(key) is not None:
            desk.store.delete(key)
    except (archive.RetentionRefused, archive.Damaged):
        return False
    except archive.NotStored:  # it went between the two
        return True
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    return True


def _record(package_id: UUID, found: _Found, *, actor: Actor, uow: UnitOfWork) -> bool:
    """False when something has been promised since: nothing of that has been looked for."""
    contents = found.contents[package_id]
    with uow:
        package = take(uow, package_id)
        if _promised(uow, package_id) != found.promises[package_id]:
            return False
        package.cleared_at = uow.clock.now()
        if (row := _refresh_of(uow, package_id)) is not None:
            row.underway = False
        for late in _supplements_of(uow, package_id):
            if late.state == "made":
                late.state, late.made = "dropped", {}
        uow.journal.write(
            CLEARED,
            owner_id=package.owner_id,
            subject=f"package:{package_id}",
            actor=actor,
            contents=len(contents),
            needed_by_others=len(contents - found.free),
        )
        uow.commit()
    return True
