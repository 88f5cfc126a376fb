"""Read an operator's event feed: each event lands in the inbox with its promise of work, then the cursor moves, together."""

from uuid import UUID

from sqlalchemy import select

from edo_service.errors import Unavailable
from edo_service.exchange import odd
from edo_service.exchange.accounts import AccountCard, OperatorFactory, card
from edo_service.exchange.lives import WORKING
from edo_service.exchange.rules import EVENT, RESYNC_OVERLAP
from edo_service.exchange.tables import OperatorAccount
from edo_service.exchange.wire import event_to_json
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from operators import port
from operators.errors import BadAnswer, CursorLost, OperatorError

PAGE = 100
FIRST_PAGE = 25
"""The first page is short: other workers begin to take its events while the next one is read."""
MAX_PAGES = 50
LONGEST_CURSOR = 400


def poll(account_id: UUID, *, uow: UnitOfWork, operators: OperatorFactory) -> int:
    """Read pages until the feed is empty (at most 50). Returns how many new events landed.

    An event seen twice lands once (inbox). A feed that does not answer is noted on the account and raised. A feed that
    has forgotten our place is read anew by time, a day before the newest event that we have seen: what comes again lands
    no second time.
    """
    landed = 0
    for number in range(MAX_PAGES):
        with uow:
            row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
            account = card(row) if row is not None and row.state in WORKING else None
        if account is None:
            return landed
        try:
            page = _read(account, limit=PAGE if number else FIRST_PAGE, uow=uow, operators=operators)
        except CursorLost as error:
            if account.cursor is None:
                raise
            _forget_place(account, error, uow=uow)
            continue
        landed += _land(account, page, uow=uow)
        faults.reach("exchange.cursor_moved")
        if not page.more:
            break
    return landed


def _read(account: AccountCard, *, limit: int, uow: UnitOfWork, operators: OperatorFactory) -> port.Page[port.Event]:
    try:
        since = account.resync_from if account.cursor is None else None
        page = operators(account).events(account.box, account.cursor, limit=limit, since=since)
        if len(page.next or "") > LONGEST_CURSOR:
            raise BadAnswer("the feed's cursor is longer than one may be")
    except (OperatorError, Unavailable) as error:
        if isinstance(error, CursorLost) and account.cursor is not None:
            raise
        with uow:
            row = uow.session.get_one(OperatorAccount, account.id)
            row.trouble, row.trace_id = f"{type(error).__name__}: {error}", getattr(error, "trace_id", None)
            row.trouble_since = row.trouble_since or uow.clock.now()
            uow.commit()
        raise
    return page


def _forget_place(account: AccountCard, error: CursorLost, *, uow: UnitOfWork) -> None:
    """Begin the feed anew by time: from the newest event we have seen (else from the beginning of the connection)."""
    with uow:
        row = uow.session.get_one(OperatorAccount, account.id)
        if row.cursor != account.cursor:
            return
        row.cursor = None
        row.resync_from = (row.last_event_at or row.created_at) - RESYNC_OVERLAP
        uow.journal.write(
            "exchange.cursor_lost",
            owner_id=account.owner_id,
            subject=f"operator_account:{account.id}",
            actor=Actor.automatic("exchange.poll", account.owner_id),
            since=row.resync_from.isoformat(),
            reason=str(error),
        )
        uow.commit()


def _land(account: AccountCard, page: port.Page[port.Event], *, uow: UnitOfWork) -> int:
    landed = 0
    with uow:
        row = uow.session.get_one(OperatorAccount, account.id)
        if row.cursor != account.cursor:
            return 0
        for event in page.items:
            if odd.misfit(event, box=account.box):
                odd.keep_odd(uow, event, odd.UNFIT, account=account)
                continue
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
        newest = max((event.at for event in page.items), default=None)
        if newest is not None and (row.last_event_at is None or newest > row.last_event_at):
            row.last_event_at = newest
        if page.next is not None:
            row.cursor, row.resync_from = page.next, None
        row.polled_at, row.trouble, row.trouble_since, row.trace_id = uow.clock.now(), None, None, None
        uow.commit()
    return landed
