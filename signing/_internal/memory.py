"""What verifications may remember from file to file, when the caller wants that: answers and verdicts on chains.

Nothing is remembered unless a `Memory` is given; one object may serve many threads. Keys are the full bytes of
everything that an answer rests on, so no answer can be given to another question.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, MutableMapping
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
# key, algorithm, what is signed (its SHA-256 in a shared memory), signature -> whether the signature holds
Question = tuple[bytes, bytes, bytes, bytes]
Answers = MutableMapping[Question, bool]


class _Bounded(dict[_Key, _Value]):
    """A dictionary that forgets its oldest entries when there are too many."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._lock = threading.Lock()

    def __setitem__(self, key: _Key, value: _Value) -> None:
        with self._lock:
            while len(self) >= self._limit and key not in self:
                del self[next(iter(self))]
            super().__setitem__(key, value)


class KnownChain(NamedTuple):
    """A chain that held: judged at `control`, good until `until`; `owners` are kept so that they stay themselves."""

    verdict: object
    control: datetime
    until: datetime
    owners: tuple[object, ...]


class Memory:
    """Remembered between verifications: whether issuers' signatures hold, and chains of certificates that held.

    A chain is taken from memory when the same certificate, with the same certificates beside it in the file, comes
    with the same trust, evidence source and policy objects, at most `max_age` after it was judged, and before any
    certificate, list, answer or algorithm in it runs out. Revocation that the source learns of inside `max_age` is
    seen only after it: that is the price, and timedelta(0) does not pay it. Chains that did not hold, chains with a
    revocation date in them and files that carry revocation data of their own are judged anew each time.
    """

    def __init__(self, *, limit: int = 4096, max_age: timedelta = timedelta(minutes=5)) -> None:
        self.max_age = max_age
        self.answers: Answers = _Bounded(limit)
        self._chains: _Bounded[Hashable, KnownChain] = _Bounded(limit)

    def chain(self, key: Hashable, control: datetime) -> object | None:
        """The verdict kept under `key`, when it is good at `control`."""
        known = self._chains.get(key)
        if known is None or not known.control <= control <= min(known.until, known.control + self.max_age):
            return None
        return known.verdict

    def keep_chain(self, key: Hashable, known: KnownChain) -> None:
        """Keep a verdict."""
        self._chains[key] = known
