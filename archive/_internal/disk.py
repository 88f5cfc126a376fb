"""Durable file operations: what is named is whole and on disk, or not there."""

import os
from collections.abc import Iterable
from concurrent.futures import Executor
from pathlib import Path

from archive.errors import StoreUnavailable


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
        _write_all(handle, content)
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


def append(path: Path, line: bytes) -> None:
    """Append to an existing file and make it durable; on a full disk the file is as before."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    try:
        size = os.fstat(handle).st_size
        try:
            _write_all(handle, line)
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def unavailable(error: OSError, what: str) -> StoreUnavailable:
    """The archive's error for a failed disk operation (no path of this machine in it)."""
    return StoreUnavailable(f"{what}: {error.strerror or type(error).__name__}")


def stage(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file under a temporary name beside its own and make it durable; what a crash left there is removed."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    write_file(temporary, content, mode=mode)


def reveal(path: Path) -> bool:
    """Give a staged file its name, never over another; False when the name is taken. The folder is not synced."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def make_folders(folders: Iterable[Path], waits: Executor) -> None:
    """As make_folder for many of one parent's depth, waiting for the disk together."""
    absent = sorted({folder for folder in folders if not folder.is_dir()})
    for parent in {folder.parent for folder in absent}:
        make_folder(parent)
    for folder in absent:
        folder.mkdir(mode=0o750, exist_ok=True)
    sync_folders((folder.parent for folder in absent), waits)


def sync_folders(folders: Iterable[Path], waits: Executor) -> None:
    """Make the names in several folders durable, waiting together."""
    list(waits.map(sync_folder, sorted(set(folders))))
