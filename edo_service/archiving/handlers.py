"""Jobs of the archive desk: a document's set is finished."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import signing
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.use_cases.hand_over import hand_over
from edo_service.documents.recording import FINISHED
from edo_service.errors import Unavailable
from edo_service.kernel.jobs import ClaimedJob, JobHandler, Retry
from edo_service.kernel.scope import AnyScope
from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class ArchiveHandlers:
    """Handlers over the given services."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: ArchiveDesk

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {FINISHED: self.on_finished}

    def on_finished(self, job: ClaimedJob) -> None:
        """Hand the set over; a silent store or TSA is asked again."""
        try:
            hand_over(UUID(job.payload["document_id"]), actor=job.actor, uow=self.uow(job.scope), desk=self.desk)
        except (Unavailable, signing.TimestampFailed) as error:
            raise Retry(timedelta(seconds=15), str(error)) from error
