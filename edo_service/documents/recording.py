"""What every verb of this area does to the rows: add a file, add a signature, move a life, notice that a set is complete.

These are plain functions inside the caller's unit of work; none commits and none touches the network.
"""

from uuid import UUID

from sqlalchemy import select

from edo_service.documents import completeness, rules
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import NotFound
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.kernel.workflow import Workflow

SIGNATURE_STATES_WITH_BYTES = ("made", "received")
SIGNED = "document.signed"
FINISHED = "document.finished"
LATE = "document.late"
_IN_ARCHIVE = frozenset({"handing_over", "failed", "kept"})
_REQUISITES = ("file_id", "correction", "corrected")
"""Facts by which papers that correct or adjust each other are tied: they outlive the content."""
LIVES: dict[str, Workflow] = {
    "delivery": rules.DELIVERY,
    "receipt": rules.RECEIPT,
    "response": rules.RESPONSE,
    "correction": rules.CORRECTION,
    "archive": rules.ARCHIVE,
}


def take(uow: UnitOfWork, document_id: UUID) -> Document:
    """Read the document of the current scope. Absent and foreign are the same error: NotFound; so is a discarded draft."""
    document = take_or_stub(uow, document_id)
    if document.delivery == rules.DISCARDED:
        raise NotFound("document.document_absent", id=str(document_id))
    return document


def take_or_stub(uow: UnitOfWork, document_id: UUID) -> Document:
    """As `take`; of a discarded draft the stub that is kept for the journal."""
    document = uow.session.scalars(select(Document).where(Document.id == document_id)).one_or_none()
    if document is None:
        raise NotFound("document.document_absent", id=str(document_id))
    return document


def live_parts(uow: UnitOfWork, document: Document) -> list[Part]:
    """Files that count: those discarded by a change of mind are left out. Oldest first."""
    rows = uow.session.scalars(
        select(Part)
        .where(Part.document_id == document.id, Part.discarded_at.is_(None))
        .order_by(Part.created_at, Part.id)
    )
    return list(rows)


def part_of_role(uow: UnitOfWork, document: Document, *roles: rules.Role) -> Part | None:
    """The newest live file with one of the roles, or None."""
    names = [role.value for role in roles]
    found = [part for part in live_parts(uow, document) if part.role in names]
    return found[-1] if found else None


def main_part(uow: UnitOfWork, document: Document) -> Part:
    """The file that the document is about: the seller's title or the contract itself."""
    part = part_of_role(uow, document, rules.Role.SELLER_TITLE, rules.Role.CONTRACT)
    if part is None:
        raise NotFound("document.part_absent", id=str(document.id))
    return part


def signatures_of(uow: UnitOfWork, document: Document) -> list[Signature]:
    """All signatures of the document, oldest first, intended ones included."""
    return list(
        uow.session.scalars(
            select(Signature).where(Signature.document_id == document.id).order_by(Signature.created_at, Signature.id)
        )
    )


def add_part(  # noqa: PLR0913 - the columns of the row
    uow: UnitOfWork,
    document: Document,
    *,
    role: rules.Role,
    origin: rules.Origin,
    file_name: str,
    media_type: str,
    sha256: str,
    size: int,
    parent: Part | None = None,
    message_ref: str | None = None,
    entity_ref: str | None = None,
) -> Part:
    """Write the row of a file whose bytes already lie in the object store."""
    part = Part(
        owner_id=document.owner_id,
        document_id=document.id,
        parent_id=parent.id if parent else None,
        role=role.value,
        origin=origin.value,
        file_name=file_name,
        media_type=media_type,
        sha256=sha256,
        size=size,
        message_ref=message_ref,
        entity_ref=entity_ref,
        created_at=uow.clock.now(),
    )
    uow.session.add(part)
    tell_late(uow, document)
    return part


def freeze(
    uow: UnitOfWork,
    document: Document,
    *,
    role: rules.Role,
    file_name: str,
    content: bytes,
    sha256: str,
    media_type: str = "application/xml",
) -> Part:
    """Write the row of a file that we have made about the document's main one; from here on its bytes do not change."""
    return add_part(
        uow,
        document,
        role=role,
        origin=rules.Origin.OURS,
        file_name=file_name,
        media_type=media_type,
        sha256=sha256,
        size=len(content),
        parent=main_part(uow, document),
    )


def is_sending(uow: UnitOfWork, box: str) -> bool:
    """Whether a document is being sent from the box and nobody knows yet whether the operator has it."""
    asked = select(Document.id).where(
        Document.box == box, Document.direction == rules.Direction.OUT.value, Document.delivery.in_(rules.CALLED)
    )
    return uow.session.execute(asked.limit(1)).first() is not None


