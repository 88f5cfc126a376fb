"""Jobs: a promise of work is a row, written in the transaction that promised it (outbox) and claimed by a lease.

Table `job` is the truth; a broker carries only ids. Results are recorded only by the attempt that is current (fencing).
"""

from edo_service.kernel.jobs.claims import (
    backoff,
    claim,
    claim_next,
    fail,
    finish,
    lag,
    next_due,
    postpone,
    renew,
    revive,
    sweep,
)
from edo_service.kernel.jobs.pruning import prune
from edo_service.kernel.jobs.queue import JobQueue
from edo_service.kernel.jobs.reading import DeadJob, DeadJobs, dead_job, dead_jobs, dead_of_kind
from edo_service.kernel.jobs.runner import EmbeddedWorker, Runner
from edo_service.kernel.jobs.tables import Job, JobState
from edo_service.kernel.jobs.values import ClaimedJob, GiveUp, JobHandler, LostLease, Publish, Retry

__all__ = [
    "ClaimedJob",
    "DeadJob",
    "DeadJobs",
    "EmbeddedWorker",
    "GiveUp",
    "Job",
    "JobHandler",
    "JobQueue",
    "JobState",
    "LostLease",
    "Publish",
    "Retry",
    "Runner",
    "backoff",
    "claim",
    "claim_next",
    "dead_job",
    "dead_jobs",
    "dead_of_kind",
    "fail",
    "finish",
    "lag",
    "next_due",
    "postpone",
    "prune",
    "renew",
    "revive",
    "sweep",
]
