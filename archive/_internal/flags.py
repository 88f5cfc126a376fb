"""The immutable flag of ext4, xfs, btrfs and others (`chattr +i`): while it is set nobody changes, renames or unlinks."""

import array
import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_GET, _SET = 0x80086601, 0x40086602  # FS_IOC_GETFLAGS, FS_IOC_SETFLAGS (linux/fs.h)
_IMMUTABLE = 0x10  # FS_IMMUTABLE_FL


def is_immutable(path: Path) -> bool:
    """Whether the flag is set. OSError where the file system knows no flags."""
    with _opened(path) as handle:
        return bool(_flags(handle)[0] & _IMMUTABLE)


def set_immutable(path: Path, *, on: bool) -> None:
    """Set or take off the flag; OSError without the right to (CAP_LINUX_IMMUTABLE) or where there are no flags."""
    with _opened(path) as handle:
        flags = _flags(handle)
        wanted = flags[0] | _IMMUTABLE if on else flags[0] & ~_IMMUTABLE
        if wanted != flags[0]:
            flags[0] = wanted
            fcntl.ioctl(handle, _SET, flags)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)


def _flags(handle: int) -> "array.array[int]":
    flags = array.array("l", [0])
    fcntl.ioctl(handle, _GET, flags, True)
    return flags
