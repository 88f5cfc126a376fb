"""Jobs of the archive desk: a document's set is finished."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import archive
import signing
from edo_service import formats
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.use_cases.hand_over import hand_over, note_trouble
from edo_service.documents.recording import FINISHED
from edo_service.errors import NotFound, Unavailable
from edo_service.kernel.jobs import ClaimedJob, JobHandler, Retry
from edo_service.kernel.scope import AnyScope
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble

EVERY_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ArchiveHandlers:
    """Handlers over the given services."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: ArchiveDesk

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {FINISHED: self.on_finished}

    def on_finished(self, job: ClaimedJob) -> None:
        """Hand the set over. A silent store or TSA is asked again soon, what needs a person every hour; the card says why."""
        document_id, uow = UUID(job.payload["document_id"]), self.uow(job.scope)
        try:
            hand_over(document_id, actor=job.actor, uow=uow, desk=self.desk)
        except (Unavailable, signing.TimestampFailed) as error:
            code = error.code if isinstance(error, Unavailable) else "document.tsa_silent"
            note_trouble(document_id, write_trouble(code), actor=job.actor, uow=uow)
            raise Retry(_pause(job.attempt), str(error)) from error
        except (archive.ArchiveError, signing.SigningError, formats.FormatError, NotFound) as error:
            trouble = write_trouble("archive.not_assembled", {"reason": error})
            note_trouble(document_id, trouble, actor=job.actor, uow=uow)
            raise Retry(EVERY_HOUR, str(error)) from error


def _pause(attempt: int) -> timedelta:
    """Wait 15 s, then twice as long each time, ten minutes at most."""
    return min(timedelta(seconds=15) * int(2 ** min(attempt - 1, 10)), timedelta(minutes=10))
