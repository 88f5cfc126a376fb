"""Once a day the head of each journal goes into the WORM store: intent (a job's payload), object, record."""

from collections.abc import Mapping
from uuid import UUID

import archive
from edo_service.archiving import heads, rules
from edo_service.archiving.desk import ArchiveDesk
from edo_service.errors import Unavailable
from edo_service.kernel import journal
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.journal import reading
from edo_service.kernel.uow import UnitOfWork


def promise_head(owner_id: UUID, *, uow: UnitOfWork) -> UUID | None:
    """Promise today's head (the day is Moscow's) unless it is kept or promised. Returns the job's id.

    None when there is nothing to do, an empty journal included.
    """
    head = journal.head(uow.database, owner_id)
    with uow:
        today = moscow_date(uow.clock.now()).isoformat()
        last = reading.last(uow, heads.HEAD_KEPT)
        if head.position == 0 or (last is not None and last.facts["day"] >= today):
            return None
        if uow.jobs.is_live(heads.KEEP_HEAD, str(owner_id)):
            return None
        job_id = uow.jobs.put(
            heads.KEEP_HEAD,
            owner_id=owner_id,
            key=str(owner_id),
            queue="archive",
            payload={"owner": str(owner_id), "day": today, "position": head.position, "hash": head.hash},
        )
        uow.commit()
    return job_id


def keep_head(intent: Mapping[str, object], *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> str:
    """Put the promised head into the store and record it; the same intent again changes nothing. Returns its key.

    Unavailable when the store does not answer; archive.ArchiveError when it finds damage.
    """
    key, content = heads.head_key(intent), heads.head_content(intent)
    retain_until = rules.retain_until("journal", moscow_date(desk.now()), today=moscow_date(desk.now()))
    try:
        stored = desk.store.put(key, content, retain_until=retain_until)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    with uow:
        last = reading.last(uow, heads.HEAD_KEPT)
        if last is None or last.facts["key"] != key:
            uow.journal.write(
                heads.HEAD_KEPT,
                owner_id=actor.entity,
                subject=f"journal:{actor.entity}",
                actor=actor,
                day=intent["day"],
                position=intent["position"],
                hash=intent["hash"],
                key=key,
                retain_until=stored.retain_until,
            )
            uow.commit()
    return key
