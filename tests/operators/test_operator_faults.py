"""What the adapter does when the network or the operator misbehaves: look before repeating, wait when told, never double."""

import contextlib
import json
import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from operators.diadoc import DiadocOperator
from operators.errors import InProgress, NotFound, OutcomeUnknown, RateLimited, Temporary
from operators.port import Send
from operators.sandbox import Fault, FaultRule
from tests.operators.conftest import CREDENTIALS
from tests.operators.parts import BUYER, SELLER, HandClock, KeyNotary, Sandbox, upd_to_send
from tests.operators.test_operator_contract import do, feed, received, title_for


def counts(sandbox: Sandbox) -> dict[str, dict[str, int]]:
    answer: dict[str, dict[str, int]] = httpx2.get(f"{sandbox.url}/_sandbox/counts").json()
    return answer


def times_accepted(sandbox: Sandbox, action: Send) -> int:
    return counts(sandbox)["accepted"].get(f"document:{sha256(action.document.content).hexdigest()}", 0)


def arrivals(operator: DiadocOperator) -> list[str]:
    return [event.message_id for event in feed(operator, BUYER.box_id) if event.from_box]


@contextlib.contextmanager
def impatient(sandbox: Sandbox) -> Iterator[DiadocOperator]:
    """An adapter that gives up reading after three seconds."""
    made = DiadocOperator(
        sandbox.url, CREDENTIALS, clock=sandbox.clock, timeouts=httpx2.Timeout(60.0, read=3.0), wait=lambda _: None
    )
    made.check_connection()
    yield made
    made.close()


def until(condition: Callable[[], object]) -> None:
    """Wait for what a server does by itself, at most two minutes."""
    pause, deadline = threading.Event(), time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.02)


def test_withheld_answer_is_looked_up_not_repeated(
    operator: DiadocOperator, sandbox: Sandbox, signer: KeyNotary
) -> None:
    action = upd_to_send()
    with impatient(sandbox) as hasty:
        sandbox.faults.add(FaultRule(fault=Fault.WITHHOLD))
        with pytest.raises(OutcomeUnknown):
            do(hasty, action, signer, key="k1")
    until(lambda: times_accepted(sandbox, action))
    found = operator.look_up(action)
    assert found is not None
    assert arrivals(operator) == [found.message_id]
    assert do(operator, action, signer, key="k1") == found, "a repeat with the same key gives the first result"
    assert times_accepted(sandbox, action) == 1


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR_AFTER])
def test_broken_answer_is_looked_up(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox, fault: Fault
) -> None:
    action = upd_to_send()
    sandbox.faults.add(FaultRule(fault=fault))
    with pytest.raises(OutcomeUnknown):
        do(operator, action, signer)
    found = operator.look_up(action)
    assert found is not None
    assert arrivals(operator) == [found.message_id]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SERVER_ERROR])
def test_lost_request_is_not_found_and_repeated(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox, fault: Fault
) -> None:
    action = upd_to_send()
    sandbox.faults.add(FaultRule(fault=fault))
    with pytest.raises(OutcomeUnknown):
        do(operator, action, signer, key="k1")
    assert operator.look_up(action) is None
    sent = do(operator, action, signer, key="k1")
    assert arrivals(operator) == [sent.message_id]


def test_withheld_answer_of_a_title_is_looked_up(operator: DiadocOperator, sandbox: Sandbox, signer: KeyNotary) -> None:
    doc = received(operator, do(operator, upd_to_send(), signer))
    action = title_for(doc)
    with impatient(sandbox) as hasty:
        sandbox.faults.add(FaultRule(fault=Fault.WITHHOLD))
        with pytest.raises(OutcomeUnknown):
            do(hasty, action, signer)
    until(lambda: operator.look_up(action))


def test_write_is_not_repeated_on_429_and_tells_when(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox, waits: list[float]
) -> None:
    sandbox.faults.add(FaultRule(fault=Fault.RATE_LIMIT, retry_after=7))
    action = upd_to_send()
    with pytest.raises(RateLimited) as caught:
        do(operator, action, signer)
    assert (caught.value.retry_after, waits) == (7.0, [])
    assert times_accepted(sandbox, action) == 0


def test_running_operation_is_asked_again_with_the_same_key(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox
) -> None:
    action = upd_to_send()
    sandbox.faults.add(FaultRule(fault=Fault.IN_PROGRESS, retry_after=3))
    with pytest.raises(InProgress) as caught:
        do(operator, action, signer, key="k1")
    assert caught.value.retry_after == 3.0
    sent = do(operator, action, signer, key="k1")
    assert arrivals(operator) == [sent.message_id]


def test_read_is_repeated_after_the_time_that_the_operator_names(
    operator: DiadocOperator, sandbox: Sandbox, waits: list[float]
) -> None:
    sandbox.faults.add(
        FaultRule(fault=Fault.RATE_LIMIT, path="getnewevents", retry_after=4),
        FaultRule(fault=Fault.CUT, path="getnewevents"),
    )
    assert feed(operator, SELLER.box_id) == []
    assert waits == [4.0, 2.0]


