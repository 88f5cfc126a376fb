"""What came to a document after its set had been put together, and lies in no set of it yet (ADR 0013).

A paper counts once it is final: a request of ours that has not gone out, and a proposal that is only being made, may still
be taken back. One that is there by its content and all its signatures is in the set already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package, PackagePart
from edo_service.documents import recording
from edo_service.documents.queries import Card, PartCard
from edo_service.documents.recording import SIGNATURE_STATES_WITH_BYTES
from edo_service.documents.rules import Origin, Role
from edo_service.documents.tables import Part, Signature
from edo_service.exchange.tables import Annulment
from edo_service.kernel.uow import UnitOfWork

_UNSETTLED = frozenset({"none", "prepared", "asking"})
"""States of a correction in which a request of ours is a draft, is on its way, or was taken back."""
_UNSIGNED = frozenset({Role.UNIVERSAL_RECEIPT.value, Role.REJECTION.value, Role.CORRECTION_REQUEST.value})
_UNOFFERED = ("proposing", "failed")
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature of an annulment's paper: its CMS in the working store, and whose it is (ours, theirs)."""

    sha256: str
    source: str


@dataclass(frozen=True, kw_only=True)
class AnnulmentPaper:
    """A proposal to annul with the signatures of those who agree, or the refusal of one."""

    name: str
    sha256: str
    source: str
    signatures: Sequence[Signed]
    text: str


@dataclass(frozen=True, kw_only=True)
class Late:
    """Papers that are in no set yet, whole: with signatures that are there already."""

    parts: Sequence[PartCard]
    annulments: Sequence[AnnulmentPaper]

    def __bool__(self) -> bool:
        return bool(self.parts or self.annulments)

    @property
    def contents(self) -> frozenset[str]:
        """SHA-256 of the papers and their signatures."""
        files = {sha256 for one in self.parts for sha256 in _of_part(one)}
        return frozenset(files.union(*(_of_paper(one) for one in self.annulments)))


def find(uow: UnitOfWork, package_id: UUID, card: Card) -> Late:
    """What of the document is final and lies in no set of it, in an open unit of work."""
    there = contents(uow, package_id)
    settled = [one for one in card.parts if is_settled(one, card)]
    return Late(
        parts=[one for one in settled if _of_part(one) - there],
        annulments=[one for one in annulment_papers(uow, card.line.id) if _of_paper(one) - there],
    )


def contents(uow: UnitOfWork, package_id: UUID) -> frozenset[str]:
    """SHA-256 of everything in the set and its supplements, those on their way included."""
    found = set(uow.session.scalars(select(PackagePart.sha256).where(PackagePart.package_id == package_id)))
    coming = uow.session.scalars(select(PackageSupplement.made).where(PackageSupplement.package_id == package_id))
    return frozenset(found.union(*({one["sha256"] for one in made.values()} for made in coming)))


def is_settled(part: PartCard, card: Card) -> bool:
    """Whether nobody can take the file back any more."""
    if part.origin != Origin.OURS.value:
        return True
    if part.role == Role.CORRECTION_REQUEST.value and card.line.correction in _UNSETTLED:
        return False
    return part.role in _UNSIGNED or any(one.sha256 for one in part.signatures)


def annulment_papers(uow: UnitOfWork, document_id: UUID) -> Sequence[AnnulmentPaper]:
    """Proposals about the document that went out or came in, and what answered them; the oldest first."""
    asked = select(Annulment).where(Annulment.document_id == document_id, Annulment.state.not_in(_UNOFFERED))
    rows = uow.session.scalars(asked.order_by(Annulment.created_at, Annulment.id)).all()
    return [paper for row in rows for paper in _papers_of(row)]


