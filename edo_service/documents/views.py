"""View models of the documents' screens; the templates lie in `templates/` beside."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from edo_service.web.views import (
    EMPTY_FORM,
    Applied,
    Choice,
    Deadline,
    Empty,
    Fact,
    FileItem,
    Filter,
    Folder,
    Form,
    Link,
    Paging,
    Panel,
    Status,
    Sum,
    TimelineEvent,
    Verdict,
)


@dataclass(frozen=True, kw_only=True)
class DocumentRow:
    """A line of the list. `status` is the one main chip (`web.statuses.main_status`)."""

    id: str
    title: str
    url: str
    subtitle: str
    counterparty: str
    inn: str
    sum: Sum | None
    status: Status
    deadline: Deadline | None = None
    unread: bool = False
    selected: bool = False


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """A verb for chosen rows: the button sends the form of the list to `url`. `{n}` in the label is the count."""

    label: str
    url: str
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """Documents of one folder. `folder` is todo, in, out, drafts or all; `total_sum` None when it makes no sense.

    `may_upload` shows the button; without `bulk` there are no boxes to tick.
    """

    folder: str
    folders: tuple[Folder, ...]
    rows: tuple[DocumentRow, ...]
    paging: Paging
    query: str = ""
    filters: tuple[Filter, ...] = ()
    more_filters: tuple[Filter, ...] = ()
    applied: tuple[Applied, ...] = ()
    reset_url: str = ""
    total_sum: Sum | None = None
    sort_url: str = ""
    sort: Literal["", "ascending", "descending"] = ""
    bulk: tuple[BulkAction, ...] = ()
    empty: Empty | None = None
    new_url: str = ""


@dataclass(frozen=True, kw_only=True)
class NewPage:
    """Upload of a УПД (XML) or of an agreed file of any kind. `counterparties` are those that exchange with us is possible with.

    Field names: kind (upd, contract), file, counterparty, name, number, day (ДД.ММ.ГГГГ), sum.
    """

    form: Form
    action: str
    kinds: tuple[Choice, ...]
    counterparties: tuple[Choice, ...]
    back_url: str
    findings: "Findings | None" = None


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One finding of the check: where (element's path in the file's own words, line) and what, in Russian."""

    path: str
    line: int | None
    message: str
    rule: str = ""
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the check found: violations stop the document, remarks do not."""

    file_name: str
    format: str
    violations: tuple[FindingRow, ...] = ()
    remarks: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MarkedRow:
    """A value of the file and what is wrong with it; `value` None when the file does not have it."""

    label: str
    name: str
    value: str | None
    violations: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkedGroup:
    """An element of the file with findings: where it is in words («Продавец → организация»), its line, its values."""

    title: str
    path: str
    line: int | None
    anchor: str
    rows: tuple[MarkedRow, ...]
    violations: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartyCard:
    """A side of the document. `notes` lead to what is wrong with it."""

    role: str
    name: str
    inn: str
    kpp: str = ""
    address: str = ""
    participant_id: str = ""
    url: str = ""
    notes: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A line of the invoice."""

    name: str
    details: str = ""
    quantity: str = ""
    price: Sum | None = None
    without_tax: Sum | None = None
    tax_rate: str = ""
    tax: Sum | None = None
    total: Sum | None = None
    notes: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The table of lines with its totals; `hidden` counts lines that are only in the full table."""

    rows: tuple[LineRow, ...]
    without_tax: Sum | None = None
    tax: Sum | None = None
    total: Sum | None = None
    hidden: int = 0
    all_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PageImage:
    """A page of the printed form as a picture; `text` is read to those who do not see it."""

    url: str
    number: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The printed form. `text_url` shows the same words as text, `large_url` the PDF.

    A file without pages is shown by its `words`, or they are asked for at `load_url`; `said` is an honest word about that.
    """

    pages: tuple[PageImage, ...] = ()
    pages_total: int = 0
    text_url: str = ""
    large_url: str = ""
    large_label: str = "Крупно, PDF"
    file_name: str = ""
    file_size: int = 0
    words: tuple[str, ...] = ()
    load_url: str = ""
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class PreviewPage:
    """A parsed УПД before it becomes a draft: `save_url` None when violations forbid it.

    `marked` are the places of the findings with their values, `more_marked` how many places are not shown.
    """

    title: str
    findings: Findings
    facts: tuple[Fact, ...]
    parties: tuple[PartyCard, ...]
    lines: Lines | None
    preview: Preview
    save_url: str = ""
    save_label: str = "Сохранить черновик"
    hidden: tuple[tuple[str, str], ...] = ()
    back_url: str = ""
    blocked: str = ""
    marked: tuple[MarkedGroup, ...] = ()
    more_marked: int = 0


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """The very bytes that are signed: nothing may change them afterwards."""

    file_name: str
    size: int
    sha256: str
    streebog256: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SigningWay:
    """A way to sign.

    `server`: the organisation's key on the server. `own`: the person's key kept here, opened by the PIN for this act
    (field `pin`). `upload`: signed elsewhere, the `.sig` is uploaded (field `signature`); `command` is ready to paste.
    `form` holds what was refused. `idempotency` is the key that makes a double press harmless (field `key`).
    """

    kind: Literal["server", "own", "upload"]
    title: str
    text: str
    action: str
    certificate: str = ""
    key_id: str = ""
    idempotency: str = ""
    command: str = ""
    form: Form = EMPTY_FORM


