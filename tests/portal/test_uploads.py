"""A new document: what is broken, foreign or unsendable is shown with the reason, and nothing of it is stored."""

from pathlib import Path

import pytest

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.documents import queries
from edo_service.documents.queries import Wish
from edo_service.kernel.scope import Scope
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, Live
from tests.portal.person import Page, Person, Upload
from tests.portal.test_drawing import packed, picture, word


def stored(live: Live) -> int:
    """How many documents the lessor has."""
    seeded = live.running.seeded
    assert seeded is not None
    scope = Scope.of(seeded.companies[LESSOR.code].entity_id)
    return queries.list_documents(Wish(), uow=live.running.services.uow(scope)).found


def try_file(live: Live, file: Upload | None, **values: str) -> Page:
    accountant = live.person(ACCOUNTANT)
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")
    fields = {"kind": "upd", **values}
    return accountant.submit(form, "/documents/new", fields, files={"file": file or Upload("", b"")})


def test_a_broken_file_names_the_element_and_the_line(live: Live) -> None:
    good = live.invoice(live.number())
    text = good.content.decode("windows-1251")
    broken = text.replace('НалСт="22%"', 'НалСт="21%"', 1)
    assert broken != text
    before = stored(live)
    page = try_file(live, Upload(good.name, broken.encode("windows-1251"), "text/xml"))
    assert page.status == 422
    assert "НалСт" in page.text
    assert page.tree is not None
    lines = [cell.text_content().strip() for cell in page.tree.xpath("//td[@data-l='Строка']")]
    assert lines
    assert lines[0].isdigit()
    assert not page.has_form("/new/save")
    assert stored(live) == before