def waiting(uow: UnitOfWork, *, after: UUID | None) -> tuple[Sequence[UUID], UUID | None]:
    """Documents among the next kept sets of the scope to which something came later; and where to go on (None: the end).

    Rows alone are compared, so one may turn out to have nothing that is final.
    """
    page = select(Package.document_id)  # by the unique key alone: any further word sorts all sets for each page
    if after is not None:
        page = page.where(Package.document_id > after)
    ids = uow.session.scalars(page.order_by(Package.document_id).limit(_AT_ONCE)).all()
    part = (Part.owner_id == Package.owner_id, Part.document_id == Package.document_id)
    fresh = (Part.discarded_at.is_(None), Part.created_at > Package.created_at, ~_lies(Part.sha256))
    signature = (Signature.owner_id == Package.owner_id, Signature.document_id == Package.document_id)
    later = (
        Signature.state.in_(SIGNATURE_STATES_WITH_BYTES),
        Signature.created_at > Package.created_at,
        ~_lies(Signature.sha256),
    )
    asked = select(Package.document_id).where(Package.state == "kept")
    questions = (
        asked.join(Part, and_(*part)).where(Part.document_id.in_(ids), *fresh),
        asked.join(Signature, and_(*signature)).where(Signature.document_id.in_(ids), *later),
        _annulled().where(Package.state == "kept", Annulment.document_id.in_(ids)),
    )
    found = {one for question in questions for one in uow.session.scalars(question)}
    return sorted(found), ids[-1] if len(ids) == _AT_ONCE else None


def promise_late(uow: UnitOfWork, document_id: UUID) -> None:
    """Promise that the papers join, in the caller's unit of work; a promise that was given up gets another chance."""
    document = recording.take(uow, document_id)
    dead = uow.jobs.dead_id(recording.LATE, str(document_id))
    if dead is None or not uow.jobs.revive(dead, owner_id=document.owner_id):
        recording.tell_late(uow, document)


def _annulled() -> Select[UUID]:
    file = ~_lies(Annulment.file_sha256)
    signed = and_(Annulment.signature_sha256.is_not(None), ~_lies(Annulment.signature_sha256))
    answered = and_(Annulment.answer_sha256.is_not(None), ~_lies(Annulment.answer_sha256))
    agreed = and_(Annulment.answer_signature_sha256.is_not(None), ~_lies(Annulment.answer_signature_sha256))
    same = (Annulment.document_id == Package.document_id, Annulment.owner_id == Package.owner_id)
    offered = Annulment.state.not_in(_UNOFFERED)
    decided = and_(Annulment.decided_at.is_not(None), or_(answered, agreed))
    return select(Package.document_id).join(Annulment, and_(*same, offered, or_(file, signed, decided)))


def _lies(sha256: object) -> ColumnElement[bool]:
    return exists().where(
        PackagePart.owner_id == Package.owner_id,
        PackagePart.sha256 == sha256,
        PackagePart.package_id == Package.id,
    )


def _papers_of(row: Annulment) -> Iterator[AnnulmentPaper]:
    other = "theirs" if row.side == "ours" else "ours"
    agreed = row.decided_at is not None and row.answer_sha256 is None
    signers = ((row.signature_sha256, row.side), (row.answer_signature_sha256 if agreed else None, other))
    yield AnnulmentPaper(
        name=row.file_name,
        sha256=row.file_sha256,
        source=row.side,
        signatures=[Signed(sha256=sha256, source=whose) for sha256, whose in signers if sha256],
        text=row.reason,
    )
    if row.decided_at is not None and row.answer_sha256 is not None:
        signature = row.answer_signature_sha256
        yield AnnulmentPaper(
            name=row.answer_name or "answer.xml",
            sha256=row.answer_sha256,
            source=other,
            signatures=[Signed(sha256=signature, source=other)] if signature else [],
            text=row.answer_text or "",
        )


def _of_part(part: PartCard) -> set[str]:
    return {part.sha256, *(one.sha256 for one in part.signatures if one.sha256)}


def _of_paper(paper: AnnulmentPaper) -> set[str]:
    return {paper.sha256, *(one.sha256 for one in paper.signatures)}
