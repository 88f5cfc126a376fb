"""The arithmetic of the exchange's bench: what a percentage and a growth mean."""

import pytest

from scripts.bench_exchange import Parts, grown, percent_of_limit
from scripts.bench_exchange_spent import JUDGE, SQL, Spent

RAW = Parts(event=0.004, file=0.003, verify=0.002, insert=0.0005, put=0.0005)


def test_the_limit_is_one_of_each_part_after_the_other() -> None:
    assert RAW.total == pytest.approx(0.01)
    assert RAW.needed == pytest.approx(0.004 + 4 * 0.0035 + 2 * 0.002 + 0.0005)
    assert percent_of_limit(RAW, documents=100, seconds=1.0) == pytest.approx(100)
    assert percent_of_limit(RAW, documents=100, seconds=2.0) == pytest.approx(50)


def test_growth_leaves_out_the_first_fifth_and_looks_at_the_peak() -> None:
    assert grown([10, 20, 50, 50, 50, 50, 50, 50, 50, 50]) == 0
    assert grown([10, 40, 50, 60, 90, 50, 50, 50, 50, 50]) == 40
    assert grown([90, 80, 70, 60, 50, 40, 30, 20, 10, 0]) == 0


def test_time_inside_another_stopwatch_is_taken_from_it() -> None:
    clock = Spent()
    with clock.on(JUDGE):
        clock.note(SQL, 1000.0)
    assert clock.seconds[SQL] == 1000.0
    assert clock.seconds[JUDGE] < 0, "the block lasted less than what was noted inside it"
    assert (clock.calls[JUDGE], clock.calls[SQL]) == (1, 1)
