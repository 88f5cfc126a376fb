"""The set-up step by step, switching off and on, several operators: nothing in the queue is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from edo_service import bootstrap_operators
from edo_service.demo.companies import CLIENT_TWO, LESSOR, OPERATOR_CLIENT, OPERATOR_LOGIN, OPERATOR_PASSWORD
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from edo_service.exchange import queries
from edo_service.exchange.accounts import AccountCard, card
from edo_service.exchange.catalogue import OPERATORS, operator_of_participant
from edo_service.exchange.lives import ACCOUNT, RelationAct
from edo_service.exchange.queries import Connected
from edo_service.exchange.rules import EVENT
from edo_service.exchange.tables import OperatorAccount, Relation
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.exchange.use_cases.find import find_participants
from edo_service.exchange.use_cases.relate import Wish, invite, relate
from edo_service.exchange.use_cases.set_up import (
    Credentials,
    choose_operator,
    finish,
    name_participant,
    try_connection,
)
from edo_service.exchange.use_cases.switch import Left, drain, left_in, switch_off, switch_on
from edo_service.kernel.actor import Actor
from operators.guards import FileThrottle
from operators.port import Operator
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange.test_exchange_switchboard import board_of
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House

GOOD = Credentials(login=OPERATOR_LOGIN, password=OPERATOR_PASSWORD, client_id=OPERATOR_CLIENT)


class Setting:
    """The accountant's hands on a set-up."""

    def __init__(self, house: House) -> None:
        self.house, self.actor = house, house.actor(ACCOUNTANT)

    def begin(self, operator: str = "diadoc") -> UUID:
        return choose_operator(
            operator, actor=self.actor, uow=self.house.uow(self.actor), secrets=self.house.services.secrets
        )

    def name(self, account: UUID, participant: str = LESSOR.participant_id, *, demo: bool = True) -> None:
        name_participant(account, participant, demo=demo, actor=self.actor, uow=self.house.uow(self.actor))

    def test(self, account: UUID, credentials: Credentials = GOOD) -> UUID:
        services = self.house.services
        return try_connection(
            account,
            credentials,
            actor=self.actor,
            uow=self.house.uow(self.actor),
            operators=services.operator,
            secrets=services.secrets,
        )

    def see(self, account: UUID) -> Connected:
        return queries.account(account, uow=self.house.uow(self.actor))


@pytest.fixture
def setting(house: House) -> Setting:
    return Setting(house)


def forget(house: House) -> None:
    """The lessor has no connection yet."""
    actor = house.actor(ACCOUNTANT)
    with house.uow(actor) as uow:
        uow.session.execute(delete(Relation))
        uow.session.execute(delete(OperatorAccount))
        uow.commit()


def test_from_nothing_to_a_confirmed_invitation(setting: Setting) -> None:
    house, actor = setting.house, setting.actor
    them = Actor.automatic("test", house.entity(CLIENT_TWO))
    house.work()
    with house.uow(them) as uow:
        theirs = uow.session.scalars(select(Relation).where(Relation.inn == LESSOR.inn)).one().id
    relate(theirs, Wish(act=RelationAct.BREAK), actor=them, uow=house.uow(them))
    house.settle()
    forget(house)
    account = setting.begin()
    assert setting.begin() == account, "a set-up that was begun is taken up again"
    setting.name(account)
    assert setting.test(account) == account
    tested = setting.see(account)
    assert (tested.state, tested.box) == ("checked", LESSOR.box)
    assert {box.inn for box in tested.boxes} >= {LESSOR.inn}
    (whom,) = find_participants(
        account, inn=CLIENT_TWO.inn, kpp=None, actor=actor, uow=house.uow(actor), operators=house.services.operator
    )
    relation = invite(
        account, whom, Wish(act=RelationAct.INVITE, text="Подключились"), actor=actor, uow=house.uow(actor), first=True
    )
    assert setting.see(account).state == "invited"
    house.settle(lambda: setting.see(account).state == "confirm")
    with house.uow(them) as uow:
        for row in uow.session.scalars(select(OperatorAccount)):
            row.relations_at = None
        uow.commit()
    house.work()
    relate(theirs, Wish(act=RelationAct.ACCEPT), actor=them, uow=house.uow(them))
    house.settle(lambda: setting.see(account).state == "connected")
    moves = [one.state for one in queries.history(account, uow=house.uow(actor))]
    assert moves == ["checking", "checked", "invited", "confirm", "connected"]
    assert setting.see(account).invited_id == relation


