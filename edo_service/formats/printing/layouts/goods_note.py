"""Товарная накладная ТОРГ-12 (ОКУД 0330212, постановление Госкомстата 25.12.1998 № 132) from the file of order ММВ-7-10/551@."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.conditions import first, number
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
    first_signer,
    made_on,
    quantity,
    signed_by,
    stamps_of,
    sum_of,
    total_of,
    total_quantity,
    who_acted,
    who_is,
)
from edo_service.formats.printing.wording import counted, roubles
from edo_service.formats.showing import any_of, reference, requisites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (9.0, 54.0, 18.0, 13.0, 13.0, 14.0, 15.0, 13.0, 16.0, 18.0, 19.0, 22.0, 12.0, 20.0, 23.0)
MARKS: Final = tuple(str(mark) for mark in range(1, 16))
_HEAD: Final = (
    (
        head("Номер по порядку", down=2),
        head("Товар", span=2),
        head("Единица измерения", span=2),
        head("Вид упаковки", down=2),
        head("Количество", span=2),
        head("Масса брутто", down=2),
        head("Количество (масса нетто)", down=2),
        head("Цена, руб. коп.", down=2),
        head("Сумма без учёта НДС, руб. коп.", down=2),
        head("НДС", span=2),
        head("Сумма с учётом НДС, руб. коп.", down=2),
    ),
    (
        head("наименование, характеристика, сорт, артикул товара"),
        head("код"),
        head("наимено\u00adвание"),
        head("код по ОКЕИ"),
        head("в одном месте"),
        head("мест, штук"),
        head("ставка, %"),
        head("сумма, руб. коп."),
    ),
)
_PLACE: Final = "Документ/СвДокПТПрКроме/СвДокПТПр"


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The seller's title; who received the goods comes from the buyer's."""
    facts, given = root.find(_PLACE), root.find("Документ/СодФХЖ3")
    goods = root.find("Документ/СвДокПТПрКроме/СодФХЖ2")
    if facts is None:
        raise ValueError("no СвДокПТПр")
    number_, day = first(facts, "ИдентДок/@НомДокПТ"), first(facts, "ИдентДок/@ДатаДокПТ")
    blocks = (
        Text(
            text="Унифицированная форма № ТОРГ-12. Утверждена постановлением Госкомстата России от 25.12.98 № 132",
            size=5.8,
            align="right",
            grey=True,
        ),
        Beside(
            widths=(0, 62),
            gap=4,
            parts=((Rows(label=33, mark=0, rows=tuple(_parties(facts))),), (_codes(facts, given),)),
        ),
        Space(height=2),
        _title(facts, number_, day),
        Space(height=1),
        _table(goods),
        Space(height=1.5),
        _summary(goods, given),
        Together(blocks=_hands(root, given, answer, signed=bool(stamps))),
        *entries(facts, "СодФХЖ1/ИнфПолФХЖ1/ТекстИнф"),
        *stamps_of(stamps),
    )
    return Form(
        title=f"Товарная накладная № {number_ or '—'}",
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        landscape=True,
        size=6.9,
        margins=LANDSCAPE_MARGINS,
        day=made_on(facts, "ИдентДок/@ДатаДокПТ"),
    )


def _parties(facts: etree._Element) -> Iterator[Row]:
    deed = facts.find("СодФХЖ1")
    if deed is None:
        return
    sender = deed.find("ГрузОтпр")
    for label, found in (
        ("Грузоотправитель", sender if sender is not None else deed.find("Продавец")),
        ("Грузополучатель", deed.find("ГрузПолуч") if deed.find("ГрузПолуч") is not None else deed.find("Покупатель")),
        ("Поставщик", deed.find("Продавец")),
        ("Плательщик", deed.find("Покупатель")),
    ):
        yield Row(
            label=label,
            value=requisites(found) or "—",
            under="(организация, адрес, телефон, факс, банковские реквизиты)",
        )
    yield Row(
        label="Основание",
        value="; ".join(reference(node) for node in deed.findall("Основание")) or "—",
        under="(договор, заказ-наряд)",
    )


