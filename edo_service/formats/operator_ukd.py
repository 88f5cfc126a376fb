"""УКД 5.02 of order ЕД-7-26/29@ as an operator takes it from us: both titles, read and written (GenerateTitleXml).

The result is XML of the operator's contract, not a file of ФНС: it is never signed, the operator answers with the file
to sign. What has been given to the operator can be read again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from edo_service.formats.declarations.operator_ukd_29 import UKD_29, UKD_29_ANSWER
from edo_service.formats.engine.binding import each, inside, read, value, write
from edo_service.formats.engine.checker import check_tree
from edo_service.formats.engine.model import Declaration
from edo_service.formats.engine.source import parse
from edo_service.formats.engine.tree import Node, render
from edo_service.formats.errors import FormatError
from edo_service.formats.operator_ukd_lines import ContractField, ContractLine, ContractTotal, contract_totals

T = TypeVar("T")


class Operation(StrEnum):
    """СодОпер of the seller: an offer, or only a notice."""

    OFFER = "1"
    NOTICE = "2"


class Answer(StrEnum):
    """СодОпер of the buyer."""

    AGREED = "1"
    NOT_AGREED = "2"


@dataclass(frozen=True, kw_only=True)
class PaperAuthor:
    """Who made a paper that is referred to."""

    inn: str | None = value("@Inn", default=None)
    authority: str | None = value("@ShortNameExecutiveAuthority", default=None)
    status: str | None = value("@StatusId", default=None)
    country: str | None = value("@Country", default=None)
    name: str | None = value("@OrgName", default=None)
    identifier: str | None = value("@LegalEntityId", default=None)
    other: str | None = value("@OrganizationOrPersonInfo", default=None)


@dataclass(frozen=True, kw_only=True)
class PaperReference:
    """A document of hand-over, the ground of a correction or of the author's right."""

    name: str = value("@DocumentName")
    number: str = value("@DocumentNumber")
    date: dt.date = value("@DocumentDate")
    authors: tuple[PaperAuthor, ...] = each("IdentificationDetails", PaperAuthor)
    file_id: str | None = value("@FileId", default=None)
    identifier: str | None = value("@Id", default=None)
    system: str | None = value("@SystemId", default=None)
    system_url: str | None = value("@SystemUrl", default=None)
    more: str | None = value("@AdditionalInfo", default=None)


@dataclass(frozen=True, kw_only=True)
class InvoiceRevision:
    """An исправление of a corrected invoice."""

    number: int = value("@Number")
    date: dt.date = value("@Date")


@dataclass(frozen=True, kw_only=True)
class InvoiceToCorrect:
    """A corrected invoice."""

    number: str = value("@Number")
    date: dt.date = value("@Date")
    revisions: tuple[InvoiceRevision, ...] = each("Revision", InvoiceRevision)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Why the cost changes."""

    operation: Operation = value("@OperationContent", as_=Operation)
    details: str | None = value("@OperationContentDetails", default=None)
    papers: tuple[PaperReference, ...] = each("TransferDocuments/TransferDocument", PaperReference)
    grounds: tuple[PaperReference, ...] = each("CorrectionBases/CorrectionBase", PaperReference)
    more: str | None = value("@CostChangeInfo", default=None)
    sent_on: dt.date | None = value("@NotificationDate", default=None)


@dataclass(frozen=True, kw_only=True)
class ContractName:
    """Фамилия, имя, отчество."""

    last: str = value("@LastName")
    first: str = value("@FirstName")
    middle: str | None = value("@MiddleName", default=None)


@dataclass(frozen=True, kw_only=True)
class Position:
    """A position, or whence the operator takes it (Employee, Certificate, StorageByTitleTypeId, Manual)."""

    text: str = value(".", as_=str)
    source: str = value("@PositionSource")


@dataclass(frozen=True, kw_only=True)
class StoredPower:
    """A power of attorney that the operator holds; without a number, the signer's usual one."""

    number: str | None = value("FullId/@RegistrationNumber", default=None)
    issuer_inn: str | None = value("FullId/@IssuerInn", default=None)
    representative_inn: str | None = value("FullId/@RepresentativeInn", default=None)
    usual: str = value("@UseDefault", default="false")


@dataclass(frozen=True, kw_only=True)
class ContractSigner:
    """Who signs; what is not said the operator takes from the certificate and its own register."""

    name: ContractName | None = inside("Fio", ContractName, default=None)
    position: Position | None = inside("Position", Position, default=None)
    power: StoredPower | None = inside("PowerOfAttorney/Electronic/Storage", StoredPower, default=None)
    status: str | None = value("@SignerStatus", default=None)
    signature_kind: str | None = value("@SignatureType", default=None)
    signed_on: dt.date | None = value("@SigningDate", default=None)
    powers_by: str | None = value("@SignerPowersConfirmationMethod", default=None)


