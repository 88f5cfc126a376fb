"""Акт о приёмке выполненных работ КС-2 (ОКУД 0322005, постановление Госкомстата 11.11.1999 № 100), order ЕД-7-26/691@."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.conditions import first
from edo_service.formats.printing.blocks import (
    Beside,
    Block,
    Cell,
    Form,
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
    codes_box,
    entries,
    first_signer,
    made_on,
    quantity,
    signed_by,
    stamps_of,
    sum_of,
)
from edo_service.formats.showing import any_of, requisites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (11.0, 17.0, 66.0, 20.0, 17.0, 17.0, 19.0, 21.0)
MARKS: Final = tuple(str(mark) for mark in range(1, 9))
_HEAD: Final = (
    (
        head("Номер", span=2),
        head("Наименование работ", down=2),
        head("Номер единичной расценки", down=2),
        head("Единица измерения", down=2),
        head("Выполнено работ", span=3),
    ),
    (
        head("по порядку"),
        head("позиции по смете"),
        head("количество"),
        head("цена за единицу, руб."),
        head("стоимость, руб."),
    ),
)
_APPROVED: Final = "Унифицированная форма № КС-2. Утверждена постановлением Госкомстата России от 11.11.99 № 100"


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The contractor's title; the acceptance from the customer's."""
    facts, document = root.find("Документ/СвАктСдПр"), root.find("Документ")
    if facts is None or document is None:
        raise ValueError("no СвАктСдПр")
    number_ = facts.get("НомерДок")
    blocks = (
        Text(text=_APPROVED, size=6, align="right", grey=True),
        Beside(widths=(0, 62), gap=4, parts=((Rows(label=30, mark=0, rows=tuple(_parties(facts))),), (_codes(facts),))),
        Space(height=2),
        _title(facts, document),
        Text(
            text=f"Сметная (договорная) стоимость в соответствии с договором подряда (субподряда): {_estimate(document)} руб."
        ),
        _table(document),
        Space(height=2),
        Together(blocks=_hands(document, answer, signed=bool(stamps))),
        *entries(document, "СвАктСдПр/ИнфПолФХЖ1/ТекстИнф"),
        *stamps_of(stamps),
    )
    return Form(
        title=f"Акт о приёмке выполненных работ № {number_ or '—'}",
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        size=7.6,
        margins=(10.0, 11.0, 15.0, 11.0),
        day=made_on(facts, "@ДатаДок"),
    )


def _parties(facts: etree._Element) -> Iterator[Row]:
    under = "(организация, адрес, телефон, факс)"
    built = facts.find("ОсновСтроит")
    yield Row(label="Инвестор", value=_maker(built, "ИдИнвСтр") or "—", under=under)
    yield Row(label="Заказчик (Генподрядчик)", value=requisites(facts.find("СвЗак/СвСторДог")) or "—", under=under)
    yield Row(label="Подрядчик (Субподрядчик)", value=requisites(facts.find("СвПодр/СвСторДог")) or "—", under=under)
    place = first(facts, "МестВыпРаб/АдрИнф/@АдрТекст")
    yield Row(label="Стройка", value=place or "—", under="(наименование, адрес)")
    yield Row(label="Объект", value=facts.get("НаимОб") or "—", under="(наименование)")


def _maker(built: etree._Element | None, name: str) -> str | None:
    return any_of(built, *(f"{name}/{tag}" for tag in ("ИННЮЛ", "ИННФЛ", "НаимОИВ"))) if built is not None else None


def _codes(facts: etree._Element) -> Block:
    contract = facts.find("ИдДог/ТипИдДок")

    def okpo(path: str) -> str | None:
        return first(facts, f"{path}/СвСторДог/@ОКПО")

    return codes_box(
        ("Форма по ОКУД", "0322005"),
        ("инвестор по ОКПО", None),
        ("заказчик по ОКПО", okpo("СвЗак")),
        ("подрядчик по ОКПО", okpo("СвПодр")),
        ("Вид деятельности по ОКДП", None),
        ("Договор подряда (контракт), номер", contract.get("НомерДок") if contract is not None else None),
        ("дата", contract.get("ДатаДок") if contract is not None else None),
        ("Вид операции", first(facts, "../СвПродПер/СвПер/@ВидОпер")),
    )


