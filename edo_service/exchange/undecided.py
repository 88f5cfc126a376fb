"""Signatures and powers that could not be decided when they came, and the promise to look again. In the caller's unit of work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from edo_service.documents import papers
from edo_service.documents.tables import Document, Part, Signature
from edo_service.exchange.incoming import Fetched
from edo_service.exchange.rules import RECHECK
from edo_service.kernel.uow import UnitOfWork
from edo_service.trust.judge import CERTIFICATE_HOLD, REVOCATION_UNKNOWN

FIRST: Final = timedelta(minutes=10)
SLOWEST: Final = timedelta(days=1)
FOR: Final = timedelta(days=30)
"""How long after a document came in it is looked at again; then a person decides by what the card says."""
MAY_COME: Final = REVOCATION_UNKNOWN | {"NO_CERTIFICATE_CHAIN_FOUND", CERTIFICATE_HOLD}
"""Sub-indications that time may heal: a list of revocations is fetched, an administrator adds an anchor, a
suspended certificate is released."""
POWER_UNKNOWN: Final = "exchange.signed_by_power"


def pause(tries: int) -> timedelta:
    """Ten minutes after the first look, then twice as long each time, a day at most."""
    return min(FIRST * int(2 ** min(tries, 10)), SLOWEST)


def may_stay(item: Fetched) -> bool:
    """Whether something about a file that has just come may be left open: its signatures, or a power that it cites."""
    return item.undecided or (item.reading is not None and bool(papers.powers_in(item.reading)))


def promise_recheck(uow: UnitOfWork, document: Document) -> None:
    """Promise to look again while something about the document's files is not decided; nothing for a set that is handed over."""
    if document.archive == "not_yet" and undecided(uow, document):
        uow.jobs.put(
            RECHECK,
            owner_id=document.owner_id,
            key=str(document.id),
            queue="exchange",
            run_after=uow.clock.now() + FIRST,
            payload={"document_id": str(document.id)},
        )


def is_over(document: Document, now: datetime) -> bool:
    """Whether looking again has gone on for long enough."""
    return now >= (document.arrived_at or document.created_at) + FOR


def undecided(uow: UnitOfWork, document: Document) -> Sequence[tuple[Part, Sequence[Signature]]]:
    """Files with the signatures that are to be judged anew: all of a file whose power could not be judged."""
    query = (
        select(Part, Signature)
        .join(Part, Part.id == Signature.part_id)
        .where(Signature.document_id == document.id, Part.discarded_at.is_(None))
        .where(Signature.state == "received", Signature.sha256.is_not(None))
        .where(or_(Signature.indication == "INDETERMINATE", Part.objection.startswith(POWER_UNKNOWN)))
        .order_by(Part.created_at, Part.id, Signature.id)
    )
    found: dict[UUID, tuple[Part, list[Signature]]] = {}
    for part, row in uow.session.execute(query):
        if _may_heal(row) or (part.objection or "").partition(" ")[0] == POWER_UNKNOWN:
            found.setdefault(part.id, (part, []))[1].append(row)
    return list(found.values())


def _may_heal(row: Signature) -> bool:
    return row.indication == "INDETERMINATE" and row.sub_indication in MAY_COME
