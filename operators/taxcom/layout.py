"""The names on Taxcom's wire: paths, namespaces, elements, transactions; and which of them are only assumed.

Every name that nobody outside has shown is in `ASSUMPTIONS` and only here: the adapter and the sandbox read it from
this module, so a live answer that differs is a change of one place. `docs/operators/taxcom.md` gives the source of
every fact: T the operator's developer help, V a production client (Vodovoz), P two public readers of real containers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from types import MappingProxyType

from operators.words import EntityKind

API = "/v1.3/api/"
META, CARD = "http://api-invoice.taxcom.ru/meta", "http://api-invoice.taxcom.ru/card"
CONTACTS, WARRANT = "http://api-invoice.taxcom.ru/contacts", "http://api-invoice.taxcom.ru/warrant"
META_FILE, CARD_FILE, WARRANT_FILE = "meta.xml", "card.xml", "warrant.xml"
CARD_ENCODING = "windows-1251"
FOLDER = "1"
"""The folder of a container's only document; its card and its files lie there (P)."""
ZONE = timezone(timedelta(hours=3))
"""Times on the wire carry no zone."""
ROWS = 500
"""GetMessageList gives at most so many transactions at once (T)."""
CHECK_PAUSE = timedelta(seconds=5)
CHECKED_AT_ONCE = 20
"""CheckContragent is asked no oftener, and of no more pairs at once (T)."""
KEY_LIFE = timedelta(minutes=5)
"""A key lives so long after its last use (T)."""
CONTAINER_TYPE, CERTIFICATE_TYPE, XML_TYPE = "application/x-www-form-urlencoded", "application/pkcs7-mime", "text/xml"
TRACE = "X-Request-Id"

OUTGOING, INGOING = "Outgoing", "Ingoing"
"""Values of the query parameter `direction`. In Status/@Direction the second is written Incoming (V)."""
LIST_DIRECTION: str | None = None
"""`direction` of the list that makes the feed: both."""
REJECTED = "Rejected"
COMPLETED, IN_PROGRESS, FAILED = "Completed", "InProgress", "Error"

INVOICE, NONFORMALIZED, FORMALIZED = "Invoice", "Nonformalized", "Formalized"
"""Regulations (Document/@ReglamentCode). A УПД goes by the one called Invoice (T)."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """A step of a regulation. `bare`: it has no file of its own, only a signature over what it answers."""

    kind: EntityKind
    bare: bool = False


TRANSACTIONS: Mapping[str, Transaction] = MappingProxyType(
    {
        "Invoice": Transaction(kind=EntityKind.TITLE),
        "VendorTitle": Transaction(kind=EntityKind.TITLE),
        "MainDocument": Transaction(kind=EntityKind.NONFORMALIZED),
        "CustomerInformation": Transaction(kind=EntityKind.BUYER_TITLE),
        "CustomerTitle": Transaction(kind=EntityKind.BUYER_TITLE),
        "ReceiveNotice": Transaction(kind=EntityKind.RECEIPT),
        "FinalReceiveNotice": Transaction(kind=EntityKind.RECEIPT),
        "PostDateConfirmationReceiveNotice": Transaction(kind=EntityKind.RECEIPT),
        "PostDateConfirmation": Transaction(kind=EntityKind.CONFIRMATION),
        "ReceiveNoticePostDateConfirmation": Transaction(kind=EntityKind.CONFIRMATION),
        "CorrectionNotice": Transaction(kind=EntityKind.CORRECTION_REQUEST),
        "MainDocumentReject": Transaction(kind=EntityKind.REJECTION),
        "MainDocumentResign": Transaction(kind=EntityKind.SIGNATURE, bare=True),
        "CancellationOffer": Transaction(kind=EntityKind.REVOCATION),
        "CancellationOfferResign": Transaction(kind=EntityKind.SIGNATURE, bare=True),
        "CancellationOfferReject": Transaction(kind=EntityKind.REJECTION),
    }
)
"""Document/@TransactionCode -> what it brings."""

TYPES: Mapping[str, EntityKind] = MappingProxyType(
    {
        "ExpInvoice": EntityKind.TITLE,
        "ExpInvoiceAndPrimaryAccountingDocumentVendor": EntityKind.TITLE,
        "PrimaryAccountingDocumentVendor": EntityKind.TITLE,
        "ExpInvoiceAndPrimaryAccountingDocumentCustomer": EntityKind.BUYER_TITLE,
        "PrimaryAccountingDocumentCustomer": EntityKind.BUYER_TITLE,
        "SendingTimeConfirmation": EntityKind.CONFIRMATION,
        "ReceiveNotification": EntityKind.RECEIPT,
        "SpecificationNotice": EntityKind.CORRECTION_REQUEST,
        "CancellationOffer": EntityKind.REVOCATION,
        "UniversalMessageReceiveNotice": EntityKind.RECEIPT,
        "UniversalMessageCorrectionNotice": EntityKind.CORRECTION_REQUEST,
        "UniversalMessageRejectionNotice": EntityKind.REJECTION,
        "UniversalMessageAdditionalInformation": EntityKind.INFORMATION,
    }
)
"""Type/@Name -> kind, for a transaction whose code is not known (V)."""

FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "ExpInvoice": "СЧФ",
        "ExpInvoiceAndPrimaryAccountingDocumentVendor": "СЧФДОП",
        "PrimaryAccountingDocumentVendor": "ДОП",
    }
)
"""Type/@Name of a УПД -> its function."""
CUSTOMER_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "СЧФДОП": "ExpInvoiceAndPrimaryAccountingDocumentCustomer",
        "ДОП": "PrimaryAccountingDocumentCustomer",
    }
)
"""Function of a УПД -> Type/@Name of the buyer's title."""

