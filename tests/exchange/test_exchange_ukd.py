"""УКД over Диадок's wire: tied to what it corrects on both sides, agreed to by the operator's title, kept with its tie."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from edo_service import formats
from edo_service.archiving.tables import Package
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import recording
from edo_service.documents.queries import Card
from edo_service.documents.rules import CorrectionEvent, Role
from edo_service.documents.titles import read_title
from edo_service.documents.use_cases.agree import AskedAnswer
from edo_service.documents.use_cases.answer import Answer, prepare_answer
from edo_service.documents.use_cases.clarify import prepare_request
from edo_service.documents.use_cases.upload import preview_upd, upload_upd
from edo_service.errors import Rejected, Unavailable
from edo_service.exchange import fitness
from edo_service.exchange.use_cases.ukd import OperatorUkd
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork
from operators.port import EntityKind
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange.roads import corrected
from tests.exchange.test_exchange_fitness import Post
from tests.fixtures.road import ACCOUNTANT, CLIENT, House
from tests.fixtures.ukd import ukd_189, ukd_736

FOREIGN = ("Б-7", date(2026, 3, 1))
"""A document that never went through here."""


def write(house: House, *numbers: str, function: str = "КСЧФДИС", number: str = "К-1") -> formats.WrittenFile:
    """An УКД to the lessor's УПД of today with these numbers."""
    now = house.clock.now()
    of = [(one, moscow_date(now)) for one in numbers] or [FOREIGN]
    return ukd_736(LESSOR, CLIENT_ONE, of=of, at=now, function=function, number=number)


def wire(house: House) -> OperatorUkd:
    return OperatorUkd(operators=house.services.operator)


def agree(house: House, document: UUID, outcome: str = "accepted") -> bytes:
    """The client freezes her consent; the bytes to sign."""
    actor, objects = house.actor(CLIENT), house.services.objects
    answer = Answer(outcome=outcome)
    uow = house.uow(actor)
    return objects.get(
        actor.entity, prepare_answer(document, answer=answer, actor=actor, uow=uow, objects=objects, ukd=wire(house))
    )


def both(house: House, ours: UUID, theirs: UUID) -> tuple[Card, Card]:
    return house.card(ours), house.card(theirs, CLIENT)


def arrived(house: House, *known: UUID) -> UUID:
    (found,) = {line.id for line in house.all(CLIENT)} - set(known)
    return found


@pytest.mark.soak
def test_a_request_is_answered_by_an_ukd_and_both_documents_stay_in_force(house: House) -> None:
    document = house.upload()
    theirs = house.deliver(document)
    actor, objects = house.actor(CLIENT), house.services.objects
    prepare_request(theirs, text="Цена ниже", actor=actor, uow=house.uow(actor), objects=objects)
    house.sign(theirs)
    house.settle(lambda: house.card(document).line.correction == "required")

    ukd = house.upload(write(house, "Л-1"))
    assert [one.id for one in house.card(document).adjusted_by] == [ukd]
    assert house.card(document).line.correction == "required", "a draft answers nothing"
    house.send(ukd)
    house.settle(lambda: {card.line.correction for card in both(house, document, theirs)} == {"adjusted"})
    coming = arrived(house, theirs)
    for card, old in ((house.card(ukd), document), (house.card(coming, CLIENT), theirs)):
        (tied,) = card.adjusts
        assert (card.line.kind, card.function, tied.original.id if tied.original else None) == ("ukd", "КСЧФДИС", old)
        assert str(card.line.total) == "-120.00"
        assert card.facts["checked"] is False
    assert house.card(theirs, CLIENT).line.response == "required", "the original is still to be answered"

    reply = agree(house, coming)
    kind = formats.detect(reply)
    assert kind is not None
    assert kind.code == "ukd_buyer"
    house.sign(coming)
    house.prepare(theirs)
    house.sign(theirs)
    house.settle(
        lambda: all(
            card.line.archive == "kept" for card in (*both(house, ukd, coming), *both(house, document, theirs))
        ),
        steps=80,
    )
    assert [card.line.response for card in both(house, ukd, coming)] == ["counter_signed", "signed_confirmed"]
    assert [card.line.receipt for card in both(house, ukd, coming)] == ["received", "confirmed"]
    manifest = kept(house, ukd)
    assert manifest["facts"]["adjusts"] == [
        {
            "number": "Л-1", "date": moscow_date(house.clock.now()).isoformat(), "revision": 0,
            "document": str(document), "title": house.card(document).line.title,
        }
    ]  # fmt: skip
    assert kept(house, document)["facts"]["adjusted_by"] == [
        {"document": str(ukd), "title": house.card(ukd).line.title}
    ]
    assert len(house.journal("correction.adjusted")) == 2


