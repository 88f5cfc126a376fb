"""The lives of a connection and of a relation to a counterparty, as tables; and what may be done in each state. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from edo_service.kernel.workflow import SYSTEM, Transition, Workflow
from operators.words import Capability, RelationStatus


class AccountEvent(StrEnum):
    """What moves a connection to an operator."""

    CHECK = "check"
    SUCCEED = "succeed"
    FAIL = "fail"
    CHANGE = "change"
    INVITE = "invite"
    ASK_CONFIRM = "ask_confirm"
    REFUSE = "refuse"
    FINISH = "finish"
    SWITCH_OFF = "switch_off"
    DRAIN = "drain"
    STOP = "stop"
    SWITCH_ON = "switch_on"


_OPEN = ("invited", "confirm", "connected")

ACCOUNT = Workflow(
    name="operator",
    initial=("draft", "connected"),
    transitions=(
        Transition("draft", AccountEvent.CHECK, "checking"),
        Transition("checked", AccountEvent.CHECK, "checking"),
        Transition("checking", AccountEvent.CHECK, "checking"),
        Transition("checking", AccountEvent.FAIL, "draft"),
        Transition("checking", AccountEvent.SUCCEED, "checked"),
        Transition("checked", AccountEvent.CHANGE, "draft"),
        Transition("checked", AccountEvent.INVITE, "invited"),
        Transition("checked", AccountEvent.FINISH, "connected"),
        Transition("invited", AccountEvent.ASK_CONFIRM, "confirm"),
        Transition("invited", AccountEvent.REFUSE, "checked"),
        Transition("confirm", AccountEvent.REFUSE, "checked"),
        Transition("invited", AccountEvent.FINISH, "connected"),
        Transition("confirm", AccountEvent.FINISH, "connected"),
        *(Transition(state, AccountEvent.SWITCH_OFF, "closing") for state in _OPEN),
        Transition("closing", AccountEvent.DRAIN, "off", SYSTEM),
        Transition("closing", AccountEvent.STOP, "off"),
        Transition("closing", AccountEvent.SWITCH_ON, "connected"),
        Transition("off", AccountEvent.SWITCH_ON, "connected"),
    ),
)
WORKING = frozenset({*_OPEN, "closing"})
"""States in which documents go out and the feed is read. A closing connection takes no new documents: what is in the
queue leaves, what was asked is answered, then it is off."""
SETTING_UP = frozenset({"draft", "checking", "checked", "invited", "confirm"})


class RelationNews(StrEnum):
    """What the operator says of a relation; named after the state that it leads to."""

    NONE = "none"
    INVITED = "invited"
    INVITING = "inviting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REFUSED_BY_US = "refused_by_us"
    ENDED = "ended"
    FAILED = "failed"


RELATION = Workflow(
    name="relation",
    initial=tuple(RelationNews),
    transitions=tuple(
        Transition(here.value, there, there.value, SYSTEM)
        for here in RelationNews
        for there in RelationNews
        if here is not there
    ),
)
"""The operator's list is the truth: any state may follow any other, but only by its word (never by a button)."""

_WORDS: Mapping[RelationStatus, RelationNews] = {
    RelationStatus.NONE: RelationNews.NONE,
    RelationStatus.INVITED_BY_ME: RelationNews.INVITED,
    RelationStatus.INVITES_ME: RelationNews.INVITING,
    RelationStatus.ACTIVE: RelationNews.ACCEPTED,
    RelationStatus.REJECTS_ME: RelationNews.REFUSED,
    RelationStatus.REJECTED_BY_ME: RelationNews.REFUSED_BY_US,
    RelationStatus.FAILED: RelationNews.FAILED,
}


def news_of(status: RelationStatus, *, before: str | None) -> RelationNews | None:
    """Our word for the operator's; None for one that is not known (nothing moves then).

    A refusal after an exchange is its end, whoever ended it.
    """
    word = _WORDS.get(status)
    over = {RelationNews.NONE, RelationNews.REFUSED, RelationNews.REFUSED_BY_US}
    if word in over and before in {RelationNews.ACCEPTED.value, RelationNews.ENDED.value}:
        return RelationNews.ENDED
    return word


