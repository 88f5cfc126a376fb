"""The reference pages follow the declarations; the official schemas, where their owner has put them, are a second judge."""

import subprocess
import sys
from pathlib import Path

import pytest

from edo_service.formats import FormatError, check, detect
from edo_service.formats.official import OfficialSchemas
from edo_service.formats.reference import pages
from tests.formats.judge import Samples


def test_pages_are_fresh() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "scripts.format_pages", "--check"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_page_tells_places_values_and_rules() -> None:
    made = pages()
    page = made["upd_seller_5_03.md"]
    assert "| `/Файл/Документ/СвСчФакт/@НомерДок` | 1 | текст, 1–1000 | номер документа |" in page
    assert "`СЧФ` счёт-фактура" in page
    assert "- `document-name`: " in page
    assert "[УПД (титул продавца)](upd_seller_5_03.md)" in made["README.md"]


@pytest.fixture(scope="module")
def schemas(shared_data: Path) -> OfficialSchemas:
    return OfficialSchemas(shared_data / "formats" / "xsd" / "upd")


def test_the_second_judge_accepts_a_sample_of_any_edition(schemas: OfficialSchemas, samples: Samples) -> None:
    assert schemas.unreadable == ()
    for word in ("a52bb884", "afb6cce6", "NSCHFDOPPOK"):
        assert schemas.check(samples(word)[0][1]) == ()


def test_the_second_judge_names_the_line(schemas: OfficialSchemas, samples: Samples) -> None:
    _, xml = samples("a52bb884")[0]
    broken = xml.decode("cp1251").replace('КНД="1115131"', 'КНД="1115131" Лишний="1"').encode("cp1251")
    found = schemas.check(broken)
    assert found
    assert all(finding.rule == "official" and finding.line for finding in found)
    assert not check(broken).ok


def test_the_second_judge_keeps_silent_on_what_it_does_not_know(schemas: OfficialSchemas, samples: Samples) -> None:
    _, xml = samples("IZVPOL")[0]
    kind = detect(xml)
    assert kind is not None
    assert not schemas.holds(kind)
    assert schemas.check(xml) is None


def test_a_folder_that_is_not_there_and_a_file_that_is_no_schema(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="нет"):
        OfficialSchemas(tmp_path / "nowhere")
    (tmp_path / "ON_NSCHFDOPPR_1_997_01.xsd").write_text("<a", encoding="utf-8")
    assert [path.name for path in OfficialSchemas(tmp_path).unreadable] == ["ON_NSCHFDOPPR_1_997_01.xsd"]
