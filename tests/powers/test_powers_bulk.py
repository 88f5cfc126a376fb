"""A revocation reaches every road within the second: signatures promised in bulk, and files that arrive one after another."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import signing
from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents.papers import cited_powers
from edo_service.documents.queries import SignatureCard
from edo_service.documents.use_cases.send import SIGN
from edo_service.kernel.actor import Actor, Right
from edo_service.keys.rules import Purpose
from edo_service.keys.use_cases import NewKey
from edo_service.powers import queries
from edo_service.powers.use_cases import revoke_power
from edo_service.texts import trouble_words
from operators.port import EntityKind
from tests.exchange.test_exchange_acting import register, title_by_power
from tests.exchange.test_exchange_annulment_powers import GROMOV, Powers
from tests.exchange.test_exchange_fitness import Post, codes
from tests.fixtures.road import ACCOUNTANT, CLIENT, House


@pytest.fixture
def powers(house: House, tmp_path: Path) -> Powers:
    """The lessor's accountant has a key on the server whose certificate names no company."""
    found = Powers(house, tmp_path / "register")
    for name in [name for name in house.services.__dict__ if name.endswith("handlers")]:
        del house.services.__dict__[name]
    house.runner = house.services.runner(worker="test")
    entity = house.pki.entity("lessor_employee")
    new = NewKey(
        label="Ключ сотрудника",
        purpose=Purpose.STAFF,
        private_key=signing.export_private_key(entity.key),
        certificate=entity.certificate.der,
        person_id=house.actor(ACCOUNTANT).user_id,
    )
    actor = Actor.automatic("test", house.entity(LESSOR))
    key = house.services.keys.keep(new, actor=actor, uow=house.uow(actor))
    for number in range(3):
        house.send(house.upload(number=f"Л-{number}"), key_id=key)
    return found


def sign_one(house: House) -> None:
    """Carry out the oldest promise of a signature."""
    job = next(row for row in house.jobs("waiting") if row.kind == SIGN)
    house.runner.run(job.id)


def standing(house: House) -> list[str]:
    """For each of the three: signed, or the words why not."""
    lines = sorted(house.all(), key=lambda line: line.title)
    signed = [house.card(line.id).main_part.signatures[0].sha256 is not None for line in lines]
    return ["signed" if done else trouble_words(line.trouble or "") for line, done in zip(lines, signed, strict=True)]


def in_the_register(powers: Powers, power: UUID) -> None:
    with powers.house.uow(powers.actor) as uow:
        number = queries.power(uow, power).power.number
    (powers.folder / f"{number}.json").write_text(json.dumps({"state": "revoked"}), "utf-8")


@pytest.mark.parametrize("revoke", [Powers.revoke, in_the_register], ids=["here", "in the register"])
def test_of_signatures_promised_together_those_after_the_revocation_are_not_made(
    powers: Powers, revoke: Callable[[Powers, UUID], None]
) -> None:
    house, power = powers.house, powers.keep(LESSOR, GROMOV, "lessor_person")
    sign_one(house)
    before = house.clock.now()
    revoke(powers, power)
    sign_one(house)
    sign_one(house)
    assert house.clock.now() == before, "not a second later"
    made = standing(house)
    assert made[0] == "signed"
    assert all("оверенность отозвана" in words for words in made[1:]), made
    assert [one.power and one.power.outcome for one in _signatures(house)] == ["passed"]


def _signatures(house: House) -> list[SignatureCard]:
    cards = [house.card(line.id) for line in house.all()]
    return [one for card in cards for one in card.main_part.signatures if one.sha256]


def test_of_files_that_arrive_those_after_the_revocation_are_flagged(house: House, tmp_path: Path) -> None:
    number = uuid4()
    owner = replace(house.actor(CLIENT), rights=house.actor(CLIENT).rights | {Right.KEYS})
    with register(house, tmp_path, number):
        post = Post(house, CLIENT_ONE)
        post.file(EntityKind.TITLE, title_by_power(house, number), "lessor_employee")
        post.take()
        (first,) = house.all(CLIENT)
        assert codes(house, first.id, person=CLIENT) == []
        with house.uow(owner) as uow:
            (card,) = queries.powers(uow)
        revoke_power(card.id, actor=owner, uow=house.uow(owner))
        later = Post(house, CLIENT_ONE)
        later.file(EntityKind.TITLE, title_by_power(house, number), "lessor_employee")
        later.take()
    second = next(line for line in house.all(CLIENT) if line.id != first.id)
    assert (second.delivery, codes(house, second.id, person=CLIENT)) == (
        "received_in_doubt",
        ["exchange.power_failed"],
    )
    assert codes(house, first.id, person=CLIENT) == [], "what had come before stays what it was"


def test_a_title_of_ours_names_the_power_that_counts(house: House) -> None:
    """A title from the company's own program may cite a МЧД: a signature by another one would not be what it says."""
    number = uuid4()
    assert cited_powers(title_by_power(house, number)) == (str(number),)
    assert cited_powers(house.write().content) == ()
    assert cited_powers(formats.WrittenFile(file_name="a.pdf", content=b"%PDF").content) == ()
