"""Which act carries which file to the operator, and how long the regulation gives each side."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from edo_service.documents.rules import Direction, Role
from edo_service.exchange import lives
from edo_service.kernel.calendar import add_business_days

WORKFLOWS = (lives.ACCOUNT, lives.RELATION, lives.ANNULMENT)
"""The status tables of this area; they stand in `lives`."""
POLL = "exchange.poll"
EVENT = "exchange.event"
RELATION = "exchange.relation"
INVITATIONS = "exchange.invitations"
REMINDER = "exchange.reminder"
ANNUL = "exchange.annul"
RECHECK = "exchange.recheck"
TELL = "exchange.tell"
RETAKE = "exchange.retake"
"""Look again at what an event said of an annulment."""
LOOK_UP_GRACE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
LOCKED_OUT = timedelta(minutes=10)
"""After a refused log-in the operator is asked rarely: operators lock accounts out."""
RESYNC_OVERLAP = timedelta(days=1)
"""How far before its newest event a feed is read anew when the operator has forgotten our place in it."""
RELATIONS_EVERY = timedelta(minutes=10)
RELATIONS_SOON = timedelta(seconds=30)
"""How often the list of counterparties is read: usually, and while somebody's answer is awaited."""
UNDECIDED_TRIES = 3
ORIGINAL_TRIES = 3
"""After so many tries a correction is recorded without the document that it corrects: that one may have been paper."""
PARENTLESS_TRIES = 40
"""After so many tries a file is recorded without the file it is about: its parent is none that we keep."""


class Act(StrEnum):
    """What is done at the operator with one signed file."""

    SEND = "send"
    RECEIPT = "receipt"
    ANSWER = "answer"
    SIGN = "sign"
    REJECT = "reject"
    CORRECT = "correct"
    """Ask for a correction (УоУ)."""
    TELL = "tell"
    """Give the receipt as a universal message: nobody signs it."""


_ACTS = {
    (Direction.OUT, Role.SELLER_TITLE): Act.SEND,
    (Direction.OUT, Role.CONTRACT): Act.SEND,
    (Direction.IN, Role.RECEIPT_NOTICE): Act.RECEIPT,
    (Direction.IN, Role.UNIVERSAL_RECEIPT): Act.TELL,
    (Direction.IN, Role.BUYER_TITLE): Act.ANSWER,
    (Direction.IN, Role.CONTRACT): Act.SIGN,
    (Direction.IN, Role.REJECTION): Act.REJECT,
    (Direction.IN, Role.CORRECTION_REQUEST): Act.CORRECT,
}


def act_for(direction: Direction, role: Role) -> Act | None:
    """The act for a file of ours that has just been signed, or None when nothing leaves the house."""
    return _ACTS.get((direction, role))


class ReceiptsBy(StrEnum):
    """How a company acknowledges what comes through one box (`OperatorAccount.receipts_by`)."""

    NOTICE = "notice"
    """ИоП, signed by the organisation's automatic key."""
    MESSAGE = "message"
    """Универсальное сообщение, code 1999, written by the operator's generator."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How many business days we have after a document has come (`EDO_RECEIPT_DAYS`, `EDO_ANSWER_DAYS`).

    `receipt_days`: practice under 14н is the next business day. `answer_days`: the house's own rule, no law names any.
    """

    receipt_days: int = 1
    answer_days: int = 5

    def receipt_due(self, arrived: date) -> date:
        """Last day for the receipt notice."""
        return add_business_days(arrived, self.receipt_days)

    def answer_due(self, arrived: date) -> date:
        """The day shown as the deadline of the answer."""
        return add_business_days(arrived, self.answer_days)
