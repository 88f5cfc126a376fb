"""The printed forms: PDF/A-2u as far as a reader can see, nothing fetched, heads on every page, the words a person looks for."""

import dataclasses
import datetime as dt
import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from edo_service.formats import FormatError, Stamp, html_to_pdf, print_form, read_upd_seller, write_upd_seller
from tests.formats.judge import Samples

PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
FORBIDDEN = {"/JavaScript", "/JS", "/OpenAction", "/AA", "/URI", "/Launch", "/GoToR", "/EmbeddedFiles", "/SubmitForm"}
FACES = ("Arimo", "IBMPlexMono", "Form")
STAMP = Stamp(
    side_ru="Продавец",
    organization="ООО «ЛизингПром»",
    person="Орлов Игорь Павлович",
    position="генеральный директор",
    certificate="02 4C 91 A7 00 5B",
    valid_from=dt.datetime(2026, 2, 2, tzinfo=dt.UTC),
    valid_until=dt.datetime(2027, 5, 2, tzinfo=dt.UTC),
    signed_at=dt.datetime(2026, 8, 17, 9, 5, tzinfo=dt.UTC),
    verdict_ru="подпись верна",
)


def texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            words = page.get_textpage()
            pages.append(" ".join(words.get_text_range().replace("\u202f", " ").replace("\xa0", " ").split()))
            words.close()
            page.close()
        return pages
    finally:
        document.close()


def objects(value: Any, seen: set[Any]) -> Iterator[generic.DictionaryObject]:
    """Every dictionary reachable from a PDF object."""
    if isinstance(value, generic.IndirectObject):
        if value.reference in seen:
            return
        seen.add(value.reference)
        value = value.get_object()
    if isinstance(value, generic.DictionaryObject):
        yield value
        for key in value:
            yield from objects(value.raw_get(key), seen)
    elif isinstance(value, generic.ArrayObject):
        for index in range(len(value)):
            yield from objects(value.raw_get(index), seen)


def assert_pdf_a_2u(pdf: bytes) -> list[generic.DictionaryObject]:
    root = PdfFileReader(io.BytesIO(pdf)).root
    xmp = etree.fromstring(root["/Metadata"].data)
    found = {}
    for node in xmp.iter():
        for name in ("part", "conformance"):
            if node.tag == PDFAID + name:
                found[name] = node.text
            elif node.get(PDFAID + name) is not None:
                found[name] = node.get(PDFAID + name)
    assert found == {"part": "2", "conformance": "U"}
    intent = root["/OutputIntents"][0]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].data[36:40] == b"acsp"
    dictionaries = list(objects(root, set()))
    fonts = [d for d in dictionaries if d.get("/Type") == "/Font"]
    simple = [font for font in fonts if font["/Subtype"] == "/Type0"]
    assert simple
    for font in fonts:
        assert font["/Subtype"] in {"/Type0", "/CIDFontType2", "/CIDFontType0"}
        if font["/Subtype"] == "/Type0":
            assert b"begincmap" in font["/ToUnicode"].data
        else:
            descriptor = font["/FontDescriptor"]
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
            assert str(descriptor["/FontName"]).partition("+")[2].startswith(FACES), descriptor["/FontName"]
    for dictionary in dictionaries:
        assert not FORBIDDEN & set(dictionary), dictionary
    return dictionaries


@lru_cache(maxsize=1)
def long_upd(xml: bytes) -> bytes:
    upd = read_upd_seller(xml)
    lines = tuple(
        dataclasses.replace(upd.lines[1], number=number, name=f"Лизинговый платёж {number}") for number in range(1, 61)
    )
    return write_upd_seller(dataclasses.replace(upd, lines=lines)).content


