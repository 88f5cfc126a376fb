"""Persons, organisations and their papers in МЧД EMCHD_1, in our words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from edo_service.formats.engine.binding import each, inside, iso_day, one_of, value


class YesNo(StrEnum):
    """A flag that the form writes as 0 or 1."""

    NO = "0"
    YES = "1"


@dataclass(frozen=True, kw_only=True)
class FullName:
    """Фамилия, имя, отчество, as long as the form allows."""

    surname: str = value("@Фамилия")
    name: str = value("@Имя")
    patronymic: str | None = value("@Отчество", default=None)

    def __str__(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


@dataclass(frozen=True, kw_only=True)
class PowerPaper:
    """What proves someone's powers."""

    name: str | None = value("@НаимДокПдтв", default=None)
    date: dt.date | None = iso_day("@ДатаВыд", default=None)
    issuer: str | None = value("@КемВыд", default=None)
    certified: str | None = value("@СвУдДок", default=None)


@dataclass(frozen=True, kw_only=True)
class PlainAddress:
    """An address as people write it."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class RegisterAddress:
    """An address as ФИАС writes it."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class PowerAddress:
    """An address with the code of its region."""

    place: PlainAddress | RegisterAddress | None = one_of(
        ".", {"АдрРФ": PlainAddress, "ФИАСАдрРФ": RegisterAddress}, default=None
    )
    region_code: str = value("@Регион")
    register_id: str | None = value("@ИдФИАС", default=None)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A paper of identity."""

    expires: dt.date | None = iso_day("expDate", default=None)
    kind: str = value("@КодВидДок")
    number: str = value("@СерНомДок")
    date: dt.date = iso_day("@ДатаДок")
    issuer: str | None = value("@ВыдДок", default=None)
    issuer_code: str | None = value("@КодВыдДок", default=None)


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """A person: name, birth, address, paper of identity."""

    name: FullName = inside("ФИО", FullName)
    address: PowerAddress | None = inside("АдрМЖ", PowerAddress, default=None)
    identity: Identity | None = inside("УдЛичнФЛ", Identity, default=None)
    sex: str | None = value("@Пол", default=None)
    citizenship_kind: str | None = value("@ПрГражд", default=None)
    register_number: str | None = value("@НомЕРН", default=None)
    born: dt.date | None = iso_day("@ДатаРожд", default=None)
    birthplace: str | None = value("@МестоРожд", default=None)
    citizenship: str | None = value("@Гражданство", default=None)
    phone: str | None = value("@КонтактТлф", default=None)
    email: str | None = value("@АдрЭлПочт", default=None)


@dataclass(frozen=True, kw_only=True)
class PowerPerson:
    """A person with numbers and position."""

    paper: PowerPaper | None = inside("ДокПдтв", PowerPaper, default=None)
    facts: PersonFacts = inside("СведФЛ", PersonFacts)
    taxpayer: str | None = value("@СтУчНД", default=None)
    inn: str | None = value("@ИННФЛ", default=None)
    snils: str | None = value("@СНИЛС", default=None)
    position: str | None = value("@Должность", default=None)


@dataclass(frozen=True, kw_only=True)
class PowerTrader:
    """An entrepreneur."""

    paper: PowerPaper | None = inside("ДокПдтв", PowerPaper, default=None)
    facts: PersonFacts = inside("СведФЛ", PersonFacts)
    taxpayer: str | None = value("@СтУчНД", default=None)
    name: str | None = value("@НаимИП", default=None)
    ogrnip: str = value("@ОГРНИП")
    inn: str = value("@ИННФЛ")
    snils: str = value("@СНИЛС")


@dataclass(frozen=True, kw_only=True)
class PowerCompany:
    """A Russian organisation or a branch of one."""

    paper: PowerPaper | None = inside("ДокПдтв", PowerPaper, default=None)
    address: PowerAddress | None = inside("АдрРег", PowerAddress, default=None)
    taxpayer: str | None = value("@СтУчНД", default=None)
    name: str = value("@НаимОрг")
    inn: str | None = value("@ИННЮЛ", default=None)
    kpp: str = value("@КПП")
    ogrn: str | None = value("@ОГРН", default=None)
    register_number: str | None = value("@РегНомер", default=None)
    charter: str | None = value("@НаимУчрДок", default=None)
    phone: str | None = value("@КонтактТлф", default=None)
    email: str | None = value("@АдрЭлПочт", default=None)


@dataclass(frozen=True, kw_only=True)
class PowerForeigner:
    """A foreign organisation."""

    address: PowerAddress | None = inside("АдрМНФакт", PowerAddress, default=None)
    taxpayer: str | None = value("@СтУчНД", default=None)
    name: str = value("@НаимИО")
    inn: str | None = value("@ИННЮЛ", default=None)
    kpp: str | None = value("@КПП", default=None)
    accreditation: str | None = value("@НЗА", default=None)
    country_code: str | None = value("@СтрРег", default=None)
    registrar: str | None = value("@НаимРегОрг", default=None)
    register_number: str | None = value("@РегНомер", default=None)
    home_code: str | None = value("@КодНПРег", default=None)
    phone: str | None = value("@КонтактТлф", default=None)
    email: str | None = value("@АдрЭлПочт", default=None)
    home_address: str | None = value("@АдрСтрРег", default=None)


@dataclass(frozen=True, kw_only=True)
class ForeignWithHead:
    """A foreign organisation and the heads of its branch."""

    company: PowerForeigner = inside("СвИнОрг", PowerForeigner)
    heads: tuple[PowerPerson, ...] = each("СвРукОП", PowerPerson)


@dataclass(frozen=True, kw_only=True)
class ManagingCompany:
    """An organisation that manages another one, with its heads."""

    company: PowerCompany = inside("СвЮЛЕИО", PowerCompany)
    heads: tuple[PowerPerson, ...] = each("СвФЛ", PowerPerson)


@dataclass(frozen=True, kw_only=True)
class Head:
    """Who acts without a power of attorney; `acts` says whether alone (1) or jointly (2)."""

    manager: ManagingCompany | None = inside("СВЮЛ", ManagingCompany, default=None)
    person: PowerPerson | None = inside("СвФЛ", PowerPerson, default=None)
    trader: PowerTrader | None = inside("СвИП", PowerTrader, default=None)
    acts: str = value("@ПолнЮЛ")


@dataclass(frozen=True, kw_only=True)
class CompanyWithHeads:
    """A Russian organisation and who acts for it."""

    company: PowerCompany = inside("СвРосОрг", PowerCompany)
    heads: tuple[Head, ...] = each("ЛицоБезДов", Head)
    by_company: YesNo = value("@ЕИОУК", as_=YesNo)
    by_person: YesNo = value("@ЕИОФЛ", as_=YesNo)
    by_trader: YesNo = value("@ЕИОИП", as_=YesNo)


@dataclass(frozen=True, kw_only=True)
class PrincipalPerson:
    """A natural person who gives the power."""

    facts: PersonFacts = inside("СведФЛ", PersonFacts)
    guardian: Head | None = inside("СвЗакПредРук", Head, default=None)
    taxpayer: str | None = value("@СтУчНД", default=None)
    capable: YesNo | None = value("@ПрДеесп", default=None, as_=YesNo)
    has_guardian: YesNo | None = value("@ПрНалРук", default=None, as_=YesNo)
    incapacity_paper: str | None = value("@ДокНедеесп", default=None)
    inn: str | None = value("@ИННФЛ", default=None)
    snils: str = value("@СНИЛС")


@dataclass(frozen=True, kw_only=True)
class PassingPerson:
    """A natural person who passes the power on."""

    guardian: PowerPerson | None = inside("СведРукоп", PowerPerson, default=None)
    facts: PersonFacts = inside("СведФЛ", PersonFacts)
    taxpayer: str | None = value("@СтУчНД", default=None)
    has_guardian: YesNo | None = value("@ПрНалРук", default=None, as_=YesNo)
    inn: str = value("@ИННФЛ")
    snils: str = value("@СНИЛС")


@dataclass(frozen=True, kw_only=True)
class BranchWithHead:
    """A branch and its head."""

    branch: PowerCompany = inside("СвФил", PowerCompany)
    head: PowerPerson = inside("СвРукФил", PowerPerson)


@dataclass(frozen=True, kw_only=True)
class Notary:
    """A notary, or who acts for one."""

    name: FullName = inside("ФИОНотДейств", FullName)
    position: str = value("@Должность")
    number: str = value("@РегНомНот")


@dataclass(frozen=True, kw_only=True)
class ActingNotary:
    """Who acts for a notary."""

    name: FullName = inside("ФИОВриоНот", FullName)
    position: str = value("@Должность")
    number: str = value("@РегНомНот")


@dataclass(frozen=True, kw_only=True)
class HandSignature:
    """A signature by hand on a notarial power."""

    document_hash: str = value("ХешPDFДок")
    picture: str = value("ПодпИзобр")
    signature_hash: str = value("ХешПодп")
    moment: int = value("ДатаВремПодп")
    name: FullName = inside("ФИООтв", FullName)


@dataclass(frozen=True, kw_only=True)
class Certification:
    """What a notary certified."""

    inscription: str | None = value("ИнСвУдНадпис", default=None)
    notary: Notary = inside("СвНотДейств", Notary)
    signatures: tuple[HandSignature, ...] = each("ПодпРукопис", HandSignature)
    acting: ActingNotary | None = inside("ВриоНот", ActingNotary, default=None)
    place: str = value("@МестоДовер")
    to_principal: YesNo | None = value("@НапрДокДовЕПГУ", default=None, as_=YesNo)
    to_agent: YesNo | None = value("@НапрДокПовЕПГУ", default=None, as_=YesNo)
    to_applicant_by_chamber: YesNo | None = value("@НапрДокЗвлФНП", default=None, as_=YesNo)
    to_agent_by_chamber: YesNo | None = value("@НапрДокПовФНП", default=None, as_=YesNo)
    paid: Decimal = value("@УплНотДейст")
    discount: Decimal | None = value("@ЛьготаСум", default=None)
    other_system: str | None = value("@ДрИнфСист", default=None)
    other_way: str | None = value("@ДрСпосВыд", default=None)
    more: str | None = value("@ДопСвНотДовер", default=None)
