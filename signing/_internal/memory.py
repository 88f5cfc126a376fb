"""What verifications may remember from file to file, when the caller wants that: answers and verdicts on chains.

Nothing is remembered unless a `Memory` is given; one object may serve many threads. Keys are the full bytes of
everything that an answer rests on, so no answer can be given to another question.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from signing._internal.certificates import Certificate
from signing._internal.evidence import EvidenceSource

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_SHARED_BLOBS = 64
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


Heard = tuple[tuple[Callable[[], Sequence[bytes]], tuple[bytes, ...]], ...]


class Listening:
    """A source that keeps what it was asked and what it said: the evidence that a verdict rests on."""

    def __init__(self, source: EvidenceSource) -> None:
        self._source = source
        self._heard: list[tuple[Callable[[], Sequence[bytes]], tuple[bytes, ...]]] = []

    def crls(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:
        """As the source says."""
        return self._ask(partial(self._source.crls, certificate, issuer))

    def ocsp(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:
        """As the source says."""
        return self._ask(partial(self._source.ocsp, certificate, issuer))

    def certificates(self, issuer_of: Certificate) -> Sequence[bytes]:
        """As the source says."""
        return self._ask(partial(self._source.certificates, issuer_of))

    def _ask(self, question: Callable[[], Sequence[bytes]]) -> Sequence[bytes]:
        said = tuple(question())
        self._heard.append((question, said))
        return said

    @property
    def heard(self) -> Heard:
        """The questions so far with their answers."""
        return tuple(self._heard)


class KnownChain(NamedTuple):
    """A chain that held: judged at the moment `at` for the time `control`, good until `until` on what was `heard`.

    `owners` (trust, source, policy) are kept so that they stay themselves.
    """

    verdict: object
    control: datetime
    at: datetime
    until: datetime
    owners: tuple[object, ...]
    heard: Heard = ()

    def is_still_said(self) -> bool:
        """Whether the source says today, octet by octet, what the verdict rests on."""
        return all(tuple(question()) == said for question, said in self.heard)


class Memory:
    """Remembered between verifications: whether issuers' signatures hold, and chains of certificates that held.

    A chain is taken from memory when the same certificate, with the same certificates beside it in the file, comes
    with the same trust, evidence source and policy objects, not earlier than it was judged, and before any
    certificate, list, answer or algorithm in it runs out. For `max_age` it is taken unasked: revocation that the
    source learns of meanwhile is seen only afterwards. Then, or at once with timedelta(0), the source is asked again
    and must say the same octets: another list, another answer, an answer where there was silence, and the chain is
    judged anew. Chains that did not hold, chains with a revocation date in them and files that carry revocation data
    of their own are judged anew each time.
    """

    def __init__(self, *, limit: int = 4096, max_age: timedelta = timedelta(minutes=5)) -> None:
        self.max_age = max_age
        self.answers: Answers = _Bounded(limit)
        self._chains: _Bounded[Hashable, KnownChain] = _Bounded(limit)
        self._blobs: _Bounded[bytes, bytes] = _Bounded(_SHARED_BLOBS)

    def chain(self, key: Hashable, *, control: datetime, at: datetime) -> object | None:
        """The verdict kept under `key`, when it is good for `control` at the moment `at`."""
        known = self._chains.get(key)
        if known is None or at < known.at or not known.control <= control <= known.until:
            return None
        if at - known.at >= self.max_age:
            if not known.is_still_said():
                return None
            if self.max_age:
                self._chains[key] = known._replace(at=at)
        return known.verdict

    def keep_chain(self, key: Hashable, known: KnownChain) -> None:
        """Keep a verdict; of equal lists that chains rest on one copy is kept."""
        heard = tuple((question, tuple(map(self._one_copy, said))) for question, said in known.heard)
        self._chains[key] = known._replace(heard=heard)

    def _one_copy(self, blob: bytes) -> bytes:
        kept = self._blobs.get(blob)
        if kept is None:
            kept = self._blobs[blob] = blob
        return kept
