"""Which document a file of a message belongs to. One message may carry several titles: each is a document of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from edo_service.documents.rules import Direction, Role
from edo_service.documents.tables import Document, Part
from edo_service.kernel.guard import standing
from edo_service.kernel.uow import UnitOfWork
from operators import port
from operators.port import EntityKind

OPENING = frozenset({EntityKind.TITLE, EntityKind.NONFORMALIZED})
WITH_CONTENT = OPENING | {
    EntityKind.BUYER_TITLE,
    EntityKind.RECEIPT,
    EntityKind.CONFIRMATION,
    EntityKind.CORRECTION_REQUEST,
    EntityKind.REJECTION,
}


_DOCUMENTS = standing(select(Document).where(Document.message_ref == bindparam("message")))
_PARTS = standing(select(Part).where(Part.message_ref == bindparam("message")))


@dataclass(frozen=True, kw_only=True)
class KnownPart:
    """A file of the message that is kept already."""

    id: UUID
    document_id: UUID
    role: Role
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is kept of a message: files by the operator's ids; documents by the ids of their titles, or by our own id.

    `titles`: the SHA-256 of each document's own file.
    """

    parts: Mapping[str, KnownPart]
    documents: Mapping[str, UUID]
    titles: Mapping[UUID, str]


def known_of(uow: UnitOfWork, event: port.Event) -> Known:
    """Read what is kept of the event's message. A message of ours whose answer we never saw is found by our own id."""
    own = {} if not is_ours(event) else {_uuid(one.own_id): one.ref.entity_id for one in event.entities if one.own_id}
    message = {"message": event.message_id}
    rows = list(uow.session.scalars(_DOCUMENTS, message))
    if own:
        ours = select(Document).where(
            Document.id.in_([one for one in own if one]), Document.direction == Direction.OUT.value
        )
        rows += [row for row in uow.session.scalars(ours) if row not in rows]
    parts = uow.session.scalars(_PARTS, message).all()
    return Known(
        parts={
            part.entity_ref: KnownPart(
                id=part.id, document_id=part.document_id, role=Role(part.role), sha256=part.sha256
            )
            for part in parts
            if part.entity_ref
        },
        documents={row.entity_ref or own.get(row.id, ""): row.id for row in rows},
        titles={row.id: row.content_sha256 for row in rows},
    )


def is_ours(event: port.Event) -> bool:
    """Whether the message was sent from the very box whose feed is read."""
    return event.from_box is not None and event.from_box.casefold() == event.box.casefold()


def lacks_parent(event: port.Event, known: Known) -> bool:
    """Whether a file or a signature of the event is about one that is not known yet: events may overtake each other."""
    there = known.parts.keys() | {entity.ref.entity_id for entity in event.entities}
    about = [entity for entity in event.entities if entity.kind in WITH_CONTENT or entity.kind is EntityKind.SIGNATURE]
    return any(entity.parent_id is not None and entity.parent_id not in there for entity in about)


def root_of(event: port.Event, entity: port.Entity) -> port.Entity:
    """The entity at the upper end of the chain of parents, as far as the event holds it."""
    there = {one.ref.entity_id: one for one in event.entities}
    seen: set[str] = set()
    here = entity
    while here.parent_id in there and here.ref.entity_id not in seen:
        seen.add(here.ref.entity_id)
        here = there[here.parent_id]
    return here


def document_of(event: port.Event, entity: port.Entity, known: Known) -> UUID | None:
    """The document that the file belongs to; None when it opens a new one, or cannot be told.

    A file whose parent is none that we keep belongs to the message's only document.
    """
    root = root_of(event, entity)
    for name in filter(None, (entity.ref.entity_id, root.parent_id, root.ref.entity_id)):
        if name in known.parts:
            return known.parts[name].document_id
        if name in known.documents:
            return known.documents[name]
    if root.parent_id is None and root.kind in OPENING:
        return None
    return next(iter(known.titles)) if len(known.titles) == 1 else None


def opens(event: port.Event, entity: port.Entity) -> bool:
    """Whether the file hangs on a title of this very event: when that title is new, so is the document."""
    root = root_of(event, entity)
    return root.parent_id is None and root.kind in OPENING and not is_ours(event)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
