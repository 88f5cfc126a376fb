"""Акт о передаче результатов работ (оказании услуг): the file of order ММВ-7-10/552@. The paper form is the parties' own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.conditions import first, number
from edo_service.formats.printing.blocks import (
    PORTRAIT_ROOM,
    Beside,
    Block,
    Cell,
    Form,
    Heading,
    Row,
    Rows,
    Space,
    Table,
    Text,
    Together,
    code,
    figure,
    fitted,
    head,
    words,
)
from edo_service.formats.printing.pieces import (
    entries,
    first_signer,
    made_on,
    quantity,
    signed_by,
    stamps_of,
    sum_of,
)
from edo_service.formats.printing.wording import roubles
from edo_service.formats.showing import any_of, date_of, long_date, reference, requisites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (8.0, 52.0, 14.0, 11.0, 15.0, 18.0, 20.0, 12.0, 17.0, 21.0)
MARKS: Final = tuple(str(mark) for mark in range(1, 11))
_HEAD: Final = (
    (
        head("№ п/п", down=2),
        head("Наименование работ (услуг)", down=2),
        head("Единица измерения", span=2),
        head("Количество", down=2),
        head("Цена", down=2),
        head("Стоимость без учёта НДС", down=2),
        head("НДС", span=2),
        head("Стоимость с учётом НДС", down=2),
    ),
    (head("наимено\u00adвание"), head("код"), head("ставка"), head("сумма")),
)


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The contractor's title; the acceptance from the customer's."""
    facts = root.find("Документ/СвДокПРУ")
    if facts is None:
        raise ValueError("no СвДокПРУ")
    number_ = first(facts, "ИдентДок/@НомДокПРУ")
    name = first(facts, "НаимДок/@НаимДокОпр") or "Акт"
    date = long_date(date_of(facts, "ИдентДок/@ДатаДокПРУ"))
    amended = facts.find("ИспрДокПРУ")
    note: tuple[Block, ...] = ()
    if amended is not None:
        text = f"Исправление № {amended.get('НомИспрДокПРУ', '—')} от {amended.get('ДатаИспрДокПРУ', '—')}"
        note = (Text(text=text, bold=True),)
    deed = facts.find("СодФХЖ1")
    blocks = (
        Heading(text=f"{name} № {number_ or '—'} от {date or '—'}", size=13),
        *note,
        *_preamble(deed),
        Rows(label=30, mark=0, rows=tuple(_parties(facts))),
        Space(height=2),
        *_works(deed),
        *_total_words(deed),
        Space(height=1),
        Together(blocks=_hands(root, answer, signed=bool(stamps))),
        *entries(facts, "СодФХЖ1/ИнфПолФХЖ1/ТекстИнф"),
        *stamps_of(stamps),
    )
    return Form(
        title=f"{name} № {number_ or '—'}",
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        size=8,
        margins=(12.0, 11.0, 15.0, 11.0),
        day=made_on(facts, "ИдентДок/@ДатаДокПРУ"),
    )


def _preamble(deed: etree._Element | None) -> Iterator[Block]:
    """Who met and what they state: acts before 2016 say it in words of their own."""
    text = deed.findtext("Заголовок") if deed is not None else None
    if text:
        yield Text(text=text)


def _parties(facts: etree._Element) -> Iterator[Row]:
    deed = facts.find("СодФХЖ1")
    if deed is None:
        return
    yield Row(label="Исполнитель", value=requisites(deed.find("Исполнитель")) or "—")
    yield Row(label="Заказчик", value=requisites(deed.find("Заказчик")) or "—")
    yield Row(label="Основание", value="; ".join(reference(node) for node in deed.findall("Основание")) or "—")
    currency = ", ".join(part for part in (first(facts, "ДенИзм/@НаимОКВ"), first(facts, "ДенИзм/@КодОКВ")) if part)
    yield Row(label="Валюта", value=currency or "—")
    contract = first(deed, "ИдГосКон")
    if contract:
        yield Row(label="Идентификатор гос. контракта", value=contract)


def _works(deed: etree._Element | None) -> Iterator[Block]:
    for part in deed.findall("ОписРабот") if deed is not None else ():
        start, end = part.get("НачРабот"), part.get("КонРабот")
        if start or end:
            yield Text(text=f"Период выполнения работ (оказания услуг): с {start or '—'} по {end or '—'}")
        total = (
            Cell(text="Итого", span=6, align="right", bold=True),
            figure(sum_of(part.get("СтБезНДСИт")), bold=True),
            Cell(text="Х", align="center"),
            figure(sum_of(part.get("СумНДСИт")), bold=True),
            figure(sum_of(part.get("СтУчНДСИт")), bold=True),
        )
        rows = [*(_row(line) for line in part.findall("Работа")), total]
        scale = (PORTRAIT_ROOM + 10) / sum(WIDTHS)
        widths = tuple(width * scale for width in WIDTHS)
        yield Table(
            widths=widths, head=_HEAD, marks=MARKS, rows=fitted(widths, rows, size=7.4), size=7.4, head_size=6.4
        )


def _row(line: etree._Element) -> tuple[Cell, ...]:
    described = first(line, "Описание")
    name = line.get("НаимРабот")
    return (
        code(line.get("Номер")),
        words(name or described, *([described] if name and described else [])),
        code(line.get("НаимЕдИзм")),
        code(line.get("ОКЕИ")),
        figure(quantity(line.get("Количество"))),
        figure(sum_of(line.get("Цена"))),
        figure(sum_of(line.get("СтоимБезНДС"))),
        code(line.get("НалСт")),
        figure(sum_of(line.get("СумНДС"))),
        figure(sum_of(line.get("СтоимУчНДС"))),
    )


def _total_words(deed: etree._Element | None) -> Iterator[Block]:
    found = [number(part.get("СтУчНДСИт", "")) for part in deed.findall("ОписРабот")] if deed is not None else []
    sums = [one for one in found if one is not None]
    if sums:
        yield Text(text=f"Всего выполнено работ (оказано услуг) на сумму: {roubles(sum(sums[1:], sums[0]))}")


def _hands(root: etree._Element, answer: etree._Element | None, *, signed: bool) -> tuple[Block, ...]:
    given = root.find("Документ/СодФХЖ2")
    taken = answer.find("СодФХЖ3/РезПринял") if answer is not None else None
    left = (
        Text(text="ИСПОЛНИТЕЛЬ", bold=True),
        Rows(
            label=32,
            mark=0,
            rows=(
                Row(label="Содержание операции", value=_at(given, "@СодОпер")),
                Row(label="Дата передачи", value=_at(given, "@ДатаПер")),
                Row(label="Передача вещи", value=_at(given, "СвПерВещи/@СвПерВещ")),
            ),
        ),
        signed_by("Сдал", *first_signer(root.find("Документ")), signed=signed, room=14),
    )
    right = (
        Text(text="ЗАКАЗЧИК", bold=True),
        Rows(
            label=32,
            mark=0,
            rows=(
                Row(label="Содержание операции", value=_at(taken, "@СодОпер")),
                Row(label="Дата приёмки", value=_at(taken, "@ДатаПрием")),
                Row(
                    label="Получение вещи",
                    value=_at(taken.getparent() if taken is not None else None, "СвПолВещи/@СвПол"),
                ),
            ),
        ),
        signed_by("Принял", *first_signer(answer), signed=signed, room=14),
    )
    return (Beside(widths=(0, 0), gap=8, rule=True, parts=(left, right)),)


def _at(element: etree._Element | None, path: str) -> str:
    return (any_of(element, path) if element is not None else None) or "—"
