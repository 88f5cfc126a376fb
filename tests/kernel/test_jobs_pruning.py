from datetime import timedelta

from edo_service.kernel import jobs
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.scope import Scope
from edo_service.kernel.uow import UnitOfWork


def test_done_jobs_are_forgotten_after_their_time_and_waiting_ones_never(
    database: Database, clock: MovableClock
) -> None:
    uow = UnitOfWork(database, clock, Scope.of())
    runner = jobs.Runner(database, clock, {"poll": lambda _job: None, "work": lambda _job: None}, heartbeat=False)
    with uow:
        uow.jobs.put("poll", owner_id=None)
        uow.jobs.put("work", owner_id=None)
        uow.commit()
    assert runner.drain() == 2
    with uow:
        uow.jobs.put("poll", owner_id=None)
        uow.commit()
    clock.move(timedelta(minutes=11))

    assert jobs.prune(database, clock, older_than=timedelta(minutes=10), kinds={"poll"}) == 1
    assert jobs.prune(database, clock, older_than=timedelta(days=30)) == 0
    clock.move(timedelta(days=31))
    assert jobs.prune(database, clock, older_than=timedelta(days=30)) == 1
    assert runner.drain() == 1
