"""How the file store finds damage: a walk over shelves, records and ledgers, and one object read to its end."""

import contextlib
import hashlib
import os
import stat as modes
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from archive._internal.flags import is_immutable
from archive._internal.records import RecordBook, Retention
from archive._internal.shelves import PART_MODE, Shelves, entries, is_digest, leftover_of
from archive.errors import Damaged
from archive.store import CHUNK, Examined, Finding, Stat, split_key

_AHEAD = 64
"""So many parts are being read from the disk while those before them are judged."""

Notes = dict[str, tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class _Ledger:
    """A ledger as it was read, and how old the file was then."""

    entity: str
    shard: str
    age: tuple[int, ...]
    notes: Notes
    damage: str = ""


class Inspector:
    """Looks at everything below a root. `locked` keeps changes of an entity away while something is looked at again."""

    def __init__(
        self,
        shelves: Shelves,
        book: RecordBook,
        *,
        locked: Callable[[str], AbstractContextManager[None]],
        immutable: bool,
    ) -> None:
        self._shelves, self._book, self._locked, self._immutable = shelves, book, locked, immutable
        self._ledger: _Ledger | None = None
        self._fetched: set[str] = set()
        self._parts = str(shelves.parts)

    def walk(self, after: str) -> Iterator[str | Finding]:
        """See Store.walk: shard by shard, each time what the folder, its records and its ledger know.

        The system reads some parts ahead of the one that is given out, so that examine() does not wait for each.
        """
        self._fetched = set()
        items = self._everything(after)
        ahead: list[str | Finding] = []
        while more := list(islice(items, _AHEAD)):  # many at once: the system hands them to the disk together
            for item in more:
                if isinstance(item, str):
                    self._fetch(item)
            yield from ahead
            ahead = more
        yield from ahead

    def _everything(self, after: str) -> Iterator[str | Finding]:
        for entity in sorted(self._shelves.entities() | self._book.entities(), key=lambda name: f"{name}/"):
            for shard in sorted(self._shelves.shards(entity) | self._book.shards(entity)):
                if f"{entity}/{shard}g" > after:  # "g" stands behind every digit
                    yield from self._shard(entity, shard, after)
        for place in self._shelves.misplaced():
            detail = "no part has such a name" if place.startswith("parts") else "a read-only file outside the parts"
            yield Finding(kind="stray", key=place, detail=detail)

    def examine(self, key: str) -> Examined:
        """See Store.examine."""
        entity, digest = split_key(key)
        try:
            fetched = key in self._fetched
            self._fetched.discard(key)
            size, actual, mode = _read(self._place(entity, digest), afresh=not fetched)
            fixed = not self._immutable or is_immutable(self._shelves.path(key))
        except FileNotFoundError:
            return Examined(size=0, stat=None)
        except OSError as error:
            detail = f"it cannot be read: {error.strerror or type(error).__name__}"
            return Examined(size=0, stat=None, findings=(Finding(kind="unreadable", key=key, detail=detail),))
        found: list[tuple[str, str]] = []
        if actual != digest:
            found.append(("corrupt", "its content is not what was put (SHA-256 differs)"))
        if mode != PART_MODE:
            found.append(("mode_changed", f"mode is {mode:04o}, not 0444"))
        if not fixed:
            found.append(("mode_changed", "the immutable flag is off"))
        state, damage = self._record(entity, digest)
        if damage is not None:
            found.append(damage)
        stat = None if state is None else Stat(key=key, size=size, retain_until=state.retain_until, hold=state.hold)
        findings = tuple([Finding(kind=kind, key=key, detail=detail) for kind, detail in found])
        return Examined(size=size, stat=stat, findings=findings)

    def _shard(self, entity: str, shard: str, after: str) -> Iterator[str | Finding]:
        linked = {entry.name: entry.is_symlink() for entry in entries(self._shelves.parts / entity / shard)}
        present = {name for name in linked if is_digest(name, shard) and not linked[name]}
        for name in sorted(linked):
            if name in present:
                if f"{entity}/{name}" > after:
                    yield f"{entity}/{name}"
            elif (finding := self._stray(self._shelves.parts / entity / shard / name)) is not None:
                yield finding
        ledger = self._read_ledger(entity, shard)
        if ledger.damage:
            yield Finding(kind="record_damaged", key=entity, detail=ledger.damage)
        for digest in sorted((self._book.digests(entity, shard) | set(ledger.notes)) - present):
            found = self._absent(entity, digest)
            if found is not None:
                yield Finding(kind=found[0], key=f"{entity}/{digest}", detail=found[1])

    def _fetch(self, key: str) -> None:
        """Have the system begin to read a part, from the disk, and its record."""
        entity, _, digest = key.partition("/")
        if _begin_reading(self._place(entity, digest), afresh=True):
            self._fetched.add(key)
        _begin_reading(self._book.place(entity, digest), afresh=False)

    def _place(self, entity: str, digest: str) -> str:
        return f"{self._parts}/{entity}/{digest[:2]}/{digest}"

    def _stray(self, path: Path) -> Finding | None:
        """A file between the parts; what a killed put left is none as long as it is whole."""
        place = str(path.relative_to(self._shelves.root))
        leftover = leftover_of(path.name)
        if leftover is None:
            return Finding(kind="stray", key=place, detail="no part has such a name")
        with contextlib.suppress(FileNotFoundError):
            _size, actual, mode = _read(path)
            if mode == PART_MODE and actual != leftover:
                return Finding(kind="corrupt", key=place, detail="a finished temporary file is damaged")
        return None

    def _absent(self, entity: str, digest: str) -> tuple[str, str] | None:
        """What records and ledger say of an object that is not there; looked at again under the lock."""
        if self._judge_absent(entity, digest) is None:
            return None
        with self._locked(entity):
            self._ledger = None
            if os.path.lexists(self._shelves.path(f"{entity}/{digest}")):
                return None  # it came meanwhile: the next walk reads it
            return self._judge_absent(entity, digest, held=True)

    def _judge_absent(self, entity: str, digest: str, *, held: bool = False) -> tuple[str, str] | None:
        number, head = self._read_ledger(entity, digest[:2], held=held).notes.get(digest, (0, "-"))
        try:
            state = self._book.read(entity, digest)
        except Damaged as error:
            return "record_damaged", error.what
        if state is None:
            return None if number == 0 else ("missing", "its content and its retention record are gone")
        if not state.deleted:
            return "missing", "it has a retention record but no content"
        return _against(state, number, head)

    def _record(self, entity: str, digest: str) -> tuple[Retention | None, tuple[str, str] | None]:
        """The record's state when it can be trusted, and what is wrong; damage is looked at again under the lock."""
        state, damage = self._judge_record(entity, digest)
        if damage is None:
            return state, None
        with self._locked(entity):
            self._ledger = None
            if not os.path.lexists(self._shelves.path(f"{entity}/{digest}")):
                return None, None  # deleted meanwhile
            return self._judge_record(entity, digest, held=True)

    def _judge_record(
        self, entity: str, digest: str, *, held: bool = False
    ) -> tuple[Retention | None, tuple[str, str] | None]:
        try:
            state = self._book.read(entity, digest)
        except Damaged as error:
            return None, ("record_damaged", error.what)
        if state is None:
            return None, ("record_damaged", "it has no retention record")
        if state.deleted:
            return None, ("record_damaged", "its retention record says that it was deleted")
        ledger = self._read_ledger(entity, digest[:2], held=held)
        if ledger.damage:
            return state, None  # told once for the ledger
        number, head = ledger.notes.get(digest, (0, "-"))
        alone = state.number == 1 and (ledger.notes or len(self._book.digests(entity, digest[:2])) == 1)
        if number == 0 and not alone:  # a crash between a record and its note leaves the newest one without a note
            return state, ("record_damaged", "the ledger does not know its retention record")
        return state, _against(state, number, head)

    def _read_ledger(self, entity: str, shard: str, *, held: bool = False) -> _Ledger:
        """The ledger as it stands now; `held`: the caller holds the entity's lock."""
        known, age = self._ledger, self._book.age(entity, shard)
        if known is not None and (known.entity, known.shard, known.age) == (entity, shard, age):
            return known
        try:
            ledger = _Ledger(entity=entity, shard=shard, age=age, notes=self._book.known(entity, shard))
        except Damaged as error:
            if not held:  # a note may be under way
                with self._locked(entity):
                    return self._read_ledger(entity, shard, held=True)
            ledger = _Ledger(entity=entity, shard=shard, age=age, notes={}, damage=error.what)
        self._ledger = ledger
        return ledger


def _against(state: Retention, number: int, head: str) -> tuple[str, str] | None:
    """A record against its last note in the ledger."""
    if number > state.number or (number > 0 and state.heads[number - 1] != head):
        return "retention_shortened", f"its record ends before operation {number} or was rewritten"
    return None


def _begin_reading(path: str, *, afresh: bool) -> bool:
    """Ask the system to read a file's beginning without waiting; afresh: what it remembers of the file is let go first."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False  # told when it is examined
    try:
        if afresh:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.posix_fadvise(handle, 0, CHUNK, os.POSIX_FADV_WILLNEED)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _read(path: "Path | str", *, afresh: bool = True) -> tuple[int, str, int]:
    """Size, SHA-256 and mode of a file; afresh: from the disk, where the system lets go of what it remembers."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if afresh:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        entry = os.fstat(handle)
        digest, left = hashlib.sha256(), entry.st_size
        while left > 0 and (chunk := os.read(handle, min(left, CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
        return entry.st_size - left, digest.hexdigest(), modes.S_IMODE(entry.st_mode)
    finally:
        os.close(handle)
