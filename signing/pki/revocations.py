"""Who is revoked: a book in memory, or in a folder that several processes read and write at once.

In a folder every revocation is one file named by the certificate's serial number; link(2) makes its appearance atomic
and its repetition impossible, so there is nothing to lock and nothing to lose.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from signing.pki.declaration import RevocationReason
from signing.pki.errors import AlreadyRevoked, BadPkiDirectory


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """One certificate (by issuer and serial) is revoked from a moment (UTC) on, with a reason."""

    issuer: str
    serial: int
    at: datetime
    reason: RevocationReason


class RevocationBook(Protocol):
    """Where revocations are kept."""

    def add(self, revocation: Revocation) -> None:
        """Write it down; AlreadyRevoked if that serial is there."""

    def entries(self) -> tuple[Revocation, ...]:
        """All of them, by serial number."""


class MemoryBook:
    """Revocations of one process."""

    def __init__(self) -> None:
        self._entries: dict[int, Revocation] = {}

    def add(self, revocation: Revocation) -> None:
        """Write it down; AlreadyRevoked if that serial is there."""
        if self._entries.setdefault(revocation.serial, revocation) is not revocation:
            raise AlreadyRevoked(f"{revocation.serial:x}")

    def entries(self) -> tuple[Revocation, ...]:
        """All of them, by serial number."""
        return tuple(sorted(self._entries.values(), key=lambda entry: entry.serial))


class FolderBook:
    """Revocations shared by every process that opens the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, revocation: Revocation) -> None:
        """Write it down; AlreadyRevoked if that serial is there."""
        content = json.dumps(
            {"issuer": revocation.issuer, "at": revocation.at.isoformat(), "reason": revocation.reason}
        )
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".new-", delete=False) as draft:
            draft.write(content.encode())
            draft.flush()
            os.fsync(draft.fileno())
        try:
            os.link(draft.name, self._folder / f"{revocation.serial:x}.json")
        except FileExistsError:
            raise AlreadyRevoked(f"{revocation.serial:x}") from None
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(draft.name).unlink()

    def entries(self) -> tuple[Revocation, ...]:
        """All of them, by serial number; read afresh."""
        found = [_read(path) for path in self._folder.glob("[0-9a-f]*.json")]
        return tuple(sorted(found, key=lambda entry: entry.serial))


def _read(path: Path) -> Revocation:
    try:
        data = json.loads(path.read_bytes())
        return Revocation(
            issuer=data["issuer"],
            serial=int(path.stem, 16),
            at=datetime.fromisoformat(data["at"]),
            reason=RevocationReason(data["reason"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadPkiDirectory(f"{path.name} is not a revocation: {error}") from error
