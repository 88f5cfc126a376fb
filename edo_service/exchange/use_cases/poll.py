"""Read an operator's event feed: each event lands in the inbox with its promise of work, then the cursor moves, together."""

from uuid import UUID

from sqlalchemy import select

from edo_service.errors import Unavailable
from edo_service.exchange.accounts import AccountCard, OperatorFactory, card
from edo_service.exchange.rules import EVENT
from edo_service.exchange.tables import OperatorAccount
from edo_service.exchange.wire import event_to_json
from edo_service.kernel import faults
from edo_service.kernel.uow import UnitOfWork
from operators import port
from operators.errors import OperatorError

PAGE = 100
MAX_PAGES = 50


def poll(account_id: UUID, *, uow: UnitOfWork, operators: OperatorFactory) -> int:
    """Read pages until the feed is empty (at most 50). Returns how many new events landed.

    An event seen twice lands once (inbox). A feed that does not answer is noted on the account and raised.
    """
    landed = 0
    for _ in range(MAX_PAGES):
        with uow:
            row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
            account = card(row) if row is not None and row.state == "connected" else None
        if account is None:
            return landed
        page = _read(account, uow=uow, operators=operators)
        landed += _land(account, page, uow=uow)
        faults.reach("exchange.cursor_moved")
        if not page.more:
            break
    return landed


def _read(account: AccountCard, *, uow: UnitOfWork, operators: OperatorFactory) -> port.Page[port.Event]:
    try:
        return operators(account).events(account.box, account.cursor, limit=PAGE)
    except (OperatorError, Unavailable) as error:
        with uow:
            row = uow.session.get_one(OperatorAccount, account.id)
            row.trouble = str(error)
            row.trouble_since = row.trouble_since or uow.clock.now()
            uow.commit()
        raise


def _land(account: AccountCard, page: port.Page[port.Event], *, uow: UnitOfWork) -> int:
    landed = 0
    with uow:
        row = uow.session.get_one(OperatorAccount, account.id)
        if row.cursor != account.cursor:
            return 0
        for event in page.items:
            payload = event_to_json(event)
            if not uow.inbox.put(f"{account.operator}:{account.box}", event.id, payload, owner_id=account.owner_id):
                continue
            landed += 1
            uow.jobs.put(
                EVENT,
                owner_id=account.owner_id,
                key=f"{account.box}:{event.id}",
                queue="exchange",
                payload={"account_id": str(account.id), "event": payload},
            )
        if page.next is not None:
            row.cursor = page.next
        row.polled_at, row.trouble, row.trouble_since = uow.clock.now(), None, None
        uow.commit()
    return landed
