"""A promise of work is a row: claimed by one, fenced by attempts, repeated after failures, never lost."""

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InternalError

from edo_service.errors import Unavailable
from edo_service.kernel import jobs
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.jobs import ClaimedJob, GiveUp, Job, JobState, LostLease, Retry, Runner, claims
from edo_service.kernel.jobs.beating import Heartbeat
from edo_service.kernel.jobs.runner import TURN_SECONDS
from tests.fixtures.databases import MakeUnit

LEASE = timedelta(seconds=30)
Put = Callable[..., UUID]


@pytest.fixture
def put(unit: MakeUnit, us: UUID) -> Put:
    """Promise a job in a transaction of its own."""

    def promise(kind: str = "work", **options: object) -> UUID:
        with unit(us) as uow:
            job_id = uow.jobs.put(kind, owner_id=us, **options)
            uow.commit()
        return job_id

    return promise


def row(database: Database, job_id: UUID) -> Job:
    from sqlalchemy.orm import Session

    with Session(database.engine, expire_on_commit=False) as session:
        return session.scalars(select(Job).where(Job.id == job_id)).one()


def claim(database: Database, clock: MovableClock, job_id: UUID, worker: str = "w") -> ClaimedJob | None:
    return jobs.claim(database, clock, job_id, worker=worker, lease=LEASE)


def test_a_job_is_claimed_once_and_finished(database: Database, clock: MovableClock, put: Put, us: UUID) -> None:
    job_id = put(payload={"n": 1, "текст": "да"})

    first = claim(database, clock, job_id)
    second = claim(database, clock, job_id, "other")

    assert first is not None
    assert second is None
    assert (first.kind, first.owner_id, first.payload, first.attempt) == ("work", us, {"n": 1, "текст": "да"}, 1)
    assert first.scope.entities == {us}
    assert first.actor.is_system
    assert jobs.finish(database, clock, first)
    assert row(database, job_id).state == JobState.DONE
    assert claim(database, clock, job_id) is None
    assert not jobs.finish(database, clock, first)


def test_an_attempt_that_lost_its_lease_records_nothing(database: Database, clock: MovableClock, put: Put) -> None:
    job_id = put()
    slow = claim(database, clock, job_id, "slow")
    clock.move(LEASE)
    quick = claim(database, clock, job_id, "quick")
    assert slow is not None
    assert quick is not None
    assert (quick.attempt, quick.failures) == (2, 1)

    assert not jobs.finish(database, clock, slow)
    assert not jobs.fail(database, clock, slow, error="late")
    assert not jobs.renew(database, clock, slow, lease=LEASE)
    assert not jobs.postpone(database, clock, slow, after=LEASE, reason="late")
    assert row(database, job_id).worker == "quick"
    assert jobs.finish(database, clock, quick)


def test_a_renewed_lease_holds(database: Database, clock: MovableClock, put: Put) -> None:
    job_id = put()
    held = claim(database, clock, job_id)
    assert held is not None
    clock.move(LEASE * 0.9)
    assert jobs.renew(database, clock, held, lease=LEASE)
    clock.move(LEASE * 0.9)
    assert claim(database, clock, job_id) is None
    clock.move(LEASE * 0.2)
    assert claim(database, clock, job_id) is not None


def test_failures_wait_longer_and_longer_and_then_the_job_is_dead(
    database: Database, clock: MovableClock, put: Put
) -> None:
    job_id = put(max_failures=3)
    waits = []
    for _ in range(3):
        held = claim(database, clock, job_id)
        assert held is not None
        jobs.fail(database, clock, held, error="нет связи")
        waits.append(row(database, job_id).run_after - clock.now())
        assert claim(database, clock, job_id) is None
        clock.move(timedelta(hours=1))
    dead = row(database, job_id)
    assert waits == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert (dead.state, dead.error, dead.failures) == (JobState.DEAD, "нет связи", 3)
    assert claim(database, clock, job_id) is None
    assert jobs.revive(database, clock, job_id)
    assert not jobs.revive(database, clock, job_id)
    assert claim(database, clock, job_id) is not None
    assert jobs.backoff(60) == timedelta(hours=1)


