"""Invite, accept, reject, withdraw, break: both sides over the real wire; faults repeat nothing; strangers see nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from edo_service.demo.companies import CLIENT_TWO, LESSOR, DemoCompany
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.exchange import counterparties, queries
from edo_service.exchange.counterparties import RelationLine
from edo_service.exchange.lives import ACTS, RELATION, RelationAct, RelationNews, news_of
from edo_service.exchange.tables import OperatorAccount, Relation, RelationStep
from edo_service.exchange.use_cases.carry_relation import carry_relation
from edo_service.exchange.use_cases.find import find_participants
from edo_service.exchange.use_cases.relate import Wish, invite, relate
from edo_service.kernel.actor import Actor
from edo_service.parties import queries as parties
from operators import port
from operators.port import RelationStatus
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import ACCOUNTANT, COMPLIANCE, House, MakeHouse


class Side:
    """One company's hands on its relations."""

    def __init__(self, house: House, company: DemoCompany) -> None:
        self.house = house
        self.actor = Actor.automatic("test", house.entity(company))
        with house.uow(self.actor) as uow:
            self.account = uow.session.scalars(select(OperatorAccount)).one().id

    def see(self, company: DemoCompany) -> RelationLine:
        """How this side stands to the company, after the list was read."""
        with self.house.uow(self.actor) as uow:
            uow.session.get_one(OperatorAccount, self.account).relations_at = None
            uow.commit()
        self.house.work()
        lines = counterparties.list_relations(
            folder="all", text=company.inn, operator="", after=None, limit=10, uow=self.house.uow(self.actor)
        ).lines
        (line,) = [one for one in lines if one.account_id]
        return line

    def act(self, relation_id: UUID, act: RelationAct, text: str = "") -> None:
        """Promise an act and let it be carried out."""
        relate(relation_id, Wish(act=act, text=text), actor=self.actor, uow=self.house.uow(self.actor))
        self.house.settle(lambda: not self.pending())

    def pending(self) -> list[RelationStep]:
        with self.house.uow(self.actor) as uow:
            return [one for one in uow.session.scalars(select(RelationStep)) if one.state not in {"done", "refused"}]

    def steps(self) -> list[RelationStep]:
        with self.house.uow(self.actor) as uow:
            return list(uow.session.scalars(select(RelationStep).order_by(RelationStep.created_at)))


@pytest.fixture
def sides(house: House) -> tuple[Side, Side]:
    return Side(house, LESSOR), Side(house, CLIENT_TWO)


def test_a_relation_ends_and_begins_anew_by_both_wills(sides: tuple[Side, Side]) -> None:
    us, them = sides
    ours = us.see(CLIENT_TWO)
    assert (ours.state, ours.operator) == ("accepted", "diadoc")
    us.act(ours.id, RelationAct.BREAK, "Договор закончился")
    assert (us.see(CLIENT_TWO).state, them.see(LESSOR).state) == ("ended", "ended")
    us.act(ours.id, RelationAct.INVITE, "Готовы обмениваться УПД")
    theirs = them.see(LESSOR)
    assert (us.see(CLIENT_TWO).state, theirs.state, theirs.text_in) == (
        "invited",
        "inviting",
        "Готовы обмениваться УПД",
    )
    them.act(theirs.id, RelationAct.ACCEPT)
    assert (us.see(CLIENT_TWO).state, them.see(LESSOR).state) == ("accepted", "accepted")
    states = [one.state for one in queries.history(ours.id, uow=us.house.uow(us.actor))]
    assert states == ["accepted", "ended", "invited", "accepted"]
    assert [one.act for one in us.steps()] == ["break", "invite"]


def test_of_two_acts_at_the_same_moment_one_is_promised(house: House) -> None:
    """Both have seen that nothing is on its way: the version of the row lets one of them through."""
    us = Side(house, LESSOR)
    ours = us.see(CLIENT_TWO)
    with us.house.uow(us.actor) as uow:
        before = uow.session.get_one(Relation, ours.id).version
    relate(ours.id, Wish(act=RelationAct.BREAK), actor=us.actor, uow=us.house.uow(us.actor))
    with us.house.uow(us.actor) as uow:
        assert uow.session.get_one(Relation, ours.id).version == before + 1
    with pytest.raises(Conflict, match="relation_busy"):
        relate(ours.id, Wish(act=RelationAct.BREAK), actor=us.actor, uow=us.house.uow(us.actor))


