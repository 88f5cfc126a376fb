"""Change the verdict logic of signing/ in small ways and count which changes the tests notice: `make mutate`.

Each mutant is one small change of one expression (a comparison turned, a condition negated, a constant moved, a
statement left out …) in the modules that decide verdicts. Tests are collected once; for each mutant the process forks,
the child puts the changed code into the loaded module and runs the tests until one fails. The working tree is never
touched. What survives is printed with its line. Arguments: `--sample N` tries N mutants of each module, `--workers N`
that many at once, names of modules try these alone.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parent.parent
HOME = "signing._internal"
TESTS = {  # module of the verdict logic -> the tests that know it
    "judge": (
        *("signing_verdicts", "signing_verdict_evidence", "signing_round_trip", "signing_timestamps"),
        *("signing_long_term", "attacks_cms", "create_signers", "create_levels", "pades_claimed_time"),
        *("trust_qualified", "signing_existence"),
    ),
    "run": (
        "signing_verdicts",
        "signing_verdict_evidence",
        "signing_memory",
        "signing_round_trip",
        "signing_revocation",
        "create_levels",
    ),
    "conditions": ("trust_qualified", "trust_tsl", "signing_demo_pki"),
    "existence": (
        *("signing_verdicts", "signing_verdict_evidence", "signing_long_term", "signing_timestamps"),
        *("attacks_timestamps", "create_levels", "signing_graded", "signing_existence"),
    ),
    "status": (
        "signing_verdicts",
        "signing_verdict_evidence",
        "signing_revocation",
        "signing_memory",
        "attacks_revocation",
        "attacks_evidence",
        "pkits",
    ),
}
TIMEOUT = 120.0
BAR = 0.8
_COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
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
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One changed module."""

    module: str
    line: int
    what: str
    source: str


class _Change:
    """Sets attributes of a node when called."""

    def __init__(self, node: ast.AST, **values: object) -> None:
        self._node, self._values = node, values

    def __call__(self) -> None:
        for name, value in self._values.items():
            setattr(self._node, name, value)


