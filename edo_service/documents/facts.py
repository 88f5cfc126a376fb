"""Facts of a document for people, read once from its file and kept beside the row (the file itself stays the truth)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edo_service.kernel.money import Money
from edo_service.formats.upd import Line, Party, UpdSeller


@dataclass(frozen=True, kw_only=True)
class DocumentFacts:
    """What lists, cards and the archive search show. """

    number: str
    dated: date
    title: str
    function: str | None
    total: Money | None
    vat: Money | None
    currency: str
    details: Mapping[str, object]


def _money(amount: Decimal | None) -> Money | None:
    """Roubles of the file as money; None stays None."""
    return None if amount is None else Money.rounded(amount)


def facts_of_upd(upd: UpdSeller) -> DocumentFacts:
    """Facts of the seller's title: parties, lines and sums as they stand in the file, nothing recomputed."""
    return DocumentFacts(
        number=upd.number,
        dated=upd.date,
        title=f"{_NAMES.get(upd.function, 'УПД')} № {upd.number} от {upd.date:%d.%m.%Y}",
        function=upd.function,
        total=_money(upd.totals.gross),
        vat=_money(upd.totals.vat),
        currency=upd.currency,
        details={
            "file_id": upd.file_id,
            "seller": _party(upd.seller),
            "buyer": _party(upd.buyer),
            "basis": [str(basis) for basis in upd.basis],
            "lines": [_line(line) for line in upd.lines],
            "net": _text(upd.totals.net),
        },
    )


_NAMES = {"СЧФ": "Счёт-фактура", "СЧФДОП": "УПД", "ДОП": "УПД (передаточный документ)"}


def _party(party: Party) -> dict[str, object]:
    return {"name": party.name, "inn": party.inn, "kpp": party.kpp, "address": party.address}


def _line(line: Line) -> dict[str, object]:
    return {
        "number": line.number,
        "name": line.name,
        "unit": line.unit_name,
        "quantity": _text(line.quantity),
        "price": _text(line.price),
        "net": _text(line.net),
        "rate": line.vat_rate,
        "vat": _text(line.vat),
        "gross": _text(line.gross),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
