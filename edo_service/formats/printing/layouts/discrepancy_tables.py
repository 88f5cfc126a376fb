"""Tables of ТОРГ-2: times, what the transport papers say, places and mass, goods by documents (1-9) and in fact (10-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.engine.conditions import first, number
from edo_service.formats.printing.blocks import Cell, Table, code, figure, fitted, head, words
from edo_service.formats.printing.pieces import quantity, sum_of, total_of, total_quantity
from edo_service.formats.showing import plain_number

_SIZE: Final = 6.2
_HEAD_SIZE: Final = 5.4
TIMES: Final = (31.0, 34.0, 31.0, 31.0, 28.0, 31.0, 31.0, 31.0, 31.0)
CARGO: Final = (44.0, 20.0, 26.0, 66.0, 22.0, 31.0, 38.0, 32.0)
MASS: Final = (92.0, 30.0, 32.0, 32.0, 32.0, 61.0)
BY_PAPERS: Final = (86.0, 15.0, 18.0, 16.0, 30.0, 17.0, 26.0, 32.0, 39.0)
IN_FACT: Final = (27.0, 14.0, 19.0, 24.0, 30.0, 13.0, 20.0, 13.0, 20.0, 13.0, 20.0, 13.0, 20.0, 33.0)
_KINDS: Final = ("Брак", "Бой", "Недостача", "Излишки")
_PAIR: Final = (head("коли\u00adчество"), head("сумма, руб. коп."))


def times(facts: etree._Element) -> Table:
    """When the cargo came, was opened, handed out, brought and looked at."""
    arrived, seen = facts.find("СвВремПрием"), facts.find("СвОсмГруз")

    def at(holder: etree._Element | None, name: str) -> str | None:
        return holder.get(name) if holder is not None else None

    row = (
        code(at(arrived, "ПрибГруз")),
        code(at(arrived, "ВскрытГруз")),
        code(at(arrived, "ВыдачГруз")),
        code(at(arrived, "ДостГруз")),
        code(None),
        code(at(seen, "ВремяНач")),
        code(None),
        code(None),
        code(at(seen, "ВремяОконч")),
    )
    titles = (
        (head("Дата, время, ч. мин.", span=9),),
        (
            head("прибытия товара на станцию (пристань, порт) назначения", down=2),
            head("вскрытия вагона, автофургона, контейнера и других транспортных средств", down=2),
            head("выдачи товара организацией транспорта", down=2),
            head("доставки товара на склад организации-получателя", down=2),
            head("начала разгрузки", down=2),
            head("приёмки товара", span=4),
        ),
        (head("начало"), head("приостанов\u00adление"), head("возобнов\u00adление"), head("окончание")),
    )
    return Table(
        widths=TIMES, head=titles, marks=(), rows=fitted(TIMES, [row], size=_SIZE), size=_SIZE, head_size=_HEAD_SIZE
    )


def cargo(facts: etree._Element) -> Table:
    """What the transport papers say."""
    rows = [
        (
            code(place.get("ОтмПломб")),
            figure(quantity(place.get("КолМест"))),
            code(place.get("ВидУпак")),
            words(place.get("НаимГруз")),
            code(place.get("НаимЕдИзм") or place.get("ОКЕИ_Тов")),
            figure(quantity(first(place, "МассаДок/@МассаБр"))),
            code(None),
            words(first(place, "ИнфПолСопрДок/@Значен")),
        )
        for place in facts.findall("СвСопрДок")
    ]
    titles = (
        (
            head("Отметка об опломбировании товара (груза), состояние пломб и содержание оттиска", down=2),
            head("Количество мест", down=2),
            head("Вид упаковки", down=2),
            head("Наименование товара (груза) или номера вагонов (контейнеров, автофургонов и т. д.)", down=2),
            head("Единица измерения", down=2),
            head("Масса брутто товара (груза) по документам", span=2),
            head("Особые отметки отправителя по накладной", down=2),
        ),
        (head("отправителя"), head("транспортной организации (станции, пристани, порта)")),
    )
    empty_row = tuple(code(None) for _ in CARGO)
    return Table(
        widths=CARGO,
        head=titles,
        marks=tuple(str(mark) for mark in range(1, 9)),
        rows=fitted(CARGO, rows or [empty_row], size=_SIZE),
        size=_SIZE,
        head_size=_HEAD_SIZE,
    )


def mass(facts: etree._Element) -> Table:
    """Places and mass by the sender's papers, as they came, and the difference."""
    told, came = (
        {
            name: _sum(first(place, f"{tag}/@{name}") for place in facts.findall("СвСопрДок"))
            for name in ("МассаБр", "МассаНет")
        }
        for tag in ("МассаДок", "МассаФакт")
    )
    places = total_quantity(place.get("КолМест") for place in facts.findall("СвСопрДок"))

    def row(label: str, count: str | None, get: Callable[[str], Decimal | None]) -> tuple[Cell, ...]:
        gross, net = get("МассаБр"), get("МассаНет")
        tare = gross - net if gross is not None and net is not None else None
        return (words(label), figure(count), *(figure(plain_number(one)) for one in (gross, tare, net)), code(None))

    def lacking(name: str) -> Decimal | None:
        before, after = told[name], came[name]
        return after - before if before is not None and after is not None else None

    titles = (
        (
            head("Расхождение по количеству мест и массе, обнаруженное на складе товарополучателя", down=2),
            head("Количество мест", down=2),
            head("Масса, кг", span=3),
            head("Степень заполнения тарного места, вагона, контейнера и т. п.", down=2),
        ),
        (head("брутто"), head("тара"), head("нетто")),
    )
    rows = [
        row("По документам грузоотправителя", places, told.get),
        row("Фактически поступило", None, came.get),
        row("Расхождение (+, –)", None, lacking),
    ]
    return Table(
        widths=MASS, head=titles, marks=(), rows=fitted(MASS, rows, size=_SIZE), size=_SIZE, head_size=_HEAD_SIZE
    )


