"""The recipient's verbs before the signature: her title or refusal is written, checked and frozen; she may change her mind."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import EntityCard, MemberCard
from edo_service.documents import corrections, papers, recording, rules
from edo_service.documents.tables import Document
from edo_service.documents.titles import SellerTitle, read_title
from edo_service.documents.use_cases.agree import AskedAnswer, UkdWire, agreed_title, asked_of
from edo_service.errors import Conflict, Rejected
from edo_service.formats.parties import DocumentReference, Employee
from edo_service.formats.ukd_titles import UkdTitle
from edo_service.formats.upd_buyer import AcceptanceResult
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys
from edo_service.parties import queries as parties
from edo_service.powers import queries as powers
from edo_service.powers import reading
from edo_service.powers.desk import who
from edo_service.powers.rules import Power, Who

MAX_REASON = 5000
DEFAULT_OPERATION = "Товары (работы, услуги, права) приняты без расхождений (претензий)"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the recipient says: `accepted` (КодИтога 1) or `accepted_with_remarks` (2, then `remark` tells which)."""

    outcome: str = "accepted"
    remark: str | None = None


def prepare_answer(
    document_id: UUID,
    *,
    answer: Answer,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
    ukd: UkdWire | None = None,
) -> str:
    """Freeze what the recipient will sign: the buyer's title of a УПД or an УКД, or the contract's own file. Returns its SHA-256.

    The title is written from the seller's file (that of an УКД by the operator, `ukd`), checked by the same rules as a
    foreign file, and stored; from here on nothing may change its bytes. Raises NotFound, Conflict (`document.in_doubt`: the
    seller's title is not what it claims to be), Rejected (`document.title_invalid`, `document.ukd_answer_unknown`),
    Unavailable.
    """
    actor.require(Right.SIGN)
    with uow:
        document = _acceptable(uow, document_id)
        if document.kind == rules.Kind.CONTRACT.value:
            source = recording.main_part(uow, document)
            recording.move(uow, document, "response", rules.ResponseEvent.PREPARE, actor=actor)
            _journal(
                uow, document, "document.answer_prepared", actor=actor, sha256=source.sha256, outcome=answer.outcome
            )
            uow.commit()
            return source.sha256
        question = question_of(uow, document, actor)
    written = _buyer_title(question, answer=answer, objects=objects, ukd=ukd, uow=uow)
    sha256 = objects.put(written.content, owner=question.owner_id)
    with uow:
        document = _acceptable(uow, document_id)
        recording.move(uow, document, "response", rules.ResponseEvent.PREPARE, actor=actor)
        recording.freeze(
            uow,
            document,
            role=rules.Role.BUYER_TITLE,
            file_name=written.file_name,
            content=written.content,
            sha256=sha256,
        )
        _journal(uow, document, "document.answer_prepared", actor=actor, sha256=sha256, outcome=answer.outcome)
        uow.commit()
        return sha256


def prepare_refusal(document_id: UUID, *, reason: str, actor: Actor, uow: UnitOfWork, objects: ObjectStore) -> str:
    """Freeze the refusal of a signature with its reason (the counterparty will read it). Returns its SHA-256.

    What goes through an operator is refused by a notice in the form of ФНС order 36@ (DP_UVUTOCH), what goes directly by a
    plain text. Raises Rejected.
    """
    actor.require(Right.REJECT)
    text = " ".join(reason.split())
    if not text:
        raise Rejected("document.reason_empty")
    if len(text) > MAX_REASON:
        raise Rejected("document.reason_too_long", limit=MAX_REASON)
    with uow:
        document = recording.take(uow, document_id)
        _refuse_if_corrected(document)
        question = question_of(uow, document, actor)
    name, content = _refusal(question, text=text, objects=objects)
    sha256 = objects.put(content, owner=question.owner_id)
    with uow:
        document = recording.take(uow, document_id)
        _refuse_if_corrected(document)
        recording.move(uow, document, "response", rules.ResponseEvent.PREPARE_REFUSAL, actor=actor)
        document.refusal_reason = text
        recording.freeze(
            uow,
            document,
            role=rules.Role.REJECTION,
            file_name=name,
            media_type="application/xml" if name.endswith(".xml") else "text/plain; charset=utf-8",
            content=content,
            sha256=sha256,
        )
        _journal(uow, document, "document.refusal_prepared", actor=actor, sha256=sha256, reason=text)
        uow.commit()
        return sha256


