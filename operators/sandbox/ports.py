"""What a sandbox is given from outside: organisations, the writer of the operator's papers and its signing key."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class SandboxOrganization:
    """A participant.

    `box_id`: 32 hex digits or a GUID, with or without `@diadoc.ru`; `kpp` None for an entrepreneur. `operator`: the
    code of the operator that serves it; None: the one whose sandbox it is declared to.
    """

    name: str
    inn: str
    kpp: str | None
    ogrn: str
    participant_id: str
    box_id: str
    operator: str | None = None


@dataclass(frozen=True, kw_only=True)
class SandboxOperator:
    """Who the sandbox pretends to be in its papers; the code is invented and belongs to no real operator."""

    code: str = "2XX"
    name: str = "ООО «Демо-оператор ЭДО»"
    inn: str = "7700000009"


@dataclass(frozen=True, kw_only=True)
class ConfirmationFacts:
    """What a confirmation states: the operator received (or dispatched) this file, so signed, at that time.

    `file_id` is the cited file's @ИдФайл (its name without `.xml`), `signatures` the DER of every signature on it in
    order, `sender` who made the cited file and `recipient` whom it is for, `at` the moment (aware UTC).
    """

    operator: SandboxOperator
    file_id: str
    signatures: tuple[bytes, ...] = field(repr=False)
    sender: SandboxOrganization
    recipient: SandboxOrganization
    at: datetime

    @property
    def sender_id(self) -> str:
        """Participant id of the cited file's sender."""
        return self.sender.participant_id

    @property
    def recipient_id(self) -> str:
        """Participant id of the cited file's recipient."""
        return self.recipient.participant_id


@dataclass(frozen=True, kw_only=True)
class PaperFile:
    """A written paper; `file_name` with or without `.xml`."""

    file_name: str
    content: bytes = field(repr=False)


class Papers(Protocol):
    """Writes the operator's papers (приказ ММВ-7-6/36@, format 1.03)."""

    def receipt_confirmation(self, facts: ConfirmationFacts) -> PaperFile:
        """Write ПДП (DP_PDPOL), the date of receipt; it goes to `facts.sender`."""

    def dispatch_confirmation(self, facts: ConfirmationFacts) -> PaperFile:
        """Write ПДО (DP_PDOTPR), the date of dispatch; it goes to `facts.recipient`."""


class Notary(Protocol):
    """The operator's key and its eye for signatures."""

    def sign(self, content: bytes) -> bytes:
        """Return the DER of a detached CMS of the operator over `content`."""

    def check(self, content: bytes, signature: bytes) -> bool:
        """Tell whether a participant's detached CMS (DER) stands over exactly this content; never raises."""
