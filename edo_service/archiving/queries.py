"""Reads of the archive desk: the search of compliance, its facets, and the card of one set."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, func, literal_column, or_, select

from edo_service.archiving import words
from edo_service.archiving.desk_tables import ArchiveCheck, LegalHoldSet, RetentionChange
from edo_service.archiving.queries_disposal import promised_papers
from edo_service.archiving.queries_supplements import SupplementCard, supplement_cards
from edo_service.archiving.tables import ArchiveAccess, Package, PackagePart
from edo_service.archiving.taking import set_of_document, take
from edo_service.documents import recording
from edo_service.kernel.money import Money
from edo_service.kernel.uow import UnitOfWork

ACCESSES_SHOWN = 50
FEW = 20_000
"""Up to so many sets are sorted after they were found; more are walked in the order of their days until a page is full."""
_WALKED_DAY: ColumnElement[date] = literal_column("+package.dated", Date())
"""The day, but not for SQLite's planner: it would walk every set by its day to find the few that fit."""
STATUSES: Mapping[str, ColumnElement[bool]] = {
    "kept": and_(Package.state == "kept", Package.held.is_(False), Package.proposed.is_(False)),
    "held": Package.held.is_(True),
    "proposed": and_(Package.state == "kept", Package.held.is_(False), Package.proposed.is_(True)),
    "assembled": Package.state == "assembled",
    "disposed": or_(Package.state == "disposing", Package.state == "disposed"),
    "damaged": Package.sound.is_(False),
}
"""What a set may be narrowed to; all but `damaged` are facets too, each set counts in one of them."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What compliance asks for; empty fields do not narrow. `after` is the last row's (date, id) already shown.

    Words and the fields of `words.FIELDS` are found by their beginnings.
    """

    text: str = ""
    counterparty: str = ""
    since: date | None = None
    until: date | None = None
    year: int | None = None
    kind: str | None = None
    number: str = ""
    total_from: Money | None = None
    total_to: Money | None = None
    contract: str = ""
    vin: str = ""
    signer: str = ""
    certificate: str = ""
    status: str = ""
    hold: UUID | None = None
    after: tuple[date, UUID] | None = None
    limit: int = 25

    @property
    def exact(self) -> Mapping[str, str]:
        """The fields that are marks; a counterparty written in digits is an ИНН."""
        party = self.counterparty.strip()
        name, inn = ("", party) if party.isdigit() else (party, "")
        return {
            "counterparty": name, "inn": inn, "number": self.number, "contract": self.contract, "vin": self.vin,
            "signer": self.signer, "certificate": self.certificate,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SetLine:
    """A set in the results.

    `state`: assembled (on its way), failed (the hand-over gave up), kept, held, proposed, damaged, disposing, disposed.
    """

    id: UUID
    owner_id: UUID
    document_id: UUID
    state: str
    kind: str
    title: str
    number: str
    dated: date
    total: Money | None
    counterparty_name: str
    counterparty_inn: str
    retain_until: datetime
    parts: int
    size: int

    @property
    def is_kept(self) -> bool:
        """Whether its parts lie in the archive."""
        return self.state in {"kept", "held", "proposed", "damaged"}


@dataclass(frozen=True, kw_only=True)
class Results:
    """A page of sets with the exact count and size of all that was found, and how they divide."""

    lines: Sequence[SetLine]
    found: int
    more: bool
    size: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SetPart:
    """A part of a set as its card shows it; `supplement`: the number of the one that it came with."""

    role: str
    name: str
    sha256: str
    size: int
    of: str | None
    supplement: int | None = None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who looked or took out, when and what for."""

    at: datetime
    who: str
    act: str
    purpose: str | None


@dataclass(frozen=True, kw_only=True)
class TermChange:
    """A move of the term forward."""

    at: datetime
    who: str
    kind: str
    counted_from: date | None
    new_until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """The last reading of the whole set: damaged parts, and today's verdict of each signature by its SHA-256."""

    at: datetime
    who: str
    parts: int
    damaged: Sequence[str]
    verdicts: Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, kw_only=True)
