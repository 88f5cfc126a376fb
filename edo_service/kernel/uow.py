"""The unit of work: one visible transaction of one use case, under one scope."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy.orm import Session

from edo_service.errors import EdoError
from edo_service.kernel.clock import Clock
from edo_service.kernel.database import Database, translate, translated
from edo_service.kernel.faults import reach
from edo_service.kernel.guard import Guard, ScopedSession
from edo_service.kernel.inbox import Inbox
from edo_service.kernel.jobs.queue import JobQueue
from edo_service.kernel.jobs.values import Publish
from edo_service.kernel.journal.entries import Journal
from edo_service.kernel.scope import AnyScope


class UnitOfWork:
    """One transaction: `with uow: … uow.commit()`; leaving without commit rolls back.

    After the commit the block is over for the database; rows stay readable (nothing expires). The object may be
    entered again, one block at a time, by one thread. Errors of the database leave the block as ours
    (`database.translated`). `publish` is told of each new due job after the
    commit; a sweeper finds what nobody was told of.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        scope: AnyScope | None,
        *,
        publish: Publish | None = None,
        read_only: bool = False,
    ) -> None:
        self.database = database
        self.clock = clock
        self.scope = scope
        self.read_only = read_only
        self._publish = publish
        self._session: Session | None = None
        self._jobs: JobQueue | None = None

    def under(self, scope: AnyScope) -> UnitOfWork:
        """Return another unit of work on the same database under another scope."""
        return UnitOfWork(self.database, self.clock, scope, publish=self._publish, read_only=self.read_only)

    def reading(self) -> UnitOfWork:
        """Return a read-only twin: one snapshot, no write lock, writing refused."""
        return UnitOfWork(self.database, self.clock, self.scope, publish=self._publish, read_only=True)

    @property
    def session(self) -> Session:
        """The SQLAlchemy session; RuntimeError outside the block and after the commit."""
        if self._session is None:
            raise RuntimeError("no open unit of work: enter it with `with uow:`; after commit() it is over")
        return self._session

    @property
    def jobs(self) -> JobQueue:
        """Promises of work made in this transaction."""
        if self._jobs is None:
            self._jobs = JobQueue(self.session, self.clock)
        return self._jobs

    @property
    def journal(self) -> Journal:
        """Writes journal entries into this transaction."""
        return Journal(self.session, self.clock)

    @property
    def inbox(self) -> Inbox:
        """Keeps what arrived from outside, once."""
        return Inbox(self.session, self.clock)

    def __enter__(self) -> Self:
        if self._session is not None:
            raise RuntimeError("this unit of work is open already")
        guard = Guard(scope=self.scope, read_only=self.read_only)
        self._session = ScopedSession(guard, bind=self.database.guarded(guard))
        self._jobs = None
        return self

    def commit(self) -> None:
        """Make the changes durable, then tell of the jobs promised.

        Conflict or Unavailable when the database refuses.
        """
        if self.read_only:
            raise RuntimeError("a reading unit of work has nothing to commit")
        session = self.session
        with translated():
            session.flush()
            reach("commit.before")
            session.commit()
        reach("commit.after")
        promised = self._jobs.promised if self._jobs is not None else {}
        self._close()
        if promised and self._publish is not None:
            reach("publish.before")
            for job_id, queue in promised.items():
                self._publish(job_id, queue)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ours = translate(error) if isinstance(error, Exception) else None
        try:
            self._close()
        except EdoError:
            if error is None:
                raise
        if ours is not None:
            raise ours from error

    def _close(self) -> None:
        session, self._session, self._jobs = self._session, None, None
        if session is not None:
            with translated():
                session.close()
