"""View models of control's own screens: holds, disposal, what is incomplete, the report about integrity."""

from dataclasses import dataclass
from datetime import date, datetime

from edo_service.archiving.views import VisitBar
from edo_service.web.views import EMPTY_FORM, Applied, Empty, Fact, Filter, Folder, Form, Link, Paging, Status, Sum


@dataclass(frozen=True, kw_only=True)
class HoldRow:
    """A hold in the register."""

    title: str
    url: str
    ground: str
    reason: str
    status: Status
    sets: int
    who: str
    at: datetime
    lifted: str = ""


@dataclass(frozen=True, kw_only=True)
class HoldsPage:
    """The register of holds."""

    rows: tuple[HoldRow, ...]
    back: Link
    empty: Empty


@dataclass(frozen=True, kw_only=True)
class SetItem:
    """A set on a hold or an act."""

    title: str
    url: str
    counterparty: str
    day: date
    until: date
    note: str = ""
    sum: Sum | None = None
    status: Status | None = None


@dataclass(frozen=True, kw_only=True)
class HoldPage:
    """One hold; the form lifts it (field: reason). `refused` says why the viewer may not."""

    title: str
    status: Status
    back: Link
    facts: tuple[Fact, ...]
    sets: tuple[SetItem, ...]
    total: int
    all_url: str
    form: Form = EMPTY_FORM
    lift_url: str = ""
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class NewHoldPage:
    """Setting a hold: what was chosen, and the form (fields: ground, reason; hidden ids)."""

    form: Form
    ids: tuple[str, ...]
    total: int
    url: str
    back: Link
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ActRow:
    """An act in the list."""

    title: str
    url: str
    status: Status
    sets: int
    size: int
    proposed: str
    approved: str


@dataclass(frozen=True, kw_only=True)
class DisposalPage:
    """The desk of disposal: how much is ripe, the form that proposes it (field: reason), acts."""

    back: Link
    ripe: int
    ripe_size: int
    unknown_end: int
    rows: tuple[ActRow, ...]
    form: Form
    empty: Empty
    propose_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ActPage:
    """One act. `approve_url`, `reject_url` for whoever may; `refused` says why not yet."""

    title: str
    status: Status
    back: Link
    facts: tuple[Fact, ...]
    steps: tuple[Fact, ...]
    sets: tuple[SetItem, ...]
    total: int
    form: Form = EMPTY_FORM
    approve_url: str = ""
    reject_url: str = ""
    paper_url: str = ""
    refused: str = ""
    last: bool = False


@dataclass(frozen=True, kw_only=True)
class IncompleteRow:
    """A document that is not in the archive yet, and what it waits for."""

    title: str
    url: str
    counterparty: str
    day: date
    status: Status
    missing: str
    due: str = ""
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class IncompletePage:
    """Sets that are not complete, the overdue first; `facets`: how many lack what, each a link that narrows."""

    rows: tuple[IncompleteRow, ...]
    back: Link
    paging: Paging
    late: int
    empty: Empty
    query: str = ""
    filters: tuple[Filter, ...] = ()
    applied: tuple[Applied, ...] = ()
    facets: tuple[Folder, ...] = ()
    reset_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """Ordering the report about integrity (fields: since, until)."""

    form: Form
    url: str
    back: Link
    visit: VisitBar | None = None
