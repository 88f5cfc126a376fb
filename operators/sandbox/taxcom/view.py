"""Docflows as one side sees them: documents by transaction, status, containers."""

import io
import sqlite3
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from operators.sandbox.exchange import messages, rows
from operators.sandbox.exchange.model import (
    NONFORMALIZED,
    PROPOSAL,
    UPD,
    Document,
    Entity,
    Message,
    Response,
    Revocation,
    from_ticks,
)
from operators.sandbox.exchange.refusals import Absent
from operators.sandbox.taxcom import cards
from operators.taxcom import layout
from operators.taxcom.markup import add, start, written
from operators.taxcom.moments import to_wire

HIDDEN = frozenset({"AttachmentComment", "DeliveryFailureNotification"})
RECEIPTS = frozenset({"InvoiceReceipt", "Receipt"})
TRANSACTIONS: Mapping[str, tuple[str, str]] = {
    NONFORMALIZED: (layout.SEND_OTHER, layout.OTHER_TYPE),
    "InvoiceReceipt": (layout.RECEIPT, layout.RECEIPT_TYPE),
    "Receipt": (layout.RECEIPT, layout.RECEIPT_TYPE),
    "InvoiceConfirmation": (layout.CONFIRMATION, layout.CONFIRMATION_TYPE),
    "XmlSignatureRejection": (layout.REJECT, layout.NOTICE_TYPE),
    "InvoiceCorrectionRequest": (layout.CORRECTION, layout.NOTICE_TYPE),
    PROPOSAL: (layout.OFFER, layout.OFFER_TYPE),
}
"""Type of a file in the exchange -> transaction and Type/@Name."""
VENDOR_TYPES = {function: name for name, function in layout.FUNCTIONS.items()}


@dataclass(frozen=True, kw_only=True)
class PartView:
    """A document of a docflow; `content` None for a bare signature."""

    id: str
    transaction: str
    type_name: str
    parent: str | None
    order: int
    outgoing: bool
    result: str
    resign: bool
    card: cards.KeptCard
    comment: str | None
    file_name: str
    content: bytes | None = field(repr=False)
    signatures: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DocflowView:
    """A docflow as the organisation `box` sees it."""

    box: str
    message: Message
    document: Document
    sender: rows.Organisation
    receiver: rows.Organisation
    parts: tuple[PartView, ...]

    @property
    def outgoing(self) -> bool:
        """Whether it is ours."""
        return self.box == self.message.from_box

    @property
    def main(self) -> PartView:
        """The document that opened it."""
        return next(each for each in self.parts if each.id == self.document.entity_id)

    def status(self) -> tuple[str, str, str]:
        """Status, ErrorType and ErrorDescription."""
        document = self.document
        if not document.sender_valid:
            return "Error", "SignaturesCheckFailed", "Подпись не соответствует документу"
        if self.message.failed_at is not None:
            return "Error", "SendingError", self.message.failure or ""
        annulled = {Revocation.ACCEPTED: "Cancelled", Revocation.PROPOSED: "WaitingForCancellation"}
        if document.revocation in annulled:
            return annulled[document.revocation], "", ""
        answered = {
            Response.REJECTED: "NotAccepted",
            Response.PARTIAL: "CompletedWithDivergences",
            Response.INVALID: "Warning",
        }
        if document.response in answered:
            return answered[document.response], "", ""
        owed = document.is_formal and document.needs_receipt and document.receipt_at is None
        open_ = self.message.delivered_at is None or document.response is Response.WAITING or owed
        return "InProgress" if open_ else "Succeed", "", ""

    def changed_at(self) -> int:
        """When the status became what it is; of a failure the moment of the failure."""
        message = self.message
        return message.created_at if not self.document.sender_valid else message.failed_at or message.touched_at


def docflow(connection: sqlite3.Connection, box: str, docflow_id: str) -> DocflowView:
    """Return a docflow that a box may see; raises Absent."""
    message = messages.visible_message(connection, box, docflow_id.lower())
    documents = rows.documents(connection, message.id)
    if not documents or documents[0].type_named_id not in {UPD, NONFORMALIZED}:
        raise Absent(f"Документооборот {docflow_id[:60]} не найден")
    return DocflowView(
        box=box,
        message=message,
        document=documents[0],
        sender=rows.organisation(connection, message.from_box),
        receiver=rows.organisation(connection, message.to_box),
        parts=_parts(connection, box, message, documents[0]),
    )


