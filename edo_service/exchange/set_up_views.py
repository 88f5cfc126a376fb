"""View models of an operator's set-up; its templates lie in `templates/` beside."""

from dataclasses import dataclass
from datetime import datetime

from edo_service.exchange.views import HistoryLine, Hit
from edo_service.web.views import EMPTY_FORM, Choice, Form, Link, Status


@dataclass(frozen=True, kw_only=True)
class BoxLine:
    """A box that the test has shown; `ours` is the one that is being connected."""

    organization: str
    inn: str
    participant_id: str
    note: str
    ours: bool = False


@dataclass(frozen=True, kw_only=True)
class LogInStep:
    """What the log-in wants of her now: the code that was sent to `telephone`, or a consent at `url` (`user_code`)."""

    telephone: str = ""
    url: str = ""
    user_code: str = ""
    until: datetime | None = None
    whose: str = ""
    over: bool = False
    change_url: str = ""
    phone_url: str = ""


@dataclass(frozen=True, kw_only=True)
class SetUpPage:
    """One step of the set-up: `number` 1 to 5; what a step does not need is empty.

    `by`: how the log-in of step 3 goes ("password", "consent"), `other_way` leads to the other one; `by_hand`: she has asked
    for the form or it was refused, so it stands first.
    """

    number: int
    title: str
    steps: tuple[tuple[str, str, str], ...]
    action: str
    back_url: str = ""
    next_url: str = ""
    operator: str = ""
    participant_id: str = ""
    operators: tuple[Choice, ...] = ()
    begun: tuple[Link, ...] = ()
    form: Form = EMPTY_FORM
    hint: str = ""
    example: str = ""
    login_hint: str = ""
    client_label: str = ""
    client_hint: str = ""
    client_needed: bool = True
    password_kept: bool = False
    by: str = ""
    by_hand: bool = False
    consent_at: str = ""
    other_way: Link | None = None
    renew_url: str = ""
    awaited: LogInStep | None = None
    boxes: tuple[BoxLine, ...] = ()
    checked_at: datetime | None = None
    find_url: str = ""
    hits: tuple[Hit, ...] = ()
    searched: bool = False
    implicit: bool = False
    status: Status | None = None
    status_text: str = ""
    cabinet: Link | None = None
    later_url: str = ""
    history: tuple[HistoryLine, ...] = ()
    links: tuple[Link, ...] = ()
