"""A hand-over that gives up says so, and a person may promise it anew."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from edo_service.archiving import queries as archived
from edo_service.archiving.handlers import MOST_TRIES
from edo_service.archiving.use_cases.give_up import give_up, retry_hand_over
from edo_service.archiving.use_cases.hand_over import hand_over
from edo_service.demo.companies import LESSOR
from edo_service.documents.recording import FINISHED, LATE
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Forbidden, NotFound
from edo_service.kernel import jobs
from edo_service.kernel.jobs import Job
from edo_service.kernel.scope import Scope
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House


def finished(house: House) -> UUID:
    """An invoice of СЧФ, complete on the accountant's side and not handed over yet."""
    document = house.upload(function="СЧФ")
    house.deliver(document)
    held = house.runner.handlers.pop(FINISHED)
    house.settle(lambda: house.card(document).line.archive == "handing_over")
    house.runner.handlers[FINISHED] = held
    return document


def spoil(house: House, document: UUID) -> Path:
    """Assemble the set, then let something else lie in the store under the name of one of its parts."""
    actor = house.actor(ACCOUNTANT)
    card = house.card(document)
    assert not card.missing
    content = house.services.objects.get(actor.entity, card.main_part.sha256)
    until = house.clock.now() + timedelta(days=1)
    house.services.store.put(f"{actor.entity}/{card.main_part.sha256}", content, retain_until=until)
    (path,) = (house.services.settings.archive_dir / "parts").rglob(card.main_part.sha256)
    path.chmod(0o600)
    path.write_bytes(b"spoiled")
    path.chmod(0o444)
    return path


def test_damage_ends_the_hand_over_at_once_and_a_person_may_try_again(house: House) -> None:
    document = finished(house)
    path = spoil(house, document)
    house.runner.drain()

    line = house.card(document).line
    assert line.archive == "failed"
    assert line.trouble is not None
    assert line.trouble.startswith("archive.damaged ")
    (dead,) = house.jobs("dead")
    assert dead.kind == FINISHED
    assert "Damaged" in (dead.error or "")
    (entry,) = house.journal("archive.failed")
    assert "archive.damaged" in json.loads(entry.facts)["reason"]
    package = archived.package_of_document(document, uow=house.uow(house.actor(ACCOUNTANT)))
    assert package is not None
    assert package.state == "failed"

    path.chmod(0o600)
    path.unlink()
    actor = house.actor(ACCOUNTANT)
    assert retry_hand_over(document, actor=actor, uow=house.uow(actor)) == dead.id
    assert house.card(document).line.archive == "handing_over"
    assert house.card(document).line.trouble is None
    (entry,) = house.journal("archive.retried")
    assert entry.actor_id == actor.user_id


def test_what_needs_a_person_is_tried_for_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    document = finished(house)

    def broken(*_args: object, **_named: object) -> bytes:
        raise NotFound("document.part_absent", id="x")

    monkeypatch.setattr("edo_service.archiving.assembly.Gatherer.gather", broken)
    for _ in range(MOST_TRIES - 1):
        house.runner.drain()
        assert house.card(document).line.archive == "handing_over"
        house.clock.move(timedelta(hours=1))
    house.runner.drain()
    assert house.card(document).line.archive == "failed"
    assert [one.subject for one in house.journal("archive.failed")].count(f"document:{document}") == 1

    monkeypatch.undo()
    actor = house.actor(ACCOUNTANT)
    retry_hand_over(document, actor=actor, uow=house.uow(actor))
    house.runner.drain()
    assert house.card(document).line.archive == "kept"
    assert house.card(document).line.trouble is None


def test_a_job_that_died_otherwise_is_noticed_by_the_clock(any_house: House) -> None:
    house = any_house
    document = finished(house)
    (job,) = [row for row in house.jobs("waiting", "running") if row.kind == FINISHED and row.key == str(document)]
    database = house.services.database
    with database.transaction() as connection:
        dead = {"state": "dead", "error": "KeyError: 'x'", "finished_at": house.clock.now()}
        connection.execute(update(Job).where(Job.id == job.id).values(**dead))

    handlers = house.services.archive_handlers
    assert handlers.notice_dead() == 1
    assert handlers.notice_dead() == 0
    line = house.card(document).line
    assert line.archive == "failed"
    assert line.trouble is not None
    assert "KeyError" in line.trouble

    assert jobs.revive(database, house.clock, job.id)  # the administrator's button
    assert handlers.notice_dead() == 0, "what is promised anew has not died"
    house.runner.drain()
    assert house.card(document).line.archive == "kept"


def test_only_what_has_failed_is_tried_again_and_only_by_those_who_send(house: House) -> None:
    document = finished(house)
    accountant, compliance, client = (house.actor(one) for one in (ACCOUNTANT, COMPLIANCE, CLIENT))
    with pytest.raises(Conflict, match="not_failed"):
        retry_hand_over(document, actor=accountant, uow=house.uow(accountant))
    with pytest.raises(Forbidden):
        retry_hand_over(document, actor=compliance, uow=house.uow(compliance))
    with pytest.raises(NotFound):
        retry_hand_over(document, actor=client, uow=house.uow(client))

    assert give_up(document, "archive.damaged", actor=accountant, uow=house.uow(accountant))
    assert not give_up(document, "archive.damaged", actor=accountant, uow=house.uow(accountant))
    with pytest.raises(Conflict):
        hand_over(document, actor=accountant, uow=house.uow(accountant), desk=house.services.archive_desk)
    uow = house.services.uow(Scope.of(accountant.entity))
    assert archived.has_failed(document, uow=uow)


def test_a_set_that_lacks_something_again_waits_and_goes_with_its_last_paper(house: House) -> None:
    document = finished(house)
    lacks(house, document, trouble="document.tsa_silent")
    house.runner.drain()
    assert (house.card(document).line.archive, house.card(document).line.trouble) == ("not_yet", None)
    assert house.jobs("dead") == []
    lacks(house, document, receipt="received")  # nobody has seen that the set is whole
    with house.services.system_uow("health") as uow:
        uow.jobs.put(LATE, owner_id=house.entity(LESSOR), queue="archive", payload={"document_id": str(document)})
        uow.commit()
    house.runner.drain()
    assert house.card(document).line.archive == "kept"


def test_what_others_have_said_on_the_card_stays_when_a_set_is_open_again(house: House) -> None:
    document = finished(house)
    lacks(house, document, trouble="exchange.not_taken")
    house.runner.drain()
    assert (house.card(document).line.archive, house.card(document).line.trouble) == ("not_yet", "exchange.not_taken")


def lacks(house: House, document: UUID, *, receipt: str = "expected", trouble: str | None = None) -> None:
    """Let the receipt be awaited once more, or be there."""
    with house.services.system_uow("health") as uow:
        uow.session.execute(update(Document).where(Document.id == document).values(receipt=receipt, trouble=trouble))
        uow.commit()
