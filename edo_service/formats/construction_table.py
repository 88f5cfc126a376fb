"""Lines, sections and sums of акт КС-2 in our words, and how its sums are worked out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from edo_service.formats.engine.binding import as_it_is, each, inside, one_of, value

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class NamedField:
    """An additional field."""

    name: str = value("@Идентиф")
    text: str = value("@Значение")


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Additional fields and a file with more of them."""

    fields: tuple[NamedField, ...] = each("ТекстИнф", NamedField)
    file_id: str | None = value("@ИдФайлИнфПол", default=None)


@dataclass(frozen=True, kw_only=True)
class CompanyInn:
    """The ИНН of an organisation."""

    inn: str = value(".")


@dataclass(frozen=True, kw_only=True)
class PersonInn:
    """The ИНН of a person."""

    inn: str = value(".")


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A body of power."""

    name: str = value(".")


@dataclass(frozen=True, kw_only=True)
class ForeignSubject:
    """A foreign organisation (ИО) or citizen (ИГ)."""

    status: str = value("@ИдСтат")
    country: str | None = value("@Стран", default=None)
    name: str | None = value("@Наим", default=None)
    identifier: str | None = value("@Идентиф", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Someone who made a document or takes part in the building."""

    who: CompanyInn | PersonInn | ForeignSubject | Authority = one_of(
        ".", {"ИННЮЛ": CompanyInn, "ИННФЛ": PersonInn, "ДаннИно": ForeignSubject, "НаимОИВ": Authority}
    )


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """A document: its file, or its name, number and date."""

    makers: tuple[Subject, ...] = each("ИдРекСост", Subject)
    name: str | None = value("@НаимДок", default=None)
    number: str | None = value("@НомерДок", default=None)
    date: dt.date | None = value("@ДатаДок", default=None)
    file_id: str | None = value("@ИдДок", default=None)
    more: str | None = value("@ДопСведДок", default=None)


@dataclass(frozen=True, kw_only=True)
class Extension:
    """Fields of a state contract whose structure the parties agree on: any XML, kept as it is."""

    content: str = as_it_is()
    name: str | None = value("@ИмяДопПакета", default=None)
    version: str | None = value("@Версия", default=None)


EXTENSION = "ДопПолеСтрИнф"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A reference to a document."""

    facts: PaperFacts = inside("ТипИдДок", PaperFacts)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)


@dataclass(frozen=True, kw_only=True)
class MoneyUp:
    """The sum grew."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class MoneyDown:
    """The sum fell."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class QuantityUp:
    """The quantity grew."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class QuantityDown:
    """The quantity fell."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """The quantity stayed."""

    mark: str = value(".", default="без изм")


@dataclass(frozen=True, kw_only=True)
class PeriodChange:
    """A change of an earlier period."""

    money: MoneyUp | MoneyDown = one_of(".", {"УвелДен": MoneyUp, "УменьшДен": MoneyDown})
    quantity: QuantityUp | QuantityDown | Unchanged = one_of(
        ".", {"УвелКол": QuantityUp, "УменьшКол": QuantityDown, "НетИзмКол": Unchanged}
    )
    paper: Paper | None = inside("ПрДокИзмСНачСтр", Paper, default=None)
    batch_up: str | None = value("@РНПТУвел", default=None)
    batch_down: str | None = value("@РНПТУменьш", default=None)


@dataclass(frozen=True, kw_only=True)
class PeriodChanges:
    """Corrected mistakes and new circumstances of earlier periods."""

    mistakes: tuple[PeriodChange, ...] = each("ОшибПрПер", PeriodChange)
    circumstances: tuple[PeriodChange, ...] = each("НовОбстПрПер", PeriodChange)


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A quantity as a number."""

    number: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A quantity in words."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class LineRate:
    """The tax rate where the tax stands in every line."""

    rate: str = value(".")


@dataclass(frozen=True, kw_only=True)
class TotalRate:
    """The tax rate where the tax stands in totals only."""

    rate: str = value(".")


@dataclass(frozen=True, kw_only=True)
class Dash:
    """A dash in place of a sum; some fields allow a zero too."""

    mark: str = value(".", default="-")


@dataclass(frozen=True, kw_only=True)
class NoTax:
    """No tax in a line."""

    mark: str = value(".", default="Без НДС")


@dataclass(frozen=True, kw_only=True)
class LineTax:
    """The tax of a line."""

    tax: Decimal | NoTax | Dash = one_of(".", {"СумНал": None, "БезНДС": NoTax, "ДефНДС": Dash})


