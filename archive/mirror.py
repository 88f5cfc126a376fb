"""Two stores that hold the same: nothing is acknowledged before both have it, and either mends the other.

A put, an extension, a hold goes to the first store and then to the second; when the second does not answer the caller
gets StoreUnavailable and repeats the whole act, which changes nothing in the first. Reading turns to the second store
when the first cannot give the content. What a caller is told of retention and hold is what both stores promise; deleting
needs both to allow it. See docs/adr for why there is no acknowledgement by one store with a promise for the other.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO, TypeVar

from archive.errors import ArchiveError, Damaged, NotStored, RetentionRefused, StoreUnavailable
from archive.store import Attempt, Clock, Copy, Examined, Finding, Stat, Store, Stored

NAMES = ("first", "second")
_T = TypeVar("_T")


class MirrorStore:
    """Both stores have all the promises of one. clock: tells what has expired."""

    def __init__(self, first: Store, second: Store, clock: Clock) -> None:
        self._first, self._second = first, second
        self._both = (first, second)
        self._clock = clock

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        """Keep content in both; see Store.put. Both promise the later of their ends, a whole second (as S3 keeps it)."""
        retain_until = _whole_second(retain_until)
        return self._level(*(store.put(key, content, retain_until=retain_until) for store in self._both))

    def _level(self, one: Stored, other: Stored) -> Stored:
        """Both promise the later end of what they keep."""
        until = max(one.retain_until, other.retain_until)
        for store, kept in zip(self._both, (one, other), strict=True):
            if kept.retain_until < until:
                _keep_for(store, kept.key, until)
        return replace(one, retain_until=until, created=one.created and other.created)

    def put_all(self, items: Sequence[tuple[str, bytes]], *, retain_until: datetime) -> tuple[Stored, ...]:
        """Keep several contents in both; see Store.put_all."""
        retain_until = _whole_second(retain_until)
        kept = [store.put_all(items, retain_until=retain_until) for store in self._both]
        return tuple(self._level(one, other) for one, other in zip(*kept, strict=True))

    def get(self, key: str) -> bytes:
        """The content from whichever store gives it whole; see Store.get."""
        try:
            return self._first.get(key)
        except (NotStored, Damaged, StoreUnavailable) as error:
            return _or_raise(error, lambda: self._second.get(key))

    def open(self, key: str) -> BinaryIO:
        """A checked stream from the first store, or from the second when that one cannot begin; see Store.open."""
        try:
            return self._first.open(key)
        except (NotStored, Damaged, StoreUnavailable) as error:
            return _or_raise(error, lambda: self._second.open(key))

    def stat(self, key: str) -> Stat | None:
        """What both promise: the earlier end, a hold only when it is on both; see Store.stat."""
        found = [stat for store in self._both if (stat := store.stat(key)) is not None]
        if not found:
            return None
        ends = [stat.retain_until for stat in found]
        return Stat(
            key=key,
            size=found[0].size,
            retain_until=None if None in ends else min(end for end in ends if end is not None),
            hold=all(stat.hold for stat in found),
        )

    def extend(self, key: str, retain_until: datetime) -> None:
        """Move the end forward in both; see Store.extend. Neither moves when one of them keeps for longer already."""
        retain_until = _whole_second(retain_until)
        for store in self._both:
            stat = store.stat(key)
            if stat is None:
                raise NotStored(key)
            if stat.retain_until is not None and stat.retain_until > retain_until:
                raise RetentionRefused(key, f"retention until {stat.retain_until.isoformat()} cannot be shortened")
        for store in self._both:
            _keep_for(store, key, retain_until)

    def set_hold(self, key: str, on: bool) -> None:  # noqa: FBT001 - the port's published shape
        """Put on a hold in both, or take it off; see Store.set_hold."""
        for store in self._both if on else reversed(self._both):
            store.set_hold(key, on)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Keys of both, ascending, each once."""
        last = ""
        for key in heapq.merge(*(store.keys(prefix) for store in self._both)):
            if key != last:
                last = key
                yield key

    def walk(self, after: str = "") -> Iterator[str | Finding]:
        """What both stores come across; see Store.walk. The name of the store stands in the finding's words."""
        last = after
        walks = (_ordered(name, store.walk(after), after) for name, store in zip(NAMES, self._both, strict=True))
        for _place, _number, item in heapq.merge(*walks, key=lambda one: one[:2]):
            if isinstance(item, Finding):
                yield item
            elif item != last:
                last = item
                yield item

    def examine(self, key: str) -> Examined:
        """Both copies read to their ends; see Store.examine."""
        seen = [(name, store.examine(key)) for name, store in zip(NAMES, self._both, strict=True)]
        findings = [named(finding, name) for name, one in seen for finding in one.findings]
        for name, one in seen:
            if one.stat is None and not one.findings and any(other.stat for _name, other in seen):
                findings.append(Finding(kind="missing", key=key, detail=f"{name} store: it is not there"))
        return Examined(size=sum(one.size for _name, one in seen), stat=self._stat(key), findings=tuple(findings))

    def mend(self, key: str, content: bytes, *, retain_until: datetime, hold: bool = False) -> None:
        """Put right both; see Store.mend."""
        for store in self._both:
            store.mend(key, content, retain_until=_whole_second(retain_until), hold=hold)

    def delete(self, key: str) -> None:
        """Delete from both when both allow it; see Store.delete. A delete cut off between them is repeated."""
        found = 0
        for store in self._both:
            stat = store.stat(key)
            if stat is None:
                continue
            found += 1
            if stat.hold:
                raise RetentionRefused(key, "a hold is on")
            if stat.retain_until is None or self._clock.now() < stat.retain_until:
                raise RetentionRefused(key, f"retention runs until {stat.retain_until}")
        if not found:
            raise NotStored(key)
        for store in reversed(self._both):
            with suppress(NotStored):
                store.delete(key)

    def copies(self) -> Sequence[Copy]:
        """Both stores."""
        return tuple(Copy(name=name, store=store) for name, store in zip(NAMES, self._both, strict=True))

    def attempts(self) -> Sequence[Attempt]:
        """The back doors of both."""
        return [
            Attempt(name=f"{copy.name} store: {attempt.name}", act=attempt.act)
            for copy in self.copies()
            for attempt in (
                Attempt(name="delete", act=copy.store.delete),
                Attempt(name="shorten", act=partial(_shorten, copy.store, self._clock)),
                *copy.store.attempts(),
            )
        ]

    def _stat(self, key: str) -> Stat | None:
        try:
            return self.stat(key)
        except ArchiveError:
            return None


