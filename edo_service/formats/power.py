"""МЧД EMCHD_1, передоверие included: domain values, reading and writing. The single form of Минцифры and ФНС.

A power is given (`GivenPower`) or passed on (`PassedPower`) on the strength of an earlier one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from edo_service.formats.checking import load
from edo_service.formats.declarations.power_of_attorney import POWER_OF_ATTORNEY
from edo_service.formats.engine.binding import each, inside, iso_day, one_of, read, value
from edo_service.formats.errors import FormatError
from edo_service.formats.power_people import (
    ActingNotary,
    BranchWithHead,
    Certification,
    CompanyWithHeads,
    ForeignWithHead,
    Notary,
    PassingPerson,
    PowerCompany,
    PowerForeigner,
    PowerPerson,
    PowerTrader,
    PrincipalPerson,
    YesNo,
)
from edo_service.formats.writing import WrittenFile, write_file

ORDINARY_FORM: Final = "00000000"


class PowerKind(StrEnum):
    """ВидДовер."""

    REVOCABLE = "1"
    IRREVOCABLE = "2"


class Passing(StrEnum):
    """ПрПередов: whether the power may be passed on."""

    FORBIDDEN = "1"
    ONCE = "2"
    FURTHER = "3"


class PowersKind(StrEnum):
    """ТипПолн: powers in words or by the classifier."""

    WORDS = "0"
    CODES = "1"


@dataclass(frozen=True, kw_only=True)
class Irrevocable:
    """The terms of an irrevocable power."""

    terms: str | None = value("ОписУслОт", default=None)
    passing: str = value("@ПрПерБезДов")
    revoked_when: str = value("@УслОтзыва")


@dataclass(frozen=True, kw_only=True)
class PowerFacts:
    """The power itself: numbers, dates, kind, where to check it. `number` is the GUID of the register."""

    tax_offices: tuple[str, ...] = each("КодНОДейст")
    check_at: str = value("СведСист")
    irrevocable: Irrevocable | None = inside("Безотзыв", Irrevocable, default=None)
    kind: PowerKind = value("@ВидДовер", as_=PowerKind)
    passing: Passing = value("@ПрПередов", as_=Passing)
    own_number: str = value("@ВнНомДовер")
    number: str = value("@НомДовер")
    notarial_number: str | None = value("@НомРНДДовер", default=None)
    more_number: str | None = value("@ДопИдДовер", default=None)
    own_date: dt.date | None = iso_day("@ДатаВнРегДовер", default=None)
    issued: dt.date = iso_day("@ДатаВыдДовер")
    expires: dt.date = iso_day("@СрокДейст")
    tax_office: str | None = value("@КодНО", default=None)


@dataclass(frozen=True, kw_only=True)
class PrincipalIs:
    """Who the principal is: one of these."""

    company: CompanyWithHeads | None = inside("РосОргДовер", CompanyWithHeads, default=None)
    foreigner: ForeignWithHead | None = inside("ИнОргДовер", ForeignWithHead, default=None)
    trader: PowerTrader | None = inside("ИПДовер", PowerTrader, default=None)
    person: PrincipalPerson | None = inside("ФЛДовер", PrincipalPerson, default=None)


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who gives the power; `kind` is ТипДоверит."""

    who: PrincipalIs = inside("Доверит", PrincipalIs)
    kind: str = value("@ТипДоверит")


