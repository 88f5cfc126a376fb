"""Jobs and duties of the archive desk: a set is finished, a journal's head is to be kept, a hand-over died."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import archive
import signing
from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.heads import KEEP_HEAD
from edo_service.archiving.use_cases.give_up import give_up, resume
from edo_service.archiving.use_cases.hand_over import hand_over, note_trouble
from edo_service.archiving.use_cases.keep_heads import keep_head, promise_head
from edo_service.archiving.use_cases.supplement import join_late, promise_late
from edo_service.documents import recording
from edo_service.documents.recording import FINISHED, LATE
from edo_service.errors import Conflict, NotFound, Unavailable
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import ClaimedJob, GiveUp, JobHandler, Retry, dead_of_kind
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.scope import AnyScope, Scope
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble

EVERY_HOUR = timedelta(hours=1)
MOST_TRIES = 24
"""After a day of hourly tries somebody has to look: the hand-over gives up and says so."""


@dataclass(frozen=True, kw_only=True)
class ArchiveHandlers:
    """Handlers over the given services."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: ArchiveDesk

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {FINISHED: self.on_finished, LATE: self.on_late, KEEP_HEAD: self.on_head}

    def on_finished(self, job: ClaimedJob) -> None:
        """Hand the set over, unless it lacks something again.

        A silent store or TSA is asked again soon, for ever; what needs a person is tried every hour for a day; damage ends
        it at once. The card says why, and offers another try when it has given up.
        """
        document_id, uow = UUID(job.payload["document_id"]), self.uow(job.scope)
        try:
            if not resume(document_id, actor=job.actor, uow=uow):
                return
            hand_over(document_id, actor=job.actor, uow=uow, desk=self.desk)
        except (Unavailable, signing.TimestampFailed) as error:
            code = error.code if isinstance(error, Unavailable) else "document.tsa_silent"
            note_trouble(document_id, write_trouble(code), actor=job.actor, uow=uow)
            raise Retry(_pause(job.attempt), str(error)) from error
        except (archive.Damaged, archive.NotWorm) as error:
            give_up(document_id, write_trouble("archive.damaged", {"reason": error}), actor=job.actor, uow=uow)
            raise GiveUp(f"{type(error).__name__}: {error}") from error
        except (archive.ArchiveError, signing.SigningError, formats.FormatError, NotFound) as error:
            trouble = write_trouble("archive.not_assembled", {"reason": error})
            if job.attempt >= MOST_TRIES:
                give_up(document_id, trouble, actor=job.actor, uow=uow)
                raise GiveUp(f"{type(error).__name__}: {error}") from error
            note_trouble(document_id, trouble, actor=job.actor, uow=uow)
            raise Retry(EVERY_HOUR, str(error)) from error

    def on_late(self, job: ClaimedJob) -> None:
        """Put what came late beside the set. A set on its way into the archive is waited for, what does not answer asked again.

        What needs a person is tried every hour for a day, and again when the clock's duty finds it (`promise_late`).
        """
        document_id, uow = UUID(job.payload["document_id"]), self.uow(job.scope)
        with uow:
            document = recording.take(uow, document_id)
            is_coming = document.archive == "handing_over"
            # a set that was open again when its last paper came: nobody else looks whether it is whole
            if recording.finish_if_complete(uow, document, actor=job.actor):
                uow.commit()
        if is_coming:
            raise Retry(_pause(job.attempt), "the set itself is on its way")
        try:
            join_late(document_id, actor=job.actor, uow=uow, desk=self.desk)
        except (Unavailable, Conflict, signing.TimestampFailed) as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except (archive.Damaged, archive.NotWorm) as error:
            raise GiveUp(f"{type(error).__name__}: {error}") from error
        except (archive.ArchiveError, signing.SigningError, formats.FormatError, NotFound) as error:
            if job.attempt >= MOST_TRIES:
                raise GiveUp(f"{type(error).__name__}: {error}") from error
            raise Retry(EVERY_HOUR, str(error)) from error

    def promise_late(self) -> None:
        """Promise that late papers join whose own promise was lost, or who came before there was one. A duty of the clock."""
        with self.uow(Scope.of()).reading() as every:
            owners = [one.id for one in accounts.entities(every)]
        for owner_id in owners:
            promise_late(uow=self.uow(Scope.of(owner_id)))

    def on_head(self, job: ClaimedJob) -> None:
        """Keep the head of the owner's journal. A silent store is asked again soon; damage waits for a person."""
        try:
            keep_head(job.payload, actor=job.actor, uow=self.uow(job.scope), desk=self.desk)
        except Unavailable as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except archive.ArchiveError as error:
            raise GiveUp(f"{type(error).__name__}: {error}") from error

    def promise_heads(self) -> None:
        """Promise today's head of every journal, the platform's own included. A duty of the clock."""
        with self.uow(Scope.of()).reading() as every:
            owners = [one.id for one in accounts.entities(every)]
        for owner_id in (PLATFORM, *owners):
            promise_head(owner_id, uow=self.uow(Scope.of(owner_id)))

    def notice_dead(self) -> int:
        """Show hand-overs whose job died in another way (a defect, a worker killed again and again). Returns how many.

        A duty of the clock: harmless when repeated.
        """
        with self.uow(Scope.of()).reading() as every:
            dead = dead_of_kind(every, FINISHED)
        shown = 0
        for one in dead:
            if one.owner_id is None:
                continue
            actor, uow = Actor.automatic(FINISHED, one.owner_id), self.uow(Scope.of(one.owner_id))
            trouble = write_trouble("archive.gave_up", {"reason": one.error})
            shown += give_up(UUID(one.payload["document_id"]), trouble, actor=actor, uow=uow)
        return shown


def _pause(attempt: int) -> timedelta:
    """Wait 15 s, then twice as long each time, ten minutes at most."""
    return min(timedelta(seconds=15) * int(2 ** min(attempt - 1, 10)), timedelta(minutes=10))
