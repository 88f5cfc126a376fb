"""A legal hold: set by one right, lifted by another; it protects from the moment it is set and beats every term.

The row is the intent: a disposal asks the database first. The store is told by the job `archive.protect` (`protect`).
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from edo_service.archiving.desk_tables import LegalHold, LegalHoldSet
from edo_service.archiving.rules import HOLD, MOST_HELD, HoldEvent
from edo_service.archiving.tables import Package
from edo_service.archiving.taking import next_number, take_hold, take_several
from edo_service.errors import Conflict, Forbidden, Rejected
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork

PROTECT = "archive.protect"


def set_hold(package_ids: Sequence[UUID], *, ground: str, reason: str, actor: Actor, uow: UnitOfWork) -> UUID:
    """Forbid the disposal of sets. Returns the hold's id.

    Forbidden; NotFound; Rejected (none, too many); Conflict when one is not kept yet, disposed of or just
    being so.
    """
    actor.require(Right.ARCHIVE_HOLD)
    chosen = list(dict.fromkeys(package_ids))
    if not chosen:
        raise Rejected("archive.hold_empty")
    if len(chosen) > MOST_HELD:
        raise Rejected("archive.hold_too_many", most=MOST_HELD)
    with uow:
        packages = take_several(uow, chosen)
        hold = LegalHold(
            id=new_id(),
            owner_id=actor.entity,
            number=next_number(uow, actor.entity, LegalHold),
            state=HOLD.starts[0],
            ground=ground.strip()[:400],
            reason=reason.strip(),
            set_by=actor.user_id,
            set_by_name=actor.name,
            set_at=uow.clock.now(),
        )
        uow.session.add(hold)
        uow.session.flush()
        for package in packages:
            if package.state != "kept":
                code = "archive.not_kept" if package.state == "assembled" else "archive.being_disposed"
                raise Conflict(code, id=str(package.id))
            package.held = True
            uow.session.add(LegalHoldSet(owner_id=actor.entity, hold_id=hold.id, package_id=package.id))
        uow.journal.write(
            "archive.hold_set",
            owner_id=actor.entity,
            subject=f"hold:{hold.id}",
            actor=actor,
            number=hold.number,
            ground=hold.ground,
            reason=hold.reason,
            sets=len(packages),
        )
        promise_protection(uow, actor.entity)
        uow.commit()
    return hold.id


def lift_hold(hold_id: UUID, *, reason: str, actor: Actor, uow: UnitOfWork) -> None:
    """End a hold, by another person than the one who set it. Its sets stay protected until the store has been told.

    Forbidden; NotFound; Conflict when it is lifted already.
    """
    actor.require(Right.ARCHIVE_RELEASE)
    with uow:
        hold = take_hold(uow, hold_id)
        if hold.set_by is not None and hold.set_by == actor.user_id:
            raise Forbidden("archive.hold_own")
        hold.lifted_by, hold.lifted_by_name, hold.lifted_at = actor.user_id, actor.name, uow.clock.now()
        hold.lift_reason = reason.strip()
        workflow.move(uow.session, hold, "state", HoldEvent.LIFT, HOLD, actor=actor, at=uow.clock.now())
        uow.journal.write(
            "archive.hold_lifted",
            owner_id=hold.owner_id,
            subject=f"hold:{hold.id}",
            actor=actor,
            number=hold.number,
            reason=hold.lift_reason,
        )
        promise_protection(uow, hold.owner_id)
        uow.commit()


def promise_protection(uow: UnitOfWork, owner_id: UUID) -> None:
    """Promise to tell the store. One job an owner, never two at once: what one tells another does not undo meanwhile."""
    uow.jobs.put(PROTECT, owner_id=owner_id, key=str(owner_id), queue="archive")


def free(uow: UnitOfWork, package_id: UUID, owner_id: UUID) -> None:
    """Note that no hold protects the set any more."""
    uow.session.execute(
        update(Package)
        .where(Package.id == package_id, Package.owner_id == owner_id)
        .values(held=False, version=Package.version + 1)
        .execution_options(synchronize_session=False)
    )
