"""УПД 5.03, the seller's title: domain values, reading and writing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from edo_service.formats.checking import check_and_load, declaration_of, load
from edo_service.formats.declarations.upd_seller import UPD_SELLER
from edo_service.formats.engine.binding import each, flag, inside, moment, one_of, read, rest, value
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import CheckResult
from edo_service.formats.names import Suffixes, parse_name
from edo_service.formats.parties import (
    DocumentReference,
    Employee,
    InformationField,
    Mark,
    Party,
    PersonName,
    Signer,
    Tax,
    TextEntry,
)
from edo_service.formats.writing import WrittenFile, write_file

PROGRAM: Final = "edo-service 0.1"
_HEAD: Final = "Документ/СвСчФакт"


class UpdFunction(StrEnum):
    """What the document is: invoice, invoice with transfer, transfer alone.

    And the two statements for agents and procurement.
    """

    INVOICE = "СЧФ"
    INVOICE_AND_TRANSFER = "СЧФДОП"
    TRANSFER = "ДОП"
    AGENT_STATEMENT = "СвРК"
    PROCUREMENT_STATEMENT = "СвЗК"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The document corrects an earlier one (line 1а)."""

    number: int = value("@НомИспр")
    date: dt.date = value("@ДатаИспр")


@dataclass(frozen=True, kw_only=True)
class PaymentReference:
    """A payment document (line 5)."""

    number: str | None = value("@НомерПРД", default=None)
    date: dt.date | None = value("@ДатаПРД", default=None)
    amount: Decimal | None = value("@СуммаПРД", default=None)


@dataclass(frozen=True, kw_only=True)
class Currency:
    """The currency by ОКВ (line 7)."""

    code: str = value("@КодОКВ")
    name: str = value("@НаимОКВ")
    rate: Decimal | None = value("@КурсВал", default=None)


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """A kind of obligation."""

    code: str | None = value("@КодВидОбяз", default=None)
    name: str | None = value("@НаимВидОбяз", default=None)


