"""All static checks, two at a time: `make check`. Prints one line each and the whole output of those that failed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
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


def soak_age() -> str:
    """Tell how many commits ago the soak figures were taken; this is news, not a failure."""
    if not SOAK.exists():
        return "docs/soak.json: not written yet (`make soak`)"
    report = json.loads(SOAK.read_text(encoding="utf-8"))
    lines = [f"docs/soak.json: taken {_commits_since(report['commit'])}"]
    anew = Counter(test["run"]["commit"] for test in report["tests"].values() if "run" in test)
    lines += [f"  {number} of its {len(report['tests'])} tests {_commits_since(one)}" for one, number in anew.items()]
    return "\n".join(lines)


def _commits_since(commit: str) -> str:
    count = subprocess.run(
        ["git", "rev-list", "--count", f"{commit}..HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if count.returncode != 0:
        return f"at {commit[:12]}, which is not in this history"
    return f"{count.stdout.strip()} commits ago"


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
    print(soak_age())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
