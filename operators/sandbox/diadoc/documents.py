"""A document's axes in Diadoc's words, as one of its two boxes sees them."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from operators.sandbox.diadoc.organisations import box_id
from operators.sandbox.exchange.files import read_correction
from operators.sandbox.exchange.model import (
    INVITATION,
    OPEN_RESPONSES,
    UKD,
    Document,
    Entity,
    Message,
    Response,
    Revocation,
)

Json: TypeAlias = Mapping[str, Any]

RESPONSES: Mapping[Response, str] = {
    Response.NOT_NEEDED: "RecipientResponseStatusNotAcceptable",
    Response.WAITING: "WaitingForRecipientSignature",
    Response.SIGNED: "WithRecipientSignature",
    Response.PARTIAL: "WithRecipientPartiallySignature",
    Response.REJECTED: "RecipientSignatureRequestRejected",
    Response.INVALID: "InvalidRecipientSignature",
}
"""Ours -> RecipientResponseStatus."""

WORKFLOWS: Mapping[str, int] = {"СЧФ": 17, "СЧФДОП": 16, "ДОП": 8, "КСЧФ": 17, "КСЧФДИС": 16, "ДИС": 8}
"""Function of a УПД or an УКД -> WorkflowId under order 14н."""

REVOCATIONS: Mapping[Revocation, str] = {
    Revocation.NONE: "RevocationStatusNone",
    Revocation.ACCEPTED: "RevocationAccepted",
    Revocation.REFUSED: "RevocationRejected",
}
"""Ours -> RevocationStatus; what is proposed depends on who looks."""

NOT_ACCEPTABLE = "GeneralReceiptStatusNotAcceptable"


def document(stored: Document, message: Message, file: Entity, *, box: str) -> Json:
    """Document, all required fields and those that a client shows."""
    outbound = box == message.from_box
    name = file.file_name or ""
    value: dict[str, Any] = {
        "IndexKey": f"{message.created_at:016X}{file.id.replace('-', '').upper()}",
        "MessageId": message.id,
        "EntityId": file.id,
        "CreationTimestampTicks": file.created_at,
        "CounteragentBoxId": box_id(message.to_box if outbound else message.from_box),
        "DocumentType": stored.type_named_id,
        "InitialDocumentIds": [],
        "SubordinateDocumentIds": [],
        "Content": {"Size": len(file.content)},
        "FileName": name,
        "IsDeleted": False,
        "IsTest": False,
        "RevocationStatus": _revocation(stored, box=box),
        "SendTimestampTicks": message.created_at,
        "RoamingNotificationStatus": f"RoamingNotificationStatus{'None' if message.failed_at is None else 'Error'}",
        "DocumentDirection": "Outbound" if outbound else "Inbound",
        "LastModificationTimestampTicks": message.touched_at,
        "IsEncryptedContent": False,
        "SenderSignatureStatus": _sender_signature(stored),
        "TypeNamedId": stored.type_named_id,
        "Function": stored.function,
        "WorkflowId": _workflow(stored),
        "Title": _title(stored, name),
        "Metadata": [{"Key": "FileName", "Value": name}],
        "LockMode": "None",
        "Version": stored.version,
    }
    if message.failed_at is not None:
        value["RoamingNotificationStatusDescription"] = message.failure
    if message.delivered_at is not None:
        value["DeliveryTimestampTicks"] = message.delivered_at
    if stored.date is not None:
        value["DocumentDate"] = stored.date
    if stored.number is not None:
        value["DocumentNumber"] = stored.number
    if outbound and stored.custom_id is not None:
        value["CustomDocumentId"] = stored.custom_id
    return value | _axes(stored, outbound=outbound) | _own_metadata(stored, file, outbound=outbound)


def _axes(stored: Document, *, outbound: bool) -> dict[str, Any]:
    """The required fields that tell where the document stands."""
    return {
        "RecipientReceiptMetadata": {"ReceiptStatus": _receipt(stored, outbound=outbound)},
        "ConfirmationMetadata": _confirmation(stored, outbound=outbound),
        "RecipientResponseStatus": RESPONSES[stored.response],
        "AmendmentRequestMetadata": {
            "AmendmentFlags": 0 if stored.correction_at is None else 1,
            "ReceiptStatus": NOT_ACCEPTABLE,
        },
        "SenderReceiptMetadata": {"ReceiptStatus": _sender_receipt(stored, outbound=outbound)},
        "DocflowStatus": {"PrimaryStatus": _primary(stored, outbound=outbound)},
    }


def _own_metadata(stored: Document, file: Entity, *, outbound: bool) -> dict[str, Any]:
    if stored.type_named_id == INVITATION:
        return {
            "TrustConnectionRequestMetadata": {"TrustConnectionRequestStatus": _invitation(stored, outbound=outbound)}
        }
    if not stored.is_formal:
        return {"NonformalizedDocumentMetadata": {"DocumentStatus": _nonformalized(stored, outbound=outbound)}}
    if stored.type_named_id == UKD:
        return {"UniversalCorrectionDocumentMetadata": _correction(stored, file, outbound=outbound)}
    value: dict[str, Any] = {
        "DocumentStatus": _upd(stored, outbound=outbound),
        "Total": stored.total,
        "DocumentFunction": stored.function,
        "Currency": stored.currency,
        "InvoiceAmendmentFlags": 0 if stored.correction_at is None else 1,
    }
    if stored.vat is not None:
        value["Vat"] = stored.vat
    if stored.confirmed_at is not None:
        value["ConfirmationDateTimeTicks"] = stored.confirmed_at
    return {"UniversalTransferDocumentMetadata": value}


def _correction(stored: Document, file: Entity, *, outbound: bool) -> Json:
    """UniversalCorrectionDocumentMetadata: all its fields but those of the corrected document's revision are required."""
    facts = read_correction(file.content)
    return {
        "DocumentStatus": _upd(stored, outbound=outbound),
        "TotalInc": facts.total_inc,
        "TotalDec": facts.total_dec,
        "VatInc": facts.vat_inc,
        "VatDec": facts.vat_dec,
        "DocumentFunction": stored.function,
        "Currency": stored.currency,
        "ConfirmationDateTimeTicks": stored.confirmed_at or 0,
        "InvoiceAmendmentFlags": 0 if stored.correction_at is None else 1,
        "OriginalInvoiceNumber": facts.number,
        "OriginalInvoiceDate": facts.date,
    }


