"""File names, the buyer's answer to a seller's file, remarks, and what importing costs."""

import dataclasses
import datetime as dt
import subprocess
import sys
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from edo_service.formats import (
    AcceptanceResult,
    Authority,
    FormatError,
    PersonName,
    Signer,
    Suffixes,
    UpdBuyer,
    UpdSeller,
    answer_to,
    check,
    compare_titles,
    parse_name,
    read_upd_seller,
    suffixes_for,
    upd_buyer_file_id,
    upd_seller_file_id,
    write_upd_buyer,
    write_upd_seller,
)
from edo_service.formats.upd import Particulars, Traceability
from tests.formats.judge import Judges, Samples
from tests.formats.papers import PAPERS

GUID = UUID("0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a01")
DAY = dt.date(2026, 11, 17)
NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
SIGNER = Signer(person=PersonName(surname="Жукова", name="Анна"), authority=Authority.CERTIFICATE, position="бухгалтер")


@pytest.fixture(scope="module")
def seller(samples: Samples) -> UpdSeller:
    return read_upd_seller(samples("a52bb884")[0][1])


def test_a_seller_file_name_has_seven_parts_at_its_end() -> None:
    name = upd_seller_file_id(
        recipient_id="2XX-client.1", sender_id="2XX-lessor@a", day=DAY, guid=GUID, suffixes=Suffixes(traceable=True)
    )
    assert name == f"ON_NSCHFDOPPR_2XX-client.1_2XX-lessor@a_20261117_{GUID}_1_0_0_0_0_00"
    parsed = parse_name(name + ".xml")
    assert (parsed.recipient_id, parsed.sender_id, parsed.day) == ("2XX-client.1", "2XX-lessor@a", DAY)
    assert parsed.suffixes == Suffixes(traceable=True)
    assert str(parsed) == name


def test_the_answer_swaps_the_participants_and_keeps_the_flags() -> None:
    name = f"ON_NSCHFDOPPR_2XX-b_2XX-s_20261101_{GUID}_0_1_0_0_0_00"
    assert upd_buyer_file_id(name, day=DAY, guid=GUID) == f"ON_NSCHFDOPPOK_2XX-s_2XX-b_20261117_{GUID}_0_1_0_0_0_00"
    with pytest.raises(FormatError):
        upd_buyer_file_id("ON_NSCHFDOPPR_x", day=DAY, guid=GUID)


@pytest.mark.parametrize("bad", ["", "2X", "2XX_a", "2XX b", "я" * 5, "x" * 47])
def test_a_participant_id_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        upd_seller_file_id(recipient_id=bad, sender_id="2XX-s", day=DAY, guid=GUID)


def test_old_names_are_no_5_03_names() -> None:
    assert parse_name("ON_NSCHFDOPPRMARK_2LT-600061573_2LT-354_20191121_99933cc4-710d-4a6f-aa1c03203dc8f6c4") is None
    assert parse_name(f"ON_NSCHFDOPPR_2LT-1_2LT-2_20261332_{GUID}") is None
    assert parse_name(f"ON_NSCHFDOPPR_2LT-1_2LT-2_20210426_{GUID}").suffixes is None


def test_flags_follow_from_the_lines(seller: UpdSeller) -> None:
    assert suffixes_for(seller.lines) == Suffixes(marked=True)
    lot = Traceability(
        lot="10702030/010121/0001234/001", unit_code="796", unit="шт", quantity=Decimal(1), net=Decimal("1.00")
    )
    line = dataclasses.replace(seller.lines[1], particulars=Particulars(traceability=(lot,)))
    assert suffixes_for([line], alcohol=True) == Suffixes(traceable=True, alcohol=True)
    told = write_upd_seller(dataclasses.replace(seller, lines=(line,)))
    assert "file-name.flags" in {remark.rule for remark in check(told.content).remarks}


def answer(seller: UpdSeller, **changes: Any) -> UpdBuyer:
    facts = {
        "signatures": [b"\x30\x82cms"],
        "signer": SIGNER,
        "result": AcceptanceResult.ACCEPTED,
        "accepted_on": DAY,
        "formed_at": NOW,
        "guid": GUID,
        "operation": "Услуги приняты",
    }
    return answer_to(seller, **{**facts, **changes})


def test_the_answer_cites_the_seller_and_fits(seller: UpdSeller, judges: Judges) -> None:
    buyer = answer(seller)
    written = write_upd_buyer(buyer)
    assert written.file_name.startswith("ON_NSCHFDOPPOK_2LT-600000001_2LT-600000002_20261117_")
    assert not judges["upd_buyer 5.03"].refusals(written.content, written.file_name.removesuffix(".xml"))
    text = written.content.decode("cp1251")
    assert "<ЭП>MIJjbXM=</ЭП>" in text
    assert f'ИдФайлИнфПр="{seller.file_id}" ДатаФайлИнфПр="14.08.2026" ВремФайлИнфПр="00.00.00"' in text
    assert 'ВремИнфПок="12.30.00"' in text  # Moscow time
    assert compare_titles(seller, buyer, signatures=[b"\x30\x82cms"]) == ()


