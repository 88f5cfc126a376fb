"""Kinds that no official schema describes: known by their names, shown with our words, never refused, never written."""

import hashlib

import pytest

from edo_service.formats import check, detect, read_any
from tests.formats.judge import Samples

GUID = "0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a01"


def made(prefix: str, version: str, body: str) -> bytes:
    name = f"{prefix}_2XX-2_2XX-1_20260814_{GUID}"
    text = f'<?xml version="1.0" encoding="windows-1251"?>\n<Файл ИдФайл="{name}" ВерсФорм="{version}">{body}</Файл>'
    return text.encode("cp1251")


SIDE = '<СвЮЛУч НаимОрг="ООО «Вектор»" ИННЮЛ="7700000016" КПП="770001001"/>'
FILES = {
    "contract": ("ON_DOGDOC", "Договорный документ", "1.01"),
    "invoice_for_payment": ("ON_CHETOP", "Счёт на оплату", "5.01"),
    "inventory": ("ON_DOCNPNO", "Опись документов по требованию", "5.02"),
    "universal_message": ("DP_UNISOOBSCH", "Универсальное сообщение", "5.01"),
    "claim_act": ("ON_AKTREKLOTP", "Акт рекламации", "5.01"),
    "transport_order": ("ON_ZAKZVGO", "Заказ-заявка", "5.01"),
    "waybill": ("ON_TRNACLGROT", "Транспортная накладная", "5.01"),
}


@pytest.mark.parametrize("code", FILES)
def test_it_is_known_shown_and_not_refused(code: str) -> None:
    prefix, title, version = FILES[code]
    xml = made(
        prefix, version, f'<Документ Свое="7"><СвПрод><ИдСв>{SIDE}</ИдСв></СвПрод><Новое>текст</Новое></Документ>'
    )
    before = hashlib.sha256(xml).hexdigest()
    kind = detect(xml)
    assert (kind.code, kind.title_ru, kind.version, kind.checked, kind.tolerated) == (code, title, version, False, True)
    result = check(xml, file_name="другое.xml")
    assert result.ok
    assert [remark.rule for remark in result.remarks] == ["unchecked"]
    assert "другое" in result.remarks[0].message_ru
    reading = read_any(xml)
    assert (reading.sender, reading.recipient) == ("2XX-1", "2XX-2")
    labelled = {field.label_ru: field.value for field in reading.fields}
    assert labelled["ИНН организации"] == "7700000016"  # a name of other formats has its word
    assert labelled["наименование"] == "ООО «Вектор»"
    assert (labelled["Свое"], labelled["Новое"]) == ("7", "текст")  # any other keeps its own
    assert hashlib.sha256(xml).hexdigest() == before


def test_the_power_of_attorney_002_is_shown(samples: Samples) -> None:
    _, xml = samples("ON_DOVBB")[0]
    reading = read_any(xml)
    assert reading.number == "11111111-2222-4333-8444-555555555505"
    assert str(reading.date) == "2024-08-23"
    labelled = {(field.label_ru, field.value) for field in reading.fields}
    assert ("ИНН", "770000001030") in labelled
    assert ("фамилия", "Представителев") in labelled
    assert check(xml).ok


@pytest.mark.parametrize(("prefix", "code"), [("ON_NKORSCHFDOPPR", "ukd_seller"), ("ON_NKORSCHFDOPPOK", "ukd_buyer")])
def test_ukd_of_736_is_not_judged_by_the_rules_of_189(prefix: str, code: str) -> None:
    xml = made(prefix, "5.01", '<Документ Функция="КСЧФДИС"><СвКСчФ НомерДок="К-7"/></Документ>')
    assert (detect(xml).code, detect(xml).checked) == (code, False)
    assert [remark.rule for remark in check(xml).remarks] == ["unchecked"]
    assert check(xml).ok


def test_an_unknown_version_of_a_checked_kind_is_still_refused() -> None:
    xml = made("ON_NSCHFDOPPR", "5.04", '<Документ КНД="1115131"/>')
    assert [finding.rule for finding in check(xml).violations] == ["version"]


def test_what_is_broken_is_refused_without_a_schema_too() -> None:
    xml = made("ON_DOGDOC", "1.01", "<Документ>")
    assert [finding.rule for finding in check(xml).violations] == ["xml"]
