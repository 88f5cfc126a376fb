"""The readers of CMS, PDF and their parts under guided mutations: no crash, no hang over 2 s, never over 500 MB.

Each run is a process of its own with limited memory; a failing case is printed in base64 to become a test.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signing import BadInput
from signing._internal.crl import read_crl

ROOT = Path(__file__).parents[2]
_SECONDS = {"cms": 2.0, "pdf": 2.0, "parts": 1.0}
_SOAK_SECONDS = {"cms": 300.0, "pdf": 300.0, "parts": 60.0}


def fuzz(kind: str, seconds: float, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.signing.fuzz_worker", kind, str(seconds), str(seed)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds * 12 + 120, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return dict(json.loads(ended.stdout))


def hold(told: dict[str, Any], record: Callable[[str, object], None]) -> None:
    found = told.pop("found")
    print("\n", told)
    for name, value in told.items():
        record(f"{told['kind']}_{name}", value)
    assert not found, found[0]
    assert told["slowest_seconds"] < 2
    assert told["peak_megabytes"] < 500


@pytest.mark.parametrize("kind", _SECONDS)
def test_mutated_files_give_verdicts(kind: str, record_property: Callable[[str, object], None]) -> None:
    """The same cases in every run, as far as a machine gets; the soak looks for new ones."""
    told = fuzz(kind, _SECONDS[kind], int(os.environ.get("EDO_SOAK_SEED", "0")))
    assert told["executions"] > 50
    assert told["behaviours"] > 20
    hold(told, record_property)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", _SOAK_SECONDS)
def test_mutated_files_give_verdicts_for_ten_minutes(kind: str, record_property: Callable[[str, object], None]) -> None:
    seconds = float(os.environ.get("EDO_FUZZ_SECONDS", _SOAK_SECONDS[kind]))
    hold(fuzz(kind, seconds, int(os.environ.get("EDO_SOAK_SEED", "0"))), record_property)


#: What the fuzz has found, reader by reader; each must stay an answer.
FOUND = {
    "a CRL of a version, an algorithm and an issuer only": (
        "MGwwPgIBATAKBggqhQMHAQEDAjAtMQMwCQYDVQQGEwJSVTEeMBwGA1UEAwwV0KLQtdGB0YLQvtCy0YvQuSDQo9CmMAoGCCqFAwcBAQMCoR7PIfCx"
        "LItQHZI8vnfF3ttEJIf2sXViKZtiKhjyyGY="
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_found_cases_are_bad_input(name: str) -> None:
    with pytest.raises(BadInput):
        read_crl(base64.b64decode(FOUND[name]))


def test_a_crash_a_hang_and_a_memory_bomb_would_be_found() -> None:
    """The fuzz itself: what it is to find is found."""
    probe = """
import json, random, resource, sys
from tests.signing.fuzzing import Explorer, damage
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
def judge(case):
    if case[:1] == b"a":
        raise KeyError("crash")
    if case[:1] == b"b":
        while True:
            pass
    if case[:1] == b"c":
        return len(bytearray(1 << 30))
    return 0
import tests.signing.fuzzing as fuzzing
fuzzing.HANG = 0.02
explorer = Explorer(judge=judge, mutate=lambda data, chance, _: bytes([chance.choice(b"abcd")]), seeds=[b"d"],
                    chance=random.Random(1))
explorer.explore(5, limit=60)
print(json.dumps(sorted({reason.partition(":")[0] for reason, _ in explorer.found})))
"""
    ended = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(ended.stdout) == ["HangError", "KeyError", "MemoryError"]
