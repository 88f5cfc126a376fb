"""A signature that is not proved bad and proves nothing: flagged, nobody's, looked at again while time may heal it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import recording
from edo_service.documents.pages import presenting
from edo_service.documents.rules import Route
from edo_service.documents.tables import Document
from edo_service.errors import Conflict
from edo_service.exchange import undecided
from edo_service.exchange.rules import RECHECK
from edo_service.texts import trouble_words
from operators.port import EntityKind
from signing.pki import RevocationReason
from tests.exchange import outside
from tests.exchange.roads import corrected
from tests.exchange.test_exchange_fitness import Post, codes
from tests.fixtures.forgery import FORGERIES, forge, stranger
from tests.fixtures.road import ACCOUNTANT, CLIENT, START, House
from tests.trust.test_verdict_panel import drawn, words

PDF = b"%PDF-1.7 agreed"
SOME = [FORGERIES[0], *(pytest.param(one, marks=pytest.mark.soak) for one in FORGERIES[1:])]


def receive(house: House, kind: EntityKind, content: bytes, cms: bytes, *, tries: int = 9) -> UUID:
    """A file with one signature comes to the client, after the tries that wait for evidence."""
    post = Post(house, CLIENT_ONE)
    post.tries = tries
    entity = post.add(kind, content, by=LESSOR.box)
    post.add(EntityKind.SIGNATURE, cms, parent=entity, by=LESSOR.box)
    post.take()
    return house.incoming()


def look_again(house: House) -> None:
    """Carry out the promise to look again when it is due."""
    (job,) = [row for row in house.jobs("waiting") if row.kind == RECHECK]
    if job.run_after > house.clock.now():
        house.clock.set(job.run_after)
    house.runner.run(job.id)


def said(house: House, document: UUID) -> str:
    """The words of the title's signature on its card."""
    card = house.card(document, CLIENT)
    viewer = SimpleNamespace(url=lambda path: path)
    shown = presenting.verdict(card.main_part.signatures[0], card, viewer=viewer)  # type: ignore[arg-type]  # addresses only
    return words(drawn(shown))


def promised(house: House) -> int:
    return len([row for row in house.jobs("waiting") if row.kind == RECHECK])


def silence(house: House) -> None:
    house.network.silent |= {"ocsp", "crl"}


def indications(house: House, document: UUID) -> list[str | None]:
    return [one.indication for one in house.card(document, CLIENT).main_part.signatures]


@pytest.mark.parametrize("how", SOME)
def test_a_title_by_a_certificate_that_anybody_could_have_made_is_nobodys(house: House, how: str) -> None:
    content = house.write().content
    document = receive(house, EntityKind.TITLE, content, forge(house, content, "lessor_person", how))
    assert house.card(document, CLIENT).line.delivery == "received_in_doubt"
    (objection,) = house.card(document, CLIENT).objections
    assert trouble_words(objection).startswith("Подпись не подтверждена: ")
    if how == "stranger":
        assert "сертификат не ведёт к доверенному корню" in trouble_words(objection)
    (shown,) = house.card(document, CLIENT).main_part.signatures
    assert said(house, document).startswith("Подпись не подтверждена. В сертификате: ")
    assert shown.indication == "INDETERMINATE"
    with pytest.raises(Conflict, match="in_doubt"):
        house.prepare(document)
    house.refuse(document)


def test_an_anchor_added_later_proves_what_it_leads_to(house: House) -> None:
    content = house.write().content
    document = receive(house, EntityKind.TITLE, content, forge(house, content, "lessor_person", "stranger"))
    look_again(house)
    assert house.card(document, CLIENT).line.delivery == "received_in_doubt"
    trust_the_stranger(house)
    look_again(house)
    card = house.card(document, CLIENT)
    assert (card.line.delivery, card.objections) == ("received", ())
    assert [row.event for row in house.journal("exchange.rechecked")] == ["exchange.rechecked"]


def trust_the_stranger(house: House) -> None:
    """The other authority's roots are added here; its lists are served by nobody."""
    for number, anchor in enumerate(stranger(house.pki).roots()):
        (house.services.settings.root / "trust" / f"later{number}.pem").write_text(anchor.pem())
    silence(house)


