"""Port: letters to people. Implementations: `adapters.mail_folder` (embedded), `adapters.mail_smtp` (full)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter to one person. `id` makes its Message-ID: the same letter sent twice is the same letter."""

    id: UUID
    to: str
    subject: str
    text: str

    def message(self, sender: str) -> EmailMessage:
        """The letter as MIME (RFC 5322): plain text, nothing remote."""
        message = EmailMessage()
        message["From"] = sender
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Message-ID"] = f"<{self.id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        return message


class Mailer(Protocol):
    """Hands a letter over."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; Unavailable when it may be tried again. Repeating the same letter is harmless."""
        ...
