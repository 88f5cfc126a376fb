"""docs/soak.json says what was really tried."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import checks, soak

TRIED = """
import os
import pytest

@pytest.mark.soak
def test_many(record_property):
    record_property("histories", 1000)
    record_property("seed", os.environ["EDO_SOAK_SEED"])

@pytest.mark.soak
def test_broken():
    assert False

def test_other():
    raise AssertionError("not a soak test")
"""


def test_counts_are_taken_from_what_pytest_reports(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(TRIED, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = soak\n", encoding="utf-8")
    report = tmp_path / "soak.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-m", "soak", f"--junitxml={report}", "-p", "no:cacheprovider"]
    subprocess.run(
        command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "EDO_SOAK_SEED": "7"}, capture_output=True, check=False
    )

    counts = soak.counts(report)

    assert {name: (one["outcome"], one.get("histories"), one.get("seed")) for name, one in counts.items()} == {
        "test_x::test_broken": ("failure", None, None),
        "test_x::test_many": ("passed", 1000, 7),
    }


def test_each_area_tells_its_oldest_figure_and_the_oldest_area_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    commits = []
    for message in ("one", "two", "three"):
        git("commit", "-q", "--allow-empty", "-m", message)
        commits.append(git("rev-parse", "HEAD"))
    tests: dict[str, dict[str, object]] = {
        "tests.archive.test_a::one": {"run": {"commit": commits[2]}},
        "tests.formats.test_a::one": {},
        "tests.formats.test_b::two": {"run": {"commit": commits[2]}},
        "tests.signing.pki.test_c::one": {"run": {"commit": commits[1]}},
        "tests.soak.test_d::one": {"run": {"commit": "f" * 40}},
    }
    (tmp_path / "soak.json").write_text(json.dumps({"commit": commits[0], "tests": tests}), encoding="utf-8")
    for name in ("exchange/test_never", "soak/test_never", "formats/test_a"):
        (tmp_path / "tests" / name).parent.mkdir(parents=True)
        (tmp_path / "tests" / f"{name}.py").write_text(TRIED, encoding="utf-8")
    (tmp_path / "tests" / "formats" / "test_talk.py").write_text(f"SAID = {TRIED!r}", encoding="utf-8")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(checks, "SOAK", tmp_path / "soak.json")

    assert checks.soak_ages().splitlines() == [
        "docs/soak.json: commits since the oldest figure of each area",
        "  tests/exchange: never for 1 file",
        "  tests/soak: at a commit that is not in this history (1 tests), never for 1 file",
        "  tests/formats: 2 (2 tests)",
        "  tests/signing: 1 (1 tests)",
        "  tests/archive: 0 (1 tests)",
    ]


def test_a_narrowed_run_replaces_what_it_ran_and_says_when() -> None:
    whole = {"commit": "a", "seed": "1", "tests": {"x::one": {"outcome": "passed"}, "x::two": {"outcome": "passed"}}}
    part = {
        "commit": "b",
        "uncommitted_changes": False,
        "seed": "2",
        "finished": "now",
        "tests": {"x::two": {"outcome": "failure"}},
    }
    found = soak.merged(whole, part)
    assert (found["commit"], found["tests"]["x::one"]) == ("a", {"outcome": "passed"})
    assert found["tests"]["x::two"]["outcome"] == "failure"
    assert found["tests"]["x::two"]["run"] == {
        "commit": "b",
        "uncommitted_changes": False,
        "seed": "2",
        "finished": "now",
    }
