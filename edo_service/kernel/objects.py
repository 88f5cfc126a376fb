"""Port: where the bytes of working documents lie, outside the database, one shelf per owner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from uuid import UUID


class ObjectStore(Protocol):
    """Content-addressed bytes. Implementations: `adapters.objects_files`, `adapters.objects_s3`."""

    def put(self, content: bytes, owner: UUID) -> str:
        """Keep the content for the owner and return its SHA-256 (lower-case hex); repeating changes nothing.

        When it returns, the bytes survive a power cut. Unavailable when they cannot be kept.
        """
        ...

    def get(self, owner: UUID, sha256: str) -> bytes:
        """Return the owner's content; NotFound when the owner has none such, Unavailable when it is damaged."""
        ...

    def entries(self) -> Iterator[tuple[UUID, str]]:
        """Owner and SHA-256 of everything that is kept, each once, ascending. Unavailable."""
        ...
