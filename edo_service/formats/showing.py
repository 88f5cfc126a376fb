"""Reading for people: values of a file as Russian words, tolerant of versions and of mistakes.

Nothing here is a default: what a file does not say is None, what is not a number stays as text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.engine.conditions import first, number, values
from edo_service.formats.engine.values import to_date
from edo_service.formats.regions import region_of

NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Side:
    """A party as people read it."""

    name: str | None
    inn: str | None
    kpp: str | None
    address: str | None

    @property
    def inn_kpp(self) -> str:
        """ИНН / КПП, as the printed form has it."""
        return " / ".join(part for part in (self.inn, self.kpp) if part)

    @property
    def name_and_address(self) -> str:
        """The name with the address after a comma."""
        return ", ".join(part for part in (self.name, self.address) if part)


def any_of(element: etree._Element, *paths: str) -> str | None:
    """The first value that is there, of several paths (versions name things differently)."""
    return next((found for path in paths if (found := first(element, path)) is not None), None)


def money_of(element: etree._Element, *paths: str) -> Decimal | None:
    """The first number found at the paths."""
    text = any_of(element, *paths)
    return None if text is None else number(text)


def date_of(element: etree._Element, *paths: str) -> dt.date | None:
    """The first date found at the paths; None for what is no date."""
    text = any_of(element, *paths)
    try:
        return None if text is None else to_date(text)
    except ValueError:
        return None


def person(element: etree._Element | None) -> str | None:
    """Фамилия Имя Отчество of an element ФИО."""
    if element is None:
        return None
    return " ".join(part for name in ("Фамилия", "Имя", "Отчество") if (part := element.get(name))) or None


def side(party: etree._Element | None) -> Side | None:
    """A party of УПД, УКД and their like: УчастникТип of any version."""
    if party is None:
        return None
    identity = party.find("ИдСв")
    holder = next(identity.iterchildren(etree.Element), None) if identity is not None else None
    if holder is None:
        named_only = party.find("НаимГОП")  # a consignor or consignee of 93@: a name and nothing else
        name = (first(named_only, "НаимОрг") or person(named_only.find("ФИОИП"))) if named_only is not None else None
        return Side(name=name, inn=None, kpp=None, address=address(party.find("Адрес")))
    inner = [holder, *holder.iterchildren(etree.Element)]  # some versions wrap the facts once more
    found_name = next((text for node in inner for key in ("НаимОрг", "Наим") if (text := node.get(key))), None)
    named = person(
        next((found for node in inner for tag in ("ФИО", "ФИОИП") if (found := node.find(tag)) is not None), None)
    )
    if named and (holder.tag == "СвИП" or holder.find("ФИОИП") is not None):
        named = f"ИП {named}"
    return Side(
        name=found_name or named or holder.get("ИныеСвед"),
        inn=next((text for node in inner for key in ("ИННЮЛ", "ИННФЛ") if (text := node.get(key))), None),
        kpp=next((text for node in inner if (text := node.get("КПП"))), None),
        address=address(party.find("Адрес")),
    )


def requisites(party: etree._Element | None) -> str | None:
    """A party in one line as primary documents have it: name, ИНН/КПП, address, contacts, bank."""
    found = side(party)
    if party is None or found is None:
        return None
    bank = party.find("БанкРекв")
    account = bank.get("НомерСчета") if bank is not None else None
    parts = (
        found.name,
        f"ИНН/КПП {found.inn_kpp}" if found.inn_kpp else None,
        found.address,
        any_of(party, "@СтруктПодр"),
        f"тел. {phone}" if (phone := any_of(party, "Контакт/@Тлф", "Контакт/Тлф")) else None,
        f"счёт {account}" if account else None,
        any_of(party, "БанкРекв/СвБанк/@НаимБанк"),
        f"БИК {bik}" if (bik := any_of(party, "БанкРекв/СвБанк/@БИК")) else None,
        f"корр. счёт {corr}" if (corr := any_of(party, "БанкРекв/СвБанк/@КорСчет")) else None,
    )
    return ", ".join(part for part in parts if part) or None


def address(holder: etree._Element | None) -> str | None:
    """An address in one line, of any of its three forms."""
    if holder is None:
        return None
    inside = next(holder.iterchildren(etree.Element), None)
    if inside is None:
        return None
    if inside.tag in {"АдрИнф", "АдрИно"}:
        parts: Iterator[str | None] = iter((any_of(inside, "@НаимСтран"), inside.get("АдрТекст")))
    elif inside.tag == "КодГАР":
        parts = iter((f"код ГАР {inside.text}" if inside.text else None,))
    elif inside.tag == "АдрТекст":
        parts = iter((inside.text,))
    elif inside.tag == "АдрГАР":
        parts = _registry(inside)
    else:
        parts = _russian(inside)
    return ", ".join(part for part in parts if part) or None


def _russian(place: etree._Element) -> Iterator[str | None]:
    yield place.get("Индекс")
    region = place.get("НаимРегион") or region_of(place.get("КодРегион"))
    city = place.get("Город")
    yield region if city is None or region is None or city not in region else None  # Москва is a region and a city
    for name in ("Район", "Город", "НаселПункт", "Улица"):
        yield place.get(name)
    for name, word in (("Дом", "д."), ("Корпус", "корп."), ("Кварт", "кв./офис")):
        text = place.get(name)
        if text:
            yield (
                text
                if any(mark in text.lower() for mark in ("дом", "д.", "корп", "кв", "оф", "пом"))
                else f"{word} {text}"
            )
    yield place.get("ИныеСвед")


def _registry(place: etree._Element) -> Iterator[str | None]:
    yield place.get("Индекс")
    yield first(place, "НаимРегион")
    for name in ("МуниципРайон", "ГородСелПоселен"):
        yield first(place, f"{name}/@Наим")
    for name, kind in (("НаселенПункт", "@Вид"), ("ЭлПланСтруктур", "@Тип"), ("ЭлУлДорСети", "@Тип")):
        yield _joined(place.find(name), kind, "@Наим")
    for name in ("Здание", "ПомещЗдания", "ПомещКвартиры"):
        for node in place.findall(name):
            yield _joined(node, "@Тип", "@Номер")


def _joined(node: etree._Element | None, *paths: str) -> str | None:
    if node is None:
        return None
    return " ".join(text for path in paths if (text := first(node, path))) or None


def reference(document: etree._Element) -> str:
    """A referenced document: «Договор лизинга № Л-2024/118 от 15.03.2024»."""
    title = any_of(document, "@РеквНаимДок", "@НаимОсн", "@НаимДокОтгр")
    number_ = any_of(document, "@РеквНомерДок", "@НомОсн", "@НомДокОтгр")
    day = any_of(document, "@РеквДатаДок", "@ДатаОсн", "@ДатаДокОтгр")
    return " ".join(part for part in (title, f"№ {number_}" if number_ else None, f"от {day}" if day else None) if part)


def rate_of(line: etree._Element, name: str = "НалСт") -> str | None:
    """A tax rate: an attribute, or in the invoices of 2012 an element with a value and its type."""
    told = line.get(name)
    if told is not None:
        return told
    value, kind = first(line, f"{name}/@НалСтВел"), first(line, f"{name}/@НалСтТип")
    return f"{value}%" if value is not None and kind == "процент" else value


def texts(element: etree._Element, path: str) -> list[str]:
    """All values at a path."""
    return list(values(element, path))


def plain_number(value: Decimal | None, *, least_places: int = 0) -> str | None:
    """1 234,5: Russian writing, as many places as the number has and not fewer than asked."""
    if value is None:
        return None
    sign, digits, exponent = value.as_tuple()
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    del sign, digits
    shown = f"{value:,.{max(places, least_places)}f}"
    whole, point, fraction = shown.partition(".")
    if len(fraction) > least_places:
        fraction = fraction.rstrip("0").ljust(least_places, "0")
        point = "." if fraction else ""
    return whole.replace(",", NARROW_SPACE).replace("-", "−") + ("," + fraction if point else "")


def money(value: Decimal | None) -> str | None:
    """1 234,50."""
    return plain_number(value, least_places=2)


def long_date(day: dt.date | None) -> str | None:
    """17 ноября 2026 г."""
    if day is None:
        return None
    return f"{day.day}{NO_BREAK_SPACE}{MONTHS[day.month - 1]} {day.year}{NO_BREAK_SPACE}г."