def test_a_refusal_says_no_operation(seller: UpdSeller) -> None:
    buyer = answer(seller, result=AcceptanceResult.NOT_ACCEPTED)
    assert buyer.operation is None
    assert check(write_upd_buyer(buyer).content).ok


def test_an_answer_without_the_sellers_signature_is_impossible(seller: UpdSeller) -> None:
    with pytest.raises(FormatError):
        answer(seller, signatures=[])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"function": "ДОП"}, "@Функция"),
        ({"number": "2"}, "@ПорНомДокИнфПр"),
        ({"date": DAY}, "@ДатаДокИнфПр"),
        ({"document_name": "Другое"}, "@НаимДокОпрПр"),
        ({"file_id": f"ON_NSCHFDOPPOK_2LT-9_2LT-600000002_20261117_{GUID}_0_1_0_0_0_00"}, "@ИдФайл"),
    ],
)
def test_an_answer_to_something_else_is_told(seller: UpdSeller, change: dict[str, str], place: str) -> None:
    findings = compare_titles(seller, dataclasses.replace(answer(seller), **change))
    assert [finding.element for finding in findings] == [place]


def test_a_foreign_signature_in_the_answer_is_told(seller: UpdSeller) -> None:
    findings = compare_titles(seller, answer(seller), signatures=[b"another"])
    assert [finding.element for finding in findings] == ["ЭП"]
    other = dataclasses.replace(seller, file_id=seller.file_id.replace("a52bb884", "a52bb885"))
    assert [finding.element for finding in compare_titles(other, answer(seller))] == ["@ИдФайлИнфПр"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('КолТов="3"', 'КолТов="4"', "sum.line-net"),
        ("<СумНал>2555.07</СумНал>", "<СумНал>2555.97</СумНал>", "sum.line-tax"),
        ('СтТовУчНал="14169.00"', 'СтТовУчНал="14170.00"', "sum.line-gross"),
        ('СтТовБезНДСВсего="16517.21"', 'СтТовБезНДСВсего="16517.22"', "sum.total"),
        ("<СумНал>3633.79</СумНал>", "<БезНДС>без НДС</БезНДС>", "sum.total-tax"),
        ('НомСтр="2"', 'НомСтр="1"', "sum.line-number"),
        ('ИННЮЛ="7700000016"', 'ИННЮЛ="7700000017"', "check-digit.inn"),
        ("_0_1_0_0_0_00", "_0_0_0_0_0_00", "file-name.flags"),
        ("_0_1_0_0_0_00", "", "file-name.shape"),
    ],
)
def test_arithmetic_and_check_digits_are_remarks(samples: Samples, old: str, new: str, rule: str) -> None:
    text = samples("a52bb884")[0][1].decode("cp1251")
    assert not check(text.encode("cp1251")).remarks
    result = check(text.replace(old, new).encode("cp1251"))
    assert result.ok
    assert rule in {remark.rule for remark in result.remarks}


def test_bank_account_keys_are_checked(seller: UpdSeller) -> None:
    from edo_service.formats import Bank, BankAccount

    def remarks(account: str) -> list[str]:
        bank = Bank(bik="044525225", correspondent_account="30101810400000000225")
        party = dataclasses.replace(seller.seller, account=BankAccount(bank=bank, account=account))
        written = write_upd_seller(dataclasses.replace(seller, seller=party))
        return [remark.rule for remark in check(written.content).remarks]

    assert remarks("40702810900000001234") in ([], ["check-digit.account"])
    right = next(key for key in range(10) if not remarks(f"40702810{key}00000001234"))
    wrong = (right + 1) % 10
    assert remarks(f"40702810{wrong}00000001234") == ["check-digit.account"]


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ('ОГРН="1027700000008"', 'ОГРН="1027700000009"', "check-digit.ogrn"),
        ('СНИЛС="112-233-445 95"', 'СНИЛС="112-233-445 96"', "check-digit.snils"),
        ('ИННЮЛ="7700000016"', 'ИННЮЛ="7700000017"', "check-digit.inn"),
    ],
)
def test_check_digits_of_a_power_are_remarks(right: str, wrong: str, rule: str) -> None:
    xml = PAPERS["power"].file(1).decode()
    result = check(xml.replace(right, wrong, 1).encode())
    assert right in xml
    assert not [remark for remark in check(xml.encode()).remarks if remark.rule.startswith("check-digit.")]
    assert result.ok
    assert rule in [remark.rule for remark in result.remarks]


def test_importing_formats_is_cheap() -> None:
    code = "import sys, edo_service.formats; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("weasyprint", "typst", "jinja2", "fontTools", "PIL", "sqlalchemy", "fastapi", "pyhanko"):
        assert f"'{heavy}'" not in loaded, heavy
