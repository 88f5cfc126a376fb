"""An act of disposal: proposed over sets whose term is over, approved by two different persons, carried out by a job.

Nothing here deletes: `dispose` does, after both approvals, set by set, each with its intent first.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from edo_service.archiving import queries_disposal as queries
from edo_service.archiving.desk_tables import DisposalAct, DisposalLine
from edo_service.archiving.retention import TERMS
from edo_service.archiving.rules import DISPOSAL, MOST_DISPOSED, DisposalEvent
from edo_service.archiving.tables import Package
from edo_service.archiving.taking import next_number, take_act
from edo_service.errors import Conflict, Rejected
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork

DISPOSE = "archive.dispose"


def propose_disposal(*, reason: str, actor: Actor, uow: UnitOfWork, package_ids: Sequence[UUID] | None = None) -> UUID:
    """Put sets whose term is over on a new act (all that are, or those named among them). Returns the act's id.

    What is under a hold, on another live act, or of an unknown term is left out. Forbidden; Rejected when nothing is left.
    """
    actor.require(Right.ARCHIVE_PROPOSE)
    with uow:
        now = uow.clock.now()
        ripe = queries.ripe(uow, now, limit=MOST_DISPOSED, only=package_ids)
        if not ripe:
            raise Rejected("archive.act_empty")
        act = DisposalAct(
            id=new_id(),
            owner_id=actor.entity,
            number=next_number(uow, actor.entity, DisposalAct),
            state=DISPOSAL.starts[0],
            reason=reason.strip(),
            law="; ".join(dict.fromkeys(TERMS[one.retention_kind].law for one in ripe)),
            sets=len(ripe),
            size=sum(one.size for one in ripe),
            proposed_by=actor.user_id,
            proposed_by_name=actor.name,
            proposed_at=now,
        )
        uow.session.add(act)
        uow.session.flush()
        for position, package in enumerate(ripe, start=1):
            package.proposed = True
            uow.session.add(_line(act, package, position))
        uow.journal.write(
            "archive.disposal_proposed",
            owner_id=act.owner_id,
            subject=f"disposal:{act.id}",
            actor=actor,
            number=act.number,
            sets=act.sets,
            reason=act.reason,
        )
        uow.commit()
    return act.id


def approve_disposal(act_id: UUID, *, actor: Actor, uow: UnitOfWork) -> str:
    """Approve an act; the second, different person's approval promises the deletion. Returns the new state.

    Forbidden (also for the system: a person answers for it); NotFound; Conflict for the same person twice.
    """
    actor.require(Right.ARCHIVE_APPROVE)
    with uow:
        act = take_act(uow, act_id)
        if actor.user_id is None or actor.user_id == act.first_by:
            raise Conflict("archive.approve_twice")
        now = uow.clock.now()
        if act.state == "proposed":
            act.first_by, act.first_by_name, act.first_at = actor.user_id, actor.name, now
        elif act.state == "approved_once":
            act.second_by, act.second_by_name, act.second_at = actor.user_id, actor.name, now
        state = workflow.move(uow.session, act, "state", DisposalEvent.APPROVE, DISPOSAL, actor=actor, at=now)
        uow.journal.write(
            "archive.disposal_approved",
            owner_id=act.owner_id,
            subject=f"disposal:{act.id}",
            actor=actor,
            number=act.number,
            state=state,
        )
        if state == "approved":
            uow.jobs.put(DISPOSE, owner_id=act.owner_id, key=str(act.owner_id), queue="archive")
        uow.commit()
    return state


def reject_disposal(act_id: UUID, *, reason: str, actor: Actor, uow: UnitOfWork) -> None:
    """Reject an act before it is carried out: its sets stay. Forbidden; NotFound; Conflict when it is under way."""
    actor.require(Right.ARCHIVE_APPROVE)
    with uow:
        act = take_act(uow, act_id)
        now = uow.clock.now()
        act.rejected_by_name, act.rejected_at, act.rejected_reason = actor.name, now, reason.strip()
        workflow.move(uow.session, act, "state", DisposalEvent.REJECT, DISPOSAL, actor=actor, at=now)
        ids = [line.package_id for line in queries.lines(uow, act.id)]
        own = DisposalLine.act_id == act.id
        uow.session.execute(update(DisposalLine).where(own).values(state="spared", spared="rejected"))
        for start in range(0, len(ids), 500):
            some = Package.id.in_(ids[start : start + 500])
            uow.session.execute(
                update(Package)
                .where(some)
                .values(proposed=False, version=Package.version + 1)
                .execution_options(synchronize_session=False)
            )
        uow.journal.write(
            "archive.disposal_rejected",
            owner_id=act.owner_id,
            subject=f"disposal:{act.id}",
            actor=actor,
            number=act.number,
            reason=act.rejected_reason,
        )
        uow.commit()


def _line(act: DisposalAct, package: Package, position: int) -> DisposalLine:
    return DisposalLine(
        owner_id=act.owner_id,
        act_id=act.id,
        package_id=package.id,
        position=position,
        state="listed",
        title=package.title,
        counterparty=f"{package.counterparty_name}, ИНН {package.counterparty_inn}",
        dated=package.dated,
        total=package.total,
        kind=package.retention_kind,
        law=TERMS[package.retention_kind].law,
        retain_until=package.retain_until,
        manifest_sha256=package.manifest_sha256 or "",
        parts=int(package.summary.get("parts", 0)),
        size=package.size,
    )
