"""The operator misbehaves: nothing is sent twice, nothing is lost, and the card always says why it waits."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.errors import EdoError, Forbidden, Rejected, Unavailable
from edo_service.exchange.tables import Dispatch, OperatorAccount
from edo_service.exchange.use_cases.connect import Connection, connect
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import Job
from edo_service.texts import trouble_words
from operators import errors as operator_errors
from operators import port
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House, MakeHouse


def dispatches(house: House) -> list[Dispatch]:
    uow = house.services.system_uow("health")
    with uow:
        return list(uow.session.query(Dispatch).order_by(Dispatch.id))


def arrived_once(house: House, document: UUID) -> None:
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(document).line.delivery in {"sent", "delivered"})
    house.settle(lambda: bool(house.journal("exchange.send")))
    house.clock.move(timedelta(minutes=1))
    house.work()
    assert len(house.all(CLIENT)) == 1, "the operator's own deduplication is off"
    assert len(house.journal("exchange.send")) == 1
    assert house.card(document).line.trouble is None


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.ERROR_AFTER, Fault.RATE_LIMIT, Fault.IN_PROGRESS])
def test_a_fault_of_the_operator_sends_neither_twice_nor_never(make_house: MakeHouse, fault: Fault) -> None:
    house = make_house(deduplicate=False, duplicate_events=True)
    house.faults.add(FaultRule(fault=fault, path="v3/postmessage"))
    document = house.upload()
    house.send(document)
    arrived_once(house, document)


class Grumbling:
    """The real operator, but what is asked of it may be answered by an error or by something else."""

    def __init__(self, real: port.Operator, **instead: object) -> None:
        self._real = real
        self._instead = instead
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        real, instead = getattr(self._real, name), self._instead.get(name)
        if not callable(real):
            return real

        def call(*args: object, **options: object) -> object:
            self.calls.append(name)
            if isinstance(instead, list) and instead:
                answer = instead.pop(0)
                if isinstance(answer, tuple):  # done, and then the error
                    real(*args, **options)
                    raise answer[1]
                raise answer
            return real(*args, **options)

        return call


def grumble(house: House, company: object, **instead: object) -> Grumbling:
    """Stand before the operator of one company."""
    uow = house.services.system_uow("exchange.poll")
    with uow:
        row = next(
            one
            for one in uow.session.query(OperatorAccount)
            if one.participant_id == company.participant_id  # type: ignore[attr-defined]  # a demo company
        )
    services = house.services
    from edo_service.exchange.accounts import card

    real = services.operator(card(row))
    stands = Grumbling(real, **instead)
    services._operators[row.id] = replace(services._operators[row.id], adapter=stands)  # type: ignore[arg-type]  # the same port
    return stands


def test_a_lookup_that_fails_is_no_refusal(make_house: MakeHouse) -> None:
    """The call was executed, its answer was lost, and then the feed is unreadable: still not «failed»."""
    house = make_house(deduplicate=False)
    lost = (True, operator_errors.OutcomeUnknown("lost"))
    grumble(house, LESSOR, execute=[lost], look_up=[operator_errors.BadAnswer("?"), operator_errors.Forbidden("?")])
    document = house.upload()
    house.send(document)
    arrived_once(house, document)


def test_a_page_of_maintenance_is_no_refusal(house: House) -> None:
    """Before anything leaves, the operator answers a read with something that is not its format: the call is repeated."""
    seen = grumble(house, LESSOR, execute=[operator_errors.BadAnswer("<html>")])
    document = house.upload()
    house.send(document)
    arrived_once(house, document)
    assert seen.calls.count("execute") == 2


def test_a_conflict_after_a_lost_answer_is_our_own_earlier_call(house: House) -> None:
    document = house.deliver(house.upload())
    house.settle()
    lost = (True, operator_errors.OutcomeUnknown("lost"))
    seen = grumble(house, CLIENT_ONE, execute=[lost, operator_errors.Conflict("answered already")])
    house.prepare(document)
    house.sign(document)
    house.settle(lambda: house.card(document, CLIENT).line.response in {"signed", "signed_confirmed"})
    assert seen.calls.count("execute") == 1, "looked first"
    assert house.card(document, CLIENT).line.trouble is None


def test_a_refusal_by_the_operator_is_told_in_its_words(house: House) -> None:
    grumble(house, LESSOR, execute=[operator_errors.RecipientRefuses("отправитель заблокирован")])
    document = house.upload()
    house.send(document)
    house.settle(lambda: house.card(document).line.delivery == "failed")
    trouble = house.card(document).line.trouble
    assert trouble is not None
    assert "отправитель заблокирован" in trouble_words(trouble)
    assert [row.state for row in dispatches(house)] == ["refused"]
    assert len(house.journal("exchange.refused")) == 1


@pytest.mark.parametrize(
    ("error", "trouble", "pause"),
    [
        (operator_errors.AuthExpired("401"), "exchange.credentials_refused", timedelta(minutes=10)),
        (operator_errors.RateLimited("429", retry_after=90), "exchange.silent", timedelta(seconds=90)),
        (operator_errors.Temporary("503"), "exchange.silent", timedelta(seconds=5)),
    ],
)
def test_a_silent_operator_is_asked_again_after_its_pause_and_the_card_says_so(
    house: House, error: operator_errors.OperatorError, trouble: str, pause: timedelta
) -> None:
    stands = grumble(house, LESSOR, execute=[error])
    document = house.upload()
    house.send(document)
    house.work()
    assert house.card(document).line.trouble == trouble
    (waiting,) = [row for row in house.jobs("waiting") if row.kind == "document.signed"]
    assert waiting.run_after - house.clock.now() == pause
    house.clock.move(pause)
    house.settle(lambda: house.card(document).line.delivery == "delivered")
    assert house.card(document).line.trouble is None
    assert stands.calls.count("execute") == 2


def test_without_a_connection_the_document_waits_with_a_word(house: House) -> None:
    uow = house.services.system_uow("exchange.poll")
    with uow:
        row = next(one for one in uow.session.query(OperatorAccount) if one.participant_id == LESSOR.participant_id)
        row.state = "off"
        uow.commit()
    document = house.upload()
    house.send(document)
    for _ in range(13):  # a job that fails is dead after twelve times
        house.runner.drain()
        house.clock.move(timedelta(hours=2))
    assert house.card(document).line.trouble == "exchange.not_connected"
    assert house.jobs("dead") == []
    with uow:
        again = uow.session.get_one(OperatorAccount, row.id)
        again.state = "connected"
        uow.commit()
    house.settle(lambda: house.card(document).line.delivery == "delivered")


def test_a_poll_waits_as_long_as_the_operator_asked(house: House) -> None:
    stands = grumble(house, LESSOR, events=[operator_errors.RateLimited("429", retry_after=120)])
    for _ in range(10):
        house.work()
        house.clock.move(timedelta(seconds=10))
    assert stands.calls.count("events") == 1
    house.clock.move(timedelta(seconds=30))
    house.work()
    assert stands.calls.count("events") == 2


def test_polls_are_one_a_connection(house: House) -> None:
    promise = house.services.exchange_handlers.promise_polls
    assert promise() == 0, "connecting has promised the first ones"
    uow = house.services.system_uow("health")
    with uow:
        assert uow.session.query(Job).filter_by(kind="exchange.poll", state="waiting").count() == 3


def wish(company: object) -> Connection:
    return Connection(
        operator="diadoc",
        participant_id=company.participant_id,  # type: ignore[attr-defined]  # a demo company
        login="demo",
        password="demo",
        client_id="edo-demo",
    )


def try_to_connect(house: House, actor: Actor, connection: Connection) -> EdoError:
    services = house.services
    with pytest.raises(EdoError) as caught:
        connect(connection, actor=actor, uow=house.uow(actor), operators=services.operator, secrets=services.secrets)
    return caught.value


def test_a_company_connects_its_own_box_only(house: House) -> None:
    """The account at the operator sees the boxes of all three companies."""
    actor = house.actor(ACCOUNTANT)
    error = try_to_connect(house, actor, wish(CLIENT_TWO))
    assert (type(error), error.code) == (Rejected, "exchange.box_of_other_organization")
    error = try_to_connect(house, house.actor(COMPLIANCE), wish(LESSOR))
    assert isinstance(error, Forbidden)


def test_wrong_credentials_are_told_from_a_silent_operator(house: House) -> None:
    from dataclasses import replace

    actor = house.actor(ACCOUNTANT)
    error = try_to_connect(house, actor, replace(wish(LESSOR), password="wrong"))
    assert (type(error), error.code) == (Rejected, "exchange.credentials_refused")
    house.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path="authenticate", times=50))
    error = try_to_connect(house, actor, wish(LESSOR))
    assert (type(error), error.code) == (Unavailable, "exchange.no_answer")
    house.faults.clear()
    assert "demo" not in repr(wish(LESSOR)).replace("edo-demo", "").replace("login='demo'", "")


def test_new_credentials_are_used_at_once(house: House) -> None:
    services, actor = house.services, house.actor(ACCOUNTANT)
    uow = house.uow(actor)
    before = dict(services._operators)
    account = connect(wish(LESSOR), actor=actor, uow=uow, operators=services.operator, secrets=services.secrets)
    from edo_service.exchange.accounts import card

    with uow:
        found = card(uow.session.get_one(OperatorAccount, account))
    assert services.operator(found) is services.operator(found)
    assert account not in before or services.operator(found) is not before[account].adapter
