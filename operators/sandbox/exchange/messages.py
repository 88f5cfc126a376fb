"""Posting a message and delivering it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from operators.sandbox.exchange import feed, relations, rows, rules
from operators.sandbox.exchange.confirmations import (
    Wishes,
    add_attachment,
    add_signature,
    confirm_dispatch,
    confirm_receipt,
)
from operators.sandbox.exchange.files import XmlFacts, check_signature_form, read_xml
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.model import (
    FORMAL,
    INVITATION,
    INVOICE_FUNCTIONS,
    NONFORMALIZED,
    UKD,
    UPD,
    Document,
    DocumentDraft,
    Entity,
    Message,
    MessageDraft,
    Response,
)
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoRoaming, WrongState
from operators.sandbox.faults import Roaming

VERSIONS = {UPD: "utd970_05_03_01", UKD: "ucd736_05_01_02"}
"""Versions of the formats in force, for messages that name none."""
FUNCTIONS = {UPD: ("УПД", ("СЧФ", "ДОП", "СЧФДОП")), UKD: ("УКД", ("КСЧФ", "ДИС", "КСЧФДИС"))}
"""Type -> its name and its functions."""
FORMALIZED_LIMIT = 3 * 1024 * 1024
CONTENT_LIMIT = 70 * 1024 * 1024
DOCUMENTS_LIMIT = 40
NO_WAY = "Роуминг с оператором контрагента не настроен, подайте заявку на подключение"
NO_UKD = "Оператор контрагента не принимает УКД в роуминге"
NOT_TAKEN = "Оператор контрагента не принял документ"
SOMETHING_NEW = "SomethingNewer"
"""A type of file that no client knows (`Faults.unknown_entities`)."""
ROUBLE = 643
"""Code of the rouble in ОК 014 (ОКВ), for files that name no currency."""


def post_message(
    ledger: Ledger, draft: MessageDraft, *, invite_first: bool = False, is_invitation: bool = False
) -> str:
    """Accept a message and deliver it; returns its id.

    `invite_first`: sending to somebody who is not a counterparty is an invitation, and the message waits for its
    acceptance (`release`). `is_invitation`: it carries the file of an invitation. A message to another operator's
    participant goes to counterparties only, arrives later and may fail (`Faults.roaming`).

    1. The whole message is checked before anything is stored. 2. The sender's feed gets the message, then ПДП for
    each УПД. 3. The recipient gets the message with ПДО, the sender a notice of delivery. A document whose signature
    does not stand over its content is kept for the sender with that status and the message is not delivered.
    """
    roams = ledger.roams(draft.from_box, draft.to_box)
    _check(ledger, draft, is_invitation=is_invitation)
    if roams:
        _check_roaming(ledger, draft, counterparties_only=not invite_first)
    message = Message(
        id=new_id(),
        from_box=draft.from_box,
        to_box=draft.to_box,
        created_at=ledger.at,
        touched_at=ledger.at,
        deliver_at=None,
        delivered_at=None,
    )
    rows.add_message(ledger.connection, message)
    shown: list[str] = []
    for posted in draft.documents:
        shown += _store(ledger, message, posted)
    feed.announce_message(ledger, message.from_box, message.id, shown)
    stored = rows.documents(ledger.connection, message.id)
    if not all(document.sender_valid for document in stored):
        return message.id
    _confirm(ledger, message, stored)
    if not (invite_first and _must_wait(ledger, message)):
        _dispatch(ledger, message)
    return message.id


def _confirm(ledger: Ledger, message: Message, stored: Sequence[Document]) -> None:
    """ПДП to the sender, for each formal document."""
    confirmed: list[str] = []
    for document in stored:
        if document.is_formal:
            file = rows.entity(ledger.connection, message.id, document.entity_id)
            confirmed += confirm_receipt(ledger, message, file, message.from_box)
            rows.save_document(ledger.connection, replace(document, confirmed_at=ledger.at))
    if confirmed:
        feed.announce_patch(ledger, message.from_box, message.id, new_id(), confirmed)


def deliver_due(ledger: Ledger) -> None:
    """Deliver the messages whose time has come."""
    due = ledger.connection.execute(
        "select * from message where delivered_at is null and failed_at is null and deliver_at <= ?"
        " order by deliver_at",
        (ledger.at,),
    ).fetchall()
    for row in due:
        _deliver(ledger, Message(**row))


def _dispatch(ledger: Ledger, message: Message) -> None:
    """Deliver at once, or set the time of the delivery; to another operator it may be that of its failure."""
    roams = ledger.roams(message.from_box, message.to_box)
    wait = ledger.knobs.delay_delivery + (ledger.knobs.delay_roaming if roams else timedelta(0))
    if roams and ledger.knobs.roaming is Roaming.FAILING:
        message = replace(message, failure=NOT_TAKEN)
        ledger.connection.execute("update message set failure = ? where id = ?", (NOT_TAKEN, message.id))
    if wait > timedelta(0):
        ledger.connection.execute("update message set deliver_at = ? where id = ?", (ledger.later(wait), message.id))
    else:
        _deliver(ledger, message)


def release(ledger: Ledger, *, from_box: str, to_box: str) -> None:
    """Deliver what has waited for the acceptance of an invitation."""
    waiting = ledger.connection.execute(
        "select * from message where from_box = ? and to_box = ? and delivered_at is null and deliver_at is null"
        " and failed_at is null"
        " order by created_at",
        (from_box, to_box),
    ).fetchall()
    for message in (Message(**row) for row in waiting):
        if all(document.sender_valid for document in rows.documents(ledger.connection, message.id)):
            _dispatch(ledger, message)


def has_due(connection: sqlite3.Connection, now: int) -> bool:
    """Whether `deliver_due` has anything to do."""
    query = "select 1 from message where delivered_at is null and failed_at is null and deliver_at <= ? limit 1"
    return connection.execute(query, (now,)).fetchone() is not None


def visible_message(connection: sqlite3.Connection, box: str, message_id: str) -> Message:
    """Return a message that a box may see; raises Absent for a foreign or undelivered one."""
    message = rows.message(connection, message_id)
    if box == message.from_box or (box == message.to_box and message.delivered_at is not None):
        return message
    raise Absent(f"Сообщение {message_id} в ящике не найдено")


def _check_roaming(ledger: Ledger, draft: MessageDraft, *, counterparties_only: bool) -> None:
    if ledger.knobs.roaming is Roaming.CLOSED:
        raise NoRoaming(NO_WAY)
    if any(document.type_named_id == UKD for document in draft.documents):
        raise NoRoaming(NO_UKD)
    standing = relations.standing_of(ledger.connection, draft.from_box, draft.to_box)
    if counterparties_only and standing is not relations.Standing.MINE:
        raise WrongState("Recipient allows to receive messages only from counteragents")


def _check(ledger: Ledger, draft: MessageDraft, *, is_invitation: bool) -> None:
    if not 1 <= len(draft.documents) <= DOCUMENTS_LIMIT:
        raise BadRequest(f"В сообщении должно быть от 1 до {DOCUMENTS_LIMIT} документов")
    if draft.from_box == draft.to_box:
        raise BadRequest("Отправитель и получатель совпадают")
    rows.organisation(ledger.connection, draft.to_box)
    if relations.is_blocked(ledger.connection, by=draft.to_box, other=draft.from_box):
        raise WrongState("Recipient forbids to receive messages from blocked senders")
    for document in draft.documents:
        check_signature_form(document.signature)
        if document.type_named_id in FORMAL:
            _check_formal(document)
        elif document.type_named_id != (INVITATION if is_invitation else NONFORMALIZED):
            raise BadRequest(f"Тип документа {document.type_named_id} песочница не поддерживает")
        elif not document.file_name:
            raise BadRequest("Для неформализованного документа нужно имя файла: Metadata с ключом FileName")
        if not document.content or len(document.content) > CONTENT_LIMIT:
            raise BadRequest("Документ пуст или больше 70 МБ")


def _check_formal(document: DocumentDraft) -> None:
    if len(document.content) > FORMALIZED_LIMIT:
        raise BadRequest("Формализованный документ больше 3 МБ")
    facts = read_xml(document.content)
    name, functions = FUNCTIONS[document.type_named_id]
    if facts.function not in functions:
        expected = f"{', '.join(functions[:-1])} или {functions[-1]}"
        raise BadRequest(f"Функция {name} {facts.function or 'не указана'}: ожидается {expected}")
    if document.function not in {None, facts.function}:
        raise BadRequest(f"Функция в запросе ({document.function}) не совпадает с функцией в файле ({facts.function})")


def _store(ledger: Ledger, message: Message, draft: DocumentDraft) -> list[str]:
    both = (message.from_box, message.to_box)
    is_formal = draft.type_named_id in FORMAL
    facts = read_xml(draft.content) if is_formal else None
    valid = ledger.notary.check(draft.content, draft.signature)
    file = add_attachment(
        ledger,
        message,
        attachment_type=draft.type_named_id,
        content=draft.content,
        file_name=f"{facts.file_id}.xml" if facts else draft.file_name,
        seen_by=both,
        wishes=Wishes(signature=draft.needs_answer and not is_formal, receipt=draft.needs_receipt),
    )
    signature = add_signature(
        ledger,
        message,
        of=file.id,
        content=draft.signature,
        signer_box=message.from_box,
        seen_by=both,
        power=draft.power,
    )
    made = [file.id, signature.id]
    if draft.comment:
        content = draft.comment.encode()
        comment = add_attachment(
            ledger, message, attachment_type="AttachmentComment", content=content, parent_id=file.id, seen_by=both
        )
        made.append(comment.id)
    rows.add_document(ledger.connection, _document(file, draft, facts, valid=valid))
    ledger.tally("document", draft.content)
    return made


def _document(file: Entity, draft: DocumentDraft, facts: XmlFacts | None, *, valid: bool) -> Document:
    """Return the axes of a document just posted."""
    is_formal = facts is not None
    function = (facts.function if facts else None) or "default"
    response = rules.first_response(is_formal=is_formal, function=function, signature_requested=draft.needs_answer)
    return Document(
        entity_id=file.id,
        message_id=file.message_id,
        type_named_id=draft.type_named_id,
        function=function,
        version=draft.version or VERSIONS.get(draft.type_named_id, "v1"),
        custom_id=draft.custom_id,
        number=facts.number if facts else None,
        date=facts.date if facts else None,
        total=(facts.total if facts else None) or "0",
        vat=facts.vat if facts else None,
        currency=_currency(facts),
        needs_answer=response is Response.WAITING,
        needs_receipt=draft.needs_receipt or function in INVOICE_FUNCTIONS,
        sender_valid=valid,
        response=response,
    )


def _currency(facts: XmlFacts | None) -> int:
    """The code by ОКВ, three digits; what is none counts as roubles."""
    code = (facts.currency if facts else None) or ""
    return int(code) if code.isdecimal() and len(code) == 3 else ROUBLE


def _must_wait(ledger: Ledger, message: Message) -> bool:
    standing = relations.standing_of(ledger.connection, message.from_box, message.to_box)
    if standing is relations.Standing.MINE:
        return False
    relations.carry_out(ledger, message.from_box, message.to_box, text=None)
    if relations.standing_of(ledger.connection, message.from_box, message.to_box) is not relations.Standing.MINE:
        return True
    release(ledger, from_box=message.to_box, to_box=message.from_box)  # what they have sent was their invitation
    return False


def _deliver(ledger: Ledger, message: Message) -> None:
    if message.failure is not None:
        _fail(ledger, message)
        return
    if ledger.knobs.unknown_entities:
        reader = (message.to_box,)
        add_attachment(ledger, message, attachment_type=SOMETHING_NEW, content=b"?", file_name="new", seen_by=reader)
    shown = [part.id for part in rows.entities(ledger.connection, message.id) if part.seen_by_recipient]
    for document in rows.documents(ledger.connection, message.id):
        if document.is_formal:
            file = rows.entity(ledger.connection, message.id, document.entity_id)
            shown += confirm_dispatch(ledger, message, file, message.from_box)
            rows.save_document(ledger.connection, replace(document, dispatched_at=ledger.at))
    ledger.connection.execute(
        "update message set delivered_at = ?, touched_at = ? where id = ?", (ledger.at, ledger.at, message.id)
    )
    feed.announce_message(ledger, message.to_box, message.id, shown)
    feed.announce_delivery(ledger, message.from_box, message.id)


def _fail(ledger: Ledger, message: Message) -> None:
    """Tell the sender that the other operator did not take the message: a notice with the operator's words."""
    notice = add_attachment(
        ledger,
        message,
        attachment_type="DeliveryFailureNotification",
        content=(message.failure or "").encode(),
        file_name="Уведомление об ошибке доставки.txt",
        seen_by=(message.from_box,),
    )
    ledger.connection.execute(
        "update message set failed_at = ?, touched_at = ? where id = ?", (ledger.at, ledger.at, message.id)
    )
    feed.announce_failure(ledger, message.from_box, message.id, [notice.id])