def test_an_anchor_added_later_clears_an_agreed_file_too(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.tries = 9
    entity = post.add(EntityKind.NONFORMALIZED, PDF, by=LESSOR.box)
    post.entities[0] = replace(post.entities[0], needs_answer=True)
    post.add(EntityKind.SIGNATURE, forge(house, PDF, "lessor_person", "stranger"), parent=entity, by=LESSOR.box)
    post.take()
    document = house.incoming()
    assert house.card(document, CLIENT).line.delivery == "received_in_doubt"
    trust_the_stranger(house)
    look_again(house)
    card = house.card(document, CLIENT)
    assert (card.line.delivery, card.line.receipt, card.objections) == ("received", "not_needed", ())


def test_a_correction_proved_later_replaces_its_original(house: House) -> None:
    written = house.write()
    document = receive(house, EntityKind.TITLE, written.content, house.cms(written.content, "lessor_person"))
    newer = corrected(written).content
    post = Post(house, CLIENT_ONE)
    post.tries = 9
    entity = post.add(EntityKind.TITLE, newer, by=LESSOR.box)
    post.add(EntityKind.SIGNATURE, forge(house, newer, "lessor_person", "stranger"), parent=entity, by=LESSOR.box)
    post.take()
    assert house.card(document, CLIENT).line.correction == "none"
    trust_the_stranger(house)
    look_again(house)
    assert house.card(document, CLIENT).line.correction == "corrected"


def test_silence_about_revocation_is_shown_and_asked_again(house: House) -> None:
    content = house.write().content
    cms = house.cms(content, "lessor_person")
    silence(house)
    document = receive(house, EntityKind.TITLE, content, cms)
    assert (house.card(document, CLIENT).line.delivery, indications(house, document)) == ("received", ["INDETERMINATE"])
    assert codes(house, document, person=CLIENT) == []
    assert "проверить до конца не удалось" in said(house, document)
    assert "портал спросит ещё раз" in said(house, document)
    look_again(house)
    assert (promised(house), house.journal("exchange.rechecked")) == (1, []), "nothing new, and nothing said"
    house.network.silent.clear()
    look_again(house)
    assert (indications(house, document), promised(house)) == (["TOTAL-PASSED"], 0)
    house.prepare(document)


def test_a_revocation_that_comes_to_light_stops_an_acceptance(house: House) -> None:
    content = house.write().content
    cms = house.cms(content, "lessor_person")
    house.pki.revoke("lessor_person", house.clock.now() - timedelta(hours=1), RevocationReason.KEY_COMPROMISE)
    silence(house)
    document = receive(house, EntityKind.TITLE, content, cms)
    assert codes(house, document, person=CLIENT) == []
    house.network.silent.clear()
    look_again(house)
    assert codes(house, document, person=CLIENT) == ["exchange.signature_unproved"]
    with pytest.raises(Conflict, match="in_doubt"):
        house.prepare(document)


def test_looking_again_ends(house: House) -> None:
    content = house.write().content
    document = receive(house, EntityKind.TITLE, content, forge(house, content, "lessor_person", "stranger"))
    for days in (1, 20, 30):
        house.clock.set(START + timedelta(days=days))
        assert promised(house) == 1
        look_again(house)
    assert promised(house) == 0
    assert house.card(document, CLIENT).line.delivery == "received_in_doubt"
    assert undecided.pause(1) < undecided.pause(2) < undecided.pause(40) == undecided.SLOWEST


@pytest.mark.soak
@pytest.mark.parametrize("how", FORGERIES)
def test_an_answer_by_such_a_certificate_is_none(house: House, how: str) -> None:
    document = house.upload()
    incoming = house.deliver(document)
    row = outside.row_of(house, document)
    post = Post(house, LESSOR, message=row.message_ref or "")
    content = outside.buyer_title(house, incoming).content
    title = post.add(EntityKind.BUYER_TITLE, content, parent=row.entity_ref, by=CLIENT_ONE.box)
    post.add(EntityKind.SIGNATURE, forge(house, content, "client_one_person", how), parent=title, by=CLIENT_ONE.box)
    post.tries = 9
    post.take(patch=True)
    assert house.card(document).line.response == "counter_invalid"
    assert codes(house, document) == ["exchange.signature_unproved"]


# --- agreed files --------------------------------------------------------------------------------------------------


def test_a_contract_of_an_unknown_sender_takes_no_name_from_a_forged_certificate(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.sender, post.tries = "somebody@sandbox", 9
    entity = post.add(EntityKind.NONFORMALIZED, PDF)
    post.add(EntityKind.SIGNATURE, forge(house, PDF, "lessor_person", "stranger"), parent=entity)
    post.take()
    (line,) = house.all(CLIENT)
    assert (line.delivery, line.counterparty_name) == ("received_in_doubt", "Неизвестный отправитель")
    assert codes(house, line.id, person=CLIENT) == ["exchange.signature_unproved"]


@pytest.mark.parametrize("by", [LESSOR.box, CLIENT_ONE.box])
def test_our_own_signature_brought_by_the_other_side_is_no_answer_of_ours(house: House, by: str) -> None:
    """We have signed the same bytes once: whoever has that signature may send it along."""
    post = Post(house, CLIENT_ONE)
    entity = post.add(EntityKind.NONFORMALIZED, PDF, by=LESSOR.box)
    post.entities[0] = replace(post.entities[0], needs_answer=True)
    post.add(EntityKind.SIGNATURE, house.cms(PDF, "lessor_person"), parent=entity, by=LESSOR.box)
    post.add(EntityKind.SIGNATURE, house.cms(PDF, "client_one_person"), parent=entity, by=by)
    post.take()
    (line,) = house.all(CLIENT)
    assert line.response == ("required" if by == LESSOR.box else "signed")


def test_a_forged_second_signature_closes_nothing(house: House) -> None:
    document = house.contract(PDF, route=Route.OPERATOR)
    with house.uow(house.actor(ACCOUNTANT)) as uow:  # as if it had gone out
        row = uow.session.get_one(Document, document)
        part = recording.main_part(uow, row)
        row.message_ref, row.entity_ref, row.delivery = "m", "t", "accepted"
        part.message_ref, part.entity_ref = "m", "t"
        uow.commit()
    post = Post(house, LESSOR, message="m")
    post.tries = 9
    post.add(EntityKind.SIGNATURE, forge(house, PDF, "client_one_person", "client"), parent="t")
    post.take(patch=True)
    assert house.card(document).line.response == "counter_invalid"
