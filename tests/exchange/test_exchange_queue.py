"""The queue: why it waits, trace ids, a person's retry; news that was not understood; a feed that forgot our place."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from edo_service.errors import Conflict, Forbidden, NotFound
from edo_service.exchange import queries
from edo_service.exchange.deadlines import due_documents
from edo_service.exchange.pages.queue import deadline
from edo_service.exchange.rules import EVENT, RESYNC_OVERLAP, Terms
from edo_service.exchange.tables import Dispatch, OddEvent, OperatorAccount
from edo_service.exchange.use_cases.queue import retry_now, settle_odd
from edo_service.exchange.use_cases.take_event import take_event
from edo_service.kernel.actor import Actor
from edo_service.kernel.inbox import InboxItem
from edo_service.kernel.jobs import Job
from edo_service.texts.failures import failure_words
from operators import port
from operators.port import EntityKind
from operators.sandbox.faults import Fault, FaultRule
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House


def account_of(house: House, actor: Actor) -> OperatorAccount:
    with house.uow(actor) as uow:
        return uow.session.scalars(select(OperatorAccount)).one()


def test_a_refused_call_shows_why_and_the_operators_number(house: House) -> None:
    house.faults.add(FaultRule(fault=Fault.RATE_LIMIT, path="v3/postmessage", retry_after=600))
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    house.send(document)
    house.settle(lambda: any(one.answer for one in queries.queue(uow=house.uow(actor))))
    (row,) = [one for one in queries.queue(uow=house.uow(actor)) if one.answer]
    assert (row.document_id, row.state) == (document, "waiting")
    assert failure_words(row.answer or "").startswith("Оператор просит подождать")
    assert row.trace_id
    assert row.next_at is not None
    retry_now(row.id, actor=actor, uow=house.uow(actor))
    house.work()
    assert not house.all(CLIENT), "nobody asks before the time that the operator has named, not by hand either"
    house.clock.move(timedelta(minutes=10))
    house.settle(lambda: bool(house.all(CLIENT)))
    with house.uow(actor) as uow:
        (kept,) = uow.session.scalars(select(Dispatch).where(Dispatch.act == "send"))
    assert (kept.trouble, kept.trace_id) == (None, None)


def test_a_job_that_gave_up_begins_anew_by_the_right_person_only(house: House) -> None:
    actor = house.actor(ACCOUNTANT)
    event = _event(house, EntityKind.TITLE, raw_type="Title")
    with house.uow(actor) as uow:
        job = uow.jobs.put(
            EVENT,
            owner_id=actor.entity,
            key="broken",
            max_failures=1,
            payload={"account_id": str(uuid4()), "event": {**_json(event), "box": event.box, "at": "never"}},
        )
        uow.commit()
    house.work()
    (row,) = queries.queue(uow=house.uow(actor))
    assert (row.id, row.state, queries.failed_jobs(uow=house.uow(actor))) == (job, "dead", 1)
    stranger = Actor.automatic("test", house.entity(CLIENT_TWO))
    for foreign in (job, uuid4()):
        with pytest.raises(NotFound, match="absent"):
            retry_now(foreign, actor=stranger, uow=house.uow(stranger))
    compliance = house.actor(COMPLIANCE)
    with pytest.raises(Forbidden):
        retry_now(job, actor=compliance, uow=house.uow(compliance))
    retry_now(job, actor=actor, uow=house.uow(actor))
    (row,) = queries.queue(uow=house.uow(actor))
    assert row.state == "waiting"
    assert [json.loads(one.facts)["act"] for one in house.journal("job.retried")] == [EVENT]


def test_what_was_given_up_is_found_behind_a_long_queue(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = house.actor(ACCOUNTANT)
    house.work()
    with house.uow(actor) as uow:
        put = [uow.jobs.put(EVENT, owner_id=actor.entity, key=str(number), payload={}) for number in range(3)]
        uow.session.get_one(Job, put[-1]).state = "dead"
        uow.commit()
    monkeypatch.setattr(queries, "MOST", 2)
    assert [row.id for row in queries.queue(uow=house.uow(actor))] == put[:2]
    assert [row.id for row in queries.queue(uow=house.uow(actor), failed=True)] == put[2:]
    assert (queries.queued_jobs(uow=house.uow(actor)), queries.failed_jobs(uow=house.uow(actor))) == (3, 1)


def _json(event: port.Event) -> dict[str, object]:
    from edo_service.exchange.wire import event_to_json

    return event_to_json(event)


def _event(house: House, kind: EntityKind, *, raw_type: str, message_id: str = "") -> port.Event:
    """News from the client's box in the lessor's feed."""
    message = message_id or str(uuid4())
    ref = port.EntityRef(box=LESSOR.box, message_id=message, entity_id=str(uuid4()))
    return port.Event(
        id=str(uuid4()),
        cursor="x",
        at=house.clock.now(),
        box=LESSOR.box,
        message_id=message,
        from_box=CLIENT_ONE.box,
        to_box=LESSOR.box,
        entities=(port.Entity(ref=ref, parent_id=None, kind=kind, raw_type=raw_type),),
    )


@pytest.mark.soak
def test_news_of_an_unknown_kind_is_kept_and_shown(house: House) -> None:
    document = house.upload()
    house.deliver(document)
    card = house.card(document)
    from tests.exchange.outside import row_of

    message = row_of(house, document).message_ref or ""
    event = _event(house, EntityKind.UNKNOWN, raw_type="НовыйВид", message_id=message)
    actor = Actor.automatic("test", house.entity(LESSOR))
    for _ in range(2):
        take_event(
            event,
            tries=1,
            actor=actor,
            uow=house.uow(actor),
            desk=house.services.signing_desk,
            operators=house.services.operator,
            terms=Terms(),
        )
    (odd,) = queries.odd_events(uow=house.uow(actor))
    assert (odd.kinds, odd.document_id, odd.message_id) == ("НовыйВид", document, message)
    assert odd.payload["id"] == event.id
    assert house.card(document).line.delivery == card.line.delivery
    stranger = house.actor(CLIENT)
    assert not queries.odd_events(uow=house.uow(stranger))
    person = house.actor(ACCOUNTANT)
    settle_odd(odd.id, actor=person, uow=house.uow(person))
    settle_odd(odd.id, actor=person, uow=house.uow(person))
    assert not queries.odd_events(uow=house.uow(actor))
    with house.uow(actor) as uow:
        assert uow.session.get_one(OddEvent, odd.id).settled_by == person.name
    assert len(house.journal("exchange.odd_settled")) == 1


def test_a_message_that_is_no_document_is_kept_and_shown(house: House) -> None:
    event, actor = _event(house, EntityKind.UNKNOWN, raw_type="Письмо"), Actor.automatic("test", house.entity(LESSOR))
    take_event(
        event,
        tries=1,
        actor=actor,
        uow=house.uow(actor),
        desk=house.services.signing_desk,
        operators=house.services.operator,
        terms=Terms(),
    )
    (odd,) = queries.odd_events(uow=house.uow(actor))
    assert (odd.kinds, odd.document_id) == ("Письмо", None)
    person = house.actor(ACCOUNTANT)
    with pytest.raises(NotFound, match="odd_absent"):
        settle_odd(uuid4(), actor=person, uow=house.uow(person))
    settle_odd(odd.id, actor=person, uow=house.uow(person))
    assert not queries.odd_events(uow=house.uow(actor))


def test_a_lost_cursor_is_found_again_by_time_and_nothing_comes_twice(house: House) -> None:
    house.deliver(house.upload())
    actor = Actor.automatic("test", house.entity(CLIENT_ONE))
    before = account_of(house, actor)
    assert before.last_event_at is not None
    with house.uow(actor) as uow:
        uow.session.get_one(OperatorAccount, before.id).cursor = "0" * 48
        landed = {one.external_id for one in uow.session.scalars(select(InboxItem))}
        uow.commit()
    house.send(house.upload(house.write(number="Л-2")))
    house.settle(lambda: len(house.all(CLIENT)) == 2)
    after = account_of(house, actor)
    assert after.cursor not in {None, "0" * 48}
    assert after.resync_from is None
    (lost,) = house.journal("exchange.cursor_lost")
    assert json.loads(lost.facts)["since"] == (before.last_event_at - RESYNC_OVERLAP).isoformat()
    with house.uow(actor) as uow:
        now = [one.external_id for one in uow.session.scalars(select(InboxItem))]
    assert len(now) == len(set(now))
    assert landed < set(now)
    assert len(house.journal("exchange.send")) == 2


@pytest.mark.soak
def test_deadlines_come_by_the_production_calendar(house: House) -> None:
    house.deliver(house.upload())
    house.settle()
    actor, line = house.actor(CLIENT), house.all(CLIENT)[0]
    assert line.answer_due is not None
    uow = house.uow(actor)
    with uow:
        assert not [one for one in due_documents(uow, today=house.clock.now().date()) if one.what == "answer"]
        (due,) = [one for one in due_documents(uow, today=line.answer_due - timedelta(days=1)) if one.what == "answer"]
        assert (due.document_id, due.due) == (line.id, line.answer_due)
    lessor = house.actor(ACCOUNTANT)
    with house.uow(lessor) as uow:
        assert not due_documents(uow, today=line.answer_due)


@pytest.mark.parametrize(
    ("due", "today", "words"),
    [
        (date(2026, 11, 24), date(2026, 11, 20), "осталось 2\u00a0рабочих дня"),
        (date(2026, 11, 20), date(2026, 11, 20), "сегодня последний день"),
        (date(2026, 11, 20), date(2026, 11, 23), "просрочен на 1\u00a0рабочий день"),
        (date(2026, 11, 3), date(2026, 11, 5), "просрочен на 1\u00a0рабочий день"),
        (date(2026, 11, 23), date(2026, 11, 20), "остался 1\u00a0рабочий день"),
        (date(2026, 11, 20), date(2026, 11, 21), "просрочен"),
        (date(2026, 11, 22), date(2026, 11, 21), "последний рабочий день прошёл"),
    ],
)
def test_a_deadline_speaks_in_business_days(due: date, today: date, words: str) -> None:
    assert deadline(due, today).words == words


def test_what_runs_is_not_pulled(house: House) -> None:
    actor = house.actor(ACCOUNTANT)
    from edo_service.kernel.jobs import claim

    with house.uow(actor) as uow:
        job: UUID = uow.jobs.put(EVENT, owner_id=actor.entity, key="k", payload={})
        uow.commit()
    claim(house.services.database, house.clock, job, worker="w", lease=timedelta(minutes=1))
    with pytest.raises(Conflict, match="not_dead"):
        retry_now(job, actor=actor, uow=house.uow(actor))
