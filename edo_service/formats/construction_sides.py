"""Sides and signers of акт КС-2 in our words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from edo_service.formats.construction_table import EXTENSION, Extension, Paper, Subject
from edo_service.formats.engine.binding import each, inside, one_of, value
from edo_service.formats.old_parties import OldAddress
from edo_service.formats.parties import BankAccount, Organization, PersonName, SignatureKind
from edo_service.formats.reconciliation import OldElectronicPower
from edo_service.formats.service import SignerStatus


@dataclass(frozen=True, kw_only=True)
class BuildingTrader:
    """An entrepreneur."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str | None = value("@ИННФЛ", default=None)
    ogrnip: str | None = value("@ОГРНИП", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingForeigner:
    """A foreign organisation."""

    name: str = value("@НаимОрг")
    identifier: str | None = value("@Идентиф", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingPerson:
    """A natural person."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str | None = value("@ИННФЛ", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingContact:
    """How to reach a side."""

    phones: tuple[str, ...] = each("Тлф")
    emails: tuple[str, ...] = each("ЭлПочта")
    other: str | None = value("@ИнКонт", default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingParty:
    """A side of the contract."""

    who: BuildingTrader | Organization | BuildingForeigner | BuildingPerson = one_of(
        "ИдСв",
        {
            "СвИП": BuildingTrader,
            "СвЮЛУч": Organization,
            "СвИнНеУч": BuildingForeigner,
            "СвФЛУчастФХЖ": BuildingPerson,
        },
    )
    address: OldAddress | None = inside("Адрес", OldAddress, default=None)
    contact: BuildingContact | None = inside("Контакт", BuildingContact, default=None)
    account: BankAccount | None = inside("БанкРекв", BankAccount, default=None)
    okpo: str | None = value("@ОКПО", default=None)
    department: str | None = value("@СтруктПодр", default=None)
    for_partner: str | None = value("@ИнфДляУчаст", default=None)
    short_name: str | None = value("@КраткНазв", default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingSide:
    """A side; `largest` (0 or 1) whether its КПП is that of a largest taxpayer."""

    party: BuildingParty = inside("СвСторДог", BuildingParty)
    largest: str | None = value("@ПрИспКППКр", default=None)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingGround:
    """On what contract the building goes; `state` is 1 for a state or municipal contract."""

    contract: Paper | None = inside("ИдКонтрСтр", Paper, default=None)
    investor: Subject | None = inside("ИдИнвСтр", Subject, default=None)
    customer: Subject | None = inside("ИдЗакСтр", Subject, default=None)
    subcontractors: tuple[Subject, ...] = each("ИдСубПодрСтр", Subject)
    state: str = value("@ПрГосМун", default="0")
    register_number: str | None = value("@РеестрНомКонт", default=None)
    several: str | None = value("@ПрНескОбъект", default=None)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingPaperPower:
    """A power of attorney on paper."""

    person: PersonName | None = inside("ФИО", PersonName, default=None)
    date: dt.date | None = value("@ДатаНач", default=None)
    own_number: str | None = value("@ВнНомДовер", default=None)
    principal: str | None = value("@СвИдДовер", default=None)


@dataclass(frozen=True, kw_only=True)
class BuildingSigner:
    """Who signs."""

    person: PersonName = inside("Подписант/ФИО", PersonName)
    power: OldElectronicPower | None = inside("Подписант/СвДовер", OldElectronicPower, default=None)
    paper_power: BuildingPaperPower | None = inside("Подписант/СвДоверБум", BuildingPaperPower, default=None)
    status: SignerStatus | None = value("Подписант/@СтатПодп", default=None, as_=SignerStatus)
    signature: SignatureKind | None = value("Подписант/@ТипПодпис", default=None, as_=SignatureKind)
    power_system: str | None = value("Подписант/@ИдСистХран", default=None)
    position: str | None = value("Подписант/@Должн", default=None)
    extension: Extension | None = inside(EXTENSION, Extension, default=None)