def _revocation(stored: Document, *, box: str) -> str:
    """RevocationStatus."""
    if stored.revocation is Revocation.PROPOSED:
        return "RevocationIsRequestedByMe" if stored.revocation_by == box else "RequestsMyRevocation"
    return REVOCATIONS[stored.revocation]


def _workflow(stored: Document) -> int:
    if stored.type_named_id == INVITATION:
        return 7
    if stored.is_formal:
        return WORKFLOWS[stored.function]
    if stored.needs_receipt:
        return 14
    return 2 if stored.needs_answer else 1


def _title(stored: Document, name: str) -> str:
    if not stored.is_formal:
        return name
    kind = "УКД" if stored.type_named_id == UKD else "УПД"
    return f"{kind} № {stored.number or 'б/н'} от {stored.date or 'без даты'}"


def _sender_signature(stored: Document) -> str:
    return "SenderSignatureCheckedAndValid" if stored.sender_valid else "SenderSignatureCheckedAndInvalid"


def _receipt(stored: Document, *, outbound: bool) -> str:
    if not stored.needs_receipt:
        return NOT_ACCEPTABLE if stored.receipt_at is None else "Finished"
    if stored.receipt_at is not None:
        return "Finished"
    return "WaitingForReceipt" if outbound else "HaveToCreateReceipt"


def _sender_receipt(stored: Document, *, outbound: bool) -> str:
    if not stored.title_receipt:
        return NOT_ACCEPTABLE
    if stored.title_receipt_at is not None:
        return "Finished"
    return "HaveToCreateReceipt" if outbound else "WaitingForReceipt"


