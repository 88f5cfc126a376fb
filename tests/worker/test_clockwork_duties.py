"""The clock: duties are done when due; one that fails is tried again soon and stops no other."""

from datetime import timedelta

import pytest

from edo_service.errors import Conflict
from edo_service.worker.clockwork import TRY_AGAIN, Clockwork, Duty
from tests.fixtures.road import House


def clockwork_with(house: House, *duties: Duty) -> Clockwork:
    made = Clockwork(services=house.services)
    made._duties[:] = duties
    return made


@pytest.mark.parametrize("error", [Conflict("x"), KeyError("x"), OSError("disk")])
def test_a_failing_duty_stops_no_other_and_is_tried_again_soon(house: House, error: Exception) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("fails")
        raise error

    every = timedelta(hours=1)
    clockwork = clockwork_with(
        house,
        Duty(name="fails", every=every, act=fails),
        Duty(name="works", every=every, act=lambda: done.append("works")),
    )
    clockwork.step()
    clockwork.step()
    assert done == ["fails", "works"]
    house.clock.move(TRY_AGAIN)
    clockwork.step()
    assert done == ["fails", "works", "fails"]


def test_a_clock_set_back_stops_no_duty(house: House) -> None:
    done: list[int] = []
    clockwork = clockwork_with(house, Duty(name="x", every=timedelta(minutes=1), act=lambda: done.append(1)))
    clockwork.step()
    house.clock.move(timedelta(days=-30))
    clockwork.step()
    clockwork.step()
    assert len(done) == 2


def test_every_duty_of_the_service_can_be_done(house: House) -> None:
    clockwork = Clockwork(services=house.services)
    clockwork.step()
    assert clockwork.canary_report is not None
    assert clockwork.canary_report.ok
    assert all(duty.next == house.clock.now() + duty.every for duty in clockwork._duties)
