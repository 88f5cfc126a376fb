"""Pieces that many forms share: a party's lines, signature lines, the marks of signatures, further facts of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.binding import MOSCOW
from edo_service.formats.engine.conditions import number
from edo_service.formats.printing.blocks import (
    Blank,
    Block,
    Cell,
    Row,
    Rows,
    SignatureLine,
    Space,
    StampBox,
    Stamps,
    Table,
    Text,
    Together,
    fitted,
)
from edo_service.formats.showing import date_of, money, person, plain_number

if TYPE_CHECKING:
    from edo_service.formats.printing import Stamp

EPOCH: Final = (1970, 1, 1)
SIGNED: Final = "подписано ЭП"
STAMP_TITLE: Final = "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ"


def stamps_of(stamps: Sequence[Stamp]) -> tuple[Block, ...]:
    """The marks of signatures at the end of a form, as the operators draw them."""
    if not stamps:
        return ()
    return (Stamps(boxes=tuple(StampBox(title=STAMP_TITLE, rows=tuple(_stamp_rows(one))) for one in stamps)),)


def _stamp_rows(stamp: Stamp) -> Iterator[tuple[str, str]]:
    yield stamp.side_ru, stamp.organization or "—"
    holder = ", ".join(part for part in (stamp.person, stamp.position) if part)
    if holder:
        yield "Владелец", holder
    if stamp.certificate:
        yield "Сертификат", stamp.certificate
    if stamp.valid_from and stamp.valid_until:
        yield "Действителен", f"с {day(stamp.valid_from)} по {day(stamp.valid_until)}"
    if stamp.power_of_attorney:
        yield "Доверенность", stamp.power_of_attorney
    if stamp.signed_at:
        yield "Подписано", moment(stamp.signed_at)
    if stamp.verdict_ru:
        yield "Проверка", stamp.verdict_ru


def day(at: dt.datetime) -> str:
    """The day in Moscow."""
    return at.astimezone(MOSCOW).strftime("%d.%m.%Y")


def moment(at: dt.datetime) -> str:
    """Day and minute in Moscow."""
    return at.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M МСК")


def signature_line(label: str, *values: tuple[str, str], room: float = 44.0) -> SignatureLine:
    """A label and places (what stands there, the words below)."""
    return SignatureLine(
        label=label, label_room=room, blanks=tuple(Blank(value=value, under=under) for value, under in values)
    )


def signed_by(label: str, position: str | None, name: str | None, *, signed: bool, room: float = 44.0) -> SignatureLine:
    """«Груз принял ____ (должность) ____ (подпись) ____ (расшифровка подписи)»."""
    return signature_line(
        label,
        (position or "", "(должность)"),
        (SIGNED if signed and name else "", "(подпись)"),
        (name or "", "(расшифровка подписи)"),
        room=room,
    )


def signers(document: etree._Element) -> list[tuple[str | None, str | None]]:
    """Position and name of everybody who signed, as the file says; forms of КС-2 wrap the signer once more."""
    found = []
    for holder in [
        *document.findall("Подписант"),
        *document.findall("ПодписантПодр/Подписант"),
        *document.findall("ПодписантЗак/Подписант"),
    ]:
        name = person(next(holder.iter("ФИО"), None))
        position = next(
            (text for node in holder.iter() for key in ("Должн", "Должность") if (text := node.get(key))), None
        )
        if name or position:
            found.append((position, name))
    return found


def first_signer(document: etree._Element | None) -> tuple[str | None, str | None]:
    """Position and name of the first signer."""
    return next(iter(signers(document)), (None, None)) if document is not None else (None, None)


def named(position: str | None, name: str | None) -> str:
    """«директор, Орлов Игорь Павлович»."""
    return ", ".join(part for part in (position, name) if part)


def entries(document: etree._Element, *paths: str) -> tuple[Block, ...]:
    """Further facts that the parties agreed upon (ИнфПол), as one block at the end."""
    rows = tuple(
        Row(label=node.get("Идентиф", ""), value=node.get("Значен") or node.get("Значение") or "")
        for path in paths
        for node in document.findall(path)
    )
    if not rows:
        return ()
    return (
        Space(height=2),
        Together(blocks=(Text(text="Дополнительные сведения", bold=True), Rows(rows=rows, mark=0, label=50))),
    )


def sum_of(text: str | None) -> str | None:
    """A sum in Russian writing, or the text as it is when it is no number; None stays None."""
    if text is None:
        return None
    found = number(text)
    return money(found) if found is not None else text


def quantity(text: str | None) -> str | None:
    """A quantity in Russian writing with the places it has."""
    if text is None:
        return None
    found = number(text)
    return plain_number(found) if found is not None else text


def total_of(texts: Iterable[str | None]) -> str | None:
    """The sum of the numbers there are; None when there is none."""
    found = [value for text in texts if text is not None and (value := number(text)) is not None]
    return money(sum(found[1:], found[0])) if found else None


def total_quantity(texts: Iterable[str | None]) -> str | None:
    """The sum of quantities there are; None when there is none."""
    found = [value for text in texts if text is not None and (value := number(text)) is not None]
    return plain_number(sum(found[1:], found[0])) if found else None


def numbered(name: str, number_: str | None, date: str | None) -> str:
    """«Акт № 5 от 1 июня 2026 г.»."""
    return f"{name} № {number_ or '—'} от {date or '—'}"


def made_on(element: etree._Element, *paths: str) -> tuple[int, int, int]:
    """The document's own day for the PDF's metadata; the epoch when the file names none."""
    found = date_of(element, *paths)
    return (found.year, found.month, found.day) if found else EPOCH


def who_acted(holder: etree._Element | None) -> tuple[str | None, str | None]:
    """Position and name of a person who handed over or received: a worker, a representative or a natural person."""
    if holder is None:
        return None, None
    found = next((node for node in holder.iter(etree.Element) if node.find("ФИО") is not None), None)
    return (found.get("Должность"), person(found.find("ФИО"))) if found is not None else (None, None)


def who_is(person_: etree._Element | None) -> tuple[str | None, str | None]:
    """Position and name of an official."""
    if person_ is None:
        return None, None
    return person_.get("Должность"), person(person_.find("ФИО"))


def codes_box(*rows: tuple[str, str | None]) -> Table:
    """The box «Коды» at the right of a unified form: what, and its code."""
    widths = (38.0, 24.0)
    cells = [
        (Cell(text=label, align="right", border=False), Cell(text=value or "", align="center")) for label, value in rows
    ]
    return Table(
        widths=widths,
        head=(),
        marks=(),
        rows=fitted(widths, [(Cell(border=False), Cell(text="Коды", align="center", bold=True)), *cells], size=6.3),
        size=6.3,
    )
