"""How long one verification waits for the network: addresses stand in certificates, and a hostile one answers slowly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Limits of one verification, in seconds.

    `whole`: for all that it fetches together. `small`: for one OCSP answer, and for all certificates of issuers
    together. Those are small, and their addresses may be a stranger's, for they stand in certificates that lead to no
    anchor yet. Lists are fetched only from addresses that an issuer with a path to an anchor has signed.
    """

    whole: float = 20.0
    small: float = 5.0


DEFAULT_PATIENCE = Patience()


class Spending(threading.local):
    """What the verification in this thread has waited for so far, and which questions stayed without an answer."""

    def __init__(self, patience: Patience, ticks: Callable[[], float]) -> None:
        self._patience = patience
        self._ticks = ticks
        self.begin()

    def begin(self) -> None:
        """Another verification begins."""
        self._whole = self._patience.whole
        self._strangers = self._patience.small
        self._silent: set[str] = set()

    def left(self, kind: str) -> float:
        """How long a transfer of this kind (crl, ocsp, certificate) may take now."""
        if kind == "certificate":
            return min(self._whole, self._strangers)
        return min(self._whole, self._patience.small) if kind == "ocsp" else self._whole

    def ask(self, key: str, kind: str, transfer: Callable[[float], _Answer | None]) -> _Answer | None:
        """Make a transfer in the time that is left, unless there is none or the same question had no answer."""
        seconds = self.left(kind)
        if seconds <= 0 or key in self._silent:
            return None
        began = self._ticks()
        answer = transfer(seconds)
        spent = self._ticks() - began
        self._whole -= spent
        if kind == "certificate":
            self._strangers -= spent
        if answer is None:
            self._silent.add(key)
        return answer
