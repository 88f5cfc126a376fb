"""What the documents say is so: links lead somewhere, commands exist, words are those of the code."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from edo_service.cli import app
from edo_service.settings import Settings

DOCUMENTS = ("README.md", "CHANGELOG.md", "docs/production.md", "docs/glossary.md", "docs/workflows.md")
CODE = ("edo_service/", "signing/", "operators/", "archive/")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_there(root: Path, name: str) -> None:
    assert (root / name).stat().st_size > 200


def test_relative_links_lead_somewhere(root: Path, tracked: dict[str, str]) -> None:
    broken = []
    for name, text in tracked.items():
        if name.endswith(".md"):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if "://" not in target and not target.startswith("mailto:"):
                    broken += [] if ((root / name).parent / target).exists() else [(name, target)]

    assert broken == []


def test_every_make_target_that_is_named_exists(root: Path, tracked: dict[str, str]) -> None:
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {
        (name, target)
        for name, text in tracked.items()
        if name.endswith(".md")
        for target in re.findall(r"`make ([a-z]+)", text)
    }

    assert {(name, target) for name, target in named if target not in targets} == set()


def test_every_command_that_is_named_exists(tracked: dict[str, str]) -> None:
    known = {(name,): command for name, command in get_command(app).commands.items()}  # type: ignore[attr-defined]  # a group
    known |= {
        (*name, sub): command for name, one in known.items() for sub, command in getattr(one, "commands", {}).items()
    }
    named = {
        (name, words)
        for name, text in tracked.items()
        if name.endswith(".md") and name != "CHANGELOG.md"
        for words in re.findall(r"(?:`|^|/|&& |> |\d )edo ([a-z]+(?: [a-z]+)?)", text, flags=re.MULTILINE)
    }

    groups = {name[0] for name in known if len(name) > 1}
    wrong = {
        (name, words)
        for name, words in named
        if tuple(words.split()) not in known and (words.split()[0] in groups or (words.split()[0],) not in known)
    }
    assert len(named) > 20
    assert wrong == set()


def test_production_guide_explains_every_setting(root: Path) -> None:
    text = (root / "docs" / "production.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(EDO_[A-Z0-9_]+)` \|", text, flags=re.MULTILINE))

    assert explained == {f"EDO_{name.upper()}" for name in Settings.model_fields}


def test_every_word_of_the_glossary_is_used(root: Path, tracked: dict[str, str]) -> None:
    glossary = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|", glossary, flags=re.MULTILINE)
    words = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    code = "\n".join(text for name, text in tracked.items() if name.startswith(CODE))
    used = set(re.findall(r"\w+", code)) | set(re.findall(r"[a-z0-9]+", code.lower()))

    assert len(words) > 40
    assert sorted(words - used) == []


def test_decisions_are_numbered_and_listed(root: Path) -> None:
    folder = root / "docs" / "adr"
    pages = sorted(one.name for one in folder.glob("[0-9]*.md"))
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for name in pages:
        title = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        number, _, words = title.removeprefix("# ").partition(". ")
        assert f"{int(number):04}" == name[:4]
        assert f"| [{name[:4]}]({name}) | {words} |" in index


def test_floors_of_the_architecture_are_those_of_the_contract(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["name"].startswith("2."))
    floors = {name for layer in layers for name in layer.split(" | ")}
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")

    assert {name for name in floors if f"`{name}`" not in page} == set()


def test_generated_documents_are_fresh(root: Path) -> None:
    command = [sys.executable, "-m", "scripts.documents", "--check"]

    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_changelog_keeps_its_form(root: Path) -> None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

    assert re.search(r"^## \[Unreleased\]$", text, flags=re.MULTILINE)
    assert set(re.findall(r"^### (.+)$", text, flags=re.MULTILINE)) <= kinds
    for heading in re.findall(r"^## (.+)$", text, flags=re.MULTILINE)[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", heading)
