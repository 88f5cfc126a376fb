"""How the file store puts: content, record, note, each made durable before the next gets its name."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from archive._internal.disk import Durable, sync_folder, write_file
from archive._internal.flags import set_immutable
from archive._internal.records import RecordBook
from archive._internal.shelves import PART_MODE, Shelves
from archive._internal.together import Together
from archive.errors import Damaged, NotWorm
from archive.store import Clock, Stored, split_key

_TOGETHER = 64
"""So many parts are written before they are waited for: as many files again, and their records, are open at a time."""


class Keeper:
    """Puts parts with their records. Whoever calls holds the lock of the entity. `read`: a part's content, checked."""

    def __init__(
        self, shelves: Shelves, book: RecordBook, clock: Clock, *, read: Callable[[str], bytes], immutable: bool
    ) -> None:
        self._shelves = shelves
        self._book = book
        self._clock = clock
        self._read = read
        self._immutable = immutable
        self._durable = Durable(shelves.root)

    def settle(self, keys: Sequence[str]) -> None:
        """Make durable the names of parts, then of records, that are there. The entity's lock is held.

        Whoever gave them may have died before that. A name that this process gives is waited for where it is given.
        """
        there = [key for key in keys if os.path.lexists(self._shelves.path(key))]
        with Together() as together:
            together.make_folders({folder for key in keys for folder in self._folders(key)}, self._durable)
            together.sync_folders({self._shelves.path(key).parent for key in there})
            together.sync_folders({folder for key in there for folder in self._book.folders(*split_key(key))})

    def _folders(self, key: str) -> tuple[Path, ...]:
        return (self._shelves.path(key).parent, *self._book.folders(*split_key(key)))

    def keep(self, key: str, content: bytes, retain_until: datetime) -> Stored:
        """Put one part whose names were settled. The entity's lock is held."""
        digest = split_key(key)[1]
        created = self.link(self._shelves.path(key), content)
        if not created:
            self._read(key)  # Damaged when something else lies under the name
            self._refuse_lost_record(key)
        self.fix(self._shelves.path(key))
        until = self.promise(key, retain_until)
        return Stored(key=key, sha256=digest, size=len(content), retain_until=until, created=created)

    def put_fresh(
        self, entity: str, keys: Sequence[str], contents: Mapping[str, bytes], retain_until: datetime
    ) -> list[str]:
        """Write parts of which neither content nor record is there; their keys. The entity's lock is held."""
        paths = {key: self._shelves.path(key) for key in keys}
        fresh = [
            key
            for key in keys
            if not os.path.lexists(paths[key]) and self._book.read(entity, split_key(key)[1]) is None
        ]
        for begin in range(0, len(fresh), _TOGETHER):
            self._begin(entity, {key: paths[key] for key in fresh[begin : begin + _TOGETHER]}, contents, retain_until)
        return fresh

    def _begin(
        self, entity: str, paths: Mapping[str, Path], contents: Mapping[str, bytes], retain_until: datetime
    ) -> None:
        """Parts, then records, then notes: each made durable before the next gets its name."""
        digests = [split_key(key)[1] for key in paths]
        lines = self._book.first_lines(entity, digests, retain_until=retain_until, at=self._clock.now())
        with Together() as together:
            together.make_folders(lines.folders.union(path.parent for path in paths.values()), self._durable)
            parts = [(path, contents[key], PART_MODE) for key, path in paths.items()]
            together.stage([*parts, *lines.files()])
            together.reveal(paths.values())
            for path in paths.values():
                self.fix(path)
            lines.keep(together)

    def promise(self, key: str, retain_until: datetime, *, hold: bool = False) -> datetime:
        """Bring the record up to a retention and a hold; the end that is in force then. The entity's lock is held."""
        entity, digest = split_key(key)
        state = self._book.read(entity, digest)
        if state is None or state.deleted:
            self.write(key, "put", retain_until=retain_until, hold=hold)
            return retain_until
        until = max(retain_until, state.retain_until)
        if until > state.retain_until:
            self.write(key, "extend", retain_until=until, hold=state.hold)
        elif hold <= state.hold:
            self._book.confirm(entity, digest)
        if hold > state.hold:
            self.write(key, "hold", retain_until=until, hold=True)
        return until

    def write(self, key: str, operation: str, *, retain_until: datetime, hold: bool) -> None:
        """Append an operation to the record of a part."""
        entity, digest = split_key(key)
        at = self._clock.now()
        self._book.write(entity, digest, operation=operation, retain_until=retain_until, hold=hold, at=at)

    def fix(self, path: Path) -> None:
        """Set the immutable flag when it is wanted. NotWorm where it cannot be set."""
        if not self._immutable:
            return
        try:
            set_immutable(path, on=True)
        except OSError as error:
            raise NotWorm(f"the immutable flag cannot be set here: {error.strerror}") from error

    def link(self, path: Path, content: bytes) -> bool:
        """Give content its final name; False when the name is taken (`settle`). The entity's lock is held."""
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

    def _refuse_lost_record(self, key: str) -> None:
        """A part that lost its record gets no new, perhaps shorter one: the ledger still knows that there was one."""
        entity, digest = split_key(key)
        if self._book.read(entity, digest) is None and self._book.known(entity, digest[:2]).get(digest, (0, ""))[0]:
            raise Damaged(key, "its retention record is gone")


def is_sound(path: Path, digest: str) -> bool:
    """Whether a plain file with this content lies there."""
    try:
        with path.open("rb") as stream:
            return not path.is_symlink() and hashlib.file_digest(stream, "sha256").hexdigest() == digest
    except OSError:
        return False
