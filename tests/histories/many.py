"""A thousand random histories, in two halves that may run at the same time."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

from tests.histories.dice import run_histories
from tests.histories.houses import ground
from tests.histories.machine import Histories
from tests.histories.operators_side import TALLIES

HISTORIES, HALVES, STEPS = 1000, 2, 10


def run_half(half: int, record_property: Callable[[str, object], None]) -> None:
    """Let half of them happen, each half by a seed of its own, and record what there was."""
    seed = int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))
    wanted = -(-int(os.environ.get("EDO_HISTORIES") or HISTORIES) // HALVES)
    record_property("seed", seed)
    print(f"EDO_SOAK_SEED={seed}")
    Histories.totals.clear()
    before = TALLIES.all()
    with ground() as made:
        run_histories(made, seed=seed + half, wanted=wanted, steps=STEPS)
    faults = {f"fault_{name}": number - before.get(name, 0) for name, number in TALLIES.all().items()}
    counts = {**Histories.totals, **faults}
    for name, number in sorted(counts.items()):
        record_property(name, number)
    print(counts)
    assert counts["histories"] >= wanted
    assert all(counts[f"kills_{who}"] > 0 for who in ("seller", "buyer", "operators"))
