"""Акт сверки 5.01 (ЕД-7-26/405@), both titles: domain values, sums worked out, reading and writing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from edo_service.formats.checking import load
from edo_service.formats.declarations.reconciliation import RECONCILIATION_RECEIVER, RECONCILIATION_SENDER
from edo_service.formats.engine.binding import each, inside, moment, one_of, read, value
from edo_service.formats.errors import FormatError
from edo_service.formats.parties import PersonName, SignatureKind
from edo_service.formats.service import SignerStatus
from edo_service.formats.upd import PROGRAM
from edo_service.formats.writing import WrittenFile, write_file

_ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Trader:
    """An individual entrepreneur."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str = value("@ИННФЛ")
    ogrnip: str = value("@ОГРНИП")


@dataclass(frozen=True, kw_only=True)
class RegisteredCompany:
    """A Russian organisation with all its numbers."""

    name: str = value("@НаимОрг")
    inn: str = value("@ИННЮЛ")
    kpp: str = value("@КПП")
    ogrn: str = value("@ОГРН")


@dataclass(frozen=True, kw_only=True)
class Outsider:
    """A foreign party."""

    name: str = value("@НаимОрг")
    identifier: str = value("@Идентиф")
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A natural person."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str = value("@ИННФЛ")


@dataclass(frozen=True, kw_only=True)
class ReconciliationContact:
    """How to reach a party; the element stands even when it says nothing."""

    phone: str | None = value("@Тлф", default=None)
    email: str | None = value("@ЭлПочта", default=None)
    other: str | None = value("@ИнКонт", default=None)


@dataclass(frozen=True, kw_only=True)
class ReconciliationParty:
    """A side of the act."""

    who: Trader | RegisteredCompany | Outsider | Somebody = one_of(
        "ИдСв", {"СвИП": Trader, "СвЮЛУч": RegisteredCompany, "СвИнНеУч": Outsider, "СвФЛ": Somebody}
    )
    contact: ReconciliationContact = inside("Контакт", ReconciliationContact)
    okpo: str | None = value("@ОКПО", default=None)
    department: str | None = value("@СтруктПодр", default=None)
    for_partner: str | None = value("@ИнфДляУчаст", default=None)
    short_name: str | None = value("@КраткНазв", default=None)


@dataclass(frozen=True, kw_only=True)
class OldElectronicPower:
    """An electronic power of attorney."""

    number: str | None = value("@НомДовер", default=None)
    date: dt.date | None = value("@ДатаНач", default=None)
    own_number: str | None = value("@ВнНомДовер", default=None)
    own_date: dt.date | None = value("@ДатаВнРегДовер", default=None)
    system: str | None = value("@СведСистОтм", default=None)


@dataclass(frozen=True, kw_only=True)
class OldPaperPower:
    """A power of attorney on paper."""

    person: PersonName | None = inside("ФИО", PersonName, default=None)
    date: dt.date | None = value("@ДатаДовер", default=None)
    own_number: str | None = value("@ВнНомДовер", default=None)
    principal: str | None = value("@СвИдДовер", default=None)


@dataclass(frozen=True, kw_only=True)
class ReconciliationSigner:
    """Who signs."""

    person: PersonName = inside("ФИО", PersonName)
    power: OldElectronicPower | None = inside("СвДовер", OldElectronicPower, default=None)
    paper_power: OldPaperPower | None = inside("СвДоверБум", OldPaperPower, default=None)
    status: SignerStatus | None = value("@СтатПодп", default=None, as_=SignerStatus)
    signature: SignatureKind | None = value("@ТипПодпис", default=None, as_=SignatureKind)
    power_system: str | None = value("@ИдСистХран", default=None)
    position: str | None = value("@Должн", default=None)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation by a document: a debit, a credit, or both."""

    number: int = value("@НомСтр")
    date: dt.date = value("@ДатаОпер")
    name: str = value("@НаимОпер")
    debit: Decimal | None = value("@СумДебет", default=None)
    credit: Decimal | None = value("@СумКредит", default=None)
    more: str | None = value("@ДопИнф", default=None)


@dataclass(frozen=True, kw_only=True)
class OperationPaper:
    """A document with its operations; `difference` stands in the receiver's answer only."""

    name: str = value("@НаимДок")
    number: str = value("@НомДок")
    date: dt.date = value("@ДатаДок")
    file_id: str | None = value("@ИдДок", default=None)
    difference: Decimal | None = value("@ИтогоРасх", default=None)
    more: str | None = value("@ДопИнф", default=None)
    operations: tuple[Operation, ...] = each("СвОпер", Operation)


@dataclass(frozen=True, kw_only=True)
class Balances:
    """Opening balance, turnover, closing balance: debit and credit of each. All six are there in the sender's title."""

    opening_debit: Decimal | None = value("@СальдоНачДеб", default=None)
    opening_credit: Decimal | None = value("@СальдоНачКр", default=None)
    turnover_debit: Decimal | None = value("@ОборотДеб", default=None)
    turnover_credit: Decimal | None = value("@ОборотКр", default=None)
    closing_debit: Decimal | None = value("@СальдоКонДеб", default=None)
    closing_credit: Decimal | None = value("@СальдоКонКр", default=None)
    difference_debit: Decimal | None = value("@ИтогоРасхДеб", default=None)
    difference_credit: Decimal | None = value("@ИтогоРасхКр", default=None)
    more: str | None = value("@ДопИнф", default=None)


