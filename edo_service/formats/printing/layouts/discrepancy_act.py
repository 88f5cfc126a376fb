"""Акт об установленном расхождении ТОРГ-2 (ОКУД 0330202, постановление Госкомстата 25.12.1998 № 132), file of 423@.

The paper form asks for more than the file can say (the call of a representative, a commercial act, temperature): those
lines stand with a dash. What the file says and the form has no column for follows the tables in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.conditions import first
from edo_service.formats.printing.blocks import (
    LANDSCAPE_MARGINS,
    Beside,
    Block,
    Form,
    Row,
    Rows,
    Space,
    Table,
    Text,
    Together,
    code,
    fitted,
    head,
)
from edo_service.formats.printing.layouts.discrepancy_tables import by_papers, cargo, in_fact, line_number, mass, times
from edo_service.formats.printing.pieces import (
    codes_box,
    entries,
    made_on,
    signed_by,
    signers,
    stamps_of,
    sum_of,
    who_acted,
)
from edo_service.formats.showing import requisites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

#: Lines whose defects are described in words: a form has an end.
MOST_DEFECTS: Final = 300
_APPROVED: Final = "Унифицированная форма № ТОРГ-2. Утверждена постановлением Госкомстата России от 25.12.98 № 132"
_NAME: Final = "ОБ УСТАНОВЛЕННОМ РАСХОЖДЕНИИ ПО КОЛИЧЕСТВУ И КАЧЕСТВУ ПРИ ПРИЁМКЕ ТОВАРНО-МАТЕРИАЛЬНЫХ ЦЕННОСТЕЙ"


_WARNED: Final = (
    "Члены комиссии предупреждены об ответственности за подписание акта, содержащего данные, "
    "не соответствующие действительности."
)


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The buyer's title; signers of the additional one are listed after its own."""
    document = root.find("Документ")
    facts = document.find("СодФХЖ1") if document is not None else None
    if document is None or facts is None:
        raise ValueError("no СодФХЖ1")
    number_ = first(document, "ИдентДокПР/@НомДокПР")
    results = document.find("СодФХЖ2")
    lines = results.findall("РезПрием") if results is not None else []
    blocks = (
        Text(text=_APPROVED, size=5.8, align="right", grey=True),
        Beside(widths=(0, 62), gap=4, parts=((Rows(label=33, mark=0, rows=tuple(_parties(facts))),), (_codes(facts),))),
        Space(height=2),
        _title(document, number_),
        Rows(label=62, mark=0, rows=tuple(_circumstances(facts))),
        Space(height=1.5),
        times(facts),
        Space(height=1),
        Text(text="По сопроводительным транспортным документам значится:"),
        cargo(facts),
        Space(height=1),
        mass(facts),
        Space(height=1.5),
        by_papers(lines),
        Space(height=1.5),
        Rows(label=78, mark=0, rows=tuple(_state(facts))),
        Space(height=1.5),
        in_fact(lines),
        Space(height=1.5),
        Rows(label=78, mark=0, rows=tuple(_conclusions(facts, results, lines))),
        Text(text=_WARNED),
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
    for label, tag in (("Организация (покупатель)", "Покупатель"), ("Грузополучатель", "Грузополучатель")):
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
    """Who looked at what, by which papers; what the file has no place for stands with a dash, as on an unfilled form."""
    seen = facts.find("СвОсмГруз")
    other = facts.find("ДрОбстПрием")

    def at(holder: etree._Element | None, name: str) -> str:
        return (holder.get(name) if holder is not None else None) or "—"

    paper = seen.find("СопрДок") if seen is not None else None
    carrier = requisites(other.find("Перевозчик")) if other is not None else None
    transport = other.find("СопрТрансДок") if other is not None else None
    certificates = "; ".join(node.text or "" for node in seen.findall("СертСоотв")) if seen is not None else ""
    yield Row(label="Место приёмки товара", value=at(seen, "МестоСост"))
    yield Row(label="Настоящий акт составлен комиссией, которая установила", value=at(seen, "ДатаОсм"))
    yield Row(label="по сопроводительным документам доставлен товар", value=_paper(paper))
    yield Row(label="Документ о вызове представителя грузоотправителя, поставщика, производителя", value="—")
    for label, tag in (
        ("Грузоотправитель", "Грузоотправитель"),
        ("Производитель", ""),
        ("Поставщик", "Продавец"),
        ("Страховая компания", "СтрахКом"),
    ):
        yield Row(label=label, value=(requisites(facts.find(tag)) if tag else None) or "—")
    yield Row(label="Договор (контракт) на поставку товара", value=first(facts, "@ИдГосКон") or "—")
    yield Row(label="Счёт-фактура, коммерческий акт, ветеринарное свидетельство", value="—")
    yield Row(label="Сертификат соответствия", value=certificates or "—")
    yield Row(label="Железнодорожная или иная транспортная накладная", value=_paper(transport))
    yield Row(label="Способ доставки (перевозчик)", value=carrier or "—")
    yield Row(label="Дата отправления товара", value=at(seen, "ДатаОтпр"))
    yield Row(label="со станции (пристани, порта) отправления или со склада отправителя товара", value="—")


def _state(facts: etree._Element) -> Iterator[Row]:
    """The lines between the two tables."""
    other, times_ = facts.find("ДрОбстПрием"), facts.find("СвВремПрием")

    def at(name: str) -> str:
        return (other.get(name) if other is not None else None) or "—"

    opened = times_.get("ВскрытГруз") if times_ is not None else None
    yield Row(label="Условия хранения товара (продукции) до его вскрытия на складе получателя", value=at("УсловХран"))
    yield Row(label="Сведения о температуре при разгрузке в вагоне (рефрижераторе и т. д.), в товаре, °C", value="—")
    yield Row(
        label="Состояние тары и упаковки, маркировка мест, товара и тары в момент внешнего осмотра",
        value=at("СостТара"),
    )
    yield Row(label="Содержание наружной маркировки тары и другие данные о том, в чьей упаковке товар", value="—")
    yield Row(label="Дата вскрытия тары (тарного места, вагона, контейнера и т. п.)", value=opened or "—")
    yield Row(label="Организация, которая взвесила и опломбировала отгруженный товар", value="—")
    yield Row(label="Порядок отбора товара (продукции) для выборочной проверки", value="—")


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


def _conclusions(facts: etree._Element, results: etree._Element | None, lines: list[etree._Element]) -> Iterator[Row]:
    """The lines after the tables."""
    other = facts.find("ДрОбстПрием")

    def at(holder: etree._Element | None, name: str) -> str:
        return (holder.get(name) if holder is not None else None) or "—"

    yield Row(label="Определение количества (массы) товара (продукции) проводилось", value=at(other, "ОпредНедост"))
    yield Row(label="Взвешивание проводилось на исправных весах (тип весов, год клеймения)", value="—")
    yield Row(label="Другие данные", value=at(other, "ДопСв"))
    told = [text for place, line in enumerate(lines, start=1) if (text := _defects(place, line))]
    hidden = [f"ещё строк: {len(told) - MOST_DEFECTS}, они есть в файле"] if len(told) > MOST_DEFECTS else []
    event = at(results, "СодСоб")
    described = "; ".join([*([event] if event != "—" else []), *told[:MOST_DEFECTS], *hidden])
    yield Row(
        label="Подробное описание дефектов (характер недостачи, излишков, ненадлежащего качества, брака, боя) "
        "и мнение комиссии о причинах их образования",
        value=described or "—",
    )
    yield Row(label="Заключение комиссии", value=at(results, "Заключение"))
    papers = "; ".join(
        f"{node.get('ВидПрилДок', '')} № {node.get('НомерПрилДок', '—')} от {node.get('ДатаПрилДок', '—')}"
        for node in (results.findall("ПрилДок") if results is not None else ())
    )
    yield Row(label="Приложение. Перечень прилагаемых документов", value=papers or "—")


def _defects(place: int, line: etree._Element) -> str:
    """«строка 2 — недостача: место не прибыло»: what the columns have no room for."""
    found = [line.get("РасхРабУслПрав")]
    for tag in ("Брак", "Бой", "Недостача", "Излишки"):
        reason = first(line, f"{tag}/@ПоясненияРасх")
        found.append(f"{tag.lower()}: {reason}" if reason else None)
    for tag, word in (("ПолДельта", "выше"), ("ОтрицатДельта", "ниже")):
        delta = line.find(f"ЦенОтклон/{tag}")
        if delta is not None:
            parts = (
                f"стоимость {word} согласованной на {sum_of(delta.get('ДельтаСтоимНДС'))}",
                delta.get("ПояснДельта"),
            )
            found.append(", ".join(part for part in parts if part))
    told = "; ".join(text for text in found if text)
    return f"строка {line_number(place, line)} — {told}" if told else ""


def _hands(
    document: etree._Element, facts: etree._Element, answer: etree._Element | None, *, signed: bool
) -> Iterator[Block]:
    """The commission, the other side's representative, who took the goods into keeping."""
    chairman, *members = signers(document) or [(None, None)]
    yield signed_by("Председатель комиссии", *chairman, signed=signed)
    for place, (job, person) in enumerate(members or [(None, None)]):
        yield signed_by("Члены комиссии" if place == 0 else "", job, person, signed=signed)
    others = signers(answer) if answer is not None else []
    for job, person in others or [(None, None)]:
        yield signed_by("Представитель грузоотправителя (поставщика, производителя)", job, person, signed=signed)
    powers = first(answer, "Подписант/@ОснПолн") if answer is not None else None
    results = answer.find("СвИтПрием") if answer is not None else None
    told = f"{results.get('СодСвИтПрием', '—')}, {results.get('ДатаСвИтПрием', '—')}" if results is not None else "—"
    yield Rows(
        label=62,
        mark=0,
        rows=(
            Row(label="Документ, удостоверяющий полномочия", value=powers or "—"),
            Row(label="Сведения поставщика по итогам приёмки", value=told),
        ),
    )
    yield signed_by("Акт с приложением получил главный (старший) бухгалтер", None, None, signed=False)
    yield Rows(label=62, mark=0, rows=(Row(label="Решение руководителя", value="—"),))
    keeper = who_acted(facts.find("СвЛицПрин"))
    yield signed_by("Товар и тару на ответственное хранение принял", *keeper, signed=False)
