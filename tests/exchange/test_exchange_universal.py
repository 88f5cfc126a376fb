"""A receipt as a universal message (УС): made here for what comes in, taken for what went out; nobody signs one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from uuid import UUID, uuid4

import pytest

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR, DemoCompany, DemoPerson
from edo_service.documents.queries import PartCard
from edo_service.documents.receipts import RECEIPT
from edo_service.documents.rules import Role
from edo_service.documents.use_cases.clarify import request_text
from edo_service.exchange import fitness, queries
from edo_service.exchange.pages.queue import KINDS
from edo_service.exchange.refusals import FIRST_PAUSE
from edo_service.exchange.rules import ReceiptsBy
from edo_service.exchange.use_cases.queue import retry_now
from edo_service.exchange.use_cases.receipts import choose_receipts
from edo_service.formats import MessageCode
from edo_service.kernel.actor import Actor, Right
from edo_service.keys import queries as keys
from operators import port
from operators.port import EntityKind
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange.outside import operator_of, ref_of
from tests.fixtures.road import ACCOUNTANT, CLIENT, House, MakeHouse

PURPOSES: Mapping[MessageCode, Literal[EntityKind.REJECTION, EntityKind.CORRECTION_REQUEST, EntityKind.RECEIPT]] = {
    MessageCode.REFUSAL: EntityKind.REJECTION,
    MessageCode.CORRECTION_REQUEST: EntityKind.CORRECTION_REQUEST,
    MessageCode.RECEIPT: EntityKind.RECEIPT,
}


def by_message(house: House, receipts_by: ReceiptsBy = ReceiptsBy.MESSAGE) -> None:
    """The client's administrator chooses how she acknowledges what comes in."""
    actor = replace(house.actor(CLIENT), rights=frozenset(Right))
    (account,) = queries.accounts(uow=house.uow(actor).reading())
    choose_receipts(account.id, receipts_by, actor=actor, uow=house.uow(actor), operators=house.services.operator)


def receipt_of(house: House, document_id: UUID, person: DemoPerson) -> PartCard:
    (part,) = [one for one in house.card(document_id, person).parts if "receipt" in one.role]
    return part


def test_what_comes_in_is_acknowledged_by_a_message_and_both_sides_archive_it(make_house: MakeHouse) -> None:
    house = make_house()
    by_message(house)
    ours = house.upload(house.write(function="СЧФ"))
    theirs = house.deliver(ours)
    house.settle(lambda: all(one.archive == "kept" for one in (house.card(ours).line, house.card(theirs, CLIENT).line)))
    assert (house.card(ours).line.receipt, house.card(theirs, CLIENT).line.receipt) == ("received", "told")
    sides = [receipt_of(house, ours, ACCOUNTANT), receipt_of(house, theirs, CLIENT)]
    assert [(one.role, one.parent_role, list(one.signatures), one.objection) for one in sides] == [
        ("universal_receipt", "seller_title", [], None)
    ] * 2
    assert sides[0].sha256 == sides[1].sha256
    assert [one.origin for one in sides] == ["counterparty", "ours"]


def retire_key(house: House) -> None:
    """Her company's automatic key is taken out of use."""
    admin = house.actor(CLIENT)
    with house.uow(admin) as uow:
        key = keys.automatic_key(uow)
    assert key is not None
    house.services.keys.retire(key.id, actor=Actor.automatic("test", admin.entity), uow=house.uow(admin))


def keyless(house: House) -> UUID:
    """Her company has no automatic key when the document comes in, so no notice can be signed."""
    retire_key(house)
    document = house.deliver(house.upload(function="СЧФ"))
    house.settle(lambda: house.card(document, CLIENT).line.trouble == "document.no_automatic_key")
    assert house.card(document, CLIENT).line.receipt == "required"
    return document


def test_a_company_without_a_key_is_helped_and_a_lost_answer_sends_nothing_twice(make_house: MakeHouse) -> None:
    house = make_house(deduplicate=False)
    document = keyless(house)
    house.faults.add(FaultRule(fault=Fault.MALFORMED, path="generateuniversalmessage"))
    by_message(house)
    house.settle(lambda: (house.card(document, CLIENT).line.trouble or "").startswith("exchange.receipt_refused"))
    house.faults.add(FaultRule(fault=Fault.CUT, path="postmessagepatch"))
    house.clock.move(FIRST_PAUSE)
    (ours,) = house.all()
    house.settle(
        lambda: (house.card(document, CLIENT).line.receipt, house.card(ours.id).line.receipt) == ("told", "received")
    )
    assert receipt_of(house, ours.id, ACCOUNTANT).sha256 == receipt_of(house, document, CLIENT).sha256
    assert not (house.card(document, CLIENT).line.trouble or "").startswith("exchange.")


