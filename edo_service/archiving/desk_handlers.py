"""Jobs of the compliance desk: protections told to the store, acts carried out, words written, exports built and expired."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import NoReturn
from uuid import UUID

import archive
import signing
from edo_service.accounts import queries as accounts
from edo_service.archiving import queries_disposal
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.letters import write_letter
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.use_cases.build_export import LETTER, build_export, fail_export
from edo_service.archiving.use_cases.clear import CLEAR, clear_copies, promise_clearing
from edo_service.archiving.use_cases.disposal import DISPOSE
from edo_service.archiving.use_cases.dispose import dispose
from edo_service.archiving.use_cases.export import BUILD, EXPIRE, expire_export
from edo_service.archiving.use_cases.hold import PROTECT
from edo_service.archiving.use_cases.index import INDEX, promise_words, write_some
from edo_service.archiving.use_cases.protect import protect
from edo_service.errors import Conflict, NotFound, Unavailable
from edo_service.kernel.jobs import ClaimedJob, GiveUp, JobHandler, Retry
from edo_service.kernel.letters import Mailer
from edo_service.kernel.scope import AnyScope, Scope
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble

MOST_BUILDS = 40
"""After some six hours of tries whoever waits for an export is told, and may order it again."""


@dataclass(frozen=True, kw_only=True)
class DeskHandlers:
    """Handlers over the given services; `address` is where links in letters lead."""

    uow: Callable[[AnyScope], UnitOfWork]
    desk: ArchiveDesk
    shelf: ExportShelf
    mailer: Mailer
    address: str

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {
            PROTECT: self.on_protect,
            DISPOSE: self.on_dispose,
            CLEAR: self.on_clear,
            INDEX: self.on_index,
            BUILD: self.on_build,
            LETTER: self.on_letter,
            EXPIRE: self.on_expire,
        }

    def on_protect(self, job: ClaimedJob) -> None:
        """Tell the store of terms and holds. A silent store is asked again; damage waits for a person."""
        self._told(job, partial(protect, actor=job.actor, desk=self.desk))

    def on_dispose(self, job: ClaimedJob) -> None:
        """Carry the owner's approved acts out, one after another; one that cannot be does not stop the others."""
        troubles: list[Retry | GiveUp] = []
        for act_id in queries_disposal.acts_to_do(uow=self.uow(job.scope).reading()):
            try:
                self._told(job, partial(self._dispose, act_id, job))
            except (Retry, GiveUp) as trouble:
                troubles.append(trouble)
        if troubles:
            later = [one for one in troubles if isinstance(one, Retry)]
            raise min(later, key=lambda one: one.after) if later else troubles[0]

    def _dispose(self, act_id: UUID, job: ClaimedJob, *, uow: UnitOfWork) -> None:
        """Retry when a set was halted: when its protection ends, in a day at most, in ten minutes at least."""
        again = dispose(act_id, actor=job.actor, uow=uow, desk=self.desk)
        if again is not None:
            raise Retry(max(again - self.desk.now(), timedelta(minutes=10)), "half of a set is still protected")

    def on_clear(self, job: ClaimedJob) -> None:
        """Clear what is left of disposed sets. What has to wait is asked again in time; a silent store soon."""
        self._told(job, partial(self._clear, job))

    def _clear(self, job: ClaimedJob, *, uow: UnitOfWork) -> None:
        again = clear_copies(actor=job.actor, uow=uow, desk=self.desk, shelf=self.shelf)
        if again is not None:
            raise Retry(again - self.desk.now(), "copies are in use just now")

    def promise_clearing(self) -> int:
        """Promise to clear disposed sets that nobody has, company by company. A duty of the clock. Returns how many promises."""
        return self._everywhere(promise_clearing)

    def on_index(self, job: ClaimedJob) -> None:
        """Write the words of some sets, and promise the next ones."""
        write_some(actor=job.actor, uow=self.uow(job.scope), objects=self.desk.objects)

    def on_build(self, job: ClaimedJob) -> None:
        """Build an export. Damage, a full disk, or a set that went meanwhile ends it: the page says why.

        What does not answer is asked again, `MOST_BUILDS` times at most.
        """
        export_id, uow = UUID(job.payload["export_id"]), self.uow(job.scope)
        try:
            build_export(export_id, actor=job.actor, uow=uow, desk=self.desk, shelf=self.shelf)
        except Unavailable as error:
            if job.attempt < MOST_BUILDS:
                raise Retry(_pause(job.attempt), str(error)) from error
            self._end(job, export_id, error, reason=str(error), uow=uow)
        except OSError as error:  # the disk is full or away: no path of ours on the page
            self._end(job, export_id, error, reason=error.strerror or type(error).__name__, uow=uow)
        except (archive.ArchiveError, signing.SigningError, Conflict, NotFound) as error:
            self._end(job, export_id, error, reason=str(error), uow=uow)

    def on_letter(self, job: ClaimedJob) -> None:
        """Tell whoever ordered an export that it is ready."""
        letter = write_letter(UUID(job.payload["export_id"]), address=self.address, uow=self.uow(job.scope))
        if letter is not None:
            self.mailer.send(letter)

    def on_expire(self, job: ClaimedJob) -> None:
        """Remove an export whose time is over."""
        export_id = UUID(job.payload["export_id"])
        expire_export(export_id, actor=job.actor, uow=self.uow(job.scope), shelf=self.shelf)

    def promise_words(self) -> int:
        """Promise words for sets that have none, company by company. A duty of the clock. Returns how many promises."""
        return self._everywhere(promise_words)

    def _everywhere(self, promise: Callable[..., UUID | None]) -> int:
        with self.uow(Scope.of()).reading() as every:
            owners = [one.id for one in accounts.entities(every)]
        return sum(promise(one, uow=self.uow(Scope.of(one))) is not None for one in owners)

    def _end(self, job: ClaimedJob, export_id: UUID, error: Exception, *, reason: str, uow: UnitOfWork) -> NoReturn:
        trouble = write_trouble("archive.export_damaged", {"reason": reason})
        fail_export(export_id, trouble, actor=job.actor, uow=uow)
        raise GiveUp(f"{type(error).__name__}: {error}") from error

    def _told(self, job: ClaimedJob, act: Callable[..., None]) -> None:
        try:
            act(uow=self.uow(job.scope))
        except Unavailable as error:
            raise Retry(_pause(job.attempt), str(error)) from error
        except archive.ArchiveError as error:
            raise GiveUp(f"{type(error).__name__}: {error}") from error


def _pause(attempt: int) -> timedelta:
    """Wait 15 s, then twice as long each time, ten minutes at most."""
    return min(timedelta(seconds=15) * int(2 ** min(attempt - 1, 10)), timedelta(minutes=10))