def test_a_connection_may_be_used_without_waiting(setting: Setting) -> None:
    forget(setting.house)
    account = setting.begin()
    setting.name(account)
    setting.test(account)
    finish(account, actor=setting.actor, uow=setting.house.uow(setting.actor))
    finish(account, actor=setting.actor, uow=setting.house.uow(setting.actor))
    assert setting.see(account).state == "connected"


@pytest.mark.parametrize(
    ("participant", "code"),
    [
        ("2BE-7700000016-770001001-1", "exchange.foreign_prefix"),
        ("2XY-7700000016-770001001-1", "exchange.foreign_prefix"),
        ("2BM ", "party.bad_participant_id"),
        ("2BM", "party.bad_participant_id"),
    ],
)
def test_the_form_of_an_identifier_is_looked_at_first(setting: Setting, participant: str, code: str) -> None:
    account = setting.begin()
    with pytest.raises(Rejected) as refused:
        setting.name(account, participant)
    assert refused.value.code == code
    with pytest.raises(Rejected, match="foreign_prefix"):
        setting.name(account, LESSOR.participant_id, demo=False)


def test_a_test_that_fails_says_why_and_keeps_the_password_sealed(setting: Setting) -> None:
    forget(setting.house)
    account = setting.begin()
    with pytest.raises(Conflict, match="participant_first"):
        setting.test(account)
    setting.name(account)
    with pytest.raises(Rejected, match="credentials_refused"):
        setting.test(account, replace(GOOD, password="не тот"))
    assert setting.see(account).state == "draft"
    with setting.house.uow(setting.actor) as uow:
        sealed = uow.session.get_one(OperatorAccount, account).sealed_password
    assert "не тот".encode() not in sealed
    setting.house.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path="authenticate", times=9))
    with pytest.raises(Unavailable, match="no_answer"):
        setting.test(account)
    setting.house.faults.clear()
    setting.house.clock.move(timedelta(minutes=1))
    setting.name(account, CLIENT_TWO.participant_id)
    with pytest.raises(Rejected, match="box_of_other_organization"):
        setting.test(account)
    setting.name(account, "2XX-7700000016-770001001-1")
    with pytest.raises(Rejected, match="box_not_found"):
        setting.test(account)


@pytest.mark.parametrize("tried", [GOOD, replace(GOOD, password="не тот")], ids=["good", "refused"])
def test_only_the_credentials_that_were_tested_are_kept_as_tested(setting: Setting, tried: Credentials) -> None:
    house, services = setting.house, setting.house.services
    forget(house)
    account = setting.begin()
    setting.name(account)
    other = services.secrets.seal("другой".encode(), seal_context(setting.actor.entity, "diadoc"))

    def meanwhile(tested: AccountCard) -> Operator:
        with house.uow(setting.actor) as uow:
            uow.session.get_one(OperatorAccount, account).sealed_password = other
            uow.commit()
        return services.operator(tested)

    with pytest.raises(Conflict if tried is GOOD else Rejected, match=r"set_up_already|credentials_refused"):
        try_connection(
            account,
            tried,
            actor=setting.actor,
            uow=house.uow(setting.actor),
            operators=meanwhile,
            secrets=services.secrets,
        )
    with house.uow(setting.actor) as uow:
        row = uow.session.get_one(OperatorAccount, account)
        assert (row.state, row.box, row.sealed_password) == ("checking", "", other), "the other test says how it ends"
    assert setting.test(account) == account