def _codes(facts: etree._Element, given: etree._Element | None) -> Block:
    deed = facts.find("СодФХЖ1")
    parties = [
        deed.find(name) if deed is not None else None for name in ("ГрузОтпр", "ГрузПолуч", "Продавец", "Покупатель")
    ]
    okpo = [found.get("ОКПО") if found is not None else None for found in parties]
    basis = deed.find("Основание") if deed is not None else None
    note = given.find("ТранНакл") if given is not None else None
    return codes_box(
        ("Форма по ОКУД", "0330212"),
        ("грузоотправитель по ОКПО", okpo[0] or okpo[2]),
        ("Вид деятельности по ОКДП", parties[0].get("ОКДП") if parties[0] is not None else None),
        ("грузополучатель по ОКПО", okpo[1] or okpo[3]),
        ("поставщик по ОКПО", okpo[2]),
        ("плательщик по ОКПО", okpo[3]),
        ("основание, номер", basis.get("НомОсн") if basis is not None else None),
        ("основание, дата", basis.get("ДатаОсн") if basis is not None else None),
        ("Транспортная накладная, номер", note.get("НомТранНакл") if note is not None else None),
        ("Транспортная накладная, дата", note.get("ДатаТранНакл") if note is not None else None),
        ("Вид операции", first(facts, "СодФХЖ1/ВидОперации")),
    )


def _title(facts: etree._Element, number_: str | None, day: str | None) -> Block:
    amended = facts.find("ИспрДокПТ")
    widths = (34.0, 34.0)
    box = Table(
        widths=widths,
        head=((head("Номер документа"), head("Дата составления")),),
        marks=(),
        rows=fitted(widths, [(code(number_), code(day))]),
        size=7.5,
        head_size=6,
    )
    note: tuple[Block, ...] = ()
    if amended is not None:
        text = f"Исправление № {amended.get('НомИспрДокПТ', '—')} от {amended.get('ДатаИспрДокПТ', '—')}"
        note = (Text(text=text, align="right", bold=True),)
    return Beside(
        widths=(118, 68, 0),
        gap=6,
        parts=((Text(text="ТОВАРНАЯ НАКЛАДНАЯ", size=12, bold=True, align="right"), *note), (box,), ()),
    )


def _table(goods: etree._Element | None) -> Table:
    lines = goods.findall("СвТов") if goods is not None else []
    totals = goods.find("Всего") if goods is not None else None
    rows = [
        *(_row(line) for line in lines),
        _total("Итого", lines, None),
        _total("Всего по накладной", lines, totals),
    ]
    return Table(widths=WIDTHS, head=_HEAD, marks=MARKS, rows=fitted(WIDTHS, rows, size=6.6), size=6.6, head_size=5.7)


def _row(line: etree._Element) -> tuple[Cell, ...]:
    described = [text for key in ("ХарактерТов", "СортТов", "АртикулТов") if (text := line.get(key))]
    return (
        code(line.get("НомТов")),
        words(", ".join([*([line.get("НаимТов", "")] if line.get("НаимТов") else []), *described])),
        code(line.get("КодТов")),
        code(line.get("НаимЕдИзм")),
        code(line.get("ОКЕИ_Тов")),
        code(line.get("ВидУпак")),
        figure(quantity(line.get("Место"))),
        figure(quantity(line.get("КолМест"))),
        figure(quantity(line.get("Брутто"))),
        figure(quantity(line.get("НеттоПередано"))),
        figure(sum_of(line.get("Цена"))),
        figure(sum_of(line.get("СтБезНДС"))),
        code(line.get("НалСт")),
        figure(sum_of(line.get("СумНДС"))),
        figure(sum_of(line.get("СтУчНДС"))),
    )


def _total(label: str, lines: list[etree._Element], totals: etree._Element | None) -> tuple[Cell, ...]:
    def whole(name: str, key: str) -> str | None:
        return (
            quantity(totals.get(name))
            if totals is not None and totals.get(name)
            else total_quantity(line.get(key) for line in lines)
        )

    def money(name: str, key: str) -> str | None:
        return (
            sum_of(totals.get(name))
            if totals is not None and totals.get(name)
            else total_of(line.get(key) for line in lines)
        )

    cross = Cell(text="Х", align="center")
    return (
        Cell(text=label, span=7, align="right", border=False, bold=True),
        figure(whole("КолМестВс", "КолМест"), bold=True),
        figure(whole("БруттоВс", "Брутто"), bold=True),
        figure(whole("НеттоВс", "НеттоПередано"), bold=True),
        cross,
        figure(money("СтБезНДСВс", "СтБезНДС"), bold=True),
        cross,
        figure(money("СумНДСВс", "СумНДС"), bold=True),
        figure(money("СтУчНДСВс", "СтУчНДС"), bold=True),
    )


