"""Whose signature agrees to an annulment: only one of the very organisation, whose certificate leads to an anchor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.make_pki import ensure_pki
from edo_service.documents.tables import Document
from edo_service.errors import Conflict
from edo_service.exchange.accounts import card
from edo_service.exchange.pages.annulment import still
from edo_service.exchange.rules import UNDECIDED_TRIES
from edo_service.exchange.tables import Annulment, OperatorAccount
from edo_service.exchange.use_cases.annul import one_at_a_time, propose_annulment
from edo_service.exchange.use_cases.take_annulment import take_annulment
from edo_service.kernel.ids import new_id
from edo_service.keys.queries import UnlockedKey
from operators import port
from operators.port import EntityKind
from tests.exchange.outside import Shelf
from tests.exchange.test_exchange_annulment import unlock
from tests.fixtures.road import ACCOUNTANT, House

OFFER = b"<offer/>"


def proposal(house: House, side: str) -> UUID:
    """A proposal on a document of the lessor's, ours or the client's, that waits for the other side's word."""
    return offer(house, house.upload(), side, ref="offer")


def offer(house: House, document: UUID, side: str, *, ref: str) -> UUID:
    actor = house.actor(ACCOUNTANT)
    with house.uow(actor) as uow:
        uow.session.get_one(Document, document).message_ref = "m"
        row = Annulment(
            owner_id=actor.entity,
            document_id=document,
            account_id=uow.session.scalars(select(OperatorAccount)).one().id,
            side=side,
            state="expected" if side == "ours" else "required",
            reason="Выставлен дважды",
            file_name="offer.xml",
            file_sha256=house.services.objects.put(OFFER, owner=actor.entity),
            message_ref="m",
            entity_ref=ref,
            key=str(new_id()),
            by_name="",
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
        uow.commit()
        return row.id


def sign(house: House, annulment: UUID, cms: bytes, *, by: str, power: port.PowerRef | None = None) -> str:
    """A second signature on the proposal comes from the box `by`, with a power by the operator's word. Returns its state."""
    ref = port.EntityRef(box=LESSOR.box, message_id="m", entity_id=str(new_id()))
    entity = port.Entity(
        ref=ref, parent_id="offer", kind=EntityKind.SIGNATURE, raw_type="Signature", file_name=None, signed_by=by
    )
    entity = replace(entity, power=power)
    take(house, (entity,), {ref.entity_id: cms})
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        return uow.session.get_one(Annulment, annulment).state


def take(house: House, entities: tuple[port.Entity, ...], contents: dict[str, bytes]) -> None:
    """Take an event about an annulment, after the tries that wait for evidence."""
    actor = house.actor(ACCOUNTANT)
    event = port.Event(
        id=str(new_id()),
        cursor="1",
        at=house.clock.now(),
        box=LESSOR.box,
        message_id="m",
        from_box=None,
        to_box=None,
        entities=entities,
    )
    uow = house.uow(actor)
    with uow:
        account = card(uow.session.scalars(select(OperatorAccount)).one())
    take_annulment(
        event,
        event.entities,
        tries=UNDECIDED_TRIES + 1,
        account=account,
        actor=actor,
        uow=uow,
        desk=house.services.signing_desk,
        operator=Shelf(contents),  # type: ignore[arg-type]  # only content is asked
    )


def forged(house: House, folder: Path, who: str) -> bytes:
    """The same names and ИНН in certificates that somebody else's authority has issued."""
    cms = replace(house, pki=ensure_pki(folder, clock=house.clock, passwords={})).cms(OFFER, who)
    kept = house.services.signing_desk.judge_kept(OFFER, cms, owner=house.entity(LESSOR))
    assert kept.judgement.verdict.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND", "undecided, not proved bad"
    return cms


@pytest.mark.parametrize(
    ("side", "box", "signer", "stranger"),
    [
        ("ours", CLIENT_ONE.box, "client_one_person", "client_two_person"),
        ("theirs", LESSOR.box, "lessor_person", "client_one_person"),
    ],
)
def test_a_consent_counts_by_whose_certificate_it_is(
    house: House, tmp_path: Path, side: str, box: str, signer: str, stranger: str
) -> None:
    annulment = proposal(house, side)
    before = "expected" if side == "ours" else "required"
    assert sign(house, annulment, forged(house, tmp_path / "forged", signer), by=box) == before
    assert sign(house, annulment, house.cms(b"<another/>", signer), by=box) == before, "of another file"
    assert sign(house, annulment, house.cms(OFFER, stranger), by=box) == before, "another organisation's"
    assert sign(house, annulment, house.cms(OFFER, signer), by=box) == "annulled"


def test_one_proposal_of_ours_is_open_at_a_time(house: House) -> None:
    document = house.upload()
    first = offer(house, document, "ours", ref="1")
    offer(house, document, "theirs", ref="2")
    with pytest.raises(Conflict, match="annulment_open"), one_at_a_time():
        offer(house, document, "ours", ref="3")
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        uow.session.get_one(Annulment, first).state = "refused"
        uow.commit()
    offer(house, document, "ours", ref="3")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"response": "counter_refused"}, "annulment_not_possible"), ({}, "annulment_open")],
    ids=["refused meanwhile", "proposed meanwhile"],
)
def test_what_changed_while_the_key_was_opened_counts(house: House, change: dict[str, str], code: str) -> None:
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    house.send(document)
    house.runner.drain()
    with house.uow(actor) as uow:
        row = uow.session.get_one(Document, document)
        row.message_ref, row.entity_ref, row.delivery, row.response = "m", "t", "accepted", "not_needed"
        uow.commit()

    def meanwhile() -> UnlockedKey:
        with house.uow(actor) as uow:
            row = uow.session.get_one(Document, document)
            for name, value in change.items():
                setattr(row, name, value)
            uow.commit()
        if not change:
            offer(house, document, "theirs", ref="2")
        return unlock(house, ACCOUNTANT)

    with pytest.raises(Conflict, match=code):
        propose_annulment(
            document,
            reason="Выставлен дважды",
            unlock=meanwhile,
            actor=actor,
            uow=house.uow(actor),
            desk=house.services.signing_desk,
        )


def test_only_the_proposal_that_was_read_is_answered() -> None:
    read, newer = uuid4(), Annulment(id=uuid4(), state="required")
    still(None, "")
    still(newer, str(newer.id))
    with pytest.raises(Conflict, match="annulment_changed"):
        still(newer, str(read))
    with pytest.raises(Conflict, match="annulment_open"):
        still(Annulment(id=uuid4(), state="expected"), "")