@dataclass(frozen=True, kw_only=True)
class SigningPanel:
    """The panel beside the document.

    Before the answer is chosen `frozen` is None and the button prepares the file to be signed (`prepare_url`, field
    `answer`); afterwards it leads to the page of signing (`sign_url`) and `answer` repeats in words what was chosen.
    `direct`, a way that needs nothing typed, opens as a dialog over the card.

    `blocked` says why signing is not possible yet; then there is no button. `form` holds what was refused (field
    `remark` of an answer with differences).
    """

    title: str
    company: str
    signer: str
    power: str = ""
    power_url: str = ""
    certificate: str = ""
    deadline: Deadline | None = None
    answers: tuple[Choice, ...] = ()
    answer: str = ""
    frozen: Frozen | None = None
    prepare_url: str = ""
    sign_url: str = ""
    sign_label: str = "Подписать и отправить"
    direct: SigningWay | None = None
    reject_url: str = ""
    clarify_url: str = ""
    change_url: str = ""
    blocked: str = ""
    blocked_link: Link | None = None
    form: Form = EMPTY_FORM


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the card stands in its folder: «1 из 12 · Следующий»."""

    folder: Link
    position: int = 0
    total: int = 0
    next_url: str = ""


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """A document's card.

    `tone` colours nothing: the chip does. `waiting` is what is said when the move is not the viewer's; `road` the
    timeline with its future steps; `refresh_seconds` > 0 lets htmx ask for the page's state while the machine works.
    """

    id: str
    title: str
    status: Status
    intro: str
    place: Placement
    facts: tuple[Fact, ...]
    road: tuple[TimelineEvent, ...]
    counterparty: Link | None = None
    other_statuses: tuple[Status, ...] = ()
    lines: Lines | None = None
    preview: Preview = field(default_factory=Preview)
    files: tuple[FileItem, ...] = ()
    signatures: tuple[Verdict, ...] = ()
    own_signature: str = ""
    signing: SigningPanel | None = None
    waiting: str = ""
    trouble: str = ""
    take_back_url: str = ""
    clear_doubt_url: str = ""
    reason: str = ""
    delete_url: str = ""
    download_url: str = ""
    protocol_url: str = ""
    panels: tuple[Panel, ...] = ()
    refresh_url: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class SignPage:
    """The page of signing: what, how much, for whom, the whole hash, the ways, what cannot be undone."""

    title: str
    document: Link
    company: str
    signer: str
    facts: tuple[Fact, ...]
    frozen: Frozen
    ways: tuple[SigningWay, ...]
    answer: str = ""
    undo: str = "Отменить подпись потом можно только аннулированием по согласию сторон."
    change_url: str = ""
    blocked: str = ""


@dataclass(frozen=True, kw_only=True)
class RejectPage:
    """Refusal of the signature: the reason goes to the counterparty (field `reason`, up to `limit` characters).

    With `frozen` the refusal is written already and is signed on this page by one of `ways`.
    """

    title: str
    document: Link
    counterparty: str
    form: Form
    action: str
    limit: int = 5000
    clarify: bool = False
    signer: str = ""


@dataclass(frozen=True, kw_only=True)
class TextPage:
    """The words of the printed form as text: for screen readers and for search in the page."""

    title: str
    document: Link
    sections: tuple[tuple[str, tuple[Fact, ...]], ...]
    lines: Lines | None = None
    words: tuple[str, ...] = ()
    more_words: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureReport:
    """All that the check of one signature said."""

    document: Link
    verdict: Verdict
    facts: tuple[Fact, ...]
    checks: tuple[tuple[str, Literal["passed", "failed", "unknown"], str], ...]
    checked_at: datetime
    valid_until: date | None = None
