"""The port of an electronic document exchange operator: what the service asks for, in its own words.

Signing is always in two steps, because operators differ in who writes the bytes: `prepare(action)` tells what has to be
signed, `execute(action, signatures, key=…)` sends it. Ids (`box`, `message_id`, `entity_id`, cursors) are the
operator's own opaque strings. All times are aware UTC. Every method may raise any `operators.errors.OperatorError`;
after `OutcomeUnknown` (and after a crash) the caller asks `look_up` before it repeats `execute` with the same key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

Item = TypeVar("Item")


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""


class Capability(StrEnum):
    """What an operator can do; a screen offers only what is in `Operator.capabilities`."""

    FIND_PARTICIPANTS = "find_participants"
    RELATIONS = "relations"
    SEND = "send"
    RECEIPTS = "receipts"
    TITLES = "titles"
    SIGNATURES = "signatures"
    REJECTIONS = "rejections"
    CORRECTION_REQUESTS = "correction_requests"
    EVENTS = "events"
    IDEMPOTENCY_KEY = "idempotency_key"


class EntityKind(StrEnum):
    """What a part of a message is."""

    TITLE = "title"
    """The sender's formalised file (титул продавца)."""
    NONFORMALIZED = "nonformalized"
    SIGNATURE = "signature"
    BUYER_TITLE = "buyer_title"
    RECEIPT = "receipt"
    """ИоП, извещение о получении."""
    CONFIRMATION = "confirmation"
    """ПДП or ПДО of the operator; the file's name tells which (DP_PDPOL, DP_PDOTPR)."""
    CORRECTION_REQUEST = "correction_request"
    """УоУ, уведомление об уточнении."""
    REJECTION = "rejection"
    """Отказ в подписи."""
    REVOCATION = "revocation"
    """ПОА, предложение об аннулировании."""
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    """No file: the operator says that the message has reached the recipient's box."""
    UNKNOWN = "unknown"
    """Something newer than this adapter: shown, kept, never guessed at."""


class RelationStatus(StrEnum):
    """How two participants stand to each other, seen from our box."""

    NONE = "none"
    INVITED_BY_ME = "invited_by_me"
    INVITES_ME = "invites_me"
    ACTIVE = "active"
    REJECTED_BY_ME = "rejected_by_me"
    REJECTS_ME = "rejects_me"
    UNKNOWN = "unknown"


class SenderSignature(StrEnum):
    """The operator's opinion of the sender's signature."""

    WAITING = "waiting"
    UNCHECKED = "unchecked"
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Response(StrEnum):
    """The recipient's answer to a document."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    SIGNED = "signed"
    SIGNED_PARTIALLY = "signed_partially"
    REJECTED = "rejected"
    INVALID_SIGNATURE = "invalid_signature"
    UNKNOWN = "unknown"


class Receipt(StrEnum):
    """The life of a receipt (ИоП)."""

    NOT_NEEDED = "not_needed"
    TO_BE_SENT = "to_be_sent"
    """It is our turn."""
    WAITING = "waiting"
    """It is the other side's turn."""
    FINISHED = "finished"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A mailbox that the account may use; `id` is the operator's box id."""

    id: str
    organization: str
    inn: str
    kpp: str | None
    participant_id: str | None


