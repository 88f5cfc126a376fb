"""What is installed is pinned and hashed, from wheels, and the locks belong to the requirements beside them."""

import re
import sys
from pathlib import Path

import pytest

from scripts import environment, lock

NAMES = [f"{name}.lock" for name in lock.LOCKS]


def pins(root: Path, name: str) -> dict[str, str]:
    """Name -> the whole entry with its hashes."""
    text = re.sub(r"^#.*\n", "", (root / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    return {entry.split("==")[0]: entry for entry in entries if entry.strip()}


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_an_exact_version_with_hashes(root: Path, name: str) -> None:
    entry = re.compile(r"[a-z0-9][a-z0-9.-]*==[\w.+!]+( ; [^\\]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")

    found = pins(root, name)

    assert found
    assert [line[:80] for line in found.values() if not entry.fullmatch(line)] == []


def test_locks_belong_to_the_present_requirements() -> None:
    assert lock.stale() == [], "run `make lock`"


def test_a_changed_requirement_makes_its_lock_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    for path in root.glob("requirements*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    with (tmp_path / "requirements.in").open("a", encoding="utf-8") as requirements:
        requirements.write("# only a remark\n\n")
    assert lock.stale() == []

    with (tmp_path / "requirements.in").open("a", encoding="utf-8") as requirements:
        requirements.write("something-new\n")

    assert lock.stale() == ["requirements", "requirements-dev"], "the second includes the first"


def test_tests_run_on_the_versions_that_the_service_runs_on(root: Path) -> None:
    service = pins(root, "requirements.lock")
    development = pins(root, "requirements-dev.lock")

    assert {name: development.get(name) for name in service} == service


def test_debian_pythons_missing_piece_is_pinned(root: Path) -> None:
    # redis imports it below Python 3.11.3, and Debian 12 has 3.11.2
    assert "async-timeout" in pins(root, "requirements.lock")


@pytest.mark.parametrize("changed", ["requirements.lock", "requirements-assets.lock", "requirements-tools.lock"])
def test_another_lock_means_another_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path, changed: str
) -> None:
    for path in root.glob("requirements*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "environment.py").write_bytes((root / "scripts" / "environment.py").read_bytes())
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    before = environment.stamp("run")
    assert environment.stamp("run") == before

    with (tmp_path / changed).open("a", encoding="utf-8") as text:
        text.write("\n")

    assert environment.stamp("run") != before


def test_this_is_the_python_that_the_locks_are_for() -> None:
    assert sys.version_info[:2] == (3, 11)
