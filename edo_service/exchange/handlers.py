"""Jobs of the exchange: a signature of ours is ready, the feed is due, an event has landed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from edo_service.documents.letters import Envelope
from edo_service.documents.recording import SIGNED
from edo_service.documents.rules import Route
from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.tables import Document
from edo_service.errors import Unavailable
from edo_service.exchange import wire
from edo_service.exchange.accounts import OperatorFactory
from edo_service.exchange.lives import WORKING
from edo_service.exchange.rules import (
    ANNUL,
    EVENT,
    INVITATIONS,
    LOCKED_OUT,
    POLL,
    RECHECK,
    RELATION,
    REMINDER,
    RETAKE,
    TELL,
    Terms,
)
from edo_service.exchange.tables import OperatorAccount
from edo_service.exchange.use_cases.carry_annulment import carry_annulment
from edo_service.exchange.use_cases.carry_relation import carry_relation
from edo_service.exchange.use_cases.direct import deliver_directly
from edo_service.exchange.use_cases.dispatch import dispatch
from edo_service.exchange.use_cases.invite_many import invite_listed
from edo_service.exchange.use_cases.poll import poll
from edo_service.exchange.use_cases.recheck import recheck
from edo_service.exchange.use_cases.refresh_relations import refresh_relations, relations_due
from edo_service.exchange.use_cases.remind import promise_reminders, write_reminder
from edo_service.exchange.use_cases.switch import drain
from edo_service.exchange.use_cases.take_annulment import retake_annulment
from edo_service.exchange.use_cases.take_event import take_event
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import ClaimedJob, Job, JobHandler, Retry
from edo_service.kernel.letters import Mailer
from edo_service.kernel.scope import AnyScope, SystemScope
from edo_service.kernel.uow import UnitOfWork
from operators.errors import AuthExpired, OperatorError

UowFactory = Callable[[AnyScope], UnitOfWork]


@contextmanager
def patience() -> Iterator[None]:
    """Ask an operator that does not answer, or refuses the log-in, again later."""
    try:
        yield
    except AuthExpired as error:
        raise Retry(LOCKED_OUT, str(error)) from error
    except OperatorError as error:
        raise Retry(timedelta(seconds=error.retry_after or 5), str(error)) from error
    except Unavailable as error:
        raise Retry(timedelta(minutes=1), str(error)) from error


@dataclass(frozen=True, kw_only=True)
class ExchangeHandlers:
    """Handlers over the given services; `table()` is what the job runner gets."""

    uow: UowFactory
    desk: SigningDesk
    operators: OperatorFactory
    mailer: Mailer
    envelope: Envelope
    terms: Terms

    def table(self) -> Mapping[str, JobHandler]:
        """Job kind -> handler."""
        return {
            SIGNED: self.on_signed,
            POLL: self.on_poll,
            EVENT: self.on_event,
            RELATION: self.on_relation,
            INVITATIONS: self.on_invitations,
            REMINDER: self.on_reminder,
            ANNUL: self.on_annul,
            RECHECK: self.on_recheck,
            TELL: self.on_tell,
            RETAKE: self.on_retake,
        }

    @property
    def together(self) -> frozenset[str]:
        """Kinds of short jobs that come in numbers: a worker claims several of them at once."""
        return frozenset({EVENT})

    def on_signed(self, job: ClaimedJob) -> None:
        """Carry a signed file out by the document's route."""
        uow = self.uow(job.scope)
        with uow:
            document = uow.session.get_one(Document, UUID(job.payload["document_id"]))
            route = Route(document.route)
        signature_id = UUID(job.payload["signature_id"])
        if route is Route.DIRECT:
            actor = Actor.system("documents.direct")
            deliver_directly(
                signature_id, terms=self.terms, actor=actor, uow=self.uow(actor.scope), objects=self.desk.objects
            )
            return
        dispatch(
            UUID(job.payload["part_id"]),
            signature_id,
            actor=job.actor,
            uow=uow,
            objects=self.desk.objects,
            operators=self.operators,
        )

    def on_tell(self, job: ClaimedJob) -> None:
        """Carry a receipt out that nobody signs (УС)."""
        dispatch(
            UUID(job.payload["part_id"]),
            None,
            actor=job.actor,
            uow=self.uow(job.scope),
            objects=self.desk.objects,
            operators=self.operators,
        )

    def on_poll(self, job: ClaimedJob) -> None:
        """Read the feed of one account, and its list of counterparties when that is due; silence is asked again later."""
        account_id, uow = UUID(job.payload["account_id"]), self.uow(job.scope)
        try:
            if not poll(account_id, uow=uow, operators=self.operators):  # nothing was left to read
                drain(account_id, actor=job.actor, uow=uow)
            if relations_due(account_id, uow=uow):
                refresh_relations(account_id, actor=job.actor, uow=uow, operators=self.operators)
        except AuthExpired as error:  # asked rarely: operators lock accounts out after wrong log-ins
            raise Retry(LOCKED_OUT, str(error)) from error
        except (OperatorError, Unavailable) as error:
            after = getattr(error, "retry_after", None)
            raise Retry(timedelta(seconds=after if isinstance(after, int | float) else 10), str(error)) from error

    def on_relation(self, job: ClaimedJob) -> None:
        """Invite, accept, reject, withdraw or break."""
        carry_relation(
            UUID(job.payload["step_id"]),
            actor=job.actor,
            uow=self.uow(job.scope),
            objects=self.desk.objects,
            operators=self.operators,
        )

    def on_invitations(self, job: ClaimedJob) -> None:
        """Go through a list of companies to invite."""
        with patience():
            invite_listed(
                UUID(job.payload["batch_id"]), actor=job.actor, uow=self.uow(job.scope), operators=self.operators
            )

    def on_annul(self, job: ClaimedJob) -> None:
        """Propose to annul, agree or refuse."""
        carry_annulment(
            UUID(job.payload["annulment_id"]),
            actor=job.actor,
            uow=self.uow(job.scope),
            objects=self.desk.objects,
            operators=self.operators,
        )

    def on_recheck(self, job: ClaimedJob) -> None:
        """Look again at signatures that could not be decided when they came."""
        try:
            recheck(
                UUID(job.payload["document_id"]),
                tries=job.attempt,
                actor=job.actor,
                uow=self.uow(job.scope),
                desk=self.desk,
            )
        except Unavailable as error:
            raise Retry(timedelta(minutes=10), str(error)) from error

    def on_retake(self, job: ClaimedJob) -> None:
        """Look again at a signature about an annulment that could not be decided when it came."""
        self._take(job, retake_annulment)

    def on_reminder(self, job: ClaimedJob) -> None:
        """Send a letter about a deadline, unless it is of no use any more."""
        letter = write_reminder(
            UUID(job.payload["document_id"]),
            UUID(job.payload["person_id"]),
            date.fromisoformat(job.payload["day"]),
            envelope=self.envelope,
            uow=self.uow(job.scope),
        )
        if letter is not None:
            self.mailer.send(letter)

    def on_event(self, job: ClaimedJob) -> bool:
        """Record one landed event, and the job's end with it."""
        self._take(job, partial(take_event, terms=self.terms, job=job))
        return True

    def _take(self, job: ClaimedJob, verb: Callable[..., None]) -> None:
        """Do it with the event that the job keeps."""
        with patience():
            verb(
                wire.event_from_json(job.payload["event"]),
                tries=job.attempt,
                actor=job.actor,
                uow=self.uow(job.scope),
                desk=self.desk,
                operators=self.operators,
            )

    def promise_reminders(self) -> int:
        """Promise today's letters about deadlines; called by the ticking clock. Returns about how many documents."""
        return promise_reminders(uow=self.uow(SystemScope("exchange.remind")))

    def promise_polls(self) -> int:
        """Put a poll job for every connected account that has none; called by the ticking clock. Returns how many.

        A poll that waits is left alone: its pause was asked for by the operator.
        """
        uow = self.uow(SystemScope("exchange.poll"))
        with uow:
            live = select(Job.key).where(Job.kind == POLL, Job.state.in_(("waiting", "running")))
            underway = set(uow.session.scalars(live))
            found = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.state.in_(WORKING)))
            rows = [row for row in found if str(row.id) not in underway]
            for row in rows:
                uow.jobs.put(
                    POLL, owner_id=row.owner_id, key=str(row.id), queue="exchange", payload={"account_id": str(row.id)}
                )
            uow.commit()
        return len(rows)
