"""Promise roots and renewals: the leaves of a tree are fixed together with the promise to stamp it, in one transaction."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from edo_service.archiving import rules
from edo_service.archiving.evidence_desk import EvidencePolicy
from edo_service.archiving.evidence_tables import EvidenceLeaf, EvidenceTree
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package
from edo_service.kernel import journal
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork

STAMP = "evidence.stamp"


def promise_day_root(owner_id: UUID, *, uow: UnitOfWork, policy: EvidencePolicy) -> UUID | None:
    """Promise today's root (the day is Moscow's) over all kept packages under none yet. Returns the tree's id.

    The journal's head is its last leaf. Without packages there is a root when the head has waited for `policy.quiet`;
    None when there is nothing to do.
    """
    head = journal.head(uow.database, owner_id)
    with uow:
        now, today = uow.clock.now(), moscow_date(uow.clock.now())
        if _is_there(uow, "day", today, policy.digest):
            return None
        packages = uow.session.execute(
            select(Package.id, Package.retain_until)
            .where(Package.state == "kept", ~_is_leaf(EvidenceLeaf.package_id == Package.id))
            .order_by(Package.id)
            .limit(policy.most_leaves)
        ).all()
        late = uow.session.execute(
            _supplements()
            .where(~_is_leaf(EvidenceLeaf.supplement_id == PackageSupplement.id))
            .limit(max(policy.most_leaves - len(packages), 0))
        ).all()
        if not packages and not late and (head.position == 0 or _is_quiet(uow, head.position, now - policy.quiet)):
            return None
        leaves = [EvidenceLeaf(owner_id=owner_id, package_id=package_id) for package_id, _ in packages]
        leaves += [EvidenceLeaf(owner_id=owner_id, supplement_id=one) for one, _ in late]
        if head.position:
            leaves.append(EvidenceLeaf(owner_id=owner_id))
        tree = _tree(owner_id, "day", today, policy.digest, uow=uow)
        tree.retain_until = max([tree.retain_until, *(until for _, until in (*packages, *late))])
        if head.position:
            tree.journal_position, tree.journal_hash = head.position, head.hash
        tree_id = _promise(uow, tree, leaves)
        uow.commit()
    return tree_id


def promise_timestamp_renewals(owner_id: UUID, *, uow: UnitOfWork, policy: EvidencePolicy) -> tuple[UUID, ...]:
    """Promise one tree for each hash function over the time-stamps that will not stand alone much longer.

    Time-stamps over an ageing hash function are left to the renewal of trees; those that have aged are beyond renewal.
    Returns the ids of the trees.
    """
    promised = []
    with uow:
        now, today = uow.clock.now(), moscow_date(uow.clock.now())
        due = uow.session.scalars(
            select(EvidenceTree)
            .where(
                EvidenceTree.state == "kept",
                EvidenceTree.renewed_by_id.is_(None),
                EvidenceTree.ages_at <= now + policy.renew_before,
                EvidenceTree.ages_at > now,
                EvidenceTree.stamped_at <= now - policy.pause,
                ~_is_leaf(EvidenceLeaf.renews_id == EvidenceTree.id),
            )
            .order_by(EvidenceTree.id)
        ).all()
        for digest in sorted({one.digest for one in due if not policy.ages(one.digest, now)}):
            if not _is_there(uow, "timestamp_renewal", today, digest):
                tree = _tree(owner_id, "timestamp_renewal", today, digest, uow=uow)
                promised.append(_promise(uow, tree, _renewing(tree, [one for one in due if one.digest == digest])))
        uow.commit()
    return tuple(promised)


def promise_hash_tree_renewal(owner_id: UUID, *, uow: UnitOfWork, policy: EvidencePolicy) -> UUID | None:
    """Promise a tree by a stronger hash function over packages, and time-stamps, whose own function is ageing.

    Packages beyond `policy.most_leaves` wait for the next day. Returns the tree's id, None when there is nothing to do.
    """
    with uow:
        now, today = uow.clock.now(), moscow_date(uow.clock.now())
        known = uow.session.scalars(select(EvidenceTree.digest).where(EvidenceTree.state == "kept").distinct())
        ageing = [one for one in known if policy.ages(one, now)]
        if not ageing or policy.digest in ageing or _is_there(uow, "hash_tree_renewal", today, policy.digest):
            return None
        packages = _ageing_packages(uow, ageing, policy.most_leaves)
        late = _ageing_supplements(uow, ageing, max(policy.most_leaves - len(packages), 0))
        older = uow.session.scalars(
            select(EvidenceTree)
            .where(
                EvidenceTree.state == "kept",
                EvidenceTree.renewed_by_id.is_(None),
                EvidenceTree.digest.in_(ageing),
                EvidenceTree.ages_at > now,
                ~_is_leaf(EvidenceLeaf.renews_id == EvidenceTree.id),
            )
            .order_by(EvidenceTree.id)
        ).all()
        if not packages and not late and not older:
            return None
        tree = _tree(owner_id, "hash_tree_renewal", today, policy.digest, uow=uow)
        leaves = [EvidenceLeaf(owner_id=owner_id, package_id=package_id) for package_id, _ in packages]
        leaves += [EvidenceLeaf(owner_id=owner_id, supplement_id=one) for one, _ in late]
        leaves += _renewing(tree, older)
        tree.retain_until = max([tree.retain_until, *(until for _, until in (*packages, *late))])
        tree_id = _promise(uow, tree, leaves)
        uow.commit()
    return tree_id


def resume_stamping(owner_id: UUID, *, uow: UnitOfWork) -> int:
    """Promise anew what was given up: trees that are not kept and have no live job. Returns how many."""
    with uow:
        waiting = uow.session.scalars(select(EvidenceTree.id).where(EvidenceTree.state != "kept")).all()
        dead = [one for one in waiting if not uow.jobs.is_live(STAMP, str(one))]
        for tree_id in dead:
            _put(uow, owner_id, tree_id)
        uow.commit()
    return len(dead)


def _ageing_packages(uow: UnitOfWork, ageing: Collection[str], most: int) -> Sequence[tuple[UUID, datetime]]:
    """Kept packages under an ageing hash function that are no leaf of a tree by a better one."""
    renewed = _is_better(ageing, lambda leaf: leaf.package_id == Package.id)
    found = uow.session.execute(
        select(Package.id, Package.retain_until)
        .where(Package.state == "kept", _is_leaf(EvidenceLeaf.package_id == Package.id), ~renewed)
        .order_by(Package.id)
        .limit(most)
    )
    return [(package_id, until) for package_id, until in found]


def _ageing_supplements(uow: UnitOfWork, ageing: Collection[str], most: int) -> Sequence[tuple[UUID, datetime]]:
    """The same for supplements of kept packages."""
    renewed = _is_better(ageing, lambda leaf: leaf.supplement_id == PackageSupplement.id)
    mine = _is_leaf(EvidenceLeaf.supplement_id == PackageSupplement.id)
    found = uow.session.execute(_supplements().where(mine, ~renewed).limit(most))
    return [(supplement_id, until) for supplement_id, until in found]


def _is_better(
    ageing: Collection[str], about: Callable[[type[EvidenceLeaf]], ColumnElement[bool]]
) -> ColumnElement[bool]:
    better, tree = aliased(EvidenceLeaf), aliased(EvidenceTree)
    found = select(better.id).join(tree, tree.id == better.tree_id)
    return found.where(about(better), tree.digest.not_in(ageing)).exists()


def _supplements() -> Select[UUID, datetime]:
    """Kept supplements of kept packages, with the terms of these."""
    found = select(PackageSupplement.id, Package.retain_until).join(Package, Package.id == PackageSupplement.package_id)
    kept = (Package.state == "kept", PackageSupplement.state == "kept")
    return found.where(*kept).order_by(PackageSupplement.id)


def _is_leaf(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(EvidenceLeaf.id).where(condition).exists()


def _is_there(uow: UnitOfWork, kind: str, day: date, digest: str) -> bool:
    found = select(EvidenceTree.id).where(
        EvidenceTree.kind == kind, EvidenceTree.day == day, EvidenceTree.digest == digest
    )
    return uow.session.scalar(found) is not None


def _is_quiet(uow: UnitOfWork, position: int, since: datetime) -> bool:
    """Whether the last root (before the first one: the journal itself) is young, or already has this head."""
    last = uow.session.scalars(
        select(EvidenceTree).where(EvidenceTree.kind == "day").order_by(EvidenceTree.day.desc()).limit(1)
    ).one_or_none()
    if last is not None:
        return last.created_at > since or last.journal_position == position
    began = uow.session.scalar(select(journal.JournalEntry.at).where(journal.JournalEntry.position == 1))
    return began is None or began > since


def _tree(owner_id: UUID, kind: str, today: date, digest: str, *, uow: UnitOfWork) -> EvidenceTree:
    return EvidenceTree(
        id=new_id(),
        owner_id=owner_id,
        kind=kind,
        day=today,
        digest=digest,
        state="promised",
        leaves=0,
        retain_until=rules.retain_until("journal", today, today=today),
        created_at=uow.clock.now(),
    )


def _renewing(tree: EvidenceTree, older: Sequence[EvidenceTree]) -> list[EvidenceLeaf]:
    """Leaves for the time-stamps of older trees, which the new tree must outlive."""
    tree.retain_until = max([tree.retain_until, *(one.retain_until for one in older)])
    return [EvidenceLeaf(owner_id=tree.owner_id, renews_id=one.id) for one in older]


def _promise(uow: UnitOfWork, tree: EvidenceTree, leaves: Sequence[EvidenceLeaf]) -> UUID:
    tree.leaves = len(leaves)
    uow.session.add(tree)
    uow.session.flush()
    for position, leaf in enumerate(leaves):
        leaf.tree_id, leaf.position = tree.id, position
    uow.session.add_all(leaves)
    _put(uow, tree.owner_id, tree.id)
    return tree.id


def _put(uow: UnitOfWork, owner_id: UUID, tree_id: UUID) -> None:
    dead = uow.jobs.dead_id(STAMP, str(tree_id))
    if dead is None or not uow.jobs.revive(dead, owner_id=owner_id):
        uow.jobs.put(STAMP, owner_id=owner_id, key=str(tree_id), queue="archive", payload={"tree_id": str(tree_id)})
