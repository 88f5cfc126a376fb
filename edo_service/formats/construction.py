"""Акт КС-2 1.00 (ЕД-7-26/691@), both titles: domain values, reading and writing.

Files of state contracts carry extension fields whose structure the parties agree on: their XML is kept as it is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from edo_service.formats.checking import load
from edo_service.formats.construction_sides import BuildingGround, BuildingSide, BuildingSigner
from edo_service.formats.construction_table import (
    EXTENSION,
    ActTotal,
    Dash,
    Extension,
    Fields,
    Paper,
    PaperFacts,
    RateTax,
    WorkList,
)
from edo_service.formats.declarations.construction_contractor import CONSTRUCTION_ACT_CONTRACTOR
from edo_service.formats.declarations.construction_customer import CONSTRUCTION_ACT_CUSTOMER
from edo_service.formats.engine.binding import each, inside, moment, one_of, read, value
from edo_service.formats.errors import FormatError
from edo_service.formats.old_parties import OldAddress
from edo_service.formats.upd import PROGRAM
from edo_service.formats.writing import WrittenFile, write_file

_HEAD = "Документ/СвАктСдПр"


@dataclass(frozen=True, kw_only=True)
class ActRevision:
    """An исправление of the act."""

    number: int = value("@НомИспр")
    date: dt.date = value("@ДатаИспр")


@dataclass(frozen=True, kw_only=True)
class EstimateChange:
    """The estimate was changed by an agreement."""

    agreement: Paper = inside("ИдДопСогл", Paper)
    version: int = value("@КодСмет")


@dataclass(frozen=True, kw_only=True)
class EstimateUnchanged:
    """The estimate was not changed."""

    mark: str = value(".", default="смета не менялась")


@dataclass(frozen=True, kw_only=True)
class ActCurrency:
    """The currency of the act."""

    code: str = value("@КодОКВ")
    name: str | None = value("@НаимОКВ", default=None)
    rate: Decimal | None = value("@КурсВал", default=None)
    nominal: int | None = value("@НомВал", default=None)


@dataclass(frozen=True, kw_only=True)
class WorkDays:
    """So many working days to accept."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class CalendarDays:
    """So many calendar days to accept."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class AcceptBy:
    """The day to accept by."""

    day: dt.date = value(".")


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """The works are handed over."""

    operation: str = value("@СодОпер")
    kind: str | None = value("@ВидОпер", default=None)
    presented: Paper | None = inside("ИдДокПредъявЗак", Paper, default=None)
    term: WorkDays | CalendarDays | AcceptBy | None = one_of(
        ".",
        {"СрокПринРабДн": WorkDays, "СрокПринКалендДн": CalendarDays, "СрокПринДат": AcceptBy},
        default=None,
    )
    ready: Paper | None = inside("ИдСообОГотовн", Paper, default=None)
    presented_on: dt.date | None = value("@ДатПредъявЗак", default=None)
    since: dt.date | None = value("@НачПерВДок", default=None)
    until: dt.date | None = value("@ОконПерВДок", default=None)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of the contractor by its code."""

    code: str = value(".")


@dataclass(frozen=True, kw_only=True)
class Deduction:
    """A deduction of the customer by its code."""

    code: str = value(".")


