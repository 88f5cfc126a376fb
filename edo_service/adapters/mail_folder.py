"""Letters into a folder, one `.eml` each: what the embedded profile would have sent."""

from dataclasses import dataclass
from pathlib import Path

from edo_service.errors import Unavailable
from edo_service.kernel.letters import Letter


@dataclass(frozen=True, kw_only=True)
class FolderMailer:
    """kernel.letters.Mailer over a folder: the same letter is the same file."""

    folder: Path
    sender: str

    def send(self, letter: Letter) -> None:
        """Write the letter (mode 0600); Unavailable when the disk refuses."""
        target = self.folder / f"{letter.id}.eml"
        fresh = target.with_suffix(".new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(bytes(letter.message(self.sender)))
            fresh.chmod(0o600)
            fresh.replace(target)
        except OSError as error:
            raise Unavailable("mail.not_sent", reason=error.strerror) from error
