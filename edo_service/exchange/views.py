"""View models of the exchange's settings; the templates lie in `templates/` beside."""

from dataclasses import dataclass
from datetime import datetime

from edo_service.web.views import EMPTY_FORM, Form, Link, Status


@dataclass(frozen=True, kw_only=True)
class RouteCard:
    """A way documents travel: an operator's box or the direct route. `since` is when it stopped answering."""

    name: str
    status: Status
    text: str
    box: str = ""
    participant_id: str = ""
    login: str = ""
    checked_at: datetime | None = None
    received_at: datetime | None = None
    check_url: str = ""


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """Something that waits to be sent or asked, with the number of tries."""

    document: Link
    what: str
    tries: int
    next_at: datetime | None
    status: Status
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ExchangePage:
    """«Настройки ЭДО»: the routes, what stands in the queue, and the form of a new connection (without `connect_url` none).

    Fields: participant_id, login, password, client_id.
    """

    routes: tuple[RouteCard, ...]
    queue: tuple[QueueRow, ...]
    counterparties_url: str
    connect_url: str = ""
    form: Form = EMPTY_FORM