def test_a_notice_whose_key_is_retired_before_it_is_signed_gives_way_to_a_message(make_house: MakeHouse) -> None:
    house = make_house()
    ours = house.upload()
    house.send(ours)
    house.settle(lambda: house.card(ours).line.delivery != "queued")
    house.network.silent = {"tsa"}
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(house.incoming(), CLIENT).line.receipt == "prepared")
    retire_key(house)
    house.network.silent.clear()
    document = house.incoming()
    house.settle(lambda: house.jobs("dead") != [])
    assert house.card(document, CLIENT).line.receipt == "prepared"
    by_message(house)
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "told")
    assert (receipt_of(house, document, CLIENT).role, house.card(document, CLIENT).line.trouble) == (
        "universal_receipt", None,
    )  # fmt: skip


def test_a_silent_operator_puts_the_receipt_off_by_no_day_and_a_person_may_repeat_it(make_house: MakeHouse) -> None:
    house = make_house()
    by_message(house)
    for fault, times in ((Fault.RATE_LIMIT, 2), (Fault.UNPAID, 1)):
        house.faults.add(FaultRule(fault=fault, path="generateuniversalmessage", times=times))
    document = house.deliver(house.upload(function="СЧФ"))
    house.settle(lambda: (house.card(document, CLIENT).line.trouble or "").startswith("exchange.receipt_refused"))
    actor = replace(house.actor(CLIENT), rights=frozenset(Right))
    (waiting,) = [one for one in queries.queue(uow=house.uow(actor).reading()) if one.kind == RECEIPT]
    assert waiting.next_at is not None
    assert (waiting.document_id, waiting.next_at <= house.clock.now() + FIRST_PAUSE, KINDS[RECEIPT]) == (
        document, True, "Готовим извещение о получении",
    )  # fmt: skip
    retry_now(waiting.id, actor=actor, uow=house.uow(actor))
    house.work()
    assert house.card(document, CLIENT).line.receipt in {"prepared", "told"}


@pytest.mark.soak
def test_a_message_given_at_the_operators_site_is_taken_up(make_house: MakeHouse) -> None:
    house = make_house()
    document = keyless(house)
    operator, doc = operator_of(house), ref_of(house, document)
    assert isinstance(operator, port.Generator)
    contract = formats.write_universal_message({formats.MessageCode.RECEIPT: None})
    written = operator.generate_paper(port.ServicePaper.UNIVERSAL_MESSAGE, doc, contract=contract)
    action = port.SendUniversalMessage(
        doc=doc, target=doc, purpose=port.EntityKind.RECEIPT, content=written.content, file_name=written.file_name
    )
    operator.execute(action, {}, key=str(uuid4()))
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "told")
    part = receipt_of(house, document, CLIENT)
    assert (part.origin, part.objection) == ("ours", None)


def say(
    house: House,
    document_id: UUID,
    items: dict[MessageCode, str | None],
    *,
    extra: tuple[MessageCode, ...] = (),
    by: DemoCompany = CLIENT_ONE,
) -> None:
    """A company says it by a universal message at the operator's own site; `extra` are codes put before those."""
    operator, doc = operator_of(house, by), ref_of(house, document_id, by)
    assert isinstance(operator, port.Generator)
    contract = formats.write_universal_message(items)
    written = operator.generate_paper(port.ServicePaper.UNIVERSAL_MESSAGE, doc, contract=contract)
    event = "<СвСобытДок".encode("cp1251")
    more = b"".join(event + f' СтатусУС="{int(code)}"/>'.encode("cp1251") for code in extra)
    content = written.content.replace(event, more + event, 1)
    purpose = PURPOSES[next(iter((*extra, *items)))]
    action = port.SendUniversalMessage(
        doc=doc, target=doc, purpose=purpose, content=content, file_name=written.file_name
    )
    operator.execute(action, {}, key=str(uuid4()))