def test_a_job_that_kills_its_workers_dies(database: Database, clock: MovableClock, put: Put) -> None:
    job_id = put(max_failures=2)
    for _ in range(2):
        assert claim(database, clock, job_id) is not None
        clock.move(LEASE)
    assert claim(database, clock, job_id) is None
    assert row(database, job_id).state == JobState.DEAD
    assert row(database, job_id).error == "lease ran out"


def test_one_live_job_per_kind_and_key(database: Database, clock: MovableClock, put: Put) -> None:
    later = clock.now() + timedelta(hours=1)
    first = put(key="a", run_after=later)
    assert put(key="a", run_after=later + timedelta(hours=1)) == first
    assert row(database, first).run_after == later, "a later promise does not postpone"
    assert put(key="a") == first
    assert row(database, first).run_after == clock.now(), "an earlier one pulls forward"
    assert put(key="b") != first
    assert put("other", key="a") != first
    assert put() != put(), "no key, no limit"

    held = claim(database, clock, first)
    assert held is not None
    jobs.finish(database, clock, held)
    assert put(key="a") != first, "an ended job does not count"


def test_a_promise_made_while_the_job_runs_runs_it_once_more(database: Database, clock: MovableClock, put: Put) -> None:
    job_id = put(key="a")
    held = claim(database, clock, job_id)
    assert held is not None

    assert put(key="a") == job_id
    assert put(key="a") == job_id
    assert jobs.finish(database, clock, held)

    assert row(database, job_id).state == JobState.WAITING
    again = claim(database, clock, job_id)
    assert again is not None
    jobs.finish(database, clock, again)
    assert row(database, job_id).state == JobState.DONE


def test_a_handler_may_end_its_job_with_its_effects(
    database: Database, clock: MovableClock, put: Put, unit: MakeUnit, us: UUID
) -> None:
    job_id = put(key="a")
    held = claim(database, clock, job_id)
    assert held is not None
    with unit(us) as uow:
        uow.jobs.finish(held)
    assert row(database, job_id).state == JobState.RUNNING, "rolled back with the rest"
    with unit(us) as uow:
        uow.jobs.finish(held)
        uow.commit()
    assert row(database, job_id).state == JobState.DONE
    with unit(us) as uow, pytest.raises(LostLease):
        uow.jobs.finish(held)


def test_a_handler_ending_a_job_that_was_promised_again_lets_it_wait(
    database: Database, clock: MovableClock, put: Put, unit: MakeUnit, us: UUID
) -> None:
    told: list[UUID] = []
    job_id = put(key="a")
    held = claim(database, clock, job_id)
    assert held is not None
    put(key="a")
    with unit(us, publish=lambda job_id, _queue: told.append(job_id)) as uow:
        uow.jobs.finish(held)
        uow.commit()
    assert row(database, job_id).state == JobState.WAITING
    assert told == [job_id]


def test_the_oldest_due_job_of_the_queues_asked_for_comes_first(
    database: Database, clock: MovableClock, put: Put
) -> None:
    second = put(queue="mail")
    clock.move(timedelta(seconds=1))
    third = put(queue="mail")
    first = put(queue="mail", run_after=clock.now() - timedelta(hours=1))
    put(queue="other")
    put("foreign", queue="mail")
    put(queue="mail", run_after=clock.now() + timedelta(seconds=1))

    def take() -> UUID | None:
        found = jobs.claim_next(database, clock, worker="w", lease=LEASE, kinds=["work"], queues=["mail"])
        return found.id if found else None

    assert [take(), take(), take(), take()] == [first, second, third, None]


