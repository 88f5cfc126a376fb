"""Port: where built exports lie until they expire. Implementations: `adapters.exports_folder`, `adapters.exports_s3`."""

from pathlib import Path
from typing import BinaryIO, Protocol


class ExportShelf(Protocol):
    """Files under names that we make up ourselves. Every method may raise Unavailable."""

    def put(self, name: str, path: Path) -> None:
        """Keep the file's content under the name; again replaces it."""
        ...

    def open(self, name: str) -> BinaryIO:
        """The content as a stream; NotFound."""
        ...

    def remove(self, name: str) -> None:
        """Forget the content; an unknown name is no error."""
        ...
