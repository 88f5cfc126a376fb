"""Sending: promised once, taken back while nothing has left, signed by a valid server-held key or told why not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

import signing
from edo_service.accounts.rules import Role
from edo_service.accounts.tables import Membership
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.make_pki import HOST, demo_declaration
from edo_service.documents.use_cases.send import send_document, take_back
from edo_service.errors import Conflict, EdoError
from edo_service.kernel.actor import Actor
from edo_service.keys import queries as keys
from edo_service.keys.rules import Purpose
from edo_service.keys.use_cases import NewKey
from edo_service.texts import trouble_words
from signing.pki import PkiEntity, RevocationReason, build
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House


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
        key = keys.organization_key(uow, actor=house.actor(ACCOUNTANT))
    house.services.keys.retire(key.id, actor=admin, uow=uow)
    house.work()
    assert house.card(document).line.trouble == "key.absent"
    take_it_back(house, document)
    keep(house, LESSOR.code, house.pki.entity("lessor_person"), Purpose.STAFF, house.actor(ACCOUNTANT).user_id)
    house.send(document)
    house.settle(lambda: house.card(document).line.delivery == "delivered")


def keep(house: House, company: str, made: PkiEntity, purpose: Purpose, person_id: UUID | None = None) -> UUID:
    """Keep a key of a PKI for a company."""
    actor = Actor.automatic("test", house.seeded.companies[company].entity_id)
    new = NewKey(
        label="Ключ",
        purpose=purpose,
        private_key=signing.export_private_key(made.key),
        certificate=made.certificate.der,
        person_id=person_id,
    )
    return house.services.keys.keep(new, actor=actor, uow=house.uow(actor))


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
    keep(house, CLIENT_ONE.code, house.pki.entity("client_one_organization"), Purpose.ORGANIZATION)
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")
    assert house.card(document, CLIENT).line.trouble is None


def test_a_receipt_that_the_old_key_could_not_sign_is_signed_by_the_new_one(house: House) -> None:
    forger = build(demo_declaration(), now=house.clock.now(), host=HOST)
    bad = keep(house, CLIENT_ONE.code, forger.entity("client_one_organization"), Purpose.ORGANIZATION)
    house.send(house.upload())
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(house.incoming(), CLIENT).line.trouble is not None)
    document = house.incoming()
    assert house.card(document, CLIENT).line.receipt == "prepared"
    admin = Actor.automatic("test", house.entity(CLIENT_ONE))
    house.services.keys.retire(bad, actor=admin, uow=house.uow(admin))
    keep(house, CLIENT_ONE.code, house.pki.entity("client_one_organization"), Purpose.ORGANIZATION)
    house.settle(lambda: house.card(document, CLIENT).line.receipt == "confirmed")


def test_a_colleagues_key_signs_nothing_for_another_accountant(house: House) -> None:
    """The lessor's only staff key names the accountant: a colleague with all her rights cannot send with it."""
    whole = house.actor(ACCOUNTANT)
    colleague = replace(house.actor(COMPLIANCE), rights=whole.rights)
    document = house.contract()
    with house.uow(whole) as uow:
        hers = keys.organization_key(uow, actor=whole)
    for wish, error in ((None, "key.none_usable"), (hers.id, "key.of_another_person")):
        with pytest.raises(EdoError) as caught:
            send_document(document, actor=colleague, uow=house.uow(colleague), key_id=wish)
        assert caught.value.code == error
    assert house.card(document).line.delivery == "draft"


def test_who_may_not_sign_any_more_when_the_job_comes_signs_nothing(house: House) -> None:
    document = house.contract()
    house.send(document)
    uow = house.services.system_uow("accounts.set_up")
    with uow:
        member = uow.session.query(Membership).filter_by(person_id=house.actor(ACCOUNTANT).user_id).one()
        member.role = Role.AUDITOR.value
        uow.commit()
    house.work()
    assert house.journal("signature.made") == []
    assert (house.card(document).line.trouble or "").startswith("account.right_missing")
