"""Many files made durable in one go: all are written before the first is waited for.

The waits are asked for at the same moment by several threads: file systems make durable at once what is waited for at
once, so that a set costs a few waits whatever the number of its files. One thread does everything else.
"""

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Self

from archive._internal.disk import Durable, make_folder, write_all

_THREADS = 8


class Together:
    """Writes many files and waits for the disk once for all of them; a context that ends its threads."""

    def __init__(self) -> None:
        self._waits = ThreadPoolExecutor(_THREADS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waits.shutdown()

    def stage(self, files: Iterable[tuple[Path, bytes, int]]) -> None:
        """Write files (name, content, mode) under temporary names beside their own and make them durable.

        What a crash left under such a name is removed, never written into.
        """
        handles: list[int] = []
        try:
            for path, content, mode in files:
                handle = _fresh(_temporary(path))
                handles.append(handle)
                write_all(handle, content)
                os.fchmod(handle, mode)
            self._sync(handles)
        finally:
            _close(handles)

    def reveal(self, paths: Iterable[Path]) -> None:
        """Give staged files their names, never over others, and make the names durable. FileExistsError."""
        folders: set[Path] = set()
        for path in paths:
            temporary = _temporary(path)
            try:
                os.link(temporary, path)
            finally:
                os.unlink(temporary)  # noqa: PTH108 - called for every file of a set
            folders.add(path.parent)
        self.sync_folders(folders)

    def append(self, lines: Mapping[Path, bytes]) -> None:
        """Append to existing files and make them durable; on a full disk all of them are as before."""
        handles: list[int] = []
        sizes: list[int] = []
        try:
            for path, line in lines.items():
                handles.append(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW))
                sizes.append(os.fstat(handles[-1]).st_size)
                write_all(handles[-1], line)
            self._sync(handles)
        except OSError:
            for handle, size in zip(handles, sizes, strict=False):
                os.ftruncate(handle, size)
            raise
        finally:
            _close(handles)

    def make_folders(self, folders: Iterable[Path], durable: Durable) -> None:
        """Make folders and those above them, and see that their names are on the disk, whoever made them."""
        for level in durable.unknown(folders):
            for folder in level:
                make_folder(folder)
            # what lies above the root may be closed to us: whoever made the root there has seen to its name
            self.sync_folders({folder.parent for folder in level if os.access(folder.parent, os.R_OK)})
            durable.know(level)

    def sync_folders(self, folders: Iterable[Path]) -> None:
        """Make the names in several folders durable."""
        handles: list[int] = []
        try:
            handles.extend(os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in sorted(folders))
            self._sync(handles)
        finally:
            _close(handles)

    def _sync(self, handles: Sequence[int]) -> None:
        """Make all durable. Nothing is waited for any more when this ends, well or not: handles may be closed.

        OSError, also when the machine gives no thread.
        """
        shares = [handles[number::_THREADS] for number in range(min(_THREADS, len(handles)))]
        asked: list[Future[None]] = []
        try:
            for share in shares:
                asked.append(self._waits.submit(_sync_each, share))  # noqa: PERF401 - those before a failure count
        except RuntimeError as error:
            self._waits.shutdown()  # what has no thread of its own is in the queue of the others
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
        finally:
            wait(asked)
        for one in asked:
            one.result()


def _sync_each(handles: Sequence[int]) -> None:
    for handle in handles:
        os.fsync(handle)


def _close(handles: Sequence[int]) -> None:
    for handle in handles:
        os.close(handle)


def _temporary(path: Path) -> str:
    folder, _, name = str(path).rpartition("/")
    return f"{folder}/.{name}.new"


def _fresh(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        os.unlink(path)  # noqa: PTH108 - called for every file of a set
        return os.open(path, flags, 0o600)
