"""View models of the powers' pages; the templates lie in `templates/` beside."""

from dataclasses import dataclass
from datetime import date, datetime

from edo_service.web.views import Choice, Form, Link, Paging, Status


@dataclass(frozen=True, kw_only=True)
class PowerRow:
    """A power in the register."""

    url: str
    number: str
    own_number: str
    principal: str
    agent: str
    expires: date
    status: Status


@dataclass(frozen=True, kw_only=True)
class PackedRow:
    """A file of the package just uploaded: its power (`url`), or why it was not kept (`reason`)."""

    file_name: str
    url: str
    reason: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class PowersPage:
    """«Доверенности»: the register, the three ways to add to it, and what became of the package just uploaded."""

    organization: str
    rows: tuple[PowerRow, ...]
    paging: Paging
    query: str
    form: Form
    may_manage: bool
    upload_url: str
    fetch_url: str
    organization_url: str
    packed: tuple[PackedRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckRow:
    """One of the ten checks as it stands now."""

    number: int
    name: str
    status: Status
    text: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A kind of documents and who has decided that the power reaches it."""

    kind: str
    label: str
    by: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PowerPage:
    """One power: what it says, whether it holds today, what a person has decided."""

    title: str
    status: Status
    back_url: str
    facts: tuple[tuple[str, str], ...]
    powers: tuple[str, ...]
    checks: tuple[CheckRow, ...]
    decisions: tuple[Decision, ...]
    choices: tuple[Choice, ...]
    files: tuple[Link, ...]
    may_manage: bool
    may_revoke: bool
    revoke_url: str
    decide_url: str
