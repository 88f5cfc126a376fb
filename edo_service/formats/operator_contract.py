"""What we give an operator so that it makes a file itself: универсальное сообщение, УКД 736@ (29@: `operator_ukd`).

The result is XML of the operator's contract, not a file of ФНС: it is never signed, the operator answers with the file to
sign (an УС is only sent, nobody signs one). Codes of УС: 1999 receipt, 2007 request of powers, 2999 correction, 3999
refusal, 4002 text, 4003 structured text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Final

from lxml import etree

from edo_service.formats.checking import detect
from edo_service.formats.declarations.operator_contracts import UKD_736, UKD_736_ANSWER, UNIVERSAL_MESSAGE
from edo_service.formats.engine.binding import each, inside, value, write
from edo_service.formats.engine.checker import check_tree
from edo_service.formats.engine.model import Declaration
from edo_service.formats.engine.source import parse
from edo_service.formats.engine.tree import Node, render
from edo_service.formats.errors import FormatError
from edo_service.formats.parties import Mark
from edo_service.formats.ukd import Cost, Increase, UkdLine, totals_of


class MessageCode(IntEnum):
    """СтатусУС: what a universal message says; the first four change the state of a document."""

    RECEIPT = 1999
    POWERS_REQUEST = 2007
    CORRECTION_REQUEST = 2999
    REFUSAL = 3999
    TEXT = 4002
    STRUCTURED = 4003


_CODE_DIGITS: Final = 4
_PAIR: Final = {MessageCode.POWERS_REQUEST, MessageCode.CORRECTION_REQUEST}
_WITH_TEXT: Final = {MessageCode.CORRECTION_REQUEST, MessageCode.REFUSAL, MessageCode.TEXT, MessageCode.STRUCTURED}


@dataclass(frozen=True, kw_only=True)
class MessageItem:
    """One code with its text."""

    code: int = value("@StatusCode")
    text: str | None = value("PlainText", default=None)


@dataclass(frozen=True, kw_only=True)
class UniversalMessage:
    """УС: one or more codes. The operator fills in who writes to whom."""

    items: tuple[MessageItem, ...] = each("UniversalMessageInfos/UniversalMessageInfo", MessageItem)


def write_universal_message(items: Mapping[MessageCode, str | None]) -> bytes:
    """The operator's contract of УС. Raises FormatError for codes that do not go together or a text that is missing."""
    codes = set(items)
    if not codes:
        raise FormatError("Универсальное сообщение пусто: нужен хотя бы один код")
    state_changing = codes - {MessageCode.TEXT, MessageCode.STRUCTURED}
    if len(state_changing) > 1 and state_changing != _PAIR:
        told = ", ".join(str(int(code)) for code in sorted(codes))
        raise FormatError(f"Коды {told} в одном универсальном сообщении не бывают")
    silent = sorted(code for code in codes & _WITH_TEXT if not items[code])
    if silent:
        raise FormatError(f"Код {int(silent[0])}: нужен текст", element="PlainText")
    message = UniversalMessage(items=tuple(MessageItem(code=int(code), text=text) for code, text in items.items()))
    node = Node("UniversalMessage")
    for item in message.items:
        write(item, node.child("UniversalMessageInfos").add("UniversalMessageInfo"))
    return _checked(node, UNIVERSAL_MESSAGE)


def is_universal_message(xml: bytes) -> bool:
    """Whether the file says that it is a finished УС."""
    kind = detect(xml)
    return kind is not None and kind.code == "universal_message"


@dataclass(frozen=True, kw_only=True)
class UniversalNotice:
    """What a finished УС says: its codes in order, and its words."""

    codes: tuple[int, ...]
    text: str


def read_universal_message(xml: bytes) -> UniversalNotice:
    """A finished УС (DP_UNISOOBSCH). There is no official schema: words are whatever an event holds beside its code.

    Raises FormatError for what is no УС, and for one without a code of four digits.
    """
    codes = read_universal_codes(xml)
    told = [words for event in parse(xml).findall("Документ/СвСобытДок") for words in _words_of(event)]
    return UniversalNotice(codes=codes, text=" ".join(" ".join(told).split()))


def _words_of(event: etree._Element) -> Iterator[str]:
    for name, told in event.items():
        if str(name).startswith("Текст"):
            yield str(told)
    for node in event.iter(etree.Element):
        if node.tag != "СтатусУС":
            yield node.text or ""


def read_universal_codes(xml: bytes) -> tuple[int, ...]:
    """СтатусУС of every event in a finished УС, in order. Errors as of `read_universal_message`."""
    root = parse(xml)
    if not (root.get("ИдФайл") or "").startswith("DP_UNISOOBSCH"):
        raise FormatError("Это не универсальное сообщение", line=1)
    told = [event.get("СтатусУС") or event.findtext("СтатусУС") or "" for event in root.findall("Документ/СвСобытДок")]
    if not told or any(len(one) != _CODE_DIGITS or not one.isdecimal() for one in told):
        raise FormatError("В универсальном сообщении нет кода события", element="СтатусУС")
    return tuple(int(one) for one in told)


@dataclass(frozen=True, kw_only=True)
class ContractInvoice:
    """A corrected invoice."""

    number: str = value("@Number")
    date: dt.date = value("@Date")


@dataclass(frozen=True, kw_only=True)
class ContractPaper:
    """A document of hand-over or the ground of a correction."""

    name: str = value("@BaseDocumentName")
    number: str | None = value("@BaseDocumentNumber", default=None)
    date: dt.date | None = value("@BaseDocumentDate", default=None)
    more: str | None = value("@AdditionalInfo", default=None)


