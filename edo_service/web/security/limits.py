"""How often somebody may try: a port, and a sliding window in memory (one process; `full` has Redis there)."""

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Protocol

from starlette.requests import HTTPConnection


class RateLimiter(Protocol):
    """Counts tries under a key."""

    def take(self, key: str, *, limit: int, per: timedelta) -> timedelta | None:
        """Count one try. None when it is allowed, else how long to wait (nothing is counted then)."""


class MemoryRateLimiter:
    """Sliding window: at most `limit` tries within any `per`. Safe between threads; forgets keys that are quiet."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, capacity: int = 100_000) -> None:
        self._now = now
        self._capacity = capacity
        self._tries: dict[str, deque[float]] = {}
        self._lock = Lock()

    def take(self, key: str, *, limit: int, per: timedelta) -> timedelta | None:
        """Count one try under `key`; see the port."""
        seconds = per.total_seconds()
        with self._lock:
            now = self._now()
            if key not in self._tries and len(self._tries) >= self._capacity:
                self._forget(now - seconds)
            tries = self._tries.setdefault(key, deque())
            while tries and tries[0] <= now - seconds:
                tries.popleft()
            if len(tries) >= limit:
                return timedelta(seconds=tries[0] + seconds - now)
            tries.append(now)
            return None

    def _forget(self, before: float) -> None:
        self._tries = {key: tries for key, tries in self._tries.items() if tries and tries[-1] > before}


def client_address(connection: HTTPConnection) -> str:
    """The peer's address; behind a proxy uvicorn's `--proxy-headers` has already put the client's one there."""
    return connection.client.host if connection.client else "-"
