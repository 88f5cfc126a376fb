"""A title signed by an employee's own certificate: the МЧД that it cites decides whether it is the seller's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from edo_service import formats
from edo_service.adapters.power_registry import FolderRegistry
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.power import demo_power, person
from edo_service.documents.rules import stops
from edo_service.exchange.fitness import Signed, objection_to
from edo_service.exchange.rules import UNDECIDED_TRIES
from edo_service.exchange.use_cases.recheck import recheck
from edo_service.formats import Authority
from edo_service.formats.parties import ElectronicPower
from edo_service.kernel.actor import Actor
from edo_service.powers import queries
from edo_service.powers.registry import PowerRegistry
from edo_service.powers.rules import RegistryAnswer, RegistryState
from operators.port import EntityKind, PowerRef
from tests.exchange.test_exchange_fitness import Post, codes
from tests.fixtures.road import CLIENT, House

GROMOV = person("Громов", "Пётр", "Ильич", inn="770000000220", snils="90000000283")


@contextmanager
def register(house: House, folder: Path, number: UUID, **facts: str) -> Iterator[formats.WrittenFile]:
    """A register of powers that holds this one, signed by the lessor."""
    today = house.clock.now().date()
    file = demo_power(LESSOR, GROMOV, number=number, issued=today, expires=today + timedelta(days=300))
    (folder / f"{number}.xml").write_bytes(file.content)
    (folder / f"{number}.sig").write_bytes(house.cms(file.content, "lessor_person"))
    record = {"state": "active", "principal_inn": LESSOR.inn, "name": file.file_name, **facts}
    (folder / f"{number}.json").write_text(json.dumps(record), "utf-8")
    desk = house.services.signing_desk
    powers = replace(desk.powers, registry=FolderRegistry(folder=folder))
    house.services.__dict__["signing_desk"] = replace(desk, powers=powers)
    yield file
    house.services.__dict__["signing_desk"] = desk


def title_by_power(house: House, number: UUID) -> bytes:
    upd = formats.read_upd_seller(house.write().content)
    power = ElectronicPower(
        number=str(number), issued_on=house.clock.now().date(), internal_number="1", storage="https://powers.demo.test"
    )
    signer = replace(upd.signers[0], authority=Authority.POWER_IN_SYSTEM, electronic_powers=(power,))
    return formats.write_upd_seller(replace(upd, signers=(signer,))).content


def receive(house: House, number: UUID) -> UUID:
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.TITLE, title_by_power(house, number), "lessor_employee")
    post.take()
    return house.incoming()


@pytest.mark.parametrize(
    ("facts", "objections", "response", "outcome"),
    [
        ({}, [], "required", "passed"),
        ({"state": "revoked"}, ["exchange.power_failed"], None, "failed"),
        ({"principal_inn": "7800000010"}, ["exchange.signed_by_power"], "required", None),
    ],
)
def test_the_cited_power_is_fetched_and_judged(
    house: House,
    tmp_path: Path,
    facts: dict[str, str],
    objections: list[str],
    response: str | None,
    outcome: str | None,
) -> None:
    number = uuid4()
    with register(house, tmp_path, number, **facts):
        document = receive(house, number)
    assert codes(house, document, person=CLIENT) == objections
    line = house.card(document, CLIENT).line
    assert line.response == response if response else line.delivery == "received_in_doubt"
    uow = house.uow(house.actor(CLIENT))
    with uow:
        used = [(use.number, use.outcome) for use in queries.uses(uow, document).values()]
        kept = [card.source for card in queries.powers(uow)]
    assert used == ([(str(number), outcome)] if outcome else [])
    assert kept == (["cited"] if outcome else [])


@pytest.mark.parametrize(
    ("power", "objection"),
    [
        ("passed", None),
        ("warning", None),
        ("failed", "exchange.power_failed"),
        ("indeterminate", "exchange.signed_by_power"),
    ],
)
def test_how_the_power_ended_decides(house: House, power: str, objection: str | None) -> None:
    reading = formats.read_upd_seller(title_by_power(house, uuid4()))
    signed = Signed(indication="TOTAL-PASSED", inn="770000000220", power=power, power_reason="Причина")
    found = objection_to(reading, [signed], expected_inn=LESSOR.inn)
    assert (found or "").partition(" ")[0] == (objection or "")
    assert stops(found) is (power == "failed")


def bring(house: House, number: UUID, kind: EntityKind = EntityKind.TITLE) -> UUID:
    """A file that cites no power, signed by the employee; the operator tells her power with the signature."""
    post = Post(house, CLIENT_ONE)
    post.tries = UNDECIDED_TRIES + 1
    post.file(kind, house.write().content if kind is EntityKind.TITLE else b"%PDF-1.7", "lessor_employee")
    power = PowerRef(number=str(number).upper(), issuer_inn=LESSOR.inn)
    post.entities[-1] = replace(post.entities[-1], power=power)
    post.take()
    (line,) = house.all(CLIENT)
    return line.id


class Mute:
    """A register that gives powers out and tells nothing of their revocation."""

    def __init__(self, register: PowerRegistry) -> None:
        self.find = register.find

    def status(self, number: str) -> RegistryAnswer:
        del number
        return RegistryAnswer(state=RegistryState.SILENT, reason="молчит")


def test_a_power_that_came_with_the_signature_is_not_forgotten_when_it_is_judged_anew(
    house: House, tmp_path: Path
) -> None:
    number = uuid4()
    with register(house, tmp_path, number):
        desk = house.services.signing_desk
        mute = replace(desk, powers=replace(desk.powers, registry=Mute(desk.powers.registry)))
        house.services.__dict__["signing_desk"] = mute
        document = bring(house, number)
        assert codes(house, document, person=CLIENT) == ["exchange.signed_by_power"]
        actor = Actor.automatic("exchange.recheck", house.entity(CLIENT_ONE))
        recheck(document, tries=1, actor=actor, uow=house.uow(actor), desk=desk)
    assert codes(house, document, person=CLIENT) == []


@pytest.mark.parametrize(("kind", "outcome"), [(EntityKind.TITLE, "passed"), (EntityKind.NONFORMALIZED, "failed")])
def test_the_power_that_the_operator_brings_with_a_signature_is_fetched_and_judged(
    house: House, tmp_path: Path, kind: EntityKind, outcome: str
) -> None:
    """Neither the title nor the agreed file cites it; its powers reach УПД, not contracts."""
    number = uuid4()
    with register(house, tmp_path, number):
        document = bring(house, number, kind)
    uow = house.uow(house.actor(CLIENT))
    with uow:
        assert [(use.number, use.outcome) for use in queries.uses(uow, document).values()] == [(str(number), outcome)]
        assert [card.source for card in queries.powers(uow)] == ["cited"]
