"""The lives of a document as tables: delivery, receipt, response and archive move apart from each other.

The words shown for each state stand in the web's vocabulary; the names here are what the database, the API and the
generated diagrams use. Sources of the flow: procedure of the Ministry of Finance order 14н (service messages),
ФНС format 970@ (titles), the operators' two-title exchange.
"""

from collections.abc import Mapping
from enum import StrEnum

from edo_service.kernel.actor import Right
from edo_service.kernel.workflow import SYSTEM, Transition, Workflow


class Direction(StrEnum):
    """Which way the document went, seen from its owner."""

    OUT = "out"
    IN = "in"


class Route(StrEnum):
    """How it travels: through an operator, or directly because both parties have accounts here."""

    OPERATOR = "operator"
    DIRECT = "direct"


class Kind(StrEnum):
    """What it is. A contract is any agreed PDF; the formalised kinds follow their ФНС order."""

    UPD = "upd"
    UKD = "ukd"
    """Универсальный корректировочный документ: changes the cost of УПД that stay in force."""
    CONTRACT = "contract"


FORMAL = frozenset({Kind.UPD, Kind.UKD})
"""Kinds with titles of both sides in a form of ФНС: the operator confirms them, their receipt is notified."""


class Role(StrEnum):
    """What a stored file is within its document."""

    SELLER_TITLE = "seller_title"
    BUYER_TITLE = "buyer_title"
    CONTRACT = "contract"
    RECEIPT_NOTICE = "receipt_notice"
    UNIVERSAL_RECEIPT = "universal_receipt"
    """The receipt as a universal message (УС, code 1999): nobody signs it, the operator tells who sent it."""
    ACCEPTANCE_CONFIRMATION = "acceptance_confirmation"
    DISPATCH_CONFIRMATION = "dispatch_confirmation"
    CORRECTION_REQUEST = "correction_request"
    REJECTION = "rejection"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Who made the file or the signature."""

    OURS = "ours"
    COUNTERPARTY = "counterparty"
    OPERATOR = "operator"


class DeliveryEvent(StrEnum):
    """What moves the delivery; of an incoming document only the doubt whether its title is what it claims to be."""

    SEND = "send"
    CALL = "call"
    LOSE_TRACK = "lose_track"
    ACCEPT = "accept"
    CONFIRM = "confirm"
    DELIVER = "deliver"
    FAIL = "fail"
    TAKE_BACK = "take_back"
    DISCARD = "discard"
    CLEAR = "clear"


DELIVERY = Workflow(
    name="delivery",
    initial=("draft", "received", "received_in_doubt"),
    transitions=(
        Transition("draft", DeliveryEvent.SEND, "queued"),
        Transition("draft", DeliveryEvent.DISCARD, "discarded", Right.UPLOAD),
        Transition("queued", DeliveryEvent.TAKE_BACK, "draft"),
        Transition("queued", DeliveryEvent.CALL, "sending"),
        Transition("sending", DeliveryEvent.LOSE_TRACK, "clarifying"),
        Transition("clarifying", DeliveryEvent.CALL, "sending"),
        Transition("sending", DeliveryEvent.ACCEPT, "accepted"),
        Transition("clarifying", DeliveryEvent.ACCEPT, "accepted"),
        Transition("sending", DeliveryEvent.FAIL, "failed"),
        Transition("clarifying", DeliveryEvent.FAIL, "failed"),
        Transition("accepted", DeliveryEvent.FAIL, "failed"),
        Transition("sent", DeliveryEvent.FAIL, "failed"),
        Transition("accepted", DeliveryEvent.CONFIRM, "sent"),
        Transition("sending", DeliveryEvent.CONFIRM, "sent"),
        Transition("clarifying", DeliveryEvent.CONFIRM, "sent"),
        Transition("accepted", DeliveryEvent.DELIVER, "delivered"),
        Transition("sending", DeliveryEvent.DELIVER, "delivered"),
        Transition("clarifying", DeliveryEvent.DELIVER, "delivered"),
        Transition("sent", DeliveryEvent.DELIVER, "delivered"),
        Transition("received_in_doubt", DeliveryEvent.CLEAR, "received"),
    ),
)


class ReceiptEvent(StrEnum):
    """What moves the receipt notice (извещение о получении)."""

    PREPARE = "prepare"
    SEND = "send"
    CONFIRM = "confirm"
    FAIL = "fail"
    SEND_OUTSIDE = "send_outside"
    TELL = "tell"
    """The operator has taken a universal message: no confirmation of it is owed."""
    TELL_OUTSIDE = "tell_outside"
    ARRIVE = "arrive"


RECEIPT = Workflow(
    name="receipt",
    initial=("not_needed", "required", "expected"),
    transitions=(
        Transition("required", ReceiptEvent.PREPARE, "prepared"),
        Transition("prepared", ReceiptEvent.SEND, "sent"),
        Transition("prepared", ReceiptEvent.CONFIRM, "confirmed"),
        Transition("prepared", ReceiptEvent.FAIL, "required"),
        Transition("required", ReceiptEvent.SEND_OUTSIDE, "sent"),
        Transition("prepared", ReceiptEvent.SEND_OUTSIDE, "sent"),
        Transition("sent", ReceiptEvent.CONFIRM, "confirmed"),
        Transition("prepared", ReceiptEvent.TELL, "told"),
        Transition("required", ReceiptEvent.TELL_OUTSIDE, "told"),
        Transition("prepared", ReceiptEvent.TELL_OUTSIDE, "told"),
        Transition("told", ReceiptEvent.CONFIRM, "confirmed"),
        Transition("expected", ReceiptEvent.ARRIVE, "received"),
    ),
)


class ResponseEvent(StrEnum):
    """What moves the recipient's answer."""

    PREPARE = "prepare"
    PREPARE_REFUSAL = "prepare_refusal"
    CHANGE_MIND = "change_mind"
    SIGN = "sign"
    SEND = "send"
    CONFIRM = "confirm"
    FAIL = "fail"
    SIGN_OUTSIDE = "sign_outside"
    REFUSE_OUTSIDE = "refuse_outside"
    ARRIVE = "arrive"
    ARRIVE_WITH_REMARKS = "arrive_with_remarks"
    ARRIVE_REFUSAL = "arrive_refusal"
    ARRIVE_INVALID = "arrive_invalid"