def _sum(texts: Iterable[str | None]) -> Decimal | None:
    found = [value for text in texts if text is not None and (value := number(text)) is not None]
    return sum(found[1:], found[0]) if found else None


def by_papers(lines: list[etree._Element]) -> Table:
    """Columns 1-9: what the supplier's documents say."""
    titles = (
        (
            head("Товар (наименование)", down=2),
            head("Номер места", down=2),
            head("Единица измерения", span=2),
            head("По документам поставщика значится", span=5),
        ),
        (
            head("наимено\u00adвание"),
            head("код по ОКЕИ"),
            head("артикул товара"),
            head("сорт"),
            head("количество (масса)"),
            head("цена, руб. коп."),
            head("сумма, руб. коп."),
        ),
    )
    rows = [_told(place, line) for place, line in enumerate(lines, start=1)]
    total = (
        Cell(text="Итого", span=6, align="right", bold=True),
        _whole(lines, "ПоДокум/@КолТовПрин"),
        Cell(text="Х", align="center"),
        _money(lines, "ПоДокум/@СтоимТовНДСПрин"),
    )
    return Table(
        widths=BY_PAPERS,
        head=titles,
        marks=tuple(str(mark) for mark in range(1, 10)),
        rows=fitted(BY_PAPERS, [*rows, total], size=_SIZE),
        size=_SIZE,
        head_size=_HEAD_SIZE,
    )


def line_number(place: int, line: etree._Element) -> str:
    """The line's number in the supplier's document, or which line it is here."""
    return first(line, "Ценности/@НомСтрСопрДок") or str(place)


def _named(place: int, line: etree._Element) -> str:
    """«3. Комплект шин, зимние»."""
    goods = line.find("Ценности")
    found = [goods.get(key) for key in ("НаимТов", "ХарактТов", "КодТов")] if goods is not None else []
    return f"{line_number(place, line)}. {', '.join(text for text in found if text) or '—'}"


def _told(place: int, line: etree._Element) -> tuple[Cell, ...]:
    return (
        words(_named(place, line)),
        code(None),
        code(line.get("НаимЕдИзм")),
        code(line.get("ОКЕИ_Тов")),
        code(first(line, "Ценности/@АртикулТов")),
        code(first(line, "Ценности/@СортТов")),
        figure(quantity(first(line, "ПоДокум/@КолТовПрин"))),
        figure(sum_of(first(line, "ПоДокум/@ЦенаПрин"))),
        figure(sum_of(first(line, "ПоДокум/@СтоимТовНДСПрин"))),
    )


def in_fact(lines: list[etree._Element]) -> Table:
    """Columns 10-23: what there was in fact and how it differs."""
    titles = (
        (
            head("Фактически оказалось", span=5, down=2),
            head("Брак", span=2, down=2),
            head("Бой", span=2, down=2),
            head("Отклонение", span=4),
            head("Номер паспорта", down=3),
        ),
        (head("недостача", span=2), head("излишки", span=2)),
        (
            head("артикул товара"),
            head("сорт"),
            head("количество (масса)"),
            head("цена, руб. коп."),
            head("сумма, руб. коп."),
            *_PAIR * 4,
        ),
    )
    total = (
        Cell(text="Итого", span=2, align="right", bold=True),
        _whole(lines, "ПоФакту/@КолТовПрин"),
        Cell(text="Х", align="center"),
        _money(lines, "ПоФакту/@СтоимТовНДСПрин"),
        *(
            cell
            for tag in _KINDS
            for cell in (_whole(lines, f"{tag}/@КолТовРасх"), _money(lines, f"{tag}/@СтоимТовНДСРасх"))
        ),
        Cell(text="Х", align="center"),
    )
    return Table(
        widths=IN_FACT,
        head=titles,
        marks=tuple(str(mark) for mark in range(10, 24)),
        rows=fitted(IN_FACT, [*map(_found, lines), total], size=_SIZE),
        size=_SIZE,
        head_size=_HEAD_SIZE,
    )


def _found(line: etree._Element) -> tuple[Cell, ...]:
    return (
        code(first(line, "Ценности/@АртикулТов")),
        code(first(line, "Ценности/@СортТов")),
        figure(quantity(first(line, "ПоФакту/@КолТовПрин"))),
        figure(sum_of(first(line, "ПоФакту/@ЦенаПрин"))),
        figure(sum_of(first(line, "ПоФакту/@СтоимТовНДСПрин"))),
        *(
            cell
            for tag in _KINDS
            for cell in (
                figure(quantity(first(line, f"{tag}/@КолТовРасх"))),
                figure(sum_of(first(line, f"{tag}/@СтоимТовНДСРасх"))),
            )
        ),
        code(first(line, "Ценности/@Паспорт")),
    )


def _whole(lines: list[etree._Element], path: str) -> Cell:
    return figure(total_quantity(first(line, path) for line in lines), bold=True)


def _money(lines: list[etree._Element], path: str) -> Cell:
    return figure(total_of(first(line, path) for line in lines), bold=True)
