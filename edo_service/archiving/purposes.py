"""What the archive is looked at for: stated before any content is given, said once for a visit, journalled at each access.

The purpose of a visit lives in a cookie of the browser, sealed for one session and one company: another person in the
same browser, and another company of the same person, state their own.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from edo_service.errors import Rejected

LONGEST = 500
NEEDED = "archive.purpose_needed"
OWN_WORK = "Работа со своими документами"
"""What is journalled for those who sign, unless they say otherwise: they made these documents."""


class PurposeNeeded(Rejected):
    """Content of the archive was asked for and nobody said what for. `back`: where a page leads on to once it is said."""

    def __init__(self, back: str = "") -> None:
        super().__init__(NEEDED)
        self.back = back


def stated(purpose: str) -> str:
    """The purpose without its margins; PurposeNeeded when nothing was said: no access goes without one."""
    found = " ".join(purpose.split())[:LONGEST]
    if not found:
        raise PurposeNeeded
    return found


@dataclass(frozen=True)
class PurposeSeal:
    """Seals the purpose of a visit (HMAC-SHA-256). `key`: a secret of the installation, the same in all processes."""

    key: bytes = field(repr=False)

    def seal(self, purpose: str, *, session_id: UUID, company: str) -> str:
        """The value of the cookie."""
        said = base64.urlsafe_b64encode(purpose.encode()).decode().rstrip("=")
        return f"{said}.{self._mac(said, session_id, company)}"

    def open(self, value: str, *, session_id: UUID, company: str) -> str:
        """The purpose; empty for a value of another session or company, or one that nobody sealed."""
        said, _, mac = value.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(said, session_id, company).encode()):
            return ""
        try:
            return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""

    def _mac(self, said: str, session_id: UUID, company: str) -> str:
        about = f"archive purpose|{session_id}|{company}|{said}"
        return hmac.new(self.key, about.encode(), hashlib.sha256).hexdigest()
