"""УПД and счёт-фактура by Приложение 1 to Постановление 1137, with the hand-over recommended by ФНС (lines 10-21)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

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
from edo_service.formats.printing.layouts.upd_facts import FormLine, FormTransfer, UpdForm, upd_form
from edo_service.formats.printing.pieces import SIGNED, signature_line, stamps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (
    13.0, 6.0, 44.0, 9.0, 8.0, 11.0, 12.0, 16.0, 19.0, 11.0, 10.0, 17.0, 19.0, 8.0, 12.0, 22.0, 7.0, 11.0, 11.0, 13.0,
)  # fmt: skip
MARKS: Final = (
    "А", "1", "1а", "1б", "2", "2а", "3", "4", "5", "6", "7", "8", "9", "10", "10а", "11", "12", "12а", "13", "14",
)  # fmt: skip
_DECREE: Final = "Приложение № 1 к постановлению Правительства Российской Федерации от 26 декабря 2011 г. № 1137"
_ADVANCES: Final = (
    "К счёту-фактуре (счетам-фактурам), выставленному (выставленным) при получении оплаты, частичной оплаты или иных "
    "платежей в счёт предстоящих поставок товаров (выполнения работ, оказания услуг), передачи имущественных прав"
)
_STATUSES: Final = "1 – счёт-фактура и передаточный документ (акт)\n2 – передаточный документ (акт)"
_HEAD: Final = (
    (
        head("Код товара/ работ, услуг", down=2),
        head("№ п/п", down=2),
        head("Наименование товара (описание выполненных работ, оказанных услуг), имущественного права", down=2),
        head("Код вида товара", down=2),
        head("Единица измерения", span=2),
        head("Коли\u00adчество (объём)", down=2),
        head("Цена (тариф) за единицу измерения", down=2),
        head("Стоимость товаров (работ, услуг), имущественных прав без налога – всего", down=2),
        head("В том числе сумма акциза", down=2),
        head("Нало\u00adговая ставка", down=2),
        head("Сумма налога, предъявляемая покупателю", down=2),
        head("Стоимость товаров (работ, услуг), имущественных прав с налогом – всего", down=2),
        head("Страна происхождения товара", span=2),
        head(
            "Регистрационный номер декларации на товары или регистрационный номер партии товара, "
            "подлежащего прослеживаемости",
            down=2,
        ),
        head("Количественная единица измерения товара, используемая в целях осуществления прослеживаемости", span=2),
        head("Количество товара, подлежащего прослеживаемости", down=2),
        head("Стоимость товара, подлежащего прослеживаемости, без налога, руб.", down=2),
    ),
    (
        head("код"),
        head("условное обозначение (национальное)"),
        head("цифровой код"),
        head("краткое наименование"),
        head("код"),
        head("условное обозначение"),
    ),
)


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The form of a seller's title, the receiving half from the buyer's."""
    form = upd_form(root, answer)
    blocks = (
        _top(form),
        Space(height=1.5),
        _table(form),
        Space(height=1.5),
        _heads(form, signed=bool(stamps)),
        *(_transfer(form, form.transfer, signed=bool(stamps)) if form.transfer else ()),
        *_entries(form),
        *stamps_of(stamps),
        *_marking(form),
    )
    return Form(
        title=f"{form.kind} № {form.number or '—'}",
        blocks=blocks,
        file_id=form.file_id or "",
        landscape=True,
        size=6.8,
        margins=LANDSCAPE_MARGINS,
        day=form.day,
    )


def _top(form: UpdForm) -> Block:
    status: tuple[Block, ...] = ()
    if form.status:
        status = (
            Space(height=2),
            Text(text=f"Статус: {form.status}", size=9, bold=True),
            Text(text=_STATUSES, size=5.6, grey=True),
        )
    return Beside(
        widths=(29, 0),
        gap=6,
        rule=True,
        parts=(
            (Text(text=form.kind, size=8.4, bold=True), *status),
            (
                Beside(
                    widths=(0, 62),
                    parts=(
                        (
                            Heading(
                                text=f"{form.name} № {form.number or '—'} от {form.date or '—'}", mark="(1)", size=9.6
                            ),
                            Heading(
                                text=f"Исправление № {form.correction_number or '—'} от {form.correction_date or '—'}",
                                mark="(1а)",
                                size=7.6,
                            ),
                        ),
                        (Text(text=_DECREE, size=5.6, align="right", grey=True),),
                    ),
                ),
                Beside(widths=(132, 0), gap=5, parts=((_seller(form),), (_buyer(form),))),
                *_advances(form),
            ),
        ),
    )