def test_racing_workers_share_the_jobs(database: Database, clock: MovableClock, put: Put) -> None:
    wanted = {put(payload={"n": n}) for n in range(24)}
    ran: list[UUID] = []
    lock = threading.Lock()

    def handle(job: ClaimedJob) -> None:
        with lock:
            ran.append(job.id)

    runners = [Runner(database, clock, {"work": handle}, worker=f"w{n}", heartbeat=False) for n in range(4)]
    threads = [threading.Thread(target=runner.drain) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)

    assert sorted(ran) == sorted(wanted), "each exactly once"


def test_two_processes_going_through_the_same_jobs_take_each_once_in_order(
    database: Database, clock: MovableClock, put: Put
) -> None:
    """Each has read the list of what was due; what the other has taken meanwhile is passed over, nothing else is."""
    wanted, taken = [put() for _ in range(7)], list[UUID]()
    first, second = (
        Runner(database, clock, {"work": lambda job: taken.append(job.id)}, worker=name, lease=LEASE, heartbeat=False)
        for name in ("first", "second")
    )
    for _ in range(4):
        first.run_one()
        second.run_one()
    assert taken == wanted
    late = put()
    assert first.run_one() == late
    assert second.run_one() is None


def test_the_runner_records_what_the_handler_says(database: Database, clock: MovableClock, put: Put) -> None:
    def fail(_job: ClaimedJob) -> None:
        raise OSError("нет связи")

    def wait(_job: ClaimedJob) -> None:
        raise Retry(timedelta(minutes=5), "оператор ещё думает")

    def give_up(_job: ClaimedJob) -> None:
        raise GiveUp("ящик удалён")

    done: list[UUID] = []
    handlers = {"fail": fail, "wait": wait, "give_up": give_up, "good": lambda job: done.append(job.id)}
    runner = Runner(database, clock, handlers, heartbeat=False)
    ids = {kind: put(kind) for kind in handlers}
    foreign = put("unknown")

    assert runner.drain() == 4
    rows = {kind: row(database, job_id) for kind, job_id in ids.items()}
    assert (rows["fail"].state, rows["fail"].error, rows["fail"].failures) == ("waiting", "OSError: нет связи", 1)
    assert (rows["wait"].state, rows["wait"].failures) == ("waiting", 0)
    assert rows["wait"].run_after == clock.now() + timedelta(minutes=5)
    assert (rows["give_up"].state, rows["give_up"].error) == ("dead", "ящик удалён")
    assert rows["good"].state == "done"
    assert done == [ids["good"]]
    assert row(database, foreign).state == "waiting", "not ours: left to a worker that knows it"
    assert not runner.run(ids["good"])


def test_the_heartbeat_keeps_a_long_job(database: Database, clock: MovableClock, put: Put) -> None:
    job_id = put()
    renewed = threading.Event()

    def work(_job: ClaimedJob) -> None:
        clock.move(timedelta(seconds=0.2))  # what is left of the lease shows whether it was renewed
        before = row(database, job_id).lease_until
        for _ in range(6000):
            now = row(database, job_id).lease_until
            if before is not None and now is not None and now > before:
                renewed.set()
                return
            threading.Event().wait(0.01)

    Runner(database, clock, {"work": work}, lease=timedelta(seconds=0.3)).drain()

    assert renewed.is_set()
    assert row(database, job_id).state == JobState.DONE


def test_one_thread_beats_for_all_jobs_of_a_runner_and_ends_with_the_last(
    database: Database, clock: MovableClock, put: Put
) -> None:
    held = [claim(database, clock, put()) for _ in range(3)]
    beat = Heartbeat(database, clock, lease=timedelta(seconds=0.3))
    since = {job.id: row(database, job.id).lease_until for job in held if job}
    clock.move(timedelta(seconds=5))
    threads = set()
    with ExitStack() as keeping:
        for job in held:
            assert job is not None
            keeping.enter_context(beat.keeping(job))
            threads.add(beat.thread)
        (thread,) = threads
        assert thread is not None
        while any(row(database, job_id).lease_until == moment for job_id, moment in since.items()):
            threading.Event().wait(0.01)
    thread.join(60)
    assert not thread.is_alive()
    assert held[0] is not None
    with beat.keeping(held[0]):
        assert beat.thread is not None, "another begins with the next job"