def kept(house: House, document: UUID) -> dict[str, dict[str, object]]:
    """The manifest of the document's set."""
    uow = house.services.system_uow("health")
    with uow:
        row = uow.session.scalars(select(Package).where(Package.document_id == document)).one()
        key = f"{row.owner_id}/{row.manifest_sha256}"
    found: dict[str, dict[str, object]] = json.loads(house.services.archive_desk.store.get(key))
    return found


def post(house: House, *files: formats.WrittenFile) -> list[UUID]:
    """Bring titles of the lessor into the client's box, without an operator; her new documents, in the order of the files."""
    brought: list[UUID] = []
    for file in files:
        there = {line.id for line in house.all(CLIENT)}
        one = Post(house, CLIENT_ONE)
        one.file(EntityKind.TITLE, file.content, "lessor_person")
        one.take()
        brought.append(arrived(house, *there))
    return brought


def test_one_ukd_corrects_several_documents_and_one_that_is_paper(house: House) -> None:
    now = house.clock.now()
    of = [("Л-1", moscow_date(now)), FOREIGN, ("Л-2", moscow_date(now))]
    file = ukd_736(LESSOR, CLIENT_ONE, of=of, at=now)
    first, second, ukd = post(house, house.write(number="Л-1"), house.write(number="Л-2"), file)
    adjusts = house.card(ukd, CLIENT).adjusts
    assert [one.original.id if one.original else None for one in adjusts] == [first, None, second]
    assert adjusts[1].words == "УПД № Б-7 от 01.03.2026"


def test_what_has_not_left_is_corrected_by_nothing(house: House) -> None:
    written = house.write()
    document = house.upload(written)
    house.send(document)
    assert house.card(document).line.delivery == "queued", "it may be taken back and deleted yet"
    ukd, ispravlenie = house.upload(write(house, "Л-1")), house.upload(corrected(written))
    assert [one.original for one in house.card(ukd).adjusts] == [None]
    assert house.card(ispravlenie).corrects is None


def test_an_ukd_answers_a_request_that_was_sent(house: House) -> None:
    (theirs,) = post(house, house.write())
    actor, objects = house.actor(CLIENT), house.services.objects
    prepare_request(theirs, text="Цена ниже", actor=actor, uow=house.uow(actor), objects=objects)
    post(house, write(house, "Л-1", number="К-1"))
    assert house.card(theirs, CLIENT).line.correction == "prepared", "what is not sent is not answered"
    uow = house.uow(actor)
    with uow:
        row = recording.take(uow, theirs)
        for event in (CorrectionEvent.SIGN, CorrectionEvent.SEND):
            recording.move(uow, row, "correction", event, actor=actor)
        uow.commit()
    post(house, write(house, "Л-1", number="К-2"))
    card = house.card(theirs, CLIENT)
    assert (card.line.correction, card.line.response, len(card.adjusted_by)) == ("adjusted", "required", 2)


@pytest.mark.soak
def test_a_correction_invoice_needs_no_title_and_is_kept_after_its_receipt(house: House) -> None:
    ukd = house.upload(write(house, function="КСЧФ"))
    assert house.card(ukd).line.title.startswith("Корректировочный счёт-фактура № К-1")
    house.send(ukd)
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(ukd).line.archive == "kept")
    theirs = house.incoming()
    house.settle(lambda: house.card(theirs, CLIENT).line.archive == "kept")
    assert [card.line.response for card in both(house, ukd, theirs)] == ["not_needed", "not_needed"]


@pytest.mark.soak
def test_an_ukd_is_refused_with_a_reason(house: House) -> None:
    ukd = house.upload(write(house, function="ДИС"))
    house.send(ukd)
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(ukd).line.delivery == "delivered")
    theirs = house.incoming()
    with pytest.raises(Rejected, match="ukd_without_remarks"):
        agree(house, theirs, "accepted_with_remarks")
    house.refuse(theirs, "Цену не меняли")
    house.sign(theirs)
    house.settle(lambda: house.card(ukd).line.response == "counter_refused")
    assert house.card(ukd).refusal_reason == "Цену не меняли"


