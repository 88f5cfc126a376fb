"""An answer that is held is sent again by who signed it, from the document's card: once, and by nobody else's hand."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO
from edo_service.documents.held import HELD, count_held, say
from edo_service.documents.pages import words
from edo_service.documents.queries import FolderName, Line, Wish, list_documents
from edo_service.documents.receipts import note_unwritten
from edo_service.documents.recording import SIGNED
from edo_service.documents.rules import Route
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Forbidden, NotFound
from edo_service.exchange.pages.held import panel
from edo_service.exchange.use_cases.queue import retry_now
from edo_service.exchange.use_cases.repeat import repeat_answer
from edo_service.exchange.views import HeldPanel
from edo_service.kernel.actor import Actor, Right
from edo_service.portal.visitor import Company, Viewer, Visitor
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange.test_exchange_refusals import dispatches
from tests.fixtures.road import CLIENT, House, MakeHouse

SIGNER = frozenset({Right.READ, Right.SIGN})
MANAGER = frozenset({Right.READ, Right.OPERATORS})


def held(make_house: MakeHouse, fault: Fault = Fault.UNPAID, *, refuse: bool = False) -> tuple[House, UUID]:
    """The client's answer to a contract, refused by the operator."""
    house = make_house(deduplicate=False)
    document = house.deliver(house.contract(route=Route.OPERATOR))
    if refuse:
        house.refuse(document)
    else:
        house.prepare(document)
    house.sign(document)
    house.faults.add(FaultRule(fault=fault, path="postmessagepatch"))
    house.settle(lambda: dispatches(house, "reject" if refuse else "sign") == ["refused"])
    house.settle()
    return house, document


def hands(house: House, rights: frozenset[Right], *, hers: bool = True) -> Actor:
    """The client's signer with these rights, or a colleague of hers."""
    actor = replace(house.actor(CLIENT), rights=rights)
    return actor if hers else replace(actor, user_id=uuid4())


def seen(house: House, document: UUID, actor: Actor) -> HeldPanel | None:
    """The panel on the card of this person."""
    company = Company(code="c", name=CLIENT_ONE.name, inn=CLIENT_ONE.inn, position="", actor=actor)
    visitor = Visitor(person_id=uuid4(), session_id=uuid4(), login="x", name="x", companies=(company,))
    viewer = Viewer(visitor=visitor, company=company, now=house.clock.now(), make_uow=house.services.uow)
    shown = panel(viewer, str(document))
    assert shown is None or (shown.place == "act" and isinstance(shown.view, HeldPanel))
    return shown.view if shown else None  # type: ignore[return-value]  # as asserted


def todo(house: House, actor: Actor) -> list[Line]:
    """«Требуют действия»."""
    return list(list_documents(Wish(folder=FolderName.TODO), uow=house.uow(actor)).lines)


