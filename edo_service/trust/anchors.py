"""The folders of trust as one store, made anew only when a file in them has changed."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import signing
from edo_service.trust.lists import FILE, StoredList

_SUFFIXES = frozenset({".pem", ".cer", ".crt"})
_Mark = tuple[str, int, int, int, int]


@dataclass(kw_only=True)
class StoredTrust:
    """Anchors and intermediates of every folder, and the list of accredited authorities of the first that holds one.

    One object is given out while the files stay what they are (name, times of change, size, inode), so that what was
    judged against it may be remembered; a file added, replaced or taken away counts with the next `load`. A folder
    that does not exist yet is empty.
    """

    folders: tuple[Path, ...]
    _known: tuple[list[_Mark], signing.TrustStore] | None = field(default=None, repr=False)
    _lists: dict[Path, StoredList] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def load(self) -> signing.TrustStore:
        """The store; an empty one trusts nobody. signing.BadCertificate, signing.BadInput for a damaged file."""
        with self._lock:
            marks = [mark for folder in self.folders for mark in _marks(folder)]
            if self._known is None or self._known[0] != marks:
                self._known = (marks, self._read())
            return self._known[1]

    def _read(self) -> signing.TrustStore:
        folders = [folder for folder in self.folders if folder.is_dir()]
        files = [path for folder in folders for path in certificate_files(folder)]
        store = signing.TrustStore.from_files(files)
        for folder in folders:
            found = self._lists.setdefault(folder, StoredList(folder=folder)).load()
            if found is not None:
                return found.extend(store)
        return store


def certificate_files(folder: Path) -> list[Path]:
    """The files of certificates in a folder of trust, by name; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.suffix in _SUFFIXES]


def _marks(folder: Path) -> list[_Mark]:
    """What tells that a file changed; taken before the files are read, so a change meanwhile shows at the next look."""
    marks = []
    for path in (*certificate_files(folder), folder / FILE):
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        marks.append((str(path), facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino))
    return marks