def test_a_tested_connection_is_not_renamed_beside_another_draft(setting: Setting) -> None:
    forget(setting.house)
    account = setting.begin()
    setting.name(account)
    setting.test(account)
    assert setting.begin() != account
    with pytest.raises(Rejected, match="set_up_twice"):
        setting.name(account, "2XX-7700000016-770001001-1")
    assert setting.see(account).state == "checked"


def test_a_known_box_gets_the_new_credentials(setting: Setting) -> None:
    (before,) = queries.accounts(uow=setting.house.uow(setting.actor))
    account = setting.begin()
    setting.name(account)
    assert setting.test(account) == before.id
    (after,) = queries.accounts(uow=setting.house.uow(setting.actor))
    assert (after.id, after.state) == (before.id, "connected")


def test_switching_off_lets_the_queue_leave_and_waits_for_what_is_owed(setting: Setting) -> None:
    house, actor = setting.house, setting.actor
    (account,) = queries.accounts(uow=house.uow(actor))
    document = house.upload()
    house.send(document)

    def left() -> Left:
        return left_in(account.id, uow=house.uow(actor))

    assert left().to_send == 1
    assert switch_off(account.id, at_once=False, actor=actor, uow=house.uow(actor)) == "closing"
    assert switch_off(account.id, at_once=False, actor=actor, uow=house.uow(actor)) == "closing", "a double click"
    assert len(house.journal("exchange.switched_off")) == 1
    with pytest.raises(Rejected):
        house.upload(house.write(number="Л-2"))
    house.settle(lambda: bool(house.all(CLIENT)) and left().to_send == 0)
    house.settle(lambda: house.card(document).line.receipt == "received")
    house.settle(lambda: (left().total, left().answers) == (1, 1))
    house.clock.move(timedelta(minutes=5))
    house.work()
    assert setting.see(account.id).state == "closing", "the feed is read until the answer is there"

    house.prepare(house.incoming())
    house.sign(house.incoming())
    house.settle(lambda: setting.see(account.id).state == "off")
    assert house.card(document).line.response == "counter_signed"
    assert left().total == 0
    switch_on(account.id, actor=actor, uow=house.uow(actor), operators=house.services.operator)
    assert house.upload(house.write(number="Л-2"))


def test_what_came_while_it_was_off_is_read_when_it_is_on_again(setting: Setting) -> None:
    """The feed's place is kept; one that the operator has forgotten meanwhile is found again by time."""
    house, actor = setting.house, setting.actor
    (account,) = queries.accounts(uow=house.uow(actor))
    document = house.upload()
    house.deliver(document)
    assert switch_off(account.id, at_once=True, actor=actor, uow=house.uow(actor)) == "off"
    house.prepare(house.incoming())
    house.sign(house.incoming())
    house.settle(lambda: house.card(house.incoming(), CLIENT).line.response == "signed_confirmed")
    assert house.card(document).line.response == "expected", "nothing is read while it is off"
    with house.uow(actor) as uow:
        uow.session.get_one(OperatorAccount, account.id).cursor = "0" * 48
        uow.commit()
    switch_on(account.id, actor=actor, uow=house.uow(actor), operators=house.services.operator)
    house.settle(lambda: house.card(document).line.response == "counter_signed")


def test_news_that_was_not_taken_yet_keeps_the_connection(setting: Setting) -> None:
    house, actor = setting.house, setting.actor
    (account,) = queries.accounts(uow=house.uow(actor))
    with house.uow(actor) as uow:
        row = uow.session.get_one(OperatorAccount, account.id)
        uow.jobs.put(
            EVENT, owner_id=row.owner_id, key=f"{row.box}:e1", run_after=house.clock.now() + timedelta(hours=1)
        )
        uow.commit()
    assert switch_off(account.id, at_once=False, actor=actor, uow=house.uow(actor)) == "closing"
    assert left_in(account.id, uow=house.uow(actor)).unread == 1
    house.work()
    assert not drain(account.id, actor=actor, uow=house.uow(actor))