def _advances(form: UpdForm) -> tuple[Block, ...]:
    """Line 5б; format 5.03 has no place for it, so the line stands empty as on a form without advances."""
    if not form.asks_for_advances:
        return ()
    return (Rows(label=196, rows=(Row(label=_ADVANCES, value="№ — от —", mark="(5б)"),)),)


def _seller(form: UpdForm) -> Block:
    return Rows(
        label=36,
        rows=(
            Row(label="Продавец", value=form.seller.name or "—", mark="(2)"),
            Row(label="Адрес", value=form.seller.address or "—", mark="(2а)"),
            Row(label="ИНН/КПП продавца", value=form.seller.inn_kpp or "—", mark="(2б)"),
            Row(label="Грузоотправитель и его адрес", value=form.consignor or "—", mark="(3)"),
            Row(label="Грузополучатель и его адрес", value=form.consignee or "—", mark="(4)"),
            Row(label="К платёжно-расчётному документу", value=form.payments or "№ — от —", mark="(5)"),
            Row(label="Документ об отгрузке", value=form.shipping or "—", mark="(5а)"),
        ),
    )


def _buyer(form: UpdForm) -> Block:
    return Rows(
        label=36,
        rows=(
            Row(label="Покупатель", value=form.buyer.name or "—", mark="(6)"),
            Row(label="Адрес", value=form.buyer.address or "—", mark="(6а)"),
            Row(label="ИНН/КПП покупателя", value=form.buyer.inn_kpp or "—", mark="(6б)"),
            Row(label="Валюта: наименование, код", value=form.currency or "—", mark="(7)"),
            Row(
                label="Идентификатор государственного контракта, договора (соглашения) (при наличии)",
                value=form.state_contract or "—",
                mark="(8)",
            ),
        ),
    )


def _table(form: UpdForm) -> Table:
    total = (
        Cell(thick=True),
        empty(),
        Cell(text="Всего к оплате (9)", span=6, bold=True),
        figure(form.net, bold=True),
        Cell(text="Х", align="center", span=2),
        figure(form.tax, bold=True),
        figure(form.gross, bold=True),
        empty(span=7),
    )
    rows = [*(_row(line) for line in form.lines), total]
    return Table(widths=WIDTHS, head=_HEAD, marks=MARKS, rows=fitted(WIDTHS, rows, size=6.4), size=6.4, head_size=5.4)


def _row(line: FormLine) -> tuple[Cell, ...]:
    return (
        Cell(text=line.code or "—", align="left" if line.code else "center", thick=True),
        code(line.number),
        words(line.name, *line.more),
        code(line.kind_code),
        code(line.unit_code),
        code(line.unit),
        figure(line.quantity),
        figure(line.price),
        figure(line.net),
        figure(line.excise),
        code(line.rate),
        figure(line.tax),
        figure(line.gross),
        _several(line.origin_codes),
        _several(line.origins),
        _several(line.declarations),
        _several(line.trace_codes),
        _several(line.trace_units),
        _several(line.trace_quantities, align_right=True),
        _several(line.trace_sums, align_right=True),
    )


def _several(values: Sequence[str], *, align_right: bool = False) -> Cell:
    if align_right and len(values) == 1:
        return figure(values[0])
    return Cell(text="\n".join(values) or "—", align="right" if align_right and values else "center")


def _heads(form: UpdForm, *, signed: bool) -> Block:
    def line(label: str, name: str | None) -> Block:
        return signature_line(
            label, (SIGNED if signed and name else "", "(подпись)"), (name or "", "(ф.и.о.)"), room=52
        )

    trader = signature_line(
        "Индивидуальный предприниматель или иное уполномоченное лицо",
        (SIGNED if signed and form.entrepreneur else "", "(подпись)"),
        (form.entrepreneur or "", "(ф.и.о.)"),
        room=52,
    )
    registered = signature_line(
        "",
        (
            form.registration or "",
            "(реквизиты свидетельства о государственной регистрации индивидуального предпринимателя)",
        ),
        room=0,
    )
    return Together(
        blocks=(
            Beside(
                widths=(0, 0),
                gap=6,
                parts=(
                    (line("Руководитель организации или иное уполномоченное лицо", form.head),),
                    (line("Главный бухгалтер или иное уполномоченное лицо", form.accountant),),
                ),
            ),
            Beside(widths=(0, 0), gap=6, parts=((trader,), (registered,))),
        )
    )


