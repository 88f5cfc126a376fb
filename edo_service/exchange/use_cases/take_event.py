"""Take one event of an operator's feed: fetch and judge outside a transaction, then record everything the event says at once.

Events may come twice, late or in another order: what is known already is left alone, and a patch that is faster than its
message waits for it, but not for ever. What cannot be taken is written down in the journal and waits for a person; it
does not keep the rest of its message from being taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from edo_service.documents import held, recording, ties
from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.tables import Document
from edo_service.exchange import annulment_arrivals, annulments, arrivals, news, threads, undecided
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.incoming import Fetched, Fetcher
from edo_service.exchange.odd import keep_odd
from edo_service.exchange.rules import ORIGINAL_TRIES, PARENTLESS_TRIES, UNDECIDED_TRIES, Terms
from edo_service.exchange.threads import Known
from edo_service.exchange.use_cases.take_annulment import take_annulment
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import ClaimedJob, GiveUp, Retry
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble
from operators import port
from operators.port import EntityKind

WAIT_FOR_MESSAGE = timedelta(seconds=3)
WAIT_FOR_EVIDENCE = timedelta(seconds=20)
LONGEST_WAIT = timedelta(minutes=10)
MESSAGE_TRIES = 20
UNKNOWN_MESSAGE = "Сообщение не похоже ни на один документ, который портал умеет принимать"
UNKNOWN_KIND = "К документу пришло служебное сообщение нового вида. На документ оно не повлияло"
_NOT_UNDERSTOOD = frozenset({EntityKind.UNKNOWN})


def take_event(
    event: port.Event,
    *,
    tries: int,
    actor: Actor,
    uow: UnitOfWork,
    desk: SigningDesk,
    operators: OperatorFactory,
    terms: Terms,
    job: ClaimedJob | None = None,
) -> None:
    """Record the event's news. Raises Retry when its message is not known yet or evidence for a signature is missing.

    `tries` counts the tries, this one included: after three a signature that cannot be decided is recorded as
    INDETERMINATE, after twenty a message that never came is given up. Raises GiveUp for files that cannot be read.
    `job` is ended in the transaction that holds its effects; without one nothing is ended.
    """
    with uow.reading() as seen:
        account = account_of_box(seen, actor.entity, event.box)
        known = threads.known_of(seen, event, owner_id=account.owner_id)
    whole = event
    event, about = annulments.split(event, known.proposals)
    if about:
        event, about = annulment_arrivals.put_right(event, about, uow=uow, operator=operators(account))
    if about:
        take_annulment(
            whole,
            about,
            tries=tries,
            account=account,
            actor=actor,
            uow=uow,
            desk=desk,
            operator=operators(account),
        )
        if not event.entities:
            with uow:
                _settle(uow, whole, account, job=job)
            return
        with uow.reading() as seen:
            known = threads.known_of(seen, event, owner_id=account.owner_id)
    task = _Task(event=event, known=known, tries=tries, account=account, terms=terms, actor=actor, job=job)
    _take_files(task, uow=uow, desk=desk, operators=operators)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What is left of an event when what is about an annulment has been taken out; what was known of its message."""

    event: port.Event
    known: Known
    tries: int
    account: AccountCard
    terms: Terms
    actor: Actor
    job: ClaimedJob | None


def _take_files(task: _Task, *, uow: UnitOfWork, desk: SigningDesk, operators: OperatorFactory) -> None:
    """Everything of the event that is not about an annulment."""
    event, known, tries, account = task.event, task.known, task.tries, task.account
    if not known.titles and not _is_news(task, uow=uow):
        _put_aside(task, uow=uow)
        return
    operator = operators(account)
    if tries <= PARENTLESS_TRIES and threads.lacks_parent(event, known):
        raise Retry(WAIT_FOR_MESSAGE, "the file that this one is about has not come yet")
    items = Fetcher(event=event, known=known, owner=account.owner_id, operator=operator, desk=desk, uow=uow).news()
    if tries <= UNDECIDED_TRIES and any(item.undecided for item in items):
        raise Retry(WAIT_FOR_EVIDENCE, "a signature cannot be decided yet")
    if tries <= ORIGINAL_TRIES and news.lacks_original(uow, items, event):
        raise Retry(WAIT_FOR_MESSAGE, "the document that this one corrects has not come yet")
    lost = _record(task, items, uow=uow)
    if lost:
        raise GiveUp("; ".join(reason for _, reason in lost))
    faults.reach("exchange.after_event")


