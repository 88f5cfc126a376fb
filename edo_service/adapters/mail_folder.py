"""Letters into a folder, one `.eml` each: what the embedded profile would have sent."""

from dataclasses import dataclass
from pathlib import Path

from edo_service.adapters.private_files import put_private
from edo_service.errors import Unavailable
from edo_service.kernel.letters import Letter


@dataclass(frozen=True, kw_only=True)
class FolderMailer:
    """kernel.letters.Mailer over a folder: the same letter is the same file."""

    folder: Path
    sender: str

    def send(self, letter: Letter) -> None:
        """Write the letter (mode 0600); Unavailable when the disk refuses."""
        content = bytes(letter.message(self.sender))
        try:
            put_private(self.folder, f"{letter.id}.eml", content)
        except OSError as error:
            raise Unavailable("mail.not_sent", reason=error.strerror) from error
