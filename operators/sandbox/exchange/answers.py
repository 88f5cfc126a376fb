"""Additions to a message: receipts, titles, signatures, rejections, requests for correction, annulment."""

from dataclasses import dataclass, replace

from operators.sandbox.exchange import feed, invitations, relations, rows, rules
from operators.sandbox.exchange.confirmations import (
    Wishes,
    add_attachment,
    add_signature,
    confirm_dispatch,
    confirm_receipt,
    other_box,
)
from operators.sandbox.exchange.files import XmlFacts, annulled_file, check_signature_form, read_xml
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.model import (
    INVITATION,
    INVOICE_FUNCTIONS,
    PROPOSAL,
    UKD,
    UNIVERSAL,
    UPD,
    Answer,
    AnswerDraft,
    Document,
    Entity,
    Message,
    PatchDraft,
    Response,
    Revocation,
    from_ticks,
    ticks,
)
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState

BUYER_TITLES = {
    UPD: "UniversalTransferDocumentBuyerTitle",
    UKD: "UniversalCorrectionDocumentBuyerTitle",
}
"""Type of a document -> that of the title by which its buyer answers."""
TITLES = frozenset(BUYER_TITLES.values())
TYPES = {
    Answer.REJECTION: "XmlSignatureRejection",
    Answer.CORRECTION: "InvoiceCorrectionRequest",
    Answer.ANNULMENT: PROPOSAL,
}
CONFIRMED = frozenset({Answer.RECEIPT, Answer.TITLE, Answer.REJECTION, Answer.CORRECTION})
"""Files on which the operator writes ПДП and ПДО."""


def post_patch(ledger: Ledger, draft: PatchDraft) -> str:
    """Accept additions, all or none; returns the patch's id.

    The author's feed gets the additions, then ПДП on each formalised file; the other side's feed gets the additions
    with ПДО. An addition whose signature does not stand over its content stays with its author and moves nothing.
    """
    if not draft.answers:
        raise BadRequest("Дополнение пусто")
    message = rows.message(ledger.connection, draft.message_id)
    if draft.box not in {message.from_box, message.to_box}:
        raise Absent(f"Сообщение {draft.message_id} в ящике не найдено")
    patch_id = new_id()
    made: list[str] = []
    forwarded: list[str] = []
    confirmed: list[str] = []
    for answer in draft.answers:
        parts = _accept(ledger, message, draft.box, answer)
        made += parts.ids
        if parts.forward:
            forwarded += parts.ids
            if parts.to_confirm is not None:
                confirmed += confirm_receipt(ledger, message, parts.to_confirm, draft.box)
                forwarded += confirm_dispatch(ledger, message, parts.to_confirm, draft.box)
    ledger.connection.execute("update message set touched_at = ? where id = ?", (ledger.at, message.id))
    feed.announce_patch(ledger, draft.box, message.id, patch_id, made)
    if confirmed:
        feed.announce_patch(ledger, draft.box, message.id, new_id(), confirmed)
    if forwarded:
        feed.announce_patch(ledger, other_box(message, draft.box), message.id, patch_id, forwarded)
    return patch_id


