"""Built exports in a folder that only the service may read."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edo_service.errors import NotFound, Unavailable


@dataclass(frozen=True, kw_only=True)
class FolderShelf:
    """archiving.shelf.ExportShelf over a folder (mode 0700, files 0600); each file appears whole under its name."""

    folder: Path

    def put(self, name: str, path: Path) -> None:
        """Copy the file. Unavailable when the disk refuses."""
        target = self.folder / name
        fresh = _fresh(target)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(path, fresh)
            fresh.chmod(0o600)
            fresh.replace(target)
        except OSError as error:
            raise Unavailable("objects.not_kept", reason=error.strerror) from error

    def open(self, name: str) -> BinaryIO:
        """The file, open for reading. NotFound, Unavailable."""
        try:
            return (self.folder / name).open("rb")
        except FileNotFoundError as error:
            raise NotFound("archive.export_absent") from error
        except OSError as error:
            raise Unavailable("objects.unreadable", reason=error.strerror) from error

    def remove(self, name: str) -> None:
        """Remove the file and what a killed put left of it; an absent one is no error. Unavailable."""
        target = self.folder / name
        try:
            for one in (target, _fresh(target)):
                one.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable("objects.not_kept", reason=error.strerror) from error


def _fresh(target: Path) -> Path:
    """Where a put writes before it gives the file its name."""
    return target.with_suffix(".new")
