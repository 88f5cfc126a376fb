"""The feed: doubled, late, out of order, of unknown kinds, unreadable; each leaves a trace and stops nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from edo_service.demo.companies import CLIENT_ONE, LESSOR, DemoCompany
from edo_service.documents.rules import Route
from edo_service.documents.tables import Document
from edo_service.exchange import threads, wire
from edo_service.exchange.rules import Terms
from edo_service.exchange.use_cases.take_event import take_event
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.ids import new_id
from edo_service.kernel.inbox import InboxItem
from edo_service.kernel.jobs import GiveUp, Job, Retry
from edo_service.parties.tables import Counterparty
from operators import port
from operators.port import EntityKind
from tests.fixtures.road import ACCOUNTANT, CLIENT, House, MakeHouse


def an_event(house: House, *kinds: EntityKind, mine: bool = False, patch: bool = False, **options: str) -> port.Event:
    """An event of the client's box that nobody has sent through this service."""
    message = options.get("message", str(new_id()))
    return port.Event(
        id=str(new_id()),
        cursor="1",
        at=house.clock.now(),
        box=CLIENT_ONE.box,
        message_id=message,
        from_box=None if patch else (CLIENT_ONE.box if mine else LESSOR.box),
        to_box=None if patch else (LESSOR.box if mine else CLIENT_ONE.box),
        entities=tuple(
            port.Entity(
                ref=port.EntityRef(box=CLIENT_ONE.box, message_id=message, entity_id=str(new_id())),
                parent_id=None,
                kind=kind,
                raw_type=f"Attachment/{kind.value}",
            )
            for kind in kinds
        ),
    )


