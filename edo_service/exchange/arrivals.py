"""What an arrived file does to the document it belongs to: opens it, moves its lives, calls for the receipt notice."""

from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.documents import adjustments, corrections, letters, receipts, recording
from edo_service.documents.facts import facts_of
from edo_service.documents.rules import (
    CorrectionEvent,
    DeliveryEvent,
    Direction,
    Origin,
    ReceiptEvent,
    ResponseEvent,
    Role,
    Route,
    initial_lives,
    stops,
)
from edo_service.documents.signing_desk import KeptSignature
from edo_service.documents.tables import Document, Part
from edo_service.documents.titles import SellerTitle, kind_of
from edo_service.exchange import fitness
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.fitness import Reading, Signed
from edo_service.exchange.incoming import Fetched
from edo_service.exchange.rules import Terms
from edo_service.formats import MessageCode, UniversalNotice
from edo_service.formats.service import CorrectionNotice
from edo_service.formats.ukd_titles import UkdReply, UkdTitle
from edo_service.formats.upd_buyer import AcceptanceResult, UpdBuyer
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties import queries as parties
from operators import port
from operators.port import EntityKind

RECEIPTS = (Role.RECEIPT_NOTICE, Role.UNIVERSAL_RECEIPT)
AWAY = "реестр доверенностей не ответил"
_BY_RESULT = {
    AcceptanceResult.ACCEPTED: ResponseEvent.ARRIVE,
    AcceptanceResult.ACCEPTED_WITH_DISCREPANCIES: ResponseEvent.ARRIVE_WITH_REMARKS,
    AcceptanceResult.NOT_ACCEPTED: ResponseEvent.ARRIVE_REFUSAL,
}


def open_document(
    uow: UnitOfWork, title: SellerTitle, item: Fetched, event: port.Event, *, account: AccountCard, terms: Terms
) -> Document:
    """The row of a document whose title has just come in; in doubt from the start when something speaks against it."""
    facts, entity, kind = facts_of(title), item.entity, kind_of(title)
    today = moscow_date(uow.clock.now())
    seller = facts.details["seller"]
    party = seller if isinstance(seller, dict) else {}
    known = parties.counterparty_by_box(uow, event.from_box) if event.from_box else None
    inn = known.inn if known else str(party.get("inn") or "")[:12]
    lives = initial_lives(
        direction=Direction.IN,
        kind=kind,
        route=Route.OPERATOR,
        function=entity.function or facts.function,
        in_doubt=stops(_objection_to_title(uow, title, item, seller_inn=inn, owner_id=account.owner_id)),
    )
    original = corrections.find_original(uow, title, direction=Direction.IN, counterparty_inn=inn)
    document = Document(
        owner_id=account.owner_id,
        direction=Direction.IN.value,
        route=Route.OPERATOR.value,
        kind=kind.value,
        function=facts.function,
        format_version=title.kind.version if isinstance(title, UkdTitle) else "5.03",
        number=facts.number,
        dated=facts.dated,
        title=facts.title,
        total=facts.total,
        vat=facts.vat,
        currency=facts.currency,
        content_sha256=item.sha256,
        facts=dict(facts.details),
        counterparty_id=known.id if known else None,
        counterparty_name=known.name if known else str(party.get("name") or "")[:1000],
        counterparty_inn=inn,
        counterparty_kpp=known.kpp if known else str(party.get("kpp") or "")[:9] or None,
        box=event.box,
        peer_box=event.from_box,
        corrects_id=original.id if original else None,
        message_ref=event.message_id,
        entity_ref=entity.ref.entity_id,
        search=" ".join((facts.title, str(party.get("name") or ""), str(party.get("inn") or ""))),
        created_at=uow.clock.now(),
        arrived_at=uow.clock.now(),
        receipt_due=terms.receipt_due(today) if lives["receipt"] == "required" else None,
        answer_due=terms.answer_due(today) if lives["response"] == "required" else None,
        **lives,
    )
    uow.session.add(document)
    if isinstance(title, UkdTitle):
        adjustments.tie(uow, document, title)
    letters.promise_letters(uow, document)
    return document


def _objection_to_title(
    uow: UnitOfWork, title: SellerTitle, item: Fetched, *, seller_inn: str, owner_id: UUID
) -> str | None:
    buyer_inn = accounts.entity(uow, owner_id).inn
    return fitness.objection_to(
        title,
        [signed_of(one, item) for one in item.signatures],
        expected_inn=seller_inn,
        unreadable=item.unreadable,
        misfit=fitness.misfit_of_title(title, seller_inn=seller_inn, buyer_inn=buyer_inn),
    )


