"""Where the file store keeps what: names and folders, nothing else."""

import os
import stat as modes
from collections.abc import Iterator
from pathlib import Path

from archive.store import split_key

PART_MODE = 0o444
_HEX = frozenset("0123456789abcdef")


class Shelves:
    """The layout below a root; see archive.files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.parts = root / "parts"
        self.locks = root / "lock"
        self.records = root / "retention"
        self.ledgers = root / "ledger"
        self.damaged = root / "damaged"

    def path(self, key: str) -> Path:
        """Where an object lies. BadKey."""
        entity, digest = split_key(key)
        return self.parts / entity / digest[:2] / digest

    def entities(self) -> set[str]:
        """Names of the folders of parts."""
        return {entry.name for entry in entries(self.parts) if entry.is_dir(follow_symlinks=False)}

    def shards(self, entity: str) -> set[str]:
        """First two digits of which there is a folder of parts."""
        return {entry.name for entry in entries(self.parts / entity) if entry.is_dir(follow_symlinks=False)}

    def misplaced(self) -> Iterator[str]:
        """Places, relative to the root, of files between the folders of parts and of read-only files beside them."""
        for folder in (self.parts, *sorted(self.parts / name for name in self.entities())):
            for entry in sorted(entries(folder), key=lambda one: one.name):
                if not entry.is_dir(follow_symlinks=False):
                    yield os.path.relpath(entry.path, self.root)
        for path in _files(self.root, apart=self.parts):
            if mode_of(path) == PART_MODE:
                yield str(path.relative_to(self.root))


def is_digest(name: str, shard: str) -> bool:
    """Whether a name in a shard's folder is that of a part."""
    return len(name) == 64 and name[:2] == shard and _HEX.issuperset(name)


def leftover_of(name: str) -> str | None:
    """The digest whose killed put left this temporary file; the next put of that content removes it."""
    return name[1 : -len(".new")] if name.startswith(".") and name.endswith(".new") else None


def mode_of(path: Path) -> int | None:
    """Permission bits, None when the file has gone meanwhile."""
    try:
        return modes.S_IMODE(path.stat(follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """What a folder holds; nothing when it is none."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _files(folder: Path, *, apart: Path) -> Iterator[Path]:
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if Path(base, name) != apart)
        for name in sorted(names):
            yield Path(base) / name