@dataclass(frozen=True, kw_only=True)
class Ukd29Draft:
    """A correction for the operator to write down by 29@; `increase` and `decrease` are worked out when not given."""

    function: str = value("@Function")
    number: str = value("@DocumentNumber")
    date: dt.date = value("@DocumentDate")
    invoices: tuple[InvoiceToCorrect, ...] = each("Invoices/Invoice", InvoiceToCorrect)
    seller_box: str = value("Seller/OrganizationReference/@BoxId")
    buyer_box: str = value("Buyer/OrganizationReference/@BoxId")
    lines: tuple[ContractLine, ...] = each("Table/Items/Item", ContractLine)
    increase: ContractTotal | None = inside("Table/TotalsInc", ContractTotal, default=None)
    decrease: ContractTotal | None = inside("Table/TotalsDec", ContractTotal, default=None)
    event: Event | None = inside("EventContent", Event, default=None)
    fields: tuple[ContractField, ...] = each("AdditionalInfoId/AdditionalInfo", ContractField)
    fields_file: str | None = value("AdditionalInfoId/@InfoFileId", default=None)
    signer_box: str | None = value("Signers/@BoxId", default=None)
    signers: tuple[ContractSigner, ...] = each("Signers/Signer", ContractSigner)
    author: str | None = value("@DocumentCreator", default=None)
    author_grounds: PaperReference | None = inside("DocumentCreatorBase", PaperReference, default=None)
    title: str | None = value("@DocumentName", default=None)
    currency_code: str = value("@Currency", default="643")
    currency_rate: Decimal | None = value("@CurrencyRate", default=None)
    revision_number: int | None = value("@CorrectionRevisionNumber", default=None)
    revision_date: dt.date | None = value("@CorrectionRevisionDate", default=None)
    contract_id: str | None = value("@GovernmentContractInfo", default=None)
    uid: str | None = value("@Uid", default=None)
    circumstances: str | None = value("@CircumFormat", default=None)
    agreed_fields: str | None = value("@ApprovedStructureAdditionalInfoFields", default=None)
    sender_id: str | None = value("@SenderFnsParticipantId", default=None)
    recipient_id: str | None = value("@RecipientFnsParticipantId", default=None)


@dataclass(frozen=True, kw_only=True)
class Ukd29Answer:
    """The buyer's answer to a correction of 29@."""

    answer: Answer = value("@OperationContent", as_=Answer)
    details: str | None = value("@OperationContentDetails", default=None)
    operation: str | None = value("@OperationCode", default=None)
    answered_on: dt.date | None = value("@ApprovalDate", default=None)
    fields: tuple[ContractField, ...] = each("AdditionalInfoId/AdditionalInfo", ContractField)
    fields_file: str | None = value("AdditionalInfoId/@InfoFileId", default=None)
    signer_box: str | None = value("Signers/@BoxId", default=None)
    signers: tuple[ContractSigner, ...] = each("Signers/Signer", ContractSigner)
    author: str | None = value("@DocumentCreator", default=None)
    author_grounds: PaperReference | None = inside("DocumentCreatorBase", PaperReference, default=None)


def write_ukd_29_draft(draft: Ukd29Draft) -> bytes:
    """The operator's contract of УКД 29@. Raises FormatError where the contract refuses it."""
    if draft.increase is None and draft.decrease is None:
        more, less = contract_totals(draft.lines)
        draft = replace(draft, increase=more, decrease=less)
    return _written(draft, UKD_29)


def read_ukd_29_draft(xml: bytes) -> Ukd29Draft:
    """What has been given to the operator. Raises FormatError for anything else."""
    return _read(Ukd29Draft, xml, UKD_29)


def write_ukd_29_answer(answer: Ukd29Answer) -> bytes:
    """The operator's contract of the buyer's title. Raises FormatError where the contract refuses it."""
    return _written(answer, UKD_29_ANSWER)


def read_ukd_29_answer(xml: bytes) -> Ukd29Answer:
    """What has been given to the operator. Raises FormatError for anything else."""
    return _read(Ukd29Answer, xml, UKD_29_ANSWER)


def _written(item: object, declaration: Declaration) -> bytes:
    node = Node(declaration.root.name)
    write(item, node)
    content = render(node, declaration)
    _refuse(etree.fromstring(content), declaration, "Оператор не примет сведения")
    return content


def _read(cls: type[T], xml: bytes, declaration: Declaration) -> T:
    root = parse(xml)
    _refuse(root, declaration, "Это не сведения для оператора")
    return read(cls, root, declaration.root)


def _refuse(root: etree._Element, declaration: Declaration, why: str) -> None:
    violations, _ = check_tree(root, declaration, file_name=None)
    if violations:
        worst = violations[0]
        raise FormatError(f"{why}: {worst.message_ru}", element=worst.element, line=worst.line, findings=violations)
