"""The person's hand on the queue: try a job again now, settle news that the service did not understand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from edo_service.documents import recording
from edo_service.documents.recording import SIGNED
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, NotFound
from edo_service.exchange.queries import SHOWN
from edo_service.exchange.refusals import held, release
from edo_service.exchange.tables import OddEvent
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.jobs import Job, JobState
from edo_service.kernel.uow import UnitOfWork


def retry_now(job_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Let a job of the queue run now: one that gave up begins anew, one that waits is pulled forward.

    What an operator answered stays kept at the intent, so nothing is done twice. Raises Forbidden, NotFound (absent,
    foreign and of another kind alike), Conflict `job.not_dead`.
    """
    actor.require(Right.OPERATORS)
    with uow:
        mine = (Job.id == job_id, Job.owner_id == actor.entity, Job.kind.in_(SHOWN))
        found = uow.session.execute(
            select(Job.kind, Job.key, Job.state, Job.queue, Job.payload).where(*mine)
        ).one_or_none()
        if found is None:
            raise NotFound("job.absent")
        repeated = _held_of(uow, found.kind, found.payload)
        if found.state == JobState.DEAD.value:
            if not uow.jobs.revive(job_id, owner_id=actor.entity):
                raise Conflict("job.not_dead")
        elif found.state == JobState.WAITING.value and found.key is not None:
            uow.jobs.put(found.kind, owner_id=actor.entity, key=found.key, queue=found.queue, payload=found.payload)
        elif found.state == JobState.WAITING.value:
            waiting = update(Job).where(*mine, Job.state == JobState.WAITING.value)
            uow.session.execute(waiting.values(run_after=uow.clock.now()).execution_options(synchronize_session=False))
        else:
            raise Conflict("job.not_dead")
        if repeated is not None:
            release(repeated)
        uow.journal.write("job.retried", owner_id=actor.entity, subject=f"job:{job_id}", actor=actor, act=found.kind)
        uow.commit()


def _held_of(uow: UnitOfWork, kind: str, payload: Mapping[str, Any]) -> Document | None:
    """The document whose held answer the job carries; None for any other job of it."""
    if kind != SIGNED or not payload.get("document_id"):
        return None
    document = recording.take(uow, UUID(payload["document_id"]))
    waiting = held(uow, document)
    return document if waiting is not None and str(waiting[1].id) == payload.get("signature_id") else None


def settle_odd(event_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Note that a person has looked at the news; it leaves the list and stays kept. Raises Forbidden, NotFound."""
    actor.require(Right.OPERATORS)
    with uow:
        row = uow.session.scalars(select(OddEvent).where(OddEvent.id == event_id)).one_or_none()
        if row is None:
            raise NotFound("exchange.odd_absent", id=str(event_id))
        if row.settled_at is None:
            row.settled_at, row.settled_by = uow.clock.now(), actor.name
            uow.journal.write(
                "exchange.odd_settled",
                owner_id=row.owner_id,
                subject=f"odd_event:{row.id}",
                actor=actor,
                message_id=row.message_id,
            )
            uow.commit()
