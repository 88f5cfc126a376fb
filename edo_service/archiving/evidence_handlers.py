"""Jobs and duties of the evidence: roots of the day, renewals before anything ages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import archive
import signing
from edo_service.accounts import queries as accounts
from edo_service.archiving.evidence_desk import EvidenceDesk
from edo_service.archiving.rules import REFRESH
from edo_service.archiving.use_cases.lengthen_evidence import LENGTHEN, lengthen_evidence, promise_lengthening
from edo_service.archiving.use_cases.promise_evidence import (
    STAMP,
    promise_day_root,
    promise_hash_tree_renewal,
    promise_timestamp_renewals,
    resume_stamping,
)
from edo_service.archiving.use_cases.refresh import promise_refresh, refresh_signatures
from edo_service.archiving.use_cases.stamp_evidence import stamp_tree
from edo_service.errors import Unavailable
from edo_service.kernel.jobs import ClaimedJob, GiveUp, JobHandler, Retry
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.scope import AnyScope, Scope
from edo_service.kernel.uow import UnitOfWork

LONGEST_PAUSE = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class EvidenceHandlers:
    """Handlers over the given services."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: EvidenceDesk

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {STAMP: self.on_tree, LENGTHEN: self.on_lengthen, REFRESH: self.on_refresh}

    def on_tree(self, job: ClaimedJob) -> None:
        """Stamp and keep a promised tree. A silent store or TSA is asked again, for ever; damage waits for a person."""
        try:
            stamp_tree(UUID(job.payload["tree_id"]), actor=job.actor, uow=self.uow(job.scope), desk=self.desk)
        except (Unavailable, signing.TimestampFailed) as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except (archive.ArchiveError, signing.SigningError) as error:
            raise GiveUp(f"{type(error).__name__}: {error}") from error

    def on_lengthen(self, job: ClaimedJob) -> None:
        """Keep lists and time-stamps as long as the sets below them."""
        try:
            lengthen_evidence(uow=self.uow(job.scope), desk=self.desk)
        except Unavailable as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except archive.ArchiveError as error:
            raise GiveUp(f"{type(error).__name__}: {error}") from error

    def on_refresh(self, job: ClaimedJob) -> None:
        """Raise signatures that age soon. A silent store or TSA is asked again; damage waits for a person."""
        try:
            refresh_signatures(actor=job.actor, uow=self.uow(job.scope), desk=self.desk)
        except (Unavailable, signing.TimestampFailed) as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except archive.ArchiveError as error:
            raise GiveUp(f"{type(error).__name__}: {error}") from error

    def promise_evidence(self) -> None:
        """Promise today's root and the renewals that are due, for every company and the platform. A duty of the clock.

        Harmless when repeated; what was given up is promised anew.
        """
        with self.uow(Scope.of()).reading() as every:
            owners = [one.id for one in accounts.entities(every)]
        for owner_id in (PLATFORM, *owners):
            self.promise_for(owner_id)

    def promise_for(self, owner_id: UUID) -> None:
        """The same for one company."""
        uow, policy = self.uow(Scope.of(owner_id)), self.desk.policy
        resume_stamping(owner_id, uow=uow)
        promise_day_root(owner_id, uow=uow, policy=policy)
        promise_hash_tree_renewal(owner_id, uow=uow, policy=policy)
        promise_timestamp_renewals(owner_id, uow=uow, policy=policy)
        promise_lengthening(owner_id, uow=uow)
        promise_refresh(owner_id, uow=uow, policy=policy)


def _pause(attempt: int) -> timedelta:
    return min(timedelta(seconds=15) * int(2 ** min(attempt - 1, 10)), LONGEST_PAUSE)
