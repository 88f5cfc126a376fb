"""View models of counterparties; the templates lie in `templates/` beside."""

from dataclasses import dataclass

from edo_service.web.views import Applied, Empty, Folder, Paging, Status


@dataclass(frozen=True, kw_only=True)
class CounterpartyRow:
    """A counterparty: the way documents go (operator or directly), its participant's id, the state of exchange."""

    name: str
    inn: str
    kpp: str
    route: str
    participant_id: str
    status: Status
    note: str = ""
    documents_url: str = ""


@dataclass(frozen=True, kw_only=True)
class CounterpartiesPage:
    """The list of counterparties."""

    rows: tuple[CounterpartyRow, ...]
    paging: Paging
    query: str = ""
    folders: tuple[Folder, ...] = ()
    applied: tuple[Applied, ...] = ()
    empty: Empty | None = None
