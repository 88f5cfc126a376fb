"""The things that the operators' port speaks of: frozen values; times are aware UTC, ids the operator's own strings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeAlias, TypeVar

from operators.errors import OutcomeUnknown
from operators.words import (
    EntityKind,
    InvitationState,
    Receipt,
    RelationChange,
    RelationStatus,
    Response,
    Revocation,
    SenderSignature,
)

Item = TypeVar("Item")
LONGEST_ID = 80
"""Characters of an operator's id of a box, a message or a part of one: a longer one is not kept."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A mailbox that the account may use; `id` is the operator's box id."""

    id: str
    organization: str
    inn: str
    kpp: str | None
    participant_id: str | None


@dataclass(frozen=True, kw_only=True)
class LogInStep:
    """What a log-in wants of its person.

    Either the code that was sent to `telephone` (masked), or her consent at `url`, where `user_code` is shown or typed.
    `secret` goes on with this log-in: opaque, kept like a password, good until `until`.
    """

    secret: str = field(repr=False)
    until: datetime
    telephone: str = ""
    url: str = ""
    user_code: str = ""


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
class EntityRef:
    """Address of a part of a message as seen from `box`."""

    box: str
    message_id: str
    entity_id: str


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A line of our list of counterparties.

    `ref`: the operator's own id of the invitation, None where the participant is enough. `document`: the file that
    came with the invitation. `signature_requested`: such an invitation is accepted only by signing that file, with the
    action `SignDocument(doc=document)`.
    """

    participant: Participant
    status: RelationStatus
    changed_at: datetime
    text: str | None
    ref: str | None = None
    document: EntityRef | None = None
    signature_requested: bool = False


@dataclass(frozen=True, kw_only=True)
class RelationEvent:
    """A line of the feed of relations. It may come more than once: `id` is the key; `cursor` continues after it."""

    id: str
    cursor: str
    at: datetime
    box: str
    participant: Participant
    change: RelationChange
    status: RelationStatus
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class SignedFile:
    """A file with its detached CMS (DER) that goes with an invitation. `needs_signature`: the other side is to sign."""

    file_name: str
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    needs_signature: bool = False


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What became of an invitation (or of its acceptance).

    `task`: an opaque string for `invitation_result`; `box` the other side's box and `document` the file sent with it,
    when the operator tells; `reason` the operator's words when it failed; `retry_after` seconds until it is worth
    asking again while PENDING.
    """

    task: str
    state: InvitationState
    box: str | None = None
    document: EntityRef | None = None
    reason: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentStatus:
    """The axes of a document's life as the operator sees them; `text` is for showing only."""

    sender_signature: SenderSignature
    response: Response
    receipt: Receipt
    delivered_at: datetime | None
    text: str
    revocation: Revocation = Revocation.NONE
    roaming_failure: str | None = None
    """Why another operator did not take the document, in the operator's words; None when it did or none was asked."""


@dataclass(frozen=True, kw_only=True)
class PowerRef:
    """A machine-readable power of attorney (МЧД) by its requisites.

    `number` in the register of powers, ИНН of the principal and of the representative, the days it holds from and to.
    """

    number: str
    issuer_inn: str
    representative_inn: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A part of a message. Only documents carry `own_id` (the sender's own id), `function` and `status`.

    `raw_type` is the operator's word for the kind, `signed_by` the box whose signature stands on it (for a
    signature: the signer's box), `size` the length of its content in bytes or None when it has none. `power`: what a
    signature rests on, as its maker told the operator.
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
    power: PowerRef | None = None


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

    `function` is СЧФ, ДОП or СЧФДОП for a УПД, КСЧФ, ДИС or КСЧФДИС for an УКД (`Capability.UKD`); `version` is the
    operator's name of the format version.
    """

    kind: Literal["upd", "ukd", "nonformalized"]
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


@dataclass(frozen=True, kw_only=True)
class ProposeAnnulment:
    """Propose to annul the document; `content` is the proposal's file (ПОА, DP_PRANNUL)."""

    doc: EntityRef
    content: bytes = field(repr=False)
    file_name: str


@dataclass(frozen=True, kw_only=True)
class AcceptAnnulment:
    """Agree to the other side's `proposal` (an entity of kind REVOCATION): its bytes are signed as they are."""

    doc: EntityRef
    proposal: EntityRef


@dataclass(frozen=True, kw_only=True)
class RefuseAnnulment:
    """Refuse the other side's `proposal`; `content` is the file with the reason (DP_UVUTOCH)."""

    doc: EntityRef
    proposal: EntityRef
    content: bytes = field(repr=False)
    file_name: str


@dataclass(frozen=True, kw_only=True)
class SendUniversalMessage:
    """Send a universal message (УС) on `target`, a file of the document `doc`. Nothing is signed.

    `purpose`: RECEIPT (1999), CORRECTION_REQUEST (2999, 2007), REJECTION (3999) or INFORMATION (4002, 4003), as the
    codes in `content` say.
    """

    doc: EntityRef
    target: EntityRef
    purpose: Literal[EntityKind.RECEIPT, EntityKind.CORRECTION_REQUEST, EntityKind.REJECTION, EntityKind.INFORMATION]
    content: bytes = field(repr=False)
    file_name: str


Action: TypeAlias = (
    Send
    | SendReceipt
    | AnswerWithTitle
    | SignDocument
    | RejectDocument
    | RequestCorrection
    | ProposeAnnulment
    | AcceptAnnulment
    | RefuseAnnulment
    | SendUniversalMessage
)


@dataclass(frozen=True, kw_only=True)
class ToSign:
    """Bytes to be signed with a detached CMS; `ref` is the key of the signature in `execute`."""

    ref: str
    file_name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Executed:
    """What an action has made: the message and its new parts by kind (document or answer, and our SIGNATURE on it).

    Raises OutcomeUnknown for an id longer than `LONGEST_ID`: something was made, and cut it would be another thing's name.
    """

    message_id: str
    entities: Mapping[EntityKind, EntityRef]
    at: datetime

    def __post_init__(self) -> None:
        parts = (name for ref in self.entities.values() for name in (ref.box, ref.message_id, ref.entity_id))
        if any(len(name) > LONGEST_ID for name in (self.message_id, *parts)):
            raise OutcomeUnknown(f"accepted, but an id in the answer is longer than {LONGEST_ID} characters")

    @property
    def main(self) -> EntityRef:
        """The document or the answer itself; the signature when the action was a bare signature."""
        for kind, ref in self.entities.items():
            if kind is not EntityKind.SIGNATURE:
                return ref
        return self.entities[EntityKind.SIGNATURE]


@dataclass(frozen=True, kw_only=True)
class GeneratedFile:
    """A file that the operator has written for us; it still has to be signed and sent."""

    file_name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TitleOrder:
    """Which title the operator is to write from `contract`, the operator's user contract (XML).

    `title`: 0 the sender's, 1 the recipient's; for the latter `doc` is the document to be answered.
    """

    box: str
    type: str
    function: str
    version: str
    title: int
    contract: bytes = field(repr=False)
    doc: EntityRef | None = None