def _transfer(form: UpdForm, transfer: FormTransfer, *, signed: bool) -> tuple[Block, ...]:
    halves = Beside(
        widths=(0, 0),
        gap=8,
        rule=True,
        parts=(
            (Rows(rows=_given(form, transfer, signed=signed), label=0),),
            (Rows(rows=_taken(form, signed=signed), label=0),),
        ),
    )
    return (Line(thick=1.2), Together(blocks=(_grounds(transfer), Space(height=1), halves)))


def _given(form: UpdForm, transfer: FormTransfer, *, signed: bool) -> tuple[Row, ...]:
    """Lines 12-16: the seller's half."""
    return (
        Row(
            label="Товар (груз) передал / услуги, результаты работ, права сдал",
            value=transfer.given_by or "",
            mark="[12]",
            under="(должность, ф.и.о.)",
        ),
        Row(label="Дата отгрузки, передачи (сдачи)", value=transfer.date or "", mark="[13]"),
        Row(
            label="Иные сведения об отгрузке, передаче",
            value=transfer.other,
            mark="[14]",
            under="(ссылки на неотъемлемые приложения, сопутствующие документы, иные документы и т. п.)",
        ),
        Row(
            label="Ответственный за правильность оформления факта хозяйственной жизни",
            value=_signed(form.signers, signed=signed),
            mark="[15]",
            under="(должность, подпись, ф.и.о.)",
        ),
        Row(
            label="Наименование экономического субъекта – составителя документа (в т. ч. комиссионера / агента)",
            value=form.author or "",
            mark="[16]",
            under="(может быть указан ИНН / КПП)",
        ),
    )


def _taken(form: UpdForm, *, signed: bool) -> tuple[Row, ...]:
    """Lines 17-21: the buyer's half, empty until there is an answer."""
    accepted = form.acceptance
    return (
        Row(
            label="Товар (груз) получил / услуги, результаты работ, права принял",
            value=(accepted.accepted_by or "") if accepted else "",
            mark="[17]",
            under="(должность, ф.и.о.)",
        ),
        Row(label="Дата получения (приёмки)", value=(accepted.date or "") if accepted else "", mark="[18]"),
        Row(
            label="Иные сведения о получении, приёмке",
            value=accepted.other if accepted else "",
            mark="[19]",
            under="(информация о наличии/отсутствии претензии; ссылки на неотъемлемые приложения и другие документы)",
        ),
        Row(
            label="Ответственный за правильность оформления факта хозяйственной жизни",
            value=_signed(accepted.signers, signed=signed) if accepted else "",
            mark="[20]",
            under="(должность, подпись, ф.и.о.)",
        ),
        Row(
            label="Наименование экономического субъекта – составителя документа",
            value=((accepted.author if accepted else None) or form.buyer.name or ""),
            mark="[21]",
            under="(может быть указан ИНН / КПП)",
        ),
    )


def _grounds(transfer: FormTransfer) -> Rows:
    """Lines 10 and 11."""
    return Rows(
        label=62,
        rows=(
            Row(
                label="Основание передачи (сдачи) / получения (приёмки)",
                value=transfer.grounds,
                mark="[10]",
                under="(договор; доверенность и др.)",
            ),
            Row(
                label="Данные о транспортировке и грузе",
                value=transfer.transport,
                mark="[11]",
                under="(транспортная накладная, поручение экспедитору, экспедиторская / складская расписка и др.; масса груза)",
            ),
        ),
    )


def _signed(names: str, *, signed: bool) -> str:
    return f"{names}, {SIGNED}" if names and signed else names


def _entries(form: UpdForm) -> tuple[Block, ...]:
    if not form.entries:
        return ()
    listed = "; ".join(f"{name}: {value}" for name, value in form.entries)
    return (Text(text=f"Дополнительные сведения: {listed}", size=6.2, grey=True),)


def _marking(form: UpdForm) -> tuple[Block, ...]:
    """Every code of marking, in a list after the form: the paper form has no column for them."""
    rows = [(code(line.number), words(kind), Cell(text=mark)) for line in form.lines for kind, mark in line.marking]
    if not rows:
        return ()
    widths = (18.0, 52.0, 209.0)
    title = Heading(text="Средства идентификации товаров", size=8)
    columns = ((head("Строка таблицы"), head("Вид средства идентификации"), head("Код")),)
    return (
        Space(height=3),
        title,
        Table(widths=widths, head=columns, marks=(), rows=fitted(widths, rows)),
    )
