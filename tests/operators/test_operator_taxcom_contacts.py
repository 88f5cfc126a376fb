"""Counterparties at Taxcom: invitations, the list and its feed, what the operator has not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from operators import errors
from operators.port import Capability, InvitationState, RelationChange, RelationStatus, SignedFile
from operators.sandbox import create_taxcom_app
from tests.operators.parts import BRANCH, BUYER, SELLER, KeyNotary, Stage
from tests.operators.taxcom_world import KIND
from tests.operators.worlds import World


@pytest.fixture
def world(stage: Stage, tmp_path: Path, signer: KeyNotary) -> Iterator[World]:
    made = World(KIND, stage.open(tmp_path / "sandbox.sqlite", face=create_taxcom_app), signer)
    yield made
    made.close()


@pytest.fixture
def strangers(stage: Stage, tmp_path: Path, signer: KeyNotary) -> Iterator[World]:
    """A world where nobody knows anybody."""
    opened = stage.open(tmp_path / "strangers.sqlite", face=create_taxcom_app, acquainted=False)
    made = World(KIND, opened, signer)
    yield made
    made.close()


def test_strangers_invite_accept_send_and_break(strangers: World) -> None:
    operator, seller, buyer = strangers.operator, strangers.seller, strangers.buyer
    with pytest.raises(errors.RecipientRefuses):
        strangers.do(strangers.upd())
    assert operator.relations(seller).items == ()
    them, us = strangers.participant(BUYER.inn, BUYER.kpp), strangers.participant(SELLER.inn, SELLER.kpp)
    assert operator.relation(seller, them) is None
    invited = operator.invite(seller, them, text="Приглашаем к обмену & работе", key="inv-1")
    assert (invited.state, invited.box) == (InvitationState.DONE, buyer)
    assert operator.invite(seller, them, text="ещё раз", key="inv-2").task == "inv-1", "invited already"
    assert operator.invitation_result(seller, "inv-1").state is InvitationState.DONE
    with pytest.raises(errors.NotFound):
        operator.invitation_result(seller, "inv-2")
    assert strangers.relation(seller, them).status is RelationStatus.INVITED_BY_ME
    theirs = strangers.relation(buyer, us)
    assert (theirs.status, theirs.text) == (RelationStatus.INVITES_ME, "Приглашаем к обмену & работе")

    with pytest.raises(errors.Conflict):
        operator.break_relation(buyer, theirs, key="k")
    assert operator.accept(buyer, theirs, key="k").state is InvitationState.DONE
    assert operator.accept(buyer, theirs, key="k").state is InvitationState.DONE, "accepted already"
    with pytest.raises(errors.Conflict):
        operator.reject(buyer, theirs, key="k")
    assert strangers.relation(seller, them).status is RelationStatus.ACTIVE
    strangers.arrive(strangers.upd())

    operator.break_relation(buyer, strangers.relation(buyer, us), text="Расстались", key="k")
    ended = strangers.relation(seller, them)
    assert (ended.status, ended.text) == (RelationStatus.REJECTS_ME, "Расстались")
    assert strangers.relation(buyer, us).status is RelationStatus.REJECTED_BY_ME
    with pytest.raises(errors.RecipientRefuses):
        strangers.do(strangers.upd())


def test_an_invitation_is_rejected_and_the_feed_tells_what_they_did(strangers: World) -> None:
    operator, seller, buyer = strangers.operator, strangers.seller, strangers.buyer
    them, us = strangers.participant(BUYER.inn, BUYER.kpp), strangers.participant(SELLER.inn, SELLER.kpp)
    operator.invite(seller, them, key="inv-1")
    strangers.sandbox.clock.move(timedelta(hours=1))
    operator.reject(buyer, strangers.relation(buyer, us), text="Не с вами", key="k")
    page = operator.relation_events(seller, None)
    assert [(each.change, each.status) for each in page.items] == [
        (RelationChange.WE_INVITED, RelationStatus.INVITED_BY_ME),
        (RelationChange.THEY_REJECTED, RelationStatus.REJECTS_ME),
    ]
    assert (page.items[1].text, page.items[1].participant) == ("Не с вами", them)
    first = operator.relation_events(seller, None, limit=1)
    assert (first.items, first.more) == (page.items[:1], True)
    assert operator.relation_events(seller, first.next).items == page.items[1:]
    assert operator.relation_events(seller, page.next).items == ()
    (invitation,) = operator.relation_events(buyer, None).items
    assert invitation.change is RelationChange.THEY_INVITED
    since = strangers.sandbox.clock.now() - timedelta(minutes=1)
    assert operator.relation_events(seller, None, since=since).items == page.items[1:]
    with pytest.raises(errors.CursorLost):
        operator.relation_events(seller, "somewhere")


def test_what_an_invitation_cannot_be(strangers: World) -> None:
    operator, seller = strangers.operator, strangers.seller
    file = SignedFile(file_name="Соглашение.pdf", content=b"%PDF", signature=b"0")
    with pytest.raises(errors.Unsupported):
        operator.invite(seller, BUYER.inn, document=file, key="k")
    with pytest.raises(errors.Invalid, match="characters"):
        operator.invite(seller, SELLER.inn, text="п" * 2001, key="k")
    with pytest.raises(errors.Invalid, match="2 participants"):
        operator.invite(seller, BUYER.inn, key="k")
    with pytest.raises(errors.NotFound):
        operator.invite(seller, "7736050003", key="k")
    with pytest.raises(ValueError, match="key"):
        operator.invite(seller, BUYER.inn, key="")
    relation = strangers.operator.invite(seller, strangers.participant(BUYER.inn, BRANCH.kpp), key="k")
    assert relation.box == strangers.branch
    with pytest.raises(errors.Unsupported):
        operator.withdraw(seller, strangers.relation(seller, strangers.participant(BUYER.inn, BRANCH.kpp)), key="k")
    assert Capability.WITHDRAW_INVITATION not in operator.capabilities


def test_the_list_of_counterparties_goes_on_and_is_filtered(world: World) -> None:
    page = world.operator.relations(world.seller)
    assert {each.participant.box for each in page.items} == {world.buyer, world.branch}
    assert {each.status for each in page.items} == {RelationStatus.ACTIVE}
    assert world.operator.relations(world.seller, cursor=page.next).items == ()
    assert world.operator.relations(world.seller, status=RelationStatus.INVITES_ME).items == ()
    with pytest.raises(errors.CursorLost):
        world.operator.relations(world.seller, cursor="nobody")


def test_checks_of_participants_keep_the_operators_pause(world: World) -> None:
    world.operator.find_participants(inn=BUYER.inn)
    world.operator.find_participants(inn=BUYER.inn)
    assert world.waits == [5.0]
    world.sandbox.clock.move(timedelta(seconds=3))
    world.operator.find_participants(inn=BUYER.inn)
    assert world.waits == [5.0, 2.0]
