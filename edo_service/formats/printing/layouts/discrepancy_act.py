"""Акт об установленном расхождении ТОРГ-2 (ОКУД 0330202), the file of order ЕД-7-26/423@. Columns follow the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.conditions import first
from edo_service.formats.printing.blocks import (
    LANDSCAPE_MARGINS,
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
    made_on,
    quantity,
    signed_by,
    signers,
    stamps_of,
    sum_of,
    total_of,
    total_quantity,
    who_acted,
)
from edo_service.formats.showing import requisites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (
    8.0,
    41.0,
    14.0,
    11.0,
    10.0,
    13.0,
    17.0,
    19.0,
    13.0,
    17.0,
    19.0,
    11.0,
    16.0,
    11.0,
    16.0,
    11.0,
    16.0,
    16.0,
)
MARKS: Final = tuple(str(mark) for mark in range(1, 19))
_HEAD: Final = (
    (
        head("№ п/п", down=3),
        head("Товар", span=2),
        head("Единица измерения", span=2),
        head("По документам поставщика значится", span=3),
        head("Фактически оказалось", span=3),
        head("Отклонения", span=7),
    ),
    (
        head("наименование, характеристика, сорт, артикул", down=2),
        head("код", down=2),
        head("наимено\u00adвание", down=2),
        head("код по ОКЕИ", down=2),
        head("количество (масса)", down=2),
        head("цена, руб.", down=2),
        head("сумма, руб.", down=2),
        head("количество (масса)", down=2),
        head("цена, руб.", down=2),
        head("сумма, руб.", down=2),
        head("брак и бой", span=2),
        head("недостача", span=2),
        head("излишки", span=2),
        head("по цене, руб.", down=2),
    ),
    (
        head("коли\u00adчество"),
        head("сумма"),
        head("коли\u00adчество"),
        head("сумма"),
        head("коли\u00adчество"),
        head("сумма"),
    ),
)
_APPROVED: Final = "Унифицированная форма № ТОРГ-2. Утверждена постановлением Госкомстата России от 25.12.98 № 132"
_NAME: Final = "ОБ УСТАНОВЛЕННОМ РАСХОЖДЕНИИ ПО КОЛИЧЕСТВУ И КАЧЕСТВУ ПРИ ПРИЁМКЕ ТОВАРНО-МАТЕРИАЛЬНЫХ ЦЕННОСТЕЙ"


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The buyer's title; signers of the additional one are listed after its own."""
    document = root.find("Документ")
    facts = document.find("СодФХЖ1") if document is not None else None
    if document is None or facts is None:
        raise ValueError("no СодФХЖ1")
    number_ = first(document, "ИдентДокПР/@НомДокПР")
    results = document.find("СодФХЖ2")
    blocks = (
        Text(text=_APPROVED, size=5.8, align="right", grey=True),
        Beside(widths=(0, 62), gap=4, parts=((Rows(label=33, mark=0, rows=tuple(_parties(facts))),), (_codes(facts),))),
        Space(height=2),
        _title(document, number_),
        Rows(label=62, mark=0, rows=tuple(_circumstances(facts))),
        Space(height=1.5),
        _table(results),
        Space(height=1.5),
        Rows(label=62, mark=0, rows=tuple(_conclusions(results))),
        Together(blocks=tuple(_hands(document, facts, answer, signed=bool(stamps)))),
        *entries(document, "СодФХЖ1/ИнфПолФХЖ1/ТекстИнф", "СодФХЖ2/ИнфПолФХЖ2"),
        *stamps_of(stamps),
    )
    return Form(
        title=f"Акт о расхождениях № {number_ or '—'}",
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        landscape=True,
        size=6.9,
        margins=LANDSCAPE_MARGINS,
        day=made_on(document, "ИдентДокПР/@ДатаДокПР"),
    )


def _parties(facts: etree._Element) -> Iterator[Row]:
    under = "(организация, адрес, телефон, факс)"
    for label, tag in (
        ("Получатель (покупатель)", "Покупатель"),
        ("Поставщик", "Продавец"),
        ("Грузоотправитель", "Грузоотправитель"),
        ("Грузополучатель", "Грузополучатель"),
        ("Страховая компания", "СтрахКом"),
    ):
        yield Row(label=label, value=requisites(facts.find(tag)) or "—", under=under)