class RelationAct(StrEnum):
    """What we may do about a relation."""

    INVITE = "invite"
    ACCEPT = "accept"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    BREAK = "break"


ACTS: Mapping[str, tuple[RelationAct, ...]] = {
    "none": (RelationAct.INVITE,),
    "refused": (RelationAct.INVITE,),
    "refused_by_us": (RelationAct.INVITE,),
    "ended": (RelationAct.INVITE,),
    "failed": (RelationAct.INVITE,),
    "inviting": (RelationAct.ACCEPT, RelationAct.REJECT),
    "invited": (RelationAct.WITHDRAW,),
    "accepted": (RelationAct.BREAK,),
}
NEEDS: Mapping[RelationAct, Capability] = {
    RelationAct.INVITE: Capability.INVITE,
    RelationAct.ACCEPT: Capability.ACCEPT_INVITATION,
    RelationAct.REJECT: Capability.REJECT_INVITATION,
    RelationAct.WITHDRAW: Capability.WITHDRAW_INVITATION,
    RelationAct.BREAK: Capability.BREAK_RELATION,
}
REACHED: Mapping[RelationAct, frozenset[RelationStatus]] = {
    RelationAct.INVITE: frozenset({RelationStatus.INVITED_BY_ME, RelationStatus.ACTIVE}),
    RelationAct.ACCEPT: frozenset({RelationStatus.ACTIVE}),
    RelationAct.REJECT: frozenset({RelationStatus.REJECTED_BY_ME, RelationStatus.NONE}),
    RelationAct.WITHDRAW: frozenset({RelationStatus.NONE, RelationStatus.REJECTED_BY_ME}),
    RelationAct.BREAK: frozenset({RelationStatus.REJECTED_BY_ME, RelationStatus.NONE}),
}
"""The operator's statuses that show, after a lost answer, that an act was done."""
LONGEST_TEXT = 2000


class AnnulmentEvent(StrEnum):
    """What moves a proposal to annul a document."""

    SEND = "send"
    FAIL = "fail"
    AGREE = "agree"
    REFUSE = "refuse"
    ARRIVE_CONSENT = "arrive_consent"
    ARRIVE_REFUSAL = "arrive_refusal"
    AGREE_OUTSIDE = "agree_outside"
    REFUSE_OUTSIDE = "refuse_outside"


_ASKED = ("required", "agreeing", "refusing")

ANNULMENT = Workflow(
    name="annulment",
    initial=("proposing", "expected", "required"),
    transitions=(
        Transition("proposing", AnnulmentEvent.SEND, "expected"),
        Transition("proposing", AnnulmentEvent.FAIL, "failed"),
        Transition("expected", AnnulmentEvent.ARRIVE_CONSENT, "annulled"),
        Transition("expected", AnnulmentEvent.ARRIVE_REFUSAL, "refused"),
        Transition("required", AnnulmentEvent.AGREE, "agreeing"),
        Transition("required", AnnulmentEvent.REFUSE, "refusing"),
        Transition("agreeing", AnnulmentEvent.SEND, "annulled"),
        Transition("refusing", AnnulmentEvent.SEND, "refused"),
        Transition("agreeing", AnnulmentEvent.FAIL, "required"),
        Transition("refusing", AnnulmentEvent.FAIL, "required"),
        *(Transition(state, AnnulmentEvent.AGREE_OUTSIDE, "annulled") for state in _ASKED),
        *(Transition(state, AnnulmentEvent.REFUSE_OUTSIDE, "refused") for state in _ASKED),
    ),
)
"""Agreement of both sides only: a proposal is a file signed by one, a consent the other's signature on the same file."""
OPEN_ANNULMENTS = frozenset({"proposing", "expected", *_ASKED})
