"""A WORM store in a folder: parts are written once, read-only, under a retention record that is only appended to.

What it promises, and to whom:
- A part appears whole or not at all: temporary file, fsync, link(2) to its final name (which never replaces), fsync of
  the folder. This holds for root too. Its mode is 0444; nothing else below the root has that mode.
- Through this class nothing is deleted, shortened or replaced before its term, nor under a hold; an unreadable or
  missing retention record counts as a protection that never ends.
- Who can write to the folder past this class (its owner, root) can destroy parts. The file system cannot stop them;
  scrub() tells which part or record was touched. Against administrators only S3 in compliance mode under another
  administrator, or a copy out of reach, helps.

    <root>/parts/<entity>/<ab>/<sha256>            0444
    <root>/retention/<entity>/<ab>/<sha256>.jsonl  0600, append-only
    <root>/ledger/<entity>.log                     0600, append-only
    <root>/lock/<entity>                           0600, empty
"""

import contextlib
import fcntl
import hashlib
import os
import stat as modes
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from archive._internal.disk import make_folder, sync_folder, unavailable, write_file
from archive._internal.records import RecordBook, Retention
from archive.errors import Damaged, NotStored, RetentionRefused
from archive.store import (
    CANARY_ENTITY,
    Attempt,
    CheckedStream,
    Clock,
    Finding,
    Stat,
    Stored,
    check_content,
    check_moment,
    split_key,
)

PART_MODE = 0o444


