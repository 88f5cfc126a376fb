"""Shapes and durable files of a backup."""

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FORMAT = "edo-backup/1"
CHUNK = 1024 * 1024


class BackupError(Exception):
    """A backup that cannot be made, is damaged, or may not be restored here; the text is for people."""


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The folder of a backup."""

    root: Path

    @property
    def head(self) -> Path:
        """Which run counts."""
        return self.root / "backup.json"

    @property
    def runs(self) -> Path:
        """One folder a run."""
        return self.root / "runs"

    @property
    def contents(self) -> Path:
        """Bytes by their hash."""
        return self.root / "content"

    def content(self, sha256: str) -> Path:
        """Where bytes lie. BackupError for what is no hash."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise BackupError(f"не SHA-256: {sha256[:80]!r}")
        return self.contents / sha256[:2] / sha256

    def current(self) -> "tuple[Path, dict[str, Any]]":
        """Folder and manifest of the run that counts. BackupError when there is none or it is not what was written."""
        head = read_json(self.head)
        folder = self.runs / Path(str(head.get("run", ""))).name
        content = read_bytes(folder / "manifest.json")
        if head.get("format") != FORMAT or hashlib.sha256(content).hexdigest() != head.get("manifest_sha256"):
            raise BackupError("описание копии (manifest.json) не то, что записано в backup.json")
        manifest: dict[str, Any] = json.loads(content)
        return folder, manifest

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other backups and restores of this folder away. BackupError when one is under way."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise BackupError("с этой папкой уже работает другой edo backup или edo restore") from None
        finally:
            os.close(handle)


def read_bytes(path: Path) -> bytes:
    """A file of the backup. BackupError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BackupError(f"{path.name}: {error.strerror}") from error


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of the backup. BackupError."""
    try:
        found = json.loads(read_bytes(path))
    except ValueError as error:
        raise BackupError(f"{path.name}: не JSON") from error
    if not isinstance(found, dict):
        raise BackupError(f"{path.name}: не объект JSON")
    return found


def write_whole(path: Path, content: bytes) -> None:
    """Give a file its content at once: whoever opens it sees the old one or the new one, also after a power cut."""
    fresh = path.with_name(f".{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Make a file or the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hash_file(path: Path) -> str:
    """SHA-256 of a file. BackupError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BackupError(f"{path.name}: {error.strerror}") from error


class Lines:
    """Writes a list as gzipped JSON lines; `note()` afterwards says what the manifest keeps of it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._file = gzip.GzipFile(path, "wb", compresslevel=3, mtime=0)
        self.count = 0

    def write(self, value: Any) -> None:
        """One line."""
        self._file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        sync(self._path)

    def note(self, **more: Any) -> dict[str, Any]:
        """Name, hash and number of lines, after the end."""
        return {"file": self._path.name, "sha256": hash_file(self._path), "lines": self.count, **more}


def read_lines(path: Path, note: Mapping[str, Any]) -> Iterator[Any]:
    """Values of a list whose hash was checked against the manifest. BackupError when its lines are not all there."""
    count = 0
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                count += 1
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise BackupError(f"{path.name}: не читается ({type(error).__name__})") from error
    if count != note["lines"]:
        raise BackupError(f"{path.name}: строк {count}, должно быть {note['lines']}")