class _Nothing:
    """An operator that knows of nothing between the two, and may not be asked to do anything about it."""

    def relation(self, box: str, other: port.Participant) -> None:
        del box, other


@pytest.mark.parametrize(
    ("state", "act", "boxed", "after", "step"),
    [
        ("inviting", RelationAct.ACCEPT, True, "none", "refused"),
        ("inviting", RelationAct.REJECT, True, "none", "done"),
        ("invited", RelationAct.WITHDRAW, True, "none", "done"),
        ("accepted", RelationAct.BREAK, True, "ended", "done"),
        ("accepted", RelationAct.BREAK, False, "accepted", "refused"),
    ],
)
def test_what_the_operator_knows_no_more_does_not_stay_between_us_for_ever(
    house: House, state: str, act: RelationAct, *, boxed: bool, after: str, step: str
) -> None:
    """Without the other side's box not every adapter can look: then nothing is concluded."""
    us = Side(house, LESSOR)
    ours = us.see(CLIENT_TWO)
    with house.uow(us.actor) as uow:
        row = uow.session.get_one(Relation, ours.id)
        row.state, row.peer_box = state, row.peer_box if boxed else None
        uow.commit()
    step_id = relate(ours.id, Wish(act=act), actor=us.actor, uow=house.uow(us.actor))
    carry_relation(
        step_id,
        actor=us.actor,
        uow=house.uow(us.actor),
        objects=house.services.objects,
        operators=lambda _: _Nothing(),  # type: ignore[arg-type,return-value]  # only the relation is asked
    )
    with house.uow(us.actor) as uow:
        row, kept = uow.session.get_one(Relation, ours.id), uow.session.get_one(RelationStep, step_id)
        assert (row.state, kept.state) == (after, step)
        assert (RelationAct.INVITE in ACTS[row.state]) is boxed, "one may begin anew"


@pytest.mark.soak
def test_an_invitation_is_withdrawn_or_rejected(sides: tuple[Side, Side]) -> None:
    us, them = sides
    ours = us.see(CLIENT_TWO)
    us.act(ours.id, RelationAct.BREAK)
    us.act(ours.id, RelationAct.INVITE)
    us.act(ours.id, RelationAct.WITHDRAW)
    assert us.see(CLIENT_TWO).state in {"none", "ended"}
    us.act(ours.id, RelationAct.INVITE)
    theirs = them.see(LESSOR)
    them.act(theirs.id, RelationAct.REJECT, "Не работаем с вами")
    refused = us.see(CLIENT_TWO)
    assert (refused.state, them.see(LESSOR).state) == ("refused", "refused_by_us")
    assert refused.text_in == "Не работаем с вами"


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ERROR_AFTER,
        *(pytest.param(one, marks=pytest.mark.soak) for one in (Fault.DROP, Fault.RATE_LIMIT, Fault.CUT)),
    ],
)
def test_a_lost_answer_invites_once(make_house: MakeHouse, fault: Fault) -> None:
    house = make_house()
    us = Side(house, LESSOR)
    ours = us.see(CLIENT_TWO)
    us.act(ours.id, RelationAct.BREAK)
    house.faults.add(FaultRule(fault=fault, path="acquirecounteragent"))
    us.act(ours.id, RelationAct.INVITE)
    assert us.see(CLIENT_TWO).state == "invited"
    assert len(house.journal("relation.invite")) == 2, "one intent and one result"


def test_acts_follow_the_state_and_one_at_a_time(sides: tuple[Side, Side]) -> None:
    us, _ = sides
    ours = us.see(CLIENT_TWO)
    uow = us.house.uow(us.actor)
    with pytest.raises(Conflict, match="relation_not_allowed"):
        relate(ours.id, Wish(act=RelationAct.ACCEPT), actor=us.actor, uow=uow)
    relate(ours.id, Wish(act=RelationAct.BREAK), actor=us.actor, uow=uow)
    with pytest.raises(Conflict, match="relation_busy"):
        relate(ours.id, Wish(act=RelationAct.BREAK), actor=us.actor, uow=uow)
    with pytest.raises(Rejected, match="text_too_long"):
        relate(ours.id, Wish(act=RelationAct.BREAK, text="x" * 2001), actor=us.actor, uow=uow)