class SetCard:
    """Everything the card of a set shows."""

    line: SetLine
    manifest_sha256: str
    kept_at: datetime | None
    trouble: str | None
    summary: Mapping[str, Any]
    parts: Sequence[SetPart]
    accesses: Sequence[Access]
    seen: int
    retention_kind: str
    counted_from: date | None
    terms: Sequence[TermChange]
    check: Check | None
    supplements: Sequence[SupplementCard] = ()


def search(wish: Search, *, uow: UnitOfWork) -> Results:
    """Sets within the scope, newest document first, by keyset pages; one pass counts all and every facet."""
    with uow:
        conditions = _conditions(wish, is_sqlite=uow.database.is_sqlite)
        parted = (Package.kind, Package.state, Package.held, Package.proposed, Package.year)
        counted = uow.session.execute(
            select(*parted, func.count(), func.coalesce(func.sum(Package.size), 0)).where(*conditions).group_by(*parted)
        ).all()
        whole = _divided([tuple(row) for row in counted])
        by_day = _WALKED_DAY if uow.database.is_sqlite and whole.found <= FEW else Package.dated
        page = select(Package.id).where(*conditions)
        if wish.after is not None:
            day, last = wish.after
            page = page.where(Package.dated <= day, (Package.dated < day) | (Package.id < last))
        ids = page.order_by(by_day.desc(), Package.id.desc()).limit(wish.limit + 1).subquery()
        found = uow.session.scalars(select(Package).join(ids, ids.c.id == Package.id)).all()
        rows = sorted(found, key=lambda row: (row.dated, row.id), reverse=True)
    return replace(
        whole,
        lines=[_line(row) for row in rows[: wish.limit]],
        more=len(rows) > wish.limit,
    )


def found_ids(wish: Search, *, uow: UnitOfWork, limit: int) -> Sequence[UUID]:
    """Kept sets of a search, newest document first: what «all that was found» means. One more than the limit tells."""
    with uow:
        conditions = _conditions(wish, is_sqlite=uow.database.is_sqlite)
        query = select(Package.id).where(*conditions, Package.state == "kept")
        return uow.session.scalars(query.order_by(Package.dated.desc(), Package.id.desc()).limit(limit + 1)).all()


def set_card(package_id: UUID, *, uow: UnitOfWork) -> SetCard:
    """One set with its parts, terms, last check and newest accesses. NotFound for an absent and for a foreign id."""
    with uow:
        package = take(uow, package_id)
        parts = uow.session.scalars(
            select(PackagePart).where(PackagePart.package_id == package_id).order_by(PackagePart.position)
        ).all()
        seen = ArchiveAccess.package_id == package_id
        accesses = uow.session.scalars(
            select(ArchiveAccess)
            .where(seen)
            .order_by(ArchiveAccess.at.desc(), ArchiveAccess.id.desc())
            .limit(ACCESSES_SHOWN)
        ).all()
        count = uow.session.execute(select(func.count(ArchiveAccess.id)).where(seen)).scalar_one()
        terms = uow.session.scalars(
            select(RetentionChange).where(RetentionChange.package_id == package_id).order_by(RetentionChange.at.desc())
        ).all()
        check = uow.session.scalars(
            select(ArchiveCheck).where(ArchiveCheck.package_id == package_id).order_by(ArchiveCheck.at.desc()).limit(1)
        ).first()
        shown = [_part(row) for row in parts]
        supplements = supplement_cards(uow, package_id)
    return SetCard(
        line=_line(package),
        manifest_sha256=package.manifest_sha256 or "",
        kept_at=package.kept_at,
        trouble=package.trouble,
        summary=package.summary,
        parts=shown,
        accesses=[Access(at=row.at, who=row.person_name, act=row.act, purpose=row.purpose) for row in accesses],
        seen=count,
        retention_kind=package.retention_kind,
        counted_from=package.counted_from,
        terms=[
            TermChange(
                at=row.at, who=row.person_name, kind=row.kind, counted_from=row.counted_from, new_until=row.new_until,
                reason=row.reason,
            )
            for row in terms
        ],
        check=None
        if check is None
        else Check(
            at=check.at, who=check.person_name, parts=check.parts, damaged=list(check.damaged.get("parts", ())),
            verdicts=check.verdicts,
        ),
        supplements=supplements,
    )  # fmt: skip


