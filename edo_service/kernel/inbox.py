"""What arrives from outside lands here first, once: `(source, external_id)` is unique per owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from edo_service.kernel.clock import Clock
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.tables import Base, Identified, Owned, table_of


class InboxItem(Identified, Owned, Base):
    """One thing received: `source` names the feed (`diadoc:<box>`), `external_id` the thing in the source's words."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        UniqueConstraint("owner_id", "source", "external_id"),
        Index("ix_inbox_item_unhandled", "owner_id", "source", "handled_at"),
    )

    source: Mapped[str] = mapped_column(String(120))
    external_id: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


_item = table_of(InboxItem)
_SETTLED = update(_item).where(
    _item.c.owner_id == bindparam("owner"),
    _item.c.source == bindparam("feed"),
    _item.c.external_id == bindparam("name"),
)


class Inbox:
    """`uow.inbox`."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def put(self, source: str, external_id: str, payload: Mapping[str, Any], owner_id: UUID) -> bool:
        """Keep a thing received; False when it is there already (then nothing changes)."""
        values = {
            "id": new_id(),
            "owner_id": owner_id,
            "source": source,
            "external_id": external_id,
            "payload": dict(payload),
            "received_at": self._clock.now(),
        }
        return insert_missing(self._session, table_of(InboxItem), values, unique=("owner_id", "source", "external_id"))

    def waiting(self, source: str, *, limit: int = 100) -> list[InboxItem]:
        """Return what has not been handled yet, oldest first."""
        found = select(InboxItem).where(InboxItem.source == source, InboxItem.handled_at.is_(None))
        return list(self._session.scalars(found.order_by(InboxItem.id).limit(limit)))

    def settle(self, source: str, external_id: str, owner_id: UUID) -> None:
        """Mark a thing as handled by its names, in the transaction that holds its effects; one that is absent is none."""
        one = {"owner": owner_id, "feed": source, "name": external_id}
        self._session.connection().execute(_SETTLED, {**one, "handled_at": self._clock.now()})

    def handled(self, item: InboxItem) -> None:
        """Mark a thing as handled, in the transaction that holds its effects."""
        item.handled_at = self._clock.now()