def test_read_gives_up_after_three_attempts_or_a_long_wait(
    operator: DiadocOperator, sandbox: Sandbox, waits: list[float]
) -> None:
    sandbox.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path="getnewevents", times=3))
    with pytest.raises(Temporary):
        operator.events(SELLER.box_id, None)
    assert waits == [1.0, 2.0]
    sandbox.faults.add(FaultRule(fault=Fault.RATE_LIMIT, path="getnewevents", retry_after=600))
    with pytest.raises(RateLimited):
        operator.events(SELLER.box_id, None)
    assert waits == [1.0, 2.0]
    assert sandbox.faults.pending() == ()


def test_duplicated_events_carry_the_same_id(operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox) -> None:
    do(operator, upd_to_send(), signer)
    once = [event.id for event in feed(operator, SELLER.box_id)]
    sandbox.faults.duplicate_events = True
    twice = [event.id for event in feed(operator, SELLER.box_id)]
    assert twice == [each for each in once for _ in range(2)]


def test_delayed_events_come_later_and_none_is_stepped_over(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox
) -> None:
    sandbox.faults.delay_events = timedelta(hours=1)
    late = do(operator, upd_to_send(), signer)
    sandbox.faults.delay_events = timedelta(0)
    prompt = do(operator, upd_to_send(), signer)
    page = operator.events(BUYER.box_id, None)
    assert page.items == ()
    sandbox.clock.move(timedelta(hours=1))
    assert [event.message_id for event in feed(operator, BUYER.box_id, page.next)] == [
        late.message_id,
        prompt.message_id,
    ]


def test_doubles_are_counted_when_deduplication_is_off(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox
) -> None:
    knobs = {"deduplicate": False}
    assert httpx2.post(f"{sandbox.url}/_sandbox/faults", json=knobs).json()["deduplicate"] is False
    action = upd_to_send()
    first = do(operator, action, signer, key="k1")
    second = do(operator, action, signer, key="k1")
    assert first.message_id != second.message_id
    assert times_accepted(sandbox, action) == 2
    assert counts(sandbox)["replayed"] == {}


def test_refused_and_replayed_answers_are_counted_apart(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox
) -> None:
    doc = received(operator, do(operator, upd_to_send(), signer))
    action = title_for(doc)
    do(operator, action, signer, key="k1")
    do(operator, action, signer, key="k1")
    with pytest.raises(Exception, match="уже дан ответ"):
        do(operator, action, signer, key="k2")
    key = f"title:{sha256(action.content).hexdigest()}"
    assert {column: each.get(key) for column, each in counts(sandbox).items()} == {
        "accepted": 1,
        "replayed": 1,
        "refused": 1,
    }


def test_faults_are_set_over_http_and_bad_knobs_are_refused(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/_sandbox/faults"
    rule: dict[str, Any] = {"fault": "withhold", "path": "getmessage", "times": 2, "retry_after": 5}
    assert httpx2.post(address, json={"rules": [rule], "delay_events": 1.5, "roaming": "closed"}).json() == {
        "rules": [rule],
        "deduplicate": True,
        "duplicate_events": False,
        "reorder_events": False,
        "unknown_entities": False,
        "lose_cursors": 0,
        "roaming": "closed",
        "delay_events": 1.5,
        "delay_delivery": 0.0,
        "delay_roaming": 0.0,
        "delay_invitations": 0.0,
        "delay_shelf": 0.0,
    }
    assert httpx2.post(address, json={"rules": [{"fault": "explode"}]}).status_code == 400
    assert httpx2.post(address, json={"clear": True}).json()["rules"] == []


def test_old_token_is_renewed_in_the_middle_of_a_write(sandbox: Sandbox, signer: KeyNotary) -> None:
    slow_clock = HandClock()
    operator = DiadocOperator(sandbox.url, CREDENTIALS, clock=slow_clock)
    operator.check_connection()
    sandbox.clock.move(timedelta(hours=25))
    sent = do(operator, upd_to_send(), signer)
    assert arrivals(operator) == [sent.message_id]
    operator.close()


def test_nobody_at_the_address_is_temporary_even_for_a_write(signer: KeyNotary, waits: list[float]) -> None:
    with socket.socket() as taken:  # bound and not listening: the port stays ours
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        operator = DiadocOperator(url, CREDENTIALS, clock=HandClock(), wait=waits.append)
        action = upd_to_send()
        signatures = {each.ref: signer.sign(each.content) for each in operator.prepare(action)}
        with pytest.raises(Temporary):
            operator.execute(action, signatures, key=str(uuid.uuid4()))
        operator.close()


def test_secrets_stay_out_of_logs_errors_and_reprs(
    sandbox: Sandbox, signer: KeyNotary, caplog: pytest.LogCaptureFixture
) -> None:
    secret = replace(CREDENTIALS, client_id="client-id-secret", password="password-secret")
    operator = DiadocOperator(sandbox.url, secret, clock=sandbox.clock)
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match="401") as caught:
        operator.check_connection()
    good = DiadocOperator(sandbox.url, replace(secret, password="demo"), clock=sandbox.clock)
    with caplog.at_level(logging.DEBUG), pytest.raises(NotFound):
        good.message(SELLER.box_id, str(uuid.uuid4()))
    token = good._client.token
    shown = "\n".join([caplog.text, repr(secret), repr(caught.value), json.dumps(str(vars(caught.value)))])
    assert token
    for hidden in ("client-id-secret", "password-secret", token):
        assert hidden not in shown
    operator.close()
    good.close()
