"""Who names what the store must hold: lists of one owner, and several owners' lists as one, all in the order of keys."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What somebody relies on: the object is there, kept at least until retain_until, under a hold (None: no matter).

    underway: it may be there already, and nobody relies on it yet.
    """

    key: str
    retain_until: datetime | None = None
    hold: bool | None = None
    size: int | None = None
    underway: bool = False


class Promises(Protocol):
    """Everything that is relied upon, whoever keeps the list: what a scrub compares the store with.

    Read in stretches while the service works, so an object put meanwhile is asked for again by `of` before it is called foreign.
    """

    def after(self, key: str) -> Iterator[Expected]:
        """What stands behind a key, ascending, each key once."""

    def of(self, key: str) -> Expected | None:
        """What is expected of one key at this moment."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Promises that were listed before the scrub began: for commands and tests, all of them in memory."""

    items: Iterable[Expected]
    _by_key: dict[str, Expected] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for item in self.items:
            known = self._by_key.get(item.key)
            self._by_key[item.key] = item if known is None else both(known, item)

    def after(self, key: str) -> Iterator[Expected]:
        """In the order of keys."""
        return (self._by_key[one] for one in sorted(self._by_key) if one > key)

    def of(self, key: str) -> Expected | None:
        """What the list says."""
        return self._by_key.get(key)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Promises of which none stands before a key: they are not asked before that key is reached."""

    promises: Promises
    begins: str = ""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Promises of several owners (sets, journal heads, acts) as one ascending list; an object that two need is named once."""

    sources: Sequence[Source]

    def after(self, key: str) -> Iterator[Expected]:
        """In the order of keys; what two owners expect of one object is put together."""
        last: Expected | None = None
        for item in self._all(key):
            if last is not None and last.key == item.key:
                last = both(last, item)
                continue
            if last is not None:
                yield last
            last = item
        if last is not None:
            yield last

    def of(self, key: str) -> Expected | None:
        """What any owner expects."""
        found: Expected | None = None
        for source in self.sources:
            item = source.promises.of(key)
            if item is not None:
                found = item if found is None else both(found, item)
        return found

    def _all(self, key: str) -> Iterator[Expected]:
        waiting = sorted(range(len(self.sources)), key=lambda number: self.sources[number].begins)
        heap: list[tuple[str, int, Expected, Iterator[Expected]]] = []
        while waiting or heap:
            while waiting and (not heap or self.sources[waiting[0]].begins <= heap[0][0]):
                number = waiting.pop(0)
                _push(heap, number, self.sources[number].promises.after(key))
            if heap:
                _place, number, item, items = heapq.heappop(heap)
                yield item
                _push(heap, number, items)


def both(one: Expected, other: Expected) -> Expected:
    """What holds when two rely on the same object: the longer term; what one of them relies on is not underway."""
    if one.underway != other.underway:
        return other if one.underway else one
    ends = [end for end in (one.retain_until, other.retain_until) if end is not None]
    return replace(
        one,
        retain_until=max(ends) if ends else None,
        hold=True if one.hold or other.hold else one.hold,
        size=one.size if one.size is not None else other.size,
    )


def _push(heap: list[tuple[str, int, Expected, Iterator[Expected]]], number: int, items: Iterator[Expected]) -> None:
    item = next(items, None)
    if item is not None:
        heapq.heappush(heap, (item.key, number, item, items))
