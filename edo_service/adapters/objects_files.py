"""Working documents in a folder of the data directory: `<root>/<owner>/<ab>/<sha256>`, mode 0600, content-addressed.

A file's time is its last put. A put and a deletion of one shard are one after another (flock on its folder).
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from edo_service.errors import NotFound, Unavailable
from edo_service.kernel.clock import Clock
from edo_service.kernel.objects import IDLE


class FileObjects:
    """kernel.objects.ObjectStore over files: temporary file, fsync, rename, fsync of the folder; put again changes nothing."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._settled: set[Path] = set()

    def put(self, content: bytes, owner: UUID) -> str:
        """Keep the content for the owner; its SHA-256. Unavailable when the disk refuses."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(owner, sha256)
        try:
            self._settle(path.parent)
            if not self._renew(path, sha256):
                self._write(path, content)
        except OSError as error:
            raise Unavailable("objects.not_kept", reason=error.strerror) from error
        return sha256

    def get(self, owner: UUID, sha256: str) -> bytes:
        """The owner's content, checked against its name. NotFound, or Unavailable when it is damaged."""
        try:
            content = self._path(owner, sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("objects.absent", sha256=sha256) from error
        except OSError as error:
            raise Unavailable("objects.unreadable", reason=error.strerror) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Unavailable("objects.damaged", sha256=sha256)
        return content

    def delete(self, owner: UUID, sha256: str) -> bool:
        """Delete the owner's content and what killed puts left of it; see ObjectStore.delete."""
        path = self._path(owner, sha256)
        try:
            with _locked(path.parent):
                found = _times([path, *path.parent.glob(f".{sha256}.*")])
                if any(moment > (self._clock.now() - IDLE).timestamp() for moment in found.values()):
                    return False
                for one in found:
                    one.unlink(missing_ok=True)
                _sync(path.parent)
        except FileNotFoundError:  # no folder, no content
            return True
        except OSError as error:
            raise Unavailable("objects.not_deleted", reason=error.strerror) from error
        return True

    def entries(self) -> Iterator[tuple[UUID, str]]:
        """Everything that is kept, by owner and hash; what a killed put left is not."""
        for owner in _names(self._root):
            for shard in _names(self._root / owner):
                for name in _names(self._root / owner / shard):
                    if not name.startswith("."):
                        yield UUID(owner), name

    def _settle(self, folder: Path) -> None:
        """Make the folder and those above it; each name is on the disk before a file stands below it.

        One that is there may have been made by a process that died before it waited: each process waits once.
        """
        if folder in self._settled and folder.is_dir():
            return
        if folder == self._root:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._settle(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)
        self._settled.add(folder)

    def _renew(self, path: Path, sha256: str) -> bool:
        """Say that the content is needed now, if it is there and whole."""
        try:
            with _locked(path.parent):
                if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                    return False
                self._touch(path)
            _sync(path.parent)  # whoever gave it its name may not have waited for that yet
        except FileNotFoundError:
            return False
        return True

    def _touch(self, path: Path) -> None:
        moment = self._clock.now().timestamp()
        os.utime(path, (moment, moment))

    def _write(self, path: Path, content: bytes) -> None:
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._touch(fresh)
            with _locked(path.parent):
                fresh.rename(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _path(self, owner: UUID, sha256: str) -> Path:
        if len(sha256) != 64 or not sha256.isalnum():
            raise NotFound("objects.absent", sha256=sha256)
        return self._root / str(owner) / sha256[:2] / sha256


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Unavailable("objects.unreadable", reason=error.strerror) from error


def _times(paths: Iterable[Path]) -> dict[Path, float]:
    """When each file that is there was put."""
    found = {}
    for path in paths:
        with suppress(FileNotFoundError):  # a put under way may take its scrap away
            found[path] = path.stat().st_mtime
    return found


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Nobody else renews, names or deletes a file of the folder meanwhile. FileNotFoundError when there is none."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
