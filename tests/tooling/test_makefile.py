"""The targets that README promises exist, are explained, and CI calls them."""

import re
import subprocess
from pathlib import Path

PROMISED = {
    *("help", "setup", "run", "test", "check", "soak", "bare", "stack", "pki", "lock", "format"),
    *("bench", "bench-archive", "bench-signing", "mutate"),
}


def explained(root: Path) -> dict[str, str]:
    shown = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^ {2}([a-z-]+)\s+(\S.+)$", shown, flags=re.MULTILINE))


def test_help_explains_every_target(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))

    assert set(explained(root)) == targets == PROMISED


def test_every_target_is_phony(root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert phony is not None
    assert set(phony[1].split()) == PROMISED


def test_every_script_that_a_target_calls_exists(root: Path) -> None:
    called = re.findall(r"-m scripts\.(\w+)", (root / "Makefile").read_text(encoding="utf-8"))

    assert [name for name in called if not (root / "scripts" / f"{name}.py").is_file()] == []


def test_ci_checks_and_tests_and_lets_nothing_be_skipped(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8")

    assert subprocess.run(["bash", "-n", root / ".ci" / "run"], check=False).returncode == 0
    assert "export CI=true" in script
    assert script.rstrip().endswith("exec make check test"), "pytest's closing line comes last, its exit code is kept"
