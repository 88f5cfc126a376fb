"""Reads of the documents area: folders, one document's card, bytes of a file. Nothing here changes a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from edo_service.documents import adjustments, corrections, held, recording, rules
from edo_service.documents.adjustments import Adjusted
from edo_service.documents.corrections import Tied
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import Gone, NotFound
from edo_service.kernel.money import Money
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from edo_service.kernel.workflow import StatusChange
from edo_service.powers import queries as powers
from edo_service.powers.queries import UseCard

_YOUR_MOVE = ("required", "prepared", "refusal_prepared")
_SHOWN = Document.delivery != rules.DISCARDED


class FolderName(StrEnum):
    """Tabs of the desk."""

    TODO = "todo"
    IN = "in"
    OUT = "out"
    DRAFTS = "drafts"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the list is asked for. `after` is the id of the last row already shown (keyset, newest first)."""

    folder: FolderName = FolderName.ALL
    text: str = ""
    kind: str | None = None
    since: date | None = None
    until: date | None = None
    after: UUID | None = None
    limit: int = 25


@dataclass(frozen=True, kw_only=True)
class Line:
    """A document in a list."""

    id: UUID
    direction: str
    route: str
    kind: str
    title: str
    total: Money | None
    counterparty_name: str
    counterparty_inn: str
    delivery: str
    receipt: str
    response: str
    archive: str
    trouble: str | None
    answer_due: date | None
    created_at: datetime
    correction: str = "none"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of a list with the exact count and sum of all that was found."""

    lines: Sequence[Line]
    found: int
    total: Money
    more: bool


@dataclass(frozen=True, kw_only=True)
class PartCard:
    """A file with its signatures."""

    id: UUID
    role: str
    origin: str
    parent_role: str | None
    file_name: str
    media_type: str
    sha256: str
    size: int
    created_at: datetime
    objection: str | None
    signatures: Sequence["SignatureCard"]


@dataclass(frozen=True, kw_only=True)
class SignatureCard:
    """A signature with the verdict as it was when judged; `power` is the МЧД it rests on, None when on none."""

    id: UUID
    origin: str
    state: str
    means: str
    sha256: str | None
    signer_name: str | None
    signer_organization: str | None
    signer_inn: str | None
    level: str | None
    indication: str | None
    sub_indication: str | None
    verdict: Mapping[str, Any] | None
    evidence: Mapping[str, Any]
    signed_at: datetime | None
    proved_at: datetime | None
    power: UseCard | None = None


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One move of one life, for the timeline."""

    workflow: str
    event: str
    state: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Card:
    """Everything a document's page shows.

    `disposed_at`: its set was destroyed by an act then; `parts` are those that have come since.
    """

    line: Line
    owner_id: UUID
    version: int
    function: str | None
    format_version: str | None
    number: str
    dated: date
    vat: Money | None
    facts: Mapping[str, Any]
    counterparty_kpp: str | None
    sent_at: datetime | None
    arrived_at: datetime | None
    answered_at: datetime | None
    receipt_due: date | None
    refusal_reason: str | None
    missing: Sequence[str]
    parts: Sequence[PartCard]
    happenings: Sequence[Happening]
    content_sha256: str = field(default="")
    corrects: Tied | None = None
    corrected_by: Tied | None = None
    adjusts: Sequence[Adjusted] = ()
    adjusted_by: Sequence[Tied] = ()
    disposed_at: datetime | None = None

    def require_content(self) -> None:
        """Gone when the set has been destroyed by an act."""
        if self.disposed_at is not None:
            raise Gone("archive.destroyed", id=str(self.line.id))

    def part(self, *roles: rules.Role) -> PartCard | None:
        """The newest file with one of the roles."""
        names = {role.value for role in roles}
        return next((part for part in reversed(self.parts) if part.role in names), None)

    @property
    def part_to_sign(self) -> PartCard | None:
        """The frozen file whose signature is due now: a draft's own file, the recipient's request or answer; None when none."""
        line = self.line
        if line.direction == rules.Direction.OUT.value:
            return self.main_part if line.delivery == "draft" else None
        if line.correction == "prepared":
            return self.part(rules.Role.CORRECTION_REQUEST)
        if line.response == "refusal_prepared":
            return self.part(rules.Role.REJECTION)
        if line.response == "prepared":
            return self.part(rules.Role.CONTRACT if line.kind == rules.Kind.CONTRACT.value else rules.Role.BUYER_TITLE)
        return None

    @property
    def objections(self) -> Sequence[str]:
        """What speaks against files that no later one has replaced: troubles of `texts`, oldest first, each once."""
        answers = {rules.Role.BUYER_TITLE.value, rules.Role.REJECTION.value}
        last = {"answer" if part.role in answers else part.role: part for part in self.parts}
        return tuple(dict.fromkeys(part.objection for part in last.values() if part.objection))

    @property
    def main_part(self) -> PartCard:
        """The seller's title or the contract itself."""
        found = self.part(rules.Role.SELLER_TITLE, rules.Role.CONTRACT)
        if found is None:
            raise NotFound("document.part_absent", id=str(self.line.id))
        return found


