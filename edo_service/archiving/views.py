"""View models of the archive's screens; the templates lie in `templates/` beside."""

from collections.abc import Mapping
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
    Folder,
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
class SavedRow:
    """A search kept under a name; `drop_url` forgets it."""

    name: str
    url: str
    drop_url: str


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """What may be done with the sets that were ticked, or with all that were found (`query` is the search's own)."""

    query: Mapping[str, str]
    total: int
    export_url: str = ""
    exports: tuple[Choice, ...] = ()
    hold_url: str = ""


@dataclass(frozen=True, kw_only=True)
class VisitBar:
    """What the archive is looked at for in this visit, on top of its pages; `change_url` asks again and leads back."""

    purpose: str
    change_url: str


@dataclass(frozen=True, kw_only=True)
class PurposePage:
    """The question what for (field: purpose); `recent` are answers of late, `next` is where it leads on."""

    form: Form
    url: str
    next: str
    recent: tuple[str, ...]
    archive_url: str
    archive_label: str = "Архив"


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """Search of compliance.

    Fields: q, counterparty, since, until (ДД.ММ.ГГГГ), kind, number, sum_from, sum_to, contract, vin, signer, certificate,
    status; purpose while `visit` is None: it is asked for with the first search of a visit, before anything is shown.

    `own`: the searcher's own documents, not those of people she controls. `searched` is False until the form has been
    sent. `facets`: how what was found divides, each a link that narrows.
    """

    form: Form
    kinds: tuple[Choice, ...]
    statuses: tuple[Choice, ...] = ()
    rows: tuple[SetRow, ...] = ()
    paging: Paging | None = None
    applied: tuple[Applied, ...] = ()
    facets: tuple[tuple[str, tuple[Folder, ...]], ...] = ()
    more_open: bool = False
    searched: bool = False
    own: bool = False
    visit: VisitBar | None = None
    total_size: int = 0
    bulk: Bulk | None = None
    saved: tuple[SavedRow, ...] = ()
    save_url: str = ""
    links: tuple[Link, ...] = ()
    unindexed: int = 0
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
class ThenNow:
    """One signature: its verdict at signing and by the last check, and why they differ."""

    whose: str
    file: str
    then: Status
    now: Status | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ChainLink:
    """A link of the evidence: what it is, what it says, its hash."""

    title: str
    text: str
    sha256: str = ""
    done: bool = True


@dataclass(frozen=True, kw_only=True)
class Term:
    """How long the set is kept and why; the form moves the term forward (fields: kind, counted_from, reason)."""

    words: str
    law: str
    ceiling: str
    unknown: bool
    changes: tuple[str, ...]
    form: Form
    kinds: tuple[Choice, ...]
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class SupplementBlock:
    """What came after the set was put together: when it joined, its papers, and how it is proven."""

    title: str
    day: str
    papers: tuple[str, ...]
    proof: str
    manifest_sha256: str
    parts: tuple[FileItem, ...]


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
    form: Form = EMPTY_FORM
    visit: VisitBar | None = None
    then_and_now: tuple[ThenNow, ...] = ()
    chain: tuple[ChainLink, ...] = ()
    seen: int = 0
    copy_url: str = ""
    term: Term | None = None
    holds: tuple[Link, ...] = ()
    act: Link | None = None
    supplements: tuple[SupplementBlock, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """A package that was ordered; `done` of `sets` are written while it is built."""

    id: str
    title: str
    sets: int
    ordered_at: datetime
    who: str
    purpose: str
    status: Status
    state: Literal["queued", "building", "ready", "failed", "expired"]
    kind: str = ""
    done: int = 0
    size: int = 0
    sha256: str = ""
    url: str = ""
    until: date | None = None
    trouble: str = ""
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExportsPage:
    """Packages taken out of the archive, newest first, with the instruction how to verify one."""

    rows: tuple[ExportRow, ...]
    search_url: str
    paging: Paging | None = None
    running: bool = False
    visit: VisitBar | None = None


@dataclass(frozen=True, kw_only=True)
class KeptPanel:
    """The panel of a document's card: its kept set."""

    status: Status
    keep_until: date
    url: str
    journalled: bool = False


@dataclass(frozen=True, kw_only=True)
class FailedPanel:
    """The panel of a document whose hand-over gave up; `retry_url` for those who may promise it anew."""

    status: Status
    retry_url: str
