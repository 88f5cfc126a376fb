"""What the old versions say to people: read, checked, printed; the archive keeps them for years."""

import random

import pytest
from lxml import etree

from edo_service.formats import check, detect, print_form, read_annulment_offer, read_any
from tests.formats import generator
from tests.formats.judge import Samples, declared
from tests.formats.test_printing import texts


def test_an_old_upd_is_checked_read_and_printed_like_a_new_one(samples: Samples) -> None:
    _, xml = samples("afb6cce6")[0]
    assert check(xml).ok
    reading = read_any(xml)
    assert reading.kind.name_ru == "УПД 5.01 (титул продавца)"
    assert (reading.number, str(reading.gross), reading.sender) == ("321", "40.00", "2LT-600006439")
    assert any(field.label_ru == "оператор" for field in reading.fields)
    shown = " ".join(texts(print_form(xml)))
    assert "321" in shown
    assert "Тестов Тест Тестович" in shown


def test_an_old_file_with_faults_names_all_of_them(samples: Samples) -> None:
    _, xml = samples("EdoLite")[0]
    result = check(xml)
    assert not result.ok
    assert {finding.element for finding in result.violations} >= {"@ИННЮЛ", "@КодРегион"}
    assert read_any(xml).fields


def test_a_correction_is_checked_read_and_printed(samples: Samples) -> None:
    _, xml = samples("a4941fa7")[0]
    assert check(xml).ok
    reading = read_any(xml)
    assert reading.kind.name_ru == "УКД 5.01 (титул продавца)"
    assert reading.number is not None
    assert reading.seller is not None
    shown = " ".join(texts(print_form(xml)))
    assert reading.number in shown


def test_the_buyers_information_of_5_01_is_known_by_its_code() -> None:
    body = 'КНД="1115132"'
    xml = f'<Файл ИдФайл="x" ВерсФорм="5.01"><СвУчДокОбор/><ИнфПок {body}/></Файл>'.encode()
    kind = detect(xml)
    assert kind is not None
    assert (kind.code, kind.version, kind.checked) == ("upd_buyer", "5.01", True)


def test_a_power_of_attorney_is_checked_read_and_printed(samples: Samples) -> None:
    for _, xml in samples("ON_EMCHD"):
        result = check(xml)
        assert result.ok
        reading = read_any(xml)
        assert reading.kind.name_ru == "Машиночитаемая доверенность EMCHD_1"
        assert reading.number is not None
        assert reading.date is not None
        assert any(field.label_ru == "полномочие" for field in reading.fields)
        assert "Подписывать" in " ".join(texts(print_form(xml)))


def test_an_element_outside_the_namespace_of_the_form_is_refused(samples: Samples) -> None:
    _, xml = samples("ON_EMCHD_20241203")[0]
    nowhere = xml.replace("<Документ>".encode(), '<Документ xmlns="">'.encode())
    other = xml.replace(b"urn://x-artefacts/EMCHD_1", b"urn://x-artefacts/EMCHD_2")
    assert [finding.element for finding in check(nowhere).violations][:1] == ["Документ"]
    assert [finding.rule for finding in check(other).violations] == ["root"]


@pytest.mark.parametrize("name", ["goods_note_seller 5.01", "work_act_contractor 5.01", "reconciliation_sender 5.01"])
def test_an_act_tells_its_number_and_date_and_is_printed(name: str) -> None:
    declaration = declared(name)
    rng = random.Random(name)
    root = generator.document(declaration, rng, 0.3)
    for element in root.iter("ИдентДок"):
        element.set("НомДокПТ" if "ДатаДокПТ" in element.attrib else "НомДокПРУ", "А-17")
    for element in root.iter("Документ"):
        element.attrib.update({"НомерАкт": "А-17"} if "НомерАкт" in element.attrib else {})
    xml = etree.tostring(root, encoding="windows-1251", xml_declaration=True)
    reading = read_any(xml)
    assert reading.kind.checked
    assert reading.number == "А-17"
    assert reading.date is not None
    shown = " ".join(texts(print_form(xml)))
    assert reading.kind.name_ru in shown
    assert "А-17" in shown


def test_an_annulment_offer_is_read_and_printed(samples: Samples) -> None:
    _, xml = samples("PRANNUL")[0]
    offer = read_annulment_offer(xml)
    reading = read_any(xml)
    assert reading.text == offer.reason
    assert reading.about_file == offer.file.name
    assert (reading.sender, reading.recipient) == (offer.participant.participant_id, offer.recipient.participant_id)
    assert offer.file.name[:30] in " ".join(texts(print_form(xml)))
