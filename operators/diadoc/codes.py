"""Diadoc's words and numbers in ours. One table each; what is not in a table is never guessed."""

from collections.abc import Mapping
from types import MappingProxyType

from operators import errors
from operators.errors import ConflictKind, OperatorError
from operators.port import EntityKind, Receipt, RelationChange, RelationStatus, Response, Revocation, SenderSignature

OPERATOR_CODE = "2BM"

STATUS: Mapping[int, type[OperatorError]] = MappingProxyType(
    {
        204: errors.InProgress,  # with Retry-After: the same operationId is still running
        400: errors.Invalid,
        401: errors.AuthExpired,
        402: errors.SubscriptionRequired,
        403: errors.Forbidden,
        404: errors.NotFound,
        405: errors.Invalid,
        409: errors.Conflict,
        410: errors.Unsupported,
        413: errors.TooLarge,
        415: errors.Invalid,
        429: errors.RateLimited,
        500: errors.Temporary,
        502: errors.Temporary,
        503: errors.Temporary,
        504: errors.Temporary,
    }
)
"""HTTP status -> error.

A Temporary answer to a write is raised as OutcomeUnknown: the fault may follow the acceptance.
"""

CONFLICT_TEXTS: Mapping[str, type[OperatorError]] = MappingProxyType(
    {
        "request processing is in progress": errors.InProgress,
        "recipient forbids to receive messages from blocked senders": errors.RecipientRefuses,
        "recipient allows to receive messages only from counteragents": errors.RecipientRefuses,
        "roaming": errors.RoamingUnavailable,
        "роуминг": errors.RoamingUnavailable,
    }
)
"""A part of the text of a 409 (lower case) -> the narrower error."""

CONFLICT_KINDS: Mapping[str, ConflictKind] = MappingProxyType(
    {
        "documentservice.invaliddocumentstate": ConflictKind.STATE,
        "documentservice.packetislocked": ConflictKind.LOCKED,
        "documentservice.duplicate": ConflictKind.DUPLICATE,
    }
)
"""X-Diadoc-ErrorCode (lower case) -> kind.

Only InvalidDocumentState was seen in public reports; others stay UNKNOWN.
"""

POWER, POWER_STATUS = "PowerOfAttorney", "PowerOfAttorneyStatus"
"""Attachments of a signature: what it rests on (МЧД), and how the operator's own check of that went."""
ATTACHMENTS: Mapping[str, EntityKind] = MappingProxyType(
    {
        "UniversalTransferDocument": EntityKind.TITLE,
        "UniversalTransferDocumentRevision": EntityKind.TITLE,
        "UniversalCorrectionDocument": EntityKind.TITLE,
        "UniversalCorrectionDocumentRevision": EntityKind.TITLE,
        "Invoice": EntityKind.TITLE,
        "InvoiceRevision": EntityKind.TITLE,
        "InvoiceCorrection": EntityKind.TITLE,
        "InvoiceCorrectionRevision": EntityKind.TITLE,
        "XmlTorg12": EntityKind.TITLE,
        "XmlAcceptanceCertificate": EntityKind.TITLE,
        "UniversalTransferDocumentBuyerTitle": EntityKind.BUYER_TITLE,
        "UniversalCorrectionDocumentBuyerTitle": EntityKind.BUYER_TITLE,
        "XmlTorg12BuyerTitle": EntityKind.BUYER_TITLE,
        "XmlAcceptanceCertificateBuyerTitle": EntityKind.BUYER_TITLE,
        "InvoiceReceipt": EntityKind.RECEIPT,
        "Receipt": EntityKind.RECEIPT,
        "InvoiceConfirmation": EntityKind.CONFIRMATION,
        "RoamingConfirmation": EntityKind.CONFIRMATION,
        "InvoiceCorrectionRequest": EntityKind.CORRECTION_REQUEST,
        "XmlSignatureRejection": EntityKind.REJECTION,
        "SignatureRequestRejection": EntityKind.REJECTION,
        "RevocationRequest": EntityKind.REVOCATION,
        "DeliveryFailureNotification": EntityKind.DELIVERY_FAILED,
        "TrustConnectionRequest": EntityKind.NONFORMALIZED,
        "Nonformalized": EntityKind.NONFORMALIZED,
        "ProformaInvoice": EntityKind.NONFORMALIZED,
        "Torg12": EntityKind.NONFORMALIZED,
        "AcceptanceCertificate": EntityKind.NONFORMALIZED,
        "PriceList": EntityKind.NONFORMALIZED,
        "PriceListAgreement": EntityKind.NONFORMALIZED,
        "CertificateRegistry": EntityKind.NONFORMALIZED,
        "ReconciliationAct": EntityKind.NONFORMALIZED,
        "Contract": EntityKind.NONFORMALIZED,
        "Torg13": EntityKind.NONFORMALIZED,
        "ServiceDetails": EntityKind.NONFORMALIZED,
        "SupplementaryAgreement": EntityKind.NONFORMALIZED,
    }
)
"""AttachmentType of an Entity -> kind. Everything else is UNKNOWN and must not break a reader."""

