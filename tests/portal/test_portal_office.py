"""The client looks at her own archive; the administrator tries again what the machine gave up."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, select

from edo_service.accounts.rules import Role
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoCompany
from edo_service.documents.tables import Document
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import Job
from edo_service.kernel.journal import JournalEntry
from edo_service.kernel.scope import SystemScope
from edo_service.texts.failures import JOBS, failure_words
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, OTHER, Live
from tests.portal.person import Person
from tests.portal.test_road import own_form

KIND = "test.nobody_does_it"


def test_a_client_sees_her_own_archive_and_takes_nothing_out(live: Live) -> None:
    number = live.number()
    live.send(number)
    client = live.person(CLIENT)
    card = client.submit(live.arrived(number), "/prepare", {"answer": "accepted"})
    client.submit(card, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(card))
    live.said(CLIENT, card.path.removesuffix("/sign"), "В архиве")

    home = f"/o/{live.code(CLIENT_ONE)}"
    archive = client.get(f"{home}/archive")
    assert archive.status == 200
    assert number in archive.text, "her papers are there without a search"
    assert not archive.has_form("/archive/export")
    kept = client.get(archive.link(number))
    assert kept.status == 200
    assert "Части комплекта" in kept.text
    assert not kept.has_form("/export")
    token = client.token()
    assert client.post(f"{kept.path}/export", {"purpose": "x"}, token=token).status == 403
    assert client.submit(kept, "/check").status == 200

    narrowed = client.get(f"{home}/archive?q={number}-нет")
    assert narrowed.status == 200
    assert "По этим условиям ничего нет" in narrowed.text
    other = live.person(OTHER)
    foreign = kept.path.replace(live.code(CLIENT_ONE), live.code(CLIENT_TWO))
    assert other.get(foreign).status == 404
    assert number not in other.get(f"/o/{live.code(CLIENT_TWO)}/archive").text
    control = live.enter(*live.newcomer(LESSOR, Role.COMPLIANCE))
    assert control.get(f"/o/{live.code(LESSOR)}/archive?q=x").status == 422, "control still says why it looks"


def test_a_hand_over_that_gave_up_is_shown_with_a_button(live: Live) -> None:
    number = live.number()
    document = live.send(number)
    client = live.person(CLIENT)
    card = client.submit(live.arrived(number), "/prepare", {"answer": "accepted"})
    client.submit(card, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(card))
    live.said(ACCOUNTANT, document, "В архиве")
    assert not live.person(ACCOUNTANT).get(document).has_form("/archive-retry")
    uow = live.running.services.system_uow("demo")
    with uow:
        row = uow.session.get_one(Document, uuid.UUID(document.rsplit("/", 1)[1]))
        row.archive, row.trouble = "failed", 'archive.gave_up {"reason": "lease ran out"}'
        uow.commit()

    shown = live.person(ACCOUNTANT).get(document)
    assert "Не в архиве" in shown.text
    assert "задание прервано (lease ran out)" in shown.text
    live.person(COMPLIANCE).say_why(live.code(LESSOR), "Проверка")
    control = live.person(COMPLIANCE).get(document)
    assert "сам портал больше не пробует" in control.text
    assert not control.has_form("/archive-retry")
    after = live.person(ACCOUNTANT).submit(shown, "/archive-retry")
    assert "Передаём комплект в архив ещё раз" in after.text
    live.said(ACCOUNTANT, document, "В архиве")
    assert "lease ran out" not in live.person(ACCOUNTANT).get(document).text
    late = live.person(ACCOUNTANT).post(f"{document}/archive-retry", {}, token=live.person(ACCOUNTANT).token())
    assert "успели изменить" in late.text


@pytest.fixture
def administrator(live: Live) -> Person:
    return live.enter(*live.newcomer(LESSOR, Role.ADMINISTRATOR))


@pytest.fixture
def dead(live: Live) -> Iterator[uuid.UUID]:
    """A job of the lessor that gave up, and one of another company."""
    with buried(live, LESSOR, CLIENT_TWO) as made:
        yield made[0]


@contextmanager
def buried(live: Live, *companies: DemoCompany) -> Iterator[list[uuid.UUID]]:
    """Jobs that gave up, one of each company; they are taken away again, for nobody here would ever do them."""
    made = [bury(live, company) for company in companies]
    yield made
    uow = live.running.services.system_uow("health")
    with uow:
        uow.session.execute(delete(Job).where(Job.id.in_(made)))
        uow.commit()


def bury(live: Live, company: DemoCompany) -> uuid.UUID:
    """Let a job of the company have given up; nobody here knows how to do it, so it stays where a test puts it."""
    seeded = live.running.seeded
    assert seeded is not None
    services = live.running.services
    uow = services.system_uow("health")
    with uow:
        now = services.clock.now()
        job = Job(
            id=new_id(), kind=KIND, key=str(uuid.uuid4()), owner_id=seeded.companies[company.code].entity_id,
            queue="default", payload={}, state="dead", attempt=12, failures=12, run_after=now, created_at=now,
            finished_at=now, error="KeyError: 'x'",
        )  # fmt: skip
        uow.session.add(job)
        uow.commit()
        return job.id


def test_an_administrator_tries_a_dead_job_again(live: Live, administrator: Person, dead: uuid.UUID) -> None:
    address = f"/o/{live.code(LESSOR)}/office/jobs"
    page = administrator.get(address)
    assert page.status == 200
    assert page.text.count("Повторить") == page.text.count("KeyError") == 1, "the other company's job is not shown"
    assert "Сбой портала" in page.text

    after = administrator.submit(page, "/retry")
    assert after.status == 200
    assert "поставлено в очередь" in after.text
    assert "Прерванных заданий нет" in after.text
    uow = live.running.services.uow(SystemScope("health"))
    with uow:
        job = uow.session.get_one(Job, dead)
        entry = uow.session.scalars(select(JournalEntry).where(JournalEntry.subject == f"job:{dead}")).one()
    assert (job.state, job.failures) == ("waiting", 0)
    assert entry.event == "job.retried"
    assert entry.actor_id is not None

    again = administrator.post(f"{address}/retry", {"job": str(dead)}, token=administrator.token())
    assert again.status == 200
    assert "уже изменить" in again.text or "успели изменить" in again.text


def test_a_foreign_and_an_absent_job_answer_alike(live: Live, administrator: Person, dead: uuid.UUID) -> None:
    stranger = live.enter(*live.newcomer(CLIENT_TWO, Role.ADMINISTRATOR))
    for job in (str(dead), str(uuid.uuid4()), "не-id"):
        answer = stranger.post(
            f"/o/{live.code(CLIENT_TWO)}/office/jobs/retry", {"job": job}, token=stranger.token(), follow=False
        )
        assert answer.status == 404
    assert administrator.get(f"/o/{live.code(LESSOR)}/office/journal").status == 200


def test_every_kind_of_job_has_words(live: Live) -> None:
    assert set(live.running.services.handlers()) - set(JOBS) == set()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("key.none_usable", "действующего ключа"),
        ("Conflict: archive.set_incomplete(id='x', missing='подпись')", "подпись"),
        ("exchange.silent(reason='timeout')", "Оператор не отвечает"),
        ("Damaged: a/b: gone", "повреждении"),
        ("lease ran out", "прерывалась"),
        ("", "прерывалась"),
        ("no handler for x.y", "не знает такого задания"),
        ("ZeroDivisionError: division by zero", "Сбой портала"),
        ("module.function went wrong", "Сбой портала"),
    ],
)
def test_errors_are_told_in_russian(error: str, words: str) -> None:
    assert words in failure_words(error)
