"""kill -9 on the full profile: PostgreSQL, RabbitMQ, S3 with Object Lock, Celery; and of the database itself."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edo_service.settings import Settings
from tests.crash import cases
from tests.crash.stage import ACCOUNTANT, Stage, staged
from tests.services.plugin import S3Endpoint

pytestmark = [pytest.mark.crash, pytest.mark.full]


@pytest.fixture(scope="module")
def full_settings(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: dict[str, Any],
    rabbitmq_server: dict[str, Any],
    s3_endpoint: S3Endpoint,
) -> Iterator[Settings]:
    import psycopg

    from scripts.services import rabbitmq

    folder: Path = tmp_path_factory.mktemp("full") / "data"
    name = f"c{secrets.token_hex(8)}"
    with psycopg.connect(f"{postgres_server['admin_url']}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} owner edo template template0")
    yield Settings(
        profile="full",
        data_dir=folder,
        demo=True,
        database_url=f"{postgres_server['url']}/{name}",
        broker_url=rabbitmq.create_vhost(rabbitmq_server, name),
        s3_endpoint=s3_endpoint.endpoint,
        s3_access_key=s3_endpoint.access_key,
        s3_secret_key=s3_endpoint.secret_key,
        s3_region=s3_endpoint.region,
        s3_secure=False,
        s3_objects_bucket=s3_endpoint.bucket(object_lock=False),
        s3_archive_bucket=s3_endpoint.bucket(),
        secret_keys=base64.b64encode(os.urandom(32)).decode(),
        job_lease_seconds=1.5,
        sweep_seconds=0.5,
        operator_poll_seconds=0.3,
        seal_seconds=0.5,
    )
    rabbitmq.delete_vhost(rabbitmq_server, name)
    with psycopg.connect(f"{postgres_server['admin_url']}/postgres", autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def stage(full_settings: Settings) -> Iterator[Stage]:
    with staged(full_settings) as ready:
        yield ready


@pytest.mark.parametrize("point", cases.ALL_POINTS)
def test_a_worker_killed_at_a_named_point_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    assert cases.kill_worker_at(stage, point) == cases.DEATHS


@pytest.mark.parametrize("point", cases.IN_WEB)
def test_a_web_process_killed_under_a_person_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    assert cases.kill_web_at(stage, point) >= 1


def test_the_demo_walks_the_whole_road_on_the_full_profile(stage: Stage) -> None:
    number = stage.new_upd()
    assert stage.act("send", login=ACCOUNTANT.login, document=str(stage.id_of(ACCOUNTANT, number))) == 0
    stage.settle(number)
    stage.reckon()
