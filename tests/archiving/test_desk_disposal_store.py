"""Disposal against a store that refuses, and beside other sets: whole or not at all, what others need stays."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import archive
from edo_service.archiving import queries_disposal
from edo_service.archiving.desk_tables import DisposalLine
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.tables import Package
from edo_service.archiving.use_cases.disposal import DISPOSE, propose_disposal
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Job
from edo_service.kernel.journal import JournalEntry
from edo_service.kernel.scope import SystemScope
from tests.archiving.test_desk_disposal import YEARS_SEVEN, approve, dispose_of_all, propose
from tests.fixtures.archive_desk import DeskHouse


class Watched(archive.FileStore):
    """A file store that tells before each deletion; `before` may refuse it."""

    deletions = 0
    before: Callable[[int, str], None]

    def delete(self, key: str) -> None:
        self.deletions += 1
        self.before(self.deletions, key)
        super().delete(key)


@pytest.fixture
def watched(bare_desk: DeskHouse) -> tuple[DeskHouse, Watched]:
    """The house over such a store."""
    store = Watched(bare_desk.folder / "archive", bare_desk.clock)
    return replace(bare_desk, store=store), store


def refuse_at(place: int) -> Callable[[int, str], None]:
    def before(number: int, key: str) -> None:
        if number == place:
            raise archive.RetentionRefused(key, "the server refused")

    return before


def halted(house: DeskHouse, act: UUID) -> tuple[int, list[tuple[str, str | None]]]:
    """What the desk shows of an act's sets."""
    found, lines = queries_disposal.act(act, uow=house.uow().reading())
    return found.halted, [(line.state, line.spared) for line in lines]


def told(house: DeskHouse) -> int:
    with house.uow(SystemScope("health")).reading() as uow:
        query = select(JournalEntry.id).where(JournalEntry.event == "archive.disposal_halted")
        return len(uow.session.scalars(query).all())


def test_a_set_whose_first_part_the_store_refuses_is_spared_whole(watched: tuple[DeskHouse, Watched]) -> None:
    house, store = watched
    store.before = refuse_at(1)
    package = house.keep(b"x", b"y")
    house.clock.move(YEARS_SEVEN)
    act = dispose_of_all(house)
    found, lines = queries_disposal.act(act, uow=house.uow().reading())
    assert (found.state, [(line.state, line.spared) for line in lines]) == ("done", [("spared", "store")])
    assert house.row(package).state == "kept"
    assert all(house.there(package))


def test_a_signature_that_never_reached_the_store_is_no_half_of_a_set(watched: tuple[DeskHouse, Watched]) -> None:
    house, store = watched
    store.before = refuse_at(1)
    package = house.keep(b"x", b"y")
    with house.uow() as uow:
        owner, now = house.row(package).owner_id, house.clock.now()
        made = {"y": {"sha256": hashlib.sha256(b"raised").hexdigest(), "size": 6}}
        uow.session.add(
            PackageRefresh(
                id=new_id(), owner_id=owner, package_id=package, looked_at=now, due_at=None, made=made, underway=True,
                trouble=None,
            )
        )  # fmt: skip
        uow.commit()
    house.clock.move(YEARS_SEVEN)
    act = dispose_of_all(house)
    assert halted(house, act) == (0, [("spared", "store")])
    assert house.row(package).state == "kept"
    assert all(house.there(package))


def test_a_set_that_the_store_refuses_half_way_is_carried_on_and_never_called_kept(
    watched: tuple[DeskHouse, Watched],
) -> None:
    house, store = watched
    store.before = refuse_at(2)
    package = house.keep(b"x", b"y", b"z")
    house.clock.move(YEARS_SEVEN)
    act = dispose_of_all(house)
    assert sorted(house.there(package)) == [False, True, True]
    assert house.row(package).state == "disposing"
    assert halted(house, act) == (1, [("deleting", "half")])
    left = next(iter(store.keys()))
    store.set_hold(left, True)
    for _ in range(3):
        house.clock.move(YEARS_SEVEN)
        house.work()
    assert house.row(package).state == "disposing", "half a set is not kept"
    assert halted(house, act) == (1, [("deleting", "half")])
    assert told(house) == 1, "the journal says so once"
    store.set_hold(left, False)
    house.clock.move(YEARS_SEVEN)
    house.work()
    assert not any(house.there(package))
    assert queries_disposal.act(act, uow=house.uow().reading())[0].state == "done"
    assert halted(house, act) == (0, [("deleted", None)])