def list_documents(wish: Wish, *, uow: UnitOfWork) -> Listing:
    """A page of the folder, newest first, within the scope."""
    conditions = _conditions(wish)
    with uow:
        found, total = uow.session.execute(
            select(func.count(Document.id), func.coalesce(func.sum(Document.total), 0)).where(*conditions)
        ).one()
        page = select(Document).where(*conditions)
        if wish.after is not None:
            page = page.where(Document.id < wish.after)
        rows = list(uow.session.scalars(page.order_by(Document.id.desc()).limit(wish.limit + 1)))
    return Listing(
        lines=[_line(row) for row in rows[: wish.limit]],
        found=found,
        total=total if isinstance(total, Money) else Money(int(total or 0)),
        more=len(rows) > wish.limit,
    )


def count_todo(*, uow: UnitOfWork) -> int:
    """How many documents wait for a signature of the viewer's company."""
    with uow:
        return uow.session.execute(select(func.count(Document.id)).where(_signature_due())).scalar_one()


def count_to_correct(*, uow: UnitOfWork) -> int:
    """How many documents of ours a counterparty asks to correct."""
    with uow:
        return uow.session.execute(select(func.count(Document.id)).where(_to_correct())).scalar_one()


def folder_counts(*, uow: UnitOfWork) -> Mapping[FolderName, int]:
    """Exact number of documents in each folder."""
    with uow:
        return {
            name: uow.session.execute(
                select(func.count(Document.id)).where(*_conditions(Wish(folder=name)))
            ).scalar_one()
            for name in FolderName
        }


def recent(limit: int, *, uow: UnitOfWork) -> Sequence[tuple[Line, Happening | None]]:
    """The documents that moved or came last, each with its last move (None: it has only just come), newest first."""
    with uow:
        moved = uow.session.execute(
            select(Document, StatusChange)
            .join(StatusChange, StatusChange.subject_id == Document.id)
            .where(_SHOWN)
            .order_by(StatusChange.id.desc())
            .limit(limit * 8)
        ).all()
        fresh = uow.session.scalars(select(Document).where(_SHOWN).order_by(Document.id.desc()).limit(limit)).all()
    found: dict[UUID, tuple[Line, Happening | None]] = {}
    for row, change in moved:
        found.setdefault(row.id, (_line(row), _happening(change)))
    for row in fresh:
        found.setdefault(row.id, (_line(row), None))
    by_time = sorted(found.values(), key=lambda one: one[1].at if one[1] else one[0].created_at, reverse=True)
    return by_time[:limit]


def card(document_id: UUID, *, uow: UnitOfWork) -> Card:
    """The document with files, signatures and history. NotFound for an absent and a foreign id, and for a discarded draft."""
    with uow:
        document = recording.take(uow, document_id)
        gone = document.disposed_at
        parts = [part for part in recording.live_parts(uow, document) if gone is None or part.created_at > gone]
        signatures = recording.signatures_of(uow, document)
        uses = powers.uses(uow, document.id)
        changes = uow.session.scalars(
            select(StatusChange)
            .where(StatusChange.subject_id == document.id)
            .order_by(StatusChange.at, StatusChange.id)
        ).all()
        missing = recording.missing(uow, document)
        corrects, corrected_by = corrections.ties(uow, document)
        adjusts, adjusted_by = adjustments.adjusts(uow, document), adjustments.adjusted_by(uow, document)
    return Card(
        line=_line(document),
        owner_id=document.owner_id,
        version=document.version,
        function=document.function,
        format_version=document.format_version,
        number=document.number,
        dated=document.dated,
        vat=document.vat,
        facts=document.facts,
        counterparty_kpp=document.counterparty_kpp,
        sent_at=document.sent_at,
        arrived_at=document.arrived_at,
        answered_at=document.answered_at,
        receipt_due=document.receipt_due,
        refusal_reason=document.refusal_reason,
        missing=missing,
        parts=_part_cards(parts, signatures, uses),
        happenings=[_happening(row) for row in changes],
        content_sha256=document.content_sha256,
        corrects=corrects,
        corrected_by=corrected_by,
        adjusts=adjusts,
        adjusted_by=adjusted_by,
        disposed_at=gone,
    )


def is_still(card: Card, *, uow: UnitOfWork) -> bool:
    """Whether the document has not moved since the card was read. NotFound if it is gone."""
    with uow:
        return recording.take(uow, card.line.id).version == card.version