class _Parts:
    """What one addition has made: ids of its entities, whether the other side gets it, the file to be confirmed."""

    def __init__(self, ids: list[str], *, forward: bool, to_confirm: Entity | None) -> None:
        self.ids = ids
        self.forward = forward
        self.to_confirm = to_confirm


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The document that an addition is about, and the file of it that the addition hangs on."""

    document: Document
    file: Entity

    @property
    def on_title(self) -> bool:
        return self.file.attachment_type in TITLES

    @property
    def on_proposal(self) -> bool:
        return self.file.attachment_type == PROPOSAL


def _accept(ledger: Ledger, message: Message, box: str, answer: AnswerDraft) -> _Parts:
    if not answer.universal:
        check_signature_form(answer.signature)
    facts = None if answer.content is None else read_xml(answer.content)
    target = _target(ledger, message, rows.entity(ledger.connection, message.id, answer.parent_id))
    moves = _check(message, box, answer, target)
    signed = answer.content if answer.content is not None else target.file.content
    valid = answer.universal or ledger.notary.check(signed, answer.signature)
    if not valid:
        _count_wrong(ledger, target.file)
    parts = _store(ledger, message, box, answer, target, facts, seen_by_both=valid)
    ledger.tally(answer.kind.value, signed)
    if moves:
        rows.save_document(ledger.connection, _moved(ledger, box, answer, target, facts, parts, valid=valid))
        if target.document.type_named_id == INVITATION and answer.kind is Answer.SIGNATURE and valid:
            invitations.accept(ledger, box, message.from_box)
        if target.document.type_named_id == INVITATION and answer.kind is Answer.REJECTION and valid:
            relations.reject(ledger, box, message.from_box)
        if target.document.type_named_id == INVITATION and answer.kind is Answer.ANNULMENT and valid:
            relations.withdraw(ledger, box, message.to_box, with_file=True)
    return parts


def _check(message: Message, box: str, answer: AnswerDraft, target: _Target) -> bool:
    """Check the business order; False when a universal message is out of order: it is delivered and moves nothing."""
    document = target.document
    if answer.kind is Answer.INFORMATION:
        return False
    if answer.kind is Answer.ANNULMENT and document.type_named_id == INVITATION:
        invitations.check_withdrawal(document, is_sender=box == message.from_box)
        return True
    if answer.kind is Answer.ANNULMENT:
        rules.check_proposal(document, delivered=message.delivered_at is not None, on_document=not target.on_proposal)
        _check_named(answer, target)
        return True
    try:
        if target.on_proposal:
            rules.check_answer_to_proposal(document, answer.kind, box=box, proposal=target.file.id)
        elif target.on_title:
            rules.check_title_receipt(document, answer.kind, is_sender=box == message.from_box)
        else:
            rules.check_author(is_recipient=box == message.to_box, delivered=message.delivered_at is not None)
            rules.check_answer(document, answer.kind)
    except WrongState:
        if not answer.universal or message.delivered_at is None:
            raise
        return False
    return True


def _check_named(answer: AnswerDraft, target: _Target) -> None:
    """A proposal names the file that it annuls."""
    named = annulled_file(answer.content or b"")
    file_name = (target.file.file_name or "").removesuffix(".xml")
    if target.document.is_formal and named is not None and named != file_name:
        raise BadRequest(f"Предложение об аннулировании относится к другому файлу: {named}")


def _target(ledger: Ledger, message: Message, parent: Entity) -> _Target:
    document = rows.document(ledger.connection, parent.id)
    if document is None and parent.attachment_type in TITLES | {PROPOSAL} and parent.parent_id is not None:
        document = rows.document(ledger.connection, parent.parent_id)
    if document is None:
        raise WrongState(f"Сущность {parent.id} сообщения {message.id} не предполагает ответа")
    return _Target(document=document, file=parent)


def _store(
    ledger: Ledger,
    message: Message,
    box: str,
    answer: AnswerDraft,
    target: _Target,
    facts: XmlFacts | None,
    *,
    seen_by_both: bool,
) -> _Parts:
    seen_by = (message.from_box, message.to_box) if seen_by_both else (box,)
    ids: list[str] = []
    file: Entity | None = None
    if answer.content is not None and facts is not None:
        file = add_attachment(
            ledger,
            message,
            attachment_type=_type_of(answer, target.document),
            content=answer.content,
            file_name=f"{facts.file_id}.xml",
            parent_id=answer.parent_id,
            seen_by=seen_by,
            wishes=Wishes(
                signature=answer.kind is Answer.ANNULMENT,
                receipt=answer.needs_receipt,
                author=box if answer.universal else None,
            ),
        )
        ids.append(file.id)
    if not answer.universal:
        signature = add_signature(
            ledger,
            message,
            of=answer.parent_id if file is None else file.id,
            content=answer.signature,
            signer_box=box,
            seen_by=seen_by,
            power=answer.power,
        )
        ids.append(signature.id)
    confirmed = target.document.is_formal and answer.kind in CONFIRMED and not (target.on_proposal or answer.universal)
    return _Parts(ids, forward=seen_by_both, to_confirm=file if confirmed else None)


def _type_of(answer: AnswerDraft, document: Document) -> str:
    if answer.universal:
        return UNIVERSAL
    if answer.kind is Answer.RECEIPT:
        return "InvoiceReceipt" if document.function in INVOICE_FUNCTIONS else "Receipt"
    return BUYER_TITLES[document.type_named_id] if answer.kind is Answer.TITLE else TYPES[answer.kind]


def _moved(
    ledger: Ledger,
    box: str,
    answer: AnswerDraft,
    target: _Target,
    facts: XmlFacts | None,
    parts: _Parts,
    *,
    valid: bool,
) -> Document:
    document = target.document
    if answer.kind is Answer.ANNULMENT:
        if not valid:
            return document
        moved = rules.after_proposal(document, by=box, proposal=parts.ids[0])
        return replace(moved, revocation=Revocation.ACCEPTED) if document.type_named_id == INVITATION else moved
    if target.on_proposal:
        return rules.after_answer_to_proposal(document, answer.kind) if valid else document
    if not valid:
        return rules.after_wrong_signature(document, answer.kind)
    if target.on_title:
        return rules.after_title_receipt(document, at=ledger.at)
    return rules.after_answer(
        document,
        answer.kind,
        at=ledger.at,
        outcome=Response.SIGNED if facts is None else facts.outcome,
        title_receipt=answer.needs_receipt,
    )


def _count_wrong(ledger: Ledger, parent: Entity) -> None:
    """Refuse the fourth wrong signature of a day for one entity."""
    now = from_ticks(ledger.at)
    midnight = ticks(now.replace(hour=0, minute=0, second=0, microsecond=0))
    query = "select count(*) from wrong_signature where entity_id = ? and at >= ?"
    if ledger.connection.execute(query, (parent.id, midnight)).fetchone()[0] >= rules.WRONG_SIGNATURES_A_DAY:
        raise WrongState("За сутки отправлено больше трёх неверных подписей для одной сущности")
    ledger.connection.execute("insert into wrong_signature values (?, ?)", (parent.id, ledger.at))