class Shelf:
    """An operator that has one content for everything; the rest of the port is never asked here."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def content(self, ref: port.EntityRef) -> bytes:
        del ref
        return self._content

    def contents(self, refs: Sequence[port.EntityRef]) -> Mapping[port.EntityRef, bytes]:
        return {ref: self.content(ref) for ref in refs}


def take(
    house: House, event: port.Event, content: bytes = b"<a/>", *, tries: int = 1, company: DemoCompany = CLIENT_ONE
) -> None:
    actor = Actor.automatic("exchange.event", house.entity(company))
    take_event(
        event,
        tries=tries,
        actor=actor,
        uow=house.uow(actor),
        desk=house.services.signing_desk,
        operators=lambda _account: Shelf(content),  # type: ignore[arg-type,return-value]  # only content is asked
        terms=Terms(),
    )


def facts(house: House, event: str) -> list[dict[str, object]]:
    return [json.loads(entry.facts) for entry in house.journal(event)]


def test_doubled_and_late_events_change_nothing_twice(make_house: MakeHouse) -> None:
    house = make_house(duplicate_events=True, delay_events=timedelta(seconds=7), delay_delivery=timedelta(seconds=20))
    document = house.upload()
    house.send(document)
    house.settle(lambda: house.card(document).line.receipt == "received", steps=80)
    (incoming,) = house.all(CLIENT)
    parts = [(part.role, part.sha256) for part in house.card(incoming.id, CLIENT).parts]
    assert len(parts) == len(set(parts))
    uow = house.services.system_uow("health")
    with uow:
        items = uow.session.query(InboxItem).all()
    assert items
    assert all(item.handled_at for item in items), "what was taken is marked as handled"


def test_jobs_of_the_feed_may_run_in_any_order(house: House) -> None:
    house.send(house.upload())
    house.runner.drain()
    house.services.exchange_handlers.promise_polls()
    uow = house.services.system_uow("health")
    for _ in range(60):  # always the newest promise first
        with uow:
            due = [
                row.id
                for row in uow.session.query(Job).filter_by(state="waiting").order_by(Job.created_at.desc())
                if row.run_after <= house.clock.now()
            ]
        if due:
            house.runner.run(due[0])
            continue
        house.clock.move(timedelta(seconds=3))
        house.services.exchange_handlers.promise_polls()
        if house.all(CLIENT) and house.all()[0].receipt == "received" and house.all(CLIENT)[0].receipt == "confirmed":
            break
    assert (house.all()[0].delivery, house.all()[0].receipt) == ("delivered", "received"), house.report()
    assert house.all(CLIENT)[0].receipt == "confirmed", house.report()


def test_an_addition_waits_for_its_message_but_not_for_ever(house: House) -> None:
    event = an_event(house, EntityKind.RECEIPT, patch=True)
    pauses = []
    for tries in range(1, 20):
        with pytest.raises(Retry) as caught:
            take(house, event, tries=tries)
        pauses.append(caught.value.after)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=3), timedelta(minutes=10))
    take(house, event, tries=20)
    (found,) = facts(house, "exchange.not_taken")
    assert found["message_id"] == event.message_id
    assert house.all(CLIENT) == []


@pytest.mark.parametrize("kind", [EntityKind.UNKNOWN, EntityKind.REVOCATION, EntityKind.SIGNATURE])
def test_a_message_of_unknown_kinds_is_written_down_and_over(house: House, kind: EntityKind) -> None:
    event = an_event(house, kind)
    if kind is EntityKind.REVOCATION:
        with pytest.raises(Retry):  # its document may still come
            take(house, event)
    take(house, event, tries=20)
    (found,) = facts(house, "exchange.not_taken")
    assert found["kinds"] == [f"Attachment/{kind.value}"]


def test_what_a_colleague_sent_from_another_program_is_not_taken_for_incoming(house: House) -> None:
    take(house, an_event(house, EntityKind.TITLE, mine=True))
    assert house.all(CLIENT) == []
    assert facts(house, "exchange.not_taken")[0]["reason"] == "sent from another program"


@pytest.mark.parametrize(
    ("delivery", "waits"), [("queued", False), ("sending", True), ("clarifying", True), ("accepted", False)]
)
def test_an_addition_to_an_unknown_message_of_ours_waits_while_a_sending_is_open(
    house: House, delivery: str, *, waits: bool
) -> None:
    """The operator may tell what becomes of a message before its answer to the sending has come through."""
    document = house.upload()
    with house.services.system_uow("health") as uow:
        uow.session.execute(update(Document).where(Document.id == document).values(delivery=delivery))
        uow.commit()
    theirs = an_event(house, EntityKind.CONFIRMATION)
    event = replace(theirs, box=LESSOR.box, from_box=LESSOR.box, to_box=CLIENT_ONE.box)
    if waits:
        for tries in (1, 19):
            with pytest.raises(Retry):
                take(house, event, tries=tries, company=LESSOR)
        opening = an_event(house, EntityKind.TITLE)
        take(house, replace(opening, box=LESSOR.box, from_box=LESSOR.box, to_box=CLIENT_ONE.box), company=LESSOR)
        (other,) = facts(house, "exchange.not_taken")
        assert other["reason"] == "sent from another program", "its title would name our document"
    take(house, event, tries=20 if waits else 1, company=LESSOR)
    assert facts(house, "exchange.not_taken")[-1]["message_id"] == event.message_id


def test_an_addition_whose_message_becomes_known_meanwhile_is_not_put_aside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call ends between the look for the message and the look for open calls."""
    document = house.upload()
    with house.services.system_uow("health") as uow:
        uow.session.execute(
            update(Document).where(Document.id == document).values(delivery="accepted", message_ref="m-1")
        )
        uow.commit()
    event = replace(
        an_event(house, EntityKind.CONFIRMATION, message="m-1"),
        box=LESSOR.box, from_box=LESSOR.box, to_box=CLIENT_ONE.box,
    )  # fmt: skip
    known_of, empty = threads.known_of, threads.Known(parts={}, documents={}, titles={})
    answers = [empty]
    monkeypatch.setattr(threads, "known_of", lambda *a, **k: answers.pop() if answers else known_of(*a, **k))
    with pytest.raises(Retry, match="has not ended yet"):
        take(house, event, company=LESSOR)
    assert answers == []
    assert facts(house, "exchange.not_taken") == []


