"""УПД 5.03, the buyer's title: domain values, reading, writing, and whether it fits what the seller sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from edo_service.formats.checking import load
from edo_service.formats.declarations.upd_buyer import UPD_BUYER
from edo_service.formats.engine.binding import each, inside, moment, one_of, read, value
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import Finding
from edo_service.formats.names import parse_name, upd_buyer_file_id
from edo_service.formats.parties import (
    DocumentReference,
    Employee,
    InformationField,
    PersonName,
    Signer,
)
from edo_service.formats.upd import PROGRAM, UpdSeller
from edo_service.formats.writing import WrittenFile, encode_signature, write_file

_FACT = "Документ/СодФХЖ4"
_ACCEPTANCE = f"{_FACT}/СвПрин"
DEFAULT_DOCUMENT_NAME = "Универсальный передаточный документ"


class AcceptanceResult(StrEnum):
    """КодИтога."""

    ACCEPTED = "1"
    ACCEPTED_WITH_DISCREPANCIES = "2"
    NOT_ACCEPTED = "3"


@dataclass(frozen=True, kw_only=True)
class ReceivingOrganization:
    """An organisation entrusted with the acceptance, by its representative."""

    person: PersonName = inside("ФИО", PersonName)
    position: str = value("@Должность")
    organization: str = value("@НаимОргПрин")
    inn: str | None = value("@ИННОргПрин", default=None)
    entrusted_by: DocumentReference | None = inside("ОснДоверОргПрин", DocumentReference, default=None)
    representative_by: DocumentReference | None = inside("ОснПолнПредПрин", DocumentReference, default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class ReceivingPerson:
    """A natural person entrusted with the acceptance."""

    person: PersonName = inside("ФИО", PersonName)
    inn: str | None = value("@ИННФЛПрин", default=None)
    entrusted_by: DocumentReference | None = inside("ОснДоверФЛ", DocumentReference, default=None)
    other: str | None = value("@ИныеСвед", default=None)


@dataclass(frozen=True, kw_only=True)
class SellerFile:
    """The seller's title that is answered: its id, its moment and its signatures (base64 of each detached CMS)."""

    file_id: str = value("@ИдФайлИнфПр")
    formed_at: dt.datetime = moment("@ДатаФайлИнфПр", "@ВремФайлИнфПр")
    signatures: tuple[str, ...] = each("ЭП")


@dataclass(frozen=True, kw_only=True)
class MoneyObligation:
    """A line of the treasury's money obligation."""

    number: int = value("@НомСтр")
    investment_object: str | None = value("@КодОбъектФАИП", default=None)
    means: str = value("@ВидСредств")
    budget_code: str = value("@КодПокБюджКласс")
    purpose_code: str | None = value("@КодЦелиПокуп", default=None)
    advance: Decimal = value("@СумАванс")


@dataclass(frozen=True, kw_only=True)
class BuyerStatePurchase:
    """What the treasury wants to know of the buyer."""

    obligations: tuple[MoneyObligation, ...] = each("ИнфСведДенОбяз", MoneyObligation)
    purchase_code: str | None = value("@ИдКодЗак", default=None)
    account: str = value("@ЛицСчетПок")
    finance_body: str = value("@НаимФинОргПок")
    registry_number: str = value("@НомРеестрЗапПок")
    budget_obligation: str | None = value("@УчНомБюдОбязПок", default=None)
    treasury_code: str | None = value("@КодКазначПок", default=None)
    treasury: str | None = value("@НаимКазначПок", default=None)
    oktmo: str = value("@ОКТМОПок")
    delivery_oktmo: str | None = value("@ОКТМОМесПост", default=None)
    pay_until: dt.date | None = value("@ДатаОплПред", default=None)
    money_obligation: str | None = value("@УчНомДенОбяз", default=None)
    payment_order: str | None = value("@ОчерПлат", default=None)
    payment_kind: str | None = value("@ВидПлат", default=None)


@dataclass(frozen=True, kw_only=True)
class UpdBuyer:
    """A buyer's title of УПД 5.03 (ON_NSCHFDOPPOK). `function`, `number` and `date` repeat the seller's document."""

    file_id: str = value("@ИдФайл")
    formed_at: dt.datetime = moment("Документ/@ДатаИнфПок", "Документ/@ВремИнфПок")
    seller_file: SellerFile = inside("Документ/ИдИнфПрод", SellerFile)
    document_name: str = value(f"{_FACT}/@НаимДокОпрПр")
    function: str = value(f"{_FACT}/@Функция")
    number: str | None = value(f"{_FACT}/@ПорНомДокИнфПр", default=None)
    date: dt.date = value(f"{_FACT}/@ДатаДокИнфПр")
    kind: str | None = value(f"{_FACT}/@ВидОпер", default=None)
    result: AcceptanceResult = value(f"{_ACCEPTANCE}/КодСодОпер/@КодИтога", as_=AcceptanceResult)
    discrepancies: DocumentReference | None = inside(
        f"{_ACCEPTANCE}/КодСодОпер/РеквДокРасх", DocumentReference, default=None
    )
    operation: str | None = value(f"{_ACCEPTANCE}/@СодОпер", default=None)
    accepted_on: dt.date = value(f"{_ACCEPTANCE}/@ДатаПрин")
    accepted_by: Employee | ReceivingOrganization | ReceivingPerson | None = one_of(
        f"{_ACCEPTANCE}/СвЛицПрин",
        {
            "РабОргПок": Employee,
            "ИнЛицо/ПредОргПрин": ReceivingOrganization,
            "ИнЛицо/ФЛПрин": ReceivingPerson,
        },
        default=None,
    )
    signers: tuple[Signer, ...] = each("Документ/Подписант", Signer)
    author: str | None = value("Документ/@НаимЭконСубСост", default=None)
    information: InformationField | None = inside(f"{_FACT}/ИнфПолФХЖ4", InformationField, default=None)
    state_purchase: BuyerStatePurchase | None = inside("Документ/ИнфПокЗаГоскКазн", BuyerStatePurchase, default=None)
    author_grounds: DocumentReference | None = inside("Документ/ОснДоверОргСост", DocumentReference, default=None)
    unique_id: str | None = value("Документ/@УИД", default=None)
    program: str = value("@ВерсПрог", default=PROGRAM)


