"""Whatever is switched off says why, on the spot."""

import re
import tomllib
from pathlib import Path

IGNORE_LINE = re.compile(r'^\s*((?:"[A-Z]+\d*",?\s*)+)(#\s*\S.*)?$')
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|nosec|fmt:\s*off|pyright:)(.*)$")
CODES = re.compile(r"^\s*(:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*|\[[\w, -]+\])")


def test_every_lint_rule_that_is_off_has_a_reason(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    off = tomllib.loads(text)["tool"]["ruff"]["lint"]
    wanted = set(off["ignore"]) | {code for codes in off["per-file-ignores"].values() for code in codes}

    reasoned = set()
    for line in text.splitlines():
        head, _, reason = line.partition("#")
        if reason.strip():
            reasoned |= set(re.findall(r'"([A-Z]+\d*)"', head))

    assert sorted(wanted - reasoned) == []


def test_lint_has_every_rule_on_otherwise(root: Path) -> None:
    ruff = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]

    assert ruff["lint"]["select"] == ["ALL"]


def test_types_are_strict(root: Path) -> None:
    mypy = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]

    assert mypy["strict"] is True
    assert set(mypy["files"]) == {"edo_service", "signing", "operators", "archive"}


def test_every_suppression_in_the_code_names_its_rule_and_its_reason(tracked: dict[str, str]) -> None:
    bare = []
    for name, text in tracked.items():
        if not name.endswith(".py") or name == "tests/tooling/test_reasons.py":
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if (found := SUPPRESSION.search(line)) and found[1] in {"noqa", "type: ignore", "type:ignore"}:
                codes = CODES.match(found[2])
                reason = found[2][codes.end() :] if codes else ""
                if not codes or not re.search(r"\w{3}", reason):
                    bare.append(f"{name}:{number}: {line.strip()}")

    assert bare == []


def test_a_skip_goes_through_the_one_place_that_ci_can_forbid(tracked: dict[str, str]) -> None:
    skips = re.compile(r"pytest\.(skip\(|mark\.skip|mark\.xfail|xfail\(|importorskip\()")
    # the second tests what happens when a server is absent
    allowed = {"tests/services/plugin.py", "tests/services/test_services.py", "tests/tooling/test_reasons.py"}

    found = {name for name, text in tracked.items() if name.startswith("tests/") and skips.search(text)}

    assert found <= allowed, "use the fixture `unavailable`"
