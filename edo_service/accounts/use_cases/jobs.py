"""Jobs that gave up, and the administrator's decision to try one again."""

from uuid import UUID

from edo_service.errors import Conflict, NotFound
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.jobs import DeadJobs, dead_job, dead_jobs
from edo_service.kernel.uow import UnitOfWork


def list_dead(*, actor: Actor, uow: UnitOfWork) -> DeadJobs:
    """The company's jobs that gave up, newest first. Forbidden."""
    actor.require(Right.JOBS)
    with uow.reading() as reading:
        return dead_jobs(reading, owner_id=actor.entity)


def retry_job(job_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Let a job that gave up run again; journalled with its last error.

    Raises Forbidden, NotFound (absent and foreign alike), Conflict `job.not_dead`.
    """
    actor.require(Right.JOBS)
    with uow:
        job = dead_job(uow, job_id, owner_id=actor.entity)
        if job is None:
            raise NotFound("job.absent")
        if not uow.jobs.revive(job_id, owner_id=actor.entity):
            raise Conflict("job.not_dead")
        uow.journal.write(
            "job.retried",
            owner_id=actor.entity,
            subject=f"job:{job_id}",
            actor=actor,
            act=job.kind,
            reason=job.error,
        )
        uow.commit()
