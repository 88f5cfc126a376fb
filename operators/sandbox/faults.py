"""Knobs that make a sandbox misbehave as networks and operators do.

They belong to a server process, not to its state.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with a request."""

    DROP = "drop"
    """The connection breaks before anything is accepted."""
    WITHHOLD = "withhold"
    """Accepted, then silence until the client gives up."""
    CUT = "cut"
    """Accepted, then the connection breaks in the middle of the answer."""
    UNPAID = "unpaid"
    """402, as when the tariff has run out; nothing is accepted."""
    MALFORMED = "malformed"
    """400, as when the operator calls the file wrong; nothing is accepted."""
    RATE_LIMIT = "rate_limit"
    """429 with Retry-After; nothing is accepted."""
    SERVER_ERROR = "server_error"
    """500; nothing is accepted."""
    ERROR_AFTER = "error_after"
    """Accepted, then 500."""
    IN_PROGRESS = "in_progress"
    """Accepted, then 204 with Retry-After, as if it were still running."""


class Roaming(StrEnum):
    """How the way to other operators behaves."""

    OPEN = "open"
    CLOSED = "closed"
    """Not set up: refused at once."""
    FAILING = "failing"
    """Taken, and later the other operator does not accept it."""


FINAL = frozenset({Fault.UNPAID, Fault.MALFORMED})
"""Faults after which a client has no reason to ask again by itself."""
BEFORE = frozenset({*FINAL, Fault.DROP, Fault.RATE_LIMIT, Fault.SERVER_ERROR})
"""Faults that come before the request is accepted."""


@dataclass(frozen=True, kw_only=True)
class FaultRule:
    """The next `times` requests whose path contains `path` (any case) meet `fault`; `retry_after` in seconds."""

    fault: Fault
    path: str = "postmessage"
    times: int = 1
    retry_after: int = 1


class Faults:
    """The knobs of one server process; safe for its threads.

    `deduplicate`: repeats with the same operationId give the first result (off: every request is accepted anew).
    `duplicate_events`: every event comes twice. `reorder_events`: of two events of one request the later one stands
    first in the feed. `lose_cursors`: how many of the next cursors are not known any more. `unknown_entities`: messages
    carry a part of a type that no client knows. `roaming`: the way to other operators.

    `delay_events`, `delay_delivery`: how much later than accepted an event is seen in the feed and a message reaches the
    recipient; `delay_roaming` is added for another operator's. `delay_invitations`: how long an invitation is being
    worked on. `delay_shelf`: how long an uploaded file is not yet on the shelf.
    """

    def __init__(
        self,
        rules: Iterable[FaultRule] = (),
        *,
        deduplicate: bool = True,
        duplicate_events: bool = False,
        delay_events: timedelta = timedelta(0),
        delay_delivery: timedelta = timedelta(0),
        roaming: Roaming = Roaming.OPEN,
    ) -> None:
        self._lock = threading.Lock()
        self._rules = list(rules)
        self.deduplicate = deduplicate
        self.duplicate_events = duplicate_events
        self.delay_events = delay_events
        self.delay_delivery = delay_delivery
        self.roaming = roaming
        self.delay_roaming = timedelta(0)
        self.delay_invitations = timedelta(0)
        self.delay_shelf = timedelta(0)
        self.reorder_events = False
        self.lose_cursors = 0
        self.unknown_entities = False

    def add(self, *rules: FaultRule) -> None:
        """Add rules after those that wait."""
        with self._lock:
            self._rules.extend(rules)

    def clear(self) -> None:
        """Forget all rules; the switches stay."""
        with self._lock:
            self._rules.clear()

    def pending(self) -> tuple[FaultRule, ...]:
        """Return the rules that still wait for requests."""
        with self._lock:
            return tuple(self._rules)

    def takes_cursor(self) -> bool:
        """Whether the cursor of the present request is to be lost; uses up one of `lose_cursors`."""
        with self._lock:
            if self.lose_cursors <= 0:
                return False
            self.lose_cursors -= 1
            return True

    def take(self, path: str) -> FaultRule | None:
        """Use up one turn of the first rule that fits the path."""
        with self._lock:
            for place, rule in enumerate(self._rules):
                if rule.path.lower() not in path.lower():
                    continue
                if rule.times > 1:
                    self._rules[place] = replace(rule, times=rule.times - 1)
                else:
                    del self._rules[place]
                return rule
        return None
