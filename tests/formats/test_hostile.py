"""What arrives from outside: broken, hostile, foreign. Every answer is quick, plain, and names the line."""

import time

import pytest

from edo_service.formats import FormatError, check, detect, print_form, read_any, read_upd_seller
from tests.formats.judge import Samples

QUICK = 2.0
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE Файл [<!ENTITY a "' + "ха" * 1000 + '">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else chr(0)};".replace(chr(0), "") * 10}">' for n in range(1, 9))
    + ']><Файл ИдФайл="&a8;"/>'
)  # fmt: skip
ATTACKS = {
    "entity bomb": BOMB.encode(),
    "file entity": '<!DOCTYPE Файл [<!ENTITY x SYSTEM "file:///etc/passwd">]><Файл>&x;</Файл>'.encode(),
    "network entity": '<!DOCTYPE Файл SYSTEM "http://127.0.0.1:9/x.dtd"><Файл/>'.encode(),
    "parameter entity": '<!DOCTYPE Файл [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><Файл/>'.encode(),
    "doctype after a comment": ("<!--" + "x" * 100_000 + "--><!DOCTYPE Файл><Файл/>").encode(),
    "doctype in utf-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE Файл><Файл/>'.encode("utf-16"),
    "doctype in windows-1251": '<?xml version="1.0" encoding="windows-1251"?><!DOCTYPE Файл><Файл/>'.encode("cp1251"),
    "depth": ("<Файл>" + "<a>" * 200_000).encode(),
    "closed depth": ("<Файл>" + "<a>" * 5_000 + "</a>" * 5_000 + "</Файл>").encode(),
    "undeclared entity": "<Файл>&x;</Файл>".encode(),
    "unknown encoding": b'<?xml version="1.0" encoding="cp866x"?><a/>',
    "wrong encoding": '<?xml version="1.0" encoding="utf-8"?><Файл/>'.encode("cp1251"),
    "zero bytes": b"\x00" * 100,
    "empty": b"",
    "spaces": b"  \n ",
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "text": "просто текст".encode(),
    "long attribute": ("<Файл a='" + "x" * 11_000_000 + "'/>").encode(),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_fast(name: str) -> None:
    started = time.thread_time()
    result = check(ATTACKS[name])
    assert not result.ok
    assert len(result.violations) == 1
    assert result.violations[0].message_ru
    with pytest.raises(FormatError) as caught:
        read_any(ATTACKS[name])
    assert caught.value.text_ru
    assert time.thread_time() - started < QUICK * 5


def test_doctype_is_named_as_the_reason() -> None:
    for name in ("entity bomb", "doctype after a comment", "doctype in utf-16", "doctype in windows-1251"):
        assert "DOCTYPE" in check(ATTACKS[name]).violations[0].message_ru, name
        assert detect(ATTACKS[name]) is None


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edo_service.formats.engine.source.MAX_BYTES", 1000)
    result = check(b"<a>" + b"x" * 2000 + b"</a>")
    assert "МБ" in result.violations[0].message_ru


def test_a_broken_file_names_element_and_line(samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    text = xml.decode("cp1251")
    cut = text.replace("</ДенИзм>", "").replace('<ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/>', "<ДенИзм>")
    result = check(cut.encode("cp1251"))
    assert len(result.violations) == 1
    finding = result.violations[0]
    assert finding.rule == "xml"
    assert finding.line is not None
    assert "ДенИзм" in finding.message_ru
    assert f"строка {finding.line}" in finding.message_ru
    assert result.kind is not None  # the head was whole, so people still learn what it was


def test_an_empty_element_is_told_as_a_person_would(samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    text = xml.decode("cp1251").replace("<СумНал>1078.72</СумНал>", "<СумНал></СумНал>")
    line = text[: text.index("<СумНал></СумНал>")].count("\n") + 1
    with pytest.raises(FormatError) as caught:
        read_upd_seller(text.encode("cp1251"))
    error = caught.value
    assert error.text_ru.startswith(
        f"Файл не по формату УПД 5.03 (титул продавца): строка {line}, элемент СумНал — пусто"
    )
    assert (error.element, error.line) == ("СумНал", line)


def test_all_findings_come_at_once(samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    text = xml.decode("cp1251")
    text = text.replace('НалСт="22%"', 'НалСт="23%"', 1).replace('ИННЮЛ="7700000016"', 'ИННЮЛ="77000"')
    text = text.replace(' КодОКВ="643"', "").replace('ДатаПер="14.08.2026"', 'ДатаПер="2026-08-14"')
    text = text.replace("<Подписант ", "<Лишний/><Подписант ").replace('СпосПодтПолном="1"', 'СпосПодтПолном="3"')
    result = check(text.encode("cp1251"), file_name="other.xml")
    said = {(finding.element, finding.rule) for finding in result.violations}
    assert said == {
        ("@НалСт", "choice"), ("@ИННЮЛ", "pattern"), ("@КодОКВ", "attribute-missing"), ("@ДатаПер", "date"),
        ("Лишний", "unexpected"), ("СвДоверЭл", "rule.signer-electronic-power"), ("@ИдФайл", "file-name"),
    }  # fmt: skip
    for finding in result.violations:
        assert finding.line is not None
        assert finding.message_ru[0].islower()


def test_a_line_far_down_is_named_rightly(samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    text = xml.decode("cp1251").replace('<ДенИзм КодОКВ="643"', "\n" * 70_000 + '<ДенИзм КодОКВ="64"')
    (finding,) = check(text.encode("cp1251")).violations
    assert finding.line is not None
    assert finding.line > 70_000


def test_findings_are_capped(samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    text = xml.decode("cp1251").replace("<Подписант ", "<Лишний/>" * 5000 + "<Подписант ")
    started = time.thread_time()
    result = check(text.encode("cp1251"))
    assert 900 < len(result.violations) < 1100
    assert time.thread_time() - started < QUICK * 10


def test_versions_and_whether_they_are_checked_are_told(samples: Samples) -> None:
    for word, code, version in (
        ("ON_DOVBB", "power_of_attorney", "002"),
    ):  # fmt: skip
        _, xml = samples(word)[0]
        kind = detect(xml)
        assert (kind.code, kind.version, kind.checked) == (code, version, False)
        result = check(xml)
        assert result.ok
        assert [finding.rule for finding in result.remarks] == ["unchecked"]
        assert version in result.remarks[0].message_ru
        reading = read_any(xml)
        assert reading.fields
    reading = read_any(samples("afb6cce6")[0][1])
    assert (reading.number, reading.seller.name, reading.buyer.inn) == ("321", "ИП Тестов Тест Тестович", "7714833917")
    assert (reading.sender, reading.recipient, str(reading.gross)) == ("2LT-600006439", "2LT-600003352", "40.00")
    with pytest.raises(FormatError, match="Нужен титул продавца УПД"):
        read_upd_seller(samples("afb6cce6")[0][1])


def test_a_known_kind_broken_inside_is_still_shown(samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    text = (
        xml.decode("cp1251").replace('ДатаДок="14.08.2026"', 'ДатаДок="когда-то"').replace('КолТов="2"', 'КолТов="две"')
    )
    reading = read_any(text.encode("cp1251"))
    assert reading.date is None
    assert reading.lines[0].quantity is None
    assert any(field.value == "когда-то" for field in reading.fields)
    assert print_form(text.encode("cp1251")).startswith(b"%PDF")


def test_what_is_no_exchange_file_is_not_detected(samples: Samples) -> None:
    assert detect(samples("tsl/")[0][1]) is None
    assert detect(b"<html><body/></html>") is None
    assert detect('<Файл ИдФайл="X_1"/>'.encode()) is None
    assert check(b"<html/>").violations[0].rule == "kind"
