"""Propose to annul a document, or answer their proposal: the file is written, signed and kept, then promised.

The signature is made at once, by the organisation's key on the server or by the person's own key under her PIN.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import MemberCard
from edo_service.documents import recording
from edo_service.documents.rules import Route
from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.tables import Document, Signature
from edo_service.errors import Conflict, NotFound, Rejected
from edo_service.exchange import annulment_doubts as doubts
from edo_service.exchange import annulment_papers, annulments
from edo_service.exchange.accounts import account_of_box
from edo_service.exchange.acting import Acting
from edo_service.exchange.annulment_papers import Side
from edo_service.exchange.lives import AnnulmentEvent
from edo_service.exchange.rules import ANNUL
from edo_service.exchange.tables import Annulment
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys.queries import UnlockedKey
from edo_service.parties import queries as parties
from edo_service.powers import queries as powers
from edo_service.powers.desk import Judged, who
from edo_service.powers.rules import Power
from edo_service.powers.use_cases import refuse_unless_good

LONGEST_REASON = 2000
STANDING = frozenset({"accepted", "sent", "delivered", "received", "received_in_doubt"})
"""Deliveries of a document that the other side has or will have."""
CLOSED = frozenset({"not_needed", "signed", "signed_confirmed", "counter_signed", "counter_signed_with_remarks"})
"""Answers after which nothing is open: operators annul only documents whose flow is complete; before that one refuses."""
Unlock = Callable[[], UnlockedKey]


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What the files are written from, read in one short transaction."""

    document_id: UUID
    account_id: UUID
    owner_id: UUID
    message_ref: str
    file_name: str
    signatures: tuple[str, ...]
    us: Side
    them: Side
    signer: MemberCard
    inn: str
    kind: str
    now: datetime


@dataclass(frozen=True, kw_only=True)
class _Made:
    """Our signature as it lies in the store, and the МЧД that it rests on (None: the organisation's own certificate)."""

    sha256: str
    judged: Judged | None


def may_annul(document: Document) -> bool:
    """Whether a proposal about this document can be made at all."""
    return (
        document.route == Route.OPERATOR.value
        and document.message_ref is not None
        and document.entity_ref is not None
        and document.delivery in STANDING
        and document.response in CLOSED
    )