def _put_aside(task: _Task, *, uow: UnitOfWork) -> None:
    """Note a message that opens nothing here; one that is not ours is kept and shown."""
    event, account, ours = task.event, task.account, threads.is_ours(task.event)
    reason = "sent from another program" if ours else "nothing in it is known to this service"
    with uow:
        _note_lost(uow, event, None, reason, account=account, actor=task.actor)
        if not ours:
            keep_odd(uow, event, UNKNOWN_MESSAGE, account=account)
        _settle(uow, event, account, job=task.job)


def _record(task: _Task, items: Sequence[Fetched], *, uow: UnitOfWork) -> Sequence[tuple[Document | None, str]]:
    """Write everything down at once, the job's end included unless something was lost; returns what was."""
    event, account, actor = task.event, task.account, task.actor
    with uow:
        recorded = news.record(uow, event, items, account=account, terms=task.terms, actor=actor)
        for document in recorded.documents:
            for entity in event.entities:
                arrivals.note_bare_news(uow, document, entity, actor=actor)
            _note_unknown(uow, document, event, account=account, actor=actor)
            ties.settle(uow, document, actor=actor, is_fresh=document.id in recorded.fresh)
            if any(undecided.may_stay(item) for item in items):
                undecided.promise_recheck(uow, document)
        for owner, reason in recorded.lost:
            _note_lost(uow, event, owner, reason, account=account, actor=actor)
            keep_odd(uow, event, reason, account=account, document_id=owner.id if owner else None)
        _settle(uow, event, account, job=None if recorded.lost else task.job)
    return recorded.lost


def _is_news(task: _Task, *, uow: UnitOfWork) -> bool:
    """Whether an unknown message may be opened; Retry while it waits for its message, or for the end of a call of ours."""
    event, opens = task.event, any(entity.kind in threads.OPENING for entity in task.event.entities)
    if opens and not threads.is_ours(event):
        return True
    if task.tries < MESSAGE_TRIES:
        pause = min(WAIT_FOR_MESSAGE * int(2 ** min(task.tries - 1, 10)), LONGEST_WAIT)
        if event.from_box is None:
            raise Retry(pause, "the message itself has not come yet")
        if not opens and threads.is_ours(event) and _may_be_known_soon(task, uow=uow):
            raise Retry(pause, "it may be a message of ours whose sending has not ended yet")
    return False


def _may_be_known_soon(task: _Task, *, uow: UnitOfWork) -> bool:
    """Whether the outcome of a sending from the box is open, so that nobody has told us its message's id; or has ended now."""
    with uow.reading() as seen:
        is_open = recording.is_sending(seen, task.account.box)
        return is_open or bool(threads.known_of(seen, task.event, owner_id=task.account.owner_id).titles)


def _note_lost(
    uow: UnitOfWork, event: port.Event, document: Document | None, reason: str, *, account: AccountCard, actor: Actor
) -> None:
    """Write down what was not taken, and tell on the card when it belongs to a document."""
    if document is not None:
        held.say(document, write_trouble("exchange.not_taken", {"reason": reason}))
    uow.journal.write(
        "exchange.not_taken",
        owner_id=account.owner_id,
        subject=f"document:{document.id}" if document else f"operator_account:{account.id}",
        actor=actor,
        message_id=event.message_id,
        kinds=[entity.raw_type for entity in event.entities],
        reason=reason,
    )


def _note_unknown(
    uow: UnitOfWork, document: Document, event: port.Event, *, account: AccountCard, actor: Actor
) -> None:
    """A kind newer than this service changes nothing, but it is kept and shown."""
    kinds = [entity.raw_type for entity in event.entities if entity.kind in _NOT_UNDERSTOOD]
    if kinds:
        uow.journal.write(
            "exchange.not_understood",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            message_id=event.message_id,
            kinds=kinds,
        )
        keep_odd(uow, event, UNKNOWN_KIND, account=account, document_id=document.id)


def _settle(uow: UnitOfWork, event: port.Event, account: AccountCard, *, job: ClaimedJob | None) -> None:
    """The event is handled, and the job over: both with what came of it. Commits."""
    uow.inbox.settle(f"{account.operator}:{account.box}", event.id, owner_id=account.owner_id)
    if job is not None:
        uow.jobs.finish(job)
    uow.commit()