def signed_of(kept: KeptSignature, item: Fetched) -> Signed:
    """A fetched signature as the rules of `fitness` see it."""
    judged = item.powers.get(kept.sha256)
    return Signed(
        indication=kept.judgement.report.indication,
        inn=kept.signer_inn,
        power=judged.verdict.outcome.value if judged else None,
        power_reason=judged.verdict.reason if judged else AWAY if item.power_silent else "",
        sub_indication=kept.judgement.sub_indication,
    )


def note_part(uow: UnitOfWork, document: Document, part: Part, reading: Reading | None, *, actor: Actor) -> None:
    """Move the document's lives by a file that came from outside; one with an objection moves nothing forward."""
    if document.direction == Direction.IN.value:
        _note_incoming(uow, document, part, reading, actor=actor)
    elif not (
        isinstance(reading, UniversalNotice) and part.origin == Origin.OURS.value
    ):  # our own message answers nothing
        _note_outgoing(uow, document, part, reading, actor=actor)


def _note_incoming(uow: UnitOfWork, document: Document, part: Part, reading: Reading | None, *, actor: Actor) -> None:
    """The title calls for a receipt notice whatever speaks against it: the notice says that it came, not that it is good.

    An answer or a notice by our own company was given at the operator's own site: it counts as ours, and what was
    prepared here instead is discarded.
    """
    role, stopped = Role(part.role), stops(part.objection)
    if role in {Role.SELLER_TITLE, Role.CONTRACT}:
        if not stopped:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.CLEAR, actor=actor)
        if role is Role.SELLER_TITLE and document.receipt == "required":
            receipts.promise_receipt(uow, document)
    elif role in {Role.ACCEPTANCE_CONFIRMATION, Role.DISPATCH_CONFIRMATION}:
        _confirm_incoming(uow, document, part, actor=actor)
    elif part.origin == Origin.OURS.value and not stopped:
        _note_given_outside(uow, document, part, reading, actor=actor)


def _note_given_outside(
    uow: UnitOfWork, document: Document, part: Part, reading: Reading | None, *, actor: Actor
) -> None:
    """What our own company gave at the operator's site."""
    role = Role(part.role)
    if role in RECEIPTS or _acknowledges(reading):
        given = ReceiptEvent.SEND_OUTSIDE if role is Role.RECEIPT_NOTICE else ReceiptEvent.TELL_OUTSIDE
        if recording.move_if_possible(uow, document, "receipt", given, actor=actor):
            _discard_others(uow, document, part, *RECEIPTS)
    if role in {Role.BUYER_TITLE, Role.REJECTION}:
        refused = _answer_event(reading) is ResponseEvent.ARRIVE_REFUSAL
        event = ResponseEvent.REFUSE_OUTSIDE if refused else ResponseEvent.SIGN_OUTSIDE
        if recording.move_if_possible(uow, document, "response", event, actor=actor):
            _discard_others(uow, document, part, Role.BUYER_TITLE, Role.REJECTION)
            document.answered_at, document.refusal_reason = uow.clock.now(), _reason(reading)
            document.trouble = None
    elif role is Role.CORRECTION_REQUEST and recording.move_if_possible(
        uow, document, "correction", CorrectionEvent.ASK_OUTSIDE, actor=actor
    ):
        _discard_others(uow, document, part, role)


def _discard_others(uow: UnitOfWork, document: Document, part: Part, *roles: Role) -> None:
    """Discard what was prepared here and has not reached the operator: another file took its place."""
    for other in recording.live_parts(uow, document):
        if other.id != part.id and other.entity_ref is None and Role(other.role) in roles:
            other.discarded_at = uow.clock.now()


