"""Papers that come after a set went to the archive join it: a supplement with a manifest of its own (ADR 0013).

1. What is final and lies in no set of the document is gathered, whole; manifest, signature and time-stamp are made, all of
it goes into the working store, and its hashes onto a row: from here on the same bytes are put whatever happens. 2. They
are put into the WORM store under the set's term. 3. They become parts of the set, so that its terms, holds, checks and
disposal are theirs, and its words are written anew. The set's own manifest names none of them and never changes; theirs
names its hash.

Each step may be repeated after a crash. Of two who gather the same papers one finds the number taken, or nothing left.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update

import archive
from edo_service.archiving import late, words
from edo_service.archiving.assembly import Gatherer
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import LegalHoldSet
from edo_service.archiving.late import Late
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.sealing import Shelved, facts_of, powers_of, seal
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.taking import parts_of, set_of_document, take
from edo_service.archiving.use_cases.clear import clear_again
from edo_service.archiving.use_cases.hold import promise_protection
from edo_service.documents import queries as documents
from edo_service.documents.queries import Card
from edo_service.errors import Unavailable
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork

SUPPLEMENTED = "archive.supplemented"
_LEAST_TERM = timedelta(days=1)
"""What is put needs a term that is still to come, as with refreshed signatures."""
_MOST_TURNS = 5
"""So often a put is repeated because the set's term moved on meanwhile, and papers are looked for again."""


