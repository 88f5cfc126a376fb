"""A WORM store in a folder: parts are written once, read-only, under a retention record that is only appended to.

What it promises, and to whom:
- A part appears whole or not at all: temporary file, fsync, link(2) to its final name (which never replaces), fsync of
  the folder. This holds for root too. Its mode is 0444; nothing else below the root has that mode.
- Through this class nothing is deleted, shortened or replaced before its term, nor under a hold; an unreadable or
  missing retention record counts as a protection that never ends.
- With `immutable` each part also gets the immutable flag (`chattr +i`): then its owner cannot touch it past this class
  either, only who may take the flag off (root). A file system or account that cannot set it is told at the first put.
- Who can write to the folder past this class (its owner, root) can destroy parts. The file system cannot stop them;
  scrub() tells which part or record was touched. Against administrators only S3 in compliance mode under another
  administrator, or a copy out of reach, helps.

    <root>/parts/<entity>/<ab>/<sha256>            0444
    <root>/retention/<entity>/<ab>/<sha256>.jsonl  0600, append-only
    <root>/ledger/<entity>/<ab>.log                0600, append-only
    <root>/lock/<entity>                           0600, empty
    <root>/damaged/<entity>/…                      0400, what mend() took out of the way
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from archive._internal.disk import (
    make_folder,
    sync_folder,
    unavailable,
    write_file,
)
from archive._internal.file_scrub import Inspector
from archive._internal.flags import set_immutable
from archive._internal.keeping import Keeper, is_sound
from archive._internal.records import RecordBook, Retention, move_aside
from archive._internal.shelves import PART_MODE, Shelves, entries, is_digest, mode_of
from archive.errors import Damaged, NotStored, RetentionRefused
from archive.store import (
    CANARY_ENTITY,
    Attempt,
    CheckedStream,
    Clock,
    Copy,
    Examined,
    Finding,
    Stat,
    Stored,
    check_content,
    check_moment,
    split_key,
)


class FileStore:
    """The store of the embedded profile.

    root: a folder of its own, made when absent; clock: tells what has expired; immutable: set the immutable flag too.
    """

    def __init__(self, root: Path, clock: Clock, *, immutable: bool = False) -> None:
        self._shelves = Shelves(Path(root))
        self._clock = clock
        self._immutable = immutable
        self._book = RecordBook(self._shelves.records, self._shelves.ledgers)
        self._keeper = Keeper(self._shelves, self._book, clock, read=self.get, immutable=immutable)
        self._inspector = Inspector(self._shelves, self._book, locked=self._locked, immutable=immutable)

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        """Keep content once; see Store.put."""
        check_content(key, content)
        check_moment(retain_until, "retain_until")
        with self._changing(split_key(key)[0], f"put {key}"):
            self._keeper.settle([key])
            return self._keeper.keep(key, content, retain_until)

    def put_all(self, items: Sequence[tuple[str, bytes]], *, retain_until: datetime) -> tuple[Stored, ...]:
        """Keep several contents; see Store.put_all. What is new is written together, the rest is put one by one.

        What is there may have been named by a process that died before it waited: its folders are waited for together.
        """
        check_moment(retain_until, "retain_until")
        contents = {key: content for key, content in items if check_content(key, content)}
        fresh: list[str] = []
        for entity in sorted({split_key(key)[0] for key in contents}):
            with self._changing(entity, f"put of {entity}"):
                mine = [key for key in contents if split_key(key)[0] == entity]
                fresh += self._keeper.put_fresh(entity, mine, contents, retain_until)
        made = set(fresh)
        kept = self._put_rest({key: contents[key] for key in contents if key not in made}, retain_until)
        stored = []
        for key, content in items:
            before = kept.get(key)
            digest, until = split_key(key)[1], before.retain_until if before else retain_until
            created = before.created if before else key in made
            stored.append(Stored(key=key, sha256=digest, size=len(content), retain_until=until, created=created))
            made.discard(key)
        return tuple(stored)

    def _put_rest(self, contents: Mapping[str, bytes], retain_until: datetime) -> dict[str, Stored]:
        """Put what is there already, or was before: by entity, folders first."""
        kept: dict[str, Stored] = {}
        for entity in sorted({split_key(key)[0] for key in contents}):
            mine = [key for key in contents if split_key(key)[0] == entity]
            with self._changing(entity, f"put of {entity}"):
                self._keeper.settle(mine)
                for key in mine:
                    kept[key] = self._keeper.keep(key, contents[key], retain_until)
        return kept

    def get(self, key: str) -> bytes:
        """The whole content, checked; see Store.get."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """A checked stream of the content; see Store.open."""
        path = self._shelves.path(key)
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
            size = self._shelves.path(key).stat(follow_symlinks=False).st_size
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
                self._keeper.write(key, "extend", retain_until=retain_until, hold=state.hold)

    def set_hold(self, key: str, on: bool) -> None:  # noqa: FBT001 - the port's published shape
        """Put on or take off a hold; see Store.set_hold."""
        with self._changing(split_key(key)[0], f"hold {key}"):
            state = self._kept(key)
            if state.hold != on:
                self._keeper.write(key, "hold" if on else "release", retain_until=state.retain_until, hold=on)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with a prefix, ascending."""
        for entity in sorted(self._shelves.entities(), key=lambda name: f"{name}/"):
            for shard in sorted(self._shelves.shards(entity)):
                place = f"{entity}/{shard}"
                if place.startswith(prefix[: len(place)]):
                    names = sorted(entry.name for entry in entries(self._shelves.parts / place))
                    keys = (f"{entity}/{name}" for name in names if is_digest(name, shard))
                    yield from (key for key in keys if key.startswith(prefix))

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
                self._keeper.write(key, "deleted", retain_until=state.retain_until, hold=False)
            path = self._shelves.path(key)
            if self._immutable:
                set_immutable(path, on=False)
            path.unlink()
            sync_folder(path.parent)

    def walk(self, after: str = "") -> Iterator[str | Finding]:
        """Keys and what lies between them; see Store.walk."""
        return self._inspector.walk(after)

    def examine(self, key: str) -> Examined:
        """Content, mode, flag and record of one part; see Store.examine."""
        try:
            return self._inspector.examine(key)
        except OSError as error:
            raise unavailable(error, f"examine {key}") from error

    def mend(self, key: str, content: bytes, *, retain_until: datetime, hold: bool = False) -> None:
        """Put the true content and a sound record where they are damaged or gone; see Store.mend.

        What was damaged is moved aside, never destroyed.
        """
        digest = check_content(key, content)
        entity, _ = split_key(key)
        check_moment(retain_until, "retain_until")
        found = {finding.kind for finding in self.examine(key).findings}
        aside = self._shelves.damaged / entity
        with self._changing(entity, f"mend {key}"):
            self._keeper.settle([key])
            path = self._shelves.path(key)
            if self._immutable and path.exists():
                set_immutable(path, on=False)
            if os.path.lexists(path) and not is_sound(path, digest):
                move_aside(path, aside)
            if not self._keeper.link(path, content) and mode_of(path) != PART_MODE:
                path.chmod(PART_MODE)
            self._keeper.fix(path)
            if found & {"record_damaged", "retention_shortened"}:
                with contextlib.suppress(Damaged):
                    known = self._book.read(entity, digest)
                    if known is not None and not known.deleted:
                        retain_until, hold = max(retain_until, known.retain_until), hold or known.hold
                self._book.set_aside(entity, digest, aside)
            self._keeper.promise(key, retain_until, hold=hold)

    def copies(self) -> Sequence[Copy]:
        """Itself."""
        return (Copy(name="", store=self),)

    def attempts(self) -> Sequence[Attempt]:
        """Replacing a part under its own name, as another process of ours might."""
        return (Attempt(name="replace", act=self._replace),)

    def _replace(self, key: str) -> None:
        path = self._shelves.path(key)
        other = self._shelves.locks / f"replace-{path.name}"
        try:
            write_file(other, b"something else", mode=0o600)
            os.link(other, path)
        finally:
            other.unlink(missing_ok=True)

    def _kept(self, key: str) -> Retention:
        if not os.path.lexists(self._shelves.path(key)):
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

    @contextlib.contextmanager
    def _locked(self, entity: str) -> Iterator[None]:
        make_folder(self._shelves.locks)
        handle = os.open(self._shelves.locks / entity, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
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
