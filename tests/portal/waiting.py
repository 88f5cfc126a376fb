"""Waiting for a condition, with a bound."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 180.0


def until(
    look: Callable[[], T | None], what: str, *, patience: float = PATIENCE, explain: Callable[[], str] = str
) -> T:
    """What `look` gives as soon as it gives something; `explain` tells why it may have not."""
    pause = threading.Event()
    ends = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < ends, f"waited {patience:.0f} s: {what}\n{explain()}"
        pause.wait(0.3)
