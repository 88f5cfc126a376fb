"""Durable file operations: what is named is whole and on disk, or not there."""

import os
from collections.abc import Iterable
from pathlib import Path

from archive.errors import StoreUnavailable

_CHUNK = 64 * 1024


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each made durable in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o750)
    except FileExistsError:
        return
    sync_folder(folder.parent)


class Durable:
    """Folders below a root of which this process knows that their names are on the disk.

    One that is found there may have been made by a process that died before it waited: it is waited for at its first use
    in each process, once.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: set[Path] = set()

    def unknown(self, folders: Iterable[Path]) -> list[list[Path]]:
        """Those to be made and waited for, with all that lead to them from the root, by level, the upper first."""
        wanted: set[Path] = set()
        for folder in folders:
            while folder not in wanted and not (folder in self._known and folder.is_dir()):
                wanted.add(folder)
                if folder == self._root:
                    break
                folder = folder.parent  # noqa: PLW2901 - the way up
        levels: dict[int, list[Path]] = {}
        for folder in sorted(wanted):
            levels.setdefault(len(folder.parts), []).append(folder)
        return [levels[depth] for depth in sorted(levels)]

    def know(self, folders: Iterable[Path]) -> None:
        """Their names have been waited for."""
        self._known.update(folders)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes, *, mode: int) -> None:
    """Write a new file, make it durable, then give it its mode. FileExistsError when the name is taken."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        write_all(handle, content)
        os.fchmod(handle, mode)
        os.fsync(handle)
    finally:
        os.close(handle)


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Give a name to a whole file at once, never over another. FileExistsError when the name is taken."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        write_file(temporary, content, mode=mode)
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_file(path: str) -> bytes:
    """A file's whole content, however little the system gives at a time."""
    handle = os.open(path, os.O_RDONLY)
    try:
        content = b""
        while chunk := os.read(handle, _CHUNK):
            content += chunk
        return content
    finally:
        os.close(handle)


def append(path: Path, line: bytes) -> None:
    """Append to an existing file and make it durable; on a full disk the file is as before."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    try:
        size = os.fstat(handle).st_size
        try:
            write_all(handle, line)
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def write_all(handle: int, content: bytes) -> None:
    """Write everything, however little the system takes at a time."""
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def unavailable(error: OSError, what: str) -> StoreUnavailable:
    """The archive's error for a failed disk operation (no path of this machine in it)."""
    return StoreUnavailable(f"{what}: {error.strerror or type(error).__name__}")
