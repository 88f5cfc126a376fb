"""Change the verdict logic of signing/ in small ways and count which changes the tests notice: `make mutate`.

Each mutant is one small change of one expression (a comparison turned, a condition negated, a constant moved, a call
left out …) in the modules that decide verdicts. It is imported from a copy, so the working tree is never touched; the
tests of signing run against it until one fails. What survives is printed with its line. Arguments: `--sample N` tries N
mutants of each module (seed 1), names of modules try these alone, `--workers N`.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path("signing/_internal")
MODULES = ("judge", "run", "conditions", "existence", "status")
TESTS = (
    "test_verdict_logic.py",
    "test_signing_revocation.py",
    "test_signing_round_trip.py",
    "test_signing_timestamps.py",
    "test_signing_attacks.py",
    "test_signing_long_term.py",
)
TIMEOUT = 120.0
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One changed module."""

    module: str
    line: int
    what: str
    source: str


def mutants(module: str) -> list[Mutant]:
    """Every small change of a module."""
    tree = ast.parse((ROOT / HOME / f"{module}.py").read_text(encoding="utf-8"))
    made = []
    for index, node in enumerate(ast.walk(tree)):
        for number, (what, _) in enumerate(changes(node)):
            changed = copy.deepcopy(tree)
            twin = next(one for position, one in enumerate(ast.walk(changed)) if position == index)
            apply = changes(twin)[number][1]
            apply()
            source = ast.unparse(ast.fix_missing_locations(changed))
            made.append(Mutant(module=module, line=getattr(node, "lineno", 0), what=what, source=source))
    return made


def changes(node: ast.AST) -> list[tuple[str, _Change]]:
    """The changes that a node allows: what they are, and how to make them in place."""
    return [
        *_logic(node),
        *_statements(node),
        *_constants(node),
    ]


class _Change:
    """Sets attributes of a node when called."""

    def __init__(self, node: ast.AST, **values: object) -> None:
        self._node, self._values = node, values

    def __call__(self) -> None:
        for name, value in self._values.items():
            setattr(self._node, name, value)


def _logic(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS[type(node.ops[0])]:
            yield f"{type(node.ops[0]).__name__} -> {other.__name__}", _Change(node, ops=[other()])
    if isinstance(node, ast.BoolOp):
        other_logic = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{type(node.op).__name__} -> {type(other_logic).__name__}", _Change(node, op=other_logic)
        for index in range(len(node.values)):
            rest = [*node.values[:index], *node.values[index + 1 :]]
            if len(rest) > 1 or isinstance(node.op, ast.And):
                yield f"operand {index} left out", _Change(node, values=rest)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not left out", _Change(node, op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=node.operand))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        swapped = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield f"{type(node.op).__name__} -> {type(swapped).__name__}", _Change(node, op=swapped)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"min", "max", "any", "all"}:
        swap = {"min": "max", "max": "min", "any": "all", "all": "any"}[node.func.id]
        yield f"{node.func.id} -> {swap}", _Change(node, func=ast.Name(id=swap, ctx=ast.Load()))


def _statements(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition negated", _Change(node, test=ast.UnaryOp(op=ast.Not(), operand=node.test))
    if isinstance(node, ast.comprehension) and node.ifs:
        yield "filter left out", _Change(node, ifs=[])
    held = getattr(node, "body", None)
    body: list[ast.stmt] = held if isinstance(held, list) else []
    for index, one in enumerate(body):
        told = isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)
        added = isinstance(one, ast.AugAssign | ast.Continue | ast.Break)
        if told or added:
            yield (
                f"statement left out (line {one.lineno})",
                _Change(node, body=[*body[:index], ast.Pass(), *body[index + 1 :]]),
            )


def _constants(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield f"{node.value} -> {not node.value}", _Change(node, value=not node.value)
        elif isinstance(node.value, int):
            yield f"{node.value} -> {node.value + 1}", _Change(node, value=node.value + 1)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "verdict":
        yield f"{node.attr} -> other", _Change(node, value=ast.Name(id="verdict", ctx=ast.Load()), attr="EXPIRED")
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.Name):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool | int | str):
            return
        yield "return None", _Change(node, value=ast.Constant(value=None))


def noticed(mutant: Mutant, workshop: Path) -> bool:
    """Whether a test fails with the mutant in place of its module; `workshop` is a copy of the packages."""
    place = workshop / HOME / f"{mutant.module}.py"
    kept = place.read_text(encoding="utf-8")
    place.write_text(mutant.source, encoding="utf-8")
    try:
        return not _passes(workshop)
    finally:
        place.write_text(kept, encoding="utf-8")


def _passes(workshop: Path) -> bool:
    tests = [str(Path("tests/signing") / name) for name in TESTS if (workshop / "tests/signing" / name).exists()]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not soak", *tests]
    data = os.environ.get("EDO_TEST_DATA", str(ROOT.parent / "shared"))
    environment = os.environ | {"PYTHONPATH": str(workshop), "PYTHONDONTWRITEBYTECODE": "1", "EDO_TEST_DATA": data}
    try:
        ended = subprocess.run(
            command, cwd=workshop, env=environment, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def copy_packages(folder: Path) -> Path:
    """A copy of what the tests import."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("signing", "tests", "edo_service", "archive", "operators"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def main() -> int:
    """Entry point: prints what survives and the score; exit code 1 below 80 %."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES))
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    chosen: list[Mutant] = []
    for module in given.modules:
        made = mutants(module)
        chosen += random.Random(1).sample(made, given.sample) if 0 < given.sample < len(made) else made  # noqa: S311 a sample, not a secret
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="edo-mutate-") as folder:
        workshops = [copy_packages(Path(folder) / str(number)) for number in range(given.workers)]
        if not _passes(workshops[0]):
            raise SystemExit("the tests fail without any mutant")
        free = list(workshops)

        def attempt(mutant: Mutant) -> bool:
            workshop = free.pop()
            try:
                return noticed(mutant, workshop)
            finally:
                free.append(workshop)

        with ThreadPoolExecutor(given.workers) as pool:
            results = list(zip(chosen, pool.map(attempt, chosen), strict=True))
    for mutant, killed in results:
        if not killed:
            print(f"survived: {HOME}/{mutant.module}.py:{mutant.line} {mutant.what}")
    for module in given.modules:
        own = [killed for mutant, killed in results if mutant.module == module]
        print(f"{module}: {sum(own)} of {len(own)} noticed ({sum(own) / max(len(own), 1):.0%})")
    share = sum(killed for _, killed in results) / max(len(results), 1)
    print(f"all: {share:.1%} of {len(results)} mutants noticed in {time.monotonic() - began:.0f} s")
    return 0 if share >= 0.8 else 1


if __name__ == "__main__":
    sys.exit(main())
