"""The evidence of a package as values, for its card: file, package, root of the day, time-stamps, journal. Rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from edo_service.archiving.evidence_reading import GROUP, TreeFacts, standing
from edo_service.archiving.evidence_tables import EvidenceLeaf, EvidenceTree
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.taking import take
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork

MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, kw_only=True)
class FileLink:
    """A part that the manifest names by both hashes."""

    name: str
    role: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RootLink:
    """A root that covers the package: the day's, or that of a later tree by another hash function."""

    kind: str
    day: date
    digest: str
    root: str
    leaves: int


@dataclass(frozen=True, kw_only=True)
class StampLink:
    """A time-stamp on a root. `kind`: day, timestamp_renewal, hash_tree_renewal; `ages_at`: renewed before that."""

    kind: str
    at: datetime
    authority: str | None
    ages_at: datetime
    digest: str


@dataclass(frozen=True, kw_only=True)
class JournalLink:
    """The journal's head below the day's root."""

    day: date
    position: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class RenewalLink:
    """The last look at the set's own signatures, where they are renewed (ADR 0011).

    `due_at`: when the first of them is due, None when none can be renewed any more. `unproven`: the verdicts on time-stamps
    that count as no proof, `failed` tells of any other trouble.
    """

    looked_at: datetime
    due_at: datetime | None
    unproven: frozenset[str]
    failed: bool


@dataclass(frozen=True, kw_only=True)
class EvidenceChain:
    """File → package → root of the day → time-stamps → journal.

    `state`: own (the package waits for a root: its manifest's own time-stamp proves its time), rooted, renewed. `aged`:
    the newest time-stamp can no longer stand alone, the proof is not a pass any more. `own_timestamp_sha256`: the token
    over the manifest's signature, part of every package.
    """

    state: str
    aged: bool
    files: Sequence[FileLink]
    manifest_sha256: str
    own_timestamp_sha256: str | None
    kept_at: datetime | None
    roots: Sequence[RootLink]
    stamps: Sequence[StampLink]
    journal: JournalLink | None
    renewal: RenewalLink | None = None


def evidence_chain(package_id: UUID, *, uow: UnitOfWork) -> EvidenceChain:
    """The chain of one set of the scope. NotFound for an absent and for a foreign id."""
    with uow:
        now = uow.clock.now()
        package = take(uow, package_id)
        parts = uow.session.scalars(
            select(PackagePart)
            .where(PackagePart.package_id == package_id, PackagePart.supplement.is_(None))
            .order_by(PackagePart.position)
        ).all()
        found = standing([package_id], uow=uow)
        looked = uow.session.scalars(
            select(PackageRefresh).where(PackageRefresh.package_id == package_id)
        ).one_or_none()
    bases = [found.trees[one] for one in found.bases.get(package_id, ())]
    trees = [tree for base in bases for tree in found.chain(base.id)]
    stamps = [_stamp(tree) for tree in trees]
    return EvidenceChain(
        state="own" if not trees else "rooted" if len(trees) == 1 else "renewed",
        aged=bool(stamps) and stamps[-1].ages_at <= now,
        files=[FileLink(name=row.name, role=row.role, sha256=row.sha256) for row in parts if row.role not in GROUP],
        manifest_sha256=package.manifest_sha256 or "",
        own_timestamp_sha256=next((row.sha256 for row in parts if row.role == GROUP[2]), None),
        kept_at=package.kept_at,
        roots=[
            RootLink(kind=one.kind, day=one.day, digest=one.digest, root=one.root or "", leaves=one.leaves)
            for one in bases
        ],
        stamps=stamps,
        journal=_journal(bases[0]) if bases else None,
        renewal=None if looked is None else _renewal(looked),
    )


@dataclass(frozen=True, kw_only=True)
class EvidenceState:
    """How the evidence of the scope stands.

    `promised_since`: the oldest tree that is not kept yet. `unrooted`: kept sets, and supplements, of days that have
    closed, at least one whole day ago, under no kept root. `overdue`: time-stamps whose renewal should have been done,
    `overdue_until` when the first of them ages. `aged`: time-stamps that aged without renewal: what rests on them is no
    pass any more.
    """

    promised_since: datetime | None
    aged: int
    next_ageing: datetime | None
    unrooted: int
    overdue: int
    overdue_until: datetime | None

    @property
    def sound(self) -> bool:
        """Whether nothing needs anybody's attention."""
        return not (self.unrooted or self.overdue or self.aged)


GRACE = timedelta(days=14)
"""So long after it fell due a renewal may still be on its way."""


def evidence_state(
    *, uow: UnitOfWork, renew_before: timedelta = timedelta(days=90), pause: timedelta = timedelta(days=30)
) -> EvidenceState:
    """For health and the desk: what waits, which closed days have no root, what is renewed too late or was.

    `renew_before`, `pause`: of the `EvidencePolicy`.
    """
    with uow:
        now = uow.clock.now()
        closed = start_of_day(moscow_date(now) - timedelta(days=1))
        tree, kept = EvidenceTree, EvidenceTree.state == "kept"
        alone = (kept, tree.renewed_by_id.is_(None))
        rooted = (
            select(EvidenceLeaf.id)
            .join(tree, tree.id == EvidenceLeaf.tree_id)
            .where(EvidenceLeaf.package_id == Package.id, kept)
            .exists()
        )
        left = (Package.state == "kept", Package.kept_at < closed, ~rooted)
        late = PackageSupplement
        proved = (
            select(EvidenceLeaf.id)
            .join(tree, tree.id == EvidenceLeaf.tree_id)
            .where(EvidenceLeaf.supplement_id == late.id, kept)
            .exists()
        )
        unproved = select(func.count(late.id)).join(Package, Package.id == late.package_id)
        unproved = unproved.where(Package.state == "kept", late.state == "kept", late.kept_at < closed, ~proved)
        due = (tree.ages_at <= now + renew_before - GRACE, tree.stamped_at <= now - pause - GRACE)
        lapsing = (*alone, tree.ages_at > now, *due)
        overdue, overdue_until = uow.session.execute(
            select(func.count(tree.id), func.min(tree.ages_at)).where(*lapsing)
        ).one()
        return EvidenceState(
            promised_since=uow.session.scalar(select(func.min(tree.created_at)).where(tree.state != "kept")),
            aged=uow.session.scalar(select(func.count(tree.id)).where(*alone, tree.ages_at <= now)) or 0,
            next_ageing=uow.session.scalar(select(func.min(tree.ages_at)).where(*alone, tree.ages_at > now)),
            unrooted=(uow.session.scalar(select(func.count(Package.id)).where(*left)) or 0)
            + (uow.session.scalar(unproved) or 0),
            overdue=overdue,
            overdue_until=overdue_until,
        )


def start_of_day(day: date) -> datetime:
    """The first moment of a day of Moscow, UTC."""
    return datetime.combine(day, time(), MOSCOW).astimezone(UTC)


def _renewal(row: PackageRefresh) -> RenewalLink:
    return RenewalLink(
        looked_at=row.looked_at,
        due_at=row.due_at,
        unproven=frozenset(str(one["indication"]) for each in row.doubts.values() for one in each),
        failed=bool(row.refused),
    )


def _stamp(tree: TreeFacts) -> StampLink:
    at = tree.stamped_at or tree.created_at
    return StampLink(kind=tree.kind, at=at, authority=tree.authority, ages_at=tree.ages_at or at, digest=tree.digest)


def _journal(tree: TreeFacts) -> JournalLink | None:
    return None if tree.journal is None else JournalLink(day=tree.day, position=tree.journal[0], hash=tree.journal[1])