@dataclass(frozen=True, kw_only=True)
class StatePurchase:
    """What the treasury wants to know of a state purchase."""

    contract_date: dt.date = value("@ДатаГосКонт")
    contract_number: str = value("@НомерГосКонт")
    seller_account: str | None = value("@ЛицСчетПрод", default=None)
    budget_code: str | None = value("@КодПродБюджКласс", default=None)
    purpose_code: str | None = value("@КодЦелиПрод", default=None)
    treasury_code: str | None = value("@КодКазначПрод", default=None)
    treasury: str | None = value("@НаимКазначПрод", default=None)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Further facts: state contract (line 8), factoring, special circumstances."""

    obligations: tuple[Obligation, ...] = each("ВидОбяз", Obligation)
    state_purchase: StatePurchase | None = inside("ИнфПродЗаГоскКазн", StatePurchase, default=None)
    factor: Party | None = inside("СвФактор", Party, default=None)
    assignment: DocumentReference | None = inside("ОснУстДенТреб", DocumentReference, default=None)
    accompanying: tuple[DocumentReference, ...] = each("СопрДокФХЖ", DocumentReference)
    state_contract_id: str | None = value("@ИдГосКон", default=None)
    invoice_case: str | None = value("@СпОбстФСЧФ", default=None)
    invoice_and_transfer_case: str | None = value("@СпОбстФСЧФДОП", default=None)
    transfer_case: str | None = value("@СпОбстФДОП", default=None)


@dataclass(frozen=True, kw_only=True)
class Customs:
    """Country of origin and customs declaration (columns 10, 11)."""

    country_code: str | None = value("@КодПроисх", default=None)
    declaration: str | None = value("@НомерДТ", default=None)


@dataclass(frozen=True, kw_only=True)
class Depreciation:
    """Tax accounting of a transferred object."""

    group: str = value("@АмГруппа")
    okof: str = value("@КодОКОФ")
    useful_life: str = value("@СрПолИспОС")
    used: int = value("@ФактСрокИсп")


@dataclass(frozen=True, kw_only=True)
class Traceability:
    """A traceable lot (columns 11-14)."""

    lot: str = value("@НомТовПрослеж")
    unit_code: str = value("@ЕдИзмПрослеж")
    unit: str = value("@НаимЕдИзмПрослеж")
    quantity: Decimal = value("@КолВЕдПрослеж")
    net: Decimal = value("@СтТовБезНДСПрослеж")
    note: str | None = value("@ДопИнфПрослеж", default=None)


@dataclass(frozen=True, kw_only=True)
class Marking:
    """Marking codes or packages; at least one of the first four is given."""

    codes: tuple[str, ...] = each("КИЗ")
    packages: tuple[str, ...] = each("НомУпак")
    transport_package: str | None = value("@ИдентТрансУпак", default=None)
    quantity: int | None = value("@КолВедМарк", default=None)
    lot: str | None = value("@ПрПартМарк", default=None)


@dataclass(frozen=True, kw_only=True)
class StateSystem:
    """Units accounted in a state information system."""

    units: tuple[str, ...] = each("ИдНомУчетЕд")
    name: str = value("@НаимГосСист")
    unit_kind: str | None = value("@УчетЕд", default=None)
    other: str | None = value("@ИнаяИнф", default=None)


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """Further facts of a line."""

    countries: tuple[str, ...] = each("КрНаимСтрПр")
    accompanying: tuple[DocumentReference, ...] = each("СопрДокТов", DocumentReference)
    depreciation: Depreciation | None = inside("НалУчАморт", Depreciation, default=None)
    restored_tax: Tax | None = one_of("СумНалВосст", {"СумНал": None, "БезНДС": Mark.NO_TAX}, default=None)
    traceability: tuple[Traceability, ...] = each("СведПрослеж", Traceability)
    marking: tuple[Marking, ...] = each("НомСредИдентТов", Marking)
    state_systems: tuple[StateSystem, ...] = each("СвГосСист", StateSystem)
    kind: str | None = value("@ПрТовРаб", default=None)
    kind_note: str | None = value("@ДопПризн", default=None)
    ordered_quantity: Decimal | None = value("@НадлОтп", default=None)
    description: str | None = value("@ХарактерТов", default=None)
    grade: str | None = value("@СортТов", default=None)
    series: str | None = value("@СерияТов", default=None)
    article: str | None = value("@АртикулТов", default=None)
    code: str | None = value("@КодТов", default=None)
    gtin: str | None = value("@ГТИН", default=None)
    catalogue_code: str | None = value("@КодКат", default=None)
    kind_code: str | None = value("@КодВидТов", default=None)
    excise_kind: int | None = value("@КодВидПр", default=None)
    okpd2: str | None = value("@КодТовОКПД2", default=None)
    operation_note: str | None = value("@ДопИнфПВидО", default=None)


@dataclass(frozen=True, kw_only=True)
class UpdLine:
    """A line of the table.

    `tax` is an amount or Mark.NO_TAX; `rate` one of the format's words («22%», «22/122», «без НДС»).
    """

    number: int = value("@НомСтр")
    name: str | None = value("@НаимТов", default=None)
    unit_code: str | None = value("@ОКЕИ_Тов", default=None)
    unit: str | None = value("@НаимЕдИзм", default=None)
    quantity: Decimal | None = value("@КолТов", default=None)
    price: Decimal | None = value("@ЦенаТов", default=None)
    net: Decimal | None = value("@СтТовБезНДС", default=None)
    rate: str = value("@НалСт")
    tax: Tax = one_of("СумНал", {"СумНал": None, "БезНДС": Mark.NO_TAX})
    gross: Decimal | None = value("@СтТовУчНал", default=None)
    excise: Tax | None = one_of("Акциз", {"СумАкциз": None, "БезАкциз": Mark.NO_EXCISE}, default=None)
    customs: tuple[Customs, ...] = each("СвДТ", Customs)
    particulars: Particulars | None = inside("ДопСведТов", Particulars, default=None)
    entries: tuple[TextEntry, ...] = each("ИнфПолФХЖ2", TextEntry)


@dataclass(frozen=True, kw_only=True)
class UpdTotals:
    """The line «Всего к оплате»."""

    net: Decimal | None = value("@СтТовБезНДСВсего", default=None)
    tax: Tax = one_of("СумНалВсего", {"СумНал": None, "БезНДС": Mark.NO_TAX})
    gross: Decimal | None = value("@СтТовУчНалВсего", default=None)
    net_quantity: Decimal | None = value("@КолНеттоВс", default=None)


@dataclass(frozen=True, kw_only=True)
class EntrustedOrganization:
    """An organisation entrusted with the hand-over, by its representative."""

    person: PersonName = inside("ФИО", PersonName)
    position: str = value("@Должность")
    organization: str = value("@НаимОргПер")
    inn: str | None = value("@ИННЮЛПер", default=None)
    entrusted_by: DocumentReference | None = inside("ОснДоверОргПер", DocumentReference, default=None)
    representative_by: DocumentReference | None = inside("ОснПолнПредПер", DocumentReference, default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class EntrustedPerson:
    """A natural person entrusted with the hand-over."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str | None = value("@ИННФЛПер", default=None)
    entrusted_by: DocumentReference | None = inside("ОснДоверФЛ", DocumentReference, default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class Transport:
    """How the goods travel."""

    note: str | None = value("@СвТран", default=None)
    incoterms: str | None = value("@Инкотермс", default=None)
    incoterms_version: str | None = value("@ВерИнкотермс", default=None)


@dataclass(frozen=True, kw_only=True)
class MadeThing:
    """Hand-over of a thing made under a work contract."""

    document: DocumentReference | None = inside("ДокПерВещ", DocumentReference, default=None)
    date: dt.date | None = value("@ДатаПерВещ", default=None)
    note: str | None = value("@СвПерВещ", default=None)


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """The hand-over: its grounds (or `without_grounds`), its day or period, who gave."""

    operation: str = value("@СодОпер")
    grounds: tuple[DocumentReference, ...] = each("ОснПер", DocumentReference)
    without_grounds: bool = flag("БезДокОснПер")
    kind: str | None = value("@ВидОпер", default=None)
    date: dt.date | None = value("@ДатаПер", default=None)
    period_start: dt.date | None = value("@ДатаНачПер", default=None)
    period_end: dt.date | None = value("@ДатаОконПер", default=None)
    given_by: Employee | EntrustedOrganization | EntrustedPerson | None = one_of(
        "СвЛицПер",
        {
            "РабОргПрод": Employee,
            "ИнЛицо/ПредОргПер": EntrustedOrganization,
            "ИнЛицо/ФЛПер": EntrustedPerson,
        },
        default=None,
    )
    transport: Transport | None = inside("Тран", Transport, default=None)
    made_thing: MadeThing | None = inside("СвПерВещи", MadeThing, default=None)


@dataclass(frozen=True, kw_only=True)
class UpdSeller:
    """A seller's title of УПД 5.03 (ON_NSCHFDOPPR). Money is Decimal in `currency`, moments are aware.

    `file_id` is made by `upd_seller_file_id`; participants' ids live only there. `more_sellers` and `more_buyers` are
    for the rare documents with several. The lines' table and the hand-over are required or not by `function`, which the
    writer checks.
    """

    file_id: str = value("@ИдФайл")
    function: UpdFunction = value("Документ/@Функция", as_=UpdFunction)
    number: str = value(f"{_HEAD}/@НомерДок")
    date: dt.date = value(f"{_HEAD}/@ДатаДок")
    formed_at: dt.datetime = moment("Документ/@ДатаИнфПр", "Документ/@ВремИнфПр")
    seller: Party = inside(f"{_HEAD}/СвПрод", Party)
    buyer: Party = inside(f"{_HEAD}/СвПокуп", Party)
    signers: tuple[Signer, ...] = each("Документ/Подписант", Signer)
    currency: Currency = inside(f"{_HEAD}/ДенИзм", Currency)
    lines: tuple[UpdLine, ...] = each("Документ/ТаблСчФакт/СведТов", UpdLine)
    totals: UpdTotals | None = inside("Документ/ТаблСчФакт/ВсегоОпл", UpdTotals, default=None)
    transfer: Transfer | None = inside("Документ/СвПродПер/СвПер", Transfer, default=None)
    document_name: str | None = value("Документ/@НаимДокОпр", default=None)
    fact_name: str | None = value("Документ/@ПоФактХЖ", default=None)
    author: str | None = value("Документ/@НаимЭконСубСост", default=None)
    correction: Correction | None = inside(f"{_HEAD}/ИспрДок", Correction, default=None)
    corrected_seller_file: str | None = value(f"{_HEAD}/@ИмяФайлИспрПрод", default=None)
    corrected_buyer_file: str | None = value(f"{_HEAD}/@ИмяФайлИспрПок", default=None)
    more_sellers: tuple[Party, ...] = rest(f"{_HEAD}/СвПрод", Party)
    more_buyers: tuple[Party, ...] = rest(f"{_HEAD}/СвПокуп", Party)
    consignors: tuple[Party | Mark, ...] = one_of(
        f"{_HEAD}/ГрузОт", {"ГрузОтпр": Party, "ОнЖе": Mark.SAME_AS_SELLER}, many=True
    )
    consignees: tuple[Party, ...] = each(f"{_HEAD}/ГрузПолуч", Party)
    payments: tuple[PaymentReference, ...] = each(f"{_HEAD}/СвПРД", PaymentReference)
    shipping_documents: tuple[DocumentReference, ...] = each(f"{_HEAD}/ДокПодтвОтгрНом", DocumentReference)
    circumstances: Circumstances | None = inside(f"{_HEAD}/ДопСвФХЖ1", Circumstances, default=None)
    information: InformationField | None = inside(f"{_HEAD}/ИнфПолФХЖ1", InformationField, default=None)
    transfer_information: InformationField | None = inside(
        "Документ/СвПродПер/ИнфПолФХЖ3", InformationField, default=None
    )
    author_grounds: DocumentReference | None = inside("Документ/ОснДоверОргСост", DocumentReference, default=None)
    unique_id: str | None = value("Документ/@УИД", default=None)
    agreed_structure: str | None = value("Документ/@СоглСтрДопИнф", default=None)
    program: str = value("@ВерсПрог", default=PROGRAM)

    @property
    def basis(self) -> tuple[DocumentReference, ...]:
        """The grounds of the hand-over: the contract, as a rule."""
        return self.transfer.grounds if self.transfer is not None else ()

    @property
    def sender_id(self) -> str | None:
        """The seller's participant id, from the file's id; None when the id does not follow the rule."""
        name = parse_name(self.file_id)
        return name.sender_id if name is not None else None

    @property
    def recipient_id(self) -> str | None:
        """The buyer's participant id, from the file's id; None when the id does not follow the rule."""
        name = parse_name(self.file_id)
        return name.recipient_id if name is not None else None


def suffixes_for(
    lines: Iterable[UpdLine], *, alcohol: bool = False, tobacco: bool = False, oil: bool = False, list_code: str = "00"
) -> Suffixes:
    """The seven parts' flags of a file's name.

    Traceability and marking are seen in the lines, the rest the caller knows.
    """
    particulars = [line.particulars for line in lines if line.particulars is not None]
    return Suffixes(
        traceable=any(item.traceability for item in particulars),
        marked=any(item.marking for item in particulars),
        alcohol=alcohol,
        tobacco=tobacco,
        oil=oil,
        list_code=list_code,
    )


def read_upd_seller(xml: bytes) -> UpdSeller:
    """A seller's title 5.03. Raises FormatError when the file is another kind or version or its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not UPD_SELLER:
        raise FormatError(f"Нужен титул продавца УПД 5.03, а это {kind.name_ru}", line=1)
    return read(UpdSeller, root, declaration.root)


def check_upd_seller(xml: bytes, *, file_name: str | None = None) -> tuple[CheckResult, UpdSeller | None]:
    """What `check` says of a file and, when it is a right seller's title 5.03, the title: parsed and checked once."""
    result, root = check_and_load(xml, file_name=file_name)
    if root is None or result.kind is None or declaration_of(result.kind) is not UPD_SELLER:
        return result, None
    return result, read(UpdSeller, root, UPD_SELLER.root)


def write_upd_seller(upd: UpdSeller) -> WrittenFile:
    """The file of a seller's title; the same bytes for the same value.

    Raises FormatError when the official schema would refuse it.
    """
    return write_file(upd, UPD_SELLER, knd="1115131")
