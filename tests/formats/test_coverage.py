"""Every official schema here has its declaration, and every declaration its judge, its samples, its random and damaged files.

A schema, a sample or a declaration that is added without the rest of it fails here.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from lxml import etree

from edo_service.formats import check, detect
from edo_service.formats.checking import declaration_of
from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.source import parse, unqualify
from edo_service.formats.engine.tree import node_of, render
from edo_service.formats.kinds import KNOWN_KINDS, PREFIXES_WITHOUT_SCHEMA, WITHOUT_SCHEMA
from edo_service.formats.reference import pages
from tests.formats import test_agreement, test_round_trip
from tests.formats.judge import OFFICIAL, Judges, Samples

ROOT = Path(__file__).resolve().parents[2]
XS = "{http://www.w3.org/2001/XMLSchema}"
#: Samples that their own official schema refuses: shown with their violations, never said to be right.
FAULTY_SAMPLES = {"EdoLite_Chapter_3_1_SampleUpd.xml": "a teaching file: ИНН of a wrong length, unknown regions"}
#: Kinds that have a sample; all others live by random files until somebody brings one.
SAMPLED = {
    "upd_seller 5.03", "upd_buyer 5.03", "upd_seller 5.01", "ukd_seller 5.01", "receipt_notice 1.03",
    "dispatch_confirmation 1.03", "receipt_confirmation 1.03", "correction_notice 1.03", "annulment_offer 1.02",
    "power_of_attorney EMCHD_1",
}  # fmt: skip


def admitted(path: Path) -> frozenset[str]:
    """The format versions that a schema admits."""
    return frozenset(
        str(choice.get("value"))
        for attribute in etree.parse(path).iter(f"{XS}attribute")
        if attribute.get("name") == "ВерсФорм"
        for choice in attribute.iter(f"{XS}enumeration")
    )


def edition(path: Path) -> tuple[tuple[str, frozenset[str]], str]:
    """(what it is the schema of, its edition): ON_NSCHFDOPPR_1_997_01_05_03_05 is the edition 05 of …_05_03."""
    stem = path.name.removesuffix(".xsd").removesuffix(".retyped")
    head, _, last = stem.rpartition("_")
    return (head, admitted(path)), last


def test_the_newest_edition_of_every_schema_is_declared_and_judges(shared_data: Path) -> None:
    folder = shared_data / "formats" / "xsd"
    editions: defaultdict[tuple[str, frozenset[str]], list[tuple[str, str]]] = defaultdict(list)
    for path in folder.rglob("*.xsd"):
        name, number = edition(path)
        editions[name].append((number, str(path.relative_to(folder))))
    newest = {max(found)[1] for found in editions.values()}
    assert newest - set(OFFICIAL.values()) == set(), "a schema without a declaration"
    assert set(OFFICIAL.values()) - newest == set(), "a judge that is not the newest edition"


def test_every_version_that_a_schema_admits_is_declared(shared_data: Path) -> None:
    known = {f"{code} {version}" for code, version in DECLARATIONS}
    assert known == set(OFFICIAL), "a declaration without a judge, or a judge without a declaration"
    for name, path in OFFICIAL.items():
        code, version = name.split()
        versions = admitted(shared_data / "formats" / "xsd" / path)
        assert version in versions, name
        assert {f"{code} {one}" for one in versions} <= known, name


def parametrized(test: object) -> set[str]:
    (mark,) = [mark for mark in test.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]  # a test function
    return set(mark.args[1])


@pytest.mark.parametrize(
    "test",
    [
        test_agreement.test_random_files_get_the_same_verdict,
        test_agreement.test_damaged_files_get_the_same_verdict,
        test_agreement.test_thousands_of_random_files,
        test_agreement.test_thousands_of_damaged_files,
        test_round_trip.test_the_engine_writes_every_version_it_declares,
    ],
)
def test_every_kind_is_generated_damaged_and_written(test: object) -> None:
    assert parametrized(test) == set(OFFICIAL)
    assert test_agreement.SOAK_FILES >= 2000


def test_every_kind_has_a_page_and_a_name() -> None:
    made = set(pages())
    for code, version in DECLARATIONS:
        assert f"{code}_{version.replace('.', '_').lower()}.md" in made
        assert any(kind.code == code and code not in WITHOUT_SCHEMA for kind in KNOWN_KINDS)


def test_every_sample_is_read_written_back_and_accepted_by_its_judge(samples: Samples, judges: Judges) -> None:
    met = set()
    for name, xml in samples(""):
        if not name.startswith(("ON_", "DP_", "EdoLite")):
            continue  # lists of authorities and the like
        kind = detect(xml)
        assert kind is not None, name
        declaration = declaration_of(kind)
        if declaration is None:
            assert kind.tolerated, name
            assert kind.prefix in PREFIXES_WITHOUT_SCHEMA or kind.code in WITHOUT_SCHEMA
            continue
        known = f"{declaration.code} {declaration.version}"
        written = render(node_of(unqualify(parse(xml), declaration.namespace)), declaration)
        assert test_round_trip.canonical(written) == test_round_trip.canonical(xml), name
        refused = judges[known].refusals(written, name.removesuffix(".xml"))
        assert bool(refused) == (name in FAULTY_SAMPLES), (name, refused[:3])
        assert check(xml).ok == (not refused), name
        met.add(known)
    assert met == SAMPLED


def test_nothing_in_the_product_comes_from_the_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No schema lies in the repository, no code reads one but the second opinion, which our check never asks."""
    sources = [path for folder in ("edo_service", "scripts") for path in (ROOT / folder).rglob("*.py")]
    readers = {path.name for path in sources if re.search(r"\.xsd|XMLSchema\(", path.read_text(encoding="utf-8"))}
    assert readers <= {"official.py", "bench_formats.py"}
    for path in (ROOT / "edo_service" / "formats").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "edo_service.formats.official" not in imported, path.name
    for folder in ("edo_service", "scripts", "docs", "tests"):
        assert not list((ROOT / folder).rglob("*.xsd"))
    (tmp_path / "ON_NSCHFDOPPR_1_997_01_05_03_05.xsd").write_text("<a/>", encoding="utf-8")
    monkeypatch.setenv("EDO_FORMATS_XSD_DIR", str(tmp_path))
    assert not check(b"<a/>").ok