UNANSWERED = ("required", "prepared", "refusal_prepared", "signing", "refusing")
"""States in which an answer given at the operator's own site may still come in."""

RESPONSE = Workflow(
    name="response",
    initial=("not_needed", "required", "expected"),
    transitions=(
        Transition("required", ResponseEvent.PREPARE, "prepared"),
        Transition("required", ResponseEvent.PREPARE_REFUSAL, "refusal_prepared"),
        Transition("prepared", ResponseEvent.CHANGE_MIND, "required"),
        Transition("refusal_prepared", ResponseEvent.CHANGE_MIND, "required"),
        Transition("prepared", ResponseEvent.SIGN, "signing"),
        Transition("refusal_prepared", ResponseEvent.SIGN, "refusing"),
        Transition("signing", ResponseEvent.SEND, "signed"),
        Transition("refusing", ResponseEvent.SEND, "refused"),
        Transition("signing", ResponseEvent.CONFIRM, "signed_confirmed"),
        Transition("refusing", ResponseEvent.CONFIRM, "refused_confirmed"),
        Transition("signing", ResponseEvent.FAIL, "required"),
        Transition("refusing", ResponseEvent.FAIL, "required"),
        *(Transition(state, ResponseEvent.SIGN_OUTSIDE, "signed") for state in UNANSWERED),
        *(Transition(state, ResponseEvent.REFUSE_OUTSIDE, "refused") for state in UNANSWERED),
        Transition("signed", ResponseEvent.CONFIRM, "signed_confirmed"),
        Transition("refused", ResponseEvent.CONFIRM, "refused_confirmed"),
        Transition("expected", ResponseEvent.ARRIVE, "counter_signed"),
        Transition("expected", ResponseEvent.ARRIVE_WITH_REMARKS, "counter_signed_with_remarks"),
        Transition("expected", ResponseEvent.ARRIVE_REFUSAL, "counter_refused"),
        Transition("expected", ResponseEvent.ARRIVE_INVALID, "counter_invalid"),
        Transition("counter_invalid", ResponseEvent.ARRIVE, "counter_signed"),
        Transition("counter_invalid", ResponseEvent.ARRIVE_WITH_REMARKS, "counter_signed_with_remarks"),
        Transition("counter_invalid", ResponseEvent.ARRIVE_REFUSAL, "counter_refused"),
    ),
)


class CorrectionEvent(StrEnum):
    """What moves the question whether the document has to be corrected (УоУ and its answer, an исправление)."""

    PREPARE = "prepare"
    CHANGE_MIND = "change_mind"
    SIGN = "sign"
    SEND = "send"
    FAIL = "fail"
    ASK_OUTSIDE = "ask_outside"
    ARRIVE = "arrive"
    REPLACE = "replace"
    ADJUST = "adjust"
    """An УКД to the document has gone out or come in: the request is answered, the document stays in force."""
    UNTIE = "untie"
    """It turned out that the document never reached its counterparty: its исправление stands by itself."""


