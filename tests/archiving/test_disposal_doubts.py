"""What a clearing must not take, and what must not stop it: answers on their way, new promises, damage of one set."""

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session

import archive
from edo_service.archiving import holders
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.tables import Package
from edo_service.archiving.use_cases.clear import BUSY, clear_again, clear_copies
from edo_service.exchange.tables import Annulment
from edo_service.kernel.ids import new_id
from edo_service.kernel.objects import IDLE, ObjectStore
from tests.archiving.test_desk_disposal import YEARS_SEVEN, machine
from tests.archiving.test_disposal_copies import annul, left, sha, sign, went
from tests.fixtures.archive_desk import DeskHouse


def clear(house: DeskHouse, objects: Any = None, store: Any = None) -> Any:
    desk = replace(house.desk, objects=objects or house.objects, store=store or house.store)
    return clear_copies(actor=machine(house), uow=house.uow(), desk=desk, shelf=house.shelf)


def refreshed(house: DeskHouse, package: UUID, content: bytes, *, put: bool) -> None:
    """A refreshed signature of the set is on its way into the archive, or lies there already."""
    sha256 = house.objects.put(content, owner=house.owner)
    if put:
        until = house.row(package).retain_until
        house.store.put(f"{house.owner}/{sha256}", content, retain_until=until)
    with house.uow() as uow:
        row = uow.session.scalars(select(PackageRefresh).where(PackageRefresh.package_id == package)).one_or_none()
        if row is None:
            row = PackageRefresh(id=new_id(), owner_id=house.owner, package_id=package, looked_at=house.clock.now())
            uow.session.add(row)
        row.made, row.underway = {"1.bin": {"sha256": sha256, "size": len(content)}}, True
        uow.commit()


def test_an_answer_to_an_annulment_that_is_still_on_its_way_stays(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package = house.keep(b"title")
    annul(house, package, b"annulment")
    with house.uow() as uow:
        row = uow.session.scalars(select(Annulment)).one()
        row.answer_sha256 = house.objects.put(b"refusal", owner=house.owner)
        row.answer_signature_sha256 = house.objects.put(b"signature of it", owner=house.owner)
        uow.commit()
    house.clock.move(YEARS_SEVEN)
    went(house, package)
    assert clear(house) is None
    assert left(house) == {sha(b"refusal"), sha(b"signature of it")}
    with house.uow() as uow:
        row = uow.session.scalars(select(Annulment)).one()
        row.decided_at = house.row(package).kept_at or row.created_at  # decided before the act: it goes with the rest
        clear_again(uow, uow.session.get_one(Package, package))
        uow.commit()
    assert clear(house) is None
    assert left(house) == set()


class Meanwhile:
    """The working store, beside which a refresh notes something newer."""

    def __init__(self, house: DeskHouse, package: UUID) -> None:
        self._house, self._package = house, package
        self.news = [b"newer"]

    def delete(self, owner: UUID, sha256: str) -> bool:
        if self.news:
            refreshed(self._house, self._package, self.news.pop(), put=False)
        return self._house.objects.delete(owner, sha256)


def test_a_promise_that_is_newer_than_the_look_is_not_overwritten(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package = house.keep(b"title")
    house.clock.move(YEARS_SEVEN)
    refreshed(house, package, b"older", put=False)
    house.clock.move(2 * IDLE)
    went(house, package)
    again = clear(house, cast("ObjectStore", Meanwhile(house, package)))
    assert again == house.clock.now() + BUSY
    assert house.row(package).cleared_at is None
    assert left(house) == {sha(b"newer")}
    with house.uow().reading() as uow:
        assert uow.session.scalars(select(PackageRefresh.underway)).one()
    house.clock.move(2 * IDLE)
    assert clear(house) is None
    assert left(house) == set()
    assert house.row(package).cleared_at is not None


class Shaky:
    """The archive's store that shows damage under one key, and under another that what was there has gone."""

    def __init__(self, house: DeskHouse, damaged: bytes, gone: bytes) -> None:
        self._house = house
        self._damaged, self._gone = (f"{house.owner}/{sha(one)}" for one in (damaged, gone))

    def stat(self, key: str) -> archive.Stat | None:
        if key == self._damaged:
            raise archive.Damaged(key, "it has no retention record")
        return self._house.store.stat(key)

    def delete(self, key: str) -> None:
        if key == self._gone:
            raise archive.NotStored(key)
        self._house.store.delete(key)


def test_damage_in_one_set_does_not_keep_the_others_waiting(bare_desk: DeskHouse) -> None:
    house = bare_desk
    sets = [house.keep(name) for name in (b"a", b"b", b"c")]
    for package, raised in zip(sets, (b"raised a", b"raised b", b"raised c"), strict=True):
        refreshed(house, package, raised, put=True)
    house.clock.move(YEARS_SEVEN)
    went(house, *sets)
    again = clear(house, store=Shaky(house, damaged=b"raised a", gone=b"raised b"))
    assert again == house.clock.now() + IDLE
    assert [house.row(one).cleared_at is None for one in sets] == [True, False, False]
    assert left(house) == {sha(b"raised a")}
    assert clear(house) is None, "the damage was mended"
    assert left(house) == set()
    assert house.row(sets[0]).cleared_at is not None


def test_evidence_of_all_signatures_is_read_in_pieces(bare_desk: DeskHouse) -> None:
    """A company has some for each of its signatures: memory may not grow with them."""
    house, asked = bare_desk, list[Any]()
    sign(house, house.keep(b"title"), b"cms", {"crls": [b"crl"]})
    lists = {one.key for one in holders.LISTS}

    def look(state: ORMExecuteState) -> None:
        if {one["name"] for one in state.statement.column_descriptions} & lists:  # type: ignore[attr-defined]  # a select
            asked.append(state.execution_options.get("yield_per"))

    event.listen(Session, "do_orm_execute", look)
    try:
        with house.uow().reading() as uow:
            assert holders.needed(uow, {sha(b"crl"), sha(b"nobody's")}) == {sha(b"crl")}
    finally:
        event.remove(Session, "do_orm_execute", look)
    assert len(asked) == len(holders.LISTS)
    assert None not in asked
