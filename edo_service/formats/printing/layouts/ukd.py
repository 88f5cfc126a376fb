"""УКД and корректировочный счёт-фактура: Приложение 2 to Постановление 1137, lines 5-15 of ФНС's letter ММВ-20-15/86@."""

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
    Heading,
    Line,
    Row,
    Rows,
    Space,
    Table,
    Text,
    Together,
    code,
    empty,
    figure,
    fitted,
    head,
    words,
)
from edo_service.formats.printing.pieces import (
    SIGNED,
    entries,
    first_signer,
    made_on,
    named,
    quantity,
    signature_line,
    signed_by,
    stamps_of,
    sum_of,
)
from edo_service.formats.showing import any_of, date_of, long_date, rate_of, reference, side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (8.0, 42.0, 26.0, 11.0, 9.0, 14.0, 14.0, 17.0, 20.0, 14.0, 13.0, 18.0, 20.0, 18.0, 8.0, 11.0, 7.0, 9.0)
MARKS: Final = ("1", "1а", "1б", "1в", "2", "2а", "3", "4", "5", "6", "7", "8", "9", "10", "11", "11а", "12", "13")
_DECREE: Final = "Приложение № 2 к постановлению Правительства Российской Федерации от 26 декабря 2011 г. № 1137"
_KINDS: Final = {
    "КСЧФ": ("Корректировочный счёт-фактура", None),
    "КСЧФДИС": ("Универсальный корректировочный документ", "1"),
    "ДИС": ("Универсальный корректировочный документ", "2"),
}
_STATUSES: Final = (
    "1 – корректировочный счёт-фактура и соглашение (уведомление) об изменении стоимости\n"
    "2 – соглашение (уведомление) об изменении стоимости"
)
_HEAD: Final = (
    (
        head("№ п/п", down=2),
        head("Наименование товара (описание выполненных работ, оказанных услуг), имущественного права", down=2),
        head(
            "Показатели в связи с изменением стоимости отгруженных товаров (выполненных работ, "
            "оказанных услуг), переданных имущественных прав",
            down=2,
        ),
        head("Код вида товара", down=2),
        head("Единица измерения", span=2),
        head("Количество (объём)", down=2),
        head("Цена (тариф) за единицу измерения", down=2),
        head("Стоимость товаров (работ, услуг), имущественных прав без налога – всего", down=2),
        head("В том числе сумма акциза", down=2),
        head("Налоговая ставка", down=2),
        head("Сумма налога", down=2),
        head("Стоимость товаров (работ, услуг), имущественных прав с налогом – всего", down=2),
        head("Регистрационный номер партии товара, подлежащего прослеживаемости", down=2),
        head("Единица прослеживаемости", span=2),
        head("Коли\u00adчество", down=2),
        head("Стоимость без налога, руб.", down=2),
    ),
    (head("код"), head("условное обозначение"), head("код"), head("условное обозначение")),
)


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The form of a seller's title; the buyer's agreement from the other one."""
    document = root.find("Документ")
    facts = document.find("СвКСчФ") if document is not None else None
    if document is None or facts is None:
        raise ValueError("no СвКСчФ")
    function = document.get("Функция", "КСЧФ")
    kind, status = _KINDS.get(function, ("Корректировочный счёт-фактура", None))
    number = any_of(facts, "@НомерКСчФ", "@НомерДок")
    table = document.find("ТаблКСчФ")
    blocks = (
        _top(facts, kind, status),
        Space(height=1.5),
        _table(table),
        Space(height=1.5),
        _heads(document, signed=bool(stamps)),
        *(_agreement(document, answer, facts, signed=bool(stamps)) if status else ()),
        *entries(document, "СвКСчФ/ИнфПолФХЖ1/ТекстИнф"),
        *stamps_of(stamps),
    )
    return Form(
        title=f"{kind} № {number or '—'}",
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        landscape=True,
        size=6.8,
        margins=LANDSCAPE_MARGINS,
        day=made_on(facts, "@ДатаКСчФ"),
    )


def _top(facts: etree._Element, kind: str, status: str | None) -> Block:
    corner: tuple[Block, ...] = (Text(text=kind, size=8.4, bold=True),)
    if status:
        corner += (
            Space(height=2),
            Text(text=f"Статус: {status}", size=9, bold=True),
            Text(text=_STATUSES, size=5.6, grey=True),
        )
    date = long_date(date_of(facts, "@ДатаКСчФ"))
    titles = (
        Heading(
            text=f"Корректировочный счёт-фактура № {facts.get('НомерКСчФ') or '—'} от {date or '—'}",
            mark="(1)",
            size=9.6,
        ),
        Heading(text=f"исправление корректировочного счёта-фактуры {_amended(facts)}", mark="(1а)", size=7.4),
        Heading(text=f"к счёту-фактуре (счетам-фактурам) {_corrected(facts)}", mark="(1б)", size=7.4),
    )
    decree = Text(text=_DECREE, size=5.6, align="right", grey=True)
    parties = Beside(
        widths=(132, 0),
        gap=5,
        parts=((Rows(label=34, rows=tuple(_left(facts))),), (Rows(label=36, rows=tuple(_right(facts))),)),
    )
    return Beside(
        widths=(34, 0), gap=6, rule=True, parts=(corner, (Beside(widths=(0, 52), parts=(titles, (decree,))), parties))
    )


def _amended(facts: etree._Element) -> str:
    return f"№ {first(facts, 'ИспрКСчФ/@НомИспрКСчФ') or '—'} от {first(facts, 'ИспрКСчФ/@ДатаИспрКСчФ') or '—'}"


def _corrected(facts: etree._Element) -> str:
    found = []
    for invoice in facts.findall("СчФ") or ([facts] if facts.get("НомерСчФ") else []):  # 93@ 5.01 knows but one
        amended = "; ".join(
            f"№ {node.get('НомИспрСчФ', '—')} от {node.get('ДатаИспрСчФ', '—')}" for node in invoice.findall("ИспрСчФ")
        )
        found.append(
            f"№ {any_of(invoice, '@НомерСчФ', '@НомСчФ') or '—'} от {invoice.get('ДатаСчФ', '—')}, "
            f"с учётом исправления {amended or '№ — от —'}"
        )
    return "; ".join(found) or "№ — от —, с учётом исправления № — от —"


def _left(facts: etree._Element) -> Iterator[Row]:
    seller = side(facts.find("СвПрод"))
    yield Row(label="Продавец", value=(seller.name if seller else None) or "—", mark="(2)")
    yield Row(label="Адрес", value=(seller.address if seller else None) or "—", mark="(2а)")
    yield Row(label="ИНН/КПП продавца", value=(seller.inn_kpp if seller else "") or "—", mark="(2б)")
    currency = ", ".join(
        part for part in (first(facts, "ДопСвФХЖ1/@НаимОКВ"), any_of(facts, "@КодОКВ", "ДенИзм/@КодОКВ")) if part
    )
    yield Row(label="Валюта: наименование, код", value=currency or "—", mark="(4)")


def _right(facts: etree._Element) -> Iterator[Row]:
    buyer = side(facts.find("СвПокуп"))
    yield Row(label="Покупатель", value=(buyer.name if buyer else None) or "—", mark="(3)")
    yield Row(label="Адрес", value=(buyer.address if buyer else None) or "—", mark="(3а)")
    yield Row(label="ИНН/КПП покупателя", value=(buyer.inn_kpp if buyer else "") or "—", mark="(3б)")
    yield Row(
        label="Идентификатор государственного контракта, договора (соглашения) (при наличии)",
        value=first(facts, "ДопСвФХЖ1/@ИдГосКон") or "—",
        mark="(5)",
    )


def _table(table: etree._Element | None) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for line in table.findall("СведТов") if table is not None else ():
        rows += _four(line)
    for tag, label in (
        ("ВсегоУвел", "Всего увеличение (сумма строк В)"),
        ("ВсегоУм", "Всего уменьшение (сумма строк Г)"),
    ):
        total = table.find(tag) if table is not None else None
        rows.append(
            (
                Cell(text=label, span=8, bold=True),
                figure(_sum(total, "@СтТовБезНДСВсего"), bold=True),
                Cell(text="Х", align="center"),
                Cell(text="Х", align="center"),
                figure(_sum(total, "СумНал/СумНДС", "СумНал/БезНДС", "СумНал/@СумНДС"), bold=True),
                figure(_sum(total, "@СтТовУчНалВсего"), bold=True),
                empty(span=5),
            )
        )
    return Table(widths=WIDTHS, head=_HEAD, marks=MARKS, rows=fitted(WIDTHS, rows, size=6.4), size=6.4, head_size=5.3)


def _four(line: etree._Element) -> Iterator[tuple[Cell, ...]]:
    """Rows А, Б, В, Г of one line: before, after, increase, decrease."""
    lead = (
        Cell(text=line.get("НомСтр", "—"), align="center", down=4),
        Cell(text=line.get("НаимТов", "—"), down=4),
    )
    tail = (Cell(text="—", align="center"),) * 5
    for letter, when, suffix in (("А", "до изменения", "До"), ("Б", "после изменения", "После")):
        unit = line.get(f"ОКЕИ_Тов{suffix}")
        yield (
            *(lead if letter == "А" else ()),
            words(f"{letter} ({when})"),
            code(None),
            code(unit),
            code(line.get(f"НаимЕдИзм{suffix}")),
            figure(quantity(line.get(f"КолТов{suffix}"))),
            figure(sum_of(line.get(f"ЦенаТов{suffix}"))),
            figure(_sum(line, f"СтТовБезНДС/@Стоим{suffix}Изм")),
            figure(_sum(line, f"Акциз{suffix}/СумАкциз", f"Акциз{suffix}/БезАкциз", f"Акциз{suffix}/@СумАкциз")),
            code(rate_of(line, f"НалСт{suffix}")),
            figure(_sum(line, f"СумНал{suffix}/СумНДС", f"СумНал{suffix}/БезНДС", f"СумНал{suffix}/@СумНДС")),
            figure(_sum(line, f"СтТовУчНал/@Стоим{suffix}Изм")),
            *tail,
        )
    cross = Cell(text="Х", align="center")
    for letter, when, suffix in (("В", "увеличение", "Увел"), ("Г", "уменьшение", "Ум")):
        yield (
            words(f"{letter} ({when})"),
            *(cross,) * 5,
            figure(_sum(line, f"СтТовБезНДС/@Стоим{suffix}")),
            figure(_sum(line, f"АкцизРазн/Сум{suffix}")),
            cross,
            figure(_sum(line, f"СумНалРазн/Сум{suffix}")),
            figure(_sum(line, f"СтТовУчНал/@Стоим{suffix}")),
            *tail,
        )


def _sum(element: etree._Element | None, *paths: str) -> str | None:
    return sum_of(any_of(element, *paths)) if element is not None else None


def _heads(document: etree._Element, *, signed: bool) -> Block:
    position, name = first_signer(document)
    trader = document.find("Подписант/ИП") is not None
    mark = SIGNED if signed and name else ""

    def line(label: str, who: str) -> Block:
        return signature_line(label, (mark if who else "", "(подпись)"), (who, "(ф.и.о.)"), room=52)

    who = named(position, name)
    return Together(
        blocks=(
            Beside(
                widths=(0, 0),
                gap=6,
                parts=(
                    (line("Руководитель организации или иное уполномоченное лицо", "" if trader else who),),
                    (line("Главный бухгалтер или иное уполномоченное лицо", ""),),
                ),
            ),
            line("Индивидуальный предприниматель или иное уполномоченное лицо", who if trader else ""),
        )
    )


def _agreement(
    document: etree._Element, answer: etree._Element | None, facts: etree._Element, *, signed: bool
) -> tuple[Block, ...]:
    halves = Beside(
        widths=(0, 0),
        gap=8,
        rule=True,
        parts=(_seller_agrees(document, signed=signed), _buyer_agrees(answer, facts, signed=signed)),
    )
    grounds = Rows(label=62, rows=_grounds(document.find("СодФХЖ3")))
    return (Line(thick=1.2), Together(blocks=(grounds, Space(height=1), halves)))


def _grounds(change: etree._Element | None) -> tuple[Row, ...]:
    """Lines 5-7: what is changed and why."""
    grounds = "; ".join(reference(node) for node in change.findall("ОснКор")) if change is not None else ""
    return (
        Row(
            label="К передаточным (отгрузочным) документам",
            value=(change.get("ПередатДокум") or "") if change is not None else "",
            mark="[5]",
            under="(реквизиты документов, которыми были переданы товары, услуги, результаты работ, права)",
        ),
        Row(
            label="Основание изменения стоимости",
            value=grounds,
            mark="[6]",
            under="(реквизиты договора, соглашения, уведомления и др.)",
        ),
        Row(
            label="Иные сведения",
            value=", ".join(_said(change)),
            mark="[7]",
            under="(ссылки на неотъемлемые приложения, сопутствующие документы и т. п.)",
        ),
    )


def _said(change: etree._Element | None) -> list[str]:
    found = [change.get(key) for key in ("СодОпер", "ИныеСвИзмСтоим")] if change is not None else []
    return [part for part in found if part]


def _seller_agrees(document: etree._Element, *, signed: bool) -> tuple[Block, ...]:
    """Lines 8-11: the seller proposes, or only notifies."""
    notice = "уведомл" in " ".join(_said(document.find("СодФХЖ3"))).lower()
    who, nobody = first_signer(document), (None, None)
    return (
        *_place("Предлагаю изменить стоимость", nobody if notice else who, "[8]", signed=signed),
        *_place("Уведомляю об изменении стоимости", who if notice else nobody, "[9]", signed=signed),
        *_place("Ответственный за правильность оформления факта хозяйственной жизни", who, "[10]", signed=signed),
        Rows(
            label=0,
            rows=(
                Row(
                    label="Наименование экономического субъекта – составителя документа (в т. ч. комиссионера / агента)",
                    value=document.get("НаимЭконСубСост", ""),
                    mark="[11]",
                    under="(может быть указан ИНН / КПП)",
                ),
            ),
        ),
    )


def _buyer_agrees(answer: etree._Element | None, facts: etree._Element, *, signed: bool) -> tuple[Block, ...]:
    """Lines 12-15: the buyer's agreement, empty until there is one."""
    agreed = first_signer(answer)
    buyer_side = side(facts.find("СвПокуп"))
    author = (answer.get("НаимЭконСубСост") if answer is not None else None) or (
        buyer_side.name if buyer_side else None
    )
    agreement = answer.find("СодФХЖ4/СвСоглас") if answer is not None else None
    told = [agreement.get(key) for key in ("ДатаСоглас", "СодОпер")] if agreement is not None else []
    day = ", ".join(part for part in told if part)
    return (
        *_place("С изменением стоимости согласен", agreed, "[12]", signed=signed),
        Rows(label=12, rows=(Row(label="Дата", value=day, mark="[13]"),)),
        *_place("Ответственный за правильность оформления факта хозяйственной жизни", agreed, "[14]", signed=signed),
        Rows(
            label=0,
            rows=(
                Row(
                    label="Наименование экономического субъекта – составителя документа",
                    value=author or "",
                    mark="[15]",
                    under="(может быть указан ИНН / КПП)",
                ),
            ),
        ),
    )


def _place(title: str, who: tuple[str | None, str | None], mark: str, *, signed: bool) -> tuple[Block, ...]:
    return (Text(text=f"{title} {mark}"), signed_by("", *who, signed=signed, room=0))
