"""Read the operator's list of counterparties into our rows, page by page."""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import select

from edo_service.errors import Conflict, Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import OperatorFactory, card
from edo_service.exchange.lives import WORKING
from edo_service.exchange.rules import RELATIONS_EVERY, RELATIONS_SOON
from edo_service.exchange.tables import OperatorAccount, Relation
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from operators.errors import BadAnswer, CursorLost, OperatorError
from operators.port import Capability

MAX_PAGES = 200
AWAITED = ("invited", "inviting")


def relations_due(account_id: UUID, *, uow: UnitOfWork) -> bool:
    """Whether the list should be read now: every ten minutes, every half a minute while somebody's answer is awaited."""
    with uow:
        row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
        if row is None or row.state not in WORKING:
            return False
        if row.relations_at is None:
            return True
        awaited = row.state in {"invited", "confirm"} or _is_awaited(uow, account_id)
        return uow.clock.now() >= row.relations_at + (RELATIONS_SOON if awaited else RELATIONS_EVERY)


def _is_awaited(uow: UnitOfWork, account_id: UUID) -> bool:
    query = select(Relation.id).where(Relation.account_id == account_id, Relation.state.in_(AWAITED)).limit(1)
    return uow.session.execute(query).first() is not None


def ask_about_invitation(account_id: UUID, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory) -> None:
    """Ask the operator now how the invitation stands, because somebody is looking. Silence changes nothing. Forbidden."""
    actor.require(Right.OPERATORS)
    clerk = Actor.automatic("exchange.poll", actor.entity)  # an invitation moves by the operator's word only
    with suppress(OperatorError, Unavailable, Conflict):
        refresh_relations(account_id, actor=clerk, uow=uow, operators=operators)


def refresh_relations(account_id: UUID, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory) -> int:
    """Read the whole list (at most 200 pages). Returns how many lines were seen; 0 for an operator without a list.

    A list that forgets our place is read anew once. A line that cannot be kept is left out, and BadAnswer tells of it when
    all others are taken. Raises OperatorError, Unavailable.
    """
    with uow:
        row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
        account = card(row) if row is not None and row.state in WORKING else None
    if account is None:
        return 0
    operator, seen, cursor, again = operators(account), 0, None, True
    wrong: BadAnswer | None = None
    if Capability.RELATIONS in operator.capabilities:
        for _ in range(MAX_PAGES):
            try:
                page = operator.relations(account.box, cursor=cursor)
            except CursorLost:
                if not again:
                    raise
                cursor, again = None, False
                continue
            with uow:
                for line in page.items:
                    try:
                        relations.take_news(uow, account, line, actor=actor)
                    except BadAnswer as error:
                        wrong = wrong or error
                uow.commit()
            seen += len(page.items)
            if not page.items or not page.more or page.next is None:
                break
            cursor = page.next
    with uow:
        uow.session.get_one(OperatorAccount, account_id).relations_at = uow.clock.now()
        uow.commit()
    if wrong is not None:
        raise wrong
    return seen
