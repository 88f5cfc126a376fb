"""Crash points: named places where a process under test kills itself with SIGKILL.

Off unless armed. `bootstrap` arms from `EDO_CRASH_AT` (`name` or `name:3` for the third time the place is reached).
Nothing is caught, flushed or closed: what the next process finds is what a power cut would have left.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Final

CRASH_POINTS: Final[tuple[str, ...]] = (
    "commit.before",
    "commit.after",
    "job.claimed",
    "job.handled",
    "job.finished",
    "publish.before",
    "journal.sealed",
    "exchange.after_intent",
    "exchange.after_call",
    "exchange.before_record",
    "exchange.after_event",
    "exchange.cursor_moved",
    "documents.signed",
    "documents.direct",
    "archiving.collected",
    "archiving.mid_deposit",
    "archiving.deposited",
    "archiving.recorded",
)
"""Every place that may be armed; a test checks that each is reached somewhere in the code and nowhere is another."""

_lock = threading.Lock()
_armed: str | None = None
_left = 0


def arm(setting: str | None) -> None:
    """Arm one place (`name` or `name:count`), or disarm with None or an empty word. ValueError for an unknown name."""
    global _armed, _left
    name, _, count = (setting or "").partition(":")
    if name and name not in CRASH_POINTS:
        raise ValueError(f"unknown crash point {name!r}")
    with _lock:
        _armed, _left = (name, int(count or 1)) if name else (None, 0)


def reach(name: str) -> None:
    """Mark a place; the process dies here if this place is armed and its count is used up."""
    global _left  # noqa: PLW0603 - as above
    if name not in CRASH_POINTS:
        raise ValueError(f"unknown crash point {name!r}")
    if _armed != name:
        return
    with _lock:
        _left -= 1
        due = _left == 0
    if due:
        os.kill(os.getpid(), signal.SIGKILL)
