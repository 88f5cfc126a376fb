"""What an operator may answer instead of success, in our words.

OperatorError                 the root; carries what is needed to ask the operator's support
 ├─ AuthExpired               log-in refused or the token is no longer good (after one renewed log-in)
 │   └─ PersonNeeded          the log-in waits for its person: a code by SMS, a confirmation in the browser
 ├─ NotConfirmed              the person has not confirmed the log-in yet: ask again later
 ├─ Forbidden                 the account has no access to the box or lacks a right
 ├─ SubscriptionRequired      the box has no paid access to the API
 ├─ NotFound                  no such box, message or entity
 ├─ Invalid                   the request is malformed; repeating it is useless
 ├─ TooLarge                  the content is larger than the operator takes
 ├─ Conflict                  the state forbids it (`kind`: duplicate, state, locked, unknown)
 │   ├─ RecipientRefuses      the recipient does not take documents from this sender
 │   └─ RoamingUnavailable    the way to the recipient's operator is not set up
 ├─ InProgress                accepted and still running: ask again with the same key after `retry_after`
 ├─ RateLimited               too many requests; not executed, repeat after `retry_after`
 ├─ CursorLost                the feed no longer knows this cursor
 ├─ Temporary                 not executed because of a passing fault; may be repeated
 ├─ OutcomeUnknown            a write may or may not have been executed: look before repeating
 ├─ BadAnswer                 the operator answered something that its own format does not allow
 └─ Unsupported               this operator (or its adapter) cannot do that

KeeperFailed stands apart: not an operator's answer, but that of whoever keeps its tokens for the caller.
"""

from enum import StrEnum

LONGEST_TRACE = 120
"""Characters of a trace that are kept, whatever a header holds."""


class OperatorError(Exception):
    """Root of all errors of this package.

    `operator` is the operator's three-character code, `status` the protocol's own status (HTTP code), `trace_id`
    what the operator's support asks for (at most `LONGEST_TRACE`), `raw` the operator's text (at most a few kilobytes,
    never a secret), `retry_after` seconds, `pause` those where the operator tells none.
    """

    pause: float | None = None

    def __init__(
        self,
        message: str,
        *,
        operator: str = "",
        status: int | None = None,
        trace_id: str | None = None,
        raw: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.operator = operator
        self.status = status
        self.trace_id = trace_id[:LONGEST_TRACE] if trace_id else None
        self.raw = raw
        self.retry_after = self.pause if retry_after is None else retry_after


class KeeperFailed(Exception):
    """What a keeper of tokens or sessions raises when it cannot load or save now.

    Of `load` it goes through to the caller as it came; of `save` never: the token goes on from memory and is saved later.
    """


class AuthExpired(OperatorError):
    """The log-in was refused, also after logging in anew."""


class PersonNeeded(AuthExpired):
    """The credentials are good, but the log-in takes a step by its person (`port.PersonalLogIn`). Nobody was asked yet."""


class NotConfirmed(OperatorError):
    """The person has not confirmed the log-in yet; the step is still good."""


class Forbidden(OperatorError):
    """The account may not do that in this box."""


class SubscriptionRequired(OperatorError):
    """The box's access to the API is not paid for."""


class NotFound(OperatorError):
    """No such box, message, entity or organisation."""


class Invalid(OperatorError):
    """The operator understood the request and calls it wrong; repeating it changes nothing."""


class TooLarge(OperatorError):
    """The content exceeds the operator's limit; nothing was sent."""


class ConflictKind(StrEnum):
    """Why a conflict arose, as far as the operator says: done before, another state, or held by another call."""

    DUPLICATE = "duplicate"
    STATE = "state"
    LOCKED = "locked"
    UNKNOWN = "unknown"


class Conflict(OperatorError):
    """The present state forbids the action; `kind` says why. Nothing was changed: look, then decide, never repeat blindly."""

    kind: ConflictKind = ConflictKind.UNKNOWN


class RecipientRefuses(Conflict):
    """The recipient takes nothing from this sender."""


class RoamingUnavailable(Conflict):
    """No way to the recipient's operator has been set up."""


class InProgress(OperatorError):
    """The same operation is still running; ask again with the same key after `retry_after` seconds."""


class RateLimited(OperatorError):
    """Too many requests; the request was not executed."""


class CursorLost(OperatorError):
    """The feed does not know this cursor any more: read by time with an overlap."""


class Temporary(OperatorError):
    """A passing fault; the request was certainly not executed or changes nothing, so it may be repeated."""


class OutcomeUnknown(OperatorError):
    """A write was sent and its result is not known: call `look_up` before repeating."""


class BadAnswer(OperatorError):
    """The answer breaks the operator's own format; nothing is guessed from it.

    Never of a write: that is OutcomeUnknown. It is worth asking again (a page of maintenance comes with 200 as well), but not
    at once: `retry_after` is a minute unless the operator tells.
    """

    pause = 60.0


SILENT = (Temporary, RateLimited, InProgress, BadAnswer)
"""What is raised when the operator cannot answer now: nothing was decided, it is asked again after `retry_after`."""


class Unsupported(OperatorError):
    """Neither this operator nor its adapter can do that."""
