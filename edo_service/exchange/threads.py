"""Which document a file of a message belongs to. One message may carry several titles: each is a document of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, String, and_, bindparam, literal, null, select, union_all

from edo_service.documents.rules import Direction, Role
from edo_service.documents.tables import Document, Part
from edo_service.exchange.tables import Annulment
from edo_service.kernel.tables import table_of
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


def _of_message() -> CompoundSelect[Any]:
    """Documents, files and proposals to annul of one owner's message, as (what, id, document, the operator's id, SHA-256, role)."""
    found = []
    for model, document_id, sha256, role in (
        (Document, "id", "content_sha256", None),
        (Part, "document_id", "sha256", "role"),
        (Annulment, "document_id", None, None),
    ):
        table = table_of(model)
        is_there = and_(table.c.owner_id == bindparam("owner_id"), table.c.message_ref == bindparam("message"))
        columns = (
            literal(table.name, String).label("what"),
            table.c.id,
            table.c[document_id].label("document_id"),
            table.c.entity_ref,
            (table.c[sha256] if sha256 else null()).label("sha256"),
            (table.c[role] if role else null()).label("role"),
        )
        found.append(select(*columns).where(is_there))
    return union_all(*found)


_OF_MESSAGE = _of_message()


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

    `titles`: the SHA-256 of each document's own file. `proposals`: the operator's ids of proposals to annul.
    """

    parts: Mapping[str, KnownPart]
    documents: Mapping[str, UUID]
    titles: Mapping[UUID, str]
    proposals: frozenset[str] = frozenset()


def known_of(uow: UnitOfWork, event: port.Event, *, owner_id: UUID) -> Known:
    """Read what is kept of the event's message. A message of ours whose answer we never saw is found by our own id."""
    rows = uow.session.connection().execute(_OF_MESSAGE, {"owner_id": owner_id, "message": event.message_id}).all()
    parts = [row for row in rows if row.what == Part.__tablename__ and row.entity_ref]
    documents = {row.id: row for row in rows if row.what == Document.__tablename__}
    own = {} if not is_ours(event) else {_uuid(one.own_id): one.ref.entity_id for one in event.entities if one.own_id}
    if own:
        ours = select(Document.id, Document.entity_ref, Document.content_sha256.label("sha256")).where(
            Document.id.in_([one for one in own if one]), Document.direction == Direction.OUT.value
        )
        documents |= {row.id: row for row in uow.session.execute(ours) if row.id not in documents}
    return Known(
        parts={
            row.entity_ref: KnownPart(id=row.id, document_id=row.document_id, role=Role(row.role), sha256=row.sha256)
            for row in parts
        },
        documents={row.entity_ref or own.get(row.id, ""): row.id for row in documents.values()},
        titles={row.id: row.sha256 for row in documents.values()},
        proposals=frozenset(row.entity_ref for row in rows if row.what == Annulment.__tablename__ and row.entity_ref),
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
