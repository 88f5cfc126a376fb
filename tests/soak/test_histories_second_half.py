"""The second half of the thousand random histories of `test_histories`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.histories.many import run_half

pytestmark = [pytest.mark.soak, pytest.mark.crash, pytest.mark.timeout(3600)]


def test_more_random_histories_end_alike_on_both_sides_and_at_the_operators(
    record_property: Callable[[str, object], None],
) -> None:
    run_half(1, record_property)
