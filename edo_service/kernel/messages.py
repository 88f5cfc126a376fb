"""Port: short messages to phones. Implementations: `adapters.sms_folder` (embedded), `adapters.sms_http` (full)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ShortMessage:
    """One message to one phone: `to` in E.164 (+79…), `text` of 70 characters to stay one SMS in Cyrillic.

    The same `id` sent twice is the same message. The text may hold a secret: it never stands in logs.
    """

    id: UUID
    to: str
    text: str = field(repr=False)


class Texter(Protocol):
    """Hands a message over."""

    def send(self, message: ShortMessage) -> None:
        """Hand the message over; Unavailable when it may be tried again. Repeating the same message is harmless."""
        ...
