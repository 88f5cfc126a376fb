"""Each printed form: every numbered column and line of the paper form in its order, both sides, stamps, long tables, PDF/A-2u."""

import hashlib
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from edo_service.cli import app
from edo_service.formats import check, detect, print_form
from edo_service.formats.printing import file_sheet
from edo_service.formats.printing.blocks import Cell, Table, bounded
from edo_service.formats.printing.forms import LAYOUTS
from edo_service.formats.printing.wording import roubles
from tests.formats.paper_invoices import old_upd_answer, upd
from tests.formats.paper_parts import items, party
from tests.formats.papers import PAPERS
from tests.formats.prints import LONG, POWER, STAMPS, WITH_LINES, forms, pages, places, printed, squeezed
from tests.formats.test_printing import assert_pdf_a_2u

FORMS = forms(Path(__file__).with_name("paper_forms.txt"))


def test_every_paper_has_a_form_here() -> None:
    assert set(FORMS) == set(PAPERS)


def test_every_layout_is_drawn_by_a_paper() -> None:
    """A kind with a form of its own cannot be added without a paper that holds its columns and lines."""
    drawn = {kind.code for paper in PAPERS.values() if (kind := detect(paper.file(1))) is not None}
    assert set(LAYOUTS) - drawn == set()


@pytest.mark.parametrize("name", FORMS)
def test_columns_and_lines_stand_in_the_order_of_the_paper_form(name: str) -> None:
    text, lefts = places(name)
    place = 0
    rows: list[list[str]] = []
    for words in FORMS[name]:
        if words.startswith("|"):
            rows.append([squeezed(cell) for cell in words[1:].split("|")])
            continue
        found = text.find(squeezed(words), place)
        assert found >= 0, f"{words!r} after …{text[max(place - 60, 0) : place]!r}"
        for row in rows:
            assert_from_left_to_right(row, text[place:found], lefts[place:found])
        rows, place = [], found + len(squeezed(words))
    assert not rows


def assert_from_left_to_right(row: list[str], text: str, lefts: tuple[float, ...]) -> None:
    """Cells of a table's head: each is there, to the right of the one before (rows of a head are not drawn in order)."""
    edge = 0.0
    for cell in row:
        found = [lefts[place] for place in range(len(text)) if text.startswith(cell, place) and lefts[place] > edge]
        assert found, f"{cell!r} right of {edge} in {text!r}"
        edge = min(found)


@pytest.mark.parametrize("name", PAPERS)
def test_a_form_is_pdf_a_2u_with_its_fonts_and_leads_nowhere(name: str) -> None:
    dictionaries = assert_pdf_a_2u(printed(name))
    assert not any(
        d.get("/Subtype") in {"/Image", "/Link", "/Widget"} or d.get("/Type") == "/Filespec" for d in dictionaries
    )


@pytest.mark.parametrize("name", PAPERS)
def test_a_form_says_that_it_is_a_copy_and_who_signed(name: str) -> None:
    found = [squeezed(page) for page in pages(name)]
    for number, page in enumerate(found, start=1):
        assert squeezed("Копия электронного документа, не заменяет его") in page
        assert squeezed(f"Страница {number} из {len(found)}") in page
    kind = detect(PAPERS[name].file(1))
    assert kind is not None
    assert squeezed(kind.name_ru) in found[0]
    whole = "".join(found)
    for words in (
        "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ",
        "Владелец Орлов Игорь Павлович, генеральный директор",
        "Сертификат 02 4C 91 A7 00 5B 11 C4 8F",
        "Действителен с 02.02.2026 по 02.05.2027",
        f"Доверенность {POWER}",
        "Подписано 17.11.2026 10:20 МСК",
        "Проверка подпись верна",
    ):
        assert squeezed(words) in whole, words
    assert (squeezed("03 77 1E 0A 55") in whole) == (PAPERS[name].answer is not None)


@pytest.mark.parametrize("name", WITH_LINES)
def test_a_long_table_runs_over_pages_with_its_head_and_loses_no_line(name: str) -> None:
    found = [squeezed(page) for page in pages(name, LONG)]
    assert len(found) > 2
    marks = FORMS["upd" if name == "invoice" else name]
    numbers = next((squeezed(words) for words in marks if words.startswith(("А 1", "1 1а", "1 2 3"))), squeezed("№ Н"))
    with_lines = [page for page in found if "Комплект" in page or "ОплатаУПД" in page or "Счётфактура401" in page]
    assert all(numbers in page for page in with_lines), numbers
    whole = "".join(found)
    for line in items(LONG)[4:]:
        told = {
            "reconciliation": f"№{(399 if line.number % 2 else 417) + line.number}",
            "inventory": f"{400 + line.number}Л",
        }.get(name, squeezed(line.name))
        assert told in whole, line.name


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_follow_their_formats(name: str) -> None:
    paper = PAPERS[name]
    files = [paper.file(paper.lines)] + ([paper.answer()] if paper.answer is not None else [])
    assert [check(file).violations for file in files] == [()] * len(files)


