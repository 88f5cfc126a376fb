"""What keeps an adapter from hurting an operator and itself: limits per account, a circuit breaker, an observer.

Limits are counted over all processes of a machine by files (`FileThrottle`: locks of the operating system, so a killed
process leaves nothing behind) or within one process (`LocalThrottle`). Kontur advises at most 4 threads and 100
requests per second for a token, Tensor at most 5 threads for a session.
"""

import fcntl
import hashlib
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from operators.errors import OperatorError, OutcomeUnknown, RateLimited, Temporary
from operators.port import Clock
from operators.punctual import DEADLINE

THREADS = 4
PER_SECOND = 100
PATIENCE = 30.0
"""Seconds a call waits for its turn before it gives up with RateLimited (nothing was sent)."""
NAP = 0.005
SECOND = timedelta(seconds=1)
LONGEST_REST = timedelta(minutes=5)
STAMP = struct.Struct("<d")


class Window(Protocol):
    """A sliding window kept outside this package."""

    def __call__(self, key: str, *, limit: int, per: timedelta) -> timedelta | None:
        """Count a start under a key: None when it is allowed, else how long to wait (nothing is counted then)."""


class Throttle(Protocol):
    """Turns of one account at one operator."""

    def turn(self, account: str) -> AbstractContextManager[None]:
        """Wait for a turn and hold it; raises TimeoutError after `PATIENCE` seconds."""


