"""Reads of the exchange: connections to operators, what stands in the queue, news that was not understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from edo_service.documents.receipts import RECEIPT
from edo_service.documents.recording import FINISHED, SIGNED
from edo_service.documents.tables import Document, Signature
from edo_service.documents.use_cases.send import SIGN
from edo_service.errors import NotFound
from edo_service.exchange.rules import ANNUL, EVENT, INVITATIONS, RELATION, TELL
from edo_service.exchange.tables import Dispatch, OddEvent, OperatorAccount, Relation, RelationStep
from edo_service.kernel.jobs import Job
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork
from edo_service.kernel.workflow import StatusChange

SHOWN = (RECEIPT, SIGN, SIGNED, FINISHED, EVENT, RELATION, INVITATIONS, ANNUL, TELL)
MOST = 100
_UNDONE = ("waiting", "running", "dead")


@dataclass(frozen=True, kw_only=True)
class ShownBox:
    """A box that the log-in may use, as the test has shown it."""

    id: str
    organization: str
    inn: str
    participant_id: str


@dataclass(frozen=True, kw_only=True)
class AwaitedStep:
    """What a log-in waits for: the code that was sent to `telephone`, or a consent at `url` (`user_code` is seen there)."""

    telephone: str
    url: str
    user_code: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A connection as its settings show it. `trouble_since` is when the operator stopped answering.

    `log_in_by`: "password" or "consent"; `awaited`: what the log-in wants of its person now. `receipts_by`: `rules.ReceiptsBy`.
    """

    id: UUID
    operator: str
    participant_id: str
    box: str
    login: str
    client_id: str
    log_in_by: str
    awaited: AwaitedStep | None
    receipts_by: str
    state: str
    polled_at: datetime | None
    checked_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None
    trace_id: str | None
    resync_from: datetime | None
    boxes: tuple[ShownBox, ...]
    invited_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Step:
    """One move of a connection or a relation: when, to which state, by whom (nobody: by the operator's word)."""

    at: datetime
    state: str
    event: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A promise that has not been kept yet. `state` is waiting, running or dead; `answer` the operator's last words.

    `document_id`, `relation_id`: what it is about, with its `title`.
    """

    id: UUID
    kind: str
    state: str
    tries: int
    next_at: datetime | None
    error: str | None
    document_id: UUID | None
    title: str
    relation_id: UUID | None = None
    answer: str | None = None
    trace_id: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Odd:
    """News that was not understood; `title` of the document that it is about."""

    id: UUID
    account_id: UUID
    document_id: UUID | None
    message_id: str
    title: str
    kinds: str
    reason: str
    happened_at: datetime
    payload: Mapping[str, Any]


def accounts(*, uow: UnitOfWork) -> Sequence[Connected]:
    """All connections of the scope."""
    with uow:
        rows = uow.session.scalars(select(OperatorAccount).order_by(OperatorAccount.operator, OperatorAccount.box))
        return [_connected(row) for row in rows]


def account(account_id: UUID, *, uow: UnitOfWork) -> Connected:
    """One connection; NotFound for an absent and for a foreign one."""
    with uow:
        row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
        if row is None:
            raise NotFound("exchange.account_absent", id=str(account_id))
        return _connected(row)


def history(subject_id: UUID, *, uow: UnitOfWork) -> Sequence[Step]:
    """Every move of a connection or of a relation, oldest first."""
    with uow:
        rows = uow.session.scalars(
            select(StatusChange)
            .where(StatusChange.subject_id == subject_id, StatusChange.workflow.in_(("operator", "relation")))
            .order_by(StatusChange.at, StatusChange.id)
            .limit(MOST)
        )
        return [
            Step(at=row.at, state=row.new, event=row.event, by=row.actor_name if row.actor_id else "") for row in rows
        ]


def queue(*, uow: UnitOfWork, failed: bool = False) -> Sequence[Waiting]:
    """What is promised and not done yet for the entities of the scope, the `MOST` oldest; a system scope sees none.

    `failed`: only what was given up.
    """
    if not isinstance(uow.scope, Scope):
        return []
    with uow:
        # Jobs are global rows, so the owner is named here and not by the guard.
        rows = uow.session.scalars(
            select(Job)
            .where(
                Job.owner_id.in_(uow.scope.entities),
                Job.kind.in_(SHOWN),
                Job.state.in_(("dead",) if failed else _UNDONE),
            )
            .order_by(Job.created_at, Job.id)
            .limit(MOST)
        ).all()
        payloads = [row.payload for row in rows]
        documents, answers, steps = _documents(uow, payloads), _answers(uow, payloads), _steps(uow, payloads)
        found = []
        for row in rows:
            document_id, title = documents.get(_about(row.payload), (None, ""))
            step = steps.get(str(row.payload.get("step_id") or ""))
            answer = answers.get(str(row.payload.get("part_id") or ""), (None, None))
            found.append(
                Waiting(
                    id=row.id,
                    kind=row.kind,
                    state=row.state,
                    tries=row.attempt,
                    next_at=row.run_after if row.state == "waiting" else None,
                    error=row.error,
                    document_id=document_id,
                    title=step[1] if step else title,
                    relation_id=step[0] if step else None,
                    answer=step[2] if step else answer[0],
                    trace_id=step[3] if step else answer[1],
                    since=row.created_at,
                )
            )
        return found


def queued_jobs(*, uow: UnitOfWork) -> int:
    """How many promises of the scope are not kept yet, those that were given up included."""
    return _count(uow, _UNDONE)


def failed_jobs(*, uow: UnitOfWork) -> int:
    """How many promises of the scope were given up: they wait for a person."""
    return _count(uow, ("dead",))


def _count(uow: UnitOfWork, states: Sequence[str]) -> int:
    if not isinstance(uow.scope, Scope):
        return 0
    with uow:
        mine = (Job.owner_id.in_(uow.scope.entities), Job.kind.in_(SHOWN), Job.state.in_(states))
        return uow.session.execute(select(func.count(Job.id)).where(*mine)).scalar_one()


def odd_events(*, uow: UnitOfWork) -> Sequence[Odd]:
    """News that nobody has settled yet, the newest first."""
    with uow:
        rows = uow.session.scalars(
            select(OddEvent).where(OddEvent.settled_at.is_(None)).order_by(OddEvent.noted_at.desc()).limit(MOST)
        ).all()
        about = [row.document_id for row in rows if row.document_id]
        titles = {row.id: row.title for row in uow.session.scalars(select(Document).where(Document.id.in_(about)))}
        return [
            Odd(
                id=row.id,
                account_id=row.account_id,
                document_id=row.document_id,
                message_id=row.message_id,
                title=titles.get(row.document_id, "") if row.document_id else "",
                kinds=row.kinds,
                reason=row.reason,
                happened_at=row.happened_at,
                payload=row.payload,
            )
            for row in rows
        ]


def _connected(row: OperatorAccount) -> Connected:
    boxes = (row.boxes or {}).get("boxes") or []
    return Connected(
        id=row.id,
        operator=row.operator,
        participant_id=row.participant_id,
        box=row.box,
        login=row.login,
        client_id=row.client_id,
        log_in_by=row.log_in_by,
        awaited=_awaited(row.log_in_step),
        receipts_by=row.receipts_by,
        state=row.state,
        polled_at=row.polled_at,
        checked_at=row.checked_at,
        trouble=row.trouble,
        trouble_since=row.trouble_since,
        trace_id=row.trace_id,
        resync_from=row.resync_from,
        boxes=tuple(
            ShownBox(
                id=str(one.get("id") or ""),
                organization=str(one.get("organization") or ""),
                inn=str(one.get("inn") or ""),
                participant_id=str(one.get("participant_id") or ""),
            )
            for one in boxes
        ),
        invited_id=row.invited_id,
        created_at=row.created_at,
    )


def _awaited(step: Mapping[str, Any] | None) -> AwaitedStep | None:
    if step is None:
        return None
    words = {name: str(step.get(name) or "") for name in ("telephone", "url", "user_code")}
    return AwaitedStep(**words, until=datetime.fromisoformat(step["until"]))


def _about(payload: Mapping[str, Any]) -> str:
    return str(payload.get("document_id") or payload.get("signature_id") or "")


def _documents(uow: UnitOfWork, payloads: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[UUID, str]]:
    """Document's id and title by the document's or the signature's id of a payload."""
    named = [UUID(one["document_id"]) for one in payloads if one.get("document_id")]
    signed = [UUID(one["signature_id"]) for one in payloads if one.get("signature_id") and not one.get("document_id")]
    found: dict[str, tuple[UUID, str]] = {}
    if named:
        for row in uow.session.scalars(select(Document).where(Document.id.in_(named))):
            found[str(row.id)] = (row.id, row.title)
    if signed:
        pairs = select(Signature, Document).join(Document, Document.id == Signature.document_id)
        for signature, row in uow.session.execute(pairs.where(Signature.id.in_(signed))):
            found[str(signature.id)] = (row.id, row.title)
    return found


def _answers(uow: UnitOfWork, payloads: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[str | None, str | None]]:
    """The operator's last words and its trace id by the file that is carried."""
    carried = [UUID(one["part_id"]) for one in payloads if one.get("part_id")]
    if not carried:
        return {}
    rows = uow.session.scalars(select(Dispatch).where(Dispatch.part_id.in_(carried)))
    return {str(row.part_id): (row.trouble, row.trace_id) for row in rows}


def _steps(
    uow: UnitOfWork, payloads: Sequence[Mapping[str, Any]]
) -> Mapping[str, tuple[UUID, str, str | None, str | None]]:
    """Relation, its name, the operator's last words and trace id by the step of a payload."""
    steps = [UUID(one["step_id"]) for one in payloads if one.get("step_id")]
    if not steps:
        return {}
    pairs = select(RelationStep, Relation).join(Relation, Relation.id == RelationStep.relation_id)
    return {
        str(step.id): (row.id, row.name, step.trouble, step.trace_id)
        for step, row in uow.session.execute(pairs.where(RelationStep.id.in_(steps)))
    }