def test_upd_is_printed_with_everything_an_accountant_looks_for(samples: Samples) -> None:
    seller, buyer = samples("a52bb884")[0][1], samples("NSCHFDOPPOK")[0][1]
    pdf = print_form(seller, stamps=[STAMP], buyer_xml=buyer)
    assert_pdf_a_2u(pdf)
    page = texts(pdf)[0]
    for words in (
        "Универсальный передаточный документ", "Статус: 1", "Счёт-фактура № 1 от 14 августа 2026 г.", 'ООО "Продавец"',
        "7700000016 / 770001001", "(2б)", "(8)", "Российский рубль, 643", "16 517,21", "3 633,79", "20 151,00", "22%",
        "Средства идентификации, коды маркировки: 2", "Договор продажи № КИП4828 от 10.08.2026", "Всего к оплате (9)",
        "кладовщик, Кладовщиков Кирилл", "18 августа 2026 г.", "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ", "02 4C 91 A7",
        "17.08.2026 12:05 МСК", "Копия электронного документа", "Страница 1 из",
    ):  # fmt: skip
        assert words in page, words


def test_a_long_table_repeats_its_head_on_every_page(samples: Samples) -> None:
    pdf = print_form(long_upd(samples("a52bb884")[0][1]))
    pages = texts(pdf)
    assert len(pages) > 1
    for number, page in enumerate(pages[:-1], start=1):
        assert "Наименование товара" in page
        assert f"Страница {number} из {len(pages)}" in page
        assert "Копия электронного документа" in page
    assert "Лизинговый платёж 60" in " ".join(pages[-2:])
    widths = {(round(page.get_width()), round(page.get_height())) for page in pypdfium2.PdfDocument(pdf)}
    assert widths == {(842, 595)}


@pytest.mark.parametrize("word", ["upd/", "ukd/", "service/", "emchd/"])
def test_every_foreign_sample_can_be_printed(word: str, samples: Samples) -> None:
    for name, xml in samples(word):
        pdf = print_form(xml)
        assert texts(pdf)[0], name
    assert_pdf_a_2u(pdf)


def test_the_same_file_gives_the_same_bytes(samples: Samples) -> None:
    xml = samples("IZVPOL")[0][1]
    assert print_form(xml, stamps=[STAMP]) == print_form(xml, stamps=[STAMP])


def test_hostile_values_stay_text(samples: Samples) -> None:
    upd = read_upd_seller(samples("a52bb884")[0][1])
    nasty = '<script>alert(1)</script><img src="file:///etc/passwd"> {{ 7*7 }} ₽'
    lines = (dataclasses.replace(upd.lines[0], name=nasty), *upd.lines[1:])
    pdf = print_form(write_upd_seller(dataclasses.replace(upd, lines=lines)).content)
    assert "<script>alert(1)</script>" in texts(pdf)[0]
    assert "{{ 7*7 }} ₽" in texts(pdf)[0]


def test_html_to_pdf_fetches_nothing_and_links_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    html = f"""<h1>Протокол проверки подписи</h1><p>Отпечаток <code>a3f1</code>, 1 000 ₽</p>
      <a href="https://example.org/x">ссылка</a><a href="#here">сюда</a><script>alert(1)</script>
      <img src="{secret.as_uri()}"><img src="http://127.0.0.1:9/x.png"><link rel="stylesheet" href="http://127.0.0.1:9/x.css">
      <link rel="attachment" href="{secret.as_uri()}"><style>@import url("{secret.as_uri()}");</style>
      <object data="{secret.as_uri()}"></object><p id="here" style="background:url({secret.as_uri()})">конец</p>"""
    pdf = html_to_pdf(html, title="Протокол № 1")
    dictionaries = assert_pdf_a_2u(pdf)
    assert not any(d.get("/Subtype") in {"/Image", "/Link"} or d.get("/Type") == "/Filespec" for d in dictionaries)
    assert b"secret" not in pdf
    assert "Протокол проверки подписи" in texts(pdf)[0]
    info = PdfFileReader(io.BytesIO(pdf))
    assert "Протокол № 1" in info.root["/Metadata"].data.decode()


def test_what_is_no_exchange_file_is_not_printed() -> None:
    with pytest.raises(FormatError):
        print_form(b"<html/>")
    with pytest.raises(FormatError):
        print_form(b"%PDF-1.7")
