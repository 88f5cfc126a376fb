"""УКД and the correction invoice 5.01 of order ММВ-7-15/189@, both titles: domain values, reading and writing.

Files of 736@ and 29@ are made by the operator from its own contract (`operator_contract`): no official schema is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from edo_service.formats.checking import load
from edo_service.formats.declarations.ukd_old import UKD_BUYER_5_01, UKD_SELLER_5_01
from edo_service.formats.engine.binding import each, inside, moment, one_of, read, value
from edo_service.formats.errors import FormatError
from edo_service.formats.old_parties import Ground, OldExchange, OldParty, OldSigner
from edo_service.formats.parties import InformationField, Mark, Tax, TextEntry
from edo_service.formats.writing import WrittenFile, write_file

_ZERO = Decimal(0)


class UkdFunction(StrEnum):
    """Функция: correction invoice, the same with agreement, agreement alone."""

    INVOICE = "КСЧФ"
    INVOICE_AND_AGREEMENT = "КСЧФДИС"
    AGREEMENT = "ДИС"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """An исправление of the corrected invoice."""

    number: int = value("@НомИспрСчФ")
    date: dt.date = value("@ДатаИспрСчФ")


@dataclass(frozen=True, kw_only=True)
class CorrectedInvoice:
    """What is corrected."""

    number: str = value("@НомерСчФ")
    date: dt.date = value("@ДатаСчФ")
    revisions: tuple[Revision, ...] = each("ИспрСчФ", Revision)


@dataclass(frozen=True, kw_only=True)
class UkdRevision:
    """An исправление of this document."""

    number: int = value("@НомИспрКСчФ")
    date: dt.date = value("@ДатаИспрКСчФ")


@dataclass(frozen=True, kw_only=True)
class UkdParticulars:
    """State contract and currency."""

    contract_id: str | None = value("@ИдГосКон", default=None)
    currency: str = value("@НаимОКВ")
    rate: Decimal | None = value("@КурсВал", default=None)


@dataclass(frozen=True, kw_only=True)
class Increase:
    """The sum grew by so much."""

    amount: Decimal = value(".")


@dataclass(frozen=True, kw_only=True)
class Decrease:
    """The sum fell by so much."""

    amount: Decimal = value(".")


Change = Increase | Decrease
_CHANGE = {"СумУвел": Increase, "СумУм": Decrease}
_TAX = {"СумНДС": None, "БезНДС": Mark.NO_TAX}
_EXCISE = {"СумАкциз": None, "БезАкциз": Mark.NO_EXCISE}


def change(before: Decimal, after: Decimal) -> Change:
    """What lies between two sums; no difference is an increase by zero."""
    return Increase(amount=after - before) if after >= before else Decrease(amount=before - after)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A cost before and after, and one of the two differences."""

    before: Decimal = value("@СтоимДоИзм")
    after: Decimal = value("@СтоимПослеИзм")
    increase: Decimal | None = value("@СтоимУвел", default=None)
    decrease: Decimal | None = value("@СтоимУм", default=None)

    @classmethod
    def of(cls, before: Decimal, after: Decimal) -> Cost:
        """A cost with its difference worked out."""
        more = after - before if after > before else None
        return cls(before=before, after=after, increase=more, decrease=before - after if after < before else None)


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Accounts of bookkeeping."""

    debit: str | None = value("@КорСчДебет", default=None)
    credit: str | None = value("@КорСчКредит", default=None)


@dataclass(frozen=True, kw_only=True)
class UkdLine:
    """A line: what it was, what it became."""

    number: int = value("@НомСтр")
    name: str = value("@НаимТов")
    unit_before: str | None = value("@ОКЕИ_ТовДо", default=None)
    unit_after: str | None = value("@ОКЕИ_ТовПосле", default=None)
    quantity_before: Decimal | None = value("@КолТовДо", default=None)
    quantity_after: Decimal | None = value("@КолТовПосле", default=None)
    price_before: Decimal | None = value("@ЦенаТовДо", default=None)
    price_after: Decimal | None = value("@ЦенаТовПосле", default=None)
    rate_before: str = value("@НалСтДо")
    rate_after: str = value("@НалСтПосле")
    net: Cost | None = inside("СтТовБезНДС", Cost, default=None)
    excise_before: Tax = one_of("АкцизДо", _EXCISE, default=Mark.NO_EXCISE)
    excise_after: Tax = one_of("АкцизПосле", _EXCISE, default=Mark.NO_EXCISE)
    excise_change: Change = one_of("АкцизРазн", _CHANGE, default=Increase(amount=_ZERO))
    tax_before: Tax = one_of("СумНалДо", _TAX)
    tax_after: Tax = one_of("СумНалПосле", _TAX)
    tax_change: Change = one_of("СумНалРазн", _CHANGE)
    gross: Cost = inside("СтТовУчНал", Cost)
    fields: tuple[TextEntry, ...] = each("ИнфПолФХЖ2", TextEntry)
    accounts: Accounts | None = inside("ДопСведТов", Accounts, default=None)


@dataclass(frozen=True, kw_only=True)
class UkdTotal:
    """All increases or all decreases."""

    net: Decimal = value("@СтТовБезНДСВсего")
    tax: Tax = one_of("СумНал", _TAX)
    gross: Decimal = value("@СтТовУчНалВсего")


def totals_of(lines: Iterable[UkdLine]) -> tuple[UkdTotal | None, UkdTotal | None]:
    """Increases and decreases of the lines summed up to the kopeck; None where there is none of the kind."""
    found: list[UkdTotal | None] = []
    kept = list(lines)
    for name, kind in (("increase", Increase), ("decrease", Decrease)):
        nets = [getattr(line.net, name) or _ZERO for line in kept if line.net is not None]
        grosses = [getattr(line.gross, name) or _ZERO for line in kept]
        taxes = [line.tax_change.amount for line in kept if isinstance(line.tax_change, kind)]
        net, tax, gross = (sum(parts, _ZERO) for parts in (nets, taxes, grosses))
        told: Tax = tax if any(line.tax_after is not Mark.NO_TAX for line in kept) else Mark.NO_TAX
        found.append(UkdTotal(net=net, tax=told, gross=gross) if net or tax or gross else None)
    return found[0], found[1]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """СодФХЖ3: why the cost changes and what is agreed."""

    grounds: tuple[Ground, ...] = each("ОснКор", Ground)
    more: str | None = value("@ИныеСвИзмСтоим", default=None)
    papers: str = value("@ПередатДокум")
    operation: str = value("@СодОпер")
    sent_on: dt.date | None = value("@ДатаНапр", default=None)


@dataclass(frozen=True, kw_only=True)
class UkdSeller:
    """The seller's title of УКД 189@."""

    file_id: str = value("@ИдФайл")
    exchange: OldExchange = inside("СвУчДокОбор", OldExchange)
    function: UkdFunction = value("Документ/@Функция", as_=UkdFunction)
    number: str = value("Документ/СвКСчФ/@НомерКСчФ")
    date: dt.date = value("Документ/СвКСчФ/@ДатаКСчФ")
    currency_code: str = value("Документ/СвКСчФ/@КодОКВ")
    corrected: tuple[CorrectedInvoice, ...] = each("Документ/СвКСчФ/СчФ", CorrectedInvoice)
    revision: UkdRevision | None = inside("Документ/СвКСчФ/ИспрКСчФ", UkdRevision, default=None)
    seller: OldParty = inside("Документ/СвКСчФ/СвПрод", OldParty)
    buyer: OldParty = inside("Документ/СвКСчФ/СвПокуп", OldParty)
    particulars: UkdParticulars | None = inside("Документ/СвКСчФ/ДопСвФХЖ1", UkdParticulars, default=None)
    information: InformationField | None = inside("Документ/СвКСчФ/ИнфПолФХЖ1", InformationField, default=None)
    lines: tuple[UkdLine, ...] = each("Документ/ТаблКСчФ/СведТов", UkdLine)
    increase: UkdTotal | None = inside("Документ/ТаблКСчФ/ВсегоУвел", UkdTotal, default=None)
    decrease: UkdTotal | None = inside("Документ/ТаблКСчФ/ВсегоУм", UkdTotal, default=None)
    agreement: Agreement = inside("Документ/СодФХЖ3", Agreement)
    signers: tuple[OldSigner, ...] = each("Документ/Подписант", OldSigner)
    fact: str | None = value("Документ/@ПоФактХЖ", default=None)
    title: str | None = value("Документ/@НаимДокОпр", default=None)
    created_at: dt.datetime = moment("Документ/@ДатаИнфПр", "Документ/@ВремИнфПр")
    author: str = value("Документ/@НаимЭконСубСост")
    author_grounds: str | None = value("Документ/@ОснДоверОргСост", default=None)
    program: str | None = value("@ВерсПрог", default=None)


