"""Reads of the archive desk: the search of compliance and the card of one set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from edo_service.archiving.queries_disposal import promised_papers
from edo_service.archiving.tables import ArchiveAccess, Package, PackagePart
from edo_service.archiving.taking import take
from edo_service.documents import recording
from edo_service.kernel.money import Money
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Search:
    """What compliance asks for; empty fields do not narrow. `after` is the last row's (date, id) already shown."""

    text: str = ""
    counterparty: str = ""
    since: date | None = None
    until: date | None = None
    kind: str | None = None
    number: str = ""
    total_from: Money | None = None
    total_to: Money | None = None
    after: tuple[date, UUID] | None = None
    limit: int = 25


@dataclass(frozen=True, kw_only=True)
class SetLine:
    """A set in the results. `state`: assembled (on its way), kept, failed (the hand-over gave up)."""

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


@dataclass(frozen=True, kw_only=True)
class Results:
    """A page of sets with the exact count and size of all that was found."""

    lines: Sequence[SetLine]
    found: int
    more: bool


@dataclass(frozen=True, kw_only=True)
class SetPart:
    """A part of a set as its card shows it."""

    role: str
    name: str
    sha256: str
    size: int
    of: str | None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who looked or took out, when and what for."""

    at: datetime
    who: str
    act: str
    purpose: str | None


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


def search(wish: Search, *, uow: UnitOfWork) -> Results:
    """Sets within the scope, newest document first, by keyset pages."""
    conditions = _conditions(wish)
    with uow:
        found = uow.session.execute(select(func.count(Package.id)).where(*conditions)).scalar_one()
        page = select(Package).where(*conditions)
        if wish.after is not None:
            day, last = wish.after
            page = page.where((Package.dated < day) | ((Package.dated == day) & (Package.id < last)))
        rows = list(uow.session.scalars(page.order_by(Package.dated.desc(), Package.id.desc()).limit(wish.limit + 1)))
    return Results(lines=[_line(row) for row in rows[: wish.limit]], found=found, more=len(rows) > wish.limit)


def set_card(package_id: UUID, *, uow: UnitOfWork) -> SetCard:
    """One set with its parts and accesses. NotFound for an absent and for a foreign id."""
    with uow:
        package = take(uow, package_id)
        parts = uow.session.scalars(
            select(PackagePart).where(PackagePart.package_id == package_id).order_by(PackagePart.position)
        ).all()
        accesses = uow.session.scalars(
            select(ArchiveAccess).where(ArchiveAccess.package_id == package_id).order_by(ArchiveAccess.at.desc())
        ).all()
    return SetCard(
        line=_line(package),
        manifest_sha256=package.manifest_sha256 or "",
        kept_at=package.kept_at,
        trouble=package.trouble,
        summary=package.summary,
        parts=[
            SetPart(role=row.role, name=row.name, sha256=row.sha256, size=row.size, of=row.of_name) for row in parts
        ],
        accesses=[Access(at=row.at, who=row.person_name, act=row.act, purpose=row.purpose) for row in accesses],
    )


def package_of_document(document_id: UUID, *, uow: UnitOfWork) -> SetLine | None:
    """The set of a document of the scope, if it has been assembled."""
    with uow:
        row = uow.session.scalars(select(Package).where(Package.document_id == document_id)).one_or_none()
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


def _conditions(wish: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for words in (wish.text, wish.counterparty):
        conditions.extend(Package.search.contains(fold(word), autoescape=True) for word in words.split())
    if wish.since:
        conditions.append(Package.dated >= wish.since)
    if wish.until:
        conditions.append(Package.dated <= wish.until)
    if wish.kind:
        conditions.append(Package.kind == wish.kind)
    if wish.number:
        conditions.append(Package.number.contains(wish.number, autoescape=True))
    if wish.total_from is not None:
        conditions.append(Package.total >= wish.total_from)
    if wish.total_to is not None:
        conditions.append(Package.total <= wish.total_to)
    return conditions


def _line(row: Package) -> SetLine:
    return SetLine(
        id=row.id,
        owner_id=row.owner_id,
        document_id=row.document_id,
        state="failed" if row.trouble and row.state != "kept" else row.state,
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