@dataclass(frozen=True, kw_only=True)
class AgentIs:
    """Who the agent is: one of these."""

    company: PowerCompany | None = inside("СведОрг", PowerCompany, default=None)
    trader: PowerTrader | None = inside("СведИП", PowerTrader, default=None)
    person: PowerPerson | None = inside("СведФизЛ", PowerPerson, default=None)
    branch: PowerCompany | None = inside("СведФилиал", PowerCompany, default=None)
    foreigner: PowerForeigner | None = inside("СведИО", PowerForeigner, default=None)


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Who gets the power; `kind` is ТипПред."""

    who: AgentIs = inside("Пред", AgentIs)
    kind: str = value("@ТипПред")


@dataclass(frozen=True, kw_only=True)
class LimitCode:
    """A limit by a code of the classifier."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class LimitText:
    """A limit in words."""

    text: str = value(".")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit of a power."""

    allowed: LimitCode | LimitText = one_of(".", {"КодЗначОгр": LimitCode, "ТексЗначОгр": LimitText})
    number: int = value("@ИдОгр")
    code: str = value("@КодОгр")
    name: str = value("@НаимОгр")
    meaning: str | None = value("@НаимЗначОгр", default=None)


@dataclass(frozen=True, kw_only=True)
class CodedPower:
    """A power by the classifier."""

    limits: tuple[Limit, ...] = each("ОгрСвПолн", Limit)
    mnemonic: str | None = value("@МнПолн", default=None)
    code: str = value("@КодПолн")
    name: str = value("@НаимПолн")


@dataclass(frozen=True, kw_only=True)
class Powers:
    """What the agent may do; the meaning of `joint` (ПрСовмПолн) is not confirmed and nothing is judged by it."""

    text: str | None = value("ТекстПолн", default=None)
    coded: tuple[CodedPower, ...] = each("МашПолн", CodedPower)
    kind: PowersKind = value("@ТипПолн", as_=PowersKind)
    joint: str = value("@ПрСовмПолн")
    lost: str | None = value("@ПрУтрПолн", default=None)


@dataclass(frozen=True, kw_only=True)
class GivenPower:
    """Довер: a power given by its principals."""

    power: PowerFacts = inside("СвДов", PowerFacts)
    principals: tuple[Principal, ...] = each("СвДоверит", Principal)
    agents: tuple[Agent, ...] = each("СвУпПред", Agent)
    powers: Powers = inside("СвПолн", Powers)
    certification: Certification | None = inside("СвНотУд", Certification, default=None)


@dataclass(frozen=True, kw_only=True)
class EarlierPrincipalIs:
    """Who the earlier principal is: one of these."""

    company: PowerCompany | None = inside("РосОргДовер", PowerCompany, default=None)
    foreigner: PowerForeigner | None = inside("ИнОргДовер", PowerForeigner, default=None)
    trader: PowerTrader | None = inside("ИПДовер", PowerTrader, default=None)
    person: PrincipalPerson | None = inside("ФЛДовер", PrincipalPerson, default=None)


@dataclass(frozen=True, kw_only=True)
class EarlierPrincipal:
    """Who gave the earlier power."""

    who: EarlierPrincipalIs = inside("ДоверитПерв", EarlierPrincipalIs)
    kind: str = value("@ТипДоверит")


@dataclass(frozen=True, kw_only=True)
class EarlierPower:
    """The power on which this one rests."""

    principals: tuple[EarlierPrincipal, ...] = each("СвДоверПерв", EarlierPrincipal)
    notary: Notary | None = inside("СвНотДейств", Notary, default=None)
    acting: ActingNotary | None = inside("ВриоНот", ActingNotary, default=None)
    kind: str = value("@ПрДовер")
    form: str = value("@ФормДовер")
    issued: dt.date = iso_day("@ДатаВыдДовер")
    expires: dt.date = iso_day("@СрокДейст")
    first_own_number: str | None = value("@ВнНомДоверПерв", default=None)
    previous_own_number: str | None = value("@ВнНомДоверN", default=None)
    first_number: str | None = value("@НомДоверПерв", default=None)
    previous_number: str | None = value("@НомДоверN", default=None)
    first_notarial: str | None = value("@НомРНДПерв", default=None)
    previous_notarial: str | None = value("@НомРНДN", default=None)


@dataclass(frozen=True, kw_only=True)
class PasserIs:
    """Who passes the power on: one of these."""

    company: CompanyWithHeads | None = inside("РосОргПерПолн", CompanyWithHeads, default=None)
    trader: PowerTrader | None = inside("ИППерПолн", PowerTrader, default=None)
    person: PassingPerson | None = inside("ФЛПерПолн", PassingPerson, default=None)
    branch: BranchWithHead | None = inside("ФилПерПолн", BranchWithHead, default=None)
    foreigner: ForeignWithHead | None = inside("ИнПерПолн", ForeignWithHead, default=None)


@dataclass(frozen=True, kw_only=True)
class Passer:
    """Who passes the power on; `kind` is ТипПерПолн."""

    who: PasserIs = inside("ПередПолн", PasserIs)
    kind: str = value("@ТипПерПолн")


@dataclass(frozen=True, kw_only=True)
class PassedPower:
    """Передов: a power passed on. `previous` is told when it was passed on before (`passed_before`)."""

    first: EarlierPower = inside("СвПервДовер", EarlierPower)
    previous: EarlierPower | None = inside("СвПередов", EarlierPower, default=None)
    power: PowerFacts = inside("СвПереДовер", PowerFacts)
    passers: tuple[Passer, ...] = each("СвПередПолн", Passer)
    agents: tuple[Agent, ...] = each("СвПолучПолн", Agent)
    powers: Powers = inside("СвПолн", Powers)
    certification: Certification | None = inside("СвНотУд", Certification, default=None)
    passed_before: YesNo = value("@ПрНалПередов", as_=YesNo)


@dataclass(frozen=True, kw_only=True)
class PowerOfAttorney:
    """A МЧД. The name of the file is ИдФайл, made by `power_file_id`."""

    file_id: str = value("@ИдФайл")
    form: str = value("@ПрЭлФорм", default=ORDINARY_FORM)
    content: GivenPower | PassedPower = one_of("Документ", {"Довер": GivenPower, "Передов": PassedPower})
    knd: str | None = value("Документ/@КНД", default=None)
    more: str | None = value("ИнСвед", default=None)
    tax_file_id: str | None = value("@ИдФайлНО", default=None)
    oid: str | None = value("@OID", default=None)


def power_file_id(number: UUID, *, day: dt.date) -> str:
    """ИдФайл of a МЧД: ON_EMCHD_ГГГГММДД_GUID, the GUID being the number of the power."""
    return f"ON_EMCHD_{day:%Y%m%d}_{number}"


def read_power(xml: bytes) -> PowerOfAttorney:
    """A МЧД EMCHD_1. Raises FormatError for anything else, or when its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not POWER_OF_ATTORNEY:
        raise FormatError(f"Нужна машиночитаемая доверенность EMCHD_1, а это {kind.name_ru}", line=1)
    return read(PowerOfAttorney, root, declaration.root)


def write_power(power: PowerOfAttorney) -> WrittenFile:
    """The file of a МЧД in UTF-8. Raises FormatError when the form would refuse it."""
    return write_file(power, POWER_OF_ATTORNEY, knd=None)
