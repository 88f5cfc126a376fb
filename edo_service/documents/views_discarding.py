"""What the page shows that asks whether a draft shall be deleted."""

from dataclasses import dataclass

from edo_service.web.views import Link


@dataclass(frozen=True, kw_only=True)
class UnwantedRow:
    """A draft that would go, or a document that stays: `obstacle` says why. `note`: what becomes of what it was to correct."""

    id: str
    title: str
    url: str
    counterparty: str
    note: str = ""
    obstacle: str = ""


@dataclass(frozen=True, kw_only=True)
class DiscardPage:
    """One draft or several. The form sends `id` for each of `rows` to `action`; without rows there is nothing to confirm."""

    back: Link
    rows: tuple[UnwantedRow, ...]
    kept: tuple[UnwantedRow, ...]
    action: str