def test_who_signed_sends_it_again_once_and_others_do_not(make_house: MakeHouse) -> None:
    house, document = held(make_house)
    signer, colleague = hands(house, SIGNER), hands(house, SIGNER, hers=False)
    own, other = seen(house, document, signer), seen(house, document, colleague)
    assert own is not None
    assert other is not None
    assert (own.title, own.text) == ("Ответ не отправлен", "Диадок не принял ваш ответ.")
    assert "не оплачен" in own.reason
    assert own.action.endswith(f"/documents/{document}/repeat")
    assert other.action == ""
    assert f"тот, кто подписал ({CLIENT.surname}" in other.kept
    assert seen(house, document, hands(house, MANAGER, hers=False)).action  # type: ignore[union-attr]  # held still

    line = house.card(document, CLIENT).line
    assert words.chip(line).word == "Требуется отправить подпись ещё раз"
    assert not words.machine_works(line)
    assert [one.id for one in todo(house, signer)] == [document]
    assert count_held(uow=house.uow(signer)) == 1

    for actor, refusal in (
        (colleague, Forbidden),
        (hands(house, frozenset({Right.READ})), Forbidden),
        (hands(house, frozenset({Right.READ, Right.REJECT})), Forbidden),
        (Actor.automatic("test", house.entity(CLIENT_TWO)), NotFound),
    ):
        with pytest.raises(refusal):
            repeat_answer(document, actor=actor, uow=house.uow(actor))
    repeat_answer(document, actor=signer, uow=house.uow(signer))
    line = house.card(document, CLIENT).line
    assert (line.trouble, seen(house, document, signer)) == (None, None)
    assert (words.chip(line).word, todo(house, signer)) == ("Подпись отправляется", [])
    with pytest.raises(Conflict, match="answer_not_held"):
        repeat_answer(document, actor=signer, uow=house.uow(signer))

    house.settle(lambda: house.card(document, CLIENT).line.response == "signed")
    assert (dispatches(house, "sign"), len(house.journal("exchange.sign"))) == (["done"], 1)
    assert [json.loads(one.facts)["act"] for one in house.journal("exchange.answer_repeated")] == ["sign"]
    with pytest.raises(Conflict, match="answer_not_held"):
        repeat_answer(document, actor=signer, uow=house.uow(signer))


def test_nothing_else_that_happens_to_the_document_hides_a_held_answer(make_house: MakeHouse) -> None:
    house, document = held(make_house)
    signer = hands(house, SIGNER)
    with house.uow(signer) as uow:
        row = uow.session.get_one(Document, document)
        for other in ("exchange.receipt_refused", "exchange.outcome_unknown", None):
            say(row, other)
        other_job = uow.jobs.put(
            SIGNED,
            owner_id=row.owner_id,
            key="receipt",
            payload={"document_id": str(document), "signature_id": str(uuid4())},
        )
        uow.commit()
    note_unwritten(document, "exchange.receipt_unwritten", uow=house.uow(signer))
    assert count_held(uow=house.uow(signer)) == 1
    retry_now(other_job, actor=hands(house, MANAGER), uow=house.uow(signer))
    assert count_held(uow=house.uow(signer)) == 1, "another job of the document carries no answer"
    (own_job,) = [one for one in house.jobs("dead") if one.kind == SIGNED]
    retry_now(own_job.id, actor=hands(house, MANAGER), uow=house.uow(signer))
    assert count_held(uow=house.uow(signer)) == 0


@pytest.mark.soak
def test_a_held_refusal_needs_the_right_to_refuse_and_may_be_refused_again(make_house: MakeHouse) -> None:
    house, document = held(make_house, refuse=True)
    signer = hands(house, SIGNER | {Right.REJECT})
    assert seen(house, document, hands(house, SIGNER)).action == ""  # type: ignore[union-attr]  # held
    assert seen(house, document, signer).title == "Отказ не отправлен"  # type: ignore[union-attr]  # held
    house.faults.add(FaultRule(fault=Fault.UNPAID, path="postmessagepatch"))
    repeat_answer(document, actor=signer, uow=house.uow(signer))
    house.settle()
    assert (house.card(document, CLIENT).line.trouble or "").startswith(HELD)
    repeat_answer(document, actor=signer, uow=house.uow(signer))
    house.settle(lambda: house.card(document, CLIENT).line.response == "refused")
    assert len(house.journal("exchange.reject")) == 1


@pytest.mark.soak
def test_a_job_that_was_cleaned_away_is_promised_anew(make_house: MakeHouse) -> None:
    house, document = held(make_house)
    with house.services.system_uow("health") as uow:
        for job in house.jobs("dead"):
            uow.session.delete(uow.session.get_one(type(job), job.id))
        uow.commit()
    signer = hands(house, SIGNER)
    repeat_answer(document, actor=signer, uow=house.uow(signer))
    house.settle(lambda: house.card(document, CLIENT).line.response == "signed")
    assert len(house.journal("exchange.sign")) == 1
