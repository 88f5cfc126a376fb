"""УКД 29@ in an operator's contract: written, read again, refused where the contract refuses; every name is one of its own."""

import dataclasses
import datetime as dt
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from edo_service.formats import (
    ContractEvent29,
    ContractLine,
    Difference,
    FormatError,
    InvoiceToCorrect,
    PaperReference,
    Ukd29Answer,
    Ukd29Draft,
    UkdAnswer,
    read_ukd_29_answer,
    read_ukd_29_draft,
    write_ukd_29_answer,
    write_ukd_29_draft,
    write_ukd_answer,
)
from edo_service.formats.declarations.operator_ukd_29 import RATES, UKD_29, UKD_29_ANSWER
from edo_service.formats.engine.checker import check_tree
from edo_service.formats.engine.model import Declaration
from edo_service.formats.engine.tree import node_of, render
from edo_service.formats.operator_ukd import Answer, ContractSigner, InvoiceRevision, Operation, Position, StoredPower
from edo_service.formats.operator_ukd_lines import (
    ContractField,
    Customs,
    Marks,
    Pair,
    Rate,
    StateSystem,
    Trace,
    Untaxed,
)
from tests.formats import generator
from tests.formats.test_contracts_of_operators import places

DAY = dt.date(2026, 11, 20)
ONE, TWO = "0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a01", "0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a02"
PAPER = PaperReference(name="Договор лизинга", number="Л-2024/118", date=DAY)
LINE = ContractLine(
    number=1,
    name="Услуга",
    rate=Rate.TWENTY_TWO,
    price=Pair(before=Decimal("100.00"), after=Decimal("150.00")),
    net=Difference.of(Decimal("100.00"), Decimal("150.00")),
    tax=Difference.of(Decimal("22.00"), Decimal("33.00")),
    gross=Difference.of(Decimal("122.00"), Decimal("183.00")),
)
UNTAXED = ContractLine(
    number=2,
    name="Страховка",
    rate=Rate.NO_TAX,
    net=Difference.of(Decimal("10.00"), Decimal("4.00")),
    untaxed=Untaxed(before="true", after="true"),
    gross=Difference.of(Decimal("10.00"), Decimal("4.00")),
)
DRAFT = Ukd29Draft(
    function="КСЧФДИС",
    number="К-1",
    date=DAY,
    invoices=(InvoiceToCorrect(number="17", date=DAY, revisions=(InvoiceRevision(number=2, date=DAY),)),),
    seller_box=ONE,
    buyer_box=TWO,
    lines=(LINE, UNTAXED),
    event=ContractEvent29(operation=Operation.OFFER, papers=(PAPER,), grounds=(PAPER,), sent_on=DAY),
    signer_box=ONE,
    signers=(ContractSigner(power=StoredPower(number=TWO, issuer_inn="7700000016"), powers_by="3"),),
    author="ООО «ЛизингПром»",
)


def test_a_correction_is_written_in_the_operators_words_with_its_totals() -> None:
    root = etree.fromstring(write_ukd_29_draft(DRAFT))
    first, second = root.findall("Table/Items/Item")
    assert (first.get("TaxRate"), first.findtext("Vat/AmountsInc")) == ("TwentyTwoPercent", "11.00")
    assert (second.get("TaxRate"), second.findtext("Subtotal/AmountsDec")) == ("NoVat", "6.00")
    assert dict(root.find("Table/TotalsInc").attrib) == {
        "SubtotalWithVatExcluded": "50.00",
        "Subtotal": "61.00",
        "Vat": "11.00",
    }
    assert root.find("Table/TotalsDec").get("Subtotal") == "6.00"
    assert root.find("EventContent").get("OperationContent") == "1"
    assert root.find("Signers/Signer/PowerOfAttorney/Electronic/Storage/FullId").get("RegistrationNumber") == TWO


def test_all_that_can_be_said_is_read_again() -> None:
    rich = dataclasses.replace(
        LINE,
        unit_code="796",
        unit="шт",
        kind="1",
        fields=(ContractField(name="Партия", text="7"),),
        traces=(
            Trace(
                batch="10702070/010826/0001234/001",
                quantity_before=Decimal(5),
                quantity_after=Decimal(4),
                quantity_decrease=Decimal(1),
                cost_before=Decimal("100.00"),
                cost_after=Decimal("80.00"),
                cost_decrease=Decimal("20.00"),
            ),
        ),
        marks_before=(Marks(units=("010460043993125621JgXJ5T",), quantity=1),),
        marks_after=(Marks(packages=("046004399312562",), weight=Decimal("1.250")),),
        state_systems=(StateSystem(ids=("77-1",), system="ГИС «Лизинг»"),),
        customs=(Customs(added=("10702070/010826/0001234",), country="156"),),
    )
    draft = dataclasses.replace(
        DRAFT,
        lines=(rich,),
        fields=(ContractField(name="Номер сделки", text="ЛД-24/0417"),),
        signers=(ContractSigner(position=Position(text="директор", source="Manual")),),
        revision_number=1,
        revision_date=DAY,
        currency_rate=Decimal("90.1234"),
    )
    written = write_ukd_29_draft(draft)
    again = read_ukd_29_draft(written)
    assert dataclasses.replace(again, increase=None) == draft
    assert write_ukd_29_draft(again) == written


