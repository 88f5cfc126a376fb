"""A thousand random histories of two companies: faults of three operators and roaming pairs, kill -9 of either side.

`EDO_SOAK_SEED` repeats a run, `EDO_HISTORIES` sets another number. A failing history is shrunk and printed as a program.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

import pytest

from tests.histories.dice import run_histories
from tests.histories.houses import ground
from tests.histories.machine import Histories
from tests.histories.operators_side import TALLIES

HISTORIES = 1000
STEPS = 10

pytestmark = [pytest.mark.soak, pytest.mark.crash, pytest.mark.timeout(3600)]


def test_random_histories_end_alike_on_both_sides_and_at_the_operators(
    record_property: Callable[[str, object], None],
) -> None:
    seed = int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))
    wanted = int(os.environ.get("EDO_HISTORIES") or HISTORIES)
    record_property("seed", seed)
    print(f"EDO_SOAK_SEED={seed}")
    Histories.totals.clear()
    with ground() as made:
        run_histories(made, seed=seed, wanted=wanted, steps=STEPS)
    counts = {**Histories.totals, **{f"fault_{name}": number for name, number in TALLIES.all().items()}}
    for name, number in sorted(counts.items()):
        record_property(name, number)
    print(counts)
    assert counts["histories"] >= wanted
    assert all(counts[f"kills_{who}"] > 0 for who in ("seller", "buyer", "operators"))
