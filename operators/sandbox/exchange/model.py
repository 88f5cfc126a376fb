"""The nouns of the exchange as values: what rows of the state mean."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from operators.port import PowerRef

EPOCH = datetime(1, 1, 1, tzinfo=UTC)


def ticks(at: datetime) -> int:
    """Turn an aware datetime into .NET ticks (100 ns since 0001-01-01 UTC), the unit of time here and on the wire."""
    return (at - EPOCH) // timedelta(microseconds=1) * 10


def from_ticks(value: int) -> datetime:
    """Turn .NET ticks into an aware UTC datetime (microseconds)."""
    return EPOCH + timedelta(microseconds=value // 10)


class Response(StrEnum):
    """The recipient's answer to a document."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    SIGNED = "signed"
    PARTIAL = "partial"
    REJECTED = "rejected"
    INVALID = "invalid"


OPEN_RESPONSES = frozenset({Response.WAITING, Response.INVALID})


class Revocation(StrEnum):
    """The life of an annulment of a document."""

    NONE = "none"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Answer(StrEnum):
    """What a participant may add to a document.

    SIGNATURE and REJECTION under a proposal of annulment accept and refuse it.
    """

    RECEIPT = "receipt"
    TITLE = "title"
    SIGNATURE = "signature"
    REJECTION = "rejection"
    CORRECTION = "correction"
    ANNULMENT = "annulment"
    """A proposal of annulment (ПОА)."""
    INFORMATION = "information"
    """A universal message that changes no state."""


UPD = "UniversalTransferDocument"
UKD = "UniversalCorrectionDocument"
FORMAL = frozenset({UPD, UKD})
"""Types of documents that are files of ФНС with the titles of both sides."""
NONFORMALIZED = "Nonformalized"
INVITATION = "TrustConnectionRequest"
"""Type of the file that goes with an invitation."""
UNIVERSAL = "UniversalMessage"
PROPOSAL = "RevocationRequest"
INVOICE_FUNCTIONS = frozenset({"СЧФ", "СЧФДОП", "КСЧФ", "КСЧФДИС"})
"""Functions whose receipt (ИоП) is obligatory."""
TITLE_FUNCTIONS = frozenset({"ДОП", "СЧФДОП", "ДИС", "КСЧФДИС"})
"""Functions that are answered with the buyer's title."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message between two boxes; times in ticks.

    `failure`: why another operator will not take it, `failed_at`: since when that is known.
    """

    id: str
    from_box: str
    to_box: str
    created_at: int
    touched_at: int
    deliver_at: int | None
    delivered_at: int | None
    failure: str | None = None
    failed_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A part of a message. `type` Attachment or Signature, `attachment_type` in the operator's words."""

    id: str
    message_id: str
    parent_id: str | None
    type: str
    attachment_type: str
    file_name: str | None
    content: bytes = field(repr=False)
    signer_box: str | None
    need_signature: bool
    need_receipt: bool
    created_at: int
    seen_by_sender: bool
    seen_by_recipient: bool


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document and the axes of its life; times in ticks, None while it has not happened.

    `title_receipt`: the buyer asked for a receipt on its title. `confirmed_at`, `dispatched_at`: the operator's ПДП
    and ПДО. `revocation_by`: the box that proposed the annulment, `revocation_id`: its proposal.
    """

    entity_id: str
    message_id: str
    type_named_id: str
    function: str
    version: str
    custom_id: str | None
    number: str | None
    date: str | None
    total: str
    vat: str | None
    currency: int
    needs_answer: bool
    needs_receipt: bool
    sender_valid: bool
    response: Response
    receipt_at: int | None = None
    correction_at: int | None = None
    title_receipt: bool = False
    title_receipt_at: int | None = None
    confirmed_at: int | None = None
    dispatched_at: int | None = None
    revocation: Revocation = Revocation.NONE
    revocation_by: str | None = None
    revocation_id: str | None = None

    @property
    def is_formal(self) -> bool:
        """Whether it is a formalised document: an УПД or an УКД."""
        return self.type_named_id in FORMAL


@dataclass(frozen=True, kw_only=True)
class FeedLine:
    """A line of a box's feed.

    `patch_id` None for the message itself; `delivered` for the notice of delivery, `failed` for that of its failure.
    """

    id: str
    index_key: str
    message_id: str
    patch_id: str | None
    entity_ids: tuple[str, ...]
    delivered: bool
    at: int
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class DocumentDraft:
    """A document that a participant posts."""

    type_named_id: str
    function: str | None
    version: str | None
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    file_name: str | None
    custom_id: str | None
    comment: str | None
    needs_answer: bool
    needs_receipt: bool
    power: PowerRef | None = None


@dataclass(frozen=True, kw_only=True)
class MessageDraft:
    """A message that a participant posts; boxes are normalised."""

    from_box: str
    to_box: str
    documents: tuple[DocumentDraft, ...]


@dataclass(frozen=True, kw_only=True)
class AnswerDraft:
    """One addition: `content` None for a bare signature. `universal`: a universal message, which nobody signs."""

    kind: Answer
    parent_id: str
    content: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)
    needs_receipt: bool = False
    universal: bool = False
    power: PowerRef | None = None


@dataclass(frozen=True, kw_only=True)
class PatchDraft:
    """Additions to a message, all or none."""

    box: str
    message_id: str
    answers: tuple[AnswerDraft, ...]