def named(finding: Finding, name: str) -> Finding:
    """A finding that tells in which store it was met."""
    detail = f"{name} store: {finding.detail}" if name else finding.detail
    return Finding(kind=finding.kind, key=finding.key, detail=detail, repaired=finding.repaired)


def _ordered(name: str, items: Iterator[str | Finding], after: str) -> Iterator[tuple[str, int, str | Finding]]:
    """Items with their place: a finding stands behind the key that was met before it."""
    place = after
    for item in items:
        if isinstance(item, Finding):
            yield place, 1, named(item, name)
        else:
            place = item
            yield place, 0, item


def _whole_second(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)


def _keep_for(store: Store, key: str, until: datetime) -> None:
    """Extend, or find that someone else has extended further meanwhile, which promises more."""
    try:
        store.extend(key, until)
    except RetentionRefused:
        stat = store.stat(key)
        if stat is None or stat.retain_until is None or stat.retain_until < until:
            raise


def _shorten(store: Store, clock: Clock, key: str) -> None:
    stat = store.stat(key)
    if stat is None or stat.retain_until is None:
        raise NotStored(key)
    now = clock.now()
    store.extend(key, now + (stat.retain_until - now) / 2)


def _or_raise(error: ArchiveError, act: Callable[[], _T]) -> _T:
    """What the second store gives; when it cannot either, the first store's word, unless only the second was silent."""
    try:
        return act()
    except (NotStored, Damaged, StoreUnavailable) as other:
        raise other if isinstance(error, NotStored) else error from other
