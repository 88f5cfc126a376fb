"""Bytes by their hash: copied once, never changed, shared by all runs."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from edo_service.backup.values import CHUNK, BackupError, Vault, hash_file, sync

_LATER = 256
"""So many new folders are made durable together."""


@dataclass(kw_only=True)
class Contents:
    """Keeps bytes in a vault. `copied` counts what was new, `known` what lay there already."""

    vault: Vault
    copied: int = 0
    known: int = 0
    size: int = 0
    _dirty: set[Path] = field(default_factory=set)

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Whether the bytes lie there (whole files only get their names, so a name and a size are enough).

        Another size: the store's bytes or these are damaged, so the store's are to be read and, if whole, kept anew.
        """
        try:
            found = self.vault.content(sha256).stat().st_size
        except FileNotFoundError:
            return False
        if size is not None and found != size:
            return False
        self.known += 1
        return True

    def is_whole(self, sha256: str) -> bool:
        """Whether the bytes lie there and are those of the hash, read to their end."""
        try:
            return hash_file(self.vault.content(sha256)) == sha256
        except BackupError:
            return False

    def keep(self, sha256: str, content: bytes) -> None:
        """Keep bytes whose hash is known to be theirs."""
        self._keep(sha256, iter((content,)))

    def keep_stream(self, stream: BinaryIO) -> str:
        """Keep what a file holds, in pieces; its SHA-256 as it was read. A file that is there already is only read."""
        read = hashlib.sha256()
        for piece in _pieces(stream):
            read.update(piece)
        if self.has(read.hexdigest(), stream.tell()):
            return read.hexdigest()
        stream.seek(0)
        return self._keep(read.hexdigest(), _pieces(stream))

    def _keep(self, likely: str, pieces: Iterator[bytes]) -> str:
        """Write the pieces and name them by their hash, which is another than the likely one when a file just changed."""
        place = self.vault.content(likely)
        fresh = place.with_name(f".{place.name}.new")
        self._make(place.parent)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        found = hashlib.sha256()
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                found.update(piece)
                self.size += file.write(piece)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
        path = self.vault.content(found.hexdigest())
        self._make(path.parent)
        fresh.replace(path)
        self._dirty.add(path.parent)
        if len(self._dirty) >= _LATER:
            self.settle()
        self.copied += 1
        return path.name

    def settle(self) -> None:
        """Make the names of all that was kept durable."""
        for folder in self._dirty:
            sync(folder)
        self._dirty.clear()

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync(folder.parent)


def plain_files(root: Path, *, apart: frozenset[Path]) -> Iterator[tuple[str, int, BinaryIO]]:
    """Path from the root, mode and content of the other files of a data folder; SQLite files as SQLite copies them.

    Each content is open until the next one is asked for.

    Files that vanish meanwhile are left out, so are links, sockets and what SQLite keeps beside its files.
    """
    for base, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if Path(base, name) not in apart and not Path(base, name).is_symlink()
        )
        for name in sorted(names):
            path = Path(base, name)
            if path in apart or name.endswith(("-wal", "-shm", "-journal")) or path.is_symlink() or not path.is_file():
                continue
            try:
                mode = path.stat().st_mode & 0o777
                with _opened(path) as stream:
                    yield str(path.relative_to(root)), mode, stream
            except FileNotFoundError:
                continue


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as file:
        is_database = file.read(16) == b"SQLite format 3\x00"
        if not is_database:
            file.seek(0)
            yield file
            return
    with tempfile.TemporaryDirectory(prefix="edo-backup-") as folder:
        copy = Path(folder) / "copy.db"
        with (
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        with copy.open("rb") as file:
            yield file


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(CHUNK), b"")


def forget_unused(vault: Vault, used: set[str]) -> int:
    """Remove bytes that no run needs any more. Returns how many files went."""
    gone = 0
    for shard in sorted(vault.contents.iterdir()) if vault.contents.is_dir() else ():
        for path in sorted(shard.iterdir()):
            if path.name not in used:
                path.unlink()
                gone += 1
    return gone


def forget_runs(vault: Vault, keep: set[str]) -> None:
    """Remove runs that do not count any more, and what a run that was cut off left."""
    for path in sorted(vault.runs.iterdir()) if vault.runs.is_dir() else ():
        if path.name not in keep:
            shutil.rmtree(path)


def digest(content: bytes) -> str:
    """SHA-256, lower-case hex."""
    return hashlib.sha256(content).hexdigest()
