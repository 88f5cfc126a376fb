"""View models that every screen is made of.

Pages fill them, templates only print them: no rights, sums or dates are computed in a template.

Money is `Decimal` roubles or the kernel's Money, moments are aware datetimes, days are dates, hashes lower-case hex.
Addresses are paths of this host, ready to print.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from edo_service.web.filters import HasKopecks
from edo_service.web.statuses import Status, Tone
from edo_service.web.theme import Theme

Sum = Decimal | HasKopecks


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link with its words."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class OrganizationLink:
    """A company in the switcher: `id` is the opaque short one of the address."""

    id: str
    name: str
    inn: str
    url: str
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class PersonLink:
    """Who is logged in, for the top bar: «Жукова А. С.» and what she is here."""

    name: str
    short_name: str
    position: str = ""


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A section of the side list; made by `Slots.menu`."""

    key: str
    label: str
    icon: str
    url: str
    count: int = 0
    group: Literal["work", "setup"] = "work"
    phone: bool = False
    profile: str = ""
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Notifications:
    """The bell: how many are new and where they lie."""

    unread: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Toast:
    """Said once after an act whose result lies elsewhere; never an error."""

    text: str
    link: Link | None = None


@dataclass(frozen=True, kw_only=True)
class Shell:
    """What surrounds every page.

    `token` is for its forms, `path` the address to come back to after a form of the shell.

    Without a person (log-in, errors) there is no menu and no switcher.
    """

    token: str
    theme: Theme
    path: str = "/"
    brand: str = "Кабинет ЭДО"
    person: PersonLink | None = None
    organizations: tuple[OrganizationLink, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    notifications: Notifications | None = None
    search_url: str = ""
    toast: Toast | None = None
    warning: str = ""

    @property
    def organization(self) -> OrganizationLink | None:
        """The company that this page works for."""
        return next((company for company in self.organizations if company.current), None)

    @property
    def home(self) -> str:
        """Address of the logo."""
        return self.organization.url if self.organization else "/"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """A refused field. `message` begins with the field's own name: «ИНН: последняя цифра не сходится»."""

    field: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """What was typed and what was refused; a form shown for the first time is `Form()`."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    def value(self, name: str, default: str = "") -> str:
        """What stands in the field."""
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        """Why the field was refused; empty when it was not."""
        return next((error.message for error in self.errors if error.field == name), "")


EMPTY_FORM = Form()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a select or of radio buttons."""

    value: str
    label: str
    selected: bool = False
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """Until when, and how near it is by the production calendar. `words`: «осталось 2 рабочих дня», «просрочен»."""

    day: date
    nearness: Literal["later", "soon", "late"] = "later"
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A named value. Exactly one of `text` and `sum` is used; `url` makes a link of it."""

    label: str
    text: str = ""
    sum: Sum | None = None
    url: str = ""
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A tab: a link with a counter (`count` in plain colour unless it is the viewer's move)."""

    label: str
    url: str
    current: bool = False
    count: int = 0
    todo: bool = False
    suffix: str = ""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A select of a filter bar."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A filter that works now, with the address that drops it."""

    label: str
    drop_url: str


@dataclass(frozen=True, kw_only=True)
class Paging:
    """«Показаны 1-25 из 118», and the address of the next piece (keyset)."""

    shown: int
    total: int
    first: int = 1
    more_url: str = ""
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Empty:
    """An empty list: why, what next, one button."""

    title: str
    text: str
    link: Link | None = None


@dataclass(frozen=True, kw_only=True)
class FileItem:
    """A file that may be downloaded: what it is, its own name, size in bytes, SHA-256."""

    role: str
    name: str
    size: int
    sha256: str
    url: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class TimelineEvent:
    """A line of the document's road. `service` ones (operator's confirmations) are folded when there are many."""

    text: str
    state: Literal["done", "now", "stop", "future"]
    at: datetime | None = None
    until: date | None = None
    by: str = ""
    note: str = ""
    service: bool = False


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One of the four conditions of 63-ФЗ ст. 11 in words, how it turned out, and why."""

    text: str
    outcome: Literal["passed", "failed", "unknown"]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A signature and what the check of it said (`signing.Report` in words).

    `indication` is TOTAL-PASSED, INDETERMINATE, TOTAL-FAILED or pending; `missing` names what could not be had and when
    we try again; `unproved`: it counts as nobody's, since more than revocation is not established; `power` is the
    sentence about the power of attorney that the signature rests on. `time_source` says how the time is known: «время
    подтверждено штампом времени».
    """

    indication: Literal["TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED", "pending"]
    whose: str
    signer: str
    position: str = ""
    signed_at: datetime | None = None
    time_source: str = ""
    sub_indication: str = ""
    level: str = ""
    algorithm: str = ""
    certificate: str = ""
    conditions: tuple[Condition, ...] = ()
    missing: str = ""
    unproved: bool = False
    power: str = ""
    report_url: str = ""
    download_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Todo:
    """A row of «Нужно ваше действие». `count` 0 shows the icon, not a number. The first one has the blue button."""

    text: str
    url: str
    button: str
    count: int = 0
    icon: str = "key"
    hint: str = ""
    nearness: Literal["later", "soon", "late"] = "later"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A piece of an upper area on a document's card: its template and that template's own view model.

    `place`: "act" for what the person has to do now; it stands first and changes with the document's state.
    """

    template: str
    view: object
    place: Literal["main", "aside", "act"] = "main"


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """A line of «Последние события»."""

    at: datetime
    title: str
    url: str
    text: str
    status: Status | None = None


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """«Главная»: what must I do now, then what happened. `documents` are the nearest ones that wait for the viewer."""

    organization: str
    today: date
    updated_at: datetime
    todo: tuple[Todo, ...]
    events: tuple[EventRow, ...]
    events_url: str
    facts: tuple[Fact, ...] = ()
    actions: tuple[Link, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What something is called by people. `note` tells it from its like, `url` is empty where there is no page to see."""

    name: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class JournalRow:
    """An event of the journal. `position` is None until it is sealed into the chain."""

    position: int | None
    at: datetime
    event: str
    actor: str
    subject: Subject
    facts: tuple[Fact, ...] = ()
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class JournalPage:
    """The journal of one organisation, newest first. `checked` is the last check of the chain, None before any."""

    rows: tuple[JournalRow, ...]
    paging: Paging
    query: str = ""
    note: str = ""
    filters: tuple[Filter, ...] = ()
    applied: tuple[Applied, ...] = ()
    checked: Status | None = None
    checked_at: datetime | None = None
    checked_note: str = ""
    check_url: str = ""


@dataclass(frozen=True, kw_only=True)
class AppearancePage:
    """«Оформление»: the form writes a cookie and comes back to `next`."""

    theme: Theme
    next: str = "/"
    saved: bool = False


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """An error in words: what happened, what to do; the request's id in details.

    `section`: where one was, when the page has its company's menu.
    """

    status: int
    title: str
    detail: str
    request_id: str
    links: tuple[Link, ...] = ()
    section: Link | None = None


__all__ = [
    "EMPTY_FORM", "AppearancePage", "Applied", "Choice", "Condition", "Deadline", "Empty", "ErrorPage", "EventRow",
    "Fact", "FieldError", "FileItem", "Filter", "Folder", "Form", "HomePage", "JournalPage", "JournalRow", "Link",
    "MenuEntry", "Notifications", "OrganizationLink", "Paging", "Panel", "PersonLink", "Shell", "Status", "Subject", "Sum",
    "Theme", "TimelineEvent", "Toast", "Todo", "Tone", "Verdict",
]  # fmt: skip
