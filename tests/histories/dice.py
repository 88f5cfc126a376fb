"""Histories are thrown anew each time: hypothesis' own way repeats parts of what it has tried, which here wastes most of it.

A backend of hypothesis whose choices are those of `random.Random`; what fails is shrunk as always.
"""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.houses import Ground
from tests.histories.machine import Histories

BACKEND = "edo-dice"


class Dice(HypothesisProvider):
    """Each history has a random generator of its own, thrown from one seed."""

    seeds: ClassVar[Random] = Random(0)

    def __init__(self, conjecturedata: Any, /) -> None:
        super().__init__(conjecturedata)
        if conjecturedata is not None:
            self._random = Random(self.seeds.getrandbits(64))


def run_histories(ground: Ground, *, seed: int, wanted: int, steps: int, shrink: bool = True) -> None:
    """Let so many histories happen; the first that fails is shrunk, printed as a program and raised."""
    AVAILABLE_PROVIDERS[BACKEND] = Dice
    Dice.seeds = Random(seed)
    Histories.ground = ground
    run_state_machine_as_test(
        seeded(seed)(Histories),
        settings=settings(
            max_examples=wanted,
            stateful_step_count=steps,
            backend=BACKEND,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
