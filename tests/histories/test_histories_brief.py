"""A handful of histories for every run: fixed ones that once ended badly, and a few that hypothesis always finds alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from edo_service.documents.tables import Document
from edo_service.exchange.use_cases import dispatch
from operators.sandbox import Fault
from tests.histories.deaths import Death
from tests.histories.dice import run_histories
from tests.histories.houses import Ground, Side, ground
from tests.histories.machine import (
    Annul,
    Answer,
    Ask,
    BreakDown,
    Correct,
    Disturb,
    Histories,
    Kill,
    PassTime,
    Send,
    Work,
)

SEED, FEW = 1, 2

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def laid() -> Iterator[Ground]:
    with ground() as made:
        Histories.ground = made
        yield made


def test_a_few_histories_end_alike_on_both_sides_and_at_the_operators(laid: Ground) -> None:
    Histories.totals.clear()
    run_histories(laid, seed=SEED, wanted=FEW, steps=5, shrink=False)
    assert Histories.totals["histories"] == FEW


@pytest.mark.usefixtures("laid")
def test_a_contract_signed_at_saby_is_signed_for_its_sender() -> None:
    """Saby shows a file again with each signature on it."""
    state = Histories()
    state.begin(pair=("saby", "saby"), function=None)
    state.step(Work())
    state.step(Answer())
    state.teardown()
    assert state.counts["answered"] == 1


@pytest.mark.usefixtures("laid")
def test_an_invoice_that_the_other_operator_does_not_take_has_failed_for_its_sender() -> None:
    """Our own operator has confirmed it by then."""
    state = Histories()
    state.begin(pair=("diadoc", "taxcom"), function="СЧФДОП")
    state.step(Disturb(knob="roaming_failing"))
    state.step(Work(sides=(0,)))
    state.teardown()
    assert state.counts["delivered"] == 0


@pytest.mark.usefixtures("laid")
def test_a_call_whose_end_the_feed_has_told_is_not_left_open() -> None:
    """The answer to the call is lost; then the other operator does not take the invoice, and nobody asks again."""
    state = Histories()
    state.begin(pair=("diadoc", "taxcom"), function="СЧФДОП")
    state.step(Disturb(knob="roaming_failing"))
    state.step(BreakDown(fault=Fault.CUT, place="write"))
    state.step(Work(sides=(0,)))
    state.teardown()
    assert (state.counts["documents"], state.counts["delivered"]) == (1, 0)


@pytest.mark.usefixtures("laid")
def test_a_correction_that_is_asked_for_replaces_the_invoice_on_both_sides() -> None:
    state = Histories()
    state.begin(pair=("diadoc", "diadoc"), function="СЧФДОП")
    state.step(Ask())
    state.step(Correct())
    state.teardown()
    assert [state.counts[word] for word in ("documents", "delivered", "asked", "corrected")] == [2, 2, 1, 1]


@pytest.mark.usefixtures("laid")
def test_a_correction_of_one_that_the_other_operator_did_not_take_replaces_the_invoice() -> None:
    """The second исправление goes out while nobody knows yet that the first has failed."""
    state = Histories()
    state.begin(pair=("diadoc", "taxcom"), function="СЧФДОП")
    state.step(Work(sides=(0,), jobs=8))
    state.step(PassTime(seconds=2))
    state.step(Work(sides=(0,), jobs=2))
    state.step(Correct())
    state.step(Disturb(knob="roaming_failing"))
    state.step(Correct())
    state.step(PassTime(seconds=60))
    state.teardown()
    assert [state.counts[word] for word in ("documents", "delivered", "corrected")] == [3, 2, 1]


@pytest.mark.usefixtures("laid")
def test_an_invoice_that_fails_after_its_correction_has_arrived_is_corrected_by_nothing() -> None:
    state = Histories()
    state.begin(pair=("diadoc", "saby"), function="СЧФДОП")
    state.step(Disturb(knob="roaming_failing"))
    state.step(Disturb(knob="delay_delivery"))
    state.step(Correct())
    state.teardown()
    assert [state.counts[word] for word in ("documents", "delivered", "corrected")] == [2, 1, 0]


@pytest.mark.usefixtures("laid")
def test_a_signature_that_the_operator_has_refused_is_sent_from_the_queue() -> None:
    state = Histories()
    state.begin(pair=("taxcom", "taxcom"), function=None)
    state.step(Answer())
    state.step(BreakDown(fault=Fault.UNPAID, place="answer"))
    state.teardown()
    assert state.counts["answered"] == 1


@pytest.mark.usefixtures("laid")
def test_without_its_look_before_a_repeat_a_killed_sender_is_seen_to_send_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reckoning can tell: the operator has no deduplication of its own."""
    monkeypatch.setattr(dispatch, "_look", lambda *_: None)
    state = Histories()
    state.begin(pair=("diadoc", "diadoc"), function=None)
    state.step(Kill(side=0, death=Death(point="exchange.after_call")))
    with pytest.raises(AssertionError, match="sent the same twice"):
        state.teardown()