@dataclass(frozen=True, kw_only=True)
class ContractEvent:
    """Why the cost changes."""

    papers: tuple[ContractPaper, ...] = each("TransferDocDetails", ContractPaper)
    grounds: tuple[ContractPaper, ...] = each("CorrectionBase", ContractPaper)
    operation: str = value("@OperationContent")
    notified_on: dt.date | None = value("@NotificationDate", default=None)


@dataclass(frozen=True, kw_only=True)
class UkdDraft:
    """A correction for the operator to write down by 736@; the lines are those of УКД 189@ (`UkdLine`)."""

    function: str = value("@Function")
    number: str = value("@DocumentNumber")
    date: dt.date = value("@DocumentDate")
    author: str = value("@DocumentCreator")
    invoices: tuple[ContractInvoice, ...] = each("Invoices/Invoice", ContractInvoice)
    seller_box: str = value("Seller/OrganizationReference/@BoxId")
    buyer_box: str = value("Buyer/OrganizationReference/@BoxId")
    signer_box: str = value("Signers/SignerReference/@BoxId")
    event: ContractEvent | None = inside("EventContent", ContractEvent, default=None)
    title: str | None = value("@DocumentName", default=None)
    currency_code: str = value("@Currency", default="643")
    lines: tuple[UkdLine, ...] = ()


def write_ukd_draft(draft: UkdDraft) -> bytes:
    """The operator's contract of УКД 736@, its totals worked out. Raises FormatError where the contract refuses it."""
    node = Node("UniversalCorrectionDocument")
    write(draft, node)
    node.put("@CurrencyName", "1")
    for side in ("Seller", "Buyer"):
        node.put(f"{side}/OrganizationReference/@OrgType", "1")
    table = node.child("Table")
    for line in draft.lines:
        _item(line, table.child("Items").add("Item"))
    for name, total in zip(("TotalsInc", "TotalsDec"), totals_of(draft.lines), strict=True):
        if total is not None:
            table.put(f"{name}/@TotalWithVatExcluded", f"{total.net:f}")
            table.put(f"{name}/@Total", f"{total.gross:f}")
            if isinstance(total.tax, Decimal):
                table.put(f"{name}/@Vat", f"{total.tax:f}")
            else:
                table.put(f"{name}/@WithoutVat", "true")
    return _checked(node, UKD_736)


@dataclass(frozen=True, kw_only=True)
class AnswerField:
    """An additional field: its name and its value."""

    name: str = value("@Id")
    text: str = value("@Value")


@dataclass(frozen=True, kw_only=True)
class UkdAnswer:
    """The buyer agrees to a correction of 736@."""

    operation: str = value("@OperationContent")
    agreed_on: dt.date | None = value("@AcceptanceDate", default=None)
    author: str = value("@DocumentCreator")
    author_grounds: str | None = value("@DocumentCreatorBase", default=None)
    fields: tuple[AnswerField, ...] = each("AdditionalInfoId/AdditionalInfo", AnswerField)
    signer_box: str = value("Signers/SignerReference/@BoxId")


def write_ukd_answer(answer: UkdAnswer) -> bytes:
    """The operator's contract of the buyer's title of УКД 736@. Raises FormatError where the contract refuses it."""
    node = Node("UniversalCorrectionDocumentBuyerTitle")
    write(answer, node)
    return _checked(node, UKD_736_ANSWER)


def _item(line: UkdLine, node: Node) -> None:
    node.put("@Product", line.name)
    node.put("@OriginalNumber", str(line.number))
    pairs = (
        ("TaxRate", line.rate_before, line.rate_after),
        ("Unit", line.unit_before, line.unit_after),
        ("Quantity", line.quantity_before, line.quantity_after),
        ("Price", line.price_before, line.price_after),
    )
    for name, before, after in pairs:
        _pair(node, name, before, after)
    for name, cost in (("SubtotalWithVatExcluded", line.net), ("Subtotal", line.gross)):
        if cost is not None:
            _cost(node, name, cost)
    if line.tax_before is Mark.NO_TAX and line.tax_after is Mark.NO_TAX:
        _pair(node, "WithoutVat", "true", "true")
        return
    before, after = (tax if isinstance(tax, Decimal) else None for tax in (line.tax_before, line.tax_after))
    _pair(node, "Vat", before, after)
    grown = isinstance(line.tax_change, Increase)
    node.put(f"Vat/{'AmountsInc' if grown else 'AmountsDec'}", f"{line.tax_change.amount:f}")


def _cost(node: Node, name: str, cost: Cost) -> None:
    _pair(node, name, cost.before, cost.after)
    for part, amount in (("AmountsInc", cost.increase), ("AmountsDec", cost.decrease)):
        if amount is not None:
            node.put(f"{name}/{part}", f"{amount:f}")


def _pair(node: Node, name: str, before: Decimal | str | None, after: Decimal | str | None) -> None:
    for attribute, told in (("OriginalValue", before), ("CorrectedValue", after)):
        if told is not None:
            node.put(f"{name}/@{attribute}", f"{told:f}" if isinstance(told, Decimal) else told)


def _checked(node: Node, declaration: Declaration) -> bytes:
    content = render(node, declaration)
    violations, _ = check_tree(etree.fromstring(content), declaration, file_name=None)
    if violations:
        worst = violations[0]
        raise FormatError(
            f"Оператор не примет сведения: {worst.message_ru}", element=worst.element, findings=violations
        )
    return content
