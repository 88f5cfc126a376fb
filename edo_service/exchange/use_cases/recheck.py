"""Judge anew what could not be decided when it came: evidence may have come since, or an anchor been added.

The network is asked outside of transactions; then everything found is recorded at once. 63-ФЗ art. 11, EN 319 102-1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from edo_service.documents import recording, ties
from edo_service.documents.rules import Direction, Role, stops
from edo_service.documents.signing_desk import KeptSignature, SigningDesk, write_down
from edo_service.documents.tables import Document, Part, Signature
from edo_service.documents.titles import SellerTitle
from edo_service.errors import Rejected
from edo_service.exchange import arrivals, contracts, fitness, incoming, news, undecided
from edo_service.exchange.acting import Acting
from edo_service.exchange.incoming import Fetched
from edo_service.formats.ukd_titles import UkdTitle
from edo_service.formats.upd import UpdSeller
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import Retry
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import queries as powers
from edo_service.powers.use_cases import note_use
from operators import port
from operators.port import EntityKind


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A file with its undecided signatures, as far as judging needs it; `told`: powers that the document's signatures rest on."""

    part_id: UUID
    owner_id: UUID
    role: Role
    sha256: str
    size: int
    signatures: tuple[str, ...]
    title: str | None
    kind: str
    party_inn: str
    told: tuple[str, ...]


def recheck(document_id: UUID, *, tries: int, actor: Actor, uow: UnitOfWork, desk: SigningDesk) -> None:
    """Look at the undecided signatures of a document once more.

    Raises Retry while something is still open, thirty days long. Nothing is done for a set that is handed over.
    """
    with uow:
        document = recording.take(uow, document_id)
        questions = [] if document.archive != "not_yet" else _questions(uow, document)
    found = [(question, _judge(question, uow=uow, desk=desk)) for question in questions]
    if not found:
        return
    with uow:
        ties.take_turns_of(uow, document_id)
        document = recording.take(uow, document_id)
        if document.archive != "not_yet":
            return
        for question, item in found:
            _record(uow, document, question, item, actor=actor)
        ties.settle(uow, document, actor=actor)
        still = document.archive == "not_yet" and bool(undecided.undecided(uow, document))
        over = undecided.is_over(document, uow.clock.now())
        uow.commit()
    if still and not over:
        raise Retry(undecided.pause(tries), "a signature cannot be decided yet")


def _questions(uow: UnitOfWork, document: Document) -> list[_Question]:
    main = recording.main_part(uow, document)
    told = tuple(sorted({use.number for use in powers.uses(uow, document.id).values()}))
    return [
        _Question(
            part_id=part.id,
            owner_id=part.owner_id,
            role=Role(part.role),
            sha256=part.sha256,
            size=part.size,
            signatures=tuple(row.sha256 for row in rows if row.sha256),
            title=main.sha256 if part.parent_id in {None, main.id} else None,
            kind=document.kind,
            party_inn=document.counterparty_inn,
            told=told,
        )
        for part, rows in undecided.undecided(uow, document)
    ]


def _judge(question: _Question, *, uow: UnitOfWork, desk: SigningDesk) -> Fetched:
    """The file as `incoming` would have fetched it now; its bytes lie in the store."""
    content = desk.objects.get(question.owner_id, question.sha256)
    kept = tuple(_judged(question, content, desk))
    reading, fault = fitness.read_file(question.role, content)
    seller = _seller(question, desk) if question.role in incoming.ANSWERING else None
    bare = question.role is Role.CONTRACT
    principal = question.party_inn if bare else incoming.principal_of(reading, seller)
    acting = Acting(owner=question.owner_id, uow=uow, desk=desk)
    found = (
        acting.judge(reading, kept, principal_inn=principal, kind=question.kind, told=question.told)
        if bare or reading
        else {}
    )
    return Fetched(
        entity_id="",
        entity=_ENTITY,
        role=question.role,
        sha256=question.sha256,
        size=question.size,
        is_formal=True,
        signatures=kept,
        unreadable=False,
        reading=reading,
        fault=fault,
        misfit=fitness.misfit_of_answer(reading, fault, seller) if seller else None,
        powers=found,
        principal_inn=principal,
        power_silent=bool(acting.silent),
        is_kept=True,
    )


_ENTITY = port.Entity(
    ref=port.EntityRef(box="", message_id="", entity_id=""), parent_id=None, kind=EntityKind.UNKNOWN, raw_type="recheck"
)
"""No entity of an operator: what is judged anew is here already."""


def _judged(question: _Question, content: bytes, desk: SigningDesk) -> Sequence[KeptSignature]:
    found = []
    for sha256 in question.signatures:
        try:
            found.append(desk.judge_kept(content, desk.objects.get(question.owner_id, sha256), owner=question.owner_id))
        except Rejected:  # it was readable once; what is recorded of it stays
            continue
    return found


def _seller(question: _Question, desk: SigningDesk) -> SellerTitle | None:
    if question.title is None:
        return None
    found, _ = fitness.read_file(Role.SELLER_TITLE, desk.objects.get(question.owner_id, question.title))
    return found if isinstance(found, UpdSeller | UkdTitle) else None


def _record(uow: UnitOfWork, document: Document, question: _Question, item: Fetched, *, actor: Actor) -> None:
    """Write the new verdicts down and move what they open; a file that was discarded meanwhile stays as it is."""
    part = uow.session.get_one(Part, question.part_id)
    if part.discarded_at is not None:
        return
    rows = {row.sha256: row for row in recording.signatures_of(uow, document) if row.part_id == part.id}
    changed = _write_down(uow, rows, item)
    before = part.objection
    part.objection = news.objection_to(uow, document, part, item)
    if not changed and part.objection == before:
        return
    uow.journal.write(
        "exchange.rechecked",
        owner_id=document.owner_id,
        subject=f"document:{document.id}",
        actor=actor,
        role=part.role,
        sha256=part.sha256,
        verdicts=[row.indication for row in changed],
        **({"objection": part.objection} if part.objection else {}),
    )
    if stops(before) and not stops(part.objection):
        arrivals.note_part(uow, document, part, item.reading, actor=actor)
    if question.role is Role.CONTRACT and document.direction == Direction.OUT.value:
        contracts.note_signatures(uow, document, changed, signers={}, actor=actor)


def _write_down(uow: UnitOfWork, rows: Mapping[str | None, Signature], item: Fetched) -> list[Signature]:
    changed = []
    for kept in item.signatures:
        row = rows[kept.sha256]
        judged = item.powers.get(kept.sha256)
        if judged is not None:
            note_use(uow, judged, owner_id=row.owner_id, signature_id=row.id, document_id=row.document_id)
        before = (row.indication, row.sub_indication)
        if before != (kept.judgement.report.indication, kept.judgement.sub_indication):
            write_down(row, kept, state=row.state)
            changed.append(row)
    uow.session.flush()
    return changed
