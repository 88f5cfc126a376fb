"""Findings beside the fields: each of them stands at its place once, with the value as the file has it."""

import random

import pytest
from lxml import etree

from edo_service.formats import check
from edo_service.formats.beside import MOST_PLACES, MarkedPlace, beside
from edo_service.formats.findings import Finding
from tests.formats import generator
from tests.formats.judge import declared
from tests.formats.papers import PAPERS


def told(places: tuple[MarkedPlace, ...]) -> list[Finding]:
    return [
        one for place in places for one in (*place.findings, *(f for value in place.values for f in value.findings))
    ]


def test_a_wrong_value_is_shown_with_its_neighbours_and_its_way() -> None:
    xml = PAPERS["upd"].file(3).replace('НалСт="22%"'.encode(), 'НалСт="21%"'.encode(), 2)
    found = check(xml).violations
    first, second = beside(xml, found)
    assert (first.path, second.path) == (
        "/Файл/Документ/ТаблСчФакт/СведТов[1]",
        "/Файл/Документ/ТаблСчФакт/СведТов[2]",
    )
    assert second.way_ru[-2:] == ("таблица товаров, работ, услуг", "строка таблицы 2")
    (rate,) = [value for value in first.values if value.findings]
    assert (rate.name, rate.label_ru, rate.value) == ("@НалСт", "налоговая ставка", "21%")
    assert rate.findings == (found[0],)
    assert any(value.label_ru == "наименование товара, работы, услуги" for value in first.values)


def test_what_is_missing_is_shown_where_it_should_be() -> None:
    xml = PAPERS["upd"].file(1)
    start, end = xml.index("<СвПокуп>".encode()), xml.index("</СвПокуп>".encode()) + len("</СвПокуп>".encode())
    broken = xml[:start] + xml[end:]
    places = beside(broken, check(broken).violations)
    (missing,) = [value for place in places for value in place.values if value.name == "СвПокуп"]
    assert (missing.label_ru, missing.value) == ("покупатель", None)
    assert "нет обязательного элемента СвПокуп" in missing.findings[0].message_ru


@pytest.mark.parametrize("name", ["upd", "ukd", "goods_note", "construction_act", "power", "receipt_notice"])
def test_no_finding_of_a_damaged_file_is_lost(name: str) -> None:
    xml = PAPERS[name].file(2)
    kind = check(xml).kind
    assert kind is not None
    declaration = declared(f"{kind.code} {kind.version}")
    rng = random.Random(f"beside {name}")
    plain = etree.fromstring(xml)
    for _ in range(12):
        root, _done = (
            generator.damaged(plain, declaration, rng, hits=3) if declaration.namespace is None else (plain, ())
        )
        broken = etree.tostring(root, encoding="windows-1251", xml_declaration=True)
        result = check(broken)
        found = [*result.violations, *result.remarks]
        places = beside(broken, found)
        if result.kind is None:
            assert places == ()
            continue
        if len(places) < MOST_PLACES:
            assert sorted(map(id, told(places))) == sorted(map(id, found))


def test_what_is_no_file_of_ours_has_no_places() -> None:
    finding = Finding(path="/", line=1, rule="xml", message_ru="это не XML")
    for content in (b"", b"<a>", b"<a/>", b"<!DOCTYPE a><a/>"):
        assert beside(content, [finding]) == ()
    (place,) = beside(PAPERS["upd"].file(1), [finding])
    assert (place.path, place.findings) == ("/Файл", (finding,))
