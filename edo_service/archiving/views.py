"""View models of the archive's screens; the templates lie in `templates/` beside."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from edo_service.web.views import (
    EMPTY_FORM,
    Applied,
    Choice,
    Empty,
    Fact,
    FileItem,
    Filter,
    Form,
    Link,
    Paging,
    Status,
    Sum,
    Verdict,
)


@dataclass(frozen=True, kw_only=True)
class SetRow:
    """A kept set of one document."""

    id: str
    title: str
    url: str
    day: date
    counterparty: str
    inn: str
    sum: Sum | None
    status: Status
    keep_until: date | None = None
    selected: bool = False


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """Search of compliance.

    Fields: q, counterparty, since, until (ДД.ММ.ГГГГ), kind, number, sum_from, sum_to, purpose.

    `purpose` is asked for before anything is shown when `purpose_needed`; it goes into the journal. `searched` is False
    until the form has been sent.
    """

    form: Form
    kinds: tuple[Choice, ...]
    rows: tuple[SetRow, ...] = ()
    paging: Paging | None = None
    applied: tuple[Applied, ...] = ()
    filters: tuple[Filter, ...] = ()
    searched: bool = False
    purpose_needed: bool = True
    total_size: int = 0
    export_url: str = ""
    empty: Empty | None = None


@dataclass(frozen=True, kw_only=True)
class Integrity:
    """What the last check of the bytes said."""

    status: Status
    checked_at: datetime | None
    check_url: str = ""


@dataclass(frozen=True, kw_only=True)
class AccessRow:
    """Who looked at the set or took it out, when and what for."""

    at: datetime
    who: str
    what: str
    purpose: str = ""


@dataclass(frozen=True, kw_only=True)
class SetPage:
    """The card of a kept set: parts with hashes, signatures then and now, retention, integrity, who looked."""

    title: str
    status: Status
    back: Link
    document: Link | None
    facts: tuple[Fact, ...]
    parts: tuple[FileItem, ...]
    signatures: tuple[Verdict, ...]
    integrity: Integrity
    access: tuple[AccessRow, ...]
    export_url: str
    manifest_sha256: str
    missing: tuple[str, ...] = ()
    purpose: Form = EMPTY_FORM


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """A package that was ordered."""

    id: str
    title: str
    sets: int
    ordered_at: datetime
    who: str
    purpose: str
    status: Status
    state: Literal["queued", "building", "ready", "failed", "expired"]
    size: int = 0
    sha256: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class ExportsPage:
    """Packages taken out of the archive, newest first, with the instruction how to verify one."""

    rows: tuple[ExportRow, ...]
    search_url: str
    paging: Paging | None = None


@dataclass(frozen=True, kw_only=True)
class KeptPanel:
    """The panel of a document's card: its kept set."""

    status: Status
    keep_until: date
    url: str


@dataclass(frozen=True, kw_only=True)
class FailedPanel:
    """The panel of a document whose hand-over gave up; `retry_url` for those who may promise it anew."""

    status: Status
    retry_url: str
