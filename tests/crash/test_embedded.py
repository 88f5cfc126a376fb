"""kill -9 on the embedded profile: SQLite, files, the claiming worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edo_service.settings import Settings
from tests.crash import cases
from tests.crash.stage import Stage, staged

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("embedded") / "data"
    settings = Settings(
        data_dir=folder,
        demo=True,
        job_lease_seconds=1.5,
        sweep_seconds=0.5,
        operator_poll_seconds=0.3,
        seal_seconds=0.5,
    )
    with staged(settings) as ready:
        yield ready


@pytest.mark.parametrize("point", [point for point in cases.ALL_POINTS if point != "publish.before"])
def test_a_worker_killed_at_a_named_point_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    assert cases.kill_worker_at(stage, point) == cases.DEATHS


@pytest.mark.parametrize("point", [point for point in cases.IN_WEB if point != "publish.before"])
def test_a_web_process_killed_under_a_person_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    assert cases.kill_web_at(stage, point) >= 1
