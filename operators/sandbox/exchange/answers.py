"""Additions to a message: receipts, titles, signatures, rejections, requests for correction."""

from operators.sandbox.exchange import feed, rows, rules
from operators.sandbox.exchange.confirmations import (
    Wishes,
    add_attachment,
    add_signature,
    confirm_dispatch,
    confirm_receipt,
    other_box,
)
from operators.sandbox.exchange.files import XmlFacts, check_signature_form, read_xml
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.model import (
    INVOICE_FUNCTIONS,
    Answer,
    AnswerDraft,
    Document,
    Entity,
    Message,
    PatchDraft,
    Response,
    from_ticks,
    ticks,
)
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState

BUYER_TITLE = "UniversalTransferDocumentBuyerTitle"
TYPES = {
    Answer.TITLE: BUYER_TITLE,
    Answer.REJECTION: "XmlSignatureRejection",
    Answer.CORRECTION: "InvoiceCorrectionRequest",
}


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


def _accept(ledger: Ledger, message: Message, box: str, answer: AnswerDraft) -> _Parts:
    check_signature_form(answer.signature)
    facts = None if answer.content is None else read_xml(answer.content)
    parent = rows.entity(ledger.connection, message.id, answer.parent_id)
    document, on_title = _target(ledger, message, parent)
    if on_title:
        if answer.kind is not Answer.RECEIPT:
            raise WrongState("На титул покупателя отправляют только извещение о получении")
        rules.check_title_receipt(document, is_sender=box == message.from_box)
    else:
        rules.check_author(is_recipient=box == message.to_box, delivered=message.delivered_at is not None)
        rules.check_answer(document, answer.kind)
    signed = answer.content if answer.content is not None else parent.content
    valid = ledger.notary.check(signed, answer.signature)
    if not valid:
        _count_wrong(ledger, parent)
    parts = _store(ledger, message, box, answer, document, facts, seen_by_both=valid)
    ledger.tally(answer.kind.value, signed)
    _move(ledger, document, answer, facts, on_title=on_title, valid=valid)
    return parts


def _target(ledger: Ledger, message: Message, parent: Entity) -> tuple[Document, bool]:
    """Return the document that the addition is about and whether it hangs on the buyer's title."""
    document = rows.document(ledger.connection, parent.id)
    if document is not None:
        return document, False
    if parent.attachment_type == BUYER_TITLE and parent.parent_id is not None:
        document = rows.document(ledger.connection, parent.parent_id)
        if document is not None:
            return document, True
    raise WrongState(f"Сущность {parent.id} сообщения {message.id} не предполагает ответа")


def _store(
    ledger: Ledger,
    message: Message,
    box: str,
    answer: AnswerDraft,
    document: Document,
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
            attachment_type=_type_of(answer.kind, document),
            content=answer.content,
            file_name=f"{facts.file_id}.xml",
            parent_id=answer.parent_id,
            seen_by=seen_by,
            wishes=Wishes(receipt=answer.needs_receipt),
        )
        ids.append(file.id)
    signature = add_signature(
        ledger,
        message,
        of=answer.parent_id if file is None else file.id,
        content=answer.signature,
        signer_box=box,
        seen_by=seen_by,
    )
    ids.append(signature.id)
    return _Parts(ids, forward=seen_by_both, to_confirm=file if document.is_upd else None)


def _type_of(kind: Answer, document: Document) -> str:
    if kind is Answer.RECEIPT:
        return "InvoiceReceipt" if document.function in INVOICE_FUNCTIONS else "Receipt"
    return TYPES[kind]


def _move(
    ledger: Ledger, document: Document, answer: AnswerDraft, facts: XmlFacts | None, *, on_title: bool, valid: bool
) -> None:
    if not valid:
        moved = rules.after_wrong_signature(document, answer.kind)
    elif on_title:
        moved = rules.after_title_receipt(document, at=ledger.at)
    else:
        moved = rules.after_answer(
            document,
            answer.kind,
            at=ledger.at,
            outcome=Response.SIGNED if facts is None else facts.outcome,
            title_receipt=answer.needs_receipt,
        )
    rows.save_document(ledger.connection, moved)


def _count_wrong(ledger: Ledger, parent: Entity) -> None:
    """Refuse the fourth wrong signature of a day for one entity."""
    now = from_ticks(ledger.at)
    midnight = ticks(now.replace(hour=0, minute=0, second=0, microsecond=0))
    query = "select count(*) from wrong_signature where entity_id = ? and at >= ?"
    if ledger.connection.execute(query, (parent.id, midnight)).fetchone()[0] >= rules.WRONG_SIGNATURES_A_DAY:
        raise WrongState("За сутки отправлено больше трёх неверных подписей для одной сущности")
    ledger.connection.execute("insert into wrong_signature values (?, ?)", (parent.id, ledger.at))
