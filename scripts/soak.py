"""Run the tests marked `soak` and write docs/soak.json: what was tried how often, with which seed, at which commit.

A run that was narrowed down (`ARGS="tests/signing"`) replaces only the tests that it ran, each with its own commit and
seed; the others stay as they were taken.

A soak test reads its seed from EDO_SOAK_SEED and reports its counts with pytest's `record_property(name, number)`.
Two files run at a time, one on each core.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "soak.json"


def git(*arguments: str) -> str:
    """Ask git."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def counts(junit: Path) -> dict[str, Any]:
    """Read pytest's own report: outcomes, and the numbers that the tests recorded."""
    tests: dict[str, Any] = {}
    for case in etree.parse(str(junit)).iter("testcase"):
        outcome = next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "passed")
        recorded = {item.get("name"): _number(item.get("value") or "") for item in case.iter("property")}
        name = f"{case.get('classname')}::{case.get('name')}"
        tests[name] = {"outcome": outcome, "seconds": round(float(case.get("time", "0")), 1), **recorded}
    return dict(sorted(tests.items()))


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def merged(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The whole report with the tests of a narrowed run in it; each of those names its commit, seed and end."""
    facts = {name: part[name] for name in ("commit", "uncommitted_changes", "seed", "finished")}
    anew = {name: {**counted, "run": facts} for name, counted in part["tests"].items()}
    return {**whole, "tests": dict(sorted({**whole["tests"], **anew}.items()))}


def main() -> int:
    """Entry point: pytest's exit code; the report is written unless nothing ran or the tree has changes."""
    seed = os.environ.get("EDO_SOAK_SEED") or str(secrets.randbelow(2**32))
    commit = git("rev-parse", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no")
    print(f"EDO_SOAK_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="edo-soak-") as folder:
        junit = Path(folder) / "soak.xml"
        pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
        pytest += ["-m", "soak", "--timeout=3600", f"--junitxml={junit}", *sys.argv[1:]]
        code = subprocess.run(pytest, cwd=ROOT, env=os.environ | {"EDO_SOAK_SEED": seed}, check=False).returncode
        tests = counts(junit) if junit.exists() else {}
    if not tests:
        print("no soak test ran: docs/soak.json stays as it was")
        return code
    report = {
        "commit": commit,
        "uncommitted_changes": bool(changed),
        "seed": seed,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "tests": tests,
    }
    if sys.argv[1:] and REPORT.exists():
        report = merged(json.loads(REPORT.read_text(encoding="utf-8")), report)
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {REPORT.relative_to(ROOT)}: {len(tests)} tests")
    return code


if __name__ == "__main__":
    sys.exit(main())