def _confirmation(stored: Document, *, outbound: bool) -> Json:
    if not stored.is_formal:
        return {"ReceiptStatus": NOT_ACCEPTABLE, "DateTimeTicks": 0}
    at = stored.confirmed_at if outbound else stored.dispatched_at
    if at is None:
        return {"ReceiptStatus": "WaitingForReceipt", "DateTimeTicks": 0}
    return {"ReceiptStatus": "Finished", "DateTimeTicks": at}


def _primary(stored: Document, *, outbound: bool) -> Json:
    """The status for showing: severity and Russian text."""
    if not stored.sender_valid:
        return {"Severity": "Error", "StatusText": "Подпись отправителя недействительна"}
    waiting = "Ожидается подпись контрагента" if outbound else "Требуется подпись"
    texts: Mapping[Response, tuple[str, str]] = {
        Response.WAITING: ("Info" if outbound else "Warning", waiting),
        Response.SIGNED: ("Success", "Подписан"),
        Response.PARTIAL: ("Warning", "Подписан с расхождениями"),
        Response.REJECTED: ("Error", "Контрагент отказал в подписи" if outbound else "В подписи отказано"),
        Response.INVALID: ("Error", "Подпись получателя недействительна"),
    }
    if stored.response in texts:
        severity, text = texts[stored.response]
    elif stored.needs_receipt and stored.receipt_at is None:
        severity, text = "Info", "Ожидается извещение о получении" if outbound else "Требуется извещение о получении"
    else:
        severity, text = "Success", "Документооборот завершён"
    if stored.correction_at is not None:
        severity, text = "Warning", f"{text}, запрошено уточнение"
    if stored.revocation is Revocation.PROPOSED:
        severity, text = "Warning", f"{text}, предложено аннулирование"
    elif stored.revocation is Revocation.ACCEPTED:
        severity, text = "Error", "Аннулирован"
    return {"Severity": severity, "StatusText": text}


def _upd(stored: Document, *, outbound: bool) -> str:
    """UniversalTransferDocumentStatus."""
    side = "Outbound" if outbound else "Inbound"
    if not stored.sender_valid:
        return "OutboundInvalidSenderSignature"
    if stored.response is Response.REJECTED:
        return f"{side}RecipientSignatureRequestRejected"
    receipt_open = stored.needs_receipt and stored.receipt_at is None
    response_open = stored.response in OPEN_RESPONSES
    if not response_open and not receipt_open:
        return f"{side}Finished" if stored.response is Response.NOT_NEEDED else f"{side}WithRecipientSignature"
    if outbound:
        return _outbound_upd(receipt_open=receipt_open, response_open=response_open)
    return _inbound_upd(stored, response_open=response_open)


def _outbound_upd(*, receipt_open: bool, response_open: bool) -> str:
    if response_open and receipt_open:
        return "OutboundWaitingForInvoiceReceiptAndRecipientSignature"
    return "OutboundWaitingForRecipientSignature" if response_open else "OutboundWaitingForInvoiceReceipt"


def _inbound_upd(stored: Document, *, response_open: bool) -> str:
    if stored.response is Response.INVALID:
        return "InboundInvalidRecipientSignature"
    return "InboundWaitingForRecipientSignature" if response_open else "InboundNotFinished"


def _invitation(stored: Document, *, outbound: bool) -> str:
    """BilateralDocumentStatus of an invitation's file; it has no word for a file that nobody has to sign."""
    if stored.response is Response.NOT_NEEDED:
        return "UnknownBilateralDocumentStatus"
    return _nonformalized(stored, outbound=outbound)


def _nonformalized(stored: Document, *, outbound: bool) -> str:
    """NonformalizedDocumentStatus."""
    side = "Outbound" if outbound else "Inbound"
    if not stored.sender_valid:
        return "OutboundInvalidSenderSignature"
    if stored.response is Response.INVALID:
        return "OutboundWaitingForRecipientSignature" if outbound else "InboundInvalidRecipientSignature"
    endings: Mapping[Response, str] = {
        Response.NOT_NEEDED: "NoRecipientSignatureRequest",
        Response.WAITING: "WaitingForRecipientSignature",
        Response.SIGNED: "WithRecipientSignature",
        Response.PARTIAL: "WithRecipientSignature",
        Response.REJECTED: "RecipientSignatureRequestRejected",
    }
    return side + endings[stored.response]
