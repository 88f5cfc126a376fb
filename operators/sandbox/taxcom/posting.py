"""SendMessage: a client's container becomes a message or an answer of the exchange."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from operators.errors import BadAnswer
from operators.sandbox.exchange import answers, messages, relations, rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.files import check_signature_form
from operators.sandbox.exchange.ledger import Ledger
from operators.sandbox.exchange.model import (
    NONFORMALIZED,
    UPD,
    Answer,
    AnswerDraft,
    DocumentDraft,
    MessageDraft,
    PatchDraft,
)
from operators.sandbox.exchange.refusals import BadRequest, WrongState
from operators.sandbox.exchange.standing import Standing, standing_of
from operators.sandbox.taxcom import cards
from operators.sandbox.taxcom.access import by_participant
from operators.sandbox.taxcom.view import docflow
from operators.taxcom import layout
from operators.taxcom.intake import child, children, parse, safe_path, unpack

ANSWERS: Mapping[str, Answer] = {
    layout.RECEIPT: Answer.RECEIPT,
    layout.TITLE: Answer.TITLE,
    layout.RESIGN: Answer.SIGNATURE,
    layout.REJECT: Answer.REJECTION,
    layout.CORRECTION: Answer.CORRECTION,
    layout.OFFER: Answer.ANNULMENT,
    layout.OFFER_RESIGN: Answer.SIGNATURE,
    layout.OFFER_REJECT: Answer.REJECTION,
}
TYPES: Mapping[str, frozenset[str]] = {
    layout.SEND_INVOICE: frozenset(layout.FUNCTIONS),
    layout.SEND_OTHER: frozenset({layout.CONTRACT_TYPE, layout.OTHER_TYPE, "Account", "Statement", "Consignment"}),
    layout.RECEIPT: frozenset({layout.RECEIPT_TYPE, layout.OTHER_TYPE, layout.CONTRACT_TYPE}),
    layout.TITLE: frozenset(layout.CUSTOMER_TYPES.values()),
    layout.CORRECTION: frozenset({layout.NOTICE_TYPE}),
    layout.OFFER: frozenset({layout.OFFER_TYPE}),
}
"""Transaction -> the types that it may carry, where the operator's table tells."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """The one document of a client's container."""

    docflow: str | None
    transaction: str
    type_name: str
    resign: bool
    parent: str | None
    receiver: str | None
    sender: str | None
    card: cards.KeptCard
    comment: str | None
    file_name: str
    content: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)


def send(desk: Desk, box: str, body: bytes) -> None:
    """Accept a container; nothing protects from a repeat."""
    posted = read(body)
    with desk.reading() as connection:
        sender = rows.organisation(connection, box).participant_id
    if (posted.sender or "").casefold() != sender.casefold():
        raise BadRequest("Отправитель в card.xml не совпадает с кабинетом")
    check_signature_form(posted.signature)
    if posted.docflow is None:
        _send_document(desk, box, posted)
    else:
        _send_answer(desk, box, posted, posted.docflow)


def read(body: bytes) -> Posted:
    """Container -> its document; raises BadRequest."""
    try:
        files = unpack(body)
        meta = parse(files.get(layout.META_FILE, b""), root="ContainerDescription")
        docflows = children(meta, "DocFlow")
        listed = [child(each, "Documents") for each in docflows]
        documents = [each for one in listed if one is not None for each in children(one, "Document")]
        if len(docflows) != 1 or len(documents) != 1:
            raise BadRequest("Песочница принимает контейнер с одним документом")
        return _read(docflows[0], documents[0], files)
    except BadAnswer as error:
        raise BadRequest(f"Контейнер не разобран: {error}") from error


def _read(element: Any, document: Any, files: Mapping[str, bytes]) -> Posted:
    named = child(document, "Files")
    if named is None:
        raise BadRequest("В meta.xml не указаны файлы")
    card = parse(_file(named, "ExternalCard", files) or b"", root="Card")
    image, signature = _file(named, "MainImage", files), _file(named, "MainImageSignature", files)
    pointer = child(named, "MainImage")
    transaction, type_name = document.get("TransactionCode", ""), _attribute(card, "Type", "Name") or ""
    if type_name not in TYPES.get(transaction, {type_name}):
        raise BadRequest(f"Тип {type_name} не разрешён для транзакции {transaction}")
    return Posted(
        docflow=element.get("Id") or None,
        transaction=transaction,
        type_name=type_name,
        resign=_attribute(card, "Type", "ResignRequired") == "true",
        parent=_attribute(card, "Identifiers", "ParentDocumentInternalId"),
        receiver=_abonent(card, "Receiver"),
        sender=_abonent(card, "Sender"),
        card=cards.KeptCard(
            external_id=_attribute(card, "Identifiers", "ExternalIdentifier"),
            title=_attribute(card, "Description", "Title"),
            date=_attribute(card, "Description", "Date"),
        ),
        comment=_attribute(card, "Description", "Comment"),
        file_name="" if pointer is None else pointer.get("Name") or pointer.get("Path", "").rpartition("/")[2],
        content=image,
        signature=signature or b"",
    )


def _send_document(desk: Desk, box: str, posted: Posted) -> None:
    if posted.transaction not in {layout.SEND_INVOICE, layout.SEND_OTHER} or posted.content is None:
        raise BadRequest(f"Транзакция {posted.transaction} не начинает документооборот")
    is_upd = posted.transaction == layout.SEND_INVOICE
    draft = DocumentDraft(
        type_named_id=UPD if is_upd else NONFORMALIZED,
        function=layout.FUNCTIONS.get(posted.type_name) if is_upd else None,
        version=None,
        content=posted.content,
        signature=posted.signature,
        file_name=posted.file_name,
        custom_id=posted.card.external_id,
        comment=posted.comment,
        needs_answer=posted.resign and not is_upd,
        needs_receipt=is_upd,
    )

    def work(ledger: Ledger) -> str:
        other = by_participant(ledger.connection, posted.receiver or "").box
        if relations.is_blocked(ledger.connection, by=other, other=box):
            raise WrongState("Получатель не принимает документы от вашей организации")
        if standing_of(ledger.connection, box, other) is not Standing.MINE:
            raise WrongState("Получателя нет в списке контрагентов: отправьте приглашение")
        made = messages.post_message(ledger, MessageDraft(from_box=box, to_box=other, documents=(draft,)))
        cards.keep(ledger.connection, rows.documents(ledger.connection, made)[0].entity_id, posted.card)
        return made

    desk.accept(box, [("document", posted.content)], work)


def _send_answer(desk: Desk, box: str, posted: Posted, docflow_id: str) -> None:
    kind = ANSWERS.get(posted.transaction)
    bare = posted.transaction in {layout.RESIGN, layout.OFFER_RESIGN}
    if kind is None or bare != (posted.content is None):
        raise BadRequest(f"Транзакция {posted.transaction} с таким составом файлов не поддерживается")
    with desk.reading() as connection:
        seen = docflow(connection, box, docflow_id)
        parent = posted.parent or seen.document.entity_id
        content = posted.content
        if content is None:
            content = rows.entity(connection, seen.message.id, parent).content
    answer = AnswerDraft(kind=kind, parent_id=parent, content=posted.content, signature=posted.signature)

    def work(ledger: Ledger) -> str:
        before = _ids(ledger.connection, seen.message.id)
        answers.post_patch(ledger, PatchDraft(box=box, message_id=seen.message.id, answers=(answer,)))
        made = next(each for each in _ids(ledger.connection, seen.message.id) if each not in before)
        cards.keep(ledger.connection, made, posted.card)
        return made

    desk.accept(box, [(kind.value, content)], work)


def _ids(connection: sqlite3.Connection, message_id: str) -> list[str]:
    return [each.id for each in rows.entities(connection, message_id)]


def _file(named: Any, name: str, files: Mapping[str, bytes]) -> bytes | None:
    pointer = child(named, name)
    if pointer is None:
        return None
    content = files.get(safe_path(pointer.get("Path", "")))
    if content is None:
        raise BadRequest(f"В контейнере нет файла для {name}")
    return content


def _attribute(element: Any, name: str, attribute: str) -> str | None:
    found = child(element, name)
    return None if found is None else found.get(attribute) or None


def _abonent(card: Any, side: str) -> str | None:
    found = child(card, side)
    return None if found is None else _attribute(found, "Abonent", "Id")