def container(each: DocflowView) -> bytes:
    """The ZIP of GetMessage: every document with its card, its file and its signatures."""
    root = start("ContainerDescription", layout.META)
    element = describe(root, each)
    listed = add(element, "Documents")
    files: list[tuple[str, bytes]] = []
    for part in each.parts:
        document = add(listed, "Document", {"ReglamentCode": regulation(each), "TransactionCode": part.transaction})
        named = add(document, "Files")
        folder = str(part.order)
        if part.content is not None:
            path = f"{folder}/{part.id}.bin"
            add(named, "MainImage", {"Path": path, "Name": part.file_name})
            files.append((path, part.content))
        for place, signature in enumerate(part.signatures):
            path = f"{folder}/{place}.p7s"
            add(named, "MainImageSignature", {"Path": path})
            files.append((path, signature))
        add(named, "ExternalCard", {"Path": f"{folder}/{layout.CARD_FILE}"})
        files.append((f"{folder}/{layout.CARD_FILE}", _card(each, part)))
        document.insert(0, _status(document, part))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(layout.META_FILE, written(root))
        for path, content in files:
            archive.writestr(path, content)
    return packed.getvalue()


def describe(root: Any, each: DocflowView, *, at: int | None = None) -> Any:
    """Add DocFlow with its status; `at` the time that a list tells."""
    status, error, words = each.status()
    attributes = {
        "Id": each.message.id,
        "Status": status,
        "StatusChangeDateTime": to_wire(from_ticks(each.changed_at() if at is None else at)),
    }
    if error:
        attributes |= {"ErrorType": error, "ErrorDescription": words}
    return add(root, "DocFlow", attributes)


def regulation(each: DocflowView) -> str:
    """Document/@ReglamentCode."""
    return layout.INVOICE if each.document.is_formal else layout.NONFORMALIZED


def identify(parent: Any, part: PartView) -> None:
    """Add Identifiers and Type; our own id is shown to its author alone."""
    ids = {"InternalId": part.id}
    if part.parent is not None:
        ids["ParentDocumentInternalId"] = part.parent
    if part.outgoing and part.card.external_id:
        ids["ExternalIdentifier"] = part.card.external_id
    add(parent, "Identifiers", ids)
    add(parent, "Type", {"Name": part.type_name, "ResignRequired": "true" if part.resign else "false"})


def state_of(part: PartView, result: str | None = None) -> dict[str, str]:
    """Attributes of Status; `result` as a list tells it."""
    return {
        "OrderInDocFlow": str(part.order),
        "Direction": "Outgoing" if part.outgoing else "Incoming",
        "TransactionResultType": result or part.result,
    }


def _status(document: Any, part: PartView) -> Any:
    return add(document, "Status", state_of(part))


def _card(each: DocflowView, part: PartView) -> bytes:
    root = start("Card", layout.CARD)
    identify(root, part)
    said = {"Title": part.card.title or part.file_name, "Date": part.card.date or ""}
    add(root, "Description", {name: value for name, value in said.items() if value} | _comment(part))
    for side, who in (("Sender", each.sender), ("Receiver", each.receiver)):
        known = {"Id": who.participant_id, "Name": who.name, "Inn": who.inn, "Kpp": who.kpp or ""}
        add(add(root, side), "Abonent", {name: value for name, value in known.items() if value})
    return written(root, layout.CARD_ENCODING)


def _comment(part: PartView) -> dict[str, str]:
    return {"Comment": part.comment} if part.comment else {}


def _parts(connection: sqlite3.Connection, box: str, message: Message, document: Document) -> tuple[PartView, ...]:
    everything = rows.entities(connection, message.id)
    seen = [each for each in everything if (each.seen_by_sender if box == message.from_box else each.seen_by_recipient)]
    by_id = {each.id: each for each in everything}
    found: list[PartView] = []
    for each in seen:
        if each.type == "Attachment" and each.attachment_type not in HIDDEN:
            found.append(_file(connection, box, message, document, each, seen, by_id, order=len(found) + 1))
        elif each.type == "Signature" and each is not _first_signature(each.parent_id, everything):
            found.append(_bare(connection, box, message, document, each, by_id, order=len(found) + 1))
    return tuple(found)