def test_what_the_operator_does_not_write_is_not_frozen(house: House) -> None:
    ukd = house.upload(write(house, function="ДИС"))
    house.send(ukd)
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(ukd).line.delivery == "delivered")
    theirs = house.incoming()
    actor, objects = house.actor(CLIENT), house.services.objects
    with pytest.raises(Rejected, match="title_invalid"):
        prepare_answer(
            theirs, answer=Answer(), actor=actor, uow=house.uow(actor), objects=objects, ukd=Rewording(wire(house))
        )
    house.faults.add(FaultRule(fault=Fault.UNPAID, path="generatetitlexml"))
    with pytest.raises(Rejected, match="ukd_refused"):
        agree(house, theirs)
    house.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path="generatetitlexml", times=9))
    with pytest.raises(Unavailable, match="ukd_not_written"):
        agree(house, theirs)
    assert house.card(theirs, CLIENT).line.response == "required"


@dataclass(frozen=True)
class Rewording:
    """An operator that writes other words for us than it was asked for."""

    honest: OperatorUkd

    def carries(self, uow: UnitOfWork, owner_id: UUID, box: str | None) -> bool:
        return self.honest.carries(uow, owner_id, box)

    def write_answer(self, asked: AskedAnswer, *, uow: UnitOfWork) -> bytes:
        return self.honest.write_answer(replace(asked, operation="Согласен доплатить"), uow=uow)


def test_an_ukd_that_overtakes_its_original_is_tied_when_that_comes(house: House) -> None:
    (ukd,) = post(house, write(house, "Л-1"))
    assert house.card(ukd, CLIENT).adjusts[0].original is None
    (theirs,) = post(house, house.write())
    (tied,) = house.card(ukd, CLIENT).adjusts
    assert tied.original is not None
    assert tied.original.id == theirs
    assert [one.id for one in house.card(theirs, CLIENT).adjusted_by] == [ukd]


def test_a_title_answers_only_the_ukd_that_it_names(house: House) -> None:
    ukd = house.upload(write(house, function="ДИС"))
    house.send(ukd)
    house.settle(lambda: bool(house.all(CLIENT)) and house.card(ukd).line.delivery == "delivered")
    reply, fault = fitness.read_file(Role.BUYER_TITLE, agree(house, house.incoming()))
    assert fault is None
    for content in (write(house, function="ДИС").content, house.write().content):
        seller = read_title(content)
        assert (fitness.misfit_of_answer(reply, None, seller) or "").startswith("exchange.answers_other_file")


def obstacles(house: House, file: formats.WrittenFile, *, carried: bool = True) -> tuple[str, ...]:
    actor = house.actor(ACCOUNTANT)
    return preview_upd(
        file.content,
        file.file_name,
        actor=actor,
        uow=house.uow(actor).reading(),
        carries_ukd=wire(house).carries if carried else lambda *_: False,
    ).obstacles


def test_what_nobody_carries_is_said_before_it_is_stored(house: House) -> None:
    now = house.clock.now()
    good = write(house)
    assert obstacles(house, good) == ()
    assert obstacles(house, good, carried=False) == ("ukd_not_carried",)
    assert obstacles(house, ukd_189(LESSOR, CLIENT_ONE, of=[FOREIGN], at=now)) == ("ukd_of_other_order",)
    agent = good.content.replace("КСЧФДИС".encode("windows-1251"), "СвИСРК".encode("windows-1251"))
    assert obstacles(house, formats.WrittenFile(file_name=good.file_name, content=agent)) == ("ukd_of_other_function",)
    actor, uow = house.actor(ACCOUNTANT), house.uow(house.actor(ACCOUNTANT))
    with pytest.raises(Rejected, match="upd_not_ours"):
        upload_upd(agent, good.file_name, actor=actor, uow=uow, objects=house.services.objects)
    assert not house.all()


@pytest.mark.soak
def test_an_ispravlenie_replaces_what_an_ukd_has_corrected(house: House) -> None:
    written = house.write()
    document = house.upload(written)
    house.deliver(document)
    house.send(house.upload(write(house, "Л-1")))
    house.settle(lambda: len(house.all(CLIENT)) == 2)
    house.send(house.upload(corrected(written)))
    house.settle(lambda: house.card(document).line.correction == "corrected")
    assert house.card(document).adjusted_by
