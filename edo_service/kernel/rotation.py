"""Sealing what is kept in the database under the newest secret, page by page, so that an interrupted run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, select, update

from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.tables import Base, table_of
from edo_service.kernel.uow import UnitOfWork

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Resealed:
    """The outcome over one column: sealed anew now, under the newest secret already, and ids of what does not open.

    What does not open (damaged, or sealed under a secret that is gone) is left as it is.
    """

    resealed: int
    current: int
    unreadable: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SealedColumn:
    """Where sealed values lie: the table, its column, what each value is bound to, and which rows count.

    `context` is given the row: `id`, `owner_id` and the columns that `needs` names.
    """

    table: type[Base]
    column: str
    context: Callable[[Any], str]
    needs: tuple[str, ...] = ()
    only: tuple[ColumnElement[bool], ...] = ()


def reseal_column(place: SealedColumn, *, secrets: SecretBox, uow: UnitOfWork, dry: bool = False) -> Resealed:
    """Seal every value under the newest secret. One transaction a page; `dry` counts what would be sealed anew.

    A value that somebody changed meanwhile was sealed under the newest secret by that change, and is left alone.
    """
    resealed = current = 0
    unreadable: list[UUID] = []
    after: UUID | None = None
    while True:
        with uow:
            rows = _page(place, after, uow)
            for row in rows:
                sealed = getattr(row, place.column)
                try:
                    fresh = secrets.reseal(sealed, place.context(row))
                except SecretUnreadable:
                    unreadable.append(row.id)
                    continue
                if fresh == sealed:
                    current += 1
                elif dry or _replace(place, row.id, sealed, fresh, uow):
                    resealed += 1
            if not dry:
                uow.commit()
        if len(rows) < PAGE:
            return Resealed(resealed=resealed, current=current, unreadable=tuple(unreadable))
        after = rows[-1].id


def _page(place: SealedColumn, after: UUID | None, uow: UnitOfWork) -> list[Any]:
    table = table_of(place.table)
    columns = [table.c[name] for name in ("id", "owner_id", *place.needs, place.column)]
    query = select(*columns).where(*place.only).order_by(table.c.id).limit(PAGE)
    return list(uow.session.execute(query if after is None else query.where(table.c.id > after)).all())


def _replace(place: SealedColumn, row_id: UUID, old: bytes, fresh: bytes, uow: UnitOfWork) -> bool:
    table = table_of(place.table)
    statement = update(table).where(table.c.id == row_id, table.c[place.column] == old).values({place.column: fresh})
    return cast("CursorResult[Any]", uow.session.execute(statement)).rowcount == 1
