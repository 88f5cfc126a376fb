"""Short messages into a folder, one `.txt` each: what the embedded profile would have sent."""

from dataclasses import dataclass
from pathlib import Path

from edo_service.errors import Unavailable
from edo_service.kernel.messages import ShortMessage


@dataclass(frozen=True, kw_only=True)
class FolderTexter:
    """kernel.messages.Texter over a folder: the same message is the same file; its first line is the phone."""

    folder: Path

    def send(self, message: ShortMessage) -> None:
        """Write the message (mode 0600); Unavailable when the disk refuses."""
        target = self.folder / f"{message.id}.txt"
        fresh = target.with_suffix(".new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(f"{message.to}\n{message.text}\n", encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(target)
        except OSError as error:
            raise Unavailable("sms.not_sent", reason=error.strerror) from error