def _part(row: PackagePart) -> SetPart:
    return SetPart(
        role=row.role, name=row.name, sha256=row.sha256, size=row.size, of=row.of_name, supplement=row.supplement
    )


def require_set(package_id: UUID, *, uow: UnitOfWork) -> None:
    """NotFound for an absent and for a foreign id."""
    with uow:
        take(uow, package_id)


def package_of_document(document_id: UUID, *, uow: UnitOfWork) -> SetLine | None:
    """The set of a document of the scope, if it has been assembled."""
    with uow:
        row = set_of_document(uow, document_id)
    return None if row is None else _line(row)


def has_failed(document_id: UUID, *, uow: UnitOfWork) -> bool:
    """Whether the hand-over of a document of the scope gave up. NotFound."""
    with uow:
        return recording.take(uow, document_id).archive == "failed"


def promised_parts(*, uow: UnitOfWork) -> tuple[Sequence[tuple[str, datetime]], frozenset[str]]:
    """Key and promised retention of every part of the kept sets of the scope, and the keys of sets on their way in or out.

    What a set had alone that went by an act is promised no more: found, it is an orphan.
    """
    with uow:
        rows = uow.session.execute(
            select(PackagePart.owner_id, PackagePart.sha256, Package.retain_until, Package.state).join(
                Package, Package.id == PackagePart.package_id
            )
        ).all()
    kept: dict[str, datetime] = {}
    underway: set[str] = set()
    for owner, sha256, until, state in rows:
        key = f"{owner}/{sha256}"
        if state == "disposed":
            continue
        if state != "kept":
            underway.add(key)
        elif key not in kept or kept[key] < until:
            kept[key] = until
    kept |= dict(promised_papers(uow=uow))
    return list(kept.items()), frozenset(underway)


def _conditions(wish: Search, *, is_sqlite: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    said = words.condition(wish.text, wish.exact, is_sqlite=is_sqlite)
    if said is not None:
        conditions.append(said)
    if wish.since:
        conditions.append(Package.dated >= wish.since)
    if wish.until:
        conditions.append(Package.dated <= wish.until)
    if wish.year is not None:
        conditions.append(Package.year == wish.year)
    if wish.kind:
        conditions.append(Package.kind == wish.kind)
    if wish.total_from is not None:
        conditions.append(Package.total >= wish.total_from)
    if wish.total_to is not None:
        conditions.append(Package.total <= wish.total_to)
    if wish.status in STATUSES:
        conditions.append(STATUSES[wish.status])
    if wish.hold is not None:
        under = select(LegalHoldSet.package_id).where(LegalHoldSet.hold_id == wish.hold)
        conditions.append(Package.id.in_(under))
    return conditions


def _divided(rows: Sequence[tuple[Any, ...]]) -> Results:
    """Counts of (kind, state, held, proposed, year) as the whole and its facets."""
    kinds: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    years: Counter[int] = Counter()
    found = size = 0
    for kind, state, held, proposed, year, count, weight in rows:
        found += count
        size += int(weight)
        kinds[kind] += count
        years[year] += count
        statuses[_facet(state, held=held, proposed=proposed)] += count
    return Results(lines=(), found=found, more=False, size=size, kinds=kinds, statuses=statuses, years=years)


def _facet(state: str, *, held: bool, proposed: bool) -> str:
    if state in {"disposing", "disposed"}:
        return "disposed"
    if held:
        return "held"
    return "proposed" if proposed and state == "kept" else state


def _state(row: Package) -> str:
    if row.state == "kept":
        if row.sound is False:
            return "damaged"
        return _facet(row.state, held=row.held, proposed=row.proposed)
    return "failed" if row.trouble and row.state == "assembled" else row.state


def _line(row: Package) -> SetLine:
    return SetLine(
        id=row.id,
        owner_id=row.owner_id,
        document_id=row.document_id,
        state=_state(row),
        kind=row.kind,
        title=row.title,
        number=row.number,
        dated=row.dated,
        total=row.total,
        counterparty_name=row.counterparty_name,
        counterparty_inn=row.counterparty_inn,
        retain_until=row.retain_until,
        parts=int(row.summary.get("parts", 0)),
        size=int(row.summary.get("size", 0)),
    )