def read_upd_buyer(xml: bytes) -> UpdBuyer:
    """A buyer's title 5.03. Raises FormatError when the file is another kind or version or its checker refuses it."""
    root, kind, declaration = load(xml)
    if declaration is not UPD_BUYER:
        raise FormatError(f"Нужен титул покупателя УПД 5.03, а это {kind.name_ru}", line=1)
    return read(UpdBuyer, root, declaration.root)


def write_upd_buyer(upd: UpdBuyer) -> WrittenFile:
    """The file of a buyer's title; the same bytes for the same value.

    Raises FormatError when the official schema would refuse it.
    """
    return write_file(upd, UPD_BUYER, knd="1115132")


def answer_to(  # noqa: PLR0913  (keyword-only: each is a fact of the answer)
    seller: UpdSeller,
    *,
    signatures: Sequence[bytes],
    signer: Signer,
    result: AcceptanceResult,
    accepted_on: dt.date,
    formed_at: dt.datetime,
    guid: UUID,
    operation: str | None = None,
    accepted_by: Employee | None = None,
    author: str | None = None,
    discrepancies: DocumentReference | None = None,
) -> UpdBuyer:
    """A buyer's title that answers a seller's one.

    `signatures` are the seller's detached CMS files, whose bytes the answer must cite. `operation` is dropped on
    refusal, as the format demands. Raises FormatError when there is no signature or the seller's file name does not
    tell the participants.
    """
    if not signatures:
        raise FormatError("Титул покупателя цитирует подпись продавца, а её нет", element="ЭП")
    return UpdBuyer(
        file_id=upd_buyer_file_id(seller.file_id, day=formed_at.date(), guid=guid),
        formed_at=formed_at,
        seller_file=SellerFile(
            file_id=seller.file_id,
            formed_at=seller.formed_at,
            signatures=tuple(encode_signature(cms) for cms in signatures),
        ),
        document_name=seller.document_name or DEFAULT_DOCUMENT_NAME,
        function=str(seller.function),
        number=seller.number,
        date=seller.date,
        result=result,
        discrepancies=discrepancies,
        operation=None if result is AcceptanceResult.NOT_ACCEPTED else operation,
        accepted_on=accepted_on,
        accepted_by=accepted_by,
        signers=(signer,),
        author=author,
    )


def compare_titles(seller: UpdSeller, buyer: UpdBuyer, *, signatures: Sequence[bytes] = ()) -> tuple[Finding, ...]:
    """What in a buyer's title does not fit the seller's: () when it answers exactly this file.

    With `signatures` (the seller's detached CMS files) at least one cited signature must be among them and none may be
    foreign.
    """
    own, other = parse_name(buyer.file_id), parse_name(seller.file_id)
    cited = {"".join(text.split()) for text in buyer.seller_file.signatures}
    known = {encode_signature(cms) for cms in signatures}
    swapped = own is None or other is None or (own.recipient_id, own.sender_id) == (other.sender_id, other.recipient_id)
    checks = (
        (
            "ИдИнфПрод/@ИдФайлИнфПр",
            buyer.seller_file.file_id == seller.file_id,
            f"назван другой файл продавца: {buyer.seller_file.file_id}",
        ),
        (
            "ИдИнфПрод/@ДатаФайлИнфПр",
            buyer.seller_file.formed_at == seller.formed_at,
            "дата и время файла продавца не те",
        ),
        (
            "ИдИнфПрод/ЭП",
            not known or (bool(cited) and cited <= known),
            "процитирована не та подпись продавца",
        ),
        (
            "СодФХЖ4/@Функция",
            buyer.function == str(seller.function),
            f"функция {buyer.function}, у продавца {seller.function}",
        ),
        ("СодФХЖ4/@ДатаДокИнфПр", buyer.date == seller.date, "дата документа продавца не та"),
        ("СодФХЖ4/@ПорНомДокИнфПр", buyer.number in {None, seller.number}, "номер документа продавца не тот"),
        (
            "СодФХЖ4/@НаимДокОпрПр",
            seller.document_name in {None, buyer.document_name},
            "название документа не то, что у продавца",
        ),
        ("../@ИдФайл", swapped, "получатель и отправитель в имени файла не те, что у продавца"),
    )
    return tuple(
        Finding(
            path=f"/Файл/Документ/{path}", line=None, rule="answer", message_ru=f"{path.rsplit('/', 1)[-1]} — {text}"
        )
        for path, fits, text in checks
        if not fits
    )
