"""The WORM canary: proves on the living store that what it accepts it also protects.

1. Put an object that nobody needs under a retention of minutes.
2. Try everything that must be refused: delete, shorten, replace, and the store's own back doors (raw S3 requests).
3. After each try look at the object: content as before, retention no shorter. A polite refusal that changed something
   is a failure, and so is an error that is no refusal.
4. Remove earlier canaries whose time has passed.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.errors import ArchiveError, BadKey, RetentionRefused
from archive.store import CANARY_ENTITY, Attempt, Clock, Store, key_of

TERM = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class CanaryReport:
    """ok: every attempt was refused and harmless. attempts: (name, refused, detail) in the order they were made."""

    ok: bool
    attempts: tuple[tuple[str, bool, str], ...]


def run_canary(store: Store, *, clock: Clock, bypass: Sequence[Attempt] = (), term: timedelta = TERM) -> CanaryReport:
    """Try to break the store's promise on an object of its own; never raises for a store that breaks or fails.

    bypass: further attempts of the caller's (each gets the canary's key). The canary lives `term` (minutes).
    """
    content = b"archive canary " + secrets.token_bytes(24).hex().encode()
    key = key_of(CANARY_ENTITY, content)
    until = clock.now() + term
    try:
        store.put(key, content, retain_until=until)
    except ArchiveError as error:
        return CanaryReport(ok=False, attempts=(("put", False, _words(error)),))
    attempts = (*_ordinary(store, clock), *store.attempts(), *bypass)
    results = [_try(attempt, store, key, content, until) for attempt in attempts]
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


def _try(attempt: Attempt, store: Store, key: str, content: bytes, until: datetime) -> tuple[str, bool, str]:
    detail = "was not refused"
    refused = False
    try:
        attempt.act(key)
    except (RetentionRefused, BadKey) as error:
        refused, detail = True, _words(error)
    except FileExistsError:
        refused, detail = True, "the name is taken"
    except (ArchiveError, OSError) as error:
        detail = f"failed in another way: {_words(error)}"
    harm = _harm(store, key, content, until)
    return (attempt.name, refused and not harm, f"{detail}; {harm}" if harm else detail)


def _harm(store: Store, key: str, content: bytes, until: datetime) -> str:
    """What is no longer as it was, empty when nothing changed."""
    try:
        if store.get(key) != content:
            return "the content changed"
        stat = store.stat(key)
    except ArchiveError as error:
        return f"the object is lost ({_words(error)})"
    if stat is None:
        return "the object is lost"
    if stat.retain_until is None or stat.retain_until < until:
        return "the retention was shortened"
    return ""


def _sweep(store: Store, clock: Clock) -> None:
    for key in list(store.keys(f"{CANARY_ENTITY}/")):
        stat = store.stat(key)
        if stat is not None and stat.retain_until is not None and stat.retain_until < clock.now():
            with suppress(RetentionRefused):
                store.delete(key)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