@pytest.mark.usefixtures("laid")
def test_a_request_that_a_refusal_follows_reaches_the_sender_over_roaming() -> None:
    """Asked to clarify, then refused: the sender sees both, whichever its operator shows first."""
    state = Histories()
    state.begin(pair=("saby", "diadoc"), function="СЧФДОП")
    state.step(Ask())
    state.step(Answer(how="refuse"))
    state.teardown()
    assert (state.counts["asked"], state.counts["answered"]) == (1, 1)


@pytest.mark.usefixtures("laid")
def test_a_request_that_crosses_a_proposal_to_annul_is_taken_for_a_request() -> None:
    """Saby does not tell what a notice is about; what it says inside does."""
    state = Histories()
    state.begin(pair=("saby", "diadoc"), function="СЧФ")
    state.step(step=Work(sides=(0,), jobs=2))
    state.step(step=Ask())
    state.step(step=Kill(side=0, death=Death(point="commit.before")))
    state.step(step=Annul(side=0))
    state.teardown()
    assert state.counts["asked"] == 1


@pytest.mark.usefixtures("laid")
def test_a_delivery_that_is_told_before_the_call_has_ended_waits_for_it() -> None:
    """The answer to the sending is lost and the feed is out of order: nobody knows the message yet."""
    state = Histories()
    state.begin(pair=("saby", "diadoc"), function="СЧФДОП")
    state.step(BreakDown(fault=Fault.ERROR_AFTER, place="answer", times=2))
    state.step(Work(sides=(0,), jobs=2))
    state.step(Send(function=None))
    state.step(Disturb(knob="reorder_events"))
    state.step(Disturb(knob="lose_cursors"))
    state.step(PassTime(seconds=2))
    state.step(Disturb(knob="restart"))
    state.step(Disturb(knob="unknown_entities"))
    state.step(Work(sides=(0,)))
    state.teardown()
    assert (state.counts["documents"], state.counts["delivered"]) == (2, 2)


@pytest.mark.usefixtures("laid")
def test_a_request_that_is_written_while_the_set_sets_out_for_the_archive_goes_there_with_it() -> None:
    """She has frozen it and dies before she signs: the set is not whole, and waits for her."""
    state = Histories()
    state.begin(pair=("diadoc", "diadoc"), function="СЧФ")
    state.step(Work(sides=(0,)))
    buyer = state.ground.buyer
    for _ in range(200):
        if _archive(buyer) == ["handing_over"]:
            break
        state.step(Work(sides=(1,), jobs=1))
        state.step(PassTime(seconds=2))
    state.step(Ask(death=Death(point="commit.before", count=2)))
    assert _archive(buyer) == ["handing_over"]
    state.step(Work(sides=(1,)))
    assert _archive(buyer) == ["not_yet"]
    state.step(Ask())
    state.teardown()
    assert state.counts["asked"] == 1
    assert _archive(buyer) == ["kept"]


def _archive(side: Side) -> list[str]:
    with side.uow() as uow:
        return list(uow.session.scalars(select(Document.archive)))
