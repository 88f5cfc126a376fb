"""The words of the operators' port: what a thing is, how it stands, what an operator can do."""

from enum import StrEnum


class Capability(StrEnum):
    """What an operator can do; a screen offers only what is in `Operator.capabilities`."""

    FIND_PARTICIPANTS = "find_participants"
    RELATIONS = "relations"
    RELATION_EVENTS = "relation_events"
    INVITE = "invite"
    INVITATION_DOCUMENTS = "invitation_documents"
    """An invitation may carry a signed file."""
    IMPLICIT_INVITATIONS = "implicit_invitations"
    """Sending to somebody unknown is the invitation: the document waits until the other side agrees."""
    ACCEPT_INVITATION = "accept_invitation"
    REJECT_INVITATION = "reject_invitation"
    WITHDRAW_INVITATION = "withdraw_invitation"
    BREAK_RELATION = "break_relation"
    SEND = "send"
    RECEIPTS = "receipts"
    TITLES = "titles"
    SIGNATURES = "signatures"
    UKD = "ukd"
    """Universal correction documents (УКД 736@) are sent, answered and received."""
    REJECTIONS = "rejections"
    CORRECTION_REQUESTS = "correction_requests"
    PROPOSE_ANNULMENT = "propose_annulment"
    ACCEPT_ANNULMENT = "accept_annulment"
    REFUSE_ANNULMENT = "refuse_annulment"
    UNIVERSAL_MESSAGES = "universal_messages"
    """Service messages of the newer kind (УС): receipts, requests and refusals without a signature."""
    GENERATORS = "generators"
    """The operator writes XML on request (`operators.port.Generator`)."""
    EVENTS = "events"
    IDEMPOTENCY_KEY = "idempotency_key"


class EntityKind(StrEnum):
    """What a part of a message is, in our word; an adapter's table translates the operator's, a kind it lacks is UNKNOWN."""

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
    """ПОА, предложение об аннулировании. Its parent is the document; the other side's SIGNATURE on it annuls, a
    REJECTION on it refuses."""
    INFORMATION = "information"
    """A universal message that changes no state (4002, 4003). Other universal messages are a RECEIPT, a
    CORRECTION_REQUEST or a REJECTION with the operator's word for them in `raw_type`."""
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
    FAILED = "failed"
    """The operator could not carry the invitation out."""
    UNKNOWN = "unknown"


class SenderSignature(StrEnum):
    """The operator's opinion of the sender's signature; shown, never believed: `signing` judges for itself."""

    WAITING = "waiting"
    UNCHECKED = "unchecked"
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Response(StrEnum):
    """The recipient's answer to a document as the operator tells it; SIGNED_PARTIALLY: accepted with differences."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    SIGNED = "signed"
    SIGNED_PARTIALLY = "signed_partially"
    REJECTED = "rejected"
    INVALID_SIGNATURE = "invalid_signature"
    UNKNOWN = "unknown"


class Receipt(StrEnum):
    """The life of a receipt (ИоП), as the operator tells it: whose turn it is."""

    NOT_NEEDED = "not_needed"
    TO_BE_SENT = "to_be_sent"
    """It is our turn."""
    WAITING = "waiting"
    """It is the other side's turn."""
    FINISHED = "finished"
    UNKNOWN = "unknown"


class Revocation(StrEnum):
    """The life of an annulment, seen from our box. After REFUSED a new proposal is possible."""

    NONE = "none"
    PROPOSED_BY_ME = "proposed_by_me"
    PROPOSED_TO_ME = "proposed_to_me"
    ACCEPTED = "accepted"
    """Annulled; the document and everything about it stay in the archive."""
    REFUSED = "refused"
    UNKNOWN = "unknown"


class InvitationState(StrEnum):
    """How far the operator is with an invitation (or its acceptance)."""

    PENDING = "pending"
    """Being worked on: ask `invitation_result`."""
    DONE = "done"
    """The operator has done it; the other side's answer shows in `relations`."""
    FAILED = "failed"


class RelationChange(StrEnum):
    """What happened to a relation; "we" is the box whose feed tells it."""

    WE_INVITED = "we_invited"
    THEY_INVITED = "they_invited"
    WE_ACCEPTED = "we_accepted"
    THEY_ACCEPTED = "they_accepted"
    WE_REJECTED = "we_rejected"
    THEY_REJECTED = "they_rejected"
    WE_WITHDREW = "we_withdrew"
    THEY_WITHDREW = "they_withdrew"
    WE_BROKE = "we_broke"
    THEY_BROKE = "they_broke"
    UNKNOWN = "unknown"


class ServicePaper(StrEnum):
    """A service file that an operator may write for us (`operators.port.Generator`)."""

    RECEIPT = "receipt"
    REJECTION = "rejection"
    CORRECTION_REQUEST = "correction_request"
    REVOCATION = "revocation"
    UNIVERSAL_MESSAGE = "universal_message"
