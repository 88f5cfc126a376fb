"""Parties, signers and fields of the formats before 5.02 (УКД 189@ and what shares its words), in our words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from edo_service.formats.engine.binding import inside, one_of, value
from edo_service.formats.parties import BankAccount, Organization, PersonName


@dataclass(frozen=True, kw_only=True)
class OldRussianAddress:
    """АдрРФ: the region by its code only."""

    postcode: str | None = value("@Индекс", default=None)
    region_code: str = value("@КодРегион")
    district: str | None = value("@Район", default=None)
    city: str | None = value("@Город", default=None)
    settlement: str | None = value("@НаселПункт", default=None)
    street: str | None = value("@Улица", default=None)
    house: str | None = value("@Дом", default=None)
    building: str | None = value("@Корпус", default=None)
    flat: str | None = value("@Кварт", default=None)


@dataclass(frozen=True, kw_only=True)
class OldTextAddress:
    """АдрИнф: one line and the code of the country."""

    country_code: str = value("@КодСтр")
    text: str = value("@АдрТекст")


@dataclass(frozen=True, kw_only=True)
class OldAddress:
    """An address by its parts, by its text, or by its number in the state register."""

    place: OldRussianAddress | OldTextAddress | str = one_of(
        ".", {"АдрРФ": OldRussianAddress, "АдрИнф": OldTextAddress, "КодГАР": None}
    )


@dataclass(frozen=True, kw_only=True)
class OldEntrepreneur:
    """An individual entrepreneur."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str = value("@ИННФЛ")
    registration: str | None = value("@СвГосРегИП", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class OldForeign:
    """A foreign party."""

    name: str = value("@НаимОрг")
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class OldContact:
    """How to reach a party."""

    phone: str | None = value("@Тлф", default=None)
    email: str | None = value("@ЭлПочта", default=None)


@dataclass(frozen=True, kw_only=True)
class OldParty:
    """A side of УКД 189@."""

    who: OldEntrepreneur | Organization | OldForeign = one_of(
        "ИдСв", {"СвИП": OldEntrepreneur, "СвЮЛУч": Organization, "СвИнНеУч": OldForeign}
    )
    address: OldAddress = inside("Адрес", OldAddress)
    contact: OldContact | None = inside("Контакт", OldContact, default=None)
    account: BankAccount | None = inside("БанкРекв", BankAccount, default=None)
    okpo: str | None = value("@ОКПО", default=None)
    department: str | None = value("@СтруктПодр", default=None)
    for_partner: str | None = value("@ИнфДляУчаст", default=None)


@dataclass(frozen=True, kw_only=True)
class OldOperator:
    """The operator of the sender."""

    name: str = value("@НаимОрг")
    inn: str = value("@ИННЮЛ")
    code: str = value("@ИдЭДО")


@dataclass(frozen=True, kw_only=True)
class OldExchange:
    """СвУчДокОбор: whose file goes to whom, and through which operator."""

    operator: OldOperator | None = inside("СвОЭДОтпр", OldOperator, default=None)
    sender_id: str = value("@ИдОтпр")
    recipient_id: str = value("@ИдПол")


@dataclass(frozen=True, kw_only=True)
class OldSigningPerson:
    """A natural person who signs; a certificate of registration stands in the seller's titles only."""

    person: PersonName = inside("ФИО", PersonName)
    certificate: str | None = value("@ГосРегИППодп", default=None)
    inn: str | None = value("@ИННФЛ", default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class OldSigningOfficer:
    """Who signs for an organisation."""

    person: PersonName = inside("ФИО", PersonName)
    certificate: str | None = value("@ГосРегИППодп", default=None)
    inn: str = value("@ИННЮЛ")
    organization: str | None = value("@НаимОрг", default=None)
    position: str = value("@Должн")
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class OldSigner:
    """A signer: who, within which powers (ОблПолн), in which status and on what grounds."""

    who: OldSigningPerson | OldEntrepreneur | OldSigningOfficer = one_of(
        ".", {"ФЛ": OldSigningPerson, "ИП": OldEntrepreneur, "ЮЛ": OldSigningOfficer}
    )
    powers: str = value("@ОблПолн")
    status: str = value("@Статус")
    grounds: str = value("@ОснПолн")
    organization_grounds: str | None = value("@ОснПолнОрг", default=None)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A document on which something rests."""

    name: str = value("@НаимОсн")
    number: str | None = value("@НомОсн", default=None)
    date: dt.date | None = value("@ДатаОсн", default=None)
    more: str | None = value("@ДопСвОсн", default=None)
