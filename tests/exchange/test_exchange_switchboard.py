"""Credentials change while threads speak: nobody's adapter is closed under him, and the newest credentials hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from edo_service.adapters.call_metrics import MOST_CALLS, CallMetrics
from edo_service.bootstrap_operators import GRACE, Switchboard
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.kernel.ids import new_id
from edo_service.settings import Settings
from operators.diadoc import DiadocOperator
from operators.guards import Observation
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import ACCOUNTANT, CLIENT, House


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The adapters that were closed."""
    found: list[object] = []
    close = DiadocOperator.close

    def note(adapter: DiadocOperator) -> None:
        found.append(adapter)
        close(adapter)

    monkeypatch.setattr(DiadocOperator, "close", note)
    return found


def board_of(house: House, **addresses: str) -> Switchboard:
    """A board of its own, with operators at these addresses."""
    services = house.services
    return Switchboard(
        settings=Settings(data_dir=services.settings.root, **addresses),  # type: ignore[arg-type]  # addresses only
        clock=services.clock,
        secrets=services.secrets,
        company=services.company,
        kept={},
        make_uow=services.uow,
    )


def made(house: House) -> tuple[Switchboard, AccountCard]:
    """A board, and the card of an account whose credentials were read before they were changed."""
    services, owner = house.services, house.actor(ACCOUNTANT).entity
    older = AccountCard(
        id=uuid4(),
        owner_id=owner,
        operator="diadoc",
        participant_id="2BM-1",
        box=str(new_id()),
        login="accountant",
        sealed_password=services.secrets.seal(b"old", seal_context(owner, "diadoc")),
        client_id="c",
        cursor=None,
        version=1,
    )
    return board_of(house, operator_url="http://127.0.0.1:1"), older


def changed(house: House, card: AccountCard, password: bytes) -> AccountCard:
    sealed = house.services.secrets.seal(password, seal_context(card.owner_id, "diadoc"))
    return replace(card, sealed_password=sealed, version=card.version + 1)


def test_an_older_card_is_given_the_newer_adapter(house: House, closed: list[object]) -> None:
    board, older = made(house)
    newer = changed(house, older, b"new")
    first, second = board.operator(older), board.operator(newer)
    assert first is not second
    assert board.operator(older) is second
    assert board.operator(newer) is second
    assert closed == [], "a thread may still speak through the first one"
    board.close()
    assert {id(one) for one in closed} == {id(first), id(second)}


def test_a_card_read_after_another_change_keeps_its_adapter_and_outdates_those_before(house: House) -> None:
    board, first = made(house)
    adapter = board.operator(first)
    assert board.operator(replace(first, version=5)) is adapter, "a place in the feed is no credential"
    assert board.operator(changed(house, first, b"in between")) is adapter
    board.close()


def test_what_was_replaced_is_closed_when_nobody_can_speak_through_it_any_more(
    house: House, closed: list[object]
) -> None:
    board, card = made(house)
    adapters = []
    for word, pause in ((b"1", timedelta(0)), (b"2", GRACE - timedelta(seconds=1)), (b"3", timedelta(seconds=1))):
        house.clock.move(pause)
        card = changed(house, card, word)
        adapters.append(board.operator(card))
    assert closed == []
    house.clock.move(timedelta(seconds=GRACE.total_seconds() - 1))
    board.operator(changed(house, card, b"4"))
    assert closed == adapters[:1]
    board.close()


def test_calls_to_operators_are_counted_and_failures_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    registry = CollectorRegistry()
    registry.register(house.services.calls)
    house.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path="v3/postmessage", times=1))
    with caplog.at_level("INFO", logger="edo_service.adapters.call_metrics"):
        house.send(house.upload())
        house.settle(lambda: bool(house.all(CLIENT)))

    def calls(outcome: str) -> float | None:
        labels = {"operator": "2BM", "call": "/V3/PostMessage", "outcome": outcome}
        return registry.get_sample_value("edo_operator_calls_total", labels)

    failed = [one.getMessage() for one in caplog.records if "/V3/PostMessage" in one.getMessage()]
    assert len(failed) == 1
    assert "(HTTP 500)" in failed[0]
    assert calls("ok") == 1
    assert calls(failed[0].split(" ended with ")[1].split(" ")[0]) == 1
    timed = {"operator": "2BM", "call": "/V3/PostMessage"}
    assert registry.get_sample_value("edo_operator_call_seconds_count", timed) == 2


def test_names_of_calls_are_bounded() -> None:
    calls = CallMetrics()
    for number in range(MOST_CALLS + 5):
        calls(Observation(operator="2BM", call=f"call {number}", status=200, outcome="ok", seconds=0.1))
    names = {sample.labels["call"] for metric in calls.collect() for sample in metric.samples}
    assert len(names) == MOST_CALLS + 1
    assert "other" in names