SEND_INVOICE, SEND_OTHER = "Invoice", "MainDocument"
RECEIPT, TITLE, RESIGN, REJECT, CORRECTION = (
    "ReceiveNotice",
    "CustomerInformation",
    "MainDocumentResign",
    "MainDocumentReject",
    "CorrectionNotice",
)
OFFER, OFFER_RESIGN, OFFER_REJECT = "CancellationOffer", "CancellationOfferResign", "CancellationOfferReject"
CONFIRMATION, RECEIPT_CONFIRMATION = "PostDateConfirmation", "ReceiveNoticePostDateConfirmation"
MAIN_KINDS = frozenset({EntityKind.TITLE, EntityKind.NONFORMALIZED})
CONTRACT_TYPE, OTHER_TYPE = "Contract", "Other"
RECEIPT_TYPE, NOTICE_TYPE, OFFER_TYPE = "ReceiveNotification", "SpecificationNotice", "CancellationOffer"
CONFIRMATION_TYPE = "SendingTimeConfirmation"

WARRANT_PARAMETER = "WarrantPath"
"""AdditionalParameter/@Name in card.xml whose value names warrant.xml (V)."""
WARRANT_LINK = "https://m4d.nalog.gov.ru/"
VALID_FROM, VALID_TO = "МЧДДействительнаС", "МЧДДействительнаПо"

ASSUMPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "zone": "times without a zone are Moscow time (UTC+3)",
        "direction": "GetMessageList without `direction` lists both directions",
        "row-time": "DocFlow/@StatusChangeDateTime of a row of GetMessageList is the moment of that row",
        "main-completed": "the row of our own main document is repeated as Completed when the recipient has it",
        "answer-docflow": "a container with an answer names the docflow in DocFlow/@Id and what is answered in"
        " Identifiers/@ParentDocumentInternalId",
        "internal-id": "Identifiers/@InternalId is there for every document of a container that GetMessage gives",
        "card-date": "Description/@Date of our card comes back as we wrote it",
        "external-id": "ExternalIdentifier of our card comes back in GetMessageList; a repeat of it is not refused",
        "receiver": "Receiver/Abonent needs no more than @Id",
        "cancellation-codes": "the transactions of an annulment are called CancellationOffer, CancellationOfferResign"
        " and CancellationOfferReject",
        "invoice-reject": "a УПД is refused by MainDocumentReject with a SpecificationNotice, as formalised documents are",
        "conflict": "the business order is refused with HTTP 409, a malformed container with 400",
        "own-rejection": "GetContactListUpdates tells the other side's refusals only: a Rejected that is not there is ours",
        "check-by-inn": "CheckContragent without Kpp gives every participant with that INN",
        "plain-key": "an answer of Login that is no CMS is the key itself",
    }
)
"""What no source shows. `docs/operators/taxcom.md` tells what happens when one is wrong."""