@dataclass(frozen=True, kw_only=True)
class CorrectedTitle:
    """The seller's file that the buyer answers: its name, moment and signatures in base64."""

    file_id: str = value("@ИдФайлИнфПр")
    created_at: dt.datetime = moment("@ДатаФайлИнфПр", "@ВремФайлИнфПр")
    signatures: tuple[str, ...] = each("ЭП")


@dataclass(frozen=True, kw_only=True)
class UkdBuyer:
    """The buyer's title of УКД 189@: agreed."""

    file_id: str = value("@ИдФайл")
    exchange: OldExchange = inside("СвУчДокОбор", OldExchange)
    answers: CorrectedTitle = inside("ИнфПок/ИдИнфПрод", CorrectedTitle)
    operation: str = value("ИнфПок/СодФХЖ4/СвСоглас/@СодОпер")
    agreed_on: dt.date | None = value("ИнфПок/СодФХЖ4/СвСоглас/@ДатаСоглас", default=None)
    information: InformationField | None = inside("ИнфПок/СодФХЖ4/ИнфПолФХЖ4", InformationField, default=None)
    title: str = value("ИнфПок/СодФХЖ4/@НаимДокОпрПр")
    function: str = value("ИнфПок/СодФХЖ4/@ФункцияПр")
    number: str | None = value("ИнфПок/СодФХЖ4/@НомДокИнфПр", default=None)
    date: dt.date = value("ИнфПок/СодФХЖ4/@ДатаДокИнфПр")
    signers: tuple[OldSigner, ...] = each("ИнфПок/Подписант", OldSigner)
    created_at: dt.datetime = moment("ИнфПок/@ДатаИнфПок", "ИнфПок/@ВремИнфПок")
    author: str = value("ИнфПок/@НаимЭконСубСост")
    author_grounds: str | None = value("ИнфПок/@ОснДоверОргСост", default=None)
    program: str | None = value("@ВерсПрог", default=None)


def read_ukd_seller(xml: bytes) -> UkdSeller:
    """A seller's title of УКД 189@. Raises FormatError for anything else, or when its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not UKD_SELLER_5_01:
        raise FormatError(f"Нужен титул продавца УКД 5.01, а это {kind.name_ru}", line=1)
    return read(UkdSeller, root, declaration.root)


def write_ukd_seller(ukd: UkdSeller) -> WrittenFile:
    """The file of a seller's title. Raises FormatError when the official schema would refuse it."""
    return write_file(ukd, UKD_SELLER_5_01, knd="1115127")


def read_ukd_buyer(xml: bytes) -> UkdBuyer:
    """A buyer's title of УКД 189@. Raises FormatError for anything else, or when its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not UKD_BUYER_5_01:
        raise FormatError(f"Нужен титул покупателя УКД 5.01, а это {kind.name_ru}", line=1)
    return read(UkdBuyer, root, declaration.root)


def write_ukd_buyer(ukd: UkdBuyer) -> WrittenFile:
    """The file of a buyer's title. Raises FormatError when the official schema would refuse it."""
    return write_file(ukd, UKD_BUYER_5_01, knd="1115128", body="ИнфПок")