@dataclass(frozen=True, kw_only=True)
class Participant:
    """An organisation known to the operator. `box` is None when it cannot be written to."""

    operator_code: str
    participant_id: str | None
    inn: str
    kpp: str | None
    name: str
    box: str | None
    is_roaming: bool
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A line of our list of counterparties."""

    participant: Participant
    status: RelationStatus
    changed_at: datetime
    text: str | None


@dataclass(frozen=True, kw_only=True)
class EntityRef:
    """Address of a part of a message as seen from `box`."""

    box: str
    message_id: str
    entity_id: str


@dataclass(frozen=True, kw_only=True)
class DocumentStatus:
    """The axes of a document's life as the operator sees them; `text` is for showing only."""

    sender_signature: SenderSignature
    response: Response
    receipt: Receipt
    delivered_at: datetime | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A part of a message. Only documents carry `own_id` (the sender's own id), `function` and `status`.

    `raw_type` is the operator's word for the kind, `signed_by` the box whose signature stands on it (for a
    signature: the signer's box), `size` the length of its content in bytes or None when it has none.
    """

    ref: EntityRef
    parent_id: str | None
    kind: EntityKind
    raw_type: str
    file_name: str | None = None
    own_id: str | None = None
    function: str | None = None
    needs_answer: bool = False
    created_at: datetime | None = None
    signed_by: str | None = None
    size: int | None = None
    status: DocumentStatus | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """A line of a box's feed. It may come more than once: `id` is the key. `cursor` continues after it.

    `from_box` and `to_box` are None when the operator does not repeat them (an addition to an older message).
    """

    id: str
    cursor: str
    at: datetime
    box: str
    message_id: str
    from_box: str | None
    to_box: str | None
    entities: tuple[Entity, ...]


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """A piece of a list.

    `next` continues after it (the given cursor when the page is empty), `more` hints that there is more.
    An empty page is not the end of history: feeds fill up later.
    """

    items: tuple[Item, ...]
    next: str | None
    more: bool


@dataclass(frozen=True, kw_only=True)
class OutgoingDocument:
    """A file to be sent.

    `function` is СЧФ, ДОП or СЧФДОП for a УПД; `version` is the operator's name of the format version.
    """

    kind: Literal["upd", "nonformalized"]
    content: bytes = field(repr=False)
    file_name: str
    function: str | None = None
    version: str | None = None
    needs_answer: bool = False
    needs_receipt: bool = False
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Send:
    """Send a document. `own_id` is our document's id; the operator keeps it and `look_up` finds the message by it."""

    from_box: str
    to_box: str
    document: OutgoingDocument
    own_id: str


@dataclass(frozen=True, kw_only=True)
class SendReceipt:
    """Send a receipt (ИоП) for `target`, a file of the document `doc` (usually `doc` itself)."""

    doc: EntityRef
    target: EntityRef
    content: bytes = field(repr=False)
    file_name: str


@dataclass(frozen=True, kw_only=True)
class AnswerWithTitle:
    """Answer a formalised document with the buyer's title."""

    doc: EntityRef
    content: bytes = field(repr=False)
    file_name: str


@dataclass(frozen=True, kw_only=True)
class SignDocument:
    """Answer a document that has no second title by signing the very same bytes."""

    doc: EntityRef


@dataclass(frozen=True, kw_only=True)
class RejectDocument:
    """Refuse to sign; `content` is the file with the reason."""

    doc: EntityRef
    content: bytes = field(repr=False)
    file_name: str


@dataclass(frozen=True, kw_only=True)
class RequestCorrection:
    """Ask for a correction (УоУ); the document's response stays open."""

    doc: EntityRef
    content: bytes = field(repr=False)
    file_name: str


Action: TypeAlias = Send | SendReceipt | AnswerWithTitle | SignDocument | RejectDocument | RequestCorrection


@dataclass(frozen=True, kw_only=True)
class ToSign:
    """Bytes to be signed with a detached CMS; `ref` is the key of the signature in `execute`."""

    ref: str
    file_name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Executed:
    """What an action has made: the message and its new parts by kind (document or answer, and our SIGNATURE on it)."""

    message_id: str
    entities: Mapping[EntityKind, EntityRef]
    at: datetime

    @property
    def main(self) -> EntityRef:
        """The document or the answer itself; the signature when the action was a bare signature."""
        for kind, ref in self.entities.items():
            if kind is not EntityKind.SIGNATURE:
                return ref
        return self.entities[EntityKind.SIGNATURE]


class Operator(Protocol):
    """An account at an operator. Implementations are safe for use by several threads."""

    @property
    def code(self) -> str:
        """The operator's three-character code, for example 2BM."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this operator can do."""

    def check_connection(self) -> tuple[Box, ...]:
        """Log in and list the boxes that the account may use. Raises AuthExpired, Forbidden, Temporary."""

    def find_participants(self, *, inn: str, kpp: str | None = None) -> tuple[Participant, ...]:
        """Find organisations by INN (and КПП); several may share them, an unknown INN gives an empty tuple."""

    def relations(self, box: str, *, status: RelationStatus | None = None, cursor: str | None = None) -> Page[Relation]:
        """List the counterparties of a box."""

    def prepare(self, action: Action) -> tuple[ToSign, ...]:
        """Tell what has to be signed for the action. Changes nothing at the operator."""

    def execute(self, action: Action, signatures: Mapping[str, bytes], *, key: str) -> Executed:
        """Do the action, at most once per key.

        `signatures`: ToSign.ref -> DER of a detached CMS. `key`: our idempotency key, the same on a repeat.
        Raises OutcomeUnknown when the request left us and the answer did not come; Conflict when the state forbids it.
        """

    def look_up(self, action: Action, *, since: datetime | None = None) -> Executed | None:
        """Find an executed action by reading. None means "not seen": feeds may lag, so a repeat keeps the same key.

        `since` bounds the search of a sent message (the time when the intent was recorded).
        """

    def events(self, box: str, cursor: str | None, *, limit: int = 100, since: datetime | None = None) -> Page[Event]:
        """Read the feed of a box after `cursor` (None: from the oldest, or from `since` on).

        Raises CursorLost when the operator no longer knows the cursor: read on with `since` and an overlap.
        """

    def content(self, ref: EntityRef) -> bytes:
        """Fetch the bytes of an entity. Raises NotFound."""

    def message(self, box: str, message_id: str) -> tuple[Entity, ...]:
        """Fetch a message's parts with the present status of its documents. Raises NotFound."""
