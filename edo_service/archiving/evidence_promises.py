"""What the WORM store must hold of the evidence: lists and tokens of kept trees; those on their way may be there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

import archive
from edo_service.archiving.evidence_desk import shelf_key
from edo_service.archiving.evidence_tables import EvidenceTree
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.kernel.uow import UnitOfWork

BEGINS = "evidence-"


@dataclass(frozen=True, kw_only=True)
class EvidencePromises:
    """Lists, tokens and sealed tokens of all trees of the scope."""

    uow: Callable[[], UnitOfWork]

    def after(self, key: str) -> Iterator[archive.Expected]:
        """See archive.Promises."""
        return self._all().after(key)

    def of(self, key: str) -> archive.Expected | None:
        """See archive.Promises."""
        return self._all().of(key) if key.startswith(BEGINS) else None

    def _all(self) -> archive.Listed:
        with self.uow().reading() as reading:
            rows = reading.session.scalars(select(EvidenceTree)).all()
        return archive.Listed(items=[item for row in rows for item in _of_tree(row)])


@dataclass(frozen=True, kw_only=True)
class ComingPromises:
    """Refreshed signatures and late papers on their way to the companies' own shelves; once kept, parts like any other."""

    uow: Callable[[], UnitOfWork]

    def after(self, key: str) -> Iterator[archive.Expected]:
        """See archive.Promises."""
        return self._all().after(key)

    def of(self, key: str) -> archive.Expected | None:
        """See archive.Promises."""
        return self._all().of(key)

    def _all(self) -> archive.Listed:
        with self.uow().reading() as reading:
            asked = select(PackageRefresh.owner_id, PackageRefresh.made).where(PackageRefresh.underway.is_(True))
            late = select(PackageSupplement.owner_id, PackageSupplement.made).where(PackageSupplement.state == "made")
            rows = [*reading.session.execute(asked), *reading.session.execute(late)]
        keys = {f"{owner}/{one['sha256']}" for owner, made in rows for one in made.values()}
        return archive.Listed(items=[archive.Expected(key=key, underway=True) for key in sorted(keys)])


def _of_tree(row: EvidenceTree) -> Iterator[archive.Expected]:
    there = ((row.list_sha256, row.state == "kept"), (row.token_sha256, row.state == "kept"))
    for sha256, kept in (*there, (row.sealed_sha256, row.renewed_by_id is not None)):
        if sha256 is not None:
            key = shelf_key(row.owner_id, sha256)
            yield archive.Expected(key=key, retain_until=row.retain_until if kept else None, underway=not kept)
