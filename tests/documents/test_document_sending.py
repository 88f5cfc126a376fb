"""Sending: promised once, taken back while nothing has left, signed by a valid server-held key or told why not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import signing
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents.use_cases.send import take_back
from edo_service.errors import Conflict, EdoError
from edo_service.kernel.actor import Actor
from edo_service.keys import queries as keys
from edo_service.keys.rules import Purpose
from edo_service.keys.use_cases import NewKey
from edo_service.texts import trouble_words
from signing.pki import RevocationReason
from tests.fixtures.road import ACCOUNTANT, CLIENT, House


def refused(act: Callable[[], object]) -> EdoError:
    with pytest.raises(EdoError) as caught:
        act()
    return caught.value


def take_it_back(house: House, document: object) -> None:
    actor = house.actor(ACCOUNTANT)
    take_back(document, actor=actor, uow=house.uow(actor))


def test_two_tabs_send_once(any_house: House) -> None:
    house = any_house
    document = house.upload()
    house.send(document)
    assert isinstance(refused(lambda: house.send(document)), Conflict)
    house.settle(lambda: house.card(document).line.delivery == "delivered")
    assert len(house.all(CLIENT)) == 1
    assert len(house.journal("exchange.send")) == 1
    assert len(house.journal("signature.made")) == 2, "the title and the client's receipt notice"


def test_what_was_taken_back_is_neither_signed_nor_sent(house: House) -> None:
    document = house.upload()
    house.send(document)
    take_it_back(house, document)
    house.settle()
    card = house.card(document)
    assert card.line.delivery == "draft"
    assert [one.sha256 for one in card.main_part.signatures] == [None]
    assert house.all(CLIENT) == []
    assert house.journal("signature.made") == []
    house.send(document)
    house.settle(lambda: house.card(document).line.delivery == "delivered")
    assert len(house.all(CLIENT)) == 1


def test_taking_back_while_the_key_signs_wins_or_loses_whole(house: House) -> None:
    document = house.upload()
    house.send(document)
    house.network.meanwhile.append(lambda: take_it_back(house, document))
    house.work()
    house.settle()
    assert house.card(document).line.delivery == "draft"
    assert house.all(CLIENT) == []


def test_a_signed_document_cannot_be_taken_back(house: House) -> None:
    document = house.upload()
    house.send(document)
    house.settle(lambda: house.card(document).line.delivery == "delivered")
    assert isinstance(refused(lambda: take_it_back(house, document)), Conflict)


@pytest.mark.parametrize(
    ("silent", "trouble"), [("tsa", "document.tsa_silent"), ("revocation", "document.signature_undecided")]
)
def test_a_silent_authority_is_asked_again_and_said_once(house: House, silent: str, trouble: str) -> None:
    document = house.upload()
    house.network.silent |= {"tsa"} if silent == "tsa" else {"ocsp", "crl"}
    house.send(document)
    for _ in range(3):
        house.work()
        house.clock.move(timedelta(minutes=11))
    assert (house.card(document).line.delivery, house.card(document).line.trouble) == ("queued", trouble)
    assert len(house.journal("signature.failed")) == 1
    house.network.silent.clear()
    house.settle(lambda: house.card(document).line.delivery == "delivered")
    assert house.card(document).line.trouble is None


def test_a_revoked_server_key_sends_nothing_and_says_why(house: House) -> None:
    house.pki.revoke("lessor_person", house.clock.now() - timedelta(hours=1), RevocationReason.KEY_COMPROMISE)
    document = house.upload()
    house.send(document)
    house.settle()
    trouble = house.card(document).line.trouble
    assert trouble is not None
    assert trouble.startswith("document.signature_not_passed")
    assert "отозван" in trouble_words(trouble)
    assert house.card(document).line.delivery == "queued"
    assert [row.state for row in house.jobs("dead")] == ["dead"]
    take_it_back(house, document)
    assert house.card(document).line.trouble is None


def test_a_key_retired_after_the_promise_is_told_and_another_one_helps(house: House) -> None:
    document = house.upload()
    house.send(document)
    admin = Actor.automatic("test", house.entity(LESSOR))
    uow = house.uow(admin)
    with uow:
        key = keys.organization_key(uow)
    house.services.keys.retire(key.id, actor=admin, uow=uow)
    house.work()
    assert house.card(document).line.trouble == "key.absent"
    take_it_back(house, document)
    keep(house, LESSOR.code, "lessor_person", Purpose.STAFF)
    house.send(document)
    house.settle(lambda: house.card(document).line.delivery == "delivered")


def keep(house: House, company: str, entity: str, purpose: Purpose) -> None:
    """Keep a key of the demo PKI for a company."""
    made = house.pki.entity(entity)
    actor = Actor.automatic("test", house.seeded.companies[company].entity_id)
    new = NewKey(
        label=entity,
        purpose=purpose,
        private_key=signing.export_private_key(made.key),
        certificate=made.certificate.der,
    )
    house.services.keys.keep(new, actor=actor, uow=house.uow(actor))


def test_without_an_automatic_key_the_receipt_waits_and_a_new_key_sends_it(house: House) -> None:
    admin = Actor.automatic("test", house.entity(CLIENT_ONE))
    uow = house.uow(admin)
    with uow:
        key = keys.automatic_key(uow)
    assert key is not None
    house.services.keys.retire(key.id, actor=admin, uow=uow)
    document = house.deliver(house.upload())
    house.settle()
    line = house.card(document, CLIENT).line
    assert (line.receipt, line.trouble) == ("required", "document.no_automatic_key")
    keep(house, CLIENT_ONE.code, "client_one_organization", Purpose.ORGANIZATION)
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")
    assert house.card(document, CLIENT).line.trouble is None


def test_a_receipt_that_the_old_key_could_not_sign_is_signed_by_the_new_one(house: House) -> None:
    house.send(house.upload())
    admin = Actor.automatic("test", house.entity(CLIENT_ONE))
    uow = house.uow(admin)
    with uow:
        key = keys.automatic_key(uow)
    assert key is not None
    house.pki.revoke("client_one_organization", house.clock.now() - timedelta(hours=1), RevocationReason.KEY_COMPROMISE)
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(house.incoming(), CLIENT).line.trouble is not None)
    document = house.incoming()
    assert house.card(document, CLIENT).line.receipt == "prepared"
    house.services.keys.retire(key.id, actor=admin, uow=uow)
    keep(house, CLIENT_ONE.code, "client_one_person", Purpose.ORGANIZATION)
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")