@pytest.mark.soak
def test_switched_off_at_once_everything_waits(setting: Setting) -> None:
    house, actor = setting.house, setting.actor
    (account,) = queries.accounts(uow=house.uow(actor))
    document = house.upload()
    house.send(document)
    assert switch_off(account.id, at_once=True, actor=actor, uow=house.uow(actor)) == "off"
    house.work()
    house.clock.move(timedelta(minutes=2))
    house.work()
    assert house.card(document).line.trouble == "exchange.not_connected"
    switch_on(account.id, actor=actor, uow=house.uow(actor), operators=house.services.operator)
    house.settle(lambda: bool(house.all(CLIENT)))
    assert len(house.journal("exchange.send")) == 1
    with house.uow(actor) as uow:
        assert uow.session.get_one(Document, document).trouble is None


def test_rights_and_strangers(setting: Setting) -> None:
    house, compliance = setting.house, setting.house.actor(COMPLIANCE)
    (account,) = queries.accounts(uow=house.uow(setting.actor))
    stranger = Actor.automatic("test", house.entity(CLIENT_TWO))
    uow = house.uow(compliance)
    with pytest.raises(Forbidden):
        choose_operator("diadoc", actor=compliance, uow=uow, secrets=house.services.secrets)
    with pytest.raises(Forbidden):
        switch_off(account.id, at_once=True, actor=compliance, uow=uow)
    with pytest.raises(Rejected, match="operator_unknown"):
        setting.begin("1с")
    for foreign in (account.id, uuid4()):
        with pytest.raises(NotFound, match="account_absent"):
            switch_off(foreign, at_once=True, actor=stranger, uow=house.uow(stranger))
        with pytest.raises(NotFound, match="account_absent"):
            name_participant(foreign, LESSOR.participant_id, demo=True, actor=stranger, uow=house.uow(stranger))


def test_each_account_is_served_by_its_own_operator(setting: Setting) -> None:
    services = setting.house.services
    (known,) = queries.accounts(uow=setting.house.uow(setting.actor))
    with setting.house.uow(setting.actor) as uow:
        account = card(uow.session.get_one(OperatorAccount, known.id))

    def of(operator: str) -> AccountCard:
        sealed = services.secrets.seal(b"x", seal_context(account.owner_id, operator))
        return replace(account, id=uuid4(), operator=operator, sealed_password=sealed)

    board = board_of(setting.house, operator_url="http://127.0.0.1:1", saby_url="http://127.0.0.1:2")
    assert [board.operator(of(word)).code for word in ("diadoc", "saby")] == ["2BM", "2BE"]
    for word in ("taxcom", "absent"):
        with pytest.raises(Unavailable, match="no_operator_address"):
            board.operator(of(word))
    assert isinstance(board._throttle, FileThrottle)
    assert board.settings.limits_dir.is_dir()
    board.close()


def test_the_catalogue_names_every_operator_of_the_registry() -> None:
    assert set(bootstrap_operators.ADAPTERS) <= set(OPERATORS)
    assert operator_of_participant("2be-1") == OPERATORS["saby"].name
    assert operator_of_participant("2LT-770-1") == "ООО «Оператор-ЦРПТ» (ЭДО Лайт)"
    assert operator_of_participant("9ZZ-770-1") == "9ZZ"
    assert operator_of_participant(None) == ""
    assert ACCOUNT.final == frozenset()


def test_threads_that_ask_at_once_are_given_one_adapter(setting: Setting) -> None:
    """The one that was made in vain would be closed while its thread speaks through it."""
    services = setting.house.services
    (known,) = queries.accounts(uow=setting.house.uow(setting.actor))
    with setting.house.uow(setting.actor) as uow:
        account = card(uow.session.get_one(OperatorAccount, known.id))
    sealed = services.secrets.seal(b"x", seal_context(account.owner_id, "diadoc"))
    asked = replace(account, id=uuid4(), operator="diadoc", sealed_password=sealed)
    board = board_of(setting.house, operator_url="http://127.0.0.1:1")
    together = threading.Barrier(4)

    def ask(_number: int) -> Operator:
        together.wait(30)
        return board.operator(asked)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(ask, range(4)))
    board.close()
    assert all(one is given[0] for one in given)