@dataclass(frozen=True, kw_only=True)
class OtherClaim:
    """A claim in words."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class OtherDeduction:
    """A deduction in words."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """A claim or a deduction."""

    kind: Claim | Deduction = one_of(".", {"ВидТреб": Claim, "ВидУдерж": Deduction})
    other: OtherClaim | OtherDeduction | None = one_of(
        ".", {"ИнВидТреб": OtherClaim, "ИнВидУдерж": OtherDeduction}, default=None
    )
    paper: Paper | None = inside("ДокПодтСумУд", Paper, default=None)
    amount: Decimal = value("@СумТребУдерж")


@dataclass(frozen=True, kw_only=True)
class Settlements:
    """What is to be paid after claims and deductions."""

    period: Settlement = inside("УчетТребУдерж", Settlement)
    since_start: Settlement | None = inside("УчетТребУдержСНач", Settlement, default=None)
    fields: tuple[Fields, ...] = each("ИнфПолСвОРасч", Fields)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)
    to_pay: Decimal | None = value("@ВсегоКОплатОтч", default=None)
    to_pay_since_start: Decimal | None = value("@ВсегоКОплатеСНач", default=None)
    deductions: Decimal = value("@СумУдержВсегоОтч")
    deductions_since_start: Decimal | None = value("@СумУдержВсегоСНач", default=None)
    claims: Decimal = value("@СумТребВсегоОтч")
    claims_since_start: Decimal | None = value("@СумТребВсегоСНач", default=None)


@dataclass(frozen=True, kw_only=True)
class ActSettings:
    """How the act is made: tax in totals only (1), cumulative sums (1), index of prices, degree, settlements agreed."""

    tax_in_totals: str = value("@ПрНДСВИтог")
    cumulative: str = value("@ПрНакИтог")
    index: str = value("@ПрИндЦен")
    degree: str | None = value("@СтепАгрег", default=None)
    settlements_agreed: str = value("@ПрСведРасчСогл")


@dataclass(frozen=True, kw_only=True)
class ConstructionActContractor:
    """The contractor's title of КС-2."""

    file_id: str = value("@ИдФайл")
    number: str = value(f"{_HEAD}/@НомерДок")
    date: dt.date = value(f"{_HEAD}/@ДатаДок")
    site: str = value(f"{_HEAD}/@НаимОб")
    contract_currency: str = value(f"{_HEAD}/@КодОКВДог")
    asset_id: str | None = value(f"{_HEAD}/@ИдОбОСИтСтр", default=None)
    contract: Paper = inside(f"{_HEAD}/ИдДог", Paper)
    revision: ActRevision | None = inside(f"{_HEAD}/ИспрАктСдПр", ActRevision, default=None)
    contractor: BuildingSide = inside(f"{_HEAD}/СвПодр", BuildingSide)
    customer: BuildingSide = inside(f"{_HEAD}/СвЗак", BuildingSide)
    ground: BuildingGround | None = inside(f"{_HEAD}/ОсновСтроит", BuildingGround, default=None)
    place: OldAddress | None = inside(f"{_HEAD}/МестВыпРаб", OldAddress, default=None)
    estimate: Paper | None = inside(f"{_HEAD}/ИдСмет", Paper, default=None)
    estimate_change: EstimateChange | EstimateUnchanged | None = one_of(
        _HEAD, {"ИзмСмет": EstimateChange, "ИзмСметНет": EstimateUnchanged}, default=None
    )
    grounds: tuple[Paper, ...] = each(f"{_HEAD}/ОснСдачи", Paper)
    currency: ActCurrency = inside(f"{_HEAD}/ДенИзм", ActCurrency)
    fields: Fields | None = inside(f"{_HEAD}/ИнфПолФХЖ1", Fields, default=None)
    head_extension: Extension | None = inside(f"{_HEAD}/{EXTENSION}", Extension, default=None)
    works: tuple[WorkList, ...] = each("Документ/НаимИСт", WorkList)
    hand_over: HandOver = inside("Документ/СвПродПер/СвПер", HandOver)
    hand_over_fields: Fields | None = inside("Документ/СвПродПер/ИнфПолФХЖ3", Fields, default=None)
    hand_over_extension: Extension | None = inside(f"Документ/СвПродПер/{EXTENSION}", Extension, default=None)
    settlements: Settlements | None = inside("Документ/СвОРасч", Settlements, default=None)
    total: ActTotal = inside("Документ/ВсегоАктОтч", ActTotal)
    total_since_start: ActTotal | None = inside("Документ/ВсегоАктСНач", ActTotal, default=None)
    extension: Extension | None = inside(f"Документ/{EXTENSION}", Extension, default=None)
    settings: ActSettings | None = inside("Документ/НастрФормДок", ActSettings, default=None)
    signers: tuple[BuildingSigner, ...] = each("Документ/ПодписантПодр", BuildingSigner)
    author: str = value("Документ/@НаимЭкСубСост")
    author_grounds: PaperFacts | None = inside("Документ/ОснДовОргСост", PaperFacts, default=None)
    agreed_structure: str | None = value("Документ/@СоглСтрДопИнф", default=None)
    created_at: dt.datetime = moment("Документ/@ДатаИнфПодр", "Документ/@ВремИнфПодр", colon=True)
    program: str = value("@ВерсПрог", default=PROGRAM)


@dataclass(frozen=True, kw_only=True)
class AcceptedOn:
    """Accepted on this day."""

    day: dt.date = value(".")


@dataclass(frozen=True, kw_only=True)
class RefusedOn:
    """Refused on this day."""

    day: dt.date = value(".")


@dataclass(frozen=True, kw_only=True)
class ReducedPrice:
    """What is to be paid when the price is reduced."""

    net: Decimal = value("@СтТовБезНДСИтог")
    tax: RateTax | Dash | None = one_of(".", {"СумНалИтог": RateTax, "ОтсСумНДС": Dash}, default=None)
    gross: Decimal | None = value("@СтТовУчНалИтог", default=None)
    to_pay: Decimal | None = value("@ИтогКПеречислОтч", default=None)
    to_pay_since_start: Decimal | None = value("@ИтогКПеречислСНач", default=None)


