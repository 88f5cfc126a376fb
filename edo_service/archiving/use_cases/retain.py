"""Move a set's term forward: another kind, or the day from which it counts. Never backward."""

from datetime import date, timedelta
from uuid import UUID

from edo_service.archiving.desk_tables import RetentionChange
from edo_service.archiving.retention import CHOICES, LONGEST_AHEAD, Counted, extended
from edo_service.archiving.taking import take
from edo_service.archiving.use_cases.hold import promise_protection
from edo_service.errors import Conflict, Rejected
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork


def extend_term(
    package_id: UUID, *, kind: str, counted_from: date | None, reason: str, actor: Actor, uow: UnitOfWork
) -> None:
    """Give the set a kind of the table and the day its term counts from; the store is told by a job.

    Forbidden; NotFound; Rejected for an unknown kind and a day too far ahead; Conflict when the set is not kept or the
    term would not get longer (naming the day for the first time is allowed: it lets the term begin to be known).
    """
    actor.require(Right.ARCHIVE_RETENTION)
    if kind not in CHOICES:
        raise Rejected("archive.term_kind_unknown")
    with uow:
        package = take(uow, package_id)
        now = uow.clock.now()
        today = moscow_date(now)
        latest = today + timedelta(days=365 * (LONGEST_AHEAD - 10))
        if counted_from is not None and counted_from > latest:
            raise Rejected("archive.term_day_wrong", latest=latest)
        if package.state not in {"assembled", "kept"}:
            raise Conflict("archive.not_kept", id=str(package_id))
        ended = max(filter(None, (package.counted_from, counted_from)), default=None)
        until = extended(package.retain_until, kind, Counted(dated=package.dated, ended=ended), today=today)
        if until == package.retain_until and ended == package.counted_from:
            raise Conflict("archive.term_not_longer")
        uow.session.add(
            RetentionChange(
                owner_id=package.owner_id,
                package_id=package.id,
                kind=kind,
                counted_from=ended,
                old_until=package.retain_until,
                new_until=until,
                reason=reason.strip(),
                person_id=actor.user_id,
                person_name=actor.name,
                at=now,
            )
        )
        uow.journal.write(
            "archive.term_extended",
            owner_id=package.owner_id,
            subject=f"package:{package.id}",
            actor=actor,
            kind=kind,
            counted_from=ended,
            old=package.retain_until,
            new=until,
            reason=reason.strip(),
        )
        package.retention_kind, package.counted_from, package.retain_until = kind, ended, until
        promise_protection(uow, package.owner_id)
        uow.commit()
