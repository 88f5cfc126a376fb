"""All static checks, two at a time: `make check`. Prints one line each and the whole output of those that failed."""

from __future__ import annotations

import ast
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SOAK = ROOT / "docs" / "soak.json"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One command that must end with 0; `needs` is the file whose absence makes it pointless."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    needs: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a check ended."""

    check: Check
    passed: bool
    seconds: float
    output: str


def program(name: str, *arguments: str) -> tuple[str, ...]:
    """Name a program of the environment."""
    return (str(BIN / name), *arguments)


def checks(scratch: Path) -> list[Check]:
    """List the checks, the longest first; `scratch` takes what they write."""
    url = f"sqlite:///{scratch / 'migrated.sqlite'}"
    return [
        Check(name="types (mypy)", commands=(program("mypy"), program("mypy", "-p", "scripts"))),
        Check(name="migrations (alembic)", commands=(program("python", "-m", "scripts.migrations", url),)),
        Check(name="import contracts", commands=(program("lint-imports"),)),
        Check(name="lint (ruff)", commands=(program("ruff", "check", "."),)),
        Check(name="formatting (ruff)", commands=(program("ruff", "format", "--check", "."),)),
        Check(
            name="contrast of colours",
            commands=(program("python", "-m", "edo_service.web.contrast"),),
            needs="edo_service/web/contrast.py",
        ),
        Check(
            name="generated documents",
            commands=(program("python", "-m", "scripts.documents", "--check"),),
        ),
        Check(name="locks", commands=(program("python", "-m", "scripts.lock", "--check"),)),
    ]


def run(check: Check) -> Outcome:
    """Run the commands of one check until one fails."""
    began = time.monotonic()
    output = ""
    passed = True
    for command in check.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += done.stdout
        passed = done.returncode == 0
        if not passed:
            break
    return Outcome(check=check, passed=passed, seconds=time.monotonic() - began, output=output)


def soak_ages() -> str:
    """Tell for each area of tests how many commits ago its oldest soak figure was taken; this is news, not a failure.

    A narrowed run gives its tests a commit of their own; the others have the whole run's. One line an area, oldest first;
    files whose soak tests have no figure at all are counted too.
    """
    if not SOAK.exists():
        return "docs/soak.json: not written yet (`make soak`)"
    report = json.loads(SOAK.read_text(encoding="utf-8"))
    commits = {name: test.get("run", report)["commit"] for name, test in report["tests"].items()}
    since = {commit: _commits_since(commit) for commit in set(commits.values())}
    ages: dict[str, list[float]] = {}
    for name, commit in commits.items():
        ages.setdefault(_area(name), []).append(since[commit])
    never = Counter(map(_area, _soak_files() - {name.partition("::")[0] for name in commits}))
    areas = sorted({*ages, *never}, key=lambda area: (-max(ages.get(area, [math.inf])), area))
    lines = [f"  tests/{area}: {_age(ages.get(area, []), never[area])}" for area in areas]
    return "\n".join(["docs/soak.json: commits since the oldest figure of each area", *lines])


def _age(ages: Sequence[float], never: int) -> str:
    """An area in words: its oldest figure, and how many of its files have none."""
    oldest, words = max(ages, default=0), []
    if ages:
        told = f"{oldest:.0f}" if oldest < math.inf else "at a commit that is not in this history"
        words.append(f"{told} ({len(ages)} tests)")
    if never:
        words.append(f"never for {never} file{'s' if never > 1 else ''}")
    return ", ".join(words)


def _area(name: str) -> str:
    """`tests.formats.test_agreement::test_x` -> `formats`."""
    return name.partition("::")[0].split(".")[1]


def _soak_files() -> set[str]:
    """Dotted names of the test files that hold a test marked `soak`."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if "mark.soak" in text and any(map(_marks_soak, ast.walk(ast.parse(text)))):
            found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def _marks_soak(node: ast.AST) -> bool:
    """Whether this is the mark itself, in code and not in a string."""
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.soak"


def _commits_since(commit: str) -> float:
    """How many commits of this history are not in that one's; infinite when it is no commit of ours."""
    count = subprocess.run(
        ["git", "rev-list", "--count", f"{commit}..HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return float(count.stdout) if count.returncode == 0 else math.inf


def main() -> int:
    """Entry point: 0 when every check passed."""
    with tempfile.TemporaryDirectory(prefix="edo-check-") as scratch, ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        wanted = [check for check in checks(Path(scratch)) if check.needs is None or (ROOT / check.needs).exists()]
        failed = []
        for outcome in pool.map(run, wanted):
            print(
                f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.check.name}, {outcome.seconds:.1f} s", flush=True
            )
            failed += [] if outcome.passed else [outcome]
    for outcome in failed:
        print(f"\n== {outcome.check.name}\n{outcome.output}")
    print(soak_ages())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