def lives_of(house: House, ours: UUID) -> tuple[set[str], set[str], set[str], str | None]:
    """How both sides see it (ours, theirs): receipts, answers, corrections; and the reason of a refusal on our card."""
    cards = [house.card(ours), house.card(house.incoming(), CLIENT)]
    lines = [one.line for one in cards]
    return (
        {one.receipt for one in lines},
        {one.response for one in lines},
        {one.correction for one in lines},
        cards[0].refusal_reason,
    )


def test_a_refusal_by_message_is_a_refusal_and_both_sides_archive_it(make_house: MakeHouse) -> None:
    house = make_house()
    by_message(house)
    ours = house.upload()
    theirs = house.deliver(ours)
    house.settle(lambda: house.card(ours).line.receipt == "received")
    say(house, theirs, {MessageCode.REFUSAL: "Сумма не та"})
    house.settle(lambda: all(one.archive == "kept" for one in (house.card(ours).line, house.card(theirs, CLIENT).line)))
    assert lives_of(house, ours) == ({"received", "told"}, {"counter_refused", "refused"}, {"none"}, "Сумма не та")
    (refusal,) = [one for one in house.card(ours).parts if one.role == "rejection"]
    assert (refusal.origin, list(refusal.signatures), refusal.objection) == ("counterparty", [], None)


def test_a_request_by_message_asks_for_a_correction(make_house: MakeHouse) -> None:
    house = make_house()
    ours = house.upload()
    theirs = house.deliver(ours)
    say(house, theirs, {MessageCode.CORRECTION_REQUEST: "Не тот КПП"})
    house.settle(lambda: house.card(ours).line.correction == "required")
    house.settle(lambda: house.card(theirs, CLIENT).line.correction == "requested")
    assert [json.loads(one.facts)["text"] for one in house.journal("correction.asked")] == ["Не тот КПП"]
    asked = next(one for one in house.card(ours).parts if one.role == "correction_request")
    assert request_text(house.services.objects.get(house.entity(LESSOR), asked.sha256)) == "Не тот КПП"


def test_our_own_message_on_our_own_document_is_no_answer(house: House) -> None:
    ours = house.upload()
    house.deliver(ours)
    house.settle(lambda: house.card(ours).line.receipt == "received")
    say(house, ours, {MessageCode.REFUSAL: "Отправлено по ошибке"}, by=LESSOR)
    house.settle(lambda: any(one.role == "rejection" for one in house.card(ours).parts))
    assert house.card(ours).line.response == "expected"


@pytest.mark.parametrize("code", [MessageCode.REFUSAL, MessageCode.CORRECTION_REQUEST])
def test_the_weightiest_code_of_a_message_counts_and_the_receipt_in_it_too(house: House, code: MessageCode) -> None:
    retire_key(house)  # she has given no receipt yet
    ours = house.upload()
    theirs = house.deliver(ours)
    say(house, theirs, {code: "Сумма не та"}, extra=(MessageCode.RECEIPT,))
    house.settle(lambda: house.card(ours).line.receipt == "received")
    house.settle(lambda: house.card(theirs, CLIENT).line.receipt == "told")
    lines = (house.card(ours).line, house.card(theirs, CLIENT).line)
    if code is MessageCode.REFUSAL:
        assert [one.response for one in lines] == ["counter_refused", "refused"]
    else:
        assert [one.correction for one in lines] == ["required", "requested"]


def test_a_message_with_another_code_is_no_receipt() -> None:
    def written(code: str) -> bytes:
        return f'<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ><СвСобытДок СтатусУС="{code}"/></Документ></Файл>'.encode()

    assert fitness.misfit_of_message(written("1999")) is None
    assert "нет кода извещения 1999, есть 4002" in (fitness.misfit_of_message(written("4002")) or "")
    assert fitness.misfit_of_message(b"no xml") is not None
    assert fitness.role_of_message(written("2999")) is Role.CORRECTION_REQUEST


@pytest.mark.parametrize("heavy", ["3999", "2999"])
def test_a_receipt_beside_a_refusal_or_a_request_is_no_mere_receipt(heavy: str) -> None:
    events = "".join(f'<СвСобытДок СтатусУС="{code}"/>' for code in ("1999", heavy))
    content = f'<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ>{events}</Документ></Файл>'.encode()
    assert fitness.misfit_of_message(content) is not None
    assert fitness.role_of_message(content) is (Role.REJECTION if heavy == "3999" else Role.CORRECTION_REQUEST)
