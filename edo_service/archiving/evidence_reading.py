"""From rows, lists and tokens to the evidence record of a package (RFC 4998): derived, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select

import archive
import signing
from edo_service.archiving.evidence_desk import EvidenceDesk
from edo_service.archiving.evidence_tables import EvidenceLeaf, EvidenceTree
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import PackagePart
from edo_service.kernel.uow import UnitOfWork

GROUP = ("manifest", "manifest_signature", "manifest_timestamp")
"""Roles of the data objects of a package's leaf: the manifest names all parts, its signature and time-stamp go with it.

A supplement has the three too, and a leaf of its own. Ids below are those of packages and of supplements alike.
"""


@dataclass(frozen=True, kw_only=True)
class TreeFacts:
    """A row of evidence_tree, detached. `token_sha256`: the sealed token once a kept tree renews it."""

    id: UUID
    owner_id: UUID
    kind: str
    day: date
    digest: str
    state: str
    leaves: int
    journal: tuple[int, str] | None
    root: str | None
    list_sha256: str | None
    token_sha256: str | None
    renewed_by_id: UUID | None
    authority: str | None
    stamped_at: datetime | None
    ages_at: datetime | None
    retain_until: datetime
    created_at: datetime


def facts_of(row: EvidenceTree) -> TreeFacts:
    """The row's values."""
    journal = None if row.journal_position is None else (row.journal_position, row.journal_hash or "")
    return TreeFacts(
        id=row.id,
        owner_id=row.owner_id,
        kind=row.kind,
        day=row.day,
        digest=row.digest,
        state=row.state,
        leaves=row.leaves,
        journal=journal,
        root=row.root,
        list_sha256=row.list_sha256,
        token_sha256=(row.sealed_sha256 if row.renewed_by_id else None) or row.token_sha256,
        renewed_by_id=row.renewed_by_id,
        authority=row.authority,
        stamped_at=row.stamped_at,
        ages_at=row.ages_at,
        retain_until=row.retain_until,
        created_at=row.created_at,
    )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where packages stand: for each the kept trees it is a leaf of, oldest first, and all trees that renew those."""

    bases: Mapping[UUID, Sequence[UUID]]
    trees: Mapping[UUID, TreeFacts]

    def chain(self, base: UUID) -> list[TreeFacts]:
        """A tree and the time-stamp renewals of it, oldest first."""
        found = [self.trees[base]]
        while (following := found[-1].renewed_by_id) in self.trees:
            tree = self.trees[following]  # type: ignore[index]  # None is no key of the mapping
            if tree.kind != "timestamp_renewal":
                break
            found.append(tree)
        return found

    def newest(self, package_id: UUID) -> TreeFacts | None:
        """The tree with the time-stamp on which the package rests now; None when it stands under no root."""
        bases = self.bases.get(package_id)
        return self.chain(bases[-1])[-1] if bases else None


def standing(package_ids: Sequence[UUID], *, uow: UnitOfWork) -> Standing:
    """Where these packages of the scope stand, in an open unit of work."""
    bases: dict[UUID, list[UUID]] = {}
    trees: dict[UUID, TreeFacts] = {}
    for start in range(0, len(package_ids), 500):
        some = package_ids[start : start + 500]
        subject = func.coalesce(EvidenceLeaf.package_id, EvidenceLeaf.supplement_id)
        mine = or_(EvidenceLeaf.package_id.in_(some), EvidenceLeaf.supplement_id.in_(some))
        found = uow.session.execute(
            select(subject, EvidenceTree)
            .join(EvidenceTree, EvidenceTree.id == EvidenceLeaf.tree_id)
            .where(mine, EvidenceTree.state == "kept")
            .order_by(EvidenceTree.created_at, EvidenceTree.id)
        )
        for package_id, row in found:
            if package_id is not None:
                bases.setdefault(package_id, []).append(row.id)
            trees[row.id] = facts_of(row)
    while missing := {one.renewed_by_id for one in trees.values() if one.renewed_by_id} - set(trees):
        rows = uow.session.scalars(
            select(EvidenceTree).where(EvidenceTree.id.in_(missing), EvidenceTree.state == "kept")
        ).all()
        trees |= {row.id: facts_of(row) for row in rows}
        if len(rows) < len(missing):
            break  # its renewal is under way: it counts once it is kept
    return Standing(bases=bases, trees=trees)


def group_keys(package_ids: Sequence[UUID], *, uow: UnitOfWork) -> dict[UUID, tuple[str, ...]]:
    """SHA-256 of the data objects of each package, in the order of GROUP, in an open unit of work.

    A package that has not all of them (any more: it has been disposed of) is left out.
    """
    found: dict[UUID, dict[str, str]] = {}
    part, late = PackagePart, PackageSupplement
    is_of = and_(late.package_id == part.package_id, late.owner_id == part.owner_id, late.number == part.supplement)
    for start in range(0, len(package_ids), 500):
        some, groups = package_ids[start : start + 500], part.role.in_(GROUP)
        own = select(part.package_id, part.role, part.sha256).where(
            part.package_id.in_(some), part.supplement.is_(None)
        )
        later = select(late.id, part.role, part.sha256).join(part, is_of).where(late.id.in_(some))
        for query in (own, later):
            for package_id, role, sha256 in uow.session.execute(query.where(groups)):
                found.setdefault(package_id, {})[role] = sha256
    whole = {package_id: roles for package_id, roles in found.items() if len(roles) == len(GROUP)}
    return {package_id: tuple(roles[role] for role in GROUP) for package_id, roles in whole.items()}


@dataclass(kw_only=True)
class Recorder:
    """Puts records together. `sealed`: tokens of trees that are just being renewed, not in the store yet."""

    desk: EvidenceDesk
    owner_id: UUID
    standing: Standing
    sealed: Mapping[UUID, bytes] = field(default_factory=dict)
    _tokens: dict[UUID, bytes] = field(default_factory=dict)

    def record(
        self, package_id: UUID, objects: Sequence[bytes], *, kind: str = "package"
    ) -> signing.EvidenceRecord | None:
        """The record of a package (or `kind` supplement) over its data objects; None when it stands under no root yet.

        Every step is checked again: signing.BadInput when lists, tokens and objects do not fit together. Unavailable;
        archive.ArchiveError when the store finds damage.
        """
        record: signing.EvidenceRecord | None = None
        for base in self.standing.bases.get(package_id, ()):
            first, *renewals = self.standing.chain(base)
            token, tree = self._token(first), self._reduced(first, f"{kind}:{package_id}")
            if record is None:
                record = signing.begin_evidence_record(token, tree, objects=objects)
            else:
                record = signing.renew_hash_tree(record, token, tree, objects=objects)
            renewed = first
            for one in renewals:
                record = signing.renew_timestamp(record, self._token(one), self._reduced(one, f"tree:{renewed.id}"))
                renewed = one
        return record

    def _token(self, tree: TreeFacts) -> bytes:
        if tree.id in self.sealed:
            return self.sealed[tree.id]
        if tree.id not in self._tokens:
            self._tokens[tree.id] = self.desk.kept(self.owner_id, tree.token_sha256 or "")
        return self._tokens[tree.id]

    def _reduced(self, tree: TreeFacts, subject: str) -> tuple[tuple[bytes, ...], ...]:
        sha256 = tree.list_sha256 or ""
        places, whole = self.desk.trees.get(sha256, lambda: self.desk.kept(self.owner_id, sha256))
        if subject not in places:
            raise archive.BadPackage(f"the tree {tree.id} has no leaf {subject}")
        return whole.reduced(places[subject])