def test_a_halted_set_is_asked_for_when_its_protection_ends_and_the_rest_of_the_act_goes_on(
    watched: tuple[DeskHouse, Watched],
) -> None:
    house, store = watched
    store.before = lambda *_: None
    stuck, free = house.keep(b"x", b"y"), house.keep(b"z")
    house.clock.move(YEARS_SEVEN)
    act = propose(house)
    store.delete(f"{house.owner}/{hashlib.sha256(b'x').hexdigest()}")  # as a crash half-way left it
    with house.uow() as uow:
        line = uow.session.scalars(select(DisposalLine).where(DisposalLine.package_id == stuck)).one()
        line.state, uow.session.get_one(Package, stuck).state = "deleting", "disposing"
        uow.commit()
    store.extend(f"{house.owner}/{hashlib.sha256(b'y').hexdigest()}", house.clock.now() + timedelta(hours=5))
    for name in ("Ким", "Лосев"):
        approve(house, act, name)
    house.work()
    assert (house.row(stuck).state, house.row(free).state) == ("disposing", "disposed")
    assert queries_disposal.acts(uow=house.uow().reading())[0].halted == 1
    house.clock.move(timedelta(hours=4))
    assert house.work() == 0, "nobody asks before the protection ends"
    house.clock.move(timedelta(hours=2))
    house.work()
    assert (house.row(stuck).state, any(house.there(stuck))) == ("disposed", False)
    assert queries_disposal.act(act, uow=house.uow().reading())[0].state == "done"


def test_a_part_that_a_new_set_needs_meanwhile_stays(watched: tuple[DeskHouse, Watched]) -> None:
    house, store = watched
    contents = {archive.key_of(str(house.owner), one): one for one in (b"x", b"y", b"z")}
    made = []

    def before(_number: int, key: str) -> None:
        if not made:
            made.append(house.keep(*(one for name, one in contents.items() if name != key)))

    store.before = before
    package = house.keep(*contents.values())
    house.clock.move(YEARS_SEVEN)
    dispose_of_all(house)
    assert store.deletions == 1
    assert house.row(package).state == "disposed"
    assert house.there(made[0]) == [True, True]


def test_two_acts_whose_sets_share_a_part_leave_nothing(any_desk: DeskHouse) -> None:
    house = any_desk
    sets = [house.keep(one, b"common") for one in (b"a", b"b")]
    house.clock.move(YEARS_SEVEN)
    acts = [
        propose_disposal(reason="x", actor=house.actor(), uow=house.uow(), package_ids=[package]) for package in sets
    ]
    for act in acts:
        approve(house, act, "Ким")
        approve(house, act, "Лосев")
    with house.uow(SystemScope("archiving.scrub")).reading() as uow:
        assert len(uow.session.scalars(select(Job.id).where(Job.kind == DISPOSE)).all()) == 1, "never two at once"
    house.work()
    assert [house.row(package).state for package in sets] == ["disposed", "disposed"]
    assert not any(there for package in sets for there in house.there(package))
    assert {queries_disposal.act(act, uow=house.uow().reading())[0].state for act in acts} == {"done"}


def test_an_act_that_cannot_be_carried_out_does_not_stop_the_next(watched: tuple[DeskHouse, Watched]) -> None:
    house, store = watched
    store.before = refuse_at(2)
    first = house.keep(b"x", b"y")
    house.clock.move(YEARS_SEVEN)
    stuck = propose(house)
    second = house.keep(b"z")
    house.clock.move(YEARS_SEVEN)
    other = propose(house)
    for act in (stuck, other):
        approve(house, act, "Ким")
        approve(house, act, "Лосев")
    house.work()
    assert (house.row(first).state, house.row(second).state) == ("disposing", "disposed")
