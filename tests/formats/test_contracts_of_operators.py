"""What an operator is given to make a file itself: every name and limit is one of its contract."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from edo_service.formats.declarations.operator_contracts import UKD_736, UNIVERSAL_MESSAGE
from edo_service.formats.engine.model import Block, Element, elements_of
from edo_service.formats.errors import FormatError
from edo_service.formats.operator_contract import (
    ContractEvent,
    ContractInvoice,
    ContractPaper,
    MessageCode,
    UkdDraft,
    read_universal_codes,
    write_ukd_draft,
    write_universal_message,
)
from edo_service.formats.parties import Mark
from edo_service.formats.ukd import Cost, Decrease, Increase, UkdLine

DAY = dt.date(2026, 11, 20)


def line(**changes: object) -> UkdLine:
    given: dict[str, object] = {
        "number": 1,
        "name": "Услуга",
        "rate_before": "22%",
        "rate_after": "22%",
        "price_before": Decimal("100.00"),
        "price_after": Decimal("150.00"),
        "net": Cost.of(Decimal("100.00"), Decimal("150.00")),
        "tax_before": Decimal("22.00"),
        "tax_after": Decimal("33.00"),
        "tax_change": Increase(amount=Decimal("11.00")),
        "gross": Cost.of(Decimal("122.00"), Decimal("183.00")),
    }
    return UkdLine(**(given | changes))


def draft(*lines: UkdLine, **changes: object) -> UkdDraft:
    paper = ContractPaper(name="Договор", number="5", date=DAY)
    given: dict[str, object] = {
        "function": "КСЧФДИС",
        "number": "К-1",
        "date": DAY,
        "author": "ООО «ЛизингПром»",
        "invoices": (ContractInvoice(number="17", date=DAY),),
        "seller_box": "box-1",
        "buyer_box": "box-2",
        "signer_box": "box-1",
        "event": ContractEvent(papers=(paper,), grounds=(paper,), operation="Изменение цены"),
        "lines": lines,
    }
    return UkdDraft(**(given | changes))


def test_a_correction_is_written_as_the_operator_asks() -> None:
    less = line(
        number=2,
        net=Cost.of(Decimal("10.00"), Decimal("4.00")),
        gross=Cost.of(Decimal("10.00"), Decimal("4.00")),
        tax_before=Mark.NO_TAX,
        tax_after=Mark.NO_TAX,
        tax_change=Decrease(amount=Decimal(0)),
    )
    root = etree.fromstring(write_ukd_draft(draft(line(), less)))
    assert root.get("Function") == "КСЧФДИС"
    assert root.find("Invoices/Invoice").attrib == {"Date": "20.11.2026", "Number": "17"}
    first, second = root.findall("Table/Items/Item")
    assert first.find("Vat").attrib == {"OriginalValue": "22.00", "CorrectedValue": "33.00"}
    assert first.findtext("Vat/AmountsInc") == "11.00"
    assert second.find("WithoutVat").attrib == {"OriginalValue": "true", "CorrectedValue": "true"}
    assert dict(root.find("Table/TotalsInc").attrib) == {
        "TotalWithVatExcluded": "50.00",
        "Vat": "11.00",
        "Total": "61.00",
    }
    assert root.find("Table/TotalsDec").get("TotalWithVatExcluded") == "6.00"
    assert root.find("Buyer/OrganizationReference").get("BoxId") == "box-2"


def test_what_the_contract_refuses_is_told() -> None:
    with pytest.raises(FormatError, match="Function"):
        write_ukd_draft(draft(line(), function="СЧФ"))
    with pytest.raises(FormatError, match="Items"):
        write_ukd_draft(draft())


def test_a_universal_message_carries_its_codes() -> None:
    given = {MessageCode.POWERS_REQUEST: None, MessageCode.CORRECTION_REQUEST: "Неверный ИНН"}
    root = etree.fromstring(write_universal_message(given))
    items = root.findall("UniversalMessageInfos/UniversalMessageInfo")
    assert [item.get("StatusCode") for item in items] == ["2007", "2999"]
    assert items[1].findtext("PlainText") == "Неверный ИНН"
    assert write_universal_message({MessageCode.RECEIPT: None})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {MessageCode.RECEIPT: None, MessageCode.REFUSAL: "нет"},
        {MessageCode.REFUSAL: ""},
        {MessageCode.TEXT: None},
        {MessageCode.TEXT: "я" * 10001},
    ],
)
def test_a_universal_message_that_says_nothing_or_too_much_is_refused(given: dict[MessageCode, str | None]) -> None:
    with pytest.raises(FormatError):
        write_universal_message(given)


@pytest.mark.parametrize(
    "event", ['<СвСобытДок СтатусУС="1999"/>', "<СвСобытДок><СтатусУС>1999</СтатусУС></СвСобытДок>"]
)
def test_the_codes_of_a_finished_message_are_read(event: str) -> None:
    written = f'<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ>{event}<СвСобытДок СтатусУС="4002"/></Документ></Файл>'
    assert read_universal_codes(written.encode()) == (MessageCode.RECEIPT, MessageCode.TEXT)


@pytest.mark.parametrize(
    "written",
    [
        '<Файл ИдФайл="DP_IZVPOL_1"><Документ><СвСобытДок СтатусУС="1999"/></Документ></Файл>',
        '<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ/></Файл>',
        '<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ><СвСобытДок СтатусУС="19"/></Документ></Файл>',
        '<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ><СвСобытДок/></Документ></Файл>',
    ],
)
def test_what_is_no_universal_message_is_refused(written: str) -> None:
    with pytest.raises(FormatError):
        read_universal_codes(written.encode())


def places(element: Element) -> set[str]:
    found = {element.name}
    if isinstance(element.type, Block):
        found |= {f"@{attribute.name}" for attribute in element.type.attributes}
        for child in elements_of(element.type.content):
            found |= places(child)
    return found


@pytest.mark.parametrize(
    ("declaration", "outline"),
    [
        (UNIVERSAL_MESSAGE, "DP_UNISOOBSCH_1_982_02_05_01_01_UserContract.txt"),
        (UKD_736, "ON_NKORSCHFDOPPR_UserContract_1_996_03_05_01_03.txt"),
    ],
)
def test_every_name_is_one_of_the_contract(declaration: object, outline: str, shared_data: Path) -> None:
    text = (shared_data / "formats" / "outlines" / outline).read_text(encoding="utf-8")
    known = set(re.findall(r"<(\w+)>", text)) | {f"@{name}" for name in re.findall(r"^\s*@(\w+)", text, re.MULTILINE)}
    named = places(declaration.root)
    assert named <= known
    if declaration is UNIVERSAL_MESSAGE:
        assert known - named == set()
