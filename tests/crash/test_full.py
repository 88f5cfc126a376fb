"""kill -9 on the full profile: PostgreSQL, RabbitMQ, S3 with Object Lock, Celery; and of the database and the broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest

from edo_service.errors import EdoError
from tests.crash import cases
from tests.crash.pressing import EACH_POINT_ONCE, kill_portal
from tests.crash.reckoning import reckon
from tests.crash.servers import OwnServers, full_settings, own_servers
from tests.crash.stage import Stage, staged
from tests.services.plugin import S3Endpoint

pytestmark = [pytest.mark.crash, pytest.mark.full, pytest.mark.timeout(900)]
BACK_WITHIN = 180.0
"""Seconds after the database's return within which errors must have ended: seconds on an idle machine, more on a busy one."""


@pytest.fixture(scope="module")
def servers(unavailable: Callable[[str], NoReturn]) -> Iterator[OwnServers]:
    with own_servers(unavailable) as started:
        yield started


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, servers: OwnServers, s3_endpoint: S3Endpoint) -> Iterator[Stage]:
    settings = full_settings(tmp_path_factory.mktemp("full") / "data", servers, s3_endpoint)
    with staged(settings) as ready:
        yield ready


@pytest.mark.parametrize("name", cases.BRIEF)
def test_workers_killed_at_named_points_lose_and_double_nothing(stage: Stage, name: str) -> None:
    cases.kill_workers(stage, cases.BRIEF[name])


def test_a_portal_killed_under_presses_loses_and_doubles_nothing(stage: Stage) -> None:
    """Each point once; the embedded profile has every press."""
    kill_portal(stage, EACH_POINT_ONCE)


def test_a_killed_database_comes_back_and_everything_goes_on_by_itself(stage: Stage, servers: OwnServers) -> None:
    """Once here; the soak kills it at random, many times."""
    roads = [stage.new_road()]
    room = stage.machine_room()
    for road in roads:
        stage.until("some progress", lambda road=road: stage.line_of_sender(road).delivery != "queued")
        servers.postgres.kill()
        with pytest.raises(EdoError, match=r"database\.unavailable"):
            stage.is_idle()
        servers.postgres.start_again()
        back = time.monotonic()
        stage.until("the portal's reads", lambda: _answers(stage), seconds=BACK_WITHIN)
        before = stage.feeds_read()
        stage.until("the workers' feeds", lambda before=before: stage.feeds_read() > before, seconds=BACK_WITHIN)
        assert time.monotonic() - back < BACK_WITHIN
        stage.kills += 1
    stage.walk_on(*roads)
    assert all(process.is_alive() for process in room), "nobody had to be started again"
    stage.kill(*room)
    reckon(stage)


def test_a_killed_broker_delays_and_loses_nothing(stage: Stage, servers: OwnServers) -> None:
    room = stage.machine_room()
    before = stage.new_road()
    stage.until("some progress", lambda: stage.line_of_sender(before).delivery != "queued")
    servers.rabbitmq.kill()
    began = time.monotonic()
    during = stage.new_road()
    assert time.monotonic() - began < BACK_WITHIN, "a commit does not wait for a broker that is away"
    servers.rabbitmq.start_again()
    stage.walk_on(before, during)
    assert all(process.is_alive() for process in room), "nobody had to be started again"
    stage.kill(*room)
    reckon(stage)


def _answers(stage: Stage) -> bool:
    try:
        stage.is_idle()
    except EdoError:
        return False
    return True
