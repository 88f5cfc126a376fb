"""The WORM canary: proves on the living store that what it accepts it also protects.

1. Put an object that nobody needs under a retention of minutes.
2. Try everything that must be refused: delete, shorten, replace, and the store's own back doors (raw S3 requests).
3. After each try look at the object: content as before, retention no shorter. A polite refusal that changed something
   is a failure, and so is an error that is no refusal. A store that is merely busy (StoreUnavailable) has said nothing:
   the same is tried again, a few times. A slow store gets a longer term before the canary's runs out.
4. Remove earlier canaries whose time has passed.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from archive.errors import ArchiveError, BadKey, RetentionRefused, StoreUnavailable
from archive.store import CANARY_ENTITY, Attempt, Clock, Store, key_of

TERM = timedelta(minutes=3)
TRIES = 4
"""How often a busy store is asked before its silence counts as a failure; the S3 client itself waits between tries."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class CanaryReport:
    """ok: every attempt was refused and harmless. attempts: (name, refused, detail) in the order they were made."""

    ok: bool
    attempts: tuple[tuple[str, bool, str], ...]


def run_canary(store: Store, *, clock: Clock, bypass: Sequence[Attempt] = (), term: timedelta = TERM) -> CanaryReport:
    """Try to break the store's promise on an object of its own; never raises for a store that breaks or fails.

    bypass: further attempts of the caller's (each gets the canary's key). The canary lives `term` (minutes) after the
    last attempt at the most.
    """
    content = b"archive canary " + secrets.token_bytes(24).hex().encode()
    bird = _Bird(store, clock, content, term)
    try:
        _patiently(bird.settle)
    except ArchiveError as error:
        return CanaryReport(ok=False, attempts=(("put", False, _words(error)),))
    attempts = (*_ordinary(store, clock), *store.attempts(), *bypass)
    results = [bird.endure(attempt) for attempt in attempts]
    with suppress(ArchiveError):
        _sweep(store, clock)
    return CanaryReport(ok=all(refused for _name, refused, _detail in results), attempts=tuple(results))


def _ordinary(store: Store, clock: Clock) -> tuple[Attempt, ...]:
    return (
        Attempt(name="delete", act=store.delete),
        Attempt(name="shorten", act=lambda key: store.extend(key, clock.now() + timedelta(seconds=1))),
        Attempt(
            name="put something else",
            act=lambda key: store.put(key, b"?", retain_until=clock.now() + timedelta(days=1)),
        ),
    )


class _Bird:
    """One canary: what it is, how long it is promised to live, and whether it still does."""

    def __init__(self, store: Store, clock: Clock, content: bytes, term: timedelta) -> None:
        self._store, self._clock, self._content, self._term = store, clock, content, term
        self.key = key_of(CANARY_ENTITY, content)
        self._until = clock.now() + term

    def settle(self) -> None:
        """Put it; again the same."""
        self._store.put(self.key, self._content, retain_until=self._until)

    def endure(self, attempt: Attempt) -> tuple[str, bool, str]:
        """Make the attempt and look whether it was refused and did no harm: (name, refused, detail)."""
        try:
            _patiently(self._prolong)
        except ArchiveError as error:
            return (attempt.name, False, f"its term could not be prolonged: {_words(error)}")
        detail = "was not refused"
        refused = False
        try:
            _patiently(lambda: attempt.act(self.key))
        except (RetentionRefused, BadKey) as error:
            refused, detail = True, _words(error)
        except FileExistsError:
            refused, detail = True, "the name is taken"
        except (ArchiveError, OSError) as error:
            detail = f"failed in another way: {_words(error)}"
        harm = self._harm()
        return (attempt.name, refused and not harm, f"{detail}; {harm}" if harm else detail)

    def _prolong(self) -> None:
        """Past the half of its term it gets a new one: what may rightly be deleted proves nothing."""
        now = self._clock.now()
        if now + self._term / 2 > self._until:
            self._store.extend(self.key, now + self._term)
            self._until = now + self._term

    def _harm(self) -> str:
        """What is no longer as it was, empty when nothing changed."""
        try:
            if _patiently(lambda: self._store.get(self.key)) != self._content:
                return "the content changed"
            stat = _patiently(lambda: self._store.stat(self.key))
        except ArchiveError as error:
            return f"the object is lost ({_words(error)})"
        if stat is None:
            return "the object is lost"
        if stat.retain_until is None or stat.retain_until < self._until:
            return "the retention was shortened"
        return ""


def _patiently(act: Callable[[], _T]) -> _T:
    """Do it; a store that is unavailable is asked again, TRIES times in all."""
    for _ in range(TRIES - 1):
        with suppress(StoreUnavailable):
            return act()
    return act()


def _sweep(store: Store, clock: Clock) -> None:
    for key in list(store.keys(f"{CANARY_ENTITY}/")):
        stat = store.stat(key)
        if stat is not None and stat.retain_until is not None and stat.retain_until < clock.now():
            with suppress(RetentionRefused):
                store.delete(key)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
