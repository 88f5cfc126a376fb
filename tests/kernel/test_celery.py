"""The full profile's way of running jobs: RabbitMQ carries ids, the table is the truth, a lost broker costs nothing."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edo_service.adapters.celery_publisher import QUEUES, TASK, CeleryPublisher, celery_app
from edo_service.kernel import jobs
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.database import Database
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Job, JobState
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork

pytestmark = pytest.mark.full
ROOT = Path(__file__).resolve().parents[2]

WORKER = """
import os, sys, time
from datetime import timedelta
from uuid import UUID
from edo_service.adapters.celery_publisher import TASK, celery_app
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs import Runner

broker, url, marks = sys.argv[1:]
app = celery_app(broker)
rooms = {}

class Ahead(SystemClock):
    def now(self):
        return super().now() + timedelta(seconds=3600 * os.path.exists(f"{marks}/an-hour-later"))

def handle(job):
    with open(f"{marks}/{job.id}", "a") as file:
        file.write(f"{job.attempt}\\n")
    if job.payload.get("die") and job.attempt == 1:
        os.kill(os.getpid(), 9)

@app.task(name=TASK, ignore_result=True)
def run_job(job_id):
    if os.getpid() not in rooms:
        rooms[os.getpid()] = Runner(Database(url), Ahead(), {"work": handle}, lease=timedelta(minutes=30))
    rooms[os.getpid()].run(UUID(job_id))

app.worker_main(["worker", "--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=ERROR"])
"""


@pytest.fixture
def broken_off() -> str:
    """A broker's address where nobody listens."""
    return "amqp://guest:guest@127.0.0.1:1//"


@pytest.fixture
def live_database(migrated_postgres_url: str) -> Iterator[Database]:
    database = Database(migrated_postgres_url)
    yield database
    database.dispose()


@pytest.fixture
def worker(
    rabbitmq_url: str, migrated_postgres_url: str, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start Celery workers; they are ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, rabbitmq_url, migrated_postgres_url, str(tmp_path)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


def promise(database: Database, publish: jobs.Publish, **payload: object) -> UUID:
    owner = new_id()
    with UnitOfWork(database, SystemClock(), Scope.of(owner), publish=publish) as uow:
        job_id = uow.jobs.put("work", owner_id=owner, payload=payload)
        uow.commit()
    return job_id


class Ahead(SystemClock):
    """An hour after the present."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


def states(database: Database) -> dict[UUID, str]:
    from sqlalchemy import select

    with database.transaction(read_only=True) as connection:
        return {row.id: row.state for row in connection.execute(select(Job.id, Job.state))}


def wait_until(condition: Callable[[], bool], database: Database, each: Callable[[], object]) -> None:
    """Wait until the condition holds, calling `each` (a sweep) all the while."""
    end = time.monotonic() + 240
    tick = threading.Event()
    while not condition():
        assert time.monotonic() < end, states(database)
        each()
        tick.wait(0.2)


def test_ids_travel_through_quorum_queues_and_killed_workers_lose_nothing(
    live_database: Database, rabbitmq_url: str, worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    """No lease runs out by itself, however slow the machine: an hour passes when only the killed ones are left."""
    publisher = CeleryPublisher(rabbitmq_url)
    plain = [promise(live_database, publisher) for _ in range(10)]
    deadly = [promise(live_database, publisher, die=True) for _ in range(2)]

    worker()

    def sweep(clock: SystemClock) -> None:
        jobs.sweep(live_database, clock, publisher, republish_after=timedelta(seconds=1))

    def ended(*wanted: UUID) -> bool:
        found = states(live_database)
        return {found[one] for one in wanted} == {JobState.DONE.value}

    def all_tried() -> bool:
        return ended(*plain) and all((tmp_path / str(one)).exists() for one in deadly)

    wait_until(all_tried, live_database, lambda: sweep(SystemClock()))
    (tmp_path / "an-hour-later").touch()
    wait_until(lambda: ended(*deadly), live_database, lambda: sweep(Ahead()))
    publisher.close()
    assert {path.name for path in tmp_path.iterdir() if path.name.count("-") == 4} == {
        str(one) for one in (*plain, *deadly)
    }
    assert all((tmp_path / str(one)).read_text() == "1\n" for one in plain), "each ran once"
    assert all((tmp_path / str(one)).read_text().startswith("1\n") for one in deadly)
    assert all(len((tmp_path / str(one)).read_text().splitlines()) == 2 for one in deadly), "and once more"


def test_queues_are_quorum_queues_on_a_topic_exchange(rabbitmq_url: str, rabbitmq_server: dict[str, object]) -> None:
    app = celery_app(rabbitmq_url)
    with app.connection_for_write() as connection:
        for queue in app.conf.task_queues:
            bound = queue(connection.default_channel)
            bound.declare()
            assert bound.queue_arguments == {"x-queue-type": "quorum"}
            assert bound.exchange.type == "topic"
    assert {queue.routing_key for queue in app.conf.task_queues} == set(QUEUES)
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    app.close()


def test_a_broker_that_is_away_does_not_break_a_commit(
    live_database: Database, broken_off: str, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = CeleryPublisher(broken_off, pause=3600)

    made = {promise(live_database, publisher) for _ in range(20)}

    tried = [line for line in caplog.messages if "the broker was not told" in line]
    assert len(tried) == 1, "after the first refusal nothing is tried for a while"
    assert set(states(live_database)) == made, "the rows are there: the sweeper will tell of them"
    publisher.close()


def test_the_sweeper_tells_a_broker_that_is_back(live_database: Database, broken_off: str, rabbitmq_url: str) -> None:
    away = CeleryPublisher(broken_off)
    job_id = promise(live_database, away)
    back = CeleryPublisher(rabbitmq_url)

    assert jobs.sweep(live_database, Ahead(), back) == (job_id,)
    app = celery_app(rabbitmq_url)
    with app.connection_for_read() as connection:
        message = connection.SimpleQueue(app.conf.task_queues[0]).get(timeout=120)
        assert message.headers["task"] == TASK
        assert message.payload[0] == [str(job_id)]
        message.ack()
    for one in (away, back, app):
        one.close()


def test_every_queue_that_jobs_are_put_into_is_consumed() -> None:
    named = set()
    for path in (ROOT / "edo_service").rglob("*.py"):
        named |= set(re.findall(r'\bqueue: ?(?:str )?= ?"(\w+)"|\bqueue="(\w+)"', path.read_text(encoding="utf-8")))
    used = {name for pair in named for name in pair if name}

    assert {"signing", "exchange", "archive"} <= used
    assert used <= set(QUEUES)