@dataclass(frozen=True, kw_only=True)
class WorksAcceptance:
    """What the customer decided; `result` is КодСодОпер."""

    decided: AcceptedOn | RefusedOn = one_of(".", {"ДатаПрин": AcceptedOn, "ДатаОтказПрин": RefusedOn})
    refusal_paper: Paper | None = inside("ИдДокОтказ", Paper, default=None)
    flaws_paper: Paper | None = inside("ИдДокОНедостатк", Paper, default=None)
    reduced: ReducedPrice | None = inside("ИтогУмСтоимДог", ReducedPrice, default=None)
    operation: str | None = value("@СодОпер", default=None)
    result: str | None = value("@КодСодОпер", default=None)
    refusal: str | None = value("@ИнфОтказПрием", default=None)
    flaws: str | None = value("@ИнфОНедостатк", default=None)
    income_tax: Decimal | None = value("@СумНДФЛ", default=None)


@dataclass(frozen=True, kw_only=True)
class ContractorFile:
    """The contractor's file: its name, its moment, its signatures in base64."""

    file_id: str = value("@ИдФайлИнфПодр")
    created_at: dt.datetime = moment("@ДатаФайлИнфПодр", "@ВремяФайлИнфПодр")
    signatures: tuple[str, ...] = each("ЭП")


@dataclass(frozen=True, kw_only=True)
class ConstructionActCustomer:
    """The customer's title of КС-2."""

    file_id: str = value("@ИдФайл")
    answers: ContractorFile = inside("Документ/ИдИнфПодр", ContractorFile)
    number: str = value("Документ/СодФХЖ4/@НомПостДок")
    date: dt.date = value("Документ/СодФХЖ4/@ДатаПостДок")
    kind: str | None = value("Документ/СодФХЖ4/@ВидОпер", default=None)
    state: str = value("Документ/СодФХЖ4/@ПрГосМун", default="0")
    acceptance: WorksAcceptance = inside("Документ/СодФХЖ4/СвПрием", WorksAcceptance)
    on_settlements: str | None = value("Документ/СодФХЖ4/ИзвОРасч/@ИзвПоРасч", default=None)
    fields: tuple[Fields, ...] = each("Документ/СодФХЖ4/ИнфПолФХЖ4", Fields)
    fact_extension: Extension | None = inside(f"Документ/СодФХЖ4/{EXTENSION}", Extension, default=None)
    extension: Extension | None = inside(f"Документ/{EXTENSION}", Extension, default=None)
    signers: tuple[BuildingSigner, ...] = each("Документ/ПодписантЗак", BuildingSigner)
    author: str = value("Документ/@НаимЭконСубСост")
    author_grounds: Paper | None = inside("Документ/ОснДоверОргСост", Paper, default=None)
    created_at: dt.datetime = moment("Документ/@ДатИнфЗак", "Документ/@ВрИнфЗак")
    program: str = value("@ВерсПрог", default=PROGRAM)


def read_construction_act_contractor(xml: bytes) -> ConstructionActContractor:
    """A contractor's title of КС-2. Raises FormatError for anything else."""
    root, kind, declaration = load(xml)
    if declaration is not CONSTRUCTION_ACT_CONTRACTOR:
        raise FormatError(f"Нужен титул подрядчика акта КС-2, а это {kind.name_ru}", line=1)
    return read(ConstructionActContractor, root, declaration.root)


def write_construction_act_contractor(act: ConstructionActContractor) -> WrittenFile:
    """The file of a contractor's title. Raises FormatError when the official schema would refuse it."""
    return write_file(act, CONSTRUCTION_ACT_CONTRACTOR, knd="1110335")


def read_construction_act_customer(xml: bytes) -> ConstructionActCustomer:
    """A customer's title of КС-2. Raises FormatError for anything else."""
    root, kind, declaration = load(xml)
    if declaration is not CONSTRUCTION_ACT_CUSTOMER:
        raise FormatError(f"Нужен титул заказчика акта КС-2, а это {kind.name_ru}", line=1)
    return read(ConstructionActCustomer, root, declaration.root)


def write_construction_act_customer(act: ConstructionActCustomer) -> WrittenFile:
    """The file of a customer's title. Raises FormatError when the official schema would refuse it."""
    return write_file(act, CONSTRUCTION_ACT_CUSTOMER, knd="1110336")
