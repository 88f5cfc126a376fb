"""Time is given, never looked up: the clocks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock for tests and demonstrations: stands still until moved."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._now = _aware(start)

    def now(self) -> datetime:
        """Return the moment the clock stands at, UTC."""
        with self._lock:
            return self._now

    def move(self, step: timedelta) -> datetime:
        """Move by `step` (may be negative) and return the new moment."""
        with self._lock:
            self._now += step
            return self._now

    def set(self, moment: datetime) -> None:
        """Stand at `moment` (aware)."""
        with self._lock:
            self._now = _aware(moment)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return moment.astimezone(UTC)
