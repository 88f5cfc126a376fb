"""Reads of the desk around the search: saved searches, exports, purposes, checks of a period."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from edo_service.archiving.desk_tables import ArchiveCheck, ArchiveExport, ArchiveExportAccess, SavedSearch
from edo_service.archiving.tables import ArchiveAccess, Package
from edo_service.archiving.taking import take_export
from edo_service.kernel.uow import UnitOfWork

EXPORTS_SHOWN = 50
PURPOSES_OFFERED = 4
ACCESSES_LOOKED_AT = 500


@dataclass(frozen=True, kw_only=True)
class SearchHead:
    """What stands above the search: the person's saved searches by id, and how many sets have no words yet."""

    saved: Mapping[str, tuple[str, Mapping[str, str]]]
    unindexed: int


@dataclass(frozen=True, kw_only=True)
class ExportLine:
    """An export; `taken`: who downloaded it, and when."""

    id: UUID
    state: str
    kind: str
    title: str
    purpose: str
    sets: int
    done: int
    size: int
    sha256: str | None
    trouble: str | None
    who: str
    ordered_at: datetime
    expires_at: datetime | None
    taken: Sequence[tuple[datetime, str]]


@dataclass(frozen=True, kw_only=True)
class PeriodCheck:
    """A check of a set within a period."""

    at: datetime
    who: str
    title: str
    parts: int
    damaged: Sequence[str]
    verdicts: Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, kw_only=True)
class Period:
    """What the archive did in a period: sets kept, exports, checks; and how it stands now."""

    kept: int
    kept_size: int
    checked_sets: int
    damaged_now: int
    held_now: int
    in_archive: int
    checks: Sequence[PeriodCheck]


def search_head(person_id: UUID | None, *, uow: UnitOfWork) -> SearchHead:
    """See SearchHead."""
    with uow:
        own = select(SavedSearch).where(SavedSearch.person_id == person_id).order_by(SavedSearch.name).limit(50)
        rows = uow.session.scalars(own).all()
        waiting = select(func.count(Package.id)).where(Package.indexed_at.is_(None), Package.state != "disposed")
        unindexed = uow.session.execute(waiting).scalar_one()
    return SearchHead(saved={str(row.id): (row.name, row.query) for row in rows}, unindexed=unindexed)


def recent_purposes(person_id: UUID | None, *, uow: UnitOfWork) -> Sequence[str]:
    """What the person looked for lately, the last first: the few that are worth offering again."""
    with uow:
        newest = select(ArchiveAccess.person_id, ArchiveAccess.purpose).order_by(ArchiveAccess.id.desc())
        rows = uow.session.execute(newest.limit(ACCESSES_LOOKED_AT)).all()
    found = dict.fromkeys(row.purpose for row in rows if row.person_id == person_id and row.purpose)
    return list(found)[:PURPOSES_OFFERED]


def exports(*, uow: UnitOfWork) -> Sequence[ExportLine]:
    """The newest exports with their accesses: two queries, however many."""
    with uow:
        query = select(ArchiveExport).order_by(ArchiveExport.ordered_at.desc(), ArchiveExport.id.desc())
        rows = uow.session.scalars(query.limit(EXPORTS_SHOWN)).all()
        seen = select(ArchiveExportAccess).where(ArchiveExportAccess.export_id.in_([row.id for row in rows]))
        taken: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
        for access in uow.session.scalars(seen.order_by(ArchiveExportAccess.at.desc())):
            taken[access.export_id].append((access.at, access.person_name))
    return [
        ExportLine(
            id=row.id, state=row.state, kind=row.kind, title=row.title, purpose=row.purpose, sets=row.sets,
            done=row.done, size=row.size, sha256=row.sha256, trouble=row.trouble, who=row.person_name,
            ordered_at=row.ordered_at, expires_at=row.expires_at, taken=taken[row.id],
        )
        for row in rows
    ]  # fmt: skip


def require_export(export_id: UUID, *, uow: UnitOfWork) -> None:
    """NotFound for an absent and for a foreign id."""
    with uow:
        take_export(uow, export_id)


def period(since: datetime, until: datetime, *, uow: UnitOfWork) -> Period:
    """What happened from `since` to `until` (not included), and how the archive stands now."""
    with uow:
        kept = uow.session.execute(
            select(func.count(Package.id), func.coalesce(func.sum(Package.size), 0)).where(
                Package.kept_at >= since, Package.kept_at < until
            )
        ).one()
        within = (ArchiveCheck.at >= since, ArchiveCheck.at < until)
        checked = uow.session.execute(
            select(func.count(func.distinct(ArchiveCheck.package_id))).where(*within)
        ).scalar_one()
        rows = uow.session.execute(
            select(ArchiveCheck, Package.title)
            .join(Package, Package.id == ArchiveCheck.package_id)
            .where(*within)
            .order_by(ArchiveCheck.at.desc())
            .limit(500)
        ).all()
        inside = select(func.count(Package.id)).where(Package.state == "kept")
        total, damaged, held = (
            uow.session.execute(inside.where(*also)).scalar_one()
            for also in ((), (Package.sound.is_(False),), (Package.held.is_(True),))
        )
    return Period(
        kept=kept[0],
        kept_size=int(kept[1]),
        checked_sets=checked,
        damaged_now=damaged,
        held_now=held,
        in_archive=total,
        checks=[
            PeriodCheck(
                at=row.at, who=row.person_name, title=title, parts=row.parts,
                damaged=list(row.damaged.get("parts", ())), verdicts=row.verdicts,
            )
            for row, title in rows
        ],
    )  # fmt: skip
