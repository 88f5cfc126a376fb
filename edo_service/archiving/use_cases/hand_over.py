"""Hand a finished set over to the archive: assemble once (the manifest is the intent), deposit, record.

A crash before the assembly is recorded leaves nothing in the archive; a crash after it repeats the same bytes, and the
store keeps each content once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import archive
from edo_service.archiving import rules, words
from edo_service.archiving.assembly import Gatherer
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import RetentionChange
from edo_service.archiving.sealing import Shelved, facts_of, powers_of, seal
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.taking import set_of_document
from edo_service.archiving.use_cases.hold import promise_protection
from edo_service.documents import queries as documents
from edo_service.documents import recording
from edo_service.documents.queries import Card, PartCard
from edo_service.documents.rules import ArchiveEvent, Role
from edo_service.errors import Conflict, Unavailable
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """A package ready to be deposited."""

    package_id: UUID
    owner_id: UUID
    retain_until: datetime
    parts: tuple[Shelved, ...]


def hand_over(document_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> UUID:
    """Archive the finished set of the document. Returns the package's id; repeating returns the same one.

    Raises Conflict when the set is not finished, Unavailable when the store or the TSA does not answer.
    """
    assembled = _assembled(document_id, uow=uow) or _assemble(document_id, actor=actor, uow=uow, desk=desk)
    faults.reach("archiving.collected")
    _deposit(assembled, desk)
    faults.reach("archiving.deposited")
    with uow:
        package = uow.session.get_one(Package, assembled.package_id)
        document = recording.take(uow, document_id)
        if package.state == "kept":  # handed over once more, by a person's decision
            if recording.move_if_possible(uow, document, "archive", ArchiveEvent.KEEP, actor=actor):
                document.trouble = None
                uow.commit()
            return package.id
        package.state, package.kept_at, package.trouble = "kept", uow.clock.now(), None
        if _moved_on(uow, package.id):  # the parts lie under the term of the assembly
            promise_protection(uow, package.owner_id)
        recording.move(uow, document, "archive", ArchiveEvent.KEEP, actor=actor)
        document.trouble = None
        uow.journal.write(
            "archive.kept",
            owner_id=package.owner_id,
            subject=f"package:{package.id}",
            actor=actor,
            document_id=str(document_id),
            manifest_sha256=package.manifest_sha256,
            retain_until=package.retain_until.isoformat(),
        )
        uow.commit()
    faults.reach("archiving.recorded")
    return assembled.package_id


def _moved_on(uow: UnitOfWork, package_id: UUID) -> bool:
    """Whether somebody moved the term on and the store has not heard of it."""
    waits = (RetentionChange.package_id == package_id, RetentionChange.applied_at.is_(None))
    return uow.session.execute(select(RetentionChange.id).where(*waits).limit(1)).first() is not None


def note_trouble(document_id: UUID, trouble: str, *, actor: Actor, uow: UnitOfWork) -> None:
    """Show on the card why the set is not kept yet; said and journalled once, not at every try."""
    with uow:
        document = recording.take(uow, document_id)
        if document.trouble == trouble:
            return
        document.trouble = trouble
        uow.journal.write(
            "archive.delayed",
            owner_id=document.owner_id,
            subject=f"document:{document_id}",
            actor=actor,
            reason=trouble,
        )
        uow.commit()


def _assembled(document_id: UUID, *, uow: UnitOfWork) -> Assembled | None:
    with uow:
        package = set_of_document(uow, document_id)
        if package is None:
            return None
        rows = uow.session.scalars(
            select(PackagePart).where(PackagePart.package_id == package.id).order_by(PackagePart.position)
        )
        return Assembled(
            package_id=package.id,
            owner_id=package.owner_id,
            retain_until=package.retain_until,
            parts=tuple(
                Shelved(
                    role=row.role,
                    name=row.name,
                    media_type=row.media_type,
                    sha256=row.sha256,
                    size=row.size,
                    of=row.of_name,
                    source=row.source,
                )
                for row in rows
            ),
        )


def _assemble(document_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> Assembled:
    card = documents.card(document_id, uow=uow)
    if card.missing:
        raise Conflict("archive.set_incomplete", id=str(document_id), missing=", ".join(card.missing))
    owner = card.owner_id
    package_id = new_id()
    uses, cards = powers_of(document_id, owner, uow=uow)
    gatherer = Gatherer(objects=desk.objects, owner_id=owner, print_form=desk.print_form, powers=cards, uses=uses)
    parts = gatherer.gather(card, answered=_answered_request(card, uow=uow))
    manifest_sha256, shelved = seal(parts, package_id=package_id, facts=facts_of(card), owner=owner, desk=desk)
    retain_until = rules.retain_until(card.line.kind, card.dated, today=moscow_date(desk.now()))
    assembled = Assembled(package_id=package_id, owner_id=owner, retain_until=retain_until, parts=shelved)
    found = words.words_of(card, desk.objects)
    _keep(assembled, card, manifest_sha256, found, actor=actor, uow=uow)
    return assembled


def _keep(
    assembled: Assembled, card: Card, manifest_sha256: str, found: words.Words, *, actor: Actor, uow: UnitOfWork
) -> None:
    with uow:
        package = _package(assembled, card, manifest_sha256, at=uow.clock.now())
        uow.session.add(package)
        uow.session.flush()
        words.write_words(uow, package, found)
        uow.session.add_all(
            PackagePart(
                owner_id=assembled.owner_id,
                package_id=assembled.package_id,
                position=position,
                role=part.role,
                name=part.name,
                media_type=part.media_type,
                sha256=part.sha256,
                size=part.size,
                of_name=part.of,
                source=part.source,
            )
            for position, part in enumerate(assembled.parts)
        )
        uow.journal.write(
            "archive.assembled",
            owner_id=assembled.owner_id,
            subject=f"package:{assembled.package_id}",
            actor=actor,
            document_id=str(card.line.id),
            manifest_sha256=manifest_sha256,
        )
        uow.commit()


def _package(assembled: Assembled, card: Card, manifest_sha256: str, *, at: datetime) -> Package:
    line, size = card.line, sum(part.size for part in assembled.parts)
    return Package(
        id=assembled.package_id,
        owner_id=assembled.owner_id,
        document_id=line.id,
        state="assembled",
        kind=line.kind,
        function=card.function,
        direction=line.direction,
        number=card.number,
        dated=card.dated,
        title=line.title,
        total=line.total,
        counterparty_name=line.counterparty_name,
        counterparty_inn=line.counterparty_inn,
        search=f"{line.title} {line.counterparty_name} {line.counterparty_inn}",
        manifest_sha256=manifest_sha256,
        retain_until=assembled.retain_until,
        summary={"parts": len(assembled.parts), "size": size},
        created_at=at,
        year=card.dated.year,
        size=size,
        retention_kind=line.kind,
    )


def _deposit(assembled: Assembled, desk: ArchiveDesk) -> None:
    middle = len(assembled.parts) // 2 + 1
    try:
        _put(assembled, assembled.parts[:middle], desk)
        faults.reach("archiving.mid_deposit")
        _put(assembled, assembled.parts[middle:], desk)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error


def _put(assembled: Assembled, parts: Sequence[Shelved], desk: ArchiveDesk) -> None:
    items = (
        (f"{assembled.owner_id}/{part.sha256}", desk.objects.get(assembled.owner_id, part.sha256)) for part in parts
    )
    for batch in archive.batches(items):
        desk.store.put_all(batch, retain_until=assembled.retain_until)


def _answered_request(card: Card, *, uow: UnitOfWork) -> Sequence[PartCard]:
    """The request that a correction answers, with what confirms it: the set of the original may have been closed before."""
    tied = [card.corrects, *(one.original for one in card.adjusts)]
    originals = [documents.card(one.id, uow=uow) for one in tied if one is not None]
    asked = Role.CORRECTION_REQUEST.value
    return [part for original in originals for part in original.parts if asked in {part.role, part.parent_role}]