def _codes(facts: etree._Element) -> Block:
    order = facts.find("Приказ")
    return codes_box(
        ("Форма по ОКУД", "0330202"),
        ("покупатель по ОКПО", first(facts, "Покупатель/@ОКПО")),
        ("поставщик по ОКПО", first(facts, "Продавец/@ОКПО")),
        ("Основание: приказ, номер", order.get("НомПрик") if order is not None else None),
        ("дата", order.get("ДатаПрик") if order is not None else None),
        ("Вид операции", first(facts, "../СодФХЖ2/ВидОперации")),
    )


def _title(document: etree._Element, number_: str | None) -> Block:
    widths = (34.0, 34.0)
    box = Table(
        widths=widths,
        head=((head("Номер документа"), head("Дата составления")),),
        marks=(),
        rows=fitted(widths, [(code(number_), code(first(document, "ИдентДокПР/@ДатаДокПР")))]),
        size=7.5,
        head_size=6,
    )
    amended = document.find("ИспрДокПР")
    note: tuple[Block, ...] = ()
    if amended is not None:
        text = f"Исправление № {amended.get('НомИспрДокПР', '—')} от {amended.get('ДатаИспрДокПР', '—')}"
        note = (Text(text=text, bold=True, align="right"),)
    name = (Text(text="АКТ", size=12, bold=True, align="right"), Text(text=_NAME, size=7.6, bold=True, align="right"))
    return Beside(widths=(150, 68, 0), gap=6, parts=((*name, *note), (box,), ()))


def _circumstances(facts: etree._Element) -> Iterator[Row]:
    seen = facts.find("СвОсмГруз")
    if seen is not None:
        paper = seen.find("СопрДок")
        yield Row(label="Место приёмки товара", value=seen.get("МестоСост") or "—")
        yield Row(
            label="Осмотр прибывшего груза",
            value=_joined(
                ("", seen.get("ДатаОсм")), ("начало", seen.get("ВремяНач")), ("окончание", seen.get("ВремяОконч"))
            ),
        )
        yield Row(label="Сопроводительный документ", value=_paper(paper))
        yield Row(
            label="Сертификат соответствия",
            value="; ".join(node.text or "" for node in seen.findall("СертСоотв")) or "—",
        )
        yield Row(label="Дата отправки груза", value=seen.get("ДатаОтпр") or "—")
    times = facts.find("СвВремПрием")
    if times is not None:
        yield Row(
            label="Прибытие, выдача, вскрытие, доставка груза",
            value=_joined(
                ("прибытие", times.get("ПрибГруз")),
                ("выдача", times.get("ВыдачГруз")),
                ("вскрытие", times.get("ВскрытГруз")),
                ("доставка", times.get("ДостГруз")),
            ),
        )
    other = facts.find("ДрОбстПрием")
    if other is not None:
        yield Row(label="Условия хранения", value=other.get("УсловХран") or "—")
        yield Row(label="Состояние тары и упаковки", value=other.get("СостТара") or "—")
        yield Row(label="Способ определения недостачи", value=other.get("ОпредНедост") or "—")


def _joined(*parts: tuple[str, str | None]) -> str:
    return ", ".join(f"{name} {text}".strip() for name, text in parts if text) or "—"


def _paper(paper: etree._Element | None) -> str:
    if paper is None:
        return "—"
    number_, day = paper.get("НомСопрДок"), paper.get("ДатаСопрДок")
    return (
        " ".join(
            part
            for part in (paper.get("НаимСопрДок"), f"№ {number_}" if number_ else None, f"от {day}" if day else None)
            if part
        )
        or "—"
    )


def _table(results: etree._Element | None) -> Table:
    lines = results.findall("РезПрием") if results is not None else []
    rows = [*(_row(place, line) for place, line in enumerate(lines, start=1)), _total(lines)]
    return Table(widths=WIDTHS, head=_HEAD, marks=MARKS, rows=fitted(WIDTHS, rows, size=6.4), size=6.4, head_size=5.5)