def test_violations_stand_beside_the_fields_they_concern(live: Live) -> None:
    """The same findings as `edo check` prints: in the list with a link, and at the field with its value."""
    good = live.invoice(live.number())
    broken = good.content.replace(b'="22%"', b'="21%"', 1).replace(
        "ИННЮЛ=".encode("cp1251"), "ИНН=".encode("cp1251"), 1
    )
    found = formats.check(broken, file_name=good.name).violations
    assert len(found) >= 3
    page = try_file(live, Upload(good.name, broken, "text/xml"))
    assert page.tree is not None
    for finding in found:
        (link,) = page.tree.xpath("//td[@data-l='Элемент']/a[text()=$path]", path=finding.path)[:1]
        (place,) = page.tree.xpath("//*[@id=$id]", id=link.get("href")[1:])
        assert finding.message_ru in " ".join(place.text_content().split())
        owner = place.xpath("ancestor-or-self::section[1]")[0]
        assert f"Строка {finding.line}" in owner.text_content()
    rate = next(one for one in found if one.element == "@НалСт")
    shown = page.tree.xpath("//dd[starts-with(normalize-space(), '21%')]")
    assert [rate.message_ru in one.text_content() for one in shown] == [True]
    assert "Отправить нельзя. В файле есть нарушения формата" in page.text
    seller = page.tree.xpath("//section[h2='Продавец']//a[contains(@href, '#p-')]")
    assert seller, "the card of the seller leads to its violations"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.xml", b'<?xml version="1.0" encoding="windows-1251"?>\n<\xd4\xe0\xe9\xeb>'),
        ("text.xml", "просто текст".encode()),
        ("other.xml", b"<root/>"),
        ("bomb.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("scan.png", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_what_is_no_exchange_file_is_refused_with_words(live: Live, name: str, content: bytes) -> None:
    before = stored(live)
    page = try_file(live, Upload(name, content))
    assert page.status == 422
    assert "Файл не по формату" in page.text
    assert page.title.startswith("Ошибка")
    assert stored(live) == before


def test_no_file_and_an_empty_file_are_told_apart(live: Live) -> None:
    assert "выберите файл" in try_file(live, None).text
    assert "пуст" in try_file(live, Upload("a.xml", b"")).text


def test_a_valid_invoice_of_others_is_shown_and_not_stored(live: Live) -> None:
    before = stored(live)
    page = try_file(live, live.invoice(live.number(), seller=CLIENT_ONE, buyer=CLIENT_TWO))
    assert page.status == 422
    assert "Отправить нельзя" in page.text
    assert "продавец в файле — не ваша компания" in page.text.lower()
    assert CLIENT_TWO.name in page.text
    assert "1 284 560,00" in page.text.replace("\xa0", " ")
    assert not page.has_form("/new/save")
    assert stored(live) == before


def test_foreign_samples_are_shown_with_reasons(live: Live, shared_data: Path) -> None:
    samples = sorted((shared_data / "formats/samples/upd").rglob("*.xml"))
    assert samples
    before = stored(live)
    for sample in samples[:6]:
        page = try_file(live, Upload(sample.name, sample.read_bytes(), "text/xml"))
        assert page.status == 422, sample.name
        assert "Отправить нельзя" in page.text or "Файл не по формату" in page.text, sample.name
        assert not page.has_form("/new/save")
    assert stored(live) == before


def test_pressed_twice_it_is_one_draft(live: Live) -> None:
    accountant = live.person(ACCOUNTANT)
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")
    shown = accountant.submit(form, "/documents/new", {"kind": "upd"}, files={"file": live.invoice(live.number())})
    before = stored(live)
    first = accountant.submit(shown, "/new/save")
    second = accountant.submit(shown, "/new/save")
    assert first.path == second.path
    assert stored(live) == before + 1


def test_bytes_that_were_never_shown_cannot_be_saved(live: Live) -> None:
    accountant = live.person(ACCOUNTANT)
    url = f"/o/{live.code(LESSOR)}/documents/new/save"
    for sha256 in ("0" * 64, "../../etc/passwd", ""):
        answer = accountant.post(url, {"sha256": sha256, "file_name": "a.xml"}, token=accountant.token())
        assert answer.status == 404


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"number": "", "day": "17.11.2026"}, "a.pdf", "Номер:"),
        ({"number": "1", "day": "31.02.2026"}, "a.pdf", "Дата:"),
        ({"number": "1", "day": ""}, "a.pdf", "Дата:"),
        ({"number": "1", "day": "17.11.2026", "sum": "много"}, "a.pdf", "Сумма:"),
        ({"number": "1", "day": "17.11.2026", "sum": "-5"}, "a.pdf", "Сумма:"),
        ({"number": "1", "day": "17.11.2026", "counterparty": ""}, "a.pdf", "Кому:"),
        (
            {"number": "1", "day": "17.11.2026", "counterparty": "0190c0de-0000-7000-8000-000000000000"},
            "a.pdf",
            "Контрагент",
        ),
        ({"number": "1", "day": "17.11.2026"}, "a.docx", "a.docx принять нельзя"),
        ({"number": "1", "day": "17.11.2026"}, "scan.heic", "scan.heic принять нельзя. Сохраните его как PDF или JPEG"),
        ({"number": "1", "day": "17.11.2026", "name": "я" * 201}, "a.pdf", "Название:"),
    ],
)
def test_a_contract_form_says_what_to_do_and_keeps_what_was_typed(
    live: Live, values: dict[str, str], name: str, words: str
) -> None:
    content = b"%PDF-1.7 not really" if name.endswith(".pdf") else b"PK" if name.endswith(".docx") else b"ftypheic"
    page = try_file(live, Upload(name, content), kind="contract", **values)
    assert page.status == 422
    assert words in page.text
    assert page.form("/documents/new").fields["number"] == values["number"]
    assert page.form("/documents/new").fields["day"] == values["day"]


def test_a_broken_pdf_still_has_its_card(live: Live) -> None:
    accountant = live.person(ACCOUNTANT)
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")
    assert form.tree is not None
    peer = next(one.get("value") for one in form.tree.xpath("//option") if "Вектор" in one.text_content())
    values = {"kind": "contract", "number": live.number(), "day": "17.11.2026", "counterparty": peer}
    card = accountant.submit(form, "/documents/new", values, files={"file": Upload("a.pdf", b"%PDF-1.7 broken")})
    assert card.status == 200
    assert accountant.get(f"{card.path}/page/1").status == 503
    assert accountant.get(f"{card.path}/text").status == 503


