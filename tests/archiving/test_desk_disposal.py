"""Holds, terms and disposal: nothing goes early, alone or under a hold; what goes leaves its act."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

import archive
from edo_service.accounts.rules import Role
from edo_service.archiving import queries, queries_disposal
from edo_service.archiving.desk_tables import DisposalAct
from edo_service.archiving.queries import Search
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.use_cases.disposal import approve_disposal, propose_disposal, reject_disposal
from edo_service.archiving.use_cases.dispose import dispose
from edo_service.archiving.use_cases.hand_over import hand_over
from edo_service.archiving.use_cases.hold import lift_hold, set_hold
from edo_service.archiving.use_cases.retain import extend_term
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import reading
from edo_service.kernel.objects import ObjectStore
from tests.fixtures.archive_desk import DeskHouse

YEARS_SEVEN = timedelta(days=7 * 366)


def propose(house: DeskHouse) -> UUID:
    return propose_disposal(reason="Плановое", actor=house.actor(), uow=house.uow())


def machine(house: DeskHouse) -> Actor:
    return Actor.automatic("archive.dispose", house.owner)


def approve(house: DeskHouse, act: UUID, name: str) -> str:
    return approve_disposal(act, actor=house.actor(name, Role.CONTROLLER), uow=house.uow())


def dispose_of_all(house: DeskHouse) -> UUID:
    act = propose(house)
    approve(house, act, "Ким")
    approve(house, act, "Лосев")
    house.work()
    return act


def hold(house: DeskHouse, *sets: UUID, name: str = "Ким") -> UUID:
    return set_hold(sets, ground="Определение суда", reason="Спор", actor=house.actor(name), uow=house.uow())


def lift(house: DeskHouse, found: UUID, name: str = "Лосев") -> None:
    lift_hold(found, reason="Спор окончен", actor=house.actor(name, Role.CONTROLLER), uow=house.uow())


def holds_in_store(house: DeskHouse) -> list[bool]:
    keys = list(house.store.keys())
    return [stat.hold for key in keys if (stat := house.store.stat(key)) is not None]


def test_a_set_goes_after_its_term_by_two_persons_and_leaves_its_act(any_desk: DeskHouse) -> None:
    house = any_desk
    gone, shared = house.keep(b"one", b"shared"), b"shared"
    house.clock.move(timedelta(days=800))
    stays = house.keep(shared, b"two", dated=date(2029, 1, 1))
    with pytest.raises(Rejected, match="act_empty"):
        propose(house)
    house.clock.move(timedelta(days=4 * 366))

    act = propose(house)
    assert house.row(gone).proposed
    assert approve(house, act, "Ким") == "approved_once"
    with pytest.raises(Conflict, match="approve_twice"):
        approve(house, act, "Ким")
    house.work()
    assert all(house.there(gone)), "one person is not enough"
    assert approve(house, act, "Лосев") == "approved"
    house.work()

    assert house.row(gone).state == "disposed"
    assert house.there(gone) == [False, True], "what another set has too stays"
    assert house.there(stays) == [True, True]
    found, lines = queries_disposal.act(act, uow=house.uow().reading())
    assert found.state == "done"
    assert [line.state for line in lines] == ["deleted"]
    assert found.paper_sha256 is not None
    assert house.store.get(f"{house.owner}/{found.paper_sha256}").startswith(b"%PDF")
    with house.uow().reading() as uow:
        row = uow.session.scalars(select(DisposalAct)).one()
        document = uow.session.scalars(select(Document).where(Document.id == house.row(gone).document_id)).one()
        assert reading.last(uow, "archive.disposed", subject=f"package:{gone}") is not None
    register = json.loads(house.store.get(f"{house.owner}/{row.register_sha256}"))
    assert [one["package"] for one in register["sets"]] == [str(gone)]
    assert {one["by"] for one in register["approved"]} == {"Ким", "Лосев"}
    assert document.archive == "disposed"
    assert queries.search(Search(text="северный", status="disposed"), uow=house.uow().reading()).found == 0, (
        "words are gone"
    )
    assert queries.search(Search(status="disposed"), uow=house.uow().reading()).found == 1, "the row stays"
    kept, underway = queries.promised_parts(uow=house.uow().reading())
    promised = {key for key, _ in kept} | underway
    assert promised == set(house.store.keys()), "the scrub finds neither a gap nor an orphan"


def test_a_hold_beats_the_term_and_an_act_that_is_approved_already(bare_desk: DeskHouse) -> None:
    house = bare_desk
    held, free = house.keep(b"held"), house.keep(b"free")
    house.clock.move(YEARS_SEVEN)
    act = propose(house)
    approve(house, act, "Ким")
    approve(house, act, "Лосев")
    found = hold(house, held)
    house.work()
    assert all(house.there(held))
    assert not any(house.there(free))
    _, lines = queries_disposal.act(act, uow=house.uow().reading())
    assert {line.package_id: (line.state, line.spared) for line in lines} == {
        held: ("spared", "held"), free: ("deleted", None),
    }  # fmt: skip
    stat = house.store.stat(archive.key_of(str(house.owner), b"held"))
    assert stat is not None
    assert stat.hold, "the store was told"
    with pytest.raises(Conflict, match="being_disposed"):
        hold(house, free)
    with pytest.raises(Rejected):
        propose(house)
    lift(house, found)
    house.work()
    assert queries_disposal.hold(found, uow=house.uow().reading())[0].state == "lifted"
    dispose_of_all(house)
    assert not any(house.there(held))


def test_a_hold_is_lifted_by_another_right_and_another_person_and_two_holds_both_count(bare_desk: DeskHouse) -> None:
    house = bare_desk
    one, other = house.keep(b"a", b"common"), house.keep(b"b", b"common")
    first, second = hold(house, one), hold(house, one, other)
    house.work()
    with pytest.raises(Forbidden):
        lift_hold(first, reason="x", actor=house.actor("Ким", Role.COMPLIANCE), uow=house.uow())
    with pytest.raises(Forbidden, match="hold_own"):
        lift_hold(first, reason="x", actor=house.actor("Ким", Role.CONTROLLER), uow=house.uow())
    with pytest.raises(Forbidden):
        set_hold([one], ground="x", reason="x", actor=house.actor("Лосев", Role.CONTROLLER), uow=house.uow())
    lift(house, first)
    house.work()
    assert house.row(one).held
    assert all(holds_in_store(house))
    lift(house, second)
    house.work()
    assert not house.row(one).held
    assert not house.row(other).held
    assert not any(holds_in_store(house))
    with pytest.raises(Conflict):
        lift(house, second)


def test_the_database_itself_refuses_one_approver_and_a_held_set_that_goes(any_desk: DeskHouse) -> None:
    house = any_desk
    package = house.keep(b"x")
    hold(house, package)
    house.clock.move(YEARS_SEVEN)
    house.keep(b"ripe", dated=date(2033, 1, 1))
    house.clock.move(YEARS_SEVEN)
    act, person = propose(house), new_id()
    wishes = (
        "UPDATE disposal_act SET state = 'approved' WHERE owner_id = :owner",
        "UPDATE disposal_act SET state = 'done', first_by = :person WHERE owner_id = :owner",
        "UPDATE disposal_act SET first_by = :person, second_by = :person WHERE owner_id = :owner",
        "UPDATE package SET state = 'disposing' WHERE owner_id = :owner AND held",
        "UPDATE legal_hold SET lifted_by = set_by WHERE owner_id = :owner",
        "UPDATE legal_hold SET state = 'lifted' WHERE owner_id = :owner",
    )
    is_sqlite = house.database.is_sqlite
    named = {"owner": house.owner.hex if is_sqlite else house.owner, "person": person.hex if is_sqlite else person}
    for wish in wishes:
        statement = text(wish).bindparams(**{name: value for name, value in named.items() if f":{name}" in wish})
        with house.uow() as uow, pytest.raises(IntegrityError):
            uow.session.execute(statement)
    with pytest.raises(Conflict):
        dispose(act, actor=machine(house), uow=house.uow(), desk=house.desk)


def test_a_term_moves_forward_only_and_the_store_hears_of_it(bare_desk: DeskHouse) -> None:
    house = bare_desk
    contract = house.keep(b"contract", kind="contract")
    before = house.row(contract).retain_until
    house.clock.move(YEARS_SEVEN)
    with pytest.raises(Rejected):
        propose(house)
    assert queries_disposal.ripe_counts(uow=house.uow().reading()).unknown_end == 1
    actor = house.actor()
    extend_term(
        contract, kind="contract", counted_from=date(2031, 5, 5), reason="Договор окончен", actor=actor, uow=house.uow()
    )
    house.work()
    row = house.row(contract)
    assert row.retain_until > before
    stat = house.store.stat(archive.key_of(str(house.owner), b"contract"))
    assert stat is not None
    assert stat.retain_until == row.retain_until
    with pytest.raises(Conflict, match="term_not_longer"):
        extend_term(contract, kind="upd", counted_from=date(2027, 1, 1), reason="x", actor=actor, uow=house.uow())
    with pytest.raises(Rejected, match="term_day_wrong"):
        extend_term(contract, kind="contract", counted_from=date(2203, 1, 1), reason="x", actor=actor, uow=house.uow())
    with pytest.raises(Rejected, match="term_kind_unknown"):
        extend_term(contract, kind="disposal_act", counted_from=None, reason="x", actor=actor, uow=house.uow())
    assert house.row(contract).retain_until == row.retain_until
    house.clock.set(row.retain_until)
    dispose_of_all(house)
    assert house.row(contract).state == "disposed"


def test_another_kind_does_not_undo_that_the_end_must_be_known(any_desk: DeskHouse) -> None:
    house = any_desk
    first, second = house.keep(b"lease", kind="contract"), house.keep(b"taken for a contract")
    actor = house.actor()
    extend_term(second, kind="property", counted_from=None, reason="Ошибка", actor=actor, uow=house.uow())
    house.clock.move(YEARS_SEVEN)
    for package in (first, second):
        extend_term(package, kind="primary", counted_from=None, reason="Это акт", actor=actor, uow=house.uow())
    house.clock.move(2 * YEARS_SEVEN)
    house.work()
    with pytest.raises(Rejected, match="act_empty"):
        propose(house)
    head = queries_disposal.ripe_counts(uow=house.uow().reading())
    assert (head.sets, head.unknown_end) == (0, 2)
    told = date(2036, 5, 5)
    extend_term(first, kind="primary", counted_from=told, reason="Окончен", actor=actor, uow=house.uow())
    house.clock.move(YEARS_SEVEN)
    house.work()
    act = dispose_of_all(house)
    lines = queries_disposal.act(act, uow=house.uow().reading())[1]
    assert {line.package_id for line in lines} == {first}


def test_a_term_that_moves_on_during_the_hand_over_reaches_the_store(any_desk: DeskHouse) -> None:
    house, content = any_desk, b"content"
    package = house.keep()
    with house.uow() as uow:
        row = uow.session.get_one(Package, package)
        row.state, row.kept_at = "assembled", None
        uow.session.get_one(Document, row.document_id).archive = "handing_over"
        uow.session.scalars(select(PackagePart)).one().sha256 = hashlib.sha256(content).hexdigest()
        uow.commit()

    class Objects:
        """The working store; while it is read a person moves the term on."""

        def get(self, _owner: UUID, _sha256: str) -> bytes:
            late = date(2029, 5, 5)
            extend_term(package, kind="upd", counted_from=late, reason="x", actor=house.actor(), uow=house.uow())
            assert house.work() == 1
            return content

    desk = replace(house.desk, objects=cast("ObjectStore", Objects()))
    document = house.row(package).document_id
    assert hand_over(document, actor=machine(house), uow=house.uow(), desk=desk) == package
    house.work()
    stat = house.store.stat(archive.key_of(str(house.owner), content))
    assert stat is not None
    assert stat.retain_until == house.row(package).retain_until
    assert stat.retain_until.year == 2034


def test_a_rejected_act_frees_its_sets_and_nothing_foreign_is_touched(bare_desk: DeskHouse) -> None:
    house = bare_desk
    package = house.keep(b"x")
    house.clock.move(YEARS_SEVEN)
    act = propose(house)
    stranger = house.actor("Чужой", Role.CONTROLLER, owner=new_id())
    for call in (
        lambda: approve_disposal(act, actor=stranger, uow=house.uow(stranger.scope)),
        lambda: reject_disposal(act, reason="x", actor=stranger, uow=house.uow(stranger.scope)),
        lambda: queries_disposal.act(act, uow=house.uow(stranger.scope).reading()),
        lambda: extend_term(
            package, kind="upd", counted_from=None, reason="x", actor=stranger, uow=house.uow(stranger.scope)
        ),
    ):
        with pytest.raises(NotFound):
            call()
    clerk = house.actor("Ким")
    for role in (Role.AUDITOR, Role.ACCOUNTANT, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            approve_disposal(act, actor=house.actor("Петров", role), uow=house.uow())
    reject_disposal(act, reason="Рано", actor=clerk, uow=house.uow())
    assert not house.row(package).proposed
    with pytest.raises(Conflict):
        approve(house, act, "Лосев")
    assert propose(house) != act


@pytest.mark.parametrize("after", ["_intend", "_delete_parts"])
def test_a_crash_between_the_steps_is_carried_on(
    bare_desk: DeskHouse, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    from edo_service.archiving.use_cases import dispose as verb

    house = bare_desk
    package = house.keep(b"x", b"y")
    house.clock.move(YEARS_SEVEN)
    act = propose(house)
    approve(house, act, "Ким")
    approve(house, act, "Лосев")

    class PowerCut(Exception):
        pass

    real: Callable[..., bool] = getattr(verb, after)

    def cut(*arguments: object, **named: object) -> bool:
        real(*arguments, **named)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(verb, after, cut)
        with pytest.raises(PowerCut):
            dispose(act, actor=machine(house), uow=house.uow(), desk=house.desk)
    assert house.row(package).state == "disposing"
    house.work()
    assert house.row(package).state == "disposed"
    assert not any(house.there(package))
