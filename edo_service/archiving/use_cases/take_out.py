"""Take a package out of the archive: a ZIP that verifies without us. Every taking out is journalled with its purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select

import archive
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.purposes import stated
from edo_service.archiving.sealing import MANIFEST, MANIFEST_SIGNATURE, MANIFEST_TIMESTAMP
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import ArchiveAccess, Package, PackagePart
from edo_service.archiving.taking import supplements_of, take, take_kept
from edo_service.archiving.use_cases.refresh import refreshed_parts
from edo_service.archiving.use_cases.supplement import prefix
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork

SAME_LOOK = timedelta(minutes=10)
"""Pictures and words of one document within this time are one look of the same person for the same purpose."""


def take_out(package_id: UUID, out: BinaryIO, *, purpose: str, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> str:
    """Write the export ZIP of one package to `out`, part by part from the WORM store. Returns a file name for people.

    Raises NotFound (absent and foreign alike), Forbidden, PurposeNeeded, Conflict when the set is not kept yet,
    archive.ArchiveError when the store finds damage.
    """
    actor.require(Right.ARCHIVE_EXPORT)
    said = stated(purpose)
    with uow:
        package, rows = take_kept(uow, package_id)
        late = supplements_of(uow, package_id)
        _note(uow, package, "export", purpose=said, actor=actor)
        uow.commit()
    write_set(package, rows, out, desk=desk, supplements=late)
    return f"{package.title}.zip"


def write_set(
    package: Package,
    rows: Sequence[PackagePart],
    out: BinaryIO,
    *,
    desk: ArchiveDesk,
    supplements: Sequence[PackageSupplement] = (),
) -> None:
    """Write the ZIP of one kept set with its supplements to a stream that need not be seekable; nothing is journalled here.

    archive.ArchiveError when the store finds damage.
    """
    own = [row for row in rows if row.supplement is None]
    late: dict[int, list[PackagePart]] = {}  # one that joined after the rows were read has none among them
    for row in rows:
        if row.supplement is not None:
            late.setdefault(row.supplement, []).append(row)
    seal = _seal(package, own, desk)
    archive.write_export(
        out,
        manifest=seal[0],
        manifest_signature=seal[1],
        manifest_timestamp=seal[2],
        open_part=archive.store_reader(desk.store, str(package.owner_id)),
        trust_pem=desk.trust_pem(),
        chain_pem=desk.chain_pem(),
        evidence_record=desk.evidence_record(package.id, package.owner_id),
        refreshed=refreshed_parts(own, desk.store),
        supplements=[_supplement(package, one, late[one.number], desk) for one in supplements if one.number in late],
    )


def _supplement(
    package: Package, one: PackageSupplement, rows: Sequence[PackagePart], desk: ArchiveDesk
) -> archive.Supplement:
    """Its parts go by the names of its own manifest: without what tells them apart among those of the whole set."""
    begins = prefix(one.number)
    seal = _seal(package, rows, desk, begins)
    return archive.Supplement(
        number=one.number,
        manifest=seal[0],
        manifest_signature=seal[1],
        manifest_timestamp=seal[2],
        evidence_record=desk.evidence_record(one.id, package.owner_id),
        refreshed=[replace(part, of=part.of.removeprefix(begins)) for part in refreshed_parts(rows, desk.store)],
    )


def _seal(
    package: Package, rows: Sequence[PackagePart], desk: ArchiveDesk, begins: str = ""
) -> tuple[bytes, bytes, bytes]:
    by_name = {row.name: row.sha256 for row in rows}
    manifest, signature, timestamp = (
        desk.store.get(f"{package.owner_id}/{by_name[begins + name]}")
        for name in (MANIFEST, MANIFEST_SIGNATURE, MANIFEST_TIMESTAMP)
    )
    return manifest, signature, timestamp


def note_view(package_id: UUID, *, purpose: str, actor: Actor, uow: UnitOfWork) -> None:
    """Journal that somebody opened the card of a set, and what for. PurposeNeeded."""
    actor.require(Right.ARCHIVE_SEARCH)
    note_access(package_id, "view", purpose=purpose, actor=actor, uow=uow)


def note_access(package_id: UUID, act: str, *, purpose: str, actor: Actor, uow: UnitOfWork) -> None:
    """Journal that somebody looked at a set in one of the ways of `pages.describing.ACTS`, and what for. PurposeNeeded.

    Whoever may read the company's documents reaches what a set holds without the right to search the archive.
    """
    actor.require(Right.READ)
    said = stated(purpose)
    with uow:
        _note(uow, take(uow, package_id), act, purpose=said, actor=actor)
        uow.commit()


def note_look(package_id: UUID, act: str, *, purpose: str, actor: Actor, uow: UnitOfWork) -> None:
    """The same for a look that is made of many requests: noted once in `SAME_LOOK`. PurposeNeeded."""
    said = stated(purpose)
    with uow.reading() as reading:
        since = reading.clock.now() - SAME_LOOK
        known = select(ArchiveAccess.id).where(
            ArchiveAccess.package_id == package_id,
            ArchiveAccess.person_id == actor.user_id,
            ArchiveAccess.act == act,
            ArchiveAccess.purpose == said,
            ArchiveAccess.at > since,
        )
        noted = reading.session.scalar(known.limit(1)) is not None
    if not noted:
        note_access(package_id, act, purpose=said, actor=actor, uow=uow)


def note_search(*, purpose: str, query: Mapping[str, str], found: int, actor: Actor, uow: UnitOfWork) -> None:
    """Journal that somebody searched the archive: for what, by which words and how much was found. PurposeNeeded."""
    actor.require(Right.ARCHIVE_SEARCH)
    said = stated(purpose)
    with uow:
        uow.journal.write(
            "archive.searched",
            owner_id=actor.entity,
            subject=f"archive:{actor.entity}",
            actor=actor,
            purpose=said,
            query=", ".join(f"{name}={value}" for name, value in query.items()),
            found=found,
        )
        uow.commit()


def note_report(*, purpose: str, since: date, until: date, actor: Actor, uow: UnitOfWork) -> None:
    """Journal that somebody took a report about the archive's integrity, and what for. PurposeNeeded."""
    actor.require(Right.ARCHIVE_SEARCH)
    said = stated(purpose)
    with uow:
        uow.journal.write(
            "archive.reported",
            owner_id=actor.entity,
            subject=f"archive:{actor.entity}",
            actor=actor,
            purpose=said,
            since=since,
            until=until,
        )
        uow.commit()


def _note(uow: UnitOfWork, package: Package, act: str, *, purpose: str, actor: Actor) -> None:
    """The row and the journal's entry of one access, inside the caller's unit of work; `purpose` has been stated."""
    uow.session.add(accessed(package, act, purpose=purpose, actor=actor, at=uow.clock.now()))
    uow.journal.write(
        f"archive.{act}",
        owner_id=package.owner_id,
        subject=f"package:{package.id}",
        actor=actor,
        purpose=purpose,
    )


def accessed(package: Package, act: str, *, purpose: str, actor: Actor, at: datetime) -> ArchiveAccess:
    """The row of one access."""
    return ArchiveAccess(
        owner_id=package.owner_id,
        package_id=package.id,
        person_id=actor.user_id,
        person_name=actor.name,
        act=act,
        purpose=purpose,
        at=at,
    )
