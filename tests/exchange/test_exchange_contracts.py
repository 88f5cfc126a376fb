"""An agreed file through the operator, both ways: sent, signed by both on the same bytes, refused, archived."""

from __future__ import annotations

import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import queries as documents
from edo_service.documents.queries import FolderName, Wish
from edo_service.documents.rules import Route
from edo_service.documents.use_cases.clear_doubt import clear_doubt
from edo_service.errors import Conflict
from operators.port import EntityKind
from tests.exchange import outside
from tests.exchange.test_exchange_fitness import Post, codes
from tests.fixtures.road import ACCOUNTANT, CLIENT, House

PDF = b"%PDF-1.7 a contract"


def lives(house: House, document: object, person: object = None) -> tuple[str, str]:
    card = house.card(document, person) if person else house.card(document)  # type: ignore[arg-type]  # ids and people of the house
    return card.line.delivery, card.line.response


def test_both_sign_the_same_bytes_and_both_archive(house: House) -> None:
    document = house.contract(PDF, route=Route.OPERATOR)
    incoming = house.deliver(document)
    assert lives(house, incoming, CLIENT) == ("received", "required")
    assert house.prepare(incoming) == PDF
    house.sign(incoming)
    house.settle(lambda: house.card(document).line.archive == house.card(incoming, CLIENT).line.archive == "kept")
    assert lives(house, document) == ("delivered", "counter_signed")
    assert lives(house, incoming, CLIENT) == ("received", "signed")
    for one, person in ((document, ACCOUNTANT), (incoming, CLIENT)):
        (part,) = house.card(one, person).parts
        assert [signature.indication for signature in part.signatures] == ["TOTAL-PASSED"] * 2


def test_a_refusal_reaches_the_sender_with_its_reason(house: House) -> None:
    document = house.contract(PDF, route=Route.OPERATOR)
    incoming = house.deliver(document)
    house.refuse(incoming, "Не те сроки")
    house.sign(incoming)
    house.settle(lambda: house.card(document).line.response == "counter_refused")
    assert house.card(document).refusal_reason == "Не те сроки"


def test_a_contract_signed_by_another_company_is_in_doubt(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.NONFORMALIZED, PDF, "client_two_person")
    post.take()
    (line,) = house.all(CLIENT)
    assert line.delivery == "received_in_doubt"
    assert codes(house, line.id, person=CLIENT) == ["exchange.signed_by_other"]


def test_a_file_in_doubt_that_nobody_answers_waits_for_a_person(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.NONFORMALIZED, PDF, "client_two_person")
    post.take()
    house.settle()
    document, actor = house.incoming(), house.actor(CLIENT)
    card = house.card(document, CLIENT)
    assert (card.line.response, card.line.archive, card.missing) == ("not_needed", "not_yet", ("decision",))
    waiting = documents.list_documents(Wish(folder=FolderName.TODO), uow=house.uow(actor)).lines
    assert [line.id for line in waiting] == [document]
    clear_doubt(document, actor=actor, uow=house.uow(actor))
    with pytest.raises(Conflict, match="not_in_doubt"):
        clear_doubt(document, actor=actor, uow=house.uow(actor))
    house.settle(lambda: house.card(document, CLIENT).line.archive == "kept")
    assert lives(house, document, CLIENT) == ("received", "not_needed")
    assert codes(house, document, person=CLIENT) == ["exchange.signed_by_other"], "what spoke against it stays"
    assert len(house.journal("document.doubt_cleared")) == 1


def test_a_file_in_doubt_that_is_to_be_answered_is_refused_not_cleared(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.TITLE, house.write().content, "client_two_person")
    post.take()
    document, actor = house.incoming(), house.actor(CLIENT)
    with pytest.raises(Conflict, match="not_in_doubt"):
        clear_doubt(document, actor=actor, uow=house.uow(actor))
    assert "decision" not in house.card(document, CLIENT).missing


@pytest.mark.parametrize(
    ("signer", "response"), [("client_one_person", "counter_signed"), ("operator", "counter_invalid")]
)
def test_a_second_signature_decides_by_whose_it_is(house: House, signer: str, response: str) -> None:
    document = house.contract(PDF, route=Route.OPERATOR)
    house.send(document)
    house.settle(lambda: house.card(document).line.delivery in {"sent", "accepted"})
    row = outside.row_of(house, document)
    post = Post(house, LESSOR, message=row.message_ref or "")
    post.add(EntityKind.SIGNATURE, house.cms(PDF, signer), parent=row.entity_ref)
    post.take(patch=True)
    assert lives(house, document) == ("delivered", response)