class FileStore:
    """The store of the embedded profile. root: a folder of its own, made when absent; clock: tells what has expired."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = Path(root)
        self._clock = clock
        self._parts = self._root / "parts"
        self._locks = self._root / "lock"
        self._book = RecordBook(self._root / "retention", self._root / "ledger")

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        """Keep content once; see Store.put."""
        digest = check_content(key, content)
        entity, _ = split_key(key)
        check_moment(retain_until, "retain_until")
        with self._changing(entity, f"put {key}"):
            path = self._path(key)
            created = self._link(path, content)
            if not created:
                self.get(key)  # Damaged when something else lies under the name
            state = self._book.read(entity, digest)
            if state is None or state.deleted:
                self._write(key, "put", retain_until=retain_until, hold=False)
            elif retain_until > state.retain_until:
                self._write(key, "extend", retain_until=retain_until, hold=state.hold)
            else:
                retain_until = state.retain_until
                self._book.confirm(entity, digest)
        return Stored(key=key, sha256=digest, size=len(content), retain_until=retain_until, created=created)

    def get(self, key: str) -> bytes:
        """The whole content, checked; see Store.get."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """A checked stream of the content; see Store.open."""
        path = self._path(key)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise NotStored(key) from None
        except OSError as error:
            raise unavailable(error, f"read {key}") from error
        return cast("BinaryIO", CheckedStream(os.fdopen(handle, "rb"), key=key))

    def stat(self, key: str) -> Stat | None:
        """Size, retention and hold; see Store.stat."""
        try:
            size = self._path(key).stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unavailable(error, f"stat {key}") from error
        try:
            state = self._settled(key)
        except NotStored:
            return None
        return Stat(key=key, size=size, retain_until=state.retain_until, hold=state.hold)

    def extend(self, key: str, retain_until: datetime) -> None:
        """Move the end of retention forward; see Store.extend."""
        check_moment(retain_until, "retain_until")
        with self._changing(split_key(key)[0], f"extend {key}"):
            state = self._kept(key)
            if retain_until < state.retain_until:
                raise RetentionRefused(key, f"retention until {state.retain_until.isoformat()} cannot be shortened")
            if retain_until > state.retain_until:
                self._write(key, "extend", retain_until=retain_until, hold=state.hold)

    def set_hold(self, key: str, on: bool) -> None:  # noqa: FBT001 - the port's published shape
        """Put on or take off a hold; see Store.set_hold."""
        with self._changing(split_key(key)[0], f"hold {key}"):
            state = self._kept(key)
            if state.hold != on:
                self._write(key, "hold" if on else "release", retain_until=state.retain_until, hold=on)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with a prefix."""
        for path in _files(self._parts):
            relative = path.relative_to(self._parts).parts
            key = f"{relative[0]}/{relative[-1]}"
            if key.startswith(prefix) and self._is_part(path):
                yield key

    def delete(self, key: str) -> None:
        """Delete after the term; see Store.delete. The record stays as the proof of the deletion (but a canary's)."""
        entity, digest = split_key(key)
        with self._changing(entity, f"delete {key}"):
            state = self._kept(key)
            if state.hold:
                raise RetentionRefused(key, "a hold is on")
            if self._clock.now() < state.retain_until:
                raise RetentionRefused(key, f"retention runs until {state.retain_until.isoformat()}")
            if entity == CANARY_ENTITY:
                self._book.forget(entity, digest)
            else:
                self._write(key, "deleted", retain_until=state.retain_until, hold=False)
            path = self._path(key)
            path.unlink()
            sync_folder(path.parent)

    def inspect(self, key: str) -> Sequence[Finding]:
        """The part's mode and its retention record."""
        found = []
        try:
            entry = self._path(key).stat(follow_symlinks=False)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise unavailable(error, f"inspect {key}") from error
        if modes.S_IMODE(entry.st_mode) != PART_MODE:
            mode = f"{modes.S_IMODE(entry.st_mode):04o}"
            found.append(Finding(kind="mode_changed", key=key, detail=f"mode is {mode}, not 0444"))
        try:
            self._settled(key)
        except Damaged as error:
            found.append(Finding(kind="record_damaged", key=key, detail=error.what))
        except NotStored:
            return ()
        return found

    def strays(self) -> Iterator[Finding]:
        """Every file below the root that is no part but has a part's mode or place; records without their part."""
        for path in _files(self._root):
            try:
                mode = modes.S_IMODE(path.stat(follow_symlinks=False).st_mode)
            except FileNotFoundError:
                continue
            place = str(path.relative_to(self._root))
            if path.is_relative_to(self._parts):
                if self._is_part(path):
                    continue
                leftover = self._leftover_of(path)
                if leftover is None:
                    yield Finding(kind="stray", key=place, detail="no part has such a name")
                elif mode == PART_MODE and _sha256(path) not in (None, leftover):
                    yield Finding(kind="corrupt", key=place, detail="a finished temporary file is damaged")
            elif mode == PART_MODE:
                yield Finding(kind="stray", key=place, detail="a read-only file outside the parts")
        for entity in self._book.entities():
            yield from self._compare(entity)

    def attempts(self) -> Sequence[Attempt]:
        """Replacing a part under its own name, as another process of ours might."""
        return (Attempt(name="replace", act=self._replace),)

    def _compare(self, entity: str) -> Iterator[Finding]:
        """The ledger of an entity against its records and parts; what looks wrong is looked at again under the lock."""
        try:
            with self._locked(entity):
                known = self._book.known(entity)
            recorded = set(self._book.digests(entity))
            suspects = [key for key in sorted(recorded | set(known)) if self._judge(entity, key, known)]
            if not suspects:
                return
            with self._locked(entity):
                known = self._book.known(entity)
                found = [finding for key in suspects if (finding := self._judge(entity, key, known))]
        except Damaged as error:
            found = [Finding(kind="record_damaged", key=error.key, detail=error.what)]
        yield from found

    def _judge(self, entity: str, digest: str, known: dict[str, tuple[int, str]]) -> Finding | None:
        key = f"{entity}/{digest}"
        number, head = known.get(digest, (0, "-"))
        present = os.path.lexists(self._path(key))
        try:
            state = self._book.read(entity, digest)
        except Damaged as error:
            # inspect() tells it for a part that is there
            return None if present else Finding(kind="record_damaged", key=key, detail=error.what)
        if state is None:
            if number == 0 or present:
                return None
            return Finding(kind="missing", key=key, detail="its content and its retention record are gone")
        kind = detail = ""
        if digest not in known and (state.number > 1 or not known):
            kind, detail = "record_damaged", "the ledger does not know its retention record"
        elif number > state.number or (number > 0 and state.heads[number - 1] != head):
            kind, detail = "retention_shortened", f"its record ends before operation {number} or was rewritten"
        elif not state.deleted and not present:
            kind, detail = "missing", "it has a retention record but no content"
        return Finding(kind=kind, key=key, detail=detail) if kind else None

    def _replace(self, key: str) -> None:
        path = self._path(key)
        other = self._locks / f"replace-{path.name}"
        try:
            write_file(other, b"something else", mode=0o600)
            os.link(other, path)
        finally:
            other.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        entity, digest = split_key(key)
        return self._parts / entity / digest[:2] / digest

    def _is_part(self, path: Path) -> bool:
        relative = path.relative_to(self._parts).parts
        return (
            len(relative) == 3
            and relative[1] == relative[2][:2]
            and len(relative[2]) == 64
            and not path.is_symlink()
            and set(relative[2]) <= set("0123456789abcdef")
        )

    def _leftover_of(self, path: Path) -> str | None:
        """The digest whose killed put left this temporary file; the next put of that content removes it."""
        relative = path.relative_to(self._parts).parts
        if len(relative) == 3 and relative[2].startswith(".") and relative[2].endswith(".new"):
            return relative[2][1 : -len(".new")]
        return None

    def _link(self, path: Path, content: bytes) -> bool:
        """Give content its final name; False when the name is taken. The entity's lock is held."""
        make_folder(path.parent)
        temporary = path.with_name(f".{path.name}.new")
        # A crash may have left it, even as a second name of the finished part: removed, never written into.
        temporary.unlink(missing_ok=True)
        if os.path.lexists(path):
            return False
        try:
            write_file(temporary, content, mode=PART_MODE)
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
            sync_folder(path.parent)
        return True

    def _kept(self, key: str) -> Retention:
        if not os.path.lexists(self._path(key)):
            raise NotStored(key)
        return self._state(key)

    def _settled(self, key: str) -> Retention:
        """The state; what looks damaged is looked at again under the lock (a put or a delete may be under way)."""
        try:
            return self._state(key)
        except Damaged:
            with self._locked(split_key(key)[0]):
                return self._kept(key)

    def _state(self, key: str) -> Retention:
        state = self._book.read(*split_key(key))
        if state is None:
            raise Damaged(key, "it has no retention record")
        if state.deleted:
            raise Damaged(key, "its retention record says that it was deleted")
        return state

    def _write(self, key: str, operation: str, *, retain_until: datetime, hold: bool) -> None:
        entity, digest = split_key(key)
        self._book.write(
            entity, digest, operation=operation, retain_until=retain_until, hold=hold, at=self._clock.now()
        )

    @contextlib.contextmanager
    def _locked(self, entity: str) -> Iterator[None]:
        make_folder(self._locks)
        handle = os.open(self._locks / entity, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def _changing(self, entity: str, what: str) -> Iterator[None]:
        """One change at a time for an entity, across processes; a failed disk becomes StoreUnavailable."""
        try:
            with self._locked(entity):
                yield
        except OSError as error:
            raise unavailable(error, what) from error


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder that is no folder itself, links not followed."""
    for base, _folders, names in os.walk(folder):
        for name in sorted(names):
            yield Path(base) / name


def _sha256(path: Path) -> str | None:
    """The digest of a file, None when it has gone meanwhile."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None
