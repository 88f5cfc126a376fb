"""Evidence is kept as long as what it proves: when a set's term moves on, the lists and time-stamps above it follow."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

import archive
from edo_service.archiving.evidence_desk import EvidenceDesk, shelf_key
from edo_service.archiving.evidence_tables import EvidenceLeaf, EvidenceTree
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package
from edo_service.errors import Unavailable
from edo_service.kernel.uow import UnitOfWork

LENGTHEN = "evidence.lengthen"


def promise_lengthening(owner_id: UUID, *, uow: UnitOfWork) -> UUID | None:
    """Promise it when some tree ends before a set below it. Returns the job's id."""
    with uow:
        if not _short(uow):
            return None
        job_id = uow.jobs.put(LENGTHEN, owner_id=owner_id, key=str(owner_id), queue="archive")
        uow.commit()
    return job_id


def lengthen_evidence(*, uow: UnitOfWork, desk: EvidenceDesk) -> int:
    """Move the retention of lists and tokens forward, the store first, the rows after; returns how many trees.

    Unavailable when the store does not answer; archive.ArchiveError when it finds damage.
    """
    done = 0
    while short := _read(uow):
        for tree_id, until in short:
            with uow.reading() as reading:
                row = reading.session.get_one(EvidenceTree, tree_id)
                keys = [row.list_sha256, row.token_sha256, row.sealed_sha256 if row.renewed_by_id else None]
            _extend([shelf_key(row.owner_id, one) for one in keys if one], until, desk)
            with uow:
                uow.session.get_one(EvidenceTree, tree_id).retain_until = until
                uow.commit()
            done += 1
    return done


def _read(uow: UnitOfWork) -> Sequence[tuple[UUID, datetime]]:
    with uow.reading() as reading:
        return _short(reading)


def _short(uow: UnitOfWork) -> Sequence[tuple[UUID, datetime]]:
    """Kept trees that end before a set, or before an older tree whose time-stamp they renew, and until when they must last."""
    older = aliased(EvidenceTree)
    sets = (
        select(EvidenceTree.id, func.max(Package.retain_until))
        .join(EvidenceLeaf, EvidenceLeaf.tree_id == EvidenceTree.id)
        .join(Package, Package.id == EvidenceLeaf.package_id)
        .where(EvidenceTree.state == "kept", Package.retain_until > EvidenceTree.retain_until)
        .group_by(EvidenceTree.id)
    )
    trees = (
        select(EvidenceTree.id, func.max(older.retain_until))
        .join(EvidenceLeaf, EvidenceLeaf.tree_id == EvidenceTree.id)
        .join(older, older.id == EvidenceLeaf.renews_id)
        .where(EvidenceTree.state == "kept", older.retain_until > EvidenceTree.retain_until)
        .group_by(EvidenceTree.id)
    )
    late = (
        select(EvidenceTree.id, func.max(Package.retain_until))
        .join(EvidenceLeaf, EvidenceLeaf.tree_id == EvidenceTree.id)
        .join(PackageSupplement, PackageSupplement.id == EvidenceLeaf.supplement_id)
        .join(Package, Package.id == PackageSupplement.package_id)
        .where(EvidenceTree.state == "kept", Package.retain_until > EvidenceTree.retain_until)
        .group_by(EvidenceTree.id)
    )
    found: dict[UUID, datetime] = {}
    for query in (sets, late, trees):
        for tree_id, until in uow.session.execute(query):
            found[tree_id] = max(until, found.get(tree_id, until))
    return list(found.items())


def _extend(keys: Sequence[str], until: datetime, desk: EvidenceDesk) -> None:
    try:
        for key in keys:
            desk.store.extend(key, until)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