class LocalThrottle:
    """At most `threads` calls at once and `per_second` starts in any second, in this process."""

    def __init__(
        self,
        *,
        threads: int = THREADS,
        per_second: int = PER_SECOND,
        patience: float = PATIENCE,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._threads, self._per_second, self._patience = threads, per_second, patience
        self._now, self._wait = now, wait
        self._lock = threading.Lock()
        self._slots: dict[str, threading.BoundedSemaphore] = {}
        self._starts: dict[str, deque[float]] = {}

    @contextmanager
    def turn(self, account: str) -> Iterator[None]:
        """See the port."""
        with self._lock:
            slot = self._slots.setdefault(account, threading.BoundedSemaphore(self._threads))
        if not slot.acquire(timeout=self._patience):
            raise TimeoutError(account)
        try:
            self._start(account)
            yield
        finally:
            slot.release()

    def _start(self, account: str) -> None:
        deadline = self._now() + self._patience
        while (pause := self._pause(account)) > 0:
            if self._now() + pause > deadline:
                raise TimeoutError(account)
            self._wait(pause)

    def _pause(self, account: str) -> float:
        with self._lock:
            starts, now = self._starts.setdefault(account, deque()), self._now()
            while starts and starts[0] <= now - 1.0:
                starts.popleft()
            if len(starts) >= self._per_second:
                return starts[0] + 1.0 - now
            starts.append(now)
            return 0.0


class FileThrottle:
    """The same over all processes that share a folder: a lock file for each thread, a ring of start times for the rate.

    The folder holds no names: an account's files are called by its SHA-256.
    """

    def __init__(
        self, folder: Path, *, threads: int = THREADS, per_second: int = PER_SECOND, patience: float = PATIENCE
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._threads, self._per_second, self._patience = folder, threads, per_second, patience

    @contextmanager
    def turn(self, account: str) -> Iterator[None]:
        """See the port."""
        stem = hashlib.sha256(account.encode()).hexdigest()[:32]
        deadline = time.monotonic() + self._patience
        slot = self._slot(stem, deadline)
        try:
            while (pause := self._pause(stem)) > 0:
                if time.monotonic() + pause > deadline:
                    raise TimeoutError(account)
                time.sleep(pause)
            yield
        finally:
            os.close(slot)

    def _slot(self, stem: str, deadline: float) -> int:
        while True:
            for number in range(self._threads):
                opened = os.open(self._folder / f"{stem}.slot{number}", os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(opened)
                else:
                    return opened
            if time.monotonic() > deadline:
                raise TimeoutError(stem)
            time.sleep(NAP)

    def _pause(self, stem: str) -> float:
        """Take the oldest place of the ring of the last starts, or tell how long it is still warm."""
        opened = os.open(self._folder / f"{stem}.starts", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            raw = os.pread(opened, STAMP.size * self._per_second, 0)
            now = time.time()
            starts = [each for (each,) in STAMP.iter_unpack(raw[: len(raw) // STAMP.size * STAMP.size])]
            starts = [each if each <= now else 0.0 for each in starts]  # of the future: the clock was set back since
            if len(starts) < self._per_second:
                os.pwrite(opened, STAMP.pack(now), STAMP.size * len(starts))
                return 0.0
            place = min(range(len(starts)), key=starts.__getitem__)
            warm: float = starts[place] + 1.0 - now
            if warm > 0:
                return warm
            os.pwrite(opened, STAMP.pack(now), STAMP.size * place)
            return 0.0
        finally:
            os.close(opened)


class SharedRate:
    """Turns of an inner throttle (threads of this machine) with the rate counted elsewhere, over all machines.

    `take` is a sliding window such as `edo_service.adapters.rate_redis.RedisRateLimiter.take`: it counts a start, or
    tells how long to wait.
    """

    def __init__(
        self,
        take: Window,
        inner: Throttle,
        *,
        per_second: int = PER_SECOND,
        patience: float = PATIENCE,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._take, self._inner = take, inner
        self._per_second, self._patience, self._wait = per_second, patience, wait

    @contextmanager
    def turn(self, account: str) -> Iterator[None]:
        """See the port."""
        key = f"operator:{hashlib.sha256(account.encode()).hexdigest()[:32]}"
        left = self._patience
        with self._inner.turn(account):
            while (pause := self._take(key, limit=self._per_second, per=SECOND)) is not None:
                left -= pause.total_seconds()
                if left < 0:
                    raise TimeoutError(account)
                self._wait(pause.total_seconds())
            yield


class Breaker:
    """Stops asking an operator that has failed `failures` times in a row; after `pause` one call tries again.

    Failures are what the operator's servers or the way to them do (Temporary, OutcomeUnknown); a refusal is an answer.
    After a 429 nobody asks before the time that the operator named (at most `LONGEST_REST`), whatever the call.
    """

    def __init__(self, clock: Clock, *, failures: int = 5, pause: timedelta = timedelta(seconds=30)) -> None:
        self._clock, self._failures, self._pause = clock, failures, pause
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._until: datetime | None = None
        self._rests_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are being refused."""
        return self._until is not None and self._clock.now() < self._until

    def wait_needed(self) -> float | None:
        """None when a call may go, else the seconds to wait. After the pause one caller gets through as a trial."""
        with self._lock:
            now = self._clock.now()
            if self._until is None:
                return None
            if now < self._until:
                return (self._until - now).total_seconds()
            self._until = now + self._pause  # the trial is under way: others wait for its outcome
            return None

    def rest_needed(self) -> float | None:
        """None when the operator has asked for no pause, else the seconds that are left of it."""
        with self._lock:
            left = None if self._rests_until is None else (self._rests_until - self._clock.now()).total_seconds()
            return left if left is not None and left > 0 else None

    def note(self, error: OperatorError | None) -> None:
        """Take the outcome of a call into account."""
        with self._lock:
            if isinstance(error, RateLimited) and error.retry_after is not None:
                rest = min(timedelta(seconds=error.retry_after), LONGEST_REST)
                self._rests_until = max(self._clock.now() + rest, self._rests_until or self._clock.now())
            if not isinstance(error, Temporary | OutcomeUnknown):
                self._in_a_row, self._until = 0, None
                return
            self._in_a_row += 1
            if self._in_a_row >= self._failures:
                self._until = self._clock.now() + self._pause


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One call as metrics see it.

    `outcome`: ok, the error's class name, or broken (a fault of ours); `status` None when no answer came.
    """

    operator: str
    call: str
    status: int | None
    outcome: str
    seconds: float


@dataclass(kw_only=True)
class Seen:
    """What a call learns on its way."""

    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class Safeguards:
    """What surrounds every call of an adapter; each part may be absent. `deadline`: seconds for a whole call."""

    throttle: Throttle | None = None
    breaker: Breaker | None = None
    observe: Callable[[Observation], None] | None = field(default=None, repr=False)
    deadline: float = DEADLINE

    @contextmanager
    def watch(self, operator: str, account: str, call: str) -> Iterator[Seen]:
        """Let a call through: breaker, then a turn; its outcome goes to the breaker and the observer.

        Raises Temporary (circuit open) and RateLimited (no turn, or the operator has asked for a pause); both mean that
        nothing was sent. They are observed too, without a status.
        """
        held_back = self._held_back(operator)
        if held_back is not None:
            self._tell(operator, call, None, type(held_back).__name__, 0.0)
            raise held_back
        seen, started, outcome = Seen(), time.perf_counter(), "broken"
        try:
            with self._turn(operator, account):
                started = time.perf_counter()
                yield seen
        except OperatorError as error:
            outcome = type(error).__name__
            unasked = (
                isinstance(error, RateLimited) and seen.status is None
            )  # our own limits say nothing of the operator
            if self.breaker is not None and not unasked:
                self.breaker.note(error)
            raise
        else:
            outcome = "ok"
            if self.breaker is not None:
                self.breaker.note(None)
        finally:
            self._tell(operator, call, seen.status, outcome, time.perf_counter() - started)

    def _held_back(self, operator: str) -> OperatorError | None:
        """Why nothing is asked now; None when it may be."""
        if self.breaker is None:
            return None
        rest = self.breaker.rest_needed()
        if rest is not None:
            return RateLimited("the operator has asked for a pause", operator=operator, retry_after=rest)
        wait = self.breaker.wait_needed()
        if wait is not None:
            return Temporary(f"not asked for {wait:.0f} s: failed repeatedly", operator=operator, retry_after=wait)
        return None

    def _tell(self, operator: str, call: str, status: int | None, outcome: str, seconds: float) -> None:
        if self.observe is not None:
            self.observe(Observation(operator=operator, call=call, status=status, outcome=outcome, seconds=seconds))

    @contextmanager
    def _turn(self, operator: str, account: str) -> Iterator[None]:
        if self.throttle is None:
            yield
            return
        turn = self.throttle.turn(f"{operator}/{account}")
        try:
            turn.__enter__()
        except TimeoutError as error:
            raise RateLimited("no turn within our own limits", operator=operator, retry_after=1.0) from error
        except OSError as error:  # a full disk, too many open files: nothing was sent
            raise RateLimited("our own limits cannot be counted", operator=operator, retry_after=5.0) from error
        try:
            yield
        finally:
            turn.__exit__(None, None, None)
