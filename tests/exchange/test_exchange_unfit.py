"""Identifiers longer than ours may be: none is cut or kept, none stops its neighbours, the events are shown to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from edo_service.demo.companies import CLIENT_ONE
from edo_service.exchange import odd
from edo_service.exchange.tables import OddEvent, OperatorAccount, Relation
from edo_service.exchange.use_cases.poll import LONGEST_CURSOR, poll
from edo_service.exchange.use_cases.refresh_relations import refresh_relations
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from operators import errors, port
from operators.port import Capability, EntityKind, RelationStatus
from tests.fixtures.road import House, MakeHouse


class Teller:
    """An operator with one page of everything; the rest of the port is never asked here."""

    capabilities = frozenset({Capability.RELATIONS})

    def __init__(self, *items: Any, then: str | None = None) -> None:
        self._page: port.Page[Any] = port.Page(items=items, next=then, more=False)

    def events(self, box: str, cursor: str | None, **_options: object) -> port.Page[Any]:
        del box, cursor
        return self._page

    def relations(self, box: str, *, cursor: str | None = None) -> port.Page[Any]:
        del box, cursor
        return self._page


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def home(request: pytest.FixtureRequest, make_house: MakeHouse) -> House:
    return make_house(request.getfixturevalue("emptied_postgres_url")) if request.param == "postgres" else make_house()


def told(teller: Teller) -> Any:
    """A factory of operators that gives this one."""
    return lambda _account: teller


def account_of(house: House, actor: Actor) -> UUID:
    with house.uow(actor) as uow:
        return uow.session.scalars(select(OperatorAccount).where(OperatorAccount.box == CLIENT_ONE.box)).one().id


def an_event(house: House, name: str) -> port.Event:
    message = str(new_id())
    entity = port.Entity(
        ref=port.EntityRef(box=CLIENT_ONE.box, message_id=message, entity_id=str(new_id())),
        parent_id=None,
        kind=EntityKind.UNKNOWN,
        raw_type="Attachment/News",
    )
    return port.Event(
        id=name, cursor="1", at=house.clock.now(), box=CLIENT_ONE.box, message_id=message, from_box=None, to_box=None,
        entities=(entity,),
    )  # fmt: skip


def test_what_cannot_be_kept_is_left_out_and_shown(home: House) -> None:
    actor = Actor.automatic("test", home.entity(CLIENT_ONE))
    account = account_of(home, actor)

    good, long = an_event(home, str(new_id())), "x" * 300
    others = (replace(good, id=f"{long}1"), replace(good, id=f"{long}2"), replace(good, id="m", message_id="m" * 200))
    feed = Teller(*others, good)
    assert poll(account, uow=home.uow(actor), operators=told(feed)) == 1
    with home.uow(actor) as uow:
        kept = uow.session.scalars(select(OddEvent).where(OddEvent.account_id == account)).all()
        assert [one.reason for one in kept] == [odd.UNFIT] * 3
        assert {one.payload["id"] for one in kept} == {one.id for one in others}
    with pytest.raises(errors.BadAnswer):
        poll(account, uow=home.uow(actor), operators=told(Teller(then="c" * (LONGEST_CURSOR + 1))))

    one = port.Participant(
        operator_code="2AL",
        participant_id="2AL-far",
        inn="7700000016",
        kpp="770001001",
        name="ООО «А»" * 300,
        box=None,
        is_roaming=False,
        is_active=True,
    )
    line = port.Relation(participant=one, status=RelationStatus.ACTIVE, ref="r", text=None, changed_at=home.clock.now())
    wrong = (
        replace(line, participant=replace(one, participant_id="2AL-one", kpp="7" * 10)),
        replace(line, participant=replace(one, participant_id="2" * 47)),
        replace(line, participant=replace(one, participant_id="2AL-two"), ref="r" * 121),
    )
    with pytest.raises(errors.BadAnswer, match="kpp"):
        refresh_relations(account, actor=actor, uow=home.uow(actor), operators=told(Teller(*wrong, line)))
    with home.uow(actor) as uow:
        ids = set(uow.session.scalars(select(Relation.participant_id).where(Relation.account_id == account)))
    assert "2AL-far" in ids
    assert not ids & {"2AL-one", "2AL-two", "2" * 46, "2" * 47}


def test_a_trace_is_cut() -> None:
    assert errors.Temporary("silent", trace_id="t" * 500).trace_id == "t" * errors.LONGEST_TRACE
    assert errors.Temporary("silent").trace_id is None