def _file(
    connection: sqlite3.Connection,
    box: str,
    message: Message,
    document: Document,
    file: Entity,
    seen: list[Entity],
    by_id: Mapping[str, Entity],
    *,
    order: int,
) -> PartView:
    signature = _first_signature(file.id, seen)
    author = None if signature is None else signature.signer_box
    transaction, type_name = _transaction(file, document, by_id)
    is_main = file.id == document.entity_id
    comment = next((each for each in seen if each.attachment_type == "AttachmentComment" and is_main), None)
    return PartView(
        id=file.id,
        transaction=transaction,
        type_name=type_name,
        parent=file.parent_id,
        order=order,
        outgoing=author == box,
        result=_result(message, document, file),
        resign=is_main and document.needs_answer,
        card=cards.kept(connection, file.id),
        comment=None if comment is None else comment.content.decode(),
        file_name=file.file_name or "document",
        content=file.content,
        signatures=() if signature is None else (signature.content,),
    )


def _bare(
    connection: sqlite3.Connection,
    box: str,
    message: Message,
    document: Document,
    signature: Entity,
    by_id: Mapping[str, Entity],
    *,
    order: int,
) -> PartView:
    on_proposal = by_id[signature.parent_id or ""].attachment_type == PROPOSAL
    return PartView(
        id=signature.id,
        transaction=layout.OFFER_RESIGN if on_proposal else layout.RESIGN,
        type_name=layout.RECEIPT_TYPE if on_proposal else layout.CONTRACT_TYPE,
        parent=signature.parent_id,
        order=order,
        outgoing=signature.signer_box == box,
        result=_result(message, document, signature),
        resign=False,
        card=cards.kept(connection, signature.id),
        comment=None,
        file_name="signature",
        content=None,
        signatures=(signature.content,),
    )


def _first_signature(parent_id: str | None, entities: list[Entity]) -> Entity | None:
    """The author's own signature of a file; later ones are answers."""
    return next((each for each in entities if each.type == "Signature" and each.parent_id == parent_id), None)


def _transaction(file: Entity, document: Document, by_id: Mapping[str, Entity]) -> tuple[str, str]:
    parent = by_id.get(file.parent_id or "")
    above = "" if parent is None else parent.attachment_type
    if file.id == document.entity_id and document.is_formal:
        return layout.SEND_INVOICE, VENDOR_TYPES.get(document.function, layout.OTHER_TYPE)
    if file.id == document.entity_id:
        return layout.SEND_OTHER, layout.CONTRACT_TYPE if document.needs_answer else layout.OTHER_TYPE
    if file.attachment_type.endswith("BuyerTitle"):
        return layout.TITLE, layout.CUSTOMER_TYPES.get(document.function, layout.OTHER_TYPE)
    if file.attachment_type == "InvoiceConfirmation" and above in RECEIPTS:
        return layout.RECEIPT_CONFIRMATION, layout.CONFIRMATION_TYPE
    if file.attachment_type == "XmlSignatureRejection" and above == PROPOSAL:
        return layout.OFFER_REJECT, layout.NOTICE_TYPE
    return TRANSACTIONS.get(file.attachment_type, (file.attachment_type, file.attachment_type))


def _result(message: Message, document: Document, each: Entity) -> str:
    """TransactionResultType: what the other side may not see although it is no paper of the operator has failed."""
    if each.id == document.entity_id:
        if not document.sender_valid or message.failed_at is not None:
            return layout.FAILED
        return layout.COMPLETED if message.delivered_at is not None else layout.IN_PROGRESS
    paper = each.attachment_type == "InvoiceConfirmation" or each.attachment_type not in _KNOWN
    return layout.COMPLETED if paper or (each.seen_by_sender and each.seen_by_recipient) else layout.FAILED


_KNOWN = frozenset({*TRANSACTIONS, "UniversalTransferDocumentBuyerTitle", "UnknownAttachmentType"})
