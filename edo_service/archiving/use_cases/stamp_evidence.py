"""Carry out a promised tree: stamp, deposit, record. A crash anywhere repeats at most a question to the TSA.

1. The leaves' hashes are computed from the store, the root is stamped, and list, token and sealed older tokens go into the
working store. 2. Their hashes are recorded: from here on the same bytes are deposited whatever happens (ADR 0008). 3. They
are put into the WORM store. 4. `kept` is recorded, and older trees learn that they are renewed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

import archive
import signing
from edo_service.archiving import heads
from edo_service.archiving.evidence_desk import EvidenceDesk, hashing
from edo_service.archiving.evidence_reading import Recorder, Standing, TreeFacts, facts_of, group_keys, standing
from edo_service.archiving.evidence_tables import EvidenceLeaf, EvidenceTree
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork

ROOT_KEPT = "archive.root_kept"
RENEWED = "archive.evidence_renewed"
REFUSED = "archive.evidence_refused"


@dataclass(frozen=True, kw_only=True)
class LeafFacts:
    """A leaf, detached. `package_id`: of a package, or of a supplement, as `kind` says."""

    id: UUID
    package_id: UUID | None
    renews_id: UUID | None
    kind: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A promised tree with its leaves in order, and where its packages and the trees to be renewed stand."""

    tree: TreeFacts
    leaves: Sequence[LeafFacts]
    groups: Mapping[UUID, tuple[str, ...]]
    standing: Standing
    older: Mapping[UUID, TreeFacts]


@dataclass(kw_only=True)
class Gathered:
    """What the leaves turned out to be: hashes, tokens sealed on the way, and leaves that had to be left out, with why."""

    leaves: list[archive.Leaf] = field(default_factory=list)
    sealed: dict[UUID, bytes] = field(default_factory=dict)
    refused: dict[UUID, tuple[str, str]] = field(default_factory=dict)


def stamp_tree(tree_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: EvidenceDesk) -> None:
    """Bring a promised tree to `kept`; again changes nothing.

    A package that is damaged in the store, or a time-stamp that cannot be proven any more, is left out and told of in the
    journal; the next day asks again. Raises Unavailable (store), signing.TimestampFailed (TSA), archive.ArchiveError.
    """
    plan = _plan(tree_id, uow=uow)
    if plan is not None and plan.tree.state == "promised":
        gathered = _gather(plan, desk)
        if gathered.refused:
            _leave_out(plan, gathered, actor=actor, uow=uow)
        if gathered.leaves:
            _stamp(plan, gathered, uow=uow, desk=desk)
        plan = _plan(tree_id, uow=uow)
    if plan is not None and plan.tree.state == "stamped":
        _deposit(plan, uow=uow, desk=desk)
        _record(plan, actor=actor, uow=uow)


def _plan(tree_id: UUID, *, uow: UnitOfWork) -> Plan | None:
    with uow:
        row = uow.session.get(EvidenceTree, tree_id)
        if row is None:
            return None
        tree = facts_of(row)
        found = uow.session.scalars(
            select(EvidenceLeaf).where(EvidenceLeaf.tree_id == tree_id).order_by(EvidenceLeaf.position)
        )
        leaves = [_facts(one) for one in found]
        packages = [one.package_id for one in leaves if one.package_id] if tree.state == "promised" else []
        renewed = [one.renews_id for one in leaves if one.renews_id]
        older = uow.session.scalars(select(EvidenceTree).where(EvidenceTree.id.in_(renewed))).all()
        return Plan(
            tree=tree,
            leaves=leaves,
            groups=group_keys(packages, uow=uow),
            standing=standing(packages, uow=uow),
            older={one.id: facts_of(one) for one in older},
        )


def _facts(row: EvidenceLeaf) -> LeafFacts:
    kind = "supplement" if row.supplement_id is not None else "package"
    return LeafFacts(id=row.id, package_id=row.package_id or row.supplement_id, renews_id=row.renews_id, kind=kind)


def _gather(plan: Plan, desk: EvidenceDesk) -> Gathered:
    """The hashes of every leaf; tokens first, since packages are hashed together with their sealed tokens."""
    gathered, tree = Gathered(), plan.tree
    for leaf in plan.leaves:
        if leaf.renews_id is not None:
            try:
                token = desk.kept(tree.owner_id, plan.older[leaf.renews_id].token_sha256 or "")
                gathered.sealed[leaf.renews_id] = desk.seal(token)
            except (signing.SigningError, archive.ArchiveError) as error:
                gathered.refused[leaf.id] = (f"tree:{leaf.renews_id}", str(error))
    recorder = Recorder(desk=desk, owner_id=tree.owner_id, standing=plan.standing, sealed=gathered.sealed)
    for leaf in plan.leaves:
        if leaf.id in gathered.refused:
            continue
        try:
            gathered.leaves.append(_leaf(plan, leaf, recorder))
        except (signing.SigningError, archive.ArchiveError) as error:
            gathered.refused[leaf.id] = (f"{leaf.kind}:{leaf.package_id}", str(error))
    return gathered


