"""A signature that is raised again while its set is being disposed of goes with it, wherever either of them stops."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest
from sqlalchemy import select

from edo_service.archiving.evidence_desk import EvidenceDesk, EvidencePolicy
from edo_service.archiving.evidence_handlers import EvidenceHandlers
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.rules import REFRESH
from edo_service.archiving.use_cases.refresh import promise_refresh
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Job, Runner
from tests.archiving.test_desk_disposal import YEARS_SEVEN, dispose_of_all
from tests.archiving.test_disposal_copies import PowerCut, left
from tests.fixtures.archive_desk import DeskHouse

RAISED = b"the signature, raised again"
POLICY = EvidencePolicy(refresh=True)


@pytest.fixture
def refreshing(bare_desk: DeskHouse) -> DeskHouse:
    """A kept set whose signature has been raised and is to be put."""
    house = bare_desk
    package = house.keep(b"title", b"signature")
    sha256 = house.objects.put(RAISED, owner=house.owner)
    made = {"1.bin": {"sha256": sha256, "size": len(RAISED)}}
    with house.uow() as uow:
        row = PackageRefresh(
            id=new_id(), owner_id=house.owner, package_id=package, looked_at=house.clock.now(), due_at=None, made=made,
            underway=True, trouble=None,
        )  # fmt: skip
        uow.session.add(row)
        uow.commit()
    assert promise_refresh(house.owner, uow=house.uow(), policy=POLICY) is not None
    return house


def refresh(house: DeskHouse, meanwhile: Callable[[Callable[[], None]], None]) -> None:
    """Carry the promised job out; `meanwhile` is given each put to the archive, to carry it out when it pleases."""
    absent = cast("Any", None)

    class Watched(EvidenceDesk):
        """The desk whose puts may be late."""

        def _put(self, key: str, content: bytes, retain_until: datetime) -> None:
            put = super()._put
            meanwhile(lambda: put(key, content, retain_until))

    desk = Watched(
        store=house.store, objects=house.objects, timestamper=absent, clock=house.clock, load_trust=absent, evidence=absent,
        policy=POLICY,
    )  # fmt: skip
    table = {REFRESH: EvidenceHandlers(uow=house.uow, desk=desk).table()[REFRESH]}
    Runner(house.database, house.clock, table, worker="refreshing").drain(5)


def nothing_is_left(house: DeskHouse) -> bool:
    """Only the act and its register lie in the archive, nothing in the working store."""
    return len(list(house.store.keys())) == 2 and left(house) == set()


def settled(house: DeskHouse) -> bool:
    with house.uow().reading() as uow:
        return not uow.session.scalars(select(PackageRefresh.underway)).one()


def test_a_put_that_is_late_by_a_whole_disposal_is_taken_away(refreshing: DeskHouse) -> None:
    house = refreshing

    def late(put: Callable[[], None]) -> None:
        house.clock.move(YEARS_SEVEN)
        dispose_of_all(house)
        assert len(list(house.store.keys())) == 2
        put()
        assert len(list(house.store.keys())) == 3

    refresh(house, late)
    house.clock.move(YEARS_SEVEN)
    house.work()
    assert nothing_is_left(house)
    assert settled(house)


def test_a_put_whose_process_dies_before_it_saw_that_the_set_had_gone_is_taken_away(refreshing: DeskHouse) -> None:
    house = refreshing

    def dies(put: Callable[[], None]) -> None:
        house.clock.move(YEARS_SEVEN)
        dispose_of_all(house)
        put()
        raise PowerCut

    refresh(house, dies)
    with house.uow() as uow:  # the runner takes any error for a failure: the job is tried again
        assert uow.session.scalars(select(Job.state).where(Job.kind == REFRESH)).one() == "waiting"
    assert len(list(house.store.keys())) == 3
    house.clock.move(YEARS_SEVEN)
    refresh(house, lambda _put: pytest.fail("nothing is put any more"))
    house.work()
    assert nothing_is_left(house)
    assert settled(house)


def test_nothing_is_put_on_the_last_day_of_a_term(refreshing: DeskHouse) -> None:
    house = refreshing
    house.clock.move(YEARS_SEVEN)
    refresh(house, lambda _put: pytest.fail("its term is over"))
    assert len(list(house.store.keys())) == 2