def mutants(module: str) -> list[Mutant]:
    """Every small change of a module."""
    path = ROOT.joinpath(*HOME.split("."), f"{module}.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed_over = {id(one) for node in ast.walk(tree) for one in _decorators(node)}
    made = []
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in passed_over:
            continue
        for number, (what, _) in enumerate(changes(node)):
            changed = copy.deepcopy(tree)
            twin = next(one for position, one in enumerate(ast.walk(changed)) if position == index)
            changes(twin)[number][1]()
            source = ast.unparse(ast.fix_missing_locations(changed))
            made.append(Mutant(module=module, line=getattr(node, "lineno", 0), what=what, source=source))
    return made


def _decorators(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in decorators decides no verdict."""
    for decorator in getattr(node, "decorator_list", ()):
        yield from ast.walk(decorator)


def changes(node: ast.AST) -> list[tuple[str, _Change]]:
    """The changes that a node allows: what they are, and how to make them in place."""
    return [*_comparisons(node), *_logic(node), *_statements(node), *_constants(node)]


def _comparisons(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS[type(node.ops[0])]:
            yield f"{type(node.ops[0]).__name__} -> {other.__name__}", _Change(node, ops=[other()])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        swapped = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield f"{type(node.op).__name__} -> {type(swapped).__name__}", _Change(node, op=swapped)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SWAPPED:
        swap = _SWAPPED[node.func.id]
        yield f"{node.func.id} -> {swap}", _Change(node, func=ast.Name(id=swap, ctx=ast.Load()))


def _logic(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{type(node.op).__name__} -> {type(other).__name__}", _Change(node, op=other)
        for index in range(len(node.values)):
            rest = [*node.values[:index], *node.values[index + 1 :]]
            yield f"operand {index} left out", _Change(node, values=rest)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not left out", _Change(node, operand=ast.UnaryOp(op=ast.Not(), operand=node.operand))
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition negated", _Change(node, test=ast.UnaryOp(op=ast.Not(), operand=node.test))
    if isinstance(node, ast.comprehension) and node.ifs:
        yield "filter left out", _Change(node, ifs=[])


def _statements(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    held = getattr(node, "body", None)
    body: list[ast.stmt] = held if isinstance(held, list) else []
    for index, one in enumerate(body):
        called = isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)
        if called or isinstance(one, ast.AugAssign | ast.Continue | ast.Break):
            rest = [*body[:index], ast.Pass(), *body[index + 1 :]]
            yield f"statement left out (line {one.lineno})", _Change(node, body=rest)


def _constants(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} -> {not node.value}", _Change(node, value=not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} -> {node.value + 1}", _Change(node, value=node.value + 1)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "verdict":
        yield f"{node.attr} -> EXPIRED", _Change(node, attr="EXPIRED")
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
        yield "return None", _Change(node, value=ast.Constant(value=None))


def install(mutant: Mutant) -> None:
    """Put the changed code into the loaded module: whoever holds its functions and classes gets the change."""
    module = importlib.import_module(f"{HOME}.{mutant.module}")
    fresh = ModuleType(module.__name__)
    fresh.__dict__["__file__"] = module.__file__
    exec(compile(mutant.source, f"<{mutant.what}>", "exec"), fresh.__dict__)  # noqa: S102 our own module, changed
    for name, value in vars(fresh).items():
        if name.startswith("__"):
            continue
        known = vars(module).get(name)
        if isinstance(value, type) and isinstance(known, type) and value.__module__ == module.__name__:
            for member in vars(value):
                _replace(vars(known).get(member), vars(value)[member])
        elif not _replace(known, value) and not isinstance(value, type | ModuleType):
            setattr(module, name, value)


def _replace(known: object, value: object) -> bool:
    """Give a known function the code and the defaults of another one; False when they are no functions."""
    old, new = _function(known), _function(value)
    if old is None or new is None:
        return False
    if old.__module__ == new.__module__ and old.__code__.co_freevars == new.__code__.co_freevars:
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    return True


def _function(value: object) -> FunctionType | None:
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, cached_property):
        value = value.func
    value = getattr(value, "__wrapped__", getattr(value, "__func__", value))
    return value if isinstance(value, FunctionType) else None


def _asked(session: pytest.Session, mutant: Mutant | None) -> list[pytest.Item]:
    """The tests that know the mutant's module, in the order of TESTS; all of them without a mutant."""
    if mutant is None:
        return session.items
    names = [f"test_{name}.py" for name in TESTS[mutant.module]]
    asked = [item for item in session.items if item.path.name in names]
    return sorted(asked, key=lambda item: names.index(item.path.name))


@dataclass
class Trials:
    """A pytest plugin: instead of running the tests once, runs them for every mutant in a child of its own."""

    chosen: list[Mutant]
    workers: int
    noticed: list[bool] = field(default_factory=list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Fork for each mutant; the first child has none and must pass."""
        if session.testsfailed or not session.items:
            raise SystemExit("the tests cannot be collected")
        if self._wait(self._fork(session, None)):
            raise SystemExit("the tests fail without any mutant")
        waiting: list[tuple[int, float]] = []
        for number, mutant in enumerate(self.chosen, start=1):
            waiting.append((self._fork(session, mutant), time.monotonic()))
            while len(waiting) >= self.workers:
                self.noticed.append(self._wait(waiting.pop(0)[0]))
            if number % 20 == 0:
                print(f"{number} of {len(self.chosen)}", file=sys.stderr, flush=True)
        self.noticed += [self._wait(pid) for pid, _ in waiting]
        return True

    def _fork(self, session: pytest.Session, mutant: Mutant | None) -> int:
        pid = os.fork()
        if pid:
            return pid
        # a mutant that hangs ends by a signal, which counts as noticed; by CPU time, so that a busy machine is no hang
        signal.setitimer(signal.ITIMER_PROF, TIMEOUT)
        signal.alarm(int(10 * TIMEOUT))
        kept = os.dup(2)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = 1
        try:
            if mutant is not None:
                install(mutant)
            items = _asked(session, mutant)
            code = 0
            for item, after in zip(items, [*items[1:], None], strict=True):
                if any(report.failed for report in runtestprotocol(item, log=False, nextitem=after)):
                    code = 1
                    break
            if code and mutant is None:
                os.write(kept, f"fails without any mutant: {item.nodeid}\n".encode())
        finally:
            os._exit(code)

    @staticmethod
    def _wait(pid: int) -> bool:
        return os.waitpid(pid, 0)[1] != 0


def main() -> int:
    """Entry point: prints what survives and the score; exit code 1 below the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(TESTS))
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    chosen: list[Mutant] = []
    for module in given.modules:
        made = mutants(module)
        few = 0 < given.sample < len(made)
        chosen += random.Random(1).sample(made, given.sample) if few else made  # noqa: S311 a sample, not a secret
    began, trials = time.monotonic(), Trials(chosen=chosen, workers=given.workers)
    asked = dict.fromkeys(f"test_{name}.py" for module in given.modules for name in TESTS[module])
    files = [str(path) for name in asked if (path := ROOT / "tests/signing" / name).exists()]
    pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", "-m", "not soak", *files], plugins=[trials])
    results = list(zip(chosen, trials.noticed, strict=True))
    for mutant, seen in results:
        if not seen:
            print(f"survived: {mutant.module}.py:{mutant.line} {mutant.what}")
    for module in given.modules:
        own = [seen for mutant, seen in results if mutant.module == module]
        print(f"{module}: {sum(own)} of {len(own)} noticed ({sum(own) / max(len(own), 1):.0%})")
    share = sum(trials.noticed) / max(len(results), 1)
    print(f"all: {share:.1%} of {len(results)} mutants noticed in {time.monotonic() - began:.0f} s")
    return 0 if share >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
