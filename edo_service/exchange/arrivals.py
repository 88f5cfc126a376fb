"""What an arrived file does to the document it belongs to: opens it, moves its lives, calls for the receipt notice."""

from edo_service import formats
from edo_service.documents import letters, receipts, recording
from edo_service.documents.facts import facts_of_upd
from edo_service.documents.rules import (
    DeliveryEvent,
    Direction,
    Kind,
    ReceiptEvent,
    ResponseEvent,
    Role,
    Route,
    initial_lives,
)
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import Rejected
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.rules import answer_due, receipt_due
from edo_service.formats.service import CorrectionNotice
from edo_service.formats.upd_buyer import AcceptanceResult
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties import queries as parties
from operators import port
from operators.port import EntityKind

_BY_RESULT = {
    AcceptanceResult.ACCEPTED: ResponseEvent.ARRIVE,
    AcceptanceResult.ACCEPTED_WITH_DISCREPANCIES: ResponseEvent.ARRIVE_WITH_REMARKS,
    AcceptanceResult.NOT_ACCEPTED: ResponseEvent.ARRIVE_REFUSAL,
}


def open_document(
    uow: UnitOfWork,
    content: bytes,
    sha256: str,
    event: port.Event,
    entity: port.Entity,
    *,
    account: AccountCard,
    role: Role,
) -> Document:
    """The row of a document that has just come in. Raises Rejected when its first file is none we can read."""
    if role is not Role.SELLER_TITLE:
        raise Rejected("exchange.kind_unknown", raw_type=entity.raw_type)
    facts = facts_of_upd(formats.read_upd_seller(content))
    today = moscow_date(uow.clock.now())
    seller = facts.details["seller"]
    party = seller if isinstance(seller, dict) else {}
    known = parties.counterparty_by_box(uow, event.from_box) if event.from_box else None
    lives = initial_lives(
        direction=Direction.IN, kind=Kind.UPD, route=Route.OPERATOR, function=entity.function or facts.function
    )
    document = Document(
        owner_id=account.owner_id,
        direction=Direction.IN.value,
        route=Route.OPERATOR.value,
        kind=Kind.UPD.value,
        function=facts.function,
        format_version="5.03",
        number=facts.number,
        dated=facts.dated,
        title=facts.title,
        total=facts.total,
        vat=facts.vat,
        currency=facts.currency,
        content_sha256=sha256,
        facts=dict(facts.details),
        counterparty_id=known.id if known else None,
        counterparty_name=known.name if known else str(party.get("name") or "")[:1000],
        counterparty_inn=known.inn if known else str(party.get("inn") or "")[:12],
        counterparty_kpp=known.kpp if known else str(party.get("kpp") or "")[:9] or None,
        box=event.box,
        peer_box=event.from_box,
        message_ref=event.message_id,
        entity_ref=entity.ref.entity_id,
        search=" ".join((facts.title, str(party.get("name") or ""), str(party.get("inn") or ""))),
        created_at=uow.clock.now(),
        arrived_at=uow.clock.now(),
        receipt_due=receipt_due(today) if lives["receipt"] == "required" else None,
        answer_due=answer_due(today) if lives["response"] == "required" else None,
        **lives,
    )
    uow.session.add(document)
    uow.session.flush()
    letters.promise_letters(uow, document)
    return document


def note_part(
    uow: UnitOfWork,
    document: Document,
    part: Part,
    signatures: list[Signature],
    content: bytes,
    *,
    actor: Actor,
) -> None:
    """Move the document's lives by a file that came from outside."""
    role = Role(part.role)
    if document.direction == Direction.IN.value:
        if role is Role.SELLER_TITLE and document.receipt == "required":
            receipts.promise_receipt(uow, document)
        elif role in {Role.ACCEPTANCE_CONFIRMATION, Role.DISPATCH_CONFIRMATION}:
            _confirm_incoming(uow, document, part, actor=actor)
        return
    if role in {Role.ACCEPTANCE_CONFIRMATION, Role.DISPATCH_CONFIRMATION}:
        if _parent_role(uow, part) is Role.SELLER_TITLE:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.CONFIRM, actor=actor)
    elif role is Role.RECEIPT_NOTICE:
        _delivered(uow, document, actor=actor)
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.ARRIVE, actor=actor)
    elif role in {Role.BUYER_TITLE, Role.REJECTION}:
        _delivered(uow, document, actor=actor)
        event = _answer_event(role, signatures, content)
        if recording.move_if_possible(uow, document, "response", event, actor=actor):
            document.answered_at = uow.clock.now()
            document.refusal_reason = _reason(role, content)


def note_echo(uow: UnitOfWork, document: Document, role: Role, *, actor: Actor) -> None:
    """A file of ours seen in our own feed proves that the operator took it, even when the call's answer was lost."""
    if role in {Role.SELLER_TITLE, Role.CONTRACT}:
        if recording.move_if_possible(uow, document, "delivery", DeliveryEvent.ACCEPT, actor=actor):
            document.sent_at = document.sent_at or uow.clock.now()
            document.trouble = None
    elif role is Role.RECEIPT_NOTICE:
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.SEND, actor=actor)
    elif role in {Role.BUYER_TITLE, Role.REJECTION}:
        recording.move_if_possible(uow, document, "response", ResponseEvent.SEND, actor=actor)


def note_bare_news(uow: UnitOfWork, document: Document, entity: port.Entity, *, actor: Actor) -> None:
    """News without a file: delivered, or not delivered with the operator's word."""
    if document.direction != Direction.OUT.value:
        return
    if entity.kind is EntityKind.DELIVERED:
        _delivered(uow, document, actor=actor)
    elif entity.kind is EntityKind.DELIVERY_FAILED and recording.move_if_possible(
        uow, document, "delivery", DeliveryEvent.FAIL, actor=actor
    ):
        document.trouble = "exchange.not_delivered"


def _delivered(uow: UnitOfWork, document: Document, *, actor: Actor) -> None:
    recording.move_if_possible(uow, document, "delivery", DeliveryEvent.DELIVER, actor=actor)


def _confirm_incoming(uow: UnitOfWork, document: Document, part: Part, *, actor: Actor) -> None:
    about = _parent_role(uow, part)
    if about is Role.RECEIPT_NOTICE:
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.CONFIRM, actor=actor)
    elif about in {Role.BUYER_TITLE, Role.REJECTION}:
        recording.move_if_possible(uow, document, "response", ResponseEvent.CONFIRM, actor=actor)


def _parent_role(uow: UnitOfWork, part: Part) -> Role | None:
    parent = uow.session.get(Part, part.parent_id) if part.parent_id else None
    return Role(parent.role) if parent else None


def _answer_event(role: Role, signatures: list[Signature], content: bytes) -> ResponseEvent:
    if any(row.indication == "TOTAL-FAILED" for row in signatures) or not signatures:
        return ResponseEvent.ARRIVE_INVALID
    if role is Role.REJECTION:
        return ResponseEvent.ARRIVE_REFUSAL
    return _BY_RESULT[formats.read_upd_buyer(content).result]


def _reason(role: Role, content: bytes) -> str | None:
    return formats.read_service(content, CorrectionNotice).text if role is Role.REJECTION else None