def test_a_renewal_that_fails_ends_no_beat(
    database: Database, clock: MovableClock, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = claim(database, clock, put())
    assert held is not None
    since = row(database, held.id).lease_until
    clock.move(timedelta(seconds=5))
    renew, failures = claims.renew, iter([InternalError("UPDATE", {}, Exception("read-only")), Unavailable("away")])

    def fail_first(*arguments: Any, **named: Any) -> bool:
        for failure in failures:
            raise failure
        return renew(*arguments, **named)

    monkeypatch.setattr(claims, "renew", fail_first)
    with Heartbeat(database, clock, lease=timedelta(seconds=0.3)).keeping(held):
        for _ in range(6000):
            if row(database, held.id).lease_until != since:
                break
            threading.Event().wait(0.01)
    assert row(database, held.id).lease_until != since


def test_the_sweeper_publishes_what_nobody_holds(database: Database, clock: MovableClock, put: Put) -> None:
    told: list[UUID] = []

    def sweep() -> tuple[UUID, ...]:
        return jobs.sweep(database, clock, lambda job_id, _queue: told.append(job_id))

    fresh = put()
    delayed = put(run_after=clock.now() + timedelta(seconds=5))
    lost = put()
    assert claim(database, clock, lost) is not None

    assert sweep() == (), "all were told of just now, or wait, or are held"
    clock.move(timedelta(seconds=10))
    assert sweep() == (delayed,), "due now and never told"
    assert sweep() == ()
    clock.move(timedelta(seconds=31))
    assert set(sweep()) == {fresh, delayed, lost}
    assert len(told) == 4


def test_lag_is_the_age_of_the_oldest_due_job(database: Database, clock: MovableClock, put: Put) -> None:
    assert jobs.lag(database, clock) == {}
    assert jobs.next_due(database) is None
    put(queue="mail")
    put(queue="archive", run_after=clock.now() + timedelta(hours=2))
    clock.move(timedelta(minutes=3))
    assert jobs.lag(database, clock) == {"mail": timedelta(minutes=3)}
    assert jobs.next_due(database) == clock.now() - timedelta(minutes=3)


def test_the_embedded_worker_wakes_up_and_ends(
    database: Database, clock: MovableClock, unit: MakeUnit, us: UUID
) -> None:
    done = threading.Event()
    runner = Runner(database, clock, {"work": lambda _job: done.set()}, heartbeat=False)
    worker = jobs.EmbeddedWorker(runner, threads=2, idle=3600)
    worker.start()
    with pytest.raises(RuntimeError, match="running"):
        worker.start()
    with unit(us, publish=worker.publish) as uow:
        uow.jobs.put("work", owner_id=us)
        uow.commit()
    assert done.wait(120), "woken by the commit, not by the idle pause"
    assert worker.stop(120)
    assert sys.getswitchinterval() <= TURN_SECONDS, "who holds the write lock must not wait for the interpreter"


def test_a_job_of_no_entity_has_no_scope(database: Database, clock: MovableClock, unit: MakeUnit, us: UUID) -> None:
    with unit(us) as uow:
        job_id = uow.jobs.put("tidy", owner_id=None)
        uow.commit()
    held = claim(database, clock, job_id)
    assert held is not None
    with pytest.raises(ValueError, match="no entity"):
        _ = held.scope


def test_a_promise_made_while_the_job_runs_outlives_its_postponement(
    database: Database, clock: MovableClock, put: Put
) -> None:
    job_id = put(key="a")
    for promised, waits in ((False, LEASE), (True, timedelta())):
        held = claim(database, clock, job_id)
        assert held is not None
        if promised:
            assert put(key="a") == job_id
        assert jobs.postpone(database, clock, held, after=LEASE, reason="busy")
        assert row(database, job_id).run_after == clock.now() + waits
        clock.move(waits)
    assert claim(database, clock, job_id) is not None
