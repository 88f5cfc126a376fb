"""Working documents in a folder of the data directory: `<root>/<owner>/<ab>/<sha256>`, mode 0600, content-addressed."""

import hashlib
import os
from pathlib import Path
from uuid import UUID

from edo_service.errors import NotFound, Unavailable


class FileObjects:
    """kernel.objects.ObjectStore over files: temporary file, fsync, rename, fsync of the folder; put again changes nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes, owner: UUID) -> str:
        """Keep the content for the owner; its SHA-256. Unavailable when the disk refuses."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(owner, sha256)
        if path.exists() and path.stat().st_size == len(content):
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_name(f".{sha256}.{os.getpid()}.{os.urandom(4).hex()}")
            _write(fresh, content)
            fresh.rename(path)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
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

    def _path(self, owner: UUID, sha256: str) -> Path:
        if len(sha256) != 64 or not sha256.isalnum():
            raise NotFound("objects.absent", sha256=sha256)
        return self._root / str(owner) / sha256[:2] / sha256


def _write(fresh: Path, content: bytes) -> None:
    """Write a new file to the disk, or leave nothing behind (a full disk must not be filled further)."""
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