def move(uow: UnitOfWork, document: Document, life: str, event: str, *, actor: Actor) -> None:
    """Move one life of the document by its table; Conflict when the table has no such move."""
    workflow.move(uow.session, document, life, event, LIVES[life], actor=actor, at=uow.clock.now())
    if life != "archive":
        tell_late(uow, document)


def tell_late(uow: UnitOfWork, document: Document) -> None:
    """Promise that what comes after the set was put together joins it in the archive; nothing before that."""
    if document.archive in _IN_ARCHIVE:
        about = {"document_id": str(document.id)}
        uow.jobs.put(LATE, owner_id=document.owner_id, key=str(document.id), queue="archive", payload=about)


def move_if_possible(uow: UnitOfWork, document: Document, life: str, event: str, *, actor: Actor) -> bool:
    """Move when the table allows it. News from outside may come late or twice; a late one changes nothing."""
    if not LIVES[life].allows(getattr(document, life), event):
        return False
    move(uow, document, life, event, actor=actor)
    return True


def forget_content(uow: UnitOfWork, document: Document) -> None:
    """Forget what the rows of a disposed document told of its content; repeating changes nothing.

    What stays says that there was such a document: kind, number, date, title, counterparty, sum, who did what and when,
    names and hashes of the files. The lines, sums of tax, reasons, people of the signatures and their verdicts go.
    """
    document.facts = {name: document.facts[name] for name in _REQUISITES if name in document.facts}
    document.vat = document.refusal_reason = document.trouble = None
    document.search = f"{document.title} {document.counterparty_name} {document.counterparty_inn}"
    for row in signatures_of(uow, document):
        if document.disposed_at is not None and row.created_at <= document.disposed_at:
            row.verdict = row.signer_name = row.signer_inn = None


def part_summaries(parts: list[Part], signatures: list[Signature]) -> list[completeness.PartSummary]:
    """The files as the completeness rule sees them."""
    roles = {part.id: rules.Role(part.role) for part in parts}
    signed = {row.part_id for row in signatures if row.state in SIGNATURE_STATES_WITH_BYTES}
    return [
        completeness.PartSummary(
            role=rules.Role(part.role),
            origin=rules.Origin(part.origin),
            parent=roles.get(part.parent_id) if part.parent_id else None,
            signed=part.id in signed,
        )
        for part in parts
    ]


def lives_of(document: Document) -> dict[str, str]:
    """The state of each of the document's lives."""
    return {name: getattr(document, name) for name in LIVES}


def missing(uow: UnitOfWork, document: Document) -> tuple[str, ...]:
    """What the set still lacks before it may be archived (completeness.missing_for_archive)."""
    return completeness.missing_for_archive(
        direction=rules.Direction(document.direction),
        kind=rules.Kind(document.kind),
        route=rules.Route(document.route),
        lives=lives_of(document),
        parts=part_summaries(live_parts(uow, document), signatures_of(uow, document)),
    )


def finish_if_complete(uow: UnitOfWork, document: Document, *, actor: Actor) -> bool:
    """Promise the hand-over to the archive as soon as the set is complete. True when it was promised now."""
    direction = rules.Direction(document.direction)
    if document.archive != "not_yet" or completeness.unfinished_lives(direction, lives_of(document)):
        return False
    if missing(uow, document):
        return False
    move(uow, document, "archive", rules.ArchiveEvent.FINISH, actor=actor)
    uow.jobs.put(
        FINISHED,
        owner_id=document.owner_id,
        key=str(document.id),
        queue="archive",
        payload={"document_id": str(document.id)},
    )
    return True


def announce_signed(uow: UnitOfWork, signature: Signature) -> None:
    """Tell the upper areas that a signature of ours is ready: whoever carries documents picks it up."""
    uow.jobs.put(
        SIGNED,
        owner_id=signature.owner_id,
        key=str(signature.id),
        queue="exchange",
        payload={
            "document_id": str(signature.document_id),
            "part_id": str(signature.part_id),
            "signature_id": str(signature.id),
        },
    )


def intend_signature(
    uow: UnitOfWork, part: Part, *, means: str, key_id: UUID | None, person_id: UUID | None
) -> Signature:
    """Store what will be signed before it is signed; a second intent for the same file is the same row."""
    found = uow.session.scalars(
        select(Signature).where(Signature.part_id == part.id, Signature.means != "received")
    ).one_or_none()
    if found is not None:
        if found.state == "intended":
            found.means, found.key_id, found.person_id = means, key_id, person_id
        return found
    row = Signature(
        owner_id=part.owner_id,
        document_id=part.document_id,
        part_id=part.id,
        origin=rules.Origin.OURS.value,
        state="intended",
        means=means,
        key_id=key_id,
        person_id=person_id,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    return row
