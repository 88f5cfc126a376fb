"""Searches that a person keeps under a name."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from edo_service.archiving.desk_tables import SavedSearch
from edo_service.errors import Conflict, Forbidden, NotFound
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork


def save_search(name: str, query: Mapping[str, str], *, actor: Actor, uow: UnitOfWork) -> None:
    """Keep the query under the name. Forbidden; Conflict when the person has another search of this name."""
    actor.require(Right.ARCHIVE_SEARCH)
    if actor.user_id is None:
        raise Forbidden("account.no_entity")
    with uow:
        same = select(SavedSearch.id).where(SavedSearch.person_id == actor.user_id, SavedSearch.name == name)
        if uow.session.execute(same).first() is not None:
            raise Conflict("archive.search_name_taken")
        uow.session.add(
            SavedSearch(
                owner_id=actor.entity, person_id=actor.user_id, name=name, query=dict(query), at=uow.clock.now()
            )
        )
        uow.commit()


def forget_search(search_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Forget a search of the person's own. NotFound for one that is absent or another's."""
    actor.require(Right.ARCHIVE_SEARCH)
    with uow:
        own = (SavedSearch.id == search_id, SavedSearch.person_id == actor.user_id)
        row = uow.session.scalars(select(SavedSearch).where(*own)).one_or_none()
        if row is None:
            raise NotFound("archive.search_absent", id=str(search_id))
        uow.session.delete(row)
        uow.commit()
