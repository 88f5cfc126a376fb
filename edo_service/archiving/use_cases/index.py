"""Write words for sets that came before the full text, some at a time."""

from uuid import UUID

from edo_service.archiving import late, words
from edo_service.archiving.taking import take
from edo_service.documents import queries as documents
from edo_service.errors import NotFound, Unavailable
from edo_service.kernel.actor import Actor
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork

INDEX = "archive.index"
AT_ONCE = 50


def promise_words(owner_id: UUID, *, uow: UnitOfWork) -> UUID | None:
    """Promise the writing when there is something to write. Returns the job's id."""
    with uow:
        if not words.unindexed(uow, limit=1) or uow.jobs.is_live(INDEX, str(owner_id)):
            return None
        job = uow.jobs.put(INDEX, owner_id=owner_id, key=str(owner_id), queue="archive")
        uow.commit()
    return job


def write_some(*, actor: Actor, uow: UnitOfWork, objects: ObjectStore) -> bool:
    """Write the words of up to `AT_ONCE` sets. True when there may be more.

    A set whose document cannot be read gets the words of its own row: it must not stop the others.
    """
    with uow.reading() as reading:
        waiting = [(one.id, one.document_id, one.search) for one in words.unindexed(reading, limit=AT_ONCE)]
    for package_id, document_id, known in waiting:
        try:
            with uow.reading() as reading:
                papers = late.annulment_papers(reading, document_id)
            found = words.words_of(documents.card(document_id, uow=uow.reading()), objects, annulments=papers)
        except (NotFound, Unavailable):
            found = words.Words(text=" ".join(words.tokens(known)), marks="")
        with uow:
            package = take(uow, package_id)
            if package.state != "disposed":
                words.write_words(uow, package, found)
                uow.commit()
    if len(waiting) == AT_ONCE:
        with uow:
            uow.jobs.put(INDEX, owner_id=actor.entity, key=str(actor.entity), queue="archive")
            uow.commit()
    return len(waiting) == AT_ONCE