@dataclass(frozen=True, kw_only=True)
class TracedGoods:
    """Goods that are traced."""

    batch: str = value("@НомТовПрослеж")
    unit_code: str = value("@ЕдИзмПрослеж")
    unit: str = value("@НаимЕдИзмПрослеж")
    quantity: Decimal = value("@КолВЕдПрослеж")
    name: str | None = value("@НаимТовВГрупп", default=None)
    cost: Decimal | None = value("@СтТовПрослежБезНДС", default=None)


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """A line of works: what, how much, for how much."""

    name: str = value("@НаимТов")
    number: int | None = value("@НомСтр", default=None)
    estimate_position: str | None = value("@ПозСмет", default=None)
    position: str | None = value("@НомПоз", default=None)
    unit_code: str | None = value("@ОКЕИ_Стройка", default=None)
    unit: str | None = value("@НаимЕдИзм", default=None)
    other_unit: str | None = value("@НаимОЕИ", default=None)
    quantity: Amount | Volume | None = one_of(".", {"КолТов": Amount, "КолТовТекст": Volume}, default=None)
    estimate_quantity: Amount | Volume | None = one_of(".", {"КолСмет": Amount, "КолСметТекст": Volume}, default=None)
    quantity_since_start: Amount | Volume | None = one_of(
        ".", {"КолСНач": Amount, "КолСНачТекст": Volume}, default=None
    )
    price: Decimal = value("@ЦенаТов")
    index: Decimal | None = value("@КоэфПересч", default=None)
    net: Decimal = value("@СтТовБезНДС")
    rate: LineRate | TotalRate | None = one_of(".", {"НалСтПостр": LineRate, "НалСтВИтог": TotalRate}, default=None)
    tax: LineTax | None = inside("СумНал", LineTax, default=None)
    gross: Decimal | None = value("@СтТовУчНал", default=None)
    net_since_start: Decimal | None = value("@СтСНачСтрБезНДС", default=None)
    gross_since_start: Decimal | None = value("@СтТовУчНалСНачСтр", default=None)
    estimate_net: Decimal | None = value("@СтПоСметеБезНДС", default=None)
    estimate_gross: Decimal | None = value("@СтПоСметеУчНал", default=None)
    cost_kind: str | None = value("@ТипЗатр", default=None)
    has_mistakes: str | None = value("@ПрИспрОш", default=None)
    has_circumstances: str | None = value("@ПрНовОбст", default=None)
    cost_changes: PeriodChanges | None = inside("УчОшИНовОбстСт", PeriodChanges, default=None)
    quantity_changes: PeriodChanges | None = inside("УчОшИНовОбстКол", PeriodChanges, default=None)
    asset_id: str | None = value("@ИдОС", default=None)
    origin_code: str | None = value("@КодПроисх", default=None)
    origin: str | None = value("@НаимСтрПр", default=None)
    traced: tuple[TracedGoods, ...] = each("СвПрослежСтройка", TracedGoods)
    fields: tuple[Fields, ...] = each("ИнфПолФХЖ2", Fields)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)


@dataclass(frozen=True, kw_only=True)
class SectionTax:
    """A tax of a section by its number."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class WorkSection:
    """A section: its lines and its sums."""

    name: str = value("@НаимРаздел")
    lines: tuple[WorkLine, ...] = each("СвВидРаб", WorkLine)
    estimate_tax: SectionTax | Dash | None = one_of(
        ".", {"СумНалРаздСмет": SectionTax, "ПрочеркНалСмет": Dash}, default=None
    )
    tax: SectionTax | Dash | None = one_of(".", {"СумНалРаздОтч": SectionTax, "ПрочеркНалОтч": Dash}, default=None)
    tax_since_start: SectionTax | Dash | None = one_of(
        ".", {"СумНалРаздСНач": SectionTax, "ПрочеркНалСНач": Dash}, default=None
    )
    fields: tuple[Fields, ...] = each("ИнфПолРазд", Fields)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)
    line_number: int | None = value("@НомСтр", default=None)
    estimate_position: str | None = value("@ПозРаздСмет", default=None)
    number: int | None = value("@НомРазд", default=None)
    estimate_net: Decimal | None = value("@СтБезНДСРаздСмет", default=None)
    estimate_gross: Decimal | None = value("@СтСНДСРаздСмет", default=None)
    net: Decimal = value("@СтБезНДСРаздОтч")
    gross: Decimal | None = value("@СтСНДСРаздОтч", default=None)
    net_since_start: Decimal | None = value("@СтБезНДСРаздСНач", default=None)
    gross_since_start: Decimal | None = value("@СтСНДСРаздСНач", default=None)


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """A list of works: lines, sections, or resources by which the cost is worked out."""

    lines: tuple[WorkLine, ...] = each("ВидРаб", WorkLine)
    sections: tuple[WorkSection, ...] = each("Раздел", WorkSection)
    resources: tuple[WorkLine, ...] = each("РасшифРес", WorkLine)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)


@dataclass(frozen=True, kw_only=True)
class RateTax:
    """A tax by its number."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class Exempt:
    """No tax."""

    mark: str = value(".", default="без НДС")


@dataclass(frozen=True, kw_only=True)
class ByRate:
    """The base and the tax of one rate."""

    rate: str = value("@НалСт")
    base: Decimal = value("@НалБаза")
    tax: RateTax | Exempt | Dash = one_of(".", {"СумНДС": RateTax, "НеобНДС": Exempt, "НДСНалАг": Dash})
    positions: tuple[str, ...] = each("НомПозСт")


@dataclass(frozen=True, kw_only=True)
class ActTotal:
    """All of the act, for the period or since the start."""

    net: Decimal = value("@СтТовБезНДСВсего")
    tax: RateTax | Dash = one_of(".", {"СумНалВсего": RateTax, "ОтсСумНДС": Dash})
    gross: Decimal | None = value("@СтТовУчНалВсего", default=None)
    by_rates: tuple[ByRate, ...] = each("СумПоСтавке", ByRate)
    currency_gross: Decimal | None = value("@СтУчНалВсВалДог", default=None)
    currency_tax: Decimal | None = value("@СумНалВсВалДог", default=None)


def total_of_works(lists: Iterable[WorkList]) -> ActTotal:
    """The total for the period added up from all lines to the kopeck."""
    lines = [
        line for works in lists for line in (*works.lines, *(row for part in works.sections for row in part.lines))
    ]
    net = sum((line.net for line in lines), ZERO)
    taxes = [line.tax.tax for line in lines if line.tax is not None and isinstance(line.tax.tax, Decimal)]
    tax = sum(taxes, ZERO)
    return ActTotal(net=net, tax=RateTax(amount=tax) if taxes else Dash(), gross=net + tax)
