"""View models of the exchange's screens; the templates lie in `templates/` beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edo_service.web.views import (
    EMPTY_FORM,
    Applied,
    Choice,
    Deadline,
    Empty,
    Fact,
    Filter,
    Folder,
    Form,
    Link,
    Paging,
    Status,
)


@dataclass(frozen=True, kw_only=True)
class RouteCard:
    """A way documents travel: an operator's box or the direct route.

    `check_url`, `on_url`, `renew_url` take a POST; `continue_link` leads to the set-up that is not finished, `off_url` to
    the question. `receipts`: how what comes in is acknowledged, `receipts_url` where that is changed.
    """

    name: str
    status: Status
    text: str
    box: str = ""
    participant_id: str = ""
    login: str = ""
    checked_at: datetime | None = None
    received_at: datetime | None = None
    trace_id: str = ""
    check_url: str = ""
    off_url: str = ""
    on_url: str = ""
    renew_url: str = ""
    renew_label: str = ""
    continue_link: Link | None = None
    receipts: str = ""
    receipts_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ReceiptsPage:
    """How a box acknowledges what comes in; `able`: whether its operator carries universal messages.

    `keyless`: the company has no automatic key, which a notice (ИоП) needs.
    """

    name: str
    participant_id: str
    action: str
    back_url: str
    choices: tuple[Choice, ...]
    able: bool
    keyless: bool = False
    form: Form = EMPTY_FORM


@dataclass(frozen=True, kw_only=True)
class ExchangePage:
    """«Настройки ЭДО»: the routes, how the queue stands, and where a new operator is connected."""

    routes: tuple[RouteCard, ...]
    queue: Status
    queue_text: str
    queue_url: str
    counterparties_url: str
    set_up_url: str
    off: Status | None = None
    empty: bool = False
    form: Form = EMPTY_FORM


@dataclass(frozen=True, kw_only=True)
class SwitchOffPage:
    """The question before a connection is switched off. `unfinished`: how much of each kind, in words, and where it stands."""

    name: str
    participant_id: str
    unfinished: Sequence[tuple[str, str]]
    action: str
    back_url: str
    closing: bool = False


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """What happened to a set-up or a relation."""

    at: datetime
    text: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A participant found at an operator. `value` names it in the form; `state` is how we stand already."""

    value: str
    name: str
    inn: str
    kpp: str
    participant_id: str
    operator: str
    roaming: bool = False
    status: Status | None = None
    selected: bool = False


@dataclass(frozen=True, kw_only=True)
class CounterpartyRow:
    """A line of «Контрагенты»; `accept_url` takes a POST, `card_url` leads to everything else."""

    name: str
    inn: str
    kpp: str
    route: str
    participant_id: str
    status: Status
    note: str = ""
    letter: str = ""
    card_url: str = ""
    accept_url: str = ""
    reject_url: str = ""
    documents_url: str = ""