def _row(place: int, line: etree._Element) -> tuple[Cell, ...]:
    goods = line.find("Ценности")
    described = [
        text
        for key in ("НаимТов", "ХарактТов", "СортТов", "АртикулТов")
        if goods is not None and (text := goods.get(key))
    ]
    claims = [text for text in (line.get("РасхРабУслПрав"), *_reasons(line)) if text]
    number_ = goods.get("НомСтрСопрДок") if goods is not None else None
    return (
        code(number_ or str(place)),
        words(", ".join(described), *claims),
        code(goods.get("КодТов") if goods is not None else None),
        code(line.get("НаимЕдИзм")),
        code(line.get("ОКЕИ_Тов")),
        *_counted(line, "ПоДокум"),
        *_counted(line, "ПоФакту"),
        figure(total_quantity(first(line, f"{tag}/@КолТовРасх") for tag in ("Брак", "Бой"))),
        figure(total_of(first(line, f"{tag}/@СтоимТовНДСРасх") for tag in ("Брак", "Бой"))),
        *_differing(line, "Недостача"),
        *_differing(line, "Излишки"),
        figure(
            sum_of(
                first(line, "ЦенОтклон/ПолДельта/@ДельтаСтоимНДС")
                or first(line, "ЦенОтклон/ОтрицатДельта/@ДельтаСтоимНДС")
            )
        ),
    )


def _reasons(line: etree._Element) -> Iterator[str]:
    for node in line.iter(etree.Element):
        text = node.get("ПоясненияРасх") or node.get("ПояснДельта")
        if text:
            yield text


def _counted(line: etree._Element, tag: str) -> tuple[Cell, ...]:
    return (
        figure(quantity(first(line, f"{tag}/@КолТовПрин"))),
        figure(sum_of(first(line, f"{tag}/@ЦенаПрин"))),
        figure(sum_of(first(line, f"{tag}/@СтоимТовНДСПрин"))),
    )


def _differing(line: etree._Element, tag: str) -> tuple[Cell, ...]:
    return (
        figure(quantity(first(line, f"{tag}/@КолТовРасх"))),
        figure(sum_of(first(line, f"{tag}/@СтоимТовНДСРасх"))),
    )


def _total(lines: list[etree._Element]) -> tuple[Cell, ...]:
    def whole(*paths: str) -> Cell:
        return figure(total_quantity(first(line, path) for line in lines for path in paths), bold=True)

    def money(*paths: str) -> Cell:
        return figure(total_of(first(line, path) for line in lines for path in paths), bold=True)

    cross = Cell(text="Х", align="center")
    return (
        Cell(text="Итого", span=5, align="right", bold=True),
        whole("ПоДокум/@КолТовПрин"),
        cross,
        money("ПоДокум/@СтоимТовНДСПрин"),
        whole("ПоФакту/@КолТовПрин"),
        cross,
        money("ПоФакту/@СтоимТовНДСПрин"),
        whole("Брак/@КолТовРасх", "Бой/@КолТовРасх"),
        money("Брак/@СтоимТовНДСРасх", "Бой/@СтоимТовНДСРасх"),
        whole("Недостача/@КолТовРасх"),
        money("Недостача/@СтоимТовНДСРасх"),
        whole("Излишки/@КолТовРасх"),
        money("Излишки/@СтоимТовНДСРасх"),
        cross,
    )


def _conclusions(results: etree._Element | None) -> Iterator[Row]:
    if results is None:
        return
    yield Row(label="Содержание события", value=results.get("СодСоб") or "—")
    yield Row(label="Заключение комиссии", value=results.get("Заключение") or "—")
    papers = "; ".join(
        f"{node.get('ВидПрилДок', '')} № {node.get('НомерПрилДок', '—')} от {node.get('ДатаПрилДок', '—')}"
        for node in results.findall("ПрилДок")
    )
    yield Row(label="Приложения", value=papers or "—")


def _hands(
    document: etree._Element, facts: etree._Element, answer: etree._Element | None, *, signed: bool
) -> Iterator[Block]:
    position, name = who_acted(facts.find("СвЛицПрин"))
    if name:
        yield signed_by("Товар принял (в том числе на ответственное хранение)", position, name, signed=False)
    for place, (job, person) in enumerate(signers(document)):
        yield signed_by("Председатель и члены комиссии" if place == 0 else "", job, person, signed=signed)
    results = answer.find("СвИтПрием") if answer is not None else None
    if results is not None:
        told = f"{results.get('СодСвИтПрием', '—')}, {results.get('ДатаСвИтПрием', '—')}"
        yield Rows(label=62, mark=0, rows=(Row(label="Сведения по итогам приёмки", value=told),))
    for job, person in signers(answer) if answer is not None else ():
        yield signed_by("С актом ознакомлен", job, person, signed=signed)
