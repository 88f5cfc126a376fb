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
from edo_service.exchange import wire
from edo_service.exchange.annulment_doubts import UNDECIDED
from edo_service.exchange.tables import Annulment, OddEvent
from edo_service.exchange.use_cases.annul import answer_annulment
from edo_service.exchange.use_cases.take_annulment import BAD_SIGNATURE, retake_annulment
from edo_service.kernel.jobs import Retry
from edo_service.texts import trouble_words
from operators import port
from operators.port import EntityKind
from signing.pki import RevocationReason
from tests.exchange.outside import Shelf
from tests.exchange.test_exchange_annulment import unlock
from tests.exchange.test_exchange_consent import OFFER, proposal, take
from tests.fixtures.road import ACCOUNTANT, House

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

    def look_again(self) -> None:
        (job,) = [one for one in self.house.jobs() if one.kind == "exchange.retake"]
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


def odd(house: House) -> list[str]:
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        return [row.reason for row in uow.session.scalars(select(OddEvent).where(OddEvent.settled_at.is_(None)))]


def test_a_proposal_that_proved_bad_is_not_agreed_to(house: House) -> None:
    offered, actor = proposal(house, "theirs"), house.actor(ACCOUNTANT)
    with house.uow(actor) as uow:
        row = uow.session.get_one(Annulment, offered)
        row.offer_objection = "exchange.file_signature_failed"
        uow.commit()
    with pytest.raises(Rejected, match="annulment_in_doubt"):
        answer_annulment(
            offered,
            consent=True,
            unlock=lambda: unlock(house, ACCOUNTANT),
            actor=actor,
            uow=house.uow(actor),
            desk=house.services.signing_desk,
        )
