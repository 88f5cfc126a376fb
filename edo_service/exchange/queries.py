"""Reads of the exchange: connections to operators, and what stands in the queue of the scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from edo_service.documents.recording import FINISHED, SIGNED
from edo_service.documents.tables import Document, Signature
from edo_service.documents.use_cases.send import SIGN
from edo_service.exchange.rules import EVENT
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.jobs import Job
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork

SHOWN = (SIGN, SIGNED, FINISHED, EVENT)
MOST = 100


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A connection as its settings show it. `trouble_since` is when the operator stopped answering."""

    id: UUID
    operator: str
    participant_id: str
    box: str
    login: str
    state: str
    polled_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A promise about a document that has not been kept yet. `state` is waiting, running or dead."""

    id: UUID
    kind: str
    state: str
    tries: int
    next_at: datetime | None
    error: str | None
    document_id: UUID | None
    title: str


def accounts(*, uow: UnitOfWork) -> Sequence[Connected]:
    """All connections of the scope."""
    with uow:
        rows = uow.session.scalars(select(OperatorAccount).order_by(OperatorAccount.operator, OperatorAccount.box))
        return [
            Connected(
                id=row.id,
                operator=row.operator,
                participant_id=row.participant_id,
                box=row.box,
                login=row.login,
                state=row.state,
                polled_at=row.polled_at,
                trouble=row.trouble,
                trouble_since=row.trouble_since,
            )
            for row in rows
        ]


def queue(*, uow: UnitOfWork) -> Sequence[Waiting]:
    """What is promised and not done yet for the entities of the scope, the oldest first; a system scope sees none."""
    if not isinstance(uow.scope, Scope):
        return []
    with uow:
        # Jobs are global rows, so the owner is named here and not by the guard.
        rows = uow.session.scalars(
            select(Job)
            .where(
                Job.owner_id.in_(uow.scope.entities),
                Job.kind.in_(SHOWN),
                Job.state.in_(("waiting", "running", "dead")),
            )
            .order_by(Job.created_at)
            .limit(MOST)
        ).all()
        documents = _documents(uow, [row.payload for row in rows])
        return [
            Waiting(
                id=row.id,
                kind=row.kind,
                state=row.state,
                tries=row.attempt,
                next_at=row.run_after if row.state == "waiting" else None,
                error=row.error,
                document_id=documents.get(_about(row.payload), (None, ""))[0],
                title=documents.get(_about(row.payload), (None, ""))[1],
            )
            for row in rows
        ]


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
