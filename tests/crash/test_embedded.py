"""kill -9 on the embedded profile: SQLite, files, the claiming worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edo_service.settings import Settings
from tests.crash import cases
from tests.crash.pressing import kill_portal
from tests.crash.stage import PACE, Stage, staged

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("embedded") / "data"
    with staged(Settings(data_dir=folder, demo=True, **PACE)) as ready:
        yield ready


@pytest.mark.parametrize("point", cases.ALL_POINTS)
def test_every_named_point_kills_a_worker_here_and_at_least_three_in_the_soak(point: str) -> None:
    assert cases.deaths_at(point, brief=True) >= 1
    assert cases.deaths_at(point) >= cases.DEATHS


@pytest.mark.parametrize("name", cases.BRIEF)
def test_workers_killed_at_named_points_lose_and_double_nothing(stage: Stage, name: str) -> None:
    cases.kill_workers(stage, cases.BRIEF[name])


def test_a_portal_killed_under_presses_loses_and_doubles_nothing(stage: Stage) -> None:
    kill_portal(stage)
