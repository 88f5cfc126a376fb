"""What the operator refuses for good does not stay stuck: the buttons come back, the notice is sent anew, nothing goes twice."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE
from edo_service.documents.pages import words
from edo_service.documents.rules import Route
from edo_service.exchange import queries
from edo_service.exchange.refusals import pause_after
from edo_service.exchange.tables import Dispatch
from edo_service.exchange.use_cases.queue import retry_now
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import Job
from edo_service.texts import trouble_words
from edo_service.texts.failures import failure_words
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange import outside
from tests.fixtures.road import CLIENT, House, MakeHouse

Freeze = Callable[[House, object], bytes]
Upload = Callable[[House], UUID]
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
    house.faults.add(FaultRule(fault=Fault.MALFORMED, path="postmessagepatch"))
    house.settle(lambda: house.card(document, CLIENT).line.response == "required")

    card = house.card(document, CLIENT)
    assert words.is_your_move(card.line)
    assert card.part_to_sign is None, "the refused file is not offered for signing again"
    assert card.answered_at is None
    assert card.refusal_reason is None
    assert "Файл не соответствует формату" in trouble_words(card.line.trouble or "")
    house.settle()
    assert dispatches(house, act) == ["refused"], "nothing is repeated by itself"

    second = freeze(house, document)
    assert second != first
    house.sign(document)
    house.settle(lambda: house.card(document, CLIENT).line.response == done)
    assert house.card(document, CLIENT).line.trouble is None
    assert dispatches(house, act) == ["refused", "done"]
    assert len(house.journal(f"exchange.{act}")) == 1


def contract(house: House) -> UUID:
    return house.contract(route=Route.OPERATOR)


@pytest.mark.parametrize(
    ("upload", "freeze", "act", "fault", "on_the_way", "done"),
    [
        (House.upload, ANSWER, "answer", Fault.UNPAID, "signing", {"signed", "signed_confirmed"}),
        pytest.param(contract, ANSWER, "sign", Fault.UNPAID, "signing", {"signed"}, marks=pytest.mark.soak),
        pytest.param(
            *(House.upload, REFUSAL, "reject", Fault.UNPAID, "refusing", {"refused", "refused_confirmed"}),
            marks=pytest.mark.soak,
        ),
        pytest.param(contract, ANSWER, "sign", Fault.MALFORMED, "signing", {"signed"}, marks=pytest.mark.soak),
    ],
    ids=["title", "contract", "refusal", "contract-refused"],
)
def test_an_answer_that_is_refused_for_another_reason_than_its_file_waits_in_the_queue_and_ends_signed(
    make_house: MakeHouse, upload: Upload, freeze: Freeze, act: str, fault: Fault, on_the_way: str, done: set[str]
) -> None:
    house = make_house(deduplicate=False)
    ours = upload(house)
    document = house.deliver(ours)
    house.settle(lambda: house.card(document, CLIENT).line.receipt in {"confirmed", "not_needed"})
    freeze(house, document)
    house.sign(document)
    house.faults.add(FaultRule(fault=fault, path="postmessagepatch"))
    house.settle(lambda: dispatches(house, act) == ["refused"])
    house.settle()
    card, actor = house.card(document, CLIENT), Actor.automatic("test", house.entity(CLIENT_ONE))
    assert card.line.response == on_the_way
    assert "отправьте ответ ещё раз" in trouble_words(card.line.trouble or "")
    (row,) = queries.queue(uow=house.uow(actor))
    assert (row.state, row.document_id, queries.failed_jobs(uow=house.uow(actor))) == ("dead", document, 1)
    assert failure_words(row.answer or "").startswith("У оператора не оплачен" if fault is Fault.UNPAID else "Оператор")
    assert dispatches(house, act) == ["refused"], "nothing is repeated by itself"

    retry_now(row.id, actor=actor, uow=house.uow(actor))
    house.settle(
        lambda: house.card(document, CLIENT).line.response in done and house.card(ours).answered_at is not None
    )
    assert dispatches(house, act) == ["done"]
    assert house.card(document, CLIENT).line.trouble is None
    assert queries.failed_jobs(uow=house.uow(actor)) == 0
    assert len(house.journal(f"exchange.{act}")) == 1


def test_an_intent_whose_file_was_overtaken_at_the_operators_site_is_closed(make_house: MakeHouse) -> None:
    house = make_house(deduplicate=False)
    document = house.deliver(house.upload())
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")
    house.prepare(document)
    house.sign(document)
    house.faults.add(FaultRule(fault=Fault.DROP, path="postmessagepatch"))
    house.settle(lambda: dispatches(house, "answer") == ["calling"])
    outside.give(house, document, outside.buyer_title(house, document))
    house.settle()
    assert house.card(document, CLIENT).line.response == "signed_confirmed"
    assert dispatches(house, "answer") == ["overtaken"]


def test_a_job_of_a_refused_answer_that_comes_late_sends_nothing(make_house: MakeHouse) -> None:
    house = make_house(deduplicate=False)
    document = house.deliver(house.upload())
    house.settle(lambda: house.card(document, CLIENT).line.receipt in {"sent", "confirmed"})
    house.prepare(document)
    house.sign(document)
    house.faults.add(FaultRule(fault=Fault.MALFORMED, path="postmessagepatch"))
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
