"""Working documents in a folder of the data directory: `<root>/<owner>/<ab>/<sha256>`, mode 0600, content-addressed.

A file's time is its last put. A put and a deletion of one shard are one after another (flock on its folder).
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
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
        return self.put_all([content], owner)[0]

    def put_all(self, contents: Sequence[bytes], owner: UUID) -> tuple[str, ...]:
        """The same for several: all are written before the first is waited for, and a folder is waited for once."""
        names = tuple(hashlib.sha256(one).hexdigest() for one in contents)
        wanted = {self._path(owner, name): content for name, content in zip(names, contents, strict=True)}
        folders = {path.parent for path in wanted}
        try:
            for folder in folders:
                self._settle(folder)
            self._write({path: content for path, content in wanted.items() if not self._renew(path)})
            for folder in folders:
                _sync(folder)  # whoever gave a name that was there may not have waited for that yet
        except OSError as error:
            raise Unavailable("objects.not_kept", reason=error.strerror) from error
        return names

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

    def _renew(self, path: Path) -> bool:
        """Say that the content is needed now, if it is there and whole."""
        if not path.exists():
            return False
        try:
            with _locked(path.parent):
                if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                    return False
                self._touch(path)
        except FileNotFoundError:
            return False
        return True

    def _touch(self, path: Path) -> None:
        moment = self._clock.now().timestamp()
        os.utime(path, (moment, moment))

    def _write(self, wanted: Mapping[Path, bytes]) -> None:
        """Every content beside its place, on the disk, and then into its place."""
        scraps = {path: path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}") for path in wanted}
        try:
            with ExitStack() as opened:
                files = [opened.enter_context(_written(scraps[path], content)) for path, content in wanted.items()]
                for file in files:
                    os.fsync(file.fileno())
            for path, scrap in scraps.items():
                self._touch(scrap)
                with _locked(path.parent):
                    scrap.rename(path)
        except OSError:
            for scrap in scraps.values():
                scrap.unlink(missing_ok=True)
            raise

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
def _written(path: Path, content: bytes) -> Iterator[BinaryIO]:
    """A new private file that holds the content and is open yet: nobody has waited for the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        yield file


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