def join_late(document_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> int:
    """Put what came late to the document beside its kept set. Returns how many supplements were kept now.

    Nothing when the set is not kept (any more) or its last day has come. Raises NotFound, Unavailable, Conflict (another
    one does the same), archive.ArchiveError, signing.SigningError.
    """
    kept = 0
    for _ in range(_MOST_TURNS):
        with uow.reading() as reading:
            package = set_of_document(reading, document_id)
            if package is None or package.state != "kept" or package.retain_until <= desk.now() + _LEAST_TERM:
                return kept
            made = reading.session.scalars(_made(package.id)).first()
        supplement_id = made.id if made is not None else _make(package, uow=uow, desk=desk)
        if supplement_id is None:
            return kept
        kept += _keep(supplement_id, actor=actor, uow=uow, desk=desk)
    return kept


def promise_late(*, uow: UnitOfWork) -> int:
    """Promise the job for every kept set of the scope to which something came late and has not joined. How many."""
    after, promised = None, 0
    while True:
        with uow.reading() as reading:
            found, after = late.waiting(reading, after=after)
        if found:
            with uow:
                for document_id in found:
                    late.promise_late(uow, document_id)
                uow.commit()
        promised += len(found)
        if after is None:
            return promised


def _make(package: Package, *, uow: UnitOfWork, desk: ArchiveDesk) -> UUID | None:
    card = documents.card(package.document_id, uow=uow)
    with uow.reading() as reading:
        found = late.find(reading, package.id, card)
        number = _next_number(reading, package.id)
    if not found:
        return None
    supplement_id = new_id()
    parts = _gatherer(card, found, uow=uow, desk=desk).gather_late(card, parts=found.parts, annulments=found.annulments)
    about = {"package_id": str(package.id), "manifest_sha256": package.manifest_sha256, "number": number}
    manifest_sha256, shelved = seal(
        parts, package_id=supplement_id, facts={**facts_of(card), "supplements": about}, owner=package.owner_id, desk=desk
    )  # fmt: skip
    with uow:
        is_taken = _next_number(uow, package.id) != number
        if is_taken or take(uow, package.id).state != "kept" or found.contents <= late.contents(uow, package.id):
            return None  # somebody was faster, or the set has gone: looked at again by whoever comes next
        uow.session.add(
            PackageSupplement(
                id=supplement_id,
                owner_id=package.owner_id,
                package_id=package.id,
                number=number,
                state="made",
                manifest_sha256=manifest_sha256,
                made={one.name: _described(one, place) for place, one in enumerate(shelved)},
                created_at=uow.clock.now(),
            )
        )
        uow.commit()
    return supplement_id


def _gatherer(card: Card, found: Late, *, uow: UnitOfWork, desk: ArchiveDesk) -> Gatherer:
    """With the powers that late signatures rest on; those of an annulment have no rows, so all of the document's."""
    uses, cards = powers_of(card.line.id, card.owner_id, uow=uow)
    mine = {row.id for part in found.parts for row in part.signatures}
    if not found.annulments and not any(one.signature_id in mine for one in uses):
        uses, cards = [], []
    return Gatherer(
        objects=desk.objects, owner_id=card.owner_id, print_form=desk.print_form, powers=cards, uses=uses
    )  # fmt: skip


def _keep(supplement_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> bool:
    """False when the set has gone, somebody else kept it, or the term moved on meanwhile: then it is put once more."""
    with uow.reading() as reading:
        row = reading.session.get_one(PackageSupplement, supplement_id)
        package = take(reading, row.package_id)
    if row.state != "made" or package.state != "kept":
        return False
    _put(package, row.made, desk)
    found = words.words_of(
        documents.card(package.document_id, uow=uow), desk.objects, annulments=_papers(package.document_id, uow)
    )
    with uow:
        row, until = uow.session.get_one(PackageSupplement, supplement_id), package.retain_until
        package = take(uow, row.package_id)
        if package.state != "kept":  # what was put has to go too, whoever has cleared the set meanwhile
            clear_again(uow, package)
            uow.commit()
            return False
        if row.state != "made" or package.retain_until != until:
            return False
        _add_parts(uow, package, row)
        _protect(uow, package)
        words.write_words(uow, package, found)
        row.state, row.kept_at, row.made = "kept", uow.clock.now(), {}
        uow.journal.write(
            SUPPLEMENTED,
            owner_id=package.owner_id,
            subject=f"package:{package.id}",
            actor=actor,
            document_id=str(package.document_id),
            number=row.number,
            manifest_sha256=row.manifest_sha256,
        )
        uow.commit()
    return True


def _put(package: Package, made: Mapping[str, Any], desk: ArchiveDesk) -> None:
    contents = sorted({one["sha256"] for one in made.values()})
    items = ((f"{package.owner_id}/{one}", desk.objects.get(package.owner_id, one)) for one in contents)
    try:
        for batch in archive.batches(items):
            desk.store.put_all(batch, retain_until=package.retain_until)
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error


def _add_parts(uow: UnitOfWork, package: Package, row: PackageSupplement) -> None:
    position = max((one.position for one in parts_of(uow, package.id)), default=-1) + 1
    uow.session.add_all(
        PackagePart(
            owner_id=package.owner_id,
            package_id=package.id,
            position=position + one["place"],
            role=one["role"],
            name=part_name(row.number, name),
            media_type=one["media_type"],
            sha256=one["sha256"],
            size=one["size"],
            of_name=None if one["of"] is None else part_name(row.number, one["of"]),
            source=one["source"],
            supplement=row.number,
        )
        for name, one in row.made.items()
    )
    package.size += sum(one["size"] for one in row.made.values())
    parts = int(package.summary.get("parts", 0)) + len(row.made)
    package.summary = {**package.summary, "parts": parts, "size": package.size}


def _protect(uow: UnitOfWork, package: Package) -> None:
    """The set's holds are told of the new parts, and its signatures are looked at again: they may age before the others."""
    if package.held:
        mine = update(LegalHoldSet).where(
            LegalHoldSet.package_id == package.id, LegalHoldSet.released_at.is_(None)
        )  # fmt: skip
        uow.session.execute(mine.values(settled_at=None).execution_options(synchronize_session=False))
        promise_protection(uow, package.owner_id)
    looked = uow.session.scalars(select(PackageRefresh).where(PackageRefresh.package_id == package.id)).one_or_none()
    if looked is not None:
        looked.due_at = uow.clock.now()


def _papers(document_id: UUID, uow: UnitOfWork) -> list[late.AnnulmentPaper]:
    with uow.reading() as reading:
        return list(late.annulment_papers(reading, document_id))


def part_name(number: int, name: str) -> str:
    """The name of a supplement's part among those of the whole set."""
    return f"{prefix(number)}{name}"


def prefix(number: int) -> str:
    """What names of a supplement's parts begin with."""
    return f"supplement-{number}/"


def own_name(part: PackagePart) -> str:
    """The name of a part of the set as the manifest that lists it has it."""
    return part.name if part.supplement is None else part.name.removeprefix(prefix(part.supplement))


def _described(one: Shelved, place: int) -> dict[str, object]:
    return {
        "place": place, "role": one.role, "media_type": one.media_type, "sha256": one.sha256, "size": one.size,
        "of": one.of, "source": one.source,
    }  # fmt: skip


def _made(package_id: UUID) -> Select[PackageSupplement]:
    mine = select(PackageSupplement).where(
        PackageSupplement.package_id == package_id, PackageSupplement.state == "made"
    )
    return mine.order_by(PackageSupplement.number)


def _next_number(uow: UnitOfWork, package_id: UUID) -> int:
    last = select(func.max(PackageSupplement.number)).where(PackageSupplement.package_id == package_id)
    return (uow.session.scalar(last) or 0) + 1
