"""News that this service does not understand or could not take: kept whole, shown until a person settles it."""

import hashlib
from uuid import UUID

from sqlalchemy import update

from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.tables import OddEvent
from edo_service.exchange.wire import event_to_json
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.tables import table_of
from edo_service.kernel.uow import UnitOfWork
from operators import port
from operators.port import LONGEST_ID

UNFIT = "Оператор прислал сообщение, идентификаторы которого длиннее допустимых. Портал его не принял"
LONGEST_NAME = 200


def misfit(event: port.Event, *, box: str) -> bool:
    """Whether an identifier of the event is longer than one may be: cut, it would be that of another thing."""
    ids = [event.message_id, event.from_box, event.to_box]
    for entity in event.entities:
        ids += (entity.ref.box, entity.ref.message_id, entity.ref.entity_id, entity.parent_id)
    return len(f"{box}:{event.id}") > LONGEST_NAME or any(len(one or "") > LONGEST_ID for one in ids)


def _known_as(name: str) -> str:
    """The event's id; of one that is too long its beginning and its SHA-256, so that two stay two."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:100]}:{hashlib.sha256(name.encode()).hexdigest()}"


def settle_odd(uow: UnitOfWork, event: port.Event, *reasons: str, account: AccountCard) -> None:
    """What was odd for one of the reasons has been taken after all: nobody has to look at it. In the caller's unit of work."""
    mine = (OddEvent.owner_id == account.owner_id, OddEvent.account_id == account.id, OddEvent.settled_at.is_(None))
    rows = update(OddEvent).where(*mine, OddEvent.external_id == _known_as(event.id), OddEvent.reason.in_(reasons))
    uow.session.execute(rows.values(settled_at=uow.clock.now(), settled_by=""))


def keep_odd(
    uow: UnitOfWork, event: port.Event, reason: str, *, account: AccountCard, document_id: UUID | None = None
) -> bool:
    """Keep the event; False when it is kept already. In the caller's unit of work."""
    values = {
        "id": new_id(),
        "owner_id": account.owner_id,
        "account_id": account.id,
        "external_id": _known_as(event.id),
        "message_id": event.message_id[:120],
        "document_id": document_id,
        "kinds": ", ".join(sorted({entity.raw_type for entity in event.entities}))[:400],
        "reason": reason[:2000],
        "payload": event_to_json(event),
        "happened_at": event.at,
        "noted_at": uow.clock.now(),
    }
    return insert_missing(uow.session, table_of(OddEvent), values, unique=("owner_id", "account_id", "external_id"))
