"""One look for all the things that a page names, or that somebody seeks by name."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import InstrumentedAttribute

from edo_service.kernel.tables import fold
from edo_service.portal.visitor import Viewer

MOST_FOUND = 500
"""A word that names more than this is too general: the newest are found."""


def rows_of(
    viewer: Viewer, ids: AbstractSet[UUID], key: InstrumentedAttribute[UUID], *columns: InstrumentedAttribute[Any]
) -> Sequence[Row[Any]]:
    """The key and the columns of what the ids name in the viewer's scope; gone and foreign ones are left out."""
    uow = viewer.uow().reading()
    with uow:
        return uow.session.execute(select(key, *columns).where(key.in_(ids))).all()


def found_by(
    viewer: Viewer, word: str, key: InstrumentedAttribute[UUID], search: InstrumentedAttribute[str]
) -> Sequence[UUID]:
    """Ids of what the word is found in, in the viewer's scope: the newest first, one more than `MOST_FOUND` at most."""
    query = select(key).where(search.contains(fold(word), autoescape=True)).order_by(key.desc()).limit(MOST_FOUND + 1)
    uow = viewer.uow().reading()
    with uow:
        return uow.session.scalars(query).all()