def test_file_names_cannot_break_the_header(live: Live) -> None:
    accountant = live.person(ACCOUNTANT)
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")
    assert form.tree is not None
    peer = next(one.get("value") for one in form.tree.xpath("//option") if "Вектор" in one.text_content())
    values = {"kind": "contract", "number": live.number(), "day": "17.11.2026", "counterparty": peer}
    name = "..\\evil%22; filename=x.pdf"
    card = accountant.submit(form, "/documents/new", values, files={"file": Upload(name, b"%PDF-1.7 x")})
    answer = accountant.get(_first_file(card))
    shown = answer.headers["content-disposition"]
    assert shown.startswith("attachment;")
    assert "\n" not in shown
    assert answer.headers["x-content-type-options"] == "nosniff"


def _first_file(card: Page) -> str:
    assert card.tree is not None
    return str(next(one.get("href") for one in card.tree.xpath("//a[@download]") if "/files/" in one.get("href")))


def test_who_may_not_upload_does_not_see_the_form(live: Live) -> None:
    home = f"/o/{live.code(LESSOR)}"
    assert live.person(COMPLIANCE).get(f"{home}/documents/new").status == 403
    assert "Загрузить документ" not in live.person(COMPLIANCE).get(f"{home}/documents").text
    assert live.person(CLIENT).get(f"{home}/documents/new").status == 404


def agreed(live: Live, file: Upload, **values: str) -> tuple[Person, Page]:
    """The card of an agreed file that the accountant has uploaded for the second client."""
    accountant = live.person(ACCOUNTANT)
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")
    assert form.tree is not None
    peer = next(one.get("value") for one in form.tree.xpath("//option") if "Вектор" in one.text_content())
    fields = {"kind": "contract", "number": live.number(), "day": "17.11.2026", "counterparty": peer, **values}
    return accountant, accountant.submit(form, "/documents/new", fields, files={"file": file})


def test_a_scan_is_shown_scaled_on_its_card(live: Live) -> None:
    accountant, card = agreed(live, Upload("скан.jpg", picture(2000, 1000)), name="Акт сверки")
    assert card.status == 200
    assert card.title.startswith("Акт сверки №")
    shown = accountant.get(f"{card.path}/page/1")
    assert (shown.status, shown.headers["content-type"]) == (200, "image/png")
    again = accountant.get(card.path)
    assert again.tree is not None
    (image,) = again.tree.xpath("//div[@class='sheet']/img")
    assert (image.get("width"), image.get("height")) == ("1000", "500")
    assert "Это картинка, текста в ней нет" in accountant.get(f"{card.path}/text").text


@pytest.mark.parametrize(
    ("file", "words", "said"),
    [
        (Upload("акт.docx", word("Договор лизинга", "Пункт первый")), "Пункт первый", "Показан только текст"),
        (Upload("пакет.zip", packed({"папка/скан.jpg": b"x" * 2048})), "папка/скан.jpg, 2 КБ", "список файлов"),
        (Upload("данные.xml", "<данные><сумма>5</сумма></данные>".encode()), "<сумма>5</сумма>", "файл XML как есть"),
    ],
    ids=["docx", "zip", "xml"],
)
def test_a_file_of_words_is_shown_by_them(live: Live, file: Upload, words: str, said: str) -> None:
    accountant, card = agreed(live, file)
    assert card.tree is not None
    (asked,) = card.tree.xpath("//*[@hx-get][@hx-select='#inside']")
    page = accountant.get(asked.get("hx-get"))
    assert page.tree is not None
    (inside,) = page.tree.xpath("//*[@id='inside']")
    assert words in inside.text_content().replace("\xa0", " ")
    assert said in inside.text_content()
    assert words in accountant.get(card.path).text.replace("\xa0", " ")


def test_a_file_that_cannot_be_shown_says_so(live: Live) -> None:
    accountant, card = agreed(live, Upload("битый.pdf", f"%PDF-1.7 {live.number()}".encode()))
    assert accountant.get(f"{card.path}/page/1").status == 503
    again = accountant.get(card.path)
    assert "Показать файл здесь не получилось" in again.text
    assert again.tree is not None
    assert not again.tree.xpath("//div[@class='sheet']/img")
    assert "PDF обрывается" in again.text, "what was noticed at the upload"
