"""Port: where the bytes of working documents lie, outside the database, one shelf per owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

IDLE: Final = timedelta(days=1)
"""What was put so lately is not deleted: whoever has put it may be about to write the row that needs it."""


class ObjectStore(Protocol):
    """Content-addressed bytes. Implementations: `adapters.objects_files`, `adapters.objects_s3`.

    Whoever needs a content puts it before writing the row that names it, even when it is there already: the put says that
    it is needed, and a deletion leaves it alone for a day.
    """

    def put(self, content: bytes, owner: UUID) -> str:
        """Keep the content for the owner and return its SHA-256 (lower-case hex); repeating changes nothing.

        When it returns, the bytes survive a power cut, and for `IDLE` no deletion takes them. Unavailable when they
        cannot be kept.
        """
        ...

    def put_all(self, contents: Sequence[bytes], owner: UUID) -> tuple[str, ...]:
        """Put several contents; their SHA-256s in the same order.

        Cheaper than one by one where the store can wait for all of them together. When it raises, any of them may have
        been kept.
        """
        ...

    def get(self, owner: UUID, sha256: str) -> bytes:
        """Return the owner's content; NotFound when the owner has none such, Unavailable when it is damaged."""
        ...

    def delete(self, owner: UUID, sha256: str) -> bool:
        """Delete the owner's content, scraps of it included. False when it was put within `IDLE`: then it stays.

        True when nothing lies there any more, so that repeating changes nothing. Whether anybody needs it is the caller's
        question. Unavailable when the store refuses or does not answer: it may have gone or not.
        """
        ...

    def entries(self) -> Iterator[tuple[UUID, str]]:
        """Owner and SHA-256 of everything that is kept, each once, ascending. Unavailable."""
        ...
