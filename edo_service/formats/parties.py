"""Who takes part: names, organisations, addresses, banks, signers, references to documents (УПД 5.03), in our words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum

from edo_service.formats.engine.binding import each, inside, one_of, value


class Mark(Enum):
    """Elements that say a case in words instead of a value."""

    NO_TAX = "без НДС"
    NO_EXCISE = "без акциза"
    SAME_AS_SELLER = "он же"


Tax = Decimal | Mark


class SignatureKind(StrEnum):
    """ТипПодпис."""

    QUALIFIED = "1"
    SIMPLE = "2"
    NONQUALIFIED = "3"


class Authority(StrEnum):
    """СпосПодтПолном: what proves the signer's powers."""

    CERTIFICATE = "1"
    POWER_IN_PACKAGE = "2"
    POWER_IN_SYSTEM = "3"
    POWER_ELSEWHERE = "4"
    PAPER_POWER = "5"
    OTHER = "6"


@dataclass(frozen=True, kw_only=True)
class PersonName:
    """Фамилия, имя, отчество."""

    surname: str = value("@Фамилия")
    name: str = value("@Имя")
    patronymic: str | None = value("@Отчество", default=None)

    def __str__(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def short(self) -> str:
        """Иванов И. И."""
        initials = [f"{part[0]}." for part in (self.name, self.patronymic) if part]
        return " ".join([self.surname, *initials])


@dataclass(frozen=True, kw_only=True)
class Organization:
    """A Russian organisation."""

    name: str = value("@НаимОрг")
    inn: str = value("@ИННЮЛ")
    kpp: str | None = value("@КПП", default=None)


@dataclass(frozen=True, kw_only=True)
class Entrepreneur:
    """An individual entrepreneur."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str = value("@ИННФЛ")
    registration: str | None = value("@СвГосРегИП", default=None)
    ogrnip: str | None = value("@ОГРНИП", default=None)
    ogrnip_date: dt.date | None = value("@ДатаОГРНИП", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class ForeignParty:
    """A foreign organisation (status ИО) or citizen (ИГ) that is no taxpayer here."""

    status: str = value("@ИдСтат")
    country_code: str = value("@КодСтр")
    country: str = value("@НаимСтран")
    name: str = value("@Наим")
    identifier: str | None = value("@Идентиф", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class Individual:
    """A natural person; `known` is «1» when the person is identified, «0» when not."""

    person: PersonName | None = inside("ФИО", PersonName, default=None)
    inn: str | None = value("@ИННФЛ", default=None)
    known: str | None = value("@ИдСтатЛ", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class RussianAddress:
    """АдрРФ."""

    postcode: str | None = value("@Индекс", default=None)
    region_code: str = value("@КодРегион")
    region: str = value("@НаимРегион")
    district: str | None = value("@Район", default=None)
    city: str | None = value("@Город", default=None)
    settlement: str | None = value("@НаселПункт", default=None)
    street: str | None = value("@Улица", default=None)
    house: str | None = value("@Дом", default=None)
    building: str | None = value("@Корпус", default=None)
    flat: str | None = value("@Кварт", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class TextAddress:
    """АдрИнф: an address in one line, abroad too."""

    country_code: str = value("@КодСтр")
    country: str = value("@НаимСтран")
    text: str = value("@АдрТекст")


@dataclass(frozen=True, kw_only=True)
class CodedPlace:
    """A place with the code of its kind."""

    kind: str = value("@ВидКод")
    name: str = value("@Наим")


@dataclass(frozen=True, kw_only=True)
class NamedPlace:
    """A place with its kind."""

    kind: str = value("@Вид")
    name: str = value("@Наим")


@dataclass(frozen=True, kw_only=True)
class TypedPlace:
    """A quarter or street with its type."""

    kind: str = value("@Тип")
    name: str = value("@Наим")


@dataclass(frozen=True, kw_only=True)
class NumberedPlace:
    """A building or room with its type."""

    kind: str = value("@Тип")
    number: str = value("@Номер")


@dataclass(frozen=True, kw_only=True)
class RegistryAddress:
    """АдрГАР: an address of the state register of addresses."""

    region_code: str = value("Регион")
    region: str = value("НаимРегион")
    district: CodedPlace | None = inside("МуниципРайон", CodedPlace, default=None)
    municipality: CodedPlace | None = inside("ГородСелПоселен", CodedPlace, default=None)
    settlement: NamedPlace | None = inside("НаселенПункт", NamedPlace, default=None)
    quarter: TypedPlace | None = inside("ЭлПланСтруктур", TypedPlace, default=None)
    street: TypedPlace | None = inside("ЭлУлДорСети", TypedPlace, default=None)
    plot: str | None = value("ЗемелУчасток", default=None)
    buildings: tuple[NumberedPlace, ...] = each("Здание", NumberedPlace)
    room: NumberedPlace | None = inside("ПомещЗдания", NumberedPlace, default=None)
    flat_room: NumberedPlace | None = inside("ПомещКвартиры", NumberedPlace, default=None)
    registry_id: str = value("@ИдНом")
    postcode: str | None = value("@Индекс", default=None)


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address in one of three forms."""

    place: RussianAddress | RegistryAddress | TextAddress = one_of(
        ".", {"АдрРФ": RussianAddress, "АдрГАР": RegistryAddress, "АдрИнф": TextAddress}
    )
    gln: str | None = value("@ГЛНМеста", default=None)


@dataclass(frozen=True, kw_only=True)
class Bank:
    """A bank."""

    name: str | None = value("@НаимБанк", default=None)
    bik: str | None = value("@БИК", default=None)
    correspondent_account: str | None = value("@КорСчет", default=None)


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """An account."""

    bank: Bank | None = inside("СвБанк", Bank, default=None)
    account: str | None = value("@НомерСчета", default=None)


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """Phones, mail addresses, other ways."""

    phones: tuple[str, ...] = each("Тлф")
    emails: tuple[str, ...] = each("ЭлПочта")
    other: str | None = value("@ИнКонт", default=None)


@dataclass(frozen=True, kw_only=True)
class Party:
    """A seller, buyer, consignor, consignee or factor."""

    identity: Organization | Entrepreneur | ForeignParty | Individual = one_of(
        "ИдСв", {"СвИП": Entrepreneur, "СвЮЛУч": Organization, "СвИнНеУч": ForeignParty, "СвФЛУч": Individual}
    )
    address: Address | None = inside("Адрес", Address, default=None)
    account: BankAccount | None = inside("БанкРекв", BankAccount, default=None)
    contacts: Contacts | None = inside("Контакт", Contacts, default=None)
    okpo: str | None = value("@ОКПО", default=None)
    legal_form_code: str | None = value("@КодОПФ", default=None)
    legal_form: str | None = value("@ПолнНаимОПФ", default=None)
    division: str | None = value("@СтруктПодр", default=None)
    note: str | None = value("@ИнфДляУчаст", default=None)
    short_name: str | None = value("@СокрНаим", default=None)

    @property
    def name(self) -> str:
        """The full name; for persons «ИП Фамилия Имя Отчество» or the name alone, empty when nothing is told."""
        if isinstance(self.identity, Entrepreneur):
            return f"ИП {self.identity.person}"
        if isinstance(self.identity, Individual):
            return str(self.identity.person or self.identity.other or "")
        return self.identity.name

    @property
    def inn(self) -> str | None:
        """ИНН; None for foreign and unknown persons."""
        return None if isinstance(self.identity, ForeignParty) else self.identity.inn

    @property
    def kpp(self) -> str | None:
        """КПП of an organisation."""
        return self.identity.kpp if isinstance(self.identity, Organization) else None


@dataclass(frozen=True, kw_only=True)
class DocumentAuthor:
    """Who made a document: exactly one of these is given, or none."""

    inn_organization: str | None = value("ИННЮЛ", default=None)
    inn_person: str | None = value("ИННФЛ", default=None)
    foreign: ForeignParty | None = inside("ДаннИно", ForeignParty, default=None)
    authority: str | None = value("НаимОИВ", default=None)


@dataclass(frozen=True, kw_only=True)
class DocumentReference:
    """A document that is named in another one."""

    title: str = value("@РеквНаимДок")
    number: str = value("@РеквНомерДок")
    date: dt.date = value("@РеквДатаДок")
    authors: tuple[DocumentAuthor, ...] = each("РеквИдРекСост", DocumentAuthor)
    file_id: str | None = value("@РеквИдФайлДок", default=None)
    document_id: str | None = value("@РеквИдДок", default=None)
    storage: str | None = value("@РИдСистХранД", default=None)
    url: str | None = value("@РеквУРЛСистДок", default=None)
    other: str | None = value("@РеквДопСведДок", default=None)


@dataclass(frozen=True, kw_only=True)
class TextEntry:
    """A named value outside the format, agreed by the parties."""

    name: str = value("@Идентиф")
    value: str = value("@Значен")


@dataclass(frozen=True, kw_only=True)
class InformationField:
    """Named values and the file with more of them."""

    entries: tuple[TextEntry, ...] = each("ТекстИнф", TextEntry)
    file_id: str | None = value("@ИдФайлИнфПол", default=None)


@dataclass(frozen=True, kw_only=True)
class ElectronicPower:
    """МЧД requisites."""

    number: str = value("@НомДовер")
    issued_on: dt.date = value("@ДатаВыдДовер")
    internal_number: str | None = value("@ВнНомДовер", default=None)
    registered_on: dt.date | None = value("@ДатаВнРегДовер", default=None)
    storage: str = value("@ИдСистХран")
    url: str | None = value("@УРЛСист", default=None)


@dataclass(frozen=True, kw_only=True)
class PaperPower:
    """A power of attorney on paper."""

    signed_by: PersonName | None = inside("ФИО", PersonName, default=None)
    issued_on: dt.date = value("@ДатаВыдДовер")
    internal_number: str = value("@ВнНомДовер")
    principal: str | None = value("@СвИдДовер", default=None)


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs a title of УПД; powers are given for POWER_IN_SYSTEM (МЧД) and PAPER_POWER only."""

    person: PersonName = inside("ФИО", PersonName)
    authority: Authority = value("@СпосПодтПолном", as_=Authority)
    position: str | None = value("@Должн", default=None)
    signature_kind: SignatureKind | None = value("@ТипПодпис", default=None, as_=SignatureKind)
    signed_on: dt.date | None = value("@ДатаПодДок", default=None)
    note: str | None = value("@ДопСведПодп", default=None)
    electronic_powers: tuple[ElectronicPower, ...] = each("СвДоверЭл", ElectronicPower)
    paper_powers: tuple[PaperPower, ...] = each("СвДоверБум", PaperPower)


@dataclass(frozen=True, kw_only=True)
class Employee:
    """A worker of the seller or the buyer who handed over or accepted."""

    person: PersonName = inside("ФИО", PersonName)
    position: str = value("@Должность")
    other: str | None = value("@ИныеСвед", default=None)