def _leaf(plan: Plan, leaf: LeafFacts, recorder: Recorder) -> archive.Leaf:
    tree, desk = plan.tree, recorder.desk
    hashed = hashing(tree.digest)
    if leaf.renews_id is not None:
        return archive.Leaf(subject=f"tree:{leaf.renews_id}", hashes=(hashed(recorder.sealed[leaf.renews_id]),))
    if leaf.package_id is None:
        position, value = tree.journal or (0, "")
        return archive.Leaf(
            subject=f"journal:{position}:{value}", hashes=(hashed(journal_head(tree.owner_id, tree) or b""),)
        )
    if leaf.package_id not in plan.groups:
        raise archive.BadPackage("the package has no signed and time-stamped manifest any more")
    objects = [desk.from_store(f"{tree.owner_id}/{one}") for one in plan.groups[leaf.package_id]]
    hashes = tuple(hashed(one) for one in objects)
    if tree.kind == "hash_tree_renewal":
        newest = plan.standing.newest(leaf.package_id)
        if newest is not None and newest.renewed_by_id is None and newest.id not in recorder.sealed:
            raise archive.BadPackage("its newest time-stamp could not be proven and sealed")
        record = recorder.record(leaf.package_id, objects, kind=leaf.kind)
        if record is None:
            raise archive.BadPackage("the package stands under no root")
        hashes = signing.hash_tree_renewal_hashes(record, objects, tree.digest)
    return archive.Leaf(subject=f"{leaf.kind}:{leaf.package_id}", hashes=hashes)


def journal_head(owner_id: UUID, tree: TreeFacts) -> bytes | None:
    """The bytes below a daily root that tell the journal's head, as `heads` keeps them; None when there is none."""
    if tree.journal is None:
        return None
    position, value = tree.journal
    return heads.head_content(
        {"owner": str(owner_id), "day": tree.day.isoformat(), "position": position, "hash": value}
    )


def _leave_out(plan: Plan, gathered: Gathered, *, actor: Actor, uow: UnitOfWork) -> None:
    """Take refused leaves out of a tree that is only promised; a tree without leaves goes with them."""
    with uow:
        for leaf in uow.session.scalars(select(EvidenceLeaf).where(EvidenceLeaf.id.in_(gathered.refused))):
            uow.session.delete(leaf)
        uow.session.flush()
        row = uow.session.get_one(EvidenceTree, plan.tree.id)
        row.leaves = (
            uow.session.scalar(select(func.count(EvidenceLeaf.id)).where(EvidenceLeaf.tree_id == plan.tree.id)) or 0
        )
        if not row.leaves:
            uow.session.delete(row)
        for subject, reason in gathered.refused.values():
            uow.journal.write(
                REFUSED,
                owner_id=plan.tree.owner_id,
                subject=subject,
                actor=actor,
                day=plan.tree.day.isoformat(),
                reason=reason,
            )
        uow.commit()


def _stamp(plan: Plan, gathered: Gathered, *, uow: UnitOfWork, desk: EvidenceDesk) -> None:
    tree, owner = plan.tree, plan.tree.owner_id
    listed = archive.TreeList(
        owner=str(owner), kind=tree.kind, day=tree.day.isoformat(), digest=tree.digest, leaves=tuple(gathered.leaves)
    )
    root = listed.tree(hashing(tree.digest)).root
    token = desk.timestamper.timestamp(tree.digest, root)
    outlook = desk.outlook(token)
    list_sha256 = desk.objects.put(archive.write_tree(listed), owner=owner)
    token_sha256 = desk.objects.put(token, owner=owner)
    sealed = {tree_id: desk.objects.put(content, owner=owner) for tree_id, content in gathered.sealed.items()}
    with uow:
        row = uow.session.get_one(EvidenceTree, tree.id)
        if row.state != "promised":
            return
        row.state, row.root = "stamped", root.hex()
        row.list_sha256, row.token_sha256 = list_sha256, token_sha256
        row.stamped_at, row.ages_at = outlook.at, outlook.ages_at
        row.authority = outlook.authority.subject.rfc4514[:400] if outlook.authority else None
        for older_id, sha256 in sealed.items():
            uow.session.get_one(EvidenceTree, older_id).sealed_sha256 = sha256
        uow.commit()


def _deposit(plan: Plan, *, uow: UnitOfWork, desk: EvidenceDesk) -> None:
    tree = plan.tree
    with uow:
        row = uow.session.get_one(EvidenceTree, tree.id)
        wanted = [row.list_sha256, row.token_sha256]
        wanted += [uow.session.get_one(EvidenceTree, one).sealed_sha256 for one in plan.older]
    for sha256 in wanted:
        if sha256 is not None:
            desk.put(tree.owner_id, sha256, retain_until=tree.retain_until)


def _record(plan: Plan, *, actor: Actor, uow: UnitOfWork) -> None:
    tree = plan.tree
    with uow:
        row = uow.session.get_one(EvidenceTree, tree.id)
        if row.state != "stamped":
            return
        row.state, row.kept_at = "kept", uow.clock.now()
        uow.session.flush()
        for older in uow.session.scalars(select(EvidenceTree).where(EvidenceTree.id.in_(plan.older))):
            if older.sealed_sha256 is not None:
                older.renewed_by_id = tree.id
        uow.journal.write(
            ROOT_KEPT if tree.kind == "day" else RENEWED,
            owner_id=tree.owner_id,
            subject=f"evidence:{tree.id}",
            actor=actor,
            kind=tree.kind,
            day=tree.day.isoformat(),
            digest=tree.digest,
            root=row.root,
            leaves=row.leaves,
            authority=row.authority,
            ages_at=row.ages_at,
        )
        uow.commit()
