"""View models of log-in, sessions and the organisation's people; the templates lie in `templates/` beside."""

from dataclasses import dataclass
from datetime import datetime

from edo_service.web.views import Empty, Fact, Form, Link, OrganizationLink, Status


@dataclass(frozen=True, kw_only=True)
class LoginPage:
    """Log-in by address and password (fields `login`, `password`, `next`)."""

    form: Form
    next: str = "/"
    notice: str = ""


@dataclass(frozen=True, kw_only=True)
class CodePage:
    """The second step (fields `code`, `next`); `minutes` is how long a code holds."""

    form: Form
    next: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """A live session: where from, since when, when last seen."""

    id: str
    device: str
    address: str
    started_at: datetime
    seen_at: datetime
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class SessionsPage:
    """«Мои сеансы»: end one (field `session`) or all others."""

    rows: tuple[SessionRow, ...]
    revoke_url: str
    revoke_others_url: str


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """A person of the organisation and what he may do, in words."""

    name: str
    email: str
    position: str
    rights: tuple[str, ...]
    status: Status


@dataclass(frozen=True, kw_only=True)
class OrganizationPage:
    """The organisation's card and its people."""

    name: str
    facts: tuple[Fact, ...]
    people: tuple[PersonRow, ...]
    keys_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ChooseOrganizationPage:
    """Shown after log-in to those who work for several companies."""

    organizations: tuple[OrganizationLink, ...]


@dataclass(frozen=True, kw_only=True)
class ProfilePage:
    """Who I am and for whom I work."""

    name: str
    facts: tuple[Fact, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class PasswordPage:
    """A new password (fields `old`, `new`, `again`)."""

    form: Form


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """A job that gave up: what it was to do, about which document, why it failed in words and as recorded."""

    id: str
    title: str
    document_url: str
    ended_at: datetime
    attempts: int
    reason: str
    recorded: str


@dataclass(frozen=True, kw_only=True)
class JobsPage:
    """«Задания»: what gave up, each with a button (field `job`)."""

    rows: tuple[JobRow, ...]
    total: int
    retry_url: str
    empty: Empty
