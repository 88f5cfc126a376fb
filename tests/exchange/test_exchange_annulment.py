"""Annulment by agreement of both sides, over the real wire: proposed, agreed to, refused; faults repeat nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoPerson
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.exchange import annulments
from edo_service.exchange.annulment_papers import Side
from edo_service.exchange.tables import Annulment
from edo_service.exchange.use_cases.annul import answer_annulment, propose_annulment
from edo_service.kernel.actor import Actor
from edo_service.keys import queries as keys
from edo_service.keys.queries import UnlockedKey
from operators import port
from operators.port import EntityKind
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House


def unlock(house: House, person: DemoPerson) -> UnlockedKey:
    """The accountant's company has a key on the server, the client opens her own by PIN."""
    actor = house.actor(person)
    uow = house.uow(actor)
    if person is CLIENT:
        return house.services.keys.unlock_personal(
            house.own_key(CLIENT), pin=house.pin(CLIENT), purpose="test", actor=actor, uow=uow
        )
    with uow:
        key = keys.organization_key(uow, actor=actor)
    return house.services.keys.unlock_server_key(key.id, actor=actor, uow=uow)


def propose(house: House, document: UUID, person: DemoPerson = ACCOUNTANT, reason: str = "Выставлен дважды") -> UUID:
    actor = house.actor(person)
    return propose_annulment(
        document,
        reason=reason,
        unlock=lambda: unlock(house, person),
        actor=actor,
        uow=house.uow(actor),
        desk=house.services.signing_desk,
    )


def answer(house: House, annulment: UUID, person: DemoPerson, *, consent: bool, reason: str = "") -> None:
    actor = house.actor(person)
    answer_annulment(
        annulment,
        consent=consent,
        reason=reason,
        unlock=lambda: unlock(house, person),
        actor=actor,
        uow=house.uow(actor),
        desk=house.services.signing_desk,
    )


def row(house: House, person: DemoPerson) -> Annulment | None:
    with house.uow(house.actor(person)) as uow:
        return uow.session.scalars(select(Annulment).order_by(Annulment.id.desc())).first()


def state(house: House, person: DemoPerson) -> str:
    found = row(house, person)
    return found.state if found else "none"


def standing(house: House) -> tuple[str, str]:
    return state(house, ACCOUNTANT), state(house, CLIENT)


def signed(house: House) -> tuple[UUID, UUID]:
    """A document that both sides have signed; its ids on both sides."""
    document = house.upload()
    theirs = house.deliver(document)
    with pytest.raises(Conflict, match="annulment_not_possible"):
        propose(house, document)
    house.prepare(theirs)
    house.sign(theirs)
    house.settle(lambda: house.card(document).line.response == "counter_signed")
    return document, theirs


def test_the_seller_proposes_and_the_buyer_agrees(house: House) -> None:
    document, theirs = signed(house)
    before = (house.card(document).line, house.card(theirs, CLIENT).line)
    house.faults.add(FaultRule(fault=Fault.ERROR_AFTER, path="postmessagepatch"))
    propose(house, document)
    with pytest.raises(Conflict, match="annulment_open"):
        propose(house, document)
    house.settle(lambda: standing(house) == ("expected", "required"))
    asked = row(house, CLIENT)
    assert asked is not None
    assert (asked.reason, asked.side, asked.document_id) == ("Выставлен дважды", "theirs", theirs)
    offer = formats.read_annulment_offer(house.services.objects.get(asked.owner_id, asked.file_sha256))
    assert offer.participant.participant_id == LESSOR.participant_id
    answer(house, asked.id, CLIENT, consent=True)
    with pytest.raises(Conflict, match="annulment_answered"):
        answer(house, asked.id, CLIENT, consent=True)
    house.settle(lambda: standing(house) == ("annulled", "annulled"))
    after = (house.card(document).line, house.card(theirs, CLIENT).line)
    assert [(one.delivery, one.response, one.trouble) for one in after] == [
        (one.delivery, one.response, one.trouble) for one in before
    ], "the document's other lives are left alone"
    assert len(house.journal("annulment.proposed")) == 1
    assert len(house.journal("annulment.annulled")) == 2
    with pytest.raises(Conflict, match="annulment_open"):
        propose(house, theirs, CLIENT)


@pytest.mark.soak
def test_the_buyer_proposes_and_the_seller_refuses(house: House) -> None:
    _, theirs = signed(house)
    propose(house, theirs, CLIENT, "Не наш договор")
    house.settle(lambda: standing(house) == ("required", "expected"))
    asked = row(house, ACCOUNTANT)
    assert asked is not None
    with pytest.raises(Rejected, match="reason_empty"):
        answer(house, asked.id, ACCOUNTANT, consent=False)
    answer(house, asked.id, ACCOUNTANT, consent=False, reason="Договор ваш")
    house.settle(lambda: standing(house) == ("refused", "refused"))
    told = row(house, CLIENT)
    assert told is not None
    assert told.answer_text == "Договор ваш"
    assert house.card(theirs, CLIENT).line.response == "signed_confirmed", (
        "a refusal of the proposal refuses no document"
    )
    propose(house, theirs, CLIENT, "Ещё раз")
    house.settle(lambda: standing(house) == ("required", "expected"))


def test_rights_strangers_and_drafts(house: House) -> None:
    document = house.upload()
    with pytest.raises(Conflict, match="annulment_not_possible"):
        propose(house, document)
    with pytest.raises(Forbidden):
        propose(house, document, COMPLIANCE)
    stranger = Actor.automatic("test", house.entity(CLIENT_TWO))
    for foreign in (document, uuid4()):
        with pytest.raises(NotFound):
            propose_annulment(
                foreign,
                reason="x",
                unlock=lambda: unlock(house, ACCOUNTANT),
                actor=stranger,
                uow=house.uow(stranger),
                desk=house.services.signing_desk,
            )
    house.clock.move(timedelta(0))


def _entity(entity_id: str, kind: EntityKind, parent: str | None = None) -> port.Entity:
    ref = port.EntityRef(box="b", message_id="m", entity_id=entity_id)
    return port.Entity(ref=ref, parent_id=parent, kind=kind, raw_type=kind.value)


def test_an_event_is_divided_by_what_hangs_on_a_proposal(house: House) -> None:
    parts = (
        _entity("title", EntityKind.TITLE),
        _entity("sig", EntityKind.SIGNATURE, "title"),
        _entity("refusal", EntityKind.REJECTION, "known"),
        _entity("refusal-sig", EntityKind.SIGNATURE, "refusal"),
        _entity("offer", EntityKind.REVOCATION, "title"),
        _entity("offer-sig", EntityKind.SIGNATURE, "offer"),
    )
    event = port.Event(
        id="e", cursor="c", at=house.clock.now(), box="b", message_id="m", from_box=None, to_box=None, entities=parts
    )
    rest, about = annulments.split(event, {"known"})
    assert [one.ref.entity_id for one in rest.entities] == ["title", "sig"]
    assert [one.ref.entity_id for one in about] == ["refusal", "refusal-sig", "offer", "offer-sig"]


def test_a_sole_trader_is_named_by_words() -> None:
    side = Side(participant_id="2BM-1", name="ИП Жуков Пётр Ильич", inn=CLIENT_ONE.people[0].inn, kpp=None)
    assert side.who.person.surname == "Жуков"  # type: ignore[union-attr]  # twelve digits are a person's
    assert side.who.person.patronymic == "Ильич"  # type: ignore[union-attr]  # as above