@dataclass(frozen=True, kw_only=True)
class CounterpartiesPage:
    """The list of counterparties by state; `find_url` searches at the operators for what was typed."""

    rows: tuple[CounterpartyRow, ...]
    paging: Paging
    folders: tuple[Folder, ...] = ()
    query: str = ""
    filters: tuple[Filter, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    applied: tuple[Applied, ...] = ()
    empty: Empty | None = None
    invite_url: str = ""
    import_url: str = ""
    find_url: str = ""


@dataclass(frozen=True, kw_only=True)
class FindPage:
    """Search at the operators and the invitation of one that was found."""

    form: Form
    accounts: tuple[Choice, ...]
    action: str
    invite_action: str
    back_url: str
    searched: bool = False
    hits: tuple[Hit, ...] = ()
    implicit: str = ""
    enclosure: bool = False
    operator: str = ""
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """An act about a relation as a form: its button, what it means, whether it is irreversible."""

    act: str
    title: str
    text: str
    button: str
    action: str
    danger: bool = False
    primary: bool = False
    letter: bool = True


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """An act of ours: what, when, by whom, what the operator said."""

    at: datetime
    what: str
    by: str
    letter: str = ""
    trouble: str = ""
    trace_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RelationPage:
    """A counterparty's card at one operator."""

    name: str
    status: Status
    note: str
    facts: tuple[Fact, ...]
    acts: tuple[ActForm, ...]
    steps: tuple[StepRow, ...]
    history: tuple[HistoryLine, ...]
    back_url: str
    documents_url: str = ""
    letter_in: str = ""
    letter_out: str = ""
    form: Form = EMPTY_FORM
    blank: Form = EMPTY_FORM
    refused_act: str = ""
    refresh_url: str = ""
    blocked: str = ""


@dataclass(frozen=True, kw_only=True)
class EarlierBatch:
    """A list that was brought before: what became of it in numbers, and the way to its report."""

    report: Link
    at: datetime
    by: str
    rows: int
    invited: int
    attention: int
    waiting: int


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    """«Пригласить списком»: the file and through which operator; below, the newest lists brought before."""

    form: Form
    accounts: tuple[Choice, ...]
    action: str
    back_url: str
    blocked: str = ""
    earlier: tuple[EarlierBatch, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """One line of the list and what became of it."""

    number: int
    inn: str
    kpp: str
    name: str
    status: Status
    reason: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchPage:
    """The report of a list, row by row."""

    file_name: str
    by: str
    at: datetime
    rows: tuple[BatchRow, ...]
    folders: tuple[Folder, ...]
    total: int
    done: int
    back_url: str
    download_url: str
    refresh_url: str = ""


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """Something that waits or has failed. `reason` says in Russian what happened and what to do; `answer` is raw."""

    about: Link | None
    title: str
    what: str
    tries: int
    since: datetime | None
    next_at: datetime | None
    status: Status
    reason: str = ""
    answer: str = ""
    trace_id: str = ""
    retry_id: str = ""


@dataclass(frozen=True, kw_only=True)
class OddRow:
    """News that was not understood."""

    id: str
    at: datetime
    operator: str
    kinds: str
    reason: str
    message_id: str
    raw: str
    document: Link | None = None


@dataclass(frozen=True, kw_only=True)
class OverdueRow:
    """A document whose deadline has come or is near."""

    document: Link
    counterparty: str
    what: str
    due: Deadline


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """«Очередь»: what waits, what failed and why, deadlines, news that was not understood."""

    folders: tuple[Folder, ...]
    rows: tuple[QueueRow, ...]
    overdue: tuple[OverdueRow, ...]
    odd: tuple[OddRow, ...]
    silent: tuple[RouteCard, ...]
    paging: Paging
    empty: Empty
    retry_url: str
    settle_url: str
    back_url: str
    shown_at: datetime


@dataclass(frozen=True, kw_only=True)
class HeldPanel:
    """An answer that the operator refused and that is kept, on the document's card; no `action` for who may not send it."""

    title: str
    text: str
    reason: str
    kept: str
    trace_id: str = ""
    action: str = ""


@dataclass(frozen=True, kw_only=True)
class AnnulmentPanel:
    """How an annulment stands, on the document's card; `url` leads to the page where it is decided.

    `signatures`: whose word it is, the power that its signature rests on, what speaks against it; empty when nothing is to say.
    """

    status: Status | None
    text: str
    reason: str = ""
    answer: str = ""
    trouble: str = ""
    trace_id: str = ""
    signatures: tuple[tuple[str, str, str], ...] = ()
    url: str = ""
    label: str = ""
    todo: bool = False


@dataclass(frozen=True, kw_only=True)
class AnnulmentPage:
    """The page where an annulment is proposed or answered, with the key that signs.

    `doubt`: what speaks against the proposal's signature; `refusal_only`: it proved bad, so it cannot be agreed to.
    """

    title: str
    counterparty: str
    answering: bool
    action: str
    back_url: str
    key: str
    pin_needed: bool
    reason: str = ""
    proposal: str = ""
    blocked: str = ""
    doubt: str = ""
    refusal_only: bool = False
    form: Form = EMPTY_FORM


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Another document that this one is tied to: «Исправляет», «Исправлен, см.» and its link (no `url`: it is not here)."""

    word: str
    link: Link


@dataclass(frozen=True, kw_only=True)
class CorrectionPanel:
    """What a document corrects or is replaced by, what the request says (`asked`), and what may be done (`url`)."""

    status: Status | None
    text: str
    asked: str = ""
    references: tuple[Reference, ...] = ()
    url: str = ""
    label: str = ""
    todo: bool = False