def propose_annulment(
    document_id: UUID, *, reason: str, unlock: Unlock, actor: Actor, uow: UnitOfWork, desk: SigningDesk
) -> UUID:
    """Promise a proposal. Returns its id.

    Raises Rejected (`document.reason_empty`, `document.reason_too_long`, `exchange.annulment_invalid`, the key's own),
    Conflict (`exchange.annulment_open`, `exchange.annulment_not_possible`), NotFound, Forbidden.
    """
    actor.require(Right.ANNUL)
    text = _text(reason)
    with uow:
        question = _question(uow, _annullable(uow, document_id), actor)
    cited = [desk.objects.get(question.owner_id, sha) for sha in question.signatures]
    try:
        written = annulment_papers.proposal(
            question.file_name,
            signatures=cited,
            reason=text,
            us=question.us,
            them=question.them,
            signer=question.signer,
            at=question.now,
        )
    except formats.FormatError as error:
        raise Rejected("exchange.annulment_invalid", reason=str(error)) from error
    made = _sign(written.content, unlock(), question=question, uow=uow, desk=desk)
    sha256 = desk.objects.put(written.content, owner=question.owner_id)
    with one_at_a_time(), uow:
        _refuse_if_revoked(uow, question, made)
        row = Annulment(
            owner_id=question.owner_id,
            document_id=_annullable(uow, document_id).id,
            account_id=question.account_id,
            side="ours",
            state="proposing",
            reason=text,
            file_name=written.file_name,
            file_sha256=sha256,
            signature_sha256=made.sha256,
            message_ref=question.message_ref,
            act="propose",
            key=str(new_id()),
            by_name=actor.name,
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
        uow.session.flush()
        annulments.note_power(uow, row, made.judged, "offer")
        _promise(uow, row, "annulment.proposed", actor)
        uow.commit()
        return row.id


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Answer the loser of two proposals at once as the one who comes later: the index has let the other one through."""
    try:
        yield
    except Conflict as error:
        if error.code == "database.duplicate":
            raise Conflict("exchange.annulment_open") from error
        raise


def answer_annulment(
    annulment_id: UUID,
    *,
    consent: bool,
    reason: str = "",
    unlock: Unlock,
    actor: Actor,
    uow: UnitOfWork,
    desk: SigningDesk,
) -> None:
    """Promise our consent (a signature on their very file) or our refusal with its reason. Errors as of the proposal."""
    actor.require(Right.ANNUL)
    text = "" if consent else _text(reason)
    with uow:
        row = _take(uow, annulment_id)
        if row.state != "required":
            raise Conflict("exchange.annulment_answered")
        _refuse_in_doubt(row, consent=consent)
        question = _question(uow, recording.take(uow, row.document_id), actor)
        proposed = (row.file_name, row.file_sha256, row.signature_sha256 or "")
    content = desk.objects.get(question.owner_id, proposed[1])
    unlocked = unlock()
    name, answer = None, content
    if not consent:
        try:
            written = annulment_papers.refusal(
                proposed[0],
                signature=desk.objects.get(question.owner_id, proposed[2]),
                text=text,
                us=question.us,
                them=question.them,
                signer=question.signer,
                power=_power(unlocked, question, uow),
                at=question.now,
            )
        except formats.FormatError as error:
            raise Rejected("exchange.annulment_invalid", reason=str(error)) from error
        name, answer = written.file_name, written.content
    made = _sign(answer, unlocked, question=question, uow=uow, desk=desk)
    sha256 = desk.objects.put(answer, owner=question.owner_id)
    with uow:
        row = _take(uow, annulment_id)
        _refuse_if_revoked(uow, question, made)
        _refuse_in_doubt(row, consent=consent)
        event = AnnulmentEvent.AGREE if consent else AnnulmentEvent.REFUSE
        if not annulments.move_if_possible(uow, row, event, actor=actor):
            raise Conflict("exchange.annulment_answered")
        row.answer_name, row.answer_sha256, row.answer_signature_sha256 = name, sha256, made.sha256
        annulments.note_power(uow, row, made.judged, "answer")
        row.answer_text, row.act, row.calls, row.key = text or None, "accept" if consent else "refuse", 0, str(new_id())
        row.trouble = row.trace_id = None
        _promise(uow, row, "annulment.answered", actor)
        uow.commit()


def _annullable(uow: UnitOfWork, document_id: UUID) -> Document:
    document = recording.take(uow, document_id)
    if not may_annul(document):
        raise Conflict("exchange.annulment_not_possible")
    if annulments.is_open(annulments.of_document(uow, document.id)):
        raise Conflict("exchange.annulment_open")
    return document


def _text(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise Rejected("document.reason_empty")
    if len(text) > LONGEST_REASON:
        raise Rejected("document.reason_too_long", limit=LONGEST_REASON)
    return text


def _question(uow: UnitOfWork, document: Document, actor: Actor) -> _Question:
    if actor.user_id is None:
        raise Conflict("document.person_needed")
    account = account_of_box(uow, document.owner_id, document.box)
    source, company = recording.main_part(uow, document), accounts.entity(uow, document.owner_id)
    them = parties.counterparty_by_box(uow, document.peer_box)
    signed = select(Signature.sha256).where(Signature.part_id == source.id, Signature.sha256.is_not(None))
    return _Question(
        document_id=document.id,
        account_id=account.id,
        owner_id=document.owner_id,
        message_ref=document.message_ref or "",
        file_name=source.file_name,
        signatures=tuple(sha for sha in uow.session.scalars(signed.order_by(Signature.created_at)) if sha),
        us=Side(participant_id=account.participant_id, name=company.name, inn=company.inn, kpp=company.kpp or None),
        them=Side(
            participant_id=(them.participant_id if them else None) or "",
            name=document.counterparty_name,
            inn=document.counterparty_inn,
            kpp=document.counterparty_kpp,
        ),
        signer=accounts.member(uow, actor.user_id, actor.entity),
        inn=company.inn,
        kind=document.kind,
        now=uow.clock.now(),
    )


def _power(unlocked: UnlockedKey, question: _Question, uow: UnitOfWork) -> Power | None:
    """The МЧД that a paper of an employee cites; None for a certificate of the organisation, or without a fitting one."""
    person = who(unlocked.certificate)
    if person.organization_inn is not None or person.inn == question.inn:
        return None
    with uow:
        day = moscow_date(question.now)
        found = powers.for_agent(uow, question.owner_id, person, principal_inn=question.inn, on=day)
    return next((one.power for one in found if one.covers(question.kind)), None)


def _sign(content: bytes, unlocked: UnlockedKey, *, question: _Question, uow: UnitOfWork, desk: SigningDesk) -> _Made:
    """Sign and judge our own work; only what passes leaves the house, an employee's by a МЧД that passes too."""
    cms = desk.sign(content, key=unlocked.key, certificate=unlocked.certificate)
    kept = desk.judge_kept(content, cms, owner=question.owner_id)
    if not kept.judgement.passed:
        raise Rejected("document.signature_not_made")
    if kept.signer_inn == question.inn:
        return _Made(sha256=kept.sha256, judged=None)
    acting = Acting(owner=question.owner_id, uow=uow, desk=desk)
    reading = annulment_papers.refusal_of(content)
    judged = acting.judge(reading, [kept], principal_inn=question.inn, kind=question.kind).get(kept.sha256)
    if judged is None:
        raise Rejected("document.wrong_organization", expected=question.inn, found=kept.signer_inn)
    refuse_unless_good(judged)
    return _Made(sha256=kept.sha256, judged=judged)


def _refuse_if_revoked(uow: UnitOfWork, question: _Question, made: _Made) -> None:
    """A revocation that was told here meanwhile counts from its commit on."""
    if made.judged is not None and powers.is_revoked(uow, question.owner_id, made.judged.numbers):
        raise Rejected("power.not_good", reason="Доверенность отозвана")


def _refuse_in_doubt(row: Annulment, *, consent: bool) -> None:
    """A proposal whose signature has proved bad is not agreed to, also when that is told while the key is being opened."""
    if consent and doubts.stops_consent(row):
        raise Rejected("exchange.annulment_in_doubt")


def _take(uow: UnitOfWork, annulment_id: UUID) -> Annulment:
    row = uow.session.scalars(select(Annulment).where(Annulment.id == annulment_id)).one_or_none()
    if row is None:
        raise NotFound("exchange.annulment_absent", id=str(annulment_id))
    return row


def _promise(uow: UnitOfWork, row: Annulment, event: str, actor: Actor) -> None:
    uow.jobs.put(ANNUL, owner_id=row.owner_id, key=str(row.id), queue="exchange", payload={"annulment_id": str(row.id)})
    uow.journal.write(
        event,
        owner_id=row.owner_id,
        subject=f"document:{row.document_id}",
        actor=actor,
        act=row.act,
        sha256=row.file_sha256,
        key=row.key,
    )
