"""Reads of what came after a set was put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from edo_service.archiving.evidence_reading import standing
from edo_service.archiving.taking import supplements_of
from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class SupplementCard:
    """What joined a set later, with a manifest of its own. `rooted`: it stands under a day's root."""

    number: int
    kept_at: datetime | None
    manifest_sha256: str
    rooted: bool


def supplement_cards(uow: UnitOfWork, package_id: UUID) -> Sequence[SupplementCard]:
    """Kept supplements of a set in their order, in an open unit of work."""
    rows = supplements_of(uow, package_id)
    rooted = standing([one.id for one in rows], uow=uow).bases if rows else {}
    return [
        SupplementCard(
            number=row.number, kept_at=row.kept_at, manifest_sha256=row.manifest_sha256, rooted=row.id in rooted
        )
        for row in rows
    ]
