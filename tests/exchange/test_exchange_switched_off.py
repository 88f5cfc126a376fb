"""A connection that was switched off at once: nothing that was promised goes out through it until it is on again."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from edo_service.demo.companies import CLIENT_TWO
from edo_service.errors import Conflict, Unavailable
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.invitees import Invitee
from edo_service.exchange.lives import RelationAct
from edo_service.exchange.tables import Annulment, OperatorAccount, Relation, RelationStep
from edo_service.exchange.use_cases.carry_annulment import carry_annulment
from edo_service.exchange.use_cases.carry_relation import carry_relation
from edo_service.exchange.use_cases.invite_many import invite_listed, keep_list
from edo_service.exchange.use_cases.relate import Wish, relate
from edo_service.exchange.use_cases.switch import left_in, switch_off, switch_on
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Retry
from operators.port import Operator
from tests.fixtures.road import ACCOUNTANT, House

WISH = Wish(act=RelationAct.BREAK)


def nobody(_account: AccountCard) -> Operator:
    """The credentials are not to be used."""
    raise AssertionError("the operator was asked")


def promised_annulment(house: House, account: UUID) -> UUID:
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    with house.uow(actor) as uow:
        row = Annulment(
            owner_id=actor.entity,
            document_id=document,
            account_id=account,
            side="ours",
            state="proposing",
            reason="Выставлен дважды",
            file_name="offer.xml",
            file_sha256="0" * 64,
            message_ref="m",
            act="propose",
            key=str(new_id()),
            by_name="",
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
        uow.commit()
        return row.id


def test_what_was_promised_waits_and_is_counted(house: House) -> None:
    house.work()
    actor, objects = house.actor(ACCOUNTANT), house.services.objects
    robot, uow = Actor.automatic("test", actor.entity), house.uow(actor)
    with uow:
        account = uow.session.scalars(select(OperatorAccount)).one().id
        relation = uow.session.scalars(select(Relation).where(Relation.inn == CLIENT_TWO.inn)).one().id
    invitees = [Invitee(number=1, inn="7707083893", kpp=None, participant_id=None, name="", text="")]
    assert left_in(account, uow=uow).total == 0
    step = relate(relation, WISH, actor=actor, uow=uow)
    batch = keep_list(account, invitees, file_name="a.csv", text="", actor=actor, uow=uow)
    annulment = promised_annulment(house, account)
    assert left_in(account, uow=uow).total == 3
    assert switch_off(account, at_once=False, actor=actor, uow=uow) == "closing", "they leave first"
    assert switch_off(account, at_once=True, actor=actor, uow=uow) == "off"

    with pytest.raises(Retry, match="not_connected"):
        carry_relation(step, actor=robot, uow=uow, objects=objects, operators=nobody)
    with pytest.raises(Retry, match="not_connected"):
        carry_annulment(annulment, actor=robot, uow=uow, objects=objects, operators=nobody)
    with pytest.raises(Unavailable, match="not_connected"):
        invite_listed(batch, actor=robot, uow=uow, operators=nobody)
    with pytest.raises(Conflict, match="not_connected"):
        relate(relation, WISH, actor=actor, uow=uow)
    with uow:
        row = uow.session.get_one(RelationStep, step)
        assert (row.state, row.calls, row.trouble) == ("intended", 0, "exchange.not_connected")
        waiting = uow.session.get_one(Annulment, annulment)
        assert (waiting.act, waiting.calls, waiting.trouble) == ("propose", 0, "exchange.not_connected")

    switch_on(account, actor=actor, uow=uow, operators=house.services.operator)
    carry_relation(step, actor=robot, uow=uow, objects=objects, operators=house.services.operator)
    assert invite_listed(batch, actor=robot, uow=uow, operators=house.services.operator) == 1
    with uow:
        assert uow.session.get_one(RelationStep, step).state == "done"
    assert left_in(account, uow=uow).total == 1, "the proposal is still to be carried"
