"""One look for all the things that a page names."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import InstrumentedAttribute

from edo_service.portal.visitor import Viewer


def rows_of(
    viewer: Viewer, ids: AbstractSet[UUID], key: InstrumentedAttribute[UUID], *columns: InstrumentedAttribute[Any]
) -> Sequence[Row[Any]]:
    """The key and the columns of what the ids name in the viewer's scope; gone and foreign ones are left out."""
    uow = viewer.uow().reading()
    with uow:
        return uow.session.execute(select(key, *columns).where(key.in_(ids))).all()