CORRECTION = Workflow(
    name="correction",
    initial=("none",),
    transitions=(
        Transition("none", CorrectionEvent.PREPARE, "prepared"),
        Transition("prepared", CorrectionEvent.CHANGE_MIND, "none"),
        Transition("prepared", CorrectionEvent.SIGN, "asking"),
        Transition("asking", CorrectionEvent.SEND, "requested"),
        Transition("asking", CorrectionEvent.FAIL, "none"),
        *(Transition(state, CorrectionEvent.ASK_OUTSIDE, "requested") for state in ("none", "prepared", "asking")),
        Transition("none", CorrectionEvent.ARRIVE, "required"),
        *(
            Transition(state, CorrectionEvent.REPLACE, "corrected")
            for state in ("none", "prepared", "asking", "requested", "required", "adjusted")
        ),
        *(Transition(state, CorrectionEvent.ADJUST, "adjusted") for state in ("asking", "requested", "required")),
        Transition("corrected", CorrectionEvent.UNTIE, "untied"),
    ),
)
"""A request closes nothing: the document may still be signed or refused. An исправление that has gone out or come in does;
an УКД answers the request only."""


class ArchiveEvent(StrEnum):
    """What moves the hand-over to the archive."""

    FINISH = "finish"
    REOPEN = "reopen"
    KEEP = "keep"
    FAIL = "fail"
    DISPOSE = "dispose"


ARCHIVE = Workflow(
    name="archive",
    initial=("not_yet",),
    transitions=(
        Transition("not_yet", ArchiveEvent.FINISH, "handing_over"),
        Transition("handing_over", ArchiveEvent.REOPEN, "not_yet"),
        Transition("handing_over", ArchiveEvent.KEEP, "kept"),
        Transition("handing_over", ArchiveEvent.FAIL, "failed"),
        Transition("failed", ArchiveEvent.FINISH, "handing_over"),
        Transition("kept", ArchiveEvent.DISPOSE, "disposed", SYSTEM),
    ),
)

ANSWERED_OUT = frozenset({"counter_signed", "counter_signed_with_remarks", "counter_refused"})
"""Answers of the counterparty. `counter_invalid` is none: a signature that proves nothing leaves the question open, a
corrected answer may follow, and a set in the archive could not take it in any more. The invalid one stays a file of the
set and goes to the archive with the answer that replaces it."""
ANSWERED_IN = frozenset({"signed", "refused", "signed_confirmed", "refused_confirmed"})
IN_DOUBT = "received_in_doubt"
"""Delivery of an incoming document whose title is not what it claims to be: it may be refused, not accepted."""
DECISION = "decision"
"""What the set of a document in doubt lacks that nobody has to answer: a person's word that the doubt is cleared."""
NOTES = frozenset({"exchange.signed_by_power"})
"""Objections to a file that are shown and stop nothing."""
ASKABLE = frozenset({"required", "not_needed", "signed", "signed_confirmed"})
"""Answers beside which a correction may be asked for: a mistake may be found after the signature too (14н)."""
AWAITED = frozenset({"asking", "requested", "corrected"})
"""A correction that was asked for or has come: the answer to the document itself is nobody's next move."""
DISCARDED = "discarded"
"""Delivery of a draft that was deleted: the row stays for the journal, and nothing shows, counts or ties it."""
VOID = frozenset({"failed", DISCARDED})
"""Deliveries of a document of ours that will never reach the counterparty."""
CALLED = ("sending", "clarifying")
"""Deliveries of a document of ours whose call to the operator has no known outcome yet."""
UNSENT = frozenset({"draft", "queued", *VOID})
"""Deliveries of a document of ours that the counterparty has not seen: nothing corrects it."""
REPLACING = frozenset({"delivered", "received"})
"""Deliveries of a correction that replaces: ours has been delivered (one that is only sent may still fail), theirs is what
it claims to be."""
NO_KEY = "document.no_automatic_key"
"""Trouble of a document whose receipt notice nobody can sign yet."""
FUNCTIONS_WITH_ANSWER = frozenset({"СЧФДОП", "ДОП", "КСЧФДИС", "ДИС"})
FUNCTIONS_WITH_RECEIPT = frozenset({"СЧФ", "СЧФДОП", "КСЧФ", "КСЧФДИС"})


def stops(objection: str | None) -> bool:
    """Whether an objection to a file forbids the file's move and an acceptance of it."""
    return objection is not None and objection.partition(" ")[0] not in NOTES


def initial_lives(
    *, direction: Direction, kind: Kind, route: Route, function: str | None, in_doubt: bool = False
) -> Mapping[str, str]:
    """The first state of each life, by what the document is and which way it goes.

    `in_doubt`: something speaks against the title that has come in (signed by another organisation, for example).
    """
    answer = kind is Kind.CONTRACT or function in FUNCTIONS_WITH_ANSWER
    receipt = route is Route.OPERATOR and kind in FORMAL and function in FUNCTIONS_WITH_RECEIPT
    mine = direction is Direction.IN
    return {
        "delivery": (IN_DOUBT if in_doubt else "received") if mine else "draft",
        "receipt": ("required" if mine else "expected") if receipt else "not_needed",
        "response": ("required" if mine else "expected") if answer else "not_needed",
        "correction": "none",
        "archive": "not_yet",
    }
