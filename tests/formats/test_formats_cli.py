"""`edo inspect` and `edo check` of every kind: right files, broken ones, kinds without a schema, the samples."""

import json
import random
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from edo_service.cli import app
from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.checker import check_tree
from edo_service.formats.engine.model import Declaration
from edo_service.formats.kinds import BY_CODE
from edo_service.formats.printing.forms import LAYOUTS
from tests.formats import generator
from tests.formats.judge import Samples

KINDS = tuple(DECLARATIONS)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def right_file(declaration: Declaration) -> etree._Element:
    """A file of the kind that breaks nothing, named as its kind is."""
    rng = random.Random(f"cli {declaration.code} {declaration.version}")
    while True:
        root = generator.mended(generator.document(declaration, rng, 0.1), declaration, rng)
        root.set("ВерсФорм", declaration.version)
        root.set("ИдФайл", f"{BY_CODE[declaration.code].prefixes[0]}_x")
        if not check_tree(root, declaration, file_name=None)[0]:
            return root


def kept(folder: Path, root: etree._Element, declaration: Declaration) -> Path:
    path = folder / f"{root.get('ИдФайл')}.xml"
    path.write_bytes(
        etree.tostring(generator.qualified(root, declaration), encoding="windows-1251", xml_declaration=True)
    )
    return path


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_every_kind_is_inspected_and_checked(kind: tuple[str, str], tmp_path: Path) -> None:
    declaration = DECLARATIONS[kind]
    root = right_file(declaration)
    path = kept(tmp_path, root, declaration)

    told = run("inspect", str(path), "--json")
    assert told.exit_code == 0
    facts = json.loads(told.stdout)
    assert (facts["kind"], facts["version"], facts["file_id"]) == (*kind, root.get("ИдФайл"))
    assert len(facts["fields"]) > 5
    assert run("inspect", str(path)).stdout.startswith(f"kind: {kind[0]}")

    checked = run("check", str(path))
    assert (checked.exit_code, checked.stdout) == (0, "")

    if kind[0] not in LAYOUTS:  # what has a layout of its own is printed by its paper
        assert run("print", str(path), "-o", str(tmp_path / "form.pdf")).exit_code == 0
        assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF")

    etree.SubElement(root, "Лишний")
    refused = run("check", str(kept(tmp_path, root, declaration)))
    assert refused.exit_code == 1
    place, line, rule, message = refused.stdout.strip().split("\t")
    assert (place.rsplit("/", 1)[-1], line.split()[0], rule) == ("Лишний", "строка", "unexpected")
    assert "Лишний" in message

    renamed = path.rename(tmp_path / "другое.xml")
    assert "file-name" in run("check", str(renamed)).stdout


def test_the_samples_are_served(samples: Samples, tmp_path: Path) -> None:
    right = []
    for name, xml in samples(""):
        path = tmp_path / name.replace("-retrust", "")
        path.write_bytes(xml)
        told = run("inspect", str(path), "--json")
        if "TSL" in name:
            assert told.exit_code == 64  # a list of certification authorities is no exchange file
            continue
        assert json.loads(told.stdout)["title"]
        if run("check", str(path)).exit_code == 0:
            right.append(path.name)
        else:
            assert "EdoLite" in name  # a teaching file that its own schema refuses
    assert len(right) >= 12


def test_a_kind_without_a_schema_is_told_and_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "ON_DOGDOC_1.xml"
    path.write_text('<Файл ИдФайл="ON_DOGDOC_1" ВерсФорм="1.01"><Документ НомерДог="7"/></Файл>', encoding="utf-8")
    assert json.loads(run("inspect", str(path), "--json").stdout)["kind"] == "contract"
    checked = run("check", str(path))
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "официальной схемы нет" in checked.stderr


def test_what_is_no_exchange_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"<html/>")
    assert run("inspect", str(path)).exit_code == 64
    assert run("check", str(path)).exit_code == 1
