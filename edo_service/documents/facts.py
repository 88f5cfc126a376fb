"""Facts of a document for people, read once from its file and kept beside the row (the file itself stays the truth)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edo_service.documents.titles import SellerTitle
from edo_service.formats.parties import Mark, Party, RussianAddress, TextAddress
from edo_service.formats.reading_trade import ReadingLine
from edo_service.formats.ukd_titles import Shift, UkdTitle
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


def facts_of_ukd(ukd: UkdTitle) -> DocumentFacts:
    """Facts of the seller's title of an УКД: what it corrects and by how much; the sums are differences, a fall is negative."""
    revised = f", исправление № {ukd.correction.number} от {ukd.correction.date:%d.%m.%Y}" if ukd.correction else ""
    name = _NAMES.get(ukd.function, "УКД")
    return DocumentFacts(
        number=ukd.number[:255],
        dated=ukd.date,
        title=f"{name} № {ukd.number[:300]} от {ukd.date:%d.%m.%Y}{revised}",
        function=ukd.function[:12],
        total=_money(_difference(ukd, "gross")),
        vat=_money(_difference(ukd, "tax")),
        currency=ukd.currency[:3],
        details={
            "file_id": ukd.file_id,
            "seller": {**_party(ukd.seller), "address": ukd.seller_address},
            "buyer": {**_party(ukd.buyer), "address": ukd.buyer_address},
            "basis": [],
            "lines": [_line(line) for line in ukd.lines],
            "corrected": [
                {"number": one.number[:255], "date": one.date.isoformat(), "revision": one.revision}
                for one in ukd.corrected
            ],
            "increase": _shift(ukd.increase),
            "decrease": _shift(ukd.decrease),
            "correction": _revised(ukd),
            "checked": ukd.checked,
        },
    )


def _revised(ukd: UkdTitle) -> dict[str, object] | None:
    """ИспрКСчФ, as `_correction` has ИспрДок."""
    found = ukd.correction
    return {"number": found.revision, "date": found.date.isoformat()} if found else None


def facts_of(title: SellerTitle) -> DocumentFacts:
    """Facts of a seller's title of either kind."""
    return facts_of_ukd(title) if isinstance(title, UkdTitle) else facts_of_upd(title)


def _difference(ukd: UkdTitle, name: str) -> Decimal | None:
    """What the document adds, less what it takes off; None where it states neither."""
    sums = [(1, ukd.increase), (-1, ukd.decrease)]
    told = [sign * amount for sign, shift in sums if shift is not None for amount in [getattr(shift, name)] if amount]
    return sum(told, Decimal(0)) if told else None


def _shift(shift: Shift | None) -> dict[str, object] | None:
    return None if shift is None else {"net": _text(shift.net), "vat": _text(shift.tax), "gross": _text(shift.gross)}


def _corrected(upd: UpdSeller) -> str:
    found = upd.correction
    return f", исправление № {found.number} от {found.date:%d.%m.%Y}" if found else ""


def _correction(upd: UpdSeller) -> dict[str, object] | None:
    """ИспрДок: the number and the day of a correction, the file it names; None for a document that corrects nothing."""
    found, file = upd.correction, upd.corrected_seller_file or ""
    return {"number": found.number, "date": found.date.isoformat(), "file": file} if found else None


_LARGEST = Decimal(2**63 // 100 - 1)
_NAMES = {"СЧФ": "Счёт-фактура", "СЧФДОП": "УПД", "ДОП": "УПД", "КСЧФ": "Корректировочный счёт-фактура"}


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


def _line(line: UpdLine | ReadingLine) -> dict[str, object]:
    """A line; of an УКД as it became."""
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
