"""Answers and notices that our own company gave at the operator's own site count as if they had been given here."""

from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE
from edo_service.exchange.tables import Dispatch
from edo_service.formats.upd_buyer import AcceptanceResult
from edo_service.keys import queries as keys
from tests.exchange import outside
from tests.fixtures.road import CLIENT, House


@pytest.fixture
def asked(house: House) -> tuple[House, UUID]:
    """A УПД that waits for the client's answer."""
    return house, house.deliver(house.upload())


def roles(house: House, document: UUID) -> list[tuple[str, str, int]]:
    return [
        (part.role, part.origin, len(part.signatures))
        for part in house.card(document, CLIENT).parts
        if part.role in {"buyer_title", "rejection"}
    ]


def test_a_title_signed_at_the_operators_site_is_taken_up_whatever_is_prepared_here(asked: tuple[House, UUID]) -> None:
    house, document = asked
    written = outside.buyer_title(house, document)
    house.refuse(document)
    outside.give(house, document, written)

    house.settle(lambda: house.card(document, CLIENT).line.response == "signed_confirmed")
    assert roles(house, document) == [("buyer_title", "ours", 1)]
    card = house.card(document, CLIENT)
    (theirs,) = [part for part in card.parts if part.role == "buyer_title"]
    assert (theirs.signatures[0].indication, theirs.signatures[0].signer_inn) == ("TOTAL-PASSED", CLIENT_ONE.inn)
    assert (card.line.trouble, card.refusal_reason, card.answered_at is not None) == (None, None, True)
    house.settle(lambda: house.card(document, CLIENT).missing == ())


def test_a_refusal_given_at_the_operators_site_is_taken_up(asked: tuple[House, UUID]) -> None:
    house, document = asked
    outside.give(house, document, outside.refusal(house, document, "Не наш заказ"))
    house.settle(lambda: house.card(document, CLIENT).line.response == "refused_confirmed")
    assert house.card(document, CLIENT).refusal_reason == "Не наш заказ"


def test_an_answer_given_there_while_ours_is_under_way_leaves_one(asked: tuple[House, UUID]) -> None:
    """Ours is signed and waits to be carried out; the operator takes theirs; ours is closed without a trouble."""
    house, document = asked
    written = outside.buyer_title(house, document, result=AcceptanceResult.ACCEPTED)
    house.prepare(document)
    house.sign(document)
    outside.give(house, document, written)
    house.settle(lambda: house.card(document, CLIENT).line.response == "signed_confirmed")
    house.settle()
    assert roles(house, document) == [("buyer_title", "ours", 1)]
    assert house.card(document, CLIENT).line.trouble is None
    assert house.journal("exchange.answer") == []
    uow = house.services.system_uow("health")
    with uow:
        assert uow.session.query(Dispatch).filter_by(act="answer", state="done").count() == 0


def test_a_notice_sent_at_the_operators_site_is_taken_up(house: House) -> None:
    admin = house.actor(CLIENT)
    uow = house.uow(admin)
    with uow:
        key = keys.automatic_key(uow)
    assert key is not None
    from edo_service.kernel.actor import Actor

    house.services.keys.retire(key.id, actor=Actor.automatic("test", admin.entity), uow=uow)
    document = house.deliver(house.upload())
    house.settle()
    assert house.card(document, CLIENT).line.receipt == "required"
    outside.give(house, document, outside.receipt(house, document))
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")


def test_an_answer_by_a_stranger_in_our_box_moves_nothing_and_is_shown(asked: tuple[House, UUID]) -> None:
    house, document = asked
    written = outside.buyer_title(house, document)
    outside.give(house, document, written, who="client_two_person")
    house.settle(lambda: bool(roles(house, document)))
    card = house.card(document, CLIENT)
    assert card.line.response == "required"
    assert [one.partition(" ")[0] for one in card.objections] == ["exchange.signed_by_other"]