def _note_outgoing(uow: UnitOfWork, document: Document, part: Part, reading: Reading | None, *, actor: Actor) -> None:
    role, stopped = Role(part.role), stops(part.objection)
    if _acknowledges(reading) and not stopped:
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.ARRIVE, actor=actor)
    if role in {Role.ACCEPTANCE_CONFIRMATION, Role.DISPATCH_CONFIRMATION}:
        if _parent_role(uow, part) is Role.SELLER_TITLE:
            recording.move_if_possible(uow, document, "delivery", DeliveryEvent.CONFIRM, actor=actor)
    elif role in RECEIPTS and part.origin != Origin.OURS.value:
        _delivered(uow, document, actor=actor)
        if not stopped and _parent_role(uow, part) not in {Role.BUYER_TITLE, Role.CORRECTION_REQUEST}:
            recording.move_if_possible(uow, document, "receipt", ReceiptEvent.ARRIVE, actor=actor)
    elif role in {Role.BUYER_TITLE, Role.REJECTION}:
        _delivered(uow, document, actor=actor)
        event = ResponseEvent.ARRIVE_INVALID if stopped else _answer_event(reading)
        if recording.move_if_possible(uow, document, "response", event, actor=actor):
            document.answered_at = uow.clock.now()
            document.refusal_reason = None if stopped else _reason(reading)
    elif role is Role.CORRECTION_REQUEST:
        _delivered(uow, document, actor=actor)
        if not stopped and recording.move_if_possible(uow, document, "correction", CorrectionEvent.ARRIVE, actor=actor):
            _journal_request(uow, document, part, reading, actor=actor)


def _journal_request(uow: UnitOfWork, document: Document, part: Part, reading: Reading | None, *, actor: Actor) -> None:
    uow.journal.write(
        "correction.asked",
        owner_id=document.owner_id,
        subject=f"document:{document.id}",
        actor=actor,
        sha256=part.sha256,
        text=_reason(reading) or "",
    )


def note_echo(uow: UnitOfWork, document: Document, role: Role, *, actor: Actor) -> None:
    """A file of ours seen in our own feed proves that the operator took it, even when the call's answer was lost."""
    if role in {Role.SELLER_TITLE, Role.CONTRACT}:
        if recording.move_if_possible(uow, document, "delivery", DeliveryEvent.ACCEPT, actor=actor):
            document.sent_at = document.sent_at or uow.clock.now()
            document.trouble = None
    elif role is Role.RECEIPT_NOTICE:
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.SEND, actor=actor)
    elif role is Role.UNIVERSAL_RECEIPT:
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.TELL, actor=actor)
    elif role in {Role.BUYER_TITLE, Role.REJECTION}:
        recording.move_if_possible(uow, document, "response", ResponseEvent.SEND, actor=actor)
    elif role is Role.CORRECTION_REQUEST:
        recording.move_if_possible(uow, document, "correction", CorrectionEvent.SEND, actor=actor)


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
        corrections.pass_on(uow, document, actor=actor)


def _delivered(uow: UnitOfWork, document: Document, *, actor: Actor) -> None:
    recording.move_if_possible(uow, document, "delivery", DeliveryEvent.DELIVER, actor=actor)


def _confirm_incoming(uow: UnitOfWork, document: Document, part: Part, *, actor: Actor) -> None:
    lives = recording.LIVES
    awaited = lives["receipt"].allows(document.receipt, ReceiptEvent.CONFIRM)
    if not awaited and not lives["response"].allows(document.response, ResponseEvent.CONFIRM):
        return  # nothing of ours is on its way: it confirms the title
    about = _parent_role(uow, part)
    if about in RECEIPTS:
        recording.move_if_possible(uow, document, "receipt", ReceiptEvent.CONFIRM, actor=actor)
    elif about in {Role.BUYER_TITLE, Role.REJECTION}:
        recording.move_if_possible(uow, document, "response", ResponseEvent.CONFIRM, actor=actor)


def _parent_role(uow: UnitOfWork, part: Part) -> Role | None:
    parent = uow.session.get(Part, part.parent_id) if part.parent_id else None
    return Role(parent.role) if parent else None


def _answer_event(reading: Reading | None) -> ResponseEvent:
    """An УКД is agreed to by its title; anything else that is no title is a refusal."""
    if isinstance(reading, UkdReply):
        return ResponseEvent.ARRIVE
    return _BY_RESULT[reading.result] if isinstance(reading, UpdBuyer) else ResponseEvent.ARRIVE_REFUSAL


def _reason(reading: Reading | None) -> str | None:
    return reading.text if isinstance(reading, CorrectionNotice | UniversalNotice) else None


def _acknowledges(reading: Reading | None) -> bool:
    """Whether a refusal or a request that came as a universal message is the receipt too."""
    return isinstance(reading, UniversalNotice) and MessageCode.RECEIPT in reading.codes