ANY_TITLE = "Title"
"""AttachmentType of both titles of newer document types: the first one has no parent."""

RELATIONS: Mapping[str, RelationStatus] = MappingProxyType(
    {
        "IsMyCounteragent": RelationStatus.ACTIVE,
        "InvitesMe": RelationStatus.INVITES_ME,
        "IsInvitedByMe": RelationStatus.INVITED_BY_ME,
        "RejectsMe": RelationStatus.REJECTS_ME,
        "IsRejectedByMe": RelationStatus.REJECTED_BY_ME,
        "NotInCounteragentList": RelationStatus.NONE,
    }
)
"""CounteragentStatus -> ours."""

RELATION_NAMES: Mapping[RelationStatus, str] = MappingProxyType({ours: theirs for theirs, ours in RELATIONS.items()})
"""Ours -> CounteragentStatus, for filtering."""

RELATION_CHANGES: Mapping[str, RelationChange] = MappingProxyType(
    {
        "IInvitedCounteragent": RelationChange.WE_INVITED,
        "CounteragentInvitedMe": RelationChange.THEY_INVITED,
        "IAcceptedInvitation": RelationChange.WE_ACCEPTED,
        "CounteragentAcceptedInvitation": RelationChange.THEY_ACCEPTED,
        "IRejectedInvitation": RelationChange.WE_REJECTED,
        "CounteragentRejectedInvitation": RelationChange.THEY_REJECTED,
        "IWithdrewInvitation": RelationChange.WE_WITHDREW,
        "CounteragentWithdrewInvitation": RelationChange.THEY_WITHDREW,
        "IBrokeUpWithCounteragent": RelationChange.WE_BROKE,
        "CounteragentBrokeUpWithMe": RelationChange.THEY_BROKE,
    }
)
"""CounteragentEventType -> ours; of what the operator itself did (Made, Forgot) the status tells enough."""

UNIVERSAL_MESSAGE = "UniversalMessage"
"""AttachmentType of universal messages; their group tells the kind."""

CODE_GROUPS: Mapping[str, EntityKind] = MappingProxyType(
    {
        "Receipt": EntityKind.RECEIPT,
        "AmendmentRequest": EntityKind.CORRECTION_REQUEST,
        "Rejection": EntityKind.REJECTION,
        "InformationMessage": EntityKind.INFORMATION,
    }
)
"""UniversalMessageCodeGroup -> kind."""

CODE_GROUP_NAMES: Mapping[EntityKind, str] = MappingProxyType({kind: name for name, kind in CODE_GROUPS.items()})
"""Kind -> UniversalMessageCodeGroup."""

REVOCATIONS: Mapping[str, Revocation] = MappingProxyType(
    {
        "RevocationStatusNone": Revocation.NONE,
        "RevocationIsRequestedByMe": Revocation.PROPOSED_BY_ME,
        "RequestsMyRevocation": Revocation.PROPOSED_TO_ME,
        "RevocationAccepted": Revocation.ACCEPTED,
        "RevocationRejected": Revocation.REFUSED,
    }
)
"""RevocationStatus -> ours."""

SENDER_SIGNATURES: Mapping[str, SenderSignature] = MappingProxyType(
    {
        "WaitingForSenderSignature": SenderSignature.WAITING,
        "SenderSignatureUnchecked": SenderSignature.UNCHECKED,
        "SenderSignatureCheckedAndValid": SenderSignature.VALID,
        "SenderSignatureCheckedAndInvalid": SenderSignature.INVALID,
    }
)
"""SenderSignatureStatus -> ours."""

RESPONSES: Mapping[str, Response] = MappingProxyType(
    {
        "RecipientResponseStatusNotAcceptable": Response.NOT_NEEDED,
        "WaitingForRecipientSignature": Response.WAITING,
        "WithRecipientSignature": Response.SIGNED,
        "WithRecipientPartiallySignature": Response.SIGNED_PARTIALLY,
        "RecipientSignatureRequestRejected": Response.REJECTED,
        "InvalidRecipientSignature": Response.INVALID_SIGNATURE,
    }
)
"""RecipientResponseStatus -> ours."""

RECEIPTS: Mapping[str, Receipt] = MappingProxyType(
    {
        "GeneralReceiptStatusNotAcceptable": Receipt.NOT_NEEDED,
        "HaveToCreateReceipt": Receipt.TO_BE_SENT,
        "WaitingForReceipt": Receipt.WAITING,
        "Finished": Receipt.FINISHED,
    }
)
"""GeneralReceiptStatus -> ours."""

FORMAL: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "upd": ("UniversalTransferDocument", "utd970_05_03_01"),
        "ukd": ("UniversalCorrectionDocument", "ucd736_05_01_02"),
    }
)
"""Kind of a formal document -> TypeNamedId and the name of the version in force: УПД 5.03 (970@), УКД 5.01 (736@).

By Kontur's table of types, functions and versions; no source names a version for УКД of 29@.
"""