def test_the_buyer_answers() -> None:
    answer = Ukd29Answer(
        answer=Answer.NOT_AGREED,
        details="Цена не менялась",
        answered_on=DAY,
        signer_box=TWO,
        signers=(ContractSigner(),),
    )
    written = write_ukd_29_answer(answer)
    assert etree.fromstring(written).get("OperationContent") == "2"
    assert read_ukd_29_answer(written) == answer
    with pytest.raises(FormatError, match="не сведения для оператора"):
        read_ukd_29_draft(written)


def test_the_buyer_answers_a_correction_of_736() -> None:
    answer = UkdAnswer(operation="Согласен", agreed_on=DAY, author="ООО «Вектор»", signer_box="box-2")
    root = etree.fromstring(write_ukd_answer(answer))
    assert root.tag == "UniversalCorrectionDocumentBuyerTitle"
    assert dict(root.attrib) == {
        "DocumentCreator": "ООО «Вектор»",
        "OperationContent": "Согласен",
        "AcceptanceDate": "20.11.2026",
    }
    assert root.find("Signers/SignerReference").get("BoxId") == "box-2"
    with pytest.raises(FormatError, match="OperationContent"):
        write_ukd_answer(dataclasses.replace(answer, operation="я" * 256))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"function": "СЧФ"}, "Function"),
        ({"signers": ()}, "Signer"),
        ({"invoices": ()}, "Invoices"),
        ({"seller_box": "box-1"}, "BoxId"),
        ({"circumstances": "12"}, "CircumFormat"),
        ({"lines": (dataclasses.replace(LINE, net=Difference(increase=Decimal(1), decrease=Decimal(1))),)}, "Amounts"),
        ({"lines": (dataclasses.replace(LINE, number=1234567),)}, "OriginalNumber"),
    ],
)
def test_what_the_contract_refuses_is_told_before_the_operator_is_asked(changes: dict[str, object], name: str) -> None:
    with pytest.raises(FormatError, match=name):
        write_ukd_29_draft(dataclasses.replace(DRAFT, **changes))


CONTRACTS = {
    "ON_NKORSCHFDOPPR_UserContract_1_996_03_05_02_01.txt": UKD_29,
    "ON_NKORSCHFDOPPOK_UserContract_1_996_04_05_02_01.txt": UKD_29_ANSWER,
}
STATE = {"SellerInfoCircumPublicProc", "BuyerInfoCircumPublicProc"}  # payments of state buyers: not written here


@pytest.mark.parametrize("outline", CONTRACTS)
def test_the_declaration_is_the_contract_but_for_state_payments(outline: str, shared_data: Path) -> None:
    """Names of the root and its own types are all declared, and none is invented."""
    text = (shared_data / "formats" / "outlines" / outline).read_text(encoding="utf-8")
    known = set(re.findall(r"<(\w+)>", text)) | {f"@{name}" for name in re.findall(r"^\s*@(\w+)", text, re.MULTILINE)}
    named = places(CONTRACTS[outline].root)
    assert named <= known
    top = text.split("\nTYPE ")[0]
    own = set(re.findall(r"^ {2}<(\w+)>", top, re.MULTILINE))
    own |= {f"@{name}" for name in re.findall(r"^ {2}@(\w+)", top, re.MULTILINE)}
    assert own - named - STATE == set()


def test_the_rates_are_those_of_the_contract(shared_data: Path) -> None:
    outline = "ON_NKORSCHFDOPPR_UserContract_1_996_03_05_02_01.txt"
    text = (shared_data / "formats" / "outlines" / outline).read_text(encoding="utf-8")
    told = re.search(r"STYPE TaxRateWithTwentyTwoPercent: string ∈\{([^}]*)\}", text)
    assert told is not None
    assert set(told[1].split("|")) == set(RATES) == {rate.value for rate in Rate}
    assert Rate.TWENTY_TWO.in_file == "22%"


@pytest.mark.parametrize("declaration", CONTRACTS.values(), ids=lambda declaration: declaration.code)
def test_random_contracts_are_written_back_unchanged(declaration: Declaration) -> None:
    rng = random.Random(f"contract {declaration.code}")
    done = 0
    for _ in range(40):
        root = generator.document(declaration, rng, rng.choice((0.05, 0.2)))
        if check_tree(root, declaration, file_name=None)[0]:
            continue
        written = render(node_of(root), declaration)
        again = etree.fromstring(written)
        assert not check_tree(again, declaration, file_name=None)[0]
        assert render(node_of(again), declaration) == written
        done += 1
    assert done >= 10