def test_a_table_without_end_is_cut_and_says_so() -> None:
    rows = tuple((Cell(text=str(number)), Cell(text="x")) for number in range(1, 101))
    table = Table(widths=(10.0, 20.0), head=(), marks=(), rows=rows)
    assert bounded(table, most=100) is table
    shown = [row[0].text for row in bounded(table, most=20).rows]
    assert shown[:18] == [str(number) for number in range(1, 19)]
    assert shown[18] == "Ещё строк: 80. Здесь они не напечатаны, все строки есть в файле."
    assert shown[19:] == ["99", "100"]


def test_forms_are_set_in_many_threads_at_once() -> None:
    xml = PAPERS["goods_note"].file(3)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: print_form(xml), range(8)))
    assert found == [print_form(xml)] * 8


def test_the_same_file_gives_the_same_bytes_twice() -> None:
    xml = PAPERS["ukd"].file(1)
    assert print_form(xml) == print_form(xml)


def test_markup_in_a_file_stays_text_and_what_no_font_has_becomes_a_box() -> None:
    nasty = "#include(&quot;/etc/passwd&quot;) $x^2$ *b* [c] @ref &lt;label&gt; \\n // ₽ 漢 🙂"
    xml = upd(1).replace("Российский рубль".encode(), nasty.encode())
    document = print_form(xml)
    assert_pdf_a_2u(document)
    text = pypdfium2.PdfDocument(document)[0].get_textpage().get_text_range()
    assert '#include("/etc/passwd") $x^2$ *b* [c] @ref <label> \\n // ₽ □ □' in " ".join(text.split())


def test_a_part_that_is_missing_leaves_a_form_that_shows_the_rest() -> None:
    xml = party("Файл", 0, inner="СвЮЛ").encode()
    broken = (
        f'<Файл ИдФайл="DP_TOVTORGPR_a_b_20261117_c"><Документ КНД="1175010">{xml.decode()}</Документ></Файл>'.encode()
    )
    assert print_form(broken).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "Ноль рублей 00 копеек"),
        ("1.01", "Один рубль 01 копейка"),
        ("2.22", "Два рубля 22 копейки"),
        ("11.11", "Одиннадцать рублей 11 копеек"),
        ("1000", "Одна тысяча рублей 00 копеек"),
        ("2001002.5", "Два миллиона одна тысяча два рубля 50 копеек"),
        ("-5", "Минус пять рублей 00 копеек"),
        ("112000", "Сто двенадцать тысяч рублей 00 копеек"),
    ],
)
def test_sums_are_written_in_words(amount: str, words: str) -> None:
    assert roubles(Decimal(amount)) == words


def test_the_receiving_half_comes_from_a_buyers_title_of_any_year() -> None:
    document = print_form(upd(1), buyer_xml=old_upd_answer())
    text = squeezed(pypdfium2.PdfDocument(document)[0].get_textpage().get_text_range())
    assert check(old_upd_answer()).violations == ()
    told = (
        "18 ноября 2021 г.",
        "принято с расхождениями",
        "Товары приняты частично",
        "Акт о расхождениях № Р-5 от 18.11.2021",
    )
    for words in told:
        assert squeezed(words) in text, words


def test_an_unformalised_file_gets_a_sheet_about_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("договор.pdf", b"%PDF-1.7")
        archive.writestr("вложения/акт.xml", "<a/>")
    sheet = file_sheet(packed.getvalue(), "комплект.zip", stamps=STAMPS)
    assert_pdf_a_2u(sheet)
    text = squeezed(pypdfium2.PdfDocument(sheet)[0].get_textpage().get_text_range())
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    for words in ("Файл комплект.zip", "архив ZIP", digest, "договор.pdf", "вложения/акт.xml", "03 77 1E 0A 55"):
        assert squeezed(words) in text, words


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff\xe0broken", b"PK\x03\x04broken", b"%PDF-broken", b"\x00\x01", b"<a><b></a>"]
)
def test_a_sheet_never_fails_for_what_is_inside_a_file(content: bytes) -> None:
    assert file_sheet(content, 'странное "имя" \u202e.jpg').startswith(b"%PDF")


@pytest.mark.parametrize("name", PAPERS)
def test_the_command_line_prints_every_kind(name: str, tmp_path: Path) -> None:
    source, target = tmp_path / "file.xml", tmp_path / "form.pdf"
    source.write_bytes(PAPERS[name].file(1))
    done = CliRunner().invoke(app, ["print", str(source), "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert target.read_bytes().startswith(b"%PDF")