@pytest.mark.parametrize("content", [b"", b"<a/>", b"%PDF-1.7", b"\xff\xfe"])
def test_a_title_that_cannot_be_read_is_written_down_and_given_up(house: House, content: bytes) -> None:
    with pytest.raises(GiveUp):
        take(house, an_event(house, EntityKind.TITLE), content)
    assert house.all(CLIENT) == []
    assert len(facts(house, "exchange.not_taken")) == 1


def test_an_addition_of_an_unknown_kind_leaves_a_trace(house: House) -> None:
    document = house.deliver(house.upload())
    house.settle()
    uow = house.services.system_uow("health")
    with uow:
        row = uow.session.get_one(Document, document)
    event = an_event(house, EntityKind.UNKNOWN, patch=True, message=row.message_ref or "")
    take(house, event)
    assert facts(house, "exchange.not_understood")[0]["kinds"] == ["Attachment/unknown"]


def test_a_title_with_a_signature_that_is_no_cms_is_shown_as_failed(house: House) -> None:
    written = house.write()
    event = an_event(house, EntityKind.TITLE)
    title = event.entities[0]
    signature = port.Entity(
        ref=port.EntityRef(box=CLIENT_ONE.box, message_id=event.message_id, entity_id=str(new_id())),
        parent_id=title.ref.entity_id,
        kind=EntityKind.SIGNATURE,
        raw_type="Signature",
    )
    from dataclasses import replace

    take(house, replace(event, entities=(title, signature)), written.content)
    (line,) = house.all(CLIENT)
    (found,) = house.card(line.id, CLIENT).main_part.signatures
    assert (found.indication, found.sub_indication) == ("TOTAL-FAILED", "FORMAT_FAILURE")


def test_a_sender_who_is_not_in_our_list_is_taken_from_the_file(house: House) -> None:
    uow = house.services.uow(Actor.automatic("t", house.entity(CLIENT_ONE)).scope)
    with uow:
        for row in uow.session.query(Counterparty):
            uow.session.delete(row)
        uow.commit()
    house.send(house.upload())
    house.settle(lambda: bool(house.all(CLIENT)))
    (line,) = house.all(CLIENT)
    assert (line.counterparty_name, line.counterparty_inn) == (LESSOR.name, LESSOR.inn)


def test_deadlines_are_counted_in_business_days_of_moscow(house: House) -> None:
    document: UUID = house.deliver(house.upload())
    card = house.card(document, CLIENT)
    today, terms = moscow_date(house.clock.now()), Terms()
    assert (card.receipt_due, card.line.answer_due) == (terms.receipt_due(today), terms.answer_due(today))
    assert str(card.receipt_due) == "2026-11-23", "Friday's notice is due on Monday"
    assert str(card.line.answer_due) == "2026-11-27"


def test_deadlines_are_as_the_settings_say(house: House) -> None:
    settings = house.services.settings.model_copy(update={"receipt_days": 2, "answer_days": 10})
    services = replace(house.services, settings=settings)
    house = replace(house, services=services, runner=services.runner(worker="test"))
    card = house.card(house.deliver(house.upload()), CLIENT)
    assert (str(card.receipt_due), str(card.line.answer_due)) == ("2026-11-24", "2026-12-04")
    house.send(house.contract())
    house.send(house.contract(b"%PDF-1.7 straight", number="Д-2", route=Route.DIRECT))
    house.settle(lambda: len(house.all(CLIENT)) == 3)
    assert {str(line.answer_due) for line in house.all(CLIENT)} == {"2026-12-04"}


def test_an_event_survives_the_inbox(house: House) -> None:
    event = an_event(house, EntityKind.TITLE, EntityKind.UNKNOWN)
    power = port.PowerRef(number="a", issuer_inn="7700000016", representative_inn="770000000220")
    event = replace(event, entities=(event.entities[0], replace(event.entities[1], power=power)))
    assert wire.event_from_json(json.loads(json.dumps(wire.event_to_json(event)))) == event


def test_accounts_of_two_companies_do_not_meet(house: House) -> None:
    document = house.deliver(house.upload())
    house.settle()
    stranger = house.all(LESSOR.people[0])
    assert document not in {line.id for line in stranger}
    assert house.card(stranger[0].id, ACCOUNTANT).content_sha256 == house.card(document, CLIENT).content_sha256
