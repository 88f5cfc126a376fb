"""Short jobs are claimed several at a time: each still runs once, and what nobody has begun is lost to nobody."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from edo_service.kernel import jobs
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs import ClaimedJob, Job, Runner
from edo_service.kernel.jobs.taking import AT_ONCE
from tests.fixtures.databases import MakeUnit

LEASE = timedelta(seconds=20)

Put = Callable[..., UUID]


@pytest.fixture
def put(unit: MakeUnit, us: UUID) -> Put:
    def put(kind: str = "work") -> UUID:
        with unit(us) as uow:
            job_id = uow.jobs.put(kind, owner_id=us)
            uow.commit()
        return job_id

    return put


class Worker:
    """A worker process that takes jobs in numbers, and what it has carried out."""

    def __init__(self, database: Database, clock: MovableClock, name: str, **handlers: jobs.JobHandler) -> None:
        self.ran: list[UUID] = []
        self.name = name
        table = {"work": self._note, "slow": self._note, **handlers}
        self.runner = Runner(
            database, clock, table, worker=name, lease=LEASE, heartbeat=False, together=frozenset({"work"})
        )

    def _note(self, job: ClaimedJob) -> None:
        self.ran.append(job.id)

    def step(self) -> UUID | None:
        return self.runner.run_one(several=True)


def held(database: Database) -> dict[str | None, int]:
    """How many running jobs each worker holds."""
    with Session(database.engine) as session:
        rows = session.scalars(select(Job.worker).where(Job.state == "running")).all()
    return {name: list(rows).count(name) for name in rows}


def test_short_jobs_are_claimed_together_and_run_once_in_order(
    database: Database, clock: MovableClock, put: Put
) -> None:
    wanted = [put() for _ in range(2 * AT_ONCE + 1)]
    first, second = Worker(database, clock, "first"), Worker(database, clock, "second")

    assert first.step() == wanted[0]
    assert held(database) == {"first": AT_ONCE - 1}, "the rest of what was claimed at once"
    assert second.step() == wanted[AT_ONCE], "another worker takes what is free, not what is held"
    while first.step() or second.step():
        pass

    assert sorted([*first.ran, *second.ran]) == sorted(wanted)
    assert first.ran[:AT_ONCE] == wanted[:AT_ONCE]


def test_other_kinds_and_callers_that_do_not_ask_for_it_take_one(
    database: Database, clock: MovableClock, put: Put
) -> None:
    worker = Worker(database, clock, "first")
    slow = [put("slow"), put("slow")]
    assert worker.step() == slow[0]
    assert held(database) == {}
    assert worker.step() == slow[1]
    short = [put(), put()]
    assert worker.runner.run_one() == short[0]
    assert held(database) == {}


def test_what_was_not_begun_is_put_back_without_a_failure(database: Database, clock: MovableClock, put: Put) -> None:
    wanted = [put() for _ in range(AT_ONCE)]
    first, second = Worker(database, clock, "first"), Worker(database, clock, "second")
    first.step()

    first.runner.put_back()

    assert held(database) == {}
    while second.step():
        pass
    assert second.ran == wanted[1:]
    with Session(database.engine) as session:
        assert set(session.scalars(select(Job.failures))) == {0}
        assert set(session.scalars(select(Job.attempt))) == {1}, "what was put back counts as no try"


def test_the_embedded_worker_puts_back_what_it_had_not_begun(database: Database, clock: MovableClock, put: Put) -> None:
    for _ in range(AT_ONCE):
        put()
    begun, go_on = threading.Event(), threading.Event()

    def wait(_job: ClaimedJob) -> None:
        begun.set()
        assert go_on.wait(120)

    worker = jobs.EmbeddedWorker(Worker(database, clock, "first", work=wait).runner)
    worker.start()
    assert begun.wait(120)
    threading.Timer(0.2, go_on.set).start()  # while it is being stopped; before or after makes no difference
    assert worker.stop(120)
    assert held(database) == {}


def test_a_lease_that_ran_out_meanwhile_gives_the_job_to_another(
    database: Database, clock: MovableClock, put: Put
) -> None:
    wanted = [put() for _ in range(AT_ONCE)]
    first, second = Worker(database, clock, "first"), Worker(database, clock, "second")
    first.step()
    clock.move(LEASE + timedelta(seconds=1))
    assert second.step() == wanted[1], "it looks as if the first had died"

    while first.step() or second.step():
        pass

    assert sorted([*first.ran, *second.ran]) == sorted(wanted), "each once"


def test_a_lease_is_prolonged_before_a_job_that_waited_is_begun(
    database: Database, clock: MovableClock, put: Put
) -> None:
    for _ in range(2):
        put()
    first, second = Worker(database, clock, "first"), Worker(database, clock, "second")

    def look(job: ClaimedJob) -> None:
        first.ran.append(job.id)
        clock.move(LEASE / 2 + timedelta(seconds=1))
        assert second.step() is None, "half a lease on from the last claim or renewal: nobody else's"

    first.runner.handlers["work"] = look
    assert first.step() is not None
    assert first.step() is not None
    assert len(first.ran) == 2
    assert second.ran == []


def test_a_job_that_has_failed_is_claimed_alone(database: Database, clock: MovableClock, put: Put) -> None:
    """One that kills its worker must not take others with it again and again."""
    poison, *others = [put() for _ in range(AT_ONCE)]
    dead = Worker(database, clock, "dead")
    dead.runner.handlers["work"] = lambda _job: (_ for _ in ()).throw(SystemExit("killed"))
    with pytest.raises(SystemExit):
        dead.step()
    clock.move(LEASE + timedelta(seconds=1))
    fresh = put()
    worker = Worker(database, clock, "next")

    while worker.step():
        assert "next" not in held(database), "those that lost their worker come one by one"

    assert sorted(worker.ran) == sorted([poison, *others, fresh])
