"""Reads of what is not in the archive yet: which sets lack what, which are overdue; by keyset pages, exact counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, literal_column, not_, or_, select

from edo_service.documents import recording
from edo_service.documents.queries import to_decide
from edo_service.documents.rules import ANSWERED_IN, ANSWERED_OUT, DECISION, DISCARDED, Role
from edo_service.documents.tables import Document
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork

CONFIRMATION = "confirmation"
_WAITING: tuple[ColumnElement[bool], ...] = (
    Document.archive == literal_column("'not_yet'"),  # as the partial index says it: a parameter would pass it by
    Document.delivery.not_in(("draft", DISCARDED)),
)
_RECEIPT_OPEN = Document.receipt.not_in(("not_needed", "received", "confirmed", "told"))
_ANSWER_BELONGS = case(
    (Document.correction == "corrected", Document.response.in_((*ANSWERED_IN, *ANSWERED_OUT, "signing", "refusing"))),
    else_=Document.response != "not_needed",
)
_ANSWER_OPEN = and_(
    _ANSWER_BELONGS,
    case(
        (Document.direction == "out", Document.response.not_in(tuple(ANSWERED_OUT))),
        else_=Document.response.not_in(tuple(ANSWERED_IN)),
    ),
)
_LIVES: Mapping[str, ColumnElement[bool]] = {
    "delivery": and_(Document.direction == "out", Document.delivery != "delivered"),
    DECISION: to_decide(),
    "response": _ANSWER_OPEN,
    Role.CORRECTION_REQUEST.value: Document.correction.in_(("prepared", "asking")),
    Role.RECEIPT_NOTICE.value: _RECEIPT_OPEN,
}
"""`documents.completeness.unfinished_lives`, said for the database; a test holds both together."""
MISSING: Mapping[str, ColumnElement[bool]] = {**_LIVES, CONFIRMATION: not_(or_(*_LIVES.values()))}
"""What a set may be narrowed to by: a life that is not finished, or else only files that the operator still owes."""


@dataclass(frozen=True, kw_only=True)
class Incomplete:
    """A document that is not in the archive yet: what is missing, and the nearest day on which something of it is due."""

    id: UUID
    title: str
    direction: str
    counterparty_name: str
    counterparty_inn: str
    dated: date
    lives: Mapping[str, str]
    missing: Sequence[str]
    due: date | None
    late: bool


@dataclass(frozen=True, kw_only=True)
class IncompleteWish:
    """What is asked for; empty fields do not narrow. `after`: (late, date, id) of the last row already shown."""

    missing: str = ""
    counterparty: str = ""
    late: bool = False
    after: tuple[bool, date, UUID] | None = None
    limit: int = 25


@dataclass(frozen=True, kw_only=True)
class IncompleteSets:
    """A page of them, the overdue first, with the exact counts of all that was asked for, and which of it lacks what."""

    rows: Sequence[Incomplete]
    found: int
    late: int
    more: bool
    missing: Mapping[str, int]


def incomplete(wish: IncompleteWish, *, today: date, uow: UnitOfWork) -> IncompleteSets:
    """Documents under way whose sets lack something: a receipt notice, a signature, a confirmation."""
    late = _late(today)
    conditions = [*_WAITING, *_narrowed(wish, late)]
    by_kind = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in MISSING.values()]
    with uow:
        counted = uow.session.execute(
            select(func.count(Document.id), func.coalesce(func.sum(case((late, 1), else_=0)), 0), *by_kind).where(
                *conditions
            )
        ).one()
        order = case((late, 0), else_=1)
        query = select(Document, late).where(*conditions)
        if wish.after is not None:
            was_late, day, last = wish.after
            place = 0 if was_late else 1
            same = order == literal(place)
            later_day = or_(Document.dated > day, and_(Document.dated == day, Document.id > last))
            query = query.where(or_(order > literal(place), and_(same, later_day)))
        rows = uow.session.execute(query.order_by(order, Document.dated, Document.id).limit(wish.limit + 1)).all()
        shown = [_incomplete(uow, row[0], late=bool(row[1])) for row in rows[: wish.limit]]
    return IncompleteSets(
        rows=shown,
        found=counted[0],
        late=int(counted[1]),
        more=len(rows) > wish.limit,
        missing={name: int(count) for name, count in zip(MISSING, counted[2:], strict=True)},
    )


def count_overdue(*, today: date, uow: UnitOfWork) -> int:
    """How many sets that are not in the archive yet wait for something past its day: the number of the menu and of home."""
    with uow:
        return uow.session.execute(select(func.count(Document.id)).where(*_WAITING, _late(today))).scalar_one()


def _late(today: date) -> ColumnElement[bool]:
    """Something that is still open was due before today."""
    receipt = and_(_RECEIPT_OPEN, Document.receipt_due < today)
    return func.coalesce(or_(receipt, and_(_ANSWER_OPEN, Document.answer_due < today)), False)


def _narrowed(wish: IncompleteWish, late: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.missing in MISSING:
        found.append(MISSING[wish.missing])
    for word in wish.counterparty.split():
        is_inn = word.isdigit()
        name, text = (Document.counterparty_inn, word) if is_inn else (Document.search, fold(word))
        found.append(name.startswith(text, autoescape=True) if is_inn else name.contains(text, autoescape=True))
    if wish.late:
        found.append(late)
    return found


def _incomplete(uow: UnitOfWork, row: Document, *, late: bool) -> Incomplete:
    missing = recording.missing(uow, row)
    days = [(row.receipt_due, Role.RECEIPT_NOTICE.value), (row.answer_due, "response")]
    return Incomplete(
        id=row.id,
        title=row.title,
        direction=row.direction,
        counterparty_name=row.counterparty_name,
        counterparty_inn=row.counterparty_inn,
        dated=row.dated,
        lives=recording.lives_of(row),
        missing=missing,
        due=min((day for day, what in days if day is not None and what in missing), default=None),
        late=late,
    )
