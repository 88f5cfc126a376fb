"""Facts of a document for people, read once from its file and kept beside the row (the file itself stays the truth)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edo_service.formats.parties import Mark, Party, RussianAddress, TextAddress
from edo_service.formats.upd import UpdLine, UpdSeller
from edo_service.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class DocumentFacts:
    """What lists, cards and the archive search show."""

    number: str
    dated: date
    title: str
    function: str | None
    total: Money | None
    vat: Money | None
    currency: str
    details: Mapping[str, object]


def facts_of_upd(upd: UpdSeller) -> DocumentFacts:
    """Facts of the seller's title: parties, lines and sums as they stand in the file, nothing recomputed.

    What is longer than its column is cut: lists show it, the file stays the truth.
    """
    function, totals = str(upd.function), upd.totals
    return DocumentFacts(
        number=upd.number[:255],
        dated=upd.date,
        title=f"{_NAMES.get(function, 'УПД')} № {upd.number[:300]} от {upd.date:%d.%m.%Y}{_corrected(upd)}",
        function=function,
        total=_money(totals.gross) if totals else None,
        vat=_money(totals.tax) if totals else None,
        currency=upd.currency.code,
        details={
            "file_id": upd.file_id,
            "seller": _party(upd.seller),
            "buyer": _party(upd.buyer),
            "basis": [f"{item.title} № {item.number} от {item.date:%d.%m.%Y}" for item in upd.basis],
            "lines": [_line(line) for line in upd.lines],
            "net": _text(totals.net) if totals else None,
            "correction": _correction(upd),
        },
    )


def _corrected(upd: UpdSeller) -> str:
    found = upd.correction
    return f", исправление № {found.number} от {found.date:%d.%m.%Y}" if found else ""


def _correction(upd: UpdSeller) -> dict[str, object] | None:
    """ИспрДок: the number and the day of a correction; None for a document that corrects nothing."""
    found = upd.correction
    return {"number": found.number, "date": found.date.isoformat()} if found else None


_LARGEST = Decimal(2**63 // 100 - 1)
_NAMES = {"СЧФ": "Счёт-фактура", "СЧФДОП": "УПД", "ДОП": "УПД"}


def _money(amount: Decimal | Mark | None) -> Money | None:
    """Roubles of the file as money; None where there is no sum («без НДС» too) or one that no column holds."""
    if not isinstance(amount, Decimal) or abs(amount) > _LARGEST:
        return None
    return Money.rounded(amount)


def _party(party: Party) -> dict[str, object]:
    return {"name": party.name, "inn": party.inn, "kpp": party.kpp, "address": _address(party)}


def _address(party: Party) -> str:
    place = party.address.place if party.address else None
    if isinstance(place, TextAddress):
        return place.text
    if isinstance(place, RussianAddress):
        parts = (place.postcode, place.region, place.district, place.city, place.settlement, place.street, place.house)
        return ", ".join(part for part in (*parts, place.building, place.flat, place.other) if part)
    return ""


def _line(line: UpdLine) -> dict[str, object]:
    return {
        "number": line.number,
        "name": line.name,
        "unit": line.unit,
        "quantity": _text(line.quantity),
        "price": _text(line.price),
        "net": _text(line.net),
        "rate": line.rate,
        "vat": _text(line.tax),
        "gross": _text(line.gross),
    }


def _text(value: Decimal | Mark | None) -> str | None:
    return format(value, "f") if isinstance(value, Decimal) else None