def _summary(goods: etree._Element | None, given: etree._Element | None) -> Block:
    lines = goods.findall("СвТов") if goods is not None else []
    totals = goods.find("Всего") if goods is not None else None
    gross = number(totals.get("СтУчНДСВс", "")) if totals is not None else None
    return Rows(
        label=62,
        mark=0,
        rows=(
            Row(
                label="Товарная накладная содержит порядковых номеров записей",
                value=counted(len(lines)),
                under="(прописью)",
            ),
            Row(label="Всего мест", value=_of(totals, "КолМестВс"), under="(прописью)"),
            Row(label="Масса груза (нетто)", value=_of(totals, "НеттоВс")),
            Row(label="Масса груза (брутто)", value=_of(totals, "БруттоВс")),
            Row(
                label="Приложение (паспорта, сертификаты и т. п.) на листах",
                value=(given.get("КолПрил") or "—") if given is not None else "—",
            ),
            Row(
                label="Всего отпущено на сумму",
                value=roubles(gross) if isinstance(gross, Decimal) else "—",
                under="(прописью)",
            ),
        ),
    )


def _of(totals: etree._Element | None, name: str) -> str:
    text = totals.get(name) if totals is not None else None
    found = number(text) if text is not None else None
    if found is None:
        return "—"
    return (
        f"{counted(int(found))} ({quantity(text)})"
        if found == found.to_integral_value() and found >= 0
        else quantity(text) or "—"
    )


def _hands(
    root: etree._Element, given: etree._Element | None, answer: etree._Element | None, *, signed: bool
) -> tuple[Block, ...]:
    released = who_acted(given.find("СвЛицОтпГруз") if given is not None else None)
    allowed, accountant = (
        who_is(given.find(name)) if given is not None else (None, None) for name in ("ОтпускРазреш", "Бухгалтер")
    )
    signer = allowed if allowed[1] else first_signer(root.find("Документ"))
    taken = answer.find("СодФХЖ4/ГрузПолучил") if answer is not None else None
    received = who_acted(taken.find("СвЛицПолГруз") if taken is not None else None)
    accepted = first_signer(answer)
    seller = (
        signed_by("Отпуск груза разрешил", *signer, signed=signed),
        signed_by("Главный (старший) бухгалтер", *accountant, signed=False),
        signed_by("Отпуск груза произвёл", *released, signed=False),
        Rows(
            label=44,
            mark=0,
            rows=(
                Row(label="Дата отпуска", value=(given.get("ДатаОтпуск") or "—") if given is not None else "—"),
                Row(label="Содержание операции", value=(given.get("СодОпер") or "—") if given is not None else "—"),
            ),
        ),
    )
    buyer = (
        Rows(label=44, mark=0, rows=(Row(label="По доверенности", value=_proxy(taken) or "—"),)),
        signed_by("Груз принял", *received, signed=False),
        signed_by("Груз получил грузополучатель", *accepted, signed=signed),
        Rows(
            label=44,
            mark=0,
            rows=(
                Row(label="Дата получения", value=(taken.get("ДатаПолуч") or "—") if taken is not None else "—"),
                Row(label="Содержание операции", value=(taken.get("СодОпер") or "—") if taken is not None else "—"),
            ),
        ),
    )
    return (Space(height=1), Beside(widths=(0, 0), gap=8, rule=True, parts=(seller, buyer)))


def _proxy(taken: etree._Element | None) -> str | None:
    if taken is None:
        return None
    keys = ("@ОснПолн", "@ОснДоверОргПол", "@ОснПолнПредПол", "@ОснДоверФЛ")
    return next((text for node in taken.iter(etree.Element) if (text := any_of(node, *keys))), None)