def balances(*, opening: Decimal, debit: Decimal, credit: Decimal) -> Balances:
    """All six from an opening balance (a debt to us is positive) and the turnovers, each to the kopeck."""
    closing = opening + debit - credit
    return Balances(
        opening_debit=max(opening, _ZERO),
        opening_credit=max(-opening, _ZERO),
        turnover_debit=debit,
        turnover_credit=credit,
        closing_debit=max(closing, _ZERO),
        closing_credit=max(-closing, _ZERO),
    )


@dataclass(frozen=True, kw_only=True)
class ReconciledContract:
    """A contract with its documents."""

    papers: tuple[OperationPaper, ...] = each("ДокСв", OperationPaper)
    contract_id: str | None = value("@ИдДог", default=None)
    kind: str | None = value("@ОписТипДог", default=None)
    number: str | None = value("@НомДог", default=None)
    date: dt.date | None = value("@ДатаДог", default=None)
    sums: Balances = inside(".", Balances)


def with_sums(contract: ReconciledContract, *, opening: Decimal) -> ReconciledContract:
    """The contract with turnovers and balances worked out from its operations."""
    operations = [operation for paper in contract.papers for operation in paper.operations]
    debit = sum((operation.debit or _ZERO for operation in operations), _ZERO)
    credit = sum((operation.credit or _ZERO for operation in operations), _ZERO)
    return replace(contract, sums=balances(opening=opening, debit=debit, credit=credit))


def total_of(contracts: Iterable[ReconciledContract]) -> Balances:
    """The sums of the act: each of the six added up over contracts."""
    kept = [contract.sums for contract in contracts]

    def whole(name: str) -> Decimal:
        return sum((getattr(sums, name) or _ZERO for sums in kept), _ZERO)

    opening = whole("opening_debit") - whole("opening_credit")
    return balances(opening=opening, debit=whole("turnover_debit"), credit=whole("turnover_credit"))


@dataclass(frozen=True, kw_only=True)
class ReconciliationTable:
    """Contracts and the sums of all of them."""

    contracts: tuple[ReconciledContract, ...] = each("ДогСв", ReconciledContract)
    sums: Balances = inside(".", Balances)


@dataclass(frozen=True, kw_only=True)
class ReconciliationSender:
    """The sender's title: what we think is between us."""

    file_id: str = value("@ИдФайл")
    number: str = value("Документ/@НомерАкт")
    sender: ReconciliationParty = inside("Документ/СвДокКрАкт/СвОтпр", ReconciliationParty)
    recipient: ReconciliationParty = inside("Документ/СвДокКрАкт/СвПол", ReconciliationParty)
    currency_code: str = value("Документ/СвДокКрАкт/@КодОКВ")
    table: ReconciliationTable = inside("Документ/ТаблАкт", ReconciliationTable)
    since: dt.date = value("Документ/@ДатаНачПер")
    until: dt.date = value("Документ/@ДатаОкПер")
    signer: ReconciliationSigner = inside("Документ/Подписант", ReconciliationSigner)
    created_at: dt.datetime = moment("Документ/@ДатаИнфОтпр", "Документ/@ВрИнфОтпр", colon=True)
    program: str = value("@ВерсПрог", default=PROGRAM)


class Differences(StrEnum):
    """ПризнРазн: whether the receiver has differences."""

    NONE = "1"
    SOME = "2"


@dataclass(frozen=True, kw_only=True)
class ReconciledFile:
    """The sender's file: its name, its moment and its signature in base64."""

    file_id: str = value("@ИдФайлИнфОтпр")
    created_at: dt.datetime = moment("@ДатФайлИнфОтпр", "@ВрФайлИнфОтпр", colon=True)
    signature: str = value("ЭП")


@dataclass(frozen=True, kw_only=True)
class ReconciliationReceiver:
    """The receiver's title: agreed, or a table of differences."""

    file_id: str = value("@ИдФайл")
    answers: ReconciledFile = inside("Документ/ИдИнфОтпр", ReconciledFile)
    differences: Differences = value("@ПризнРазн", as_=Differences)
    table: ReconciliationTable | None = inside("Документ/ТаблАкт", ReconciliationTable, default=None)
    signer: ReconciliationSigner = inside("Документ/Подписант", ReconciliationSigner)
    created_at: dt.datetime = moment("Документ/@ДатаИнфПол", "Документ/@ВрИнфПол", colon=True)
    program: str = value("@ВерсПрог", default=PROGRAM)


def read_reconciliation_sender(xml: bytes) -> ReconciliationSender:
    """A sender's title of акт сверки. Raises FormatError for anything else, or when its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not RECONCILIATION_SENDER:
        raise FormatError(f"Нужен титул отправителя акта сверки, а это {kind.name_ru}", line=1)
    return read(ReconciliationSender, root, declaration.root)


def write_reconciliation_sender(act: ReconciliationSender) -> WrittenFile:
    """The file of a sender's title. Raises FormatError when the official schema would refuse it."""
    return write_file(act, RECONCILIATION_SENDER, knd="1110332")


def read_reconciliation_receiver(xml: bytes) -> ReconciliationReceiver:
    """A receiver's title of акт сверки. Raises FormatError for anything else, or when its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not RECONCILIATION_RECEIVER:
        raise FormatError(f"Нужен титул получателя акта сверки, а это {kind.name_ru}", line=1)
    return read(ReconciliationReceiver, root, declaration.root)


def write_reconciliation_receiver(act: ReconciliationReceiver) -> WrittenFile:
    """The file of a receiver's title. Raises FormatError when the official schema would refuse it."""
    return write_file(act, RECONCILIATION_RECEIVER, knd="1110333")