def _title(facts: etree._Element, document: etree._Element) -> Block:
    widths = (26.0, 24.0, 22.0, 22.0)
    given = document.find("СвПродПер/СвПер")
    box = Table(
        widths=widths,
        head=(
            (head("Номер документа", down=2), head("Дата составления", down=2), head("Отчётный период", span=2)),
            (head("с"), head("по")),
        ),
        marks=(),
        rows=fitted(
            widths,
            [
                (
                    code(facts.get("НомерДок")),
                    code(facts.get("ДатаДок")),
                    code(given.get("НачПерВДок") if given is not None else None),
                    code(given.get("ОконПерВДок") if given is not None else None),
                )
            ],
            size=7.4,
        ),
        size=7.4,
        head_size=6,
    )
    amended = facts.find("ИспрАктСдПр")
    note: tuple[Block, ...] = ()
    if amended is not None:
        note = (Text(text=f"Исправление № {amended.get('НомИспр', '—')} от {amended.get('ДатаИспр', '—')}", bold=True),)
    name = (
        Text(text="АКТ", size=12, bold=True, align="center"),
        Text(text="О ПРИЁМКЕ ВЫПОЛНЕННЫХ РАБОТ", size=9, bold=True, align="center"),
    )
    return Beside(widths=(0, 94), gap=6, parts=((*name, *note), (box,)))


def _estimate(document: etree._Element) -> str:
    found = [
        sum_of(node.get("СтСНДСРаздСмет") or node.get("СтБезНДСРаздСмет"))
        for node in document.findall("НаимИСт/Раздел")
    ]
    return found[0] if len(found) == 1 and found[0] else "—"


def _table(document: etree._Element) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for part in document.findall("НаимИСт"):
        rows += [_row(line) for line in part.findall("ВидРаб")]
        for section in part.findall("Раздел"):
            number = section.get("НомРазд") or section.get("ПозРаздСмет")
            name = " ".join(word for word in ("Раздел", number, section.get("НаимРаздел")) if word)
            rows.append((Cell(text=name, span=8, bold=True),))
            rows += [_row(line) for line in section.findall("СвВидРаб")]
            rows.append(_sum_row("Итого по разделу", section.get("СтБезНДСРаздОтч")))
    rows += _totals(document.find("ВсегоАктОтч"))
    return Table(widths=WIDTHS, head=_HEAD, marks=MARKS, rows=fitted(WIDTHS, rows, size=7.2), size=7.2, head_size=6.2)


def _row(line: etree._Element) -> tuple[Cell, ...]:
    return (
        code(any_of(line, "@НомПоз", "@НомСтр")),
        code(line.get("ПозСмет")),
        words(line.get("НаимТов")),
        code(None),
        code(any_of(line, "@НаимЕдИзм", "@НаимОЕИ", "@ОКЕИ_Стройка")),
        figure(quantity(any_of(line, "КолТов", "КолТовТекст"))),
        figure(sum_of(line.get("ЦенаТов"))),
        figure(sum_of(line.get("СтТовБезНДС"))),
    )


def _sum_row(label: str, text: str | None) -> tuple[Cell, ...]:
    return (
        Cell(text=label, span=5, align="right", bold=True),
        Cell(text="Х", align="center"),
        Cell(text="Х", align="center"),
        figure(sum_of(text), bold=True),
    )


def _totals(total: etree._Element | None) -> Iterator[tuple[Cell, ...]]:
    if total is None:
        return
    yield _sum_row("Итого", total.get("СтТовБезНДСВсего"))
    rates = ", ".join(dict.fromkeys(node.get("НалСт", "") for node in total.findall("СумПоСтавке")))
    yield _sum_row(f"Сумма НДС{f' ({rates})' if rates else ''}", any_of(total, "СумНалВсего", "ОтсСумНДС"))
    yield _sum_row("Всего по акту", any_of(total, "@СтТовУчНалВсего", "@СтТовБезНДСВсего"))


def _hands(document: etree._Element, answer: etree._Element | None, *, signed: bool) -> tuple[Block, ...]:
    given = document.find("СвПродПер/СвПер")
    taken = answer.find("СодФХЖ4/СвПрием") if answer is not None else None
    done = any_of(taken, "ДатаПрин", "ДатаОтказПрин") if taken is not None else None
    return (
        signed_by("Сдал", *first_signer(document), signed=signed, room=20),
        Rows(label=40, mark=0, rows=(Row(label="Содержание операции", value=_at(given, "@СодОпер")),)),
        Space(height=1),
        signed_by("Принял", *first_signer(answer), signed=signed, room=20),
        Rows(
            label=40,
            mark=0,
            rows=(
                Row(label="Содержание операции", value=_at(taken, "@СодОпер")),
                Row(label="Дата приёмки", value=done or "—"),
                Row(label="Замечания", value=_at(taken, "@ИнфОтказПрием", "@ИнфОНедостатк")),
            ),
        ),
    )


def _at(element: etree._Element | None, *paths: str) -> str:
    return (any_of(element, *paths) if element is not None else None) or "—"
