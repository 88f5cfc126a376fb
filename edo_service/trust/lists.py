"""The stored list of accredited authorities (TSL of Минцифры): put beside the anchors once it was believed, read again.

What lies in the folder was judged by `signing.verify_tsl` before it came there; the folder holds the anchors as well, so
whoever can write into it decides about trust anyhow.
"""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import signing
from edo_service.errors import Conflict

FILE = "tsl.xml"


@dataclass(kw_only=True)
class StoredList:
    """The list in a folder; parsed again only when the file has changed (the real one takes tens of megabytes)."""

    folder: Path
    _known: tuple[tuple[int, ...], signing.TrustedList] | None = field(default=None, repr=False)

    def load(self) -> signing.TrustedList | None:
        """The list, None when there is none; signing.BadInput when the file is damaged."""
        path = self.folder / FILE
        try:
            facts = path.stat()
        except FileNotFoundError:
            return None
        mark = (facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino)
        if self._known is None or self._known[0] != mark:
            self._known = (mark, signing.read_tsl(path.read_bytes()))
        return self._known[1]

    def keep(self, data: bytes, found: signing.TrustedList) -> None:
        """Put a believed list in place, whole or not at all; Conflict when the stored one is newer (a replayed list)."""
        stored = self.load()
        if stored is not None and (found.issued_at, found.version) < (stored.issued_at, stored.version):
            raise Conflict(
                "trust.older_list", stored=f"{stored.issued_at:%d.%m.%Y}", given=f"{found.issued_at:%d.%m.%Y}"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".tsl-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.folder / FILE)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
