"""What calls to operators come to: counted for `/metrics`, and a line of the log for each that failed."""

import logging
import threading
from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from operators.guards import Observation

log = logging.getLogger(__name__)
MOST_CALLS = 200
"""Names of calls that are told apart; what comes after counts as `other`. Adapters name a few dozen."""
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)


class CallMetrics(Collector):
    """`edo_operator_calls_total` by operator, call and outcome, `edo_operator_call_seconds` by operator and call.

    An outcome is `ok` or the class of the error; one with which nothing was sent has no duration. No query, body or header
    comes here.
    """

    def __init__(self) -> None:
        self._calls = Counter(
            "edo_operator_calls", "Calls to operators.", ("operator", "call", "outcome"), registry=None
        )
        self._seconds = Histogram(
            "edo_operator_call_seconds", "How long they took.", ("operator", "call"), buckets=SECONDS, registry=None
        )
        self._names: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def __call__(self, seen: Observation) -> None:
        """Count one call."""
        name = self._bounded(seen.operator, seen.call)
        self._calls.labels(seen.operator, name, seen.outcome).inc()
        if seen.status is not None:
            self._seconds.labels(seen.operator, name).observe(seen.seconds)
        if seen.outcome != "ok":
            log.info(
                "operator %s: %s ended with %s (HTTP %s) after %.0f ms",
                seen.operator,
                name,
                seen.outcome,
                seen.status or "-",
                1000 * seen.seconds,
            )

    def collect(self) -> Iterator[Metric]:
        """What `/metrics` prints."""
        yield from self._calls.collect()
        yield from self._seconds.collect()

    def _bounded(self, operator: str, call: str) -> str:
        with self._lock:
            if (operator, call) not in self._names and len(self._names) >= MOST_CALLS:
                return "other"
            self._names.add((operator, call))
            return call
