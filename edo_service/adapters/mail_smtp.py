"""Letters over SMTP with STARTTLS (RFC 5321, 3207)."""

import smtplib
import ssl
from dataclasses import dataclass, field

from edo_service.errors import Unavailable
from edo_service.kernel.letters import Letter

_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class SmtpMailer:
    """kernel.letters.Mailer over one submission server; a connection for each letter."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True

    def send(self, letter: Letter) -> None:
        """Hand the letter to the server; Unavailable when it does not take it (it may be tried again)."""
        try:
            with smtplib.SMTP(self.host, self.port, timeout=_SECONDS) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.send_message(letter.message(self.sender))
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("mail.not_sent", reason=type(error).__name__) from error
