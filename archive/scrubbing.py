"""Reading everything that is kept and comparing it with what should be there, in one pass that may be cut into stretches.

A pass goes through the keys in their order, beside the list of what is relied upon in the same order. Where it stands is
one key: whoever keeps that goes on there after a kill. Nothing waits here: a stretch ends after so many bytes or objects,
and its caller decides when the next begins; that is the whole of limiting the rate.

What looks missing or too much is asked about once more, from the list's owner and from the store, because both change
while they are read: a hand-over writes its list before its objects, and records that they are kept after them.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice

from archive.errors import ArchiveError, Damaged, NotStored, StoreUnavailable
from archive.mirror import named
from archive.promises import Expected, Listed, Promises
from archive.store import CANARY_ENTITY, Examined, Finding, Store

_LAST = chr(0x10FFFF)
_TOGETHER = 64
"""So many objects are read before their findings are worked out, with several threads."""


@dataclass(frozen=True, kw_only=True)
class ScrubReport:
    """What a scrub saw: objects read, their bytes, findings in the order they were met."""

    objects: int
    bytes: int
    findings: tuple[Finding, ...]

    @property
    def damage(self) -> tuple[Finding, ...]:
        """Findings but orphans: an object that nobody expects harms no document."""
        return tuple(finding for finding in self.findings if finding.kind != "orphan")

    @property
    def sound(self) -> bool:
        """Whether nothing was found, orphans included; what was repaired was found too."""
        return not self.findings


@dataclass(frozen=True, kw_only=True)
class Stretch(ScrubReport):
    """A part of a pass. after: where the next one begins; finished: there is nothing behind it."""

    after: str
    finished: bool


def scrub(store: Store, expected: "Iterable[Expected] | Promises | None", *, threads: int = 1) -> ScrubReport:
    """Read every object, check it against its key and against what is expected; find what is missing or too much.

    expected: all objects that are relied upon, or who can name them; None when there is no list (then nothing is an
    orphan, and what vanished with its record is not missed). Behind a mirror each copy is read, and what one has lost
    is mended from the other. Raises StoreUnavailable only when the store cannot even be listed.
    """
    promises = Listed(items=expected) if isinstance(expected, Iterable) else expected
    report = scrub_stretch(store, promises, threads=threads)
    return ScrubReport(objects=report.objects, bytes=report.bytes, findings=report.findings)


def scrub_stretch(
    store: Store,
    promises: Promises | None,
    *,
    after: str = "",
    most_bytes: int | None = None,
    most_objects: int | None = None,
    threads: int = 1,
) -> Stretch:
    """Scrub on behind a key until the pass ends or so much was read. See scrub."""
    walk = _Pass(store, promises, after)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(threads)) if threads > 1 else None
        items = store.walk(after)
        while batch := list(islice(items, _TOGETHER if pool else 1)):
            keys = [item for item in batch if isinstance(item, str)]
            shares = (keys[number::threads] for number in range(threads))
            seen = dict(chain.from_iterable((pool.map if pool else map)(walk.examine, shares)))
            for item in batch:
                walk.take(item, seen)
            if walk.has_read(most_bytes, most_objects):
                return walk.stretch(finished=False)
    if walk.miss(_LAST, most_objects):
        return walk.stretch(finished=False)
    return walk.stretch(finished=True)


class _Pass:
    """What a stretch has seen so far."""

    def __init__(self, store: Store, promises: Promises | None, after: str) -> None:
        self._store, self._promises, self._after = store, promises, after
        self._wanted = iter(()) if promises is None else promises.after(after)
        self._next = next(self._wanted, None)
        self._copies = store.copies()
        self._findings: list[Finding] = []
        self._missing: set[str] = set()
        self._objects = self._bytes = self._missed = 0

    def examine(self, keys: Sequence[str]) -> "list[tuple[str, list[tuple[str, Examined | Finding]]]]":
        """Objects with each copy, by the copy's name. For other threads: touches nothing of the pass."""
        seen = []
        for key in keys:
            found: list[tuple[str, Examined | Finding]] = []
            for copy in self._copies:
                try:
                    found.append((copy.name, copy.store.examine(key)))
                except StoreUnavailable as error:
                    found.append((copy.name, Finding(kind="unreadable", key=key, detail=str(error))))
            seen.append((key, found))
        return seen

    def take(self, item: str | Finding, seen: "dict[str, list[tuple[str, Examined | Finding]]]") -> None:
        """Work out what was met next."""
        if isinstance(item, Finding):
            if item.key not in self._missing:
                found = self._mended(item.key, [item], self._of(item.key)) if _is_key(item) else [item]
                self._note(found)
            return
        self.miss(item, None)
        expected = None
        if self._next is not None and self._next.key == item:
            expected, self._next = self._next, next(self._wanted, None)
        self._judge(item, seen[item], expected)
        self._after = item

    def miss(self, key: str, most: int | None) -> bool:
        """What is expected before a key was not met: is it missing? Whether so many were that the stretch ends."""
        while self._next is not None and self._next.key < key:
            item, self._next = self._next, next(self._wanted, None)
            self._after = item.key
            self._missed += 1
            if not item.underway and item.key not in self._missing and not self._there(item.key):
                again = self._of(item.key)
                if again is not None and not again.underway:
                    self._note([Finding(kind="missing", key=item.key, detail="it is not in the store")])
            if most is not None and self._missed >= most:
                return True
        return False

    def has_read(self, most_bytes: int | None, most_objects: int | None) -> bool:
        """Whether the stretch is long enough."""
        return (most_bytes is not None and self._bytes >= most_bytes) or (
            most_objects is not None and self._objects + self._missed >= most_objects
        )

    def stretch(self, *, finished: bool) -> Stretch:
        """What was seen."""
        return Stretch(
            objects=self._objects,
            bytes=self._bytes,
            findings=tuple(self._findings),
            after=self._after,
            finished=finished,
        )

    def _judge(self, key: str, seen: "list[tuple[str, Examined | Finding]]", expected: Expected | None) -> None:
        present = [one for _name, one in seen if isinstance(one, Examined) and (one.stat or one.findings)]
        found: list[Finding] = []
        for name, one in seen:
            if isinstance(one, Finding):
                found.append(named(one, name))
                continue
            found += [named(finding, name) for finding in one.findings]
            if one.stat is not None and expected is not None:
                found += [named(finding, name) for finding in compare(expected, one)]
            elif one.stat is None and not one.findings and present:
                found.append(named(Finding(kind="missing", key=key, detail="it is not there"), name))
        if not present and not found:
            return  # deleted meanwhile
        self._objects += 1
        self._bytes += sum(one.size for _name, one in seen if isinstance(one, Examined))
        if expected is None and self._promises is not None and not key.startswith(f"{CANARY_ENTITY}/"):
            expected = self._of(key)
            if expected is None:
                found.append(Finding(kind="orphan", key=key, detail="nobody expects it"))
        if found:
            self._note(self._mended(key, found, expected))

    def _note(self, found: Sequence[Finding]) -> None:
        self._findings += [one for one in found if one.kind != "missing" or one.key not in self._missing]
        self._missing.update(one.key for one in found if one.kind == "missing")

    def _mended(self, key: str, found: Sequence[Finding], expected: Expected | None) -> list[Finding]:
        """The findings, with what was done about them where there are two copies."""
        if len(self._copies) < 2 or all(finding.kind in {"orphan", "stray"} for finding in found):
            return list(found)
        try:
            words = mend(self._store, key, expected)
        except ArchiveError as error:
            words = ""
            found = [replace(one, detail=f"{one.detail}; not repaired: {error}") for one in found]
        return [one if one.kind in {"orphan", "stray"} else replace(one, repaired=words) for one in found]

    def _of(self, key: str) -> Expected | None:
        return None if self._promises is None else self._promises.of(key)

    def _there(self, key: str) -> bool:
        """Whether an object came after the walk had passed its place."""
        try:
            return self._store.stat(key) is not None
        except (Damaged, StoreUnavailable):
            return True  # told as damage, or to be asked again by the next pass


