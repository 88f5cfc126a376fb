"""kill -9 of workers at every listed place of the road, at least three at each named point, on both profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest

from edo_service.settings import Settings
from tests.crash import cases
from tests.crash.reckoning import reckon
from tests.crash.servers import full_settings, own_servers
from tests.crash.stage import PACE, Stage, staged
from tests.services.plugin import S3Endpoint

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
Record = Callable[[str, object], None]


def test_named_points_on_the_embedded_profile(
    tmp_path_factory: pytest.TempPathFactory, record_property: Record
) -> None:
    settings = Settings(data_dir=tmp_path_factory.mktemp("points") / "data", demo=True, **PACE)
    with staged(settings) as stage:
        kill_at_every_place(stage, record_property)


@pytest.mark.full
def test_named_points_on_the_full_profile(
    tmp_path_factory: pytest.TempPathFactory,
    unavailable: Callable[[str], NoReturn],
    s3_endpoint: S3Endpoint,
    record_property: Record,
) -> None:
    with own_servers(unavailable) as servers:
        settings = full_settings(tmp_path_factory.mktemp("points") / "data", servers, s3_endpoint)
        with staged(settings) as stage:
            kill_at_every_place(stage, record_property)


def kill_at_every_place(stage: Stage, record: Record) -> None:
    """Go through every case whole; the counts go into docs/soak.json."""
    for case in cases.CASES.values():
        cases.kill_workers(stage, case)
    for name, number in {"kills": stage.kills, **reckon(stage)}.items():
        record(name, number)