def test_rights_and_strangers(sides: tuple[Side, Side]) -> None:
    us, them = sides
    ours, wish = us.see(CLIENT_TWO), Wish(act=RelationAct.BREAK)
    compliance, house = us.house.actor(COMPLIANCE), us.house
    with pytest.raises(Forbidden):
        relate(ours.id, wish, actor=compliance, uow=house.uow(compliance))
    for stranger in (ours.id, uuid4()):
        with pytest.raises(NotFound, match="relation_absent"):
            relate(stranger, wish, actor=them.actor, uow=house.uow(them.actor))
        with pytest.raises(NotFound, match="relation_absent"):
            counterparties.relation(stranger, uow=house.uow(them.actor))


def test_search_shows_others_only_and_nobody_invites_himself(sides: tuple[Side, Side]) -> None:
    us, _ = sides
    house, actor = us.house, us.house.actor(ACCOUNTANT)

    def find(inn: str) -> list[str]:
        found = find_participants(
            us.account, inn=inn, kpp=None, actor=actor, uow=house.uow(actor), operators=house.services.operator
        )
        return [one.name for one in found]

    assert find(CLIENT_TWO.inn) == [CLIENT_TWO.name]
    assert find(LESSOR.inn) == []
    assert find("7700000030") == []
    own = house.services.operator  # the operator itself tells of everybody
    with house.uow(actor) as uow:
        from edo_service.exchange.accounts import card

        operator = own(card(uow.session.get_one(OperatorAccount, us.account)))
    (ourselves,) = operator.find_participants(inn=LESSOR.inn)
    with pytest.raises(Rejected, match="invite_oneself"):
        invite(us.account, ourselves, Wish(act=RelationAct.INVITE), actor=actor, uow=house.uow(actor))


def test_a_new_relation_becomes_a_counterparty(sides: tuple[Side, Side]) -> None:
    us, _ = sides
    line = us.see(CLIENT_TWO)
    with us.house.uow(us.actor) as uow:
        found = parties.counterparty_by_participant(uow, CLIENT_TWO.participant_id)
    assert found is not None
    assert (found.inn, found.relation, line.participant_id) == (CLIENT_TWO.inn, "active", CLIENT_TWO.participant_id)
    us.act(line.id, RelationAct.BREAK)
    with us.house.uow(us.actor) as uow:
        ended = parties.counterparty_by_participant(uow, CLIENT_TWO.participant_id)
    assert ended is not None
    assert ended.relation == "ended"


def test_the_list_pages_and_counts(sides: tuple[Side, Side]) -> None:
    us, _ = sides
    us.see(CLIENT_TWO)
    uow = us.house.uow(us.actor)
    first = counterparties.list_relations(folder="accepted", text="", operator="", after=None, limit=1, uow=uow)
    assert (len(first.lines), first.found, first.more) == (1, 2, True)
    rest = counterparties.list_relations(
        folder="accepted", text="", operator="diadoc", after=first.lines[0].id, limit=1, uow=uow
    )
    assert (len(rest.lines), rest.more) == (1, False)
    assert {first.lines[0].inn, rest.lines[0].inn} == {"7800000010", CLIENT_TWO.inn}
    nobody = counterparties.list_relations(folder="all", text="", operator="saby", after=None, limit=9, uow=uow)
    assert (list(nobody.lines), nobody.found) == ([], 0)
    counts = counterparties.relation_counts(uow=uow)
    assert (counts["accepted"], counts["all"], counts["inviting"]) == (2, 2, 0)


def test_the_list_is_read_by_the_clock(house: House) -> None:
    house.work()
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        before = uow.session.scalars(select(OperatorAccount)).one().relations_at
    house.clock.move(timedelta(minutes=1))
    house.work()
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        assert uow.session.scalars(select(OperatorAccount)).one().relations_at == before
    house.clock.move(timedelta(minutes=10))
    house.work()
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        later = uow.session.scalars(select(OperatorAccount)).one().relations_at
    assert before is not None
    assert later is not None
    assert later > before


def test_every_state_has_its_acts_and_every_word_of_the_operator_its_state() -> None:
    assert set(ACTS) == RELATION.states
    known = {status: news_of(status, before=None) for status in RelationStatus}
    assert [status for status, word in known.items() if word is None] == [RelationStatus.UNKNOWN]
    assert news_of(RelationStatus.REJECTS_ME, before="invited") is RelationNews.REFUSED
    assert news_of(RelationStatus.REJECTS_ME, before="accepted") is RelationNews.ENDED
    assert news_of(RelationStatus.NONE, before="accepted") is RelationNews.ENDED
    assert news_of(RelationStatus.ACTIVE, before="ended") is RelationNews.ACCEPTED
