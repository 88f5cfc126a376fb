"""The servers are real, isolated per test and shared by the session."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.services.plugin import S3Endpoint
from tests.services.watcher import MEMORY_LINK

pytestmark = pytest.mark.full
ROOT = Path(__file__).resolve().parents[2]


def test_each_test_gets_an_empty_database_of_a_role_that_row_security_binds(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname='public'").fetchone()
        role = connection.execute("select rolsuper, rolbypassrls from pg_roles where rolname=current_user").fetchone()
        encoding = connection.execute("show server_encoding").fetchone()
    assert (tables, role, encoding) == ((0,), (False, False), ("UTF8",))


def test_a_quorum_queue_keeps_a_message_in_the_tests_own_virtual_host(rabbitmq_url: str) -> None:
    import kombu

    queue = kombu.Queue("q", queue_arguments={"x-queue-type": "quorum"}, durable=True)
    with kombu.Connection(rabbitmq_url) as connection:
        channel = connection.channel()
        bound = queue(channel)
        bound.declare()
        kombu.Producer(channel, routing_key="q").publish({"n": 1}, delivery_mode=2)
        with kombu.Consumer(channel, [bound], accept=["json"]) as consumer:
            got = []
            consumer.register_callback(lambda body, message: (got.append(body), message.ack()))
            while not got:
                connection.drain_events(timeout=240)
    assert got == [{"n": 1}]


def test_redis_databases_are_separate(redis_url: str, redis_server: dict[str, Any]) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as mine, redis.Redis.from_url(f"{redis_server['url']}/0") as zero:
        assert mine.dbsize() == 0
        mine.set("a", "1")
        assert zero.get("a") is None


def test_the_s3_server_has_versioned_buckets_with_object_lock(s3_endpoint: S3Endpoint) -> None:
    bucket = s3_endpoint.bucket()
    client = s3_endpoint.client()
    assert client.get_bucket_versioning(bucket).status == "Enabled"
    assert client.get_object_lock_config(bucket) is not None


def test_the_watcher_ends_the_servers_when_the_test_run_is_killed(tmp_path: Path) -> None:
    """A run killed with SIGKILL leaves no server behind: its pid is gone and so are its folder and its files in memory."""
    directory = Path(f"/tmp/edo-w-{uuid.uuid4().hex[:8]}")  # noqa: S108 - short on purpose, made and removed here
    files = tmp_path / "files"
    files.mkdir()
    code = (
        "import os, sys, json, time, subprocess; from pathlib import Path; from scripts import services\n"
        f"d = Path({str(directory)!r}); a = services.start('redis', d, throwaway=True)\n"
        f"(d / {MEMORY_LINK!r}).symlink_to({str(files)!r})\n"
        f"subprocess.Popen([sys.executable, '-m', 'tests.services.watcher', str(os.getpid()), str(d)],"
        " start_new_session=True)\n"
        "print((d / 'redis' / 'service.json').read_text(), flush=True); sys.stdin.read()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    import json

    from scripts.services.processes import alive, wait_until

    line = run.stdout.readline()
    if not line:
        run.communicate()
        pytest.skip("redis-server is absent (told by the other tests)")
    ((pid, born),) = json.loads(line)["pids"]
    assert alive(pid, born)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    wait_until(
        lambda: not (alive(pid, born) or directory.exists() or files.exists()), seconds=240, what="the watcher's work"
    )
