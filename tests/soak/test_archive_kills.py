"""kill -9 of whoever puts sets, on folders, a mirror and a real S3 server; and any order of calls against a model.

A set is acknowledged by a line of the child after `deposit` returned. Whatever was acknowledged is there, whole and
protected; nothing half is visible; nothing is there twice.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from archive import Expected, key_of, scrub
from archive.s3 import S3Store
from archive.store import Store
from tests.archive.machine import MirrorMachine, StoreMachine
from tests.services.plugin import S3Endpoint
from tests.soak.archive_writer import build, contents

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 100
S3_ROUNDS = 20

_CHILD = """
import json, sys
sys.path.insert(0, {root!r})
from tests.soak.archive_writer import put_sets
put_sets(json.loads(sys.stdin.read()))
"""


@pytest.fixture
def dice() -> random.Random:
    return random.Random(int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32)))


def kill_often(where: dict[str, str], rounds: int, dice: random.Random) -> tuple[Store, set[int], datetime]:
    """Start children and kill each after a random number of sets and a random instant; what they acknowledged."""
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    acknowledged: set[int] = set()
    begin = 0
    for _ in range(rounds):
        task = {**where, "until": until.isoformat(), "begin": str(begin)}
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD.format(root=str(ROOT))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(task))
        child.stdin.close()
        told = [child.stdout.readline() for _ in range(dice.randint(1, 3))]
        ends = time.monotonic() + dice.uniform(0, 0.06)
        while time.monotonic() < ends:
            pass
        os.kill(child.pid, signal.SIGKILL)
        told += child.stdout.readlines()  # said before its death: acknowledged too
        child.wait()
        child.stdout.close()
        acknowledged |= {int(line) for line in told if line.endswith("\n")}
        begin = max(acknowledged, default=-1) + 1  # the one under way is put again, as a job would
    return build(where), acknowledged, until


def reckon(store: Store, acknowledged: set[int], until: datetime) -> dict[str, int]:
    """Nothing lost, nothing half, nothing twice; what a kill left is healed by putting it again."""
    expected = [
        Expected(key=key_of("e1", content), retain_until=until, size=len(content))
        for number in sorted(acknowledged)
        for content in contents(number)
    ]
    relied = {item.key for item in expected}
    report = scrub(store, expected, threads=2)
    lost = [one for one in report.findings if one.key in relied and not one.repaired]
    half = [one for one in report.findings if one.kind in {"corrupt", "stray", "unreadable"}]
    assert not lost
    assert not half
    assert {one.kind for one in report.damage} <= {"record_damaged", "missing"}
    last = max(acknowledged) + 1
    items = [(key_of("e1", content), content) for content in contents(last)]
    store.put_all(items, retain_until=until)
    expected += [Expected(key=key, retain_until=until) for key, _content in items]
    again = scrub(store, expected)
    assert {one.kind for one in again.findings} <= {"orphan"}, again.findings
    keys = list(store.keys(""))
    assert len(keys) == len(set(keys))
    return {"sets": len(acknowledged), "lost": len(lost), "half": len(half)}


@pytest.mark.parametrize("kind", ["files", "mirror"])
def test_sets_survive_kills_on_folders(
    tmp_path: Path, dice: random.Random, kind: str, record_property: Callable[[str, object], None]
) -> None:
    rounds = ROUNDS if kind == "files" else ROUNDS // 5
    counts = reckon(*kill_often({"kind": kind, "root": str(tmp_path)}, rounds, dice))
    for name, value in {"kills": rounds, **counts}.items():
        record_property(name, value)


@pytest.mark.full
def test_sets_survive_kills_on_s3(
    s3_endpoint: S3Endpoint, dice: random.Random, record_property: Callable[[str, object], None]
) -> None:
    from dataclasses import asdict

    where = {"kind": "s3", "server": json.dumps(asdict(s3_endpoint)), "bucket": s3_endpoint.bucket()}
    store, acknowledged, until = kill_often(where, S3_ROUNDS, dice)
    assert isinstance(store, S3Store)
    counts = reckon(store, acknowledged, until)
    shared = key_of("e1", b"shared by all")
    doubled = [key for key in store.keys("") if key != shared and len(list(store._versions(key))) > 1]
    assert not doubled
    for name, value in {"kills": S3_ROUNDS, **counts, "doubled": len(doubled)}.items():
        record_property(name, value)


@pytest.mark.parametrize("machine", [StoreMachine, MirrorMachine])
def test_no_order_of_calls_deletes_early(
    machine: type[StoreMachine], record_property: Callable[[str, object], None]
) -> None:
    number = int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))
    examples, steps = (40, 40) if machine is StoreMachine else (15, 40)
    deep = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(seed(number)(machine), settings=deep)
    record_property("histories", examples)
    record_property("steps", examples * steps)
