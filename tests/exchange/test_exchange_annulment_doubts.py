"""A word about an annulment whose signature could not be decided when it came is looked at again, as a document's is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.make_pki import ensure_pki
from edo_service.errors import Rejected
from edo_service.exchange import undecided, wire
from edo_service.exchange.annulment_doubts import UNDECIDED, promise_look
from edo_service.exchange.rules import RETAKE
from edo_service.exchange.tables import Annulment, OddEvent
from edo_service.exchange.use_cases.annul import answer_annulment
from edo_service.exchange.use_cases.take_annulment import BAD_SIGNATURE, retake_annulment
from edo_service.kernel.jobs import Job, Retry
from edo_service.keys.queries import UnlockedKey
from edo_service.texts import trouble_words
from operators import errors, port
from operators.port import EntityKind
from signing.pki import RevocationReason
from tests.exchange.outside import Shelf
from tests.exchange.test_exchange_annulment import unlock
from tests.exchange.test_exchange_consent import OFFER, proposal, take
from tests.fixtures.road import ACCOUNTANT, CLIENT, House

AWAY = {"ocsp", "crl"}


class Word:
    """Their signature on an open proposal of ours, taken while no list of revocations can be had."""

    def __init__(self, house: House, cms: bytes) -> None:
        self.house, self.row = house, proposal(house, "ours")
        ref = port.EntityRef(box=LESSOR.box, message_id="m", entity_id=str(uuid4()))
        entity = port.Entity(
            ref=ref, parent_id="offer", kind=EntityKind.SIGNATURE, raw_type="Signature", file_name=None,
            signed_by=CLIENT_ONE.box,
        )  # fmt: skip
        self.shelf = Shelf({ref.entity_id: cms})
        take(house, (entity,), {ref.entity_id: cms})

    def job(self) -> Job:
        (job,) = [one for one in self.house.jobs() if one.kind == RETAKE]
        return job

    def look_again(self) -> None:
        job = self.job()
        actor = self.house.actor(ACCOUNTANT)
        retake_annulment(
            wire.event_from_json(job.payload["event"]),
            tries=1,
            actor=actor,
            uow=self.house.uow(actor),
            desk=self.house.services.signing_desk,
            operators=lambda _: self.shelf,  # type: ignore[arg-type,return-value]  # only content is asked
        )

    def told(self) -> tuple[str, str | None]:
        with self.house.uow(self.house.actor(ACCOUNTANT)) as uow:
            row = uow.session.get_one(Annulment, self.row)
            return row.state, row.answer_objection


def test_a_consent_is_verified_again_when_evidence_comes(house: House) -> None:
    house.network.silent = set(AWAY)
    word = Word(house, house.cms(OFFER, "client_one_person"))
    assert word.told() == ("annulled", UNDECIDED)
    with pytest.raises(Retry):
        word.look_again()
    house.network.silent.clear()
    word.look_again()
    assert word.told() == ("annulled", None)
    assert [json.loads(one.facts)["objection"] for one in house.journal("annulment.judged")] == [UNDECIDED, ""]


def test_a_consent_that_proves_bad_later_is_shown(house: House) -> None:
    house.network.silent = set(AWAY)
    word = Word(house, house.cms(OFFER, "client_one_person"))
    house.pki.revoke("client_one_person", house.clock.now() - timedelta(hours=1), RevocationReason.KEY_COMPROMISE)
    house.network.silent.clear()
    word.look_again()
    state, objection = word.told()
    assert state == "annulled", "the operator's state moves by its word only"
    assert "сертификат отозван" in trouble_words(objection or "")


def test_a_consent_that_an_anchor_added_later_proves_counts(house: House, tmp_path: Path) -> None:
    other = ensure_pki(tmp_path / "other", clock=house.clock, passwords={})
    house.network.silent = set(AWAY)  # this network knows nothing of the other authority
    word = Word(house, replace(house, pki=other).cms(OFFER, "client_one_person"))
    assert (word.told(), odd(house)) == (("expected", None), [BAD_SIGNATURE])
    for number, anchor in enumerate(other.roots()):
        (house.services.settings.root / "trust" / f"later{number}.pem").write_text(anchor.pem())
    with pytest.raises(Retry):
        word.look_again()
    assert (word.told(), odd(house)) == (("annulled", UNDECIDED), [])


def looks_of(house: House, word: Word, shelf: object) -> list[timedelta]:
    """The pauses between looks of the job itself, from its promise on, while the operator is `shelf`."""
    handlers = replace(house.services.exchange_handlers, operators=lambda _: shelf)  # type: ignore[arg-type,return-value]  # only content is asked
    house.runner.handlers[RETAKE] = handlers.on_retake
    pauses = []
    for tries in range(4):
        house.runner.drain(200)
        job = word.job()
        assert (job.attempt, job.state) == (tries, "waiting"), "one look, however long the clock stands still"
        pauses.append(job.run_after - house.clock.now())
        house.clock.set(job.run_after)
    return pauses


def test_looking_again_makes_the_promised_pauses(house: House) -> None:
    house.network.silent = set(AWAY)
    word = Word(house, house.cms(OFFER, "client_one_person"))
    minutes = [one / timedelta(minutes=1) for one in looks_of(house, word, word.shelf)]
    assert minutes == [10, 20, 40, 80]
    house.network.silent.clear()
    house.runner.drain(200)
    assert (word.told(), word.job().state) == (("annulled", None), "done")


def test_a_deleted_message_is_asked_for_rarely_and_not_for_ever(house: House) -> None:
    class Emptied(Shelf):
        def content(self, ref: port.EntityRef) -> bytes:
            raise errors.NotFound(f"no {ref.entity_id}", operator="shelf")

    house.network.silent = set(AWAY)
    word = Word(house, house.cms(OFFER, "client_one_person"))
    minutes = [one / timedelta(minutes=1) for one in looks_of(house, word, Emptied({}))]
    assert minutes == [10, 20, 40, 80]
    house.clock.move(undecided.FOR)
    house.runner.drain(200)
    assert word.job().state == "done"


def test_both_companies_of_a_proposal_look_again_each_for_itself(house: House) -> None:
    house.network.silent = set(AWAY)
    word = Word(house, house.cms(OFFER, "client_one_person"))
    event = wire.event_from_json(word.job().payload["event"])
    theirs = house.actor(CLIENT)
    with house.uow(theirs) as uow:
        promise_look(uow, replace(event, box=CLIENT_ONE.box), owner_id=theirs.entity)
        uow.commit()
    kept = {one.owner_id: one.payload["event"]["box"] for one in house.jobs() if one.kind == RETAKE}
    assert kept == {house.entity(LESSOR): LESSOR.box, house.entity(CLIENT_ONE): CLIENT_ONE.box}


def odd(house: House) -> list[str]:
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        return [row.reason for row in uow.session.scalars(select(OddEvent).where(OddEvent.settled_at.is_(None)))]


@pytest.mark.parametrize("when", ["before", "while the key is opened"])
def test_a_proposal_that_proved_bad_is_not_agreed_to(house: House, when: str) -> None:
    offered, actor = proposal(house, "theirs"), house.actor(ACCOUNTANT)

    def prove_bad() -> None:
        with house.uow(actor) as uow:
            uow.session.get_one(Annulment, offered).offer_objection = "exchange.file_signature_failed"
            uow.commit()

    def opened() -> UnlockedKey:
        prove_bad()
        return unlock(house, ACCOUNTANT)

    if when == "before":
        prove_bad()
    with pytest.raises(Rejected, match="annulment_in_doubt"):
        answer_annulment(
            offered,
            consent=True,
            unlock=opened,
            actor=actor,
            uow=house.uow(actor),
            desk=house.services.signing_desk,
        )
    with house.uow(actor) as uow:
        assert uow.session.get_one(Annulment, offered).state == "required"
