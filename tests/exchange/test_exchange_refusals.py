"""What the operator refuses for good does not stay stuck: the buttons come back, the notice is sent anew, nothing goes twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from edo_service.documents.pages import words
from edo_service.exchange.refusals import pause_after
from edo_service.exchange.tables import Dispatch
from edo_service.kernel.jobs import Job
from edo_service.texts import trouble_words
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import CLIENT, House, MakeHouse

Freeze = Callable[[House, object], bytes]
ANSWER: Freeze = lambda house, document: house.prepare(document)  # type: ignore[arg-type]  # noqa: E731 - a document's id
REFUSAL: Freeze = lambda house, document: house.refuse(document)  # type: ignore[arg-type]  # noqa: E731 - a document's id


def dispatches(house: House, act: str) -> list[str]:
    uow = house.services.system_uow("health")
    with uow:
        return [row.state for row in uow.session.query(Dispatch).filter_by(act=act).order_by(Dispatch.id)]


@pytest.mark.parametrize(
    ("freeze", "act", "on_the_way", "done"),
    [(ANSWER, "answer", "signing", "signed_confirmed"), (REFUSAL, "reject", "refusing", "refused_confirmed")],
    ids=["title", "refusal"],
)
def test_a_refused_answer_comes_back_with_the_reason_and_can_be_given_again(
    make_house: MakeHouse, freeze: Freeze, act: str, on_the_way: str, done: str
) -> None:
    house = make_house(deduplicate=False, duplicate_events=True)
    document = house.deliver(house.upload())
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")
    first = freeze(house, document)
    house.sign(document)
    assert house.card(document, CLIENT).line.response == on_the_way
    house.faults.add(FaultRule(fault=Fault.UNPAID, path="postmessagepatch"))
    house.settle(lambda: house.card(document, CLIENT).line.response == "required")

    card = house.card(document, CLIENT)
    assert words.is_your_move(card.line)
    assert card.part_to_sign is None, "the refused file is not offered for signing again"
    assert card.answered_at is None
    assert card.refusal_reason is None
    assert "Тариф не оплачен" in trouble_words(card.line.trouble or "")
    house.settle()
    assert dispatches(house, act) == ["refused"], "nothing is repeated by itself"

    second = freeze(house, document)
    assert second != first
    house.sign(document)
    house.settle(lambda: house.card(document, CLIENT).line.response == done)
    assert house.card(document, CLIENT).line.trouble is None
    assert dispatches(house, act) == ["refused", "done"]
    assert len(house.journal(f"exchange.{act}")) == 1


def test_a_job_of_a_refused_answer_that_comes_late_sends_nothing(make_house: MakeHouse) -> None:
    house = make_house(deduplicate=False)
    document = house.deliver(house.upload())
    house.settle(lambda: house.card(document, CLIENT).line.receipt in {"sent", "confirmed"})
    house.prepare(document)
    house.sign(document)
    house.faults.add(FaultRule(fault=Fault.UNPAID, path="postmessagepatch"))
    house.settle(lambda: house.card(document, CLIENT).line.response == "required")
    uow = house.services.system_uow("health")
    with uow:
        late = uow.session.query(Job).filter_by(kind="document.signed", state="done").order_by(Job.created_at).all()[-1]
        uow.jobs.put(late.kind, owner_id=late.owner_id, key="late", queue="exchange", payload=late.payload)
        uow.commit()
    house.settle()
    assert house.card(document, CLIENT).line.response == "required"
    assert house.journal("exchange.answer") == []


def test_a_refused_receipt_notice_is_written_and_sent_anew(make_house: MakeHouse) -> None:
    house = make_house(deduplicate=False, duplicate_events=True)
    document = house.upload()
    house.send(document)
    house.faults.add(FaultRule(fault=Fault.UNPAID, path="postmessagepatch", times=2))
    house.settle(lambda: dispatches(house, "receipt") == ["refused"])
    incoming = house.incoming()
    line = house.card(incoming, CLIENT).line
    assert line.receipt == "required"
    assert "Тариф не оплачен" in trouble_words(line.trouble or "")
    pauses = [row.run_after - house.clock.now() for row in house.jobs("waiting") if row.kind == "document.receipt"]
    assert pauses == [timedelta(hours=1)]

    house.settle()
    assert dispatches(house, "receipt") == ["refused", "refused", "done"]
    house.settle(lambda: house.card(incoming, CLIENT).line.receipt == "confirmed")
    assert house.card(incoming, CLIENT).line.trouble is None
    assert len(house.journal("exchange.receipt")) == 1
    assert house.card(document).line.receipt == "received"


def test_the_pauses_between_notices_grow_to_a_day() -> None:
    assert [pause_after(refused) // timedelta(hours=1) for refused in range(1, 8)] == [1, 2, 4, 8, 16, 24, 24]
    assert pause_after(10_000) == timedelta(days=1)