def change_mind(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Discard a frozen answer, or a frozen request for a correction, that is not signed yet. Conflict once signed."""
    actor.require(Right.SIGN)
    with uow:
        document = recording.take(uow, document_id)
        if document.correction == "prepared":
            recording.move(uow, document, "correction", rules.CorrectionEvent.CHANGE_MIND, actor=actor)
            corrections.discard(uow, document, rules.Role.CORRECTION_REQUEST)
            _journal(uow, document, "correction.discarded", actor=actor)
            recording.finish_if_complete(uow, document, actor=actor)
            uow.commit()
            return
        recording.move(uow, document, "response", rules.ResponseEvent.CHANGE_MIND, actor=actor)
        frozen = recording.part_of_role(uow, document, rules.Role.BUYER_TITLE, rules.Role.REJECTION)
        if frozen is not None:
            frozen.discarded_at = uow.clock.now()
        document.refusal_reason = None
        _journal(uow, document, "document.answer_discarded", actor=actor)
        uow.commit()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What an answer or a request is written from, read in one short transaction; the bytes are fetched after it."""

    owner_id: UUID
    kind: str
    title: str
    number: str
    dated: date
    source_sha256: str
    signatures: tuple[str, ...]
    member: MemberCard
    company: EntityCard
    power: Power | None
    sides: papers.Sides | None
    file_name: str
    now: datetime
    asked: AskedAnswer | None = None

    def signed(self, objects: ObjectStore) -> list[bytes]:
        """The signatures on the file that is answered."""
        return [objects.get(self.owner_id, sha) for sha in self.signatures]

    def seller(self, objects: ObjectStore) -> tuple[SellerTitle, list[bytes]]:
        """The seller's title and the signatures on it."""
        content = objects.get(self.owner_id, self.source_sha256)
        return read_title(content), self.signed(objects)


def _acceptable(uow: UnitOfWork, document_id: UUID) -> Document:
    """The document, when nothing speaks against an acceptance; asked again after the title was written: news come meanwhile."""
    document = recording.take(uow, document_id)
    if document.delivery == rules.IN_DOUBT or rules.stops(recording.main_part(uow, document).objection):
        raise Conflict("document.in_doubt", id=str(document_id))
    _refuse_if_corrected(document)
    return document


def _refuse_if_corrected(document: Document) -> None:
    """A document that was replaced takes no answer; while a request for a correction is frozen, that comes first."""
    if document.correction == "corrected":
        raise Conflict("document.answer_when_corrected", id=str(document.id))
    if document.correction == "prepared":
        raise Conflict("document.answer_when_prepared", id=str(document.id))


def question_of(uow: UnitOfWork, document: Document, actor: Actor) -> Question:
    """Read it, in the caller's unit of work. Raises Conflict (`document.person_needed`, `document.sender_unknown`)."""
    source = recording.main_part(uow, document)
    if actor.user_id is None:
        raise Conflict("document.person_needed")
    signed = [row.sha256 for row in recording.signatures_of(uow, document) if row.part_id == source.id]
    member, company = accounts.member(uow, actor.user_id, actor.entity), accounts.entity(uow, document.owner_id)
    return Question(
        owner_id=document.owner_id,
        kind=document.kind,
        title=document.title,
        number=document.number,
        dated=document.dated,
        source_sha256=source.sha256,
        signatures=tuple(sha for sha in signed if sha),
        member=member,
        company=company,
        power=_power_of(uow, member, company, kind=document.kind),
        sides=_sides_of(uow, document, company),
        file_name=source.file_name,
        now=uow.clock.now(),
        asked=asked_of(document, company=company),
    )


def _sides_of(uow: UnitOfWork, document: Document, company: EntityCard) -> papers.Sides | None:
    """Both participants of an agreed file that came through an operator; None where the title tells, or nobody asks."""
    if document.kind != rules.Kind.CONTRACT.value or document.route != rules.Route.OPERATOR.value:
        return None
    ours = next((one for one in parties.own_boxes(uow) if one.box == document.box), None)
    theirs = parties.counterparty(uow, document.counterparty_id) if document.counterparty_id else None
    if ours is None or theirs is None or theirs.participant_id is None:
        raise Conflict("document.sender_unknown", id=str(document.id))
    return papers.Sides(
        us=papers.participant(ours.participant_id, name=company.name, inn=company.inn, kpp=company.kpp),
        them=papers.participant(theirs.participant_id, name=theirs.name, inn=theirs.inn, kpp=theirs.kpp),
    )


def _power_of(uow: UnitOfWork, member: MemberCard, company: EntityCard, *, kind: str) -> Power | None:
    """The МЧД by which she signs: one for this kind of document, unless her own key here is the organisation's."""
    own = keys.personal_key(uow, member.person_id)
    if own is not None and who(own.certificate).organization_inn is not None:
        return None
    person = Who(name=member.full_name, inn=member.inn, snils=reading.digits(member.snils))
    found = powers.for_agent(uow, company.id, person, principal_inn=company.inn, on=moscow_date(uow.clock.now()))
    return next((one.power for one in found if one.covers(kind)), None)


def _buyer_title(
    question: Question, *, answer: Answer, objects: ObjectStore, ukd: UkdWire | None, uow: UnitOfWork
) -> formats.WrittenFile:
    """The buyer's title that answers the seller's file, checked against that file too."""
    seller, signatures = question.seller(objects)
    if isinstance(seller, UkdTitle):
        if answer.outcome != "accepted" or question.asked is None:
            raise Rejected("document.ukd_without_remarks")
        return agreed_title(seller, question.asked, wire=ukd, uow=uow)
    signer = papers.title_signer(question.member, question.power)
    remarks = answer.outcome == "accepted_with_remarks"
    title = formats.answer_to(
        seller,
        signatures=signatures,
        signer=signer,
        result=AcceptanceResult.ACCEPTED_WITH_DISCREPANCIES if remarks else AcceptanceResult.ACCEPTED,
        accepted_on=moscow_date(question.now),
        formed_at=question.now,
        guid=uuid4(),
        operation=answer.remark if remarks and answer.remark else DEFAULT_OPERATION,
        accepted_by=Employee(person=signer.person, position=signer.position or "Представитель"),
        author=papers.author(question.company),
        discrepancies=_discrepancies(question) if remarks else None,
    )
    misfits = formats.compare_titles(seller, title, signatures=signatures)
    if misfits:
        raise Rejected("document.title_invalid", reason=misfits[0].message_ru)
    try:
        return formats.write_upd_buyer(title)
    except formats.FormatError as error:
        raise Rejected("document.title_invalid", reason=str(error)) from error


def _discrepancies(question: Question) -> DocumentReference:
    """РеквДокРасх: the format wants the paper about the differences; the title itself names them when there is no other."""
    return DocumentReference(
        title="Расхождения указаны в титуле покупателя", number=question.number, date=question.dated
    )


def _refusal(question: Question, *, text: str, objects: ObjectStore) -> tuple[str, bytes]:
    if question.kind == rules.Kind.CONTRACT.value and question.sides is None:
        statement = f"Отказ в подписи. {question.title}. Причина: {text}\n"
        return "Отказ в подписи.txt", statement.encode()
    try:
        sides, name = question.sides, question.file_name
        if sides is None:
            seller, _ = question.seller(objects)
            sides, name = papers.buyer_and_seller(seller), seller.file_id
        notice = papers.refusal_notice(
            sides,
            file_name=name,
            signatures=question.signed(objects),
            text=text,
            at=question.now,
            signer=question.member,
            power=question.power,
        )
        written = formats.write_correction_notice(notice)
    except formats.FormatError as error:
        raise Rejected("document.refusal_invalid", reason=str(error)) from error
    return written.file_name, written.content


def _journal(uow: UnitOfWork, document: Document, event: str, *, actor: Actor, **facts: object) -> None:
    uow.journal.write(event, owner_id=document.owner_id, subject=f"document:{document.id}", actor=actor, **facts)
