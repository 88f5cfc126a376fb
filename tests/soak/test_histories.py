"""A thousand random histories of two companies: faults of three operators and roaming pairs, kill -9 of either side.

The other half is in a file of its own, so that two processes share them: `make soak`, or
`pytest -n 2 --dist loadfile -m soak tests/soak/test_histories.py tests/soak/test_histories_second_half.py`.
`EDO_SOAK_SEED` repeats a run, `EDO_HISTORIES` sets another number of both together. A failing history is shrunk and
printed as a program.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.histories.many import run_half

pytestmark = [pytest.mark.soak, pytest.mark.crash, pytest.mark.timeout(3600)]


def test_random_histories_end_alike_on_both_sides_and_at_the_operators(
    record_property: Callable[[str, object], None],
) -> None:
    run_half(0, record_property)