def part_bytes(document_id: UUID, part_id: UUID, *, uow: UnitOfWork, objects: ObjectStore) -> tuple[PartCard, bytes]:
    """A file of the document and its bytes. NotFound for a file of another document, Gone for one that was destroyed."""
    whole = card(document_id, uow=uow)
    found = next((part for part in whole.parts if part.id == part_id), None)
    if found is None:
        whole.require_content()
        raise NotFound("document.part_absent", id=str(part_id))
    return found, objects.get(_owner(document_id, uow=uow), found.sha256)


def signature_bytes(
    document_id: UUID, signature_id: UUID, *, uow: UnitOfWork, objects: ObjectStore
) -> tuple[str, bytes]:
    """A signature's CMS and the name of the file it signs with `.sig` added. NotFound, Gone as for files."""
    whole = card(document_id, uow=uow)
    for part in whole.parts:
        for row in part.signatures:
            if row.id == signature_id and row.sha256 is not None:
                return f"{part.file_name}.sig", objects.get(_owner(document_id, uow=uow), row.sha256)
    whole.require_content()
    raise NotFound("document.signature_absent", id=str(signature_id))


def _owner(document_id: UUID, *, uow: UnitOfWork) -> UUID:
    with uow:
        return recording.take(uow, document_id).owner_id


def _your_move() -> ColumnElement[bool]:
    return or_(_signature_due(), _to_correct(), to_decide(), held.condition())


def _signature_due() -> ColumnElement[bool]:
    """An answer is owed and no correction is awaited instead, or a frozen request for one is not signed."""
    answer = and_(Document.response.in_(_YOUR_MOVE), Document.correction.not_in(rules.AWAITED))
    return and_(Document.direction == rules.Direction.IN.value, or_(answer, Document.correction == "prepared"))


def _to_correct() -> ColumnElement[bool]:
    return and_(Document.direction == rules.Direction.OUT.value, Document.correction == "required")


def to_decide() -> ColumnElement[bool]:
    """As `completeness.awaits_decision`."""
    in_doubt = and_(Document.direction == rules.Direction.IN.value, Document.delivery == rules.IN_DOUBT)
    return and_(in_doubt, Document.response == "not_needed", Document.correction != "corrected")


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    conditions = [_SHOWN]
    draft = and_(Document.direction == rules.Direction.OUT.value, Document.delivery == "draft")
    if wish.folder is FolderName.TODO:
        conditions.append(or_(_your_move(), draft))
    elif wish.folder is FolderName.IN:
        conditions.append(Document.direction == rules.Direction.IN.value)
    elif wish.folder is FolderName.OUT:
        conditions.append(and_(Document.direction == rules.Direction.OUT.value, Document.delivery != "draft"))
    elif wish.folder is FolderName.DRAFTS:
        conditions.append(draft)
    conditions.extend(Document.search.contains(fold(word), autoescape=True) for word in wish.text.split())
    if wish.kind:
        conditions.append(Document.kind == wish.kind)
    if wish.since:
        conditions.append(Document.dated >= wish.since)
    if wish.until:
        conditions.append(Document.dated <= wish.until)
    return conditions


def _happening(row: StatusChange) -> Happening:
    return Happening(workflow=row.workflow, event=row.event, state=row.new, by=row.actor_name, at=row.at)


def _line(row: Document) -> Line:
    return Line(
        id=row.id,
        direction=row.direction,
        route=row.route,
        kind=row.kind,
        title=row.title,
        total=row.total,
        counterparty_name=row.counterparty_name,
        counterparty_inn=row.counterparty_inn,
        delivery=row.delivery,
        receipt=row.receipt,
        response=row.response,
        archive=row.archive,
        trouble=row.trouble,
        answer_due=row.answer_due,
        created_at=row.created_at,
        correction=row.correction,
    )


def _part_cards(parts: Sequence[Part], signatures: Sequence[Signature], uses: Mapping[UUID, UseCard]) -> list[PartCard]:
    roles = {part.id: part.role for part in parts}
    return [
        PartCard(
            id=part.id,
            role=part.role,
            origin=part.origin,
            parent_role=roles.get(part.parent_id) if part.parent_id else None,
            file_name=part.file_name,
            media_type=part.media_type,
            sha256=part.sha256,
            size=part.size,
            created_at=part.created_at,
            objection=part.objection,
            signatures=[_signature_card(row, uses.get(row.id)) for row in signatures if row.part_id == part.id],
        )
        for part in parts
    ]


def _signature_card(row: Signature, power: UseCard | None) -> SignatureCard:
    return SignatureCard(
        id=row.id,
        origin=row.origin,
        state=row.state,
        means=row.means,
        sha256=row.sha256,
        signer_name=row.signer_name,
        signer_organization=row.signer_organization,
        signer_inn=row.signer_inn,
        level=row.level,
        indication=row.indication,
        sub_indication=row.sub_indication,
        verdict=row.verdict,
        evidence=row.evidence or {},
        signed_at=row.signed_at,
        proved_at=row.proved_at,
        power=power,
    )