def mend(store: Store, key: str, expected: Expected | None = None) -> str:
    """Bring every copy of an object to the content, retention and hold that the best of them have; words of what helped.

    Empty when no copy is sound. Raises what the stores raise.
    """
    copies = store.copies()
    sound: bytes | None = None
    source = ""
    ends = [expected.retain_until] if expected is not None and expected.retain_until is not None else []
    hold = expected is not None and bool(expected.hold)
    for copy in copies:
        seen = copy.store.examine(key)
        if seen.stat is not None and not any(one.kind == "record_damaged" for one in seen.findings):
            ends += [seen.stat.retain_until] if seen.stat.retain_until is not None else []
            hold = hold or seen.stat.hold
        if sound is None:
            with suppress(NotStored, Damaged):
                sound, source = copy.store.get(key), copy.name
    if sound is None or not ends:
        return ""
    for copy in copies:
        copy.store.mend(key, sound, retain_until=max(ends), hold=hold)
    return f"from the {source} store"


def compare(item: Expected, seen: Examined) -> list[Finding]:
    """What an object lacks of what is expected of it."""
    findings: list[Finding] = []
    if seen.stat is None:
        return findings
    told = {one.kind for one in seen.findings}
    if item.size is not None and item.size != seen.size and "corrupt" not in told:
        detail = f"{seen.size} bytes instead of {item.size}"
        findings.append(Finding(kind="corrupt", key=item.key, detail=detail))
    until = seen.stat.retain_until
    if item.retain_until is not None and not item.underway and (until is None or until < item.retain_until):
        detail = f"kept until {until}, promised until {item.retain_until}"
        if "retention_shortened" not in told:
            findings.append(Finding(kind="retention_shortened", key=item.key, detail=detail))
    if item.hold and not seen.stat.hold:
        findings.append(Finding(kind="hold_lost", key=item.key, detail="the hold is off"))
    return findings


def _is_key(finding: Finding) -> bool:
    return finding.kind in {"missing", "record_damaged", "retention_shortened"} and len(finding.key) > 65
