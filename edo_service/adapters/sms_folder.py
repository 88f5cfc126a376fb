"""Short messages into a folder, one `.txt` each: what the embedded profile would have sent."""

from dataclasses import dataclass
from pathlib import Path

from edo_service.adapters.private_files import put_private
from edo_service.errors import Unavailable
from edo_service.kernel.messages import ShortMessage


@dataclass(frozen=True, kw_only=True)
class FolderTexter:
    """kernel.messages.Texter over a folder: the same message is the same file; its first line is the phone."""

    folder: Path

    def send(self, message: ShortMessage) -> None:
        """Write the message (mode 0600); Unavailable when the disk refuses."""
        try:
            put_private(self.folder, f"{message.id}.txt", f"{message.to}\n{message.text}\n".encode())
        except OSError as error:
            raise Unavailable("sms.not_sent", reason=error.strerror) from error
