"""Documents whose deadline has come or is near, by the production calendar. Inside the caller's unit of work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from edo_service.documents.rules import AWAITED, FORMAL, IN_DOUBT, Direction
from edo_service.documents.tables import Document
from edo_service.kernel.calendar import MOSCOW, add_business_days, moscow_date
from edo_service.kernel.uow import UnitOfWork

SOON_DAYS = 2
MOST = 200
UNANSWERED = ("required", "prepared", "refusal_prepared")
UNACKNOWLEDGED = ("required", "prepared")
CONFIRMATION_DAYS = 1
"""Business days an operator that has taken our document has to confirm it; then it is worth asking."""
What = Literal["answer", "receipt", "confirmation"]


@dataclass(frozen=True, kw_only=True)
class Due:
    """A document that waits for us, or one of ours for the operator's confirmation (ПДП, ПДО): for what, and until when."""

    document_id: UUID
    owner_id: UUID
    title: str
    counterparty: str
    what: What
    due: date
    reminded_on: date | None


def due_documents(uow: UnitOfWork, *, today: date) -> Sequence[Due]:
    """What is due within two business days from today, or overdue; the earliest deadline first.

    Incoming documents that we owe an answer or a receipt, and ours that the operator has taken and not confirmed
    in time. An answer is not due while a correction is awaited.
    """
    until = add_business_days(today, SOON_DAYS)
    receipt = and_(Document.receipt.in_(UNACKNOWLEDGED), Document.receipt_due <= until)
    first = func.coalesce(Document.answer_due, Document.receipt_due)
    found = []
    for row in uow.session.scalars(_incoming(or_(_answer_due(until), receipt)).order_by(first, Document.id)).all():
        if _owes_answer(row) and row.answer_due is not None and row.answer_due <= until:
            found.append(_due(row, "answer", row.answer_due))
        if row.receipt in UNACKNOWLEDGED and row.receipt_due is not None and row.receipt_due <= until:
            found.append(_due(row, "receipt", row.receipt_due))
    return sorted([*found, *_unconfirmed(uow, today=today)], key=lambda one: (one.due, one.title))


def unreminded(uow: UnitOfWork, *, today: date) -> Sequence[Document]:
    """The next `MOST` documents of which nobody has been reminded today: the answer is due or overdue, the receipt overdue.

    A receipt is due the day after a document came and mostly goes by itself: only one that did not is reminded of. Those of
    yesterday never stand in the way of others, however many they are.
    """
    receipt = and_(Document.receipt.in_(UNACKNOWLEDGED), Document.receipt_due < today)
    fresh = or_(Document.reminded_on.is_(None), Document.reminded_on != today)
    due = or_(_answer_due(add_business_days(today, SOON_DAYS)), receipt)
    first = func.coalesce(Document.answer_due, Document.receipt_due)
    return uow.session.scalars(_incoming(due, fresh).order_by(first, Document.id)).all()


def late_receipt(row: Document, *, today: date) -> date | None:
    """The deadline of a receipt that is overdue, else None."""
    if row.receipt not in UNACKNOWLEDGED or row.receipt_due is None or row.receipt_due >= today:
        return None
    return row.receipt_due


def near_answer(row: Document, *, today: date) -> date | None:
    """The deadline of an answer that we owe within two business days, or that is overdue; else None."""
    if not _owes_answer(row) or row.answer_due is None or row.answer_due > add_business_days(today, SOON_DAYS):
        return None
    return row.answer_due


def _unconfirmed(uow: UnitOfWork, *, today: date) -> Iterator[Due]:
    """Our titles without the operator's confirmation although its business day is over. A contract gets none."""
    before = datetime.combine(today - timedelta(days=CONFIRMATION_DAYS), time.min, tzinfo=MOSCOW)
    rows = uow.session.scalars(
        select(Document)
        .where(
            Document.direction == Direction.OUT.value,
            Document.delivery == "accepted",
            Document.kind.in_(FORMAL),
            Document.sent_at < before,
        )
        .order_by(Document.sent_at, Document.id)
        .limit(MOST)
    )
    for row in rows:
        due = None if row.sent_at is None else add_business_days(moscow_date(row.sent_at), CONFIRMATION_DAYS)
        if due is not None and due < today:
            yield _due(row, "confirmation", due)


def _incoming(*conditions: ColumnElement[bool]) -> Select[Document]:
    return select(Document).where(Document.direction == "in", *conditions).limit(MOST)


def _answer_due(until: date) -> ColumnElement[bool]:
    """`_owes_answer` in SQL, with the deadline."""
    return and_(
        Document.response.in_(UNANSWERED),
        Document.answer_due <= until,
        Document.delivery != IN_DOUBT,
        Document.correction.not_in(AWAITED),
    )


def _owes_answer(row: Document) -> bool:
    return row.response in UNANSWERED and row.delivery != IN_DOUBT and row.correction not in AWAITED


def _due(row: Document, what: What, due: date) -> Due:
    return Due(
        document_id=row.id,
        owner_id=row.owner_id,
        title=row.title,
        counterparty=row.counterparty_name,
        what=what,
        due=due,
        reminded_on=row.reminded_on,
    )
