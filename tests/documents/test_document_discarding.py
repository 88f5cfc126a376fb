"""A draft that was uploaded by mistake goes: out of every list at once, its files later; what binds anybody stays."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from edo_service.accounts.rules import RIGHTS, Role
from edo_service.archiving import holders
from edo_service.archiving.queries_incomplete import IncompleteWish, incomplete
from edo_service.demo.companies import CLIENT_TWO, LESSOR
from edo_service.documents import discarding, recording
from edo_service.documents import queries as documents
from edo_service.documents.adjustments import ADJUSTS
from edo_service.documents.queries import FolderName, Wish
from edo_service.documents.rules import DeliveryEvent
from edo_service.documents.tables import Document, DocumentLink
from edo_service.documents.use_cases.discard import discard_draft
from edo_service.documents.use_cases.send import send_document, take_back
from edo_service.errors import Conflict, EdoError, Forbidden, NotFound
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.objects import IDLE
from edo_service.keys import queries as keys
from tests.exchange.roads import corrected
from tests.fixtures.road import ACCOUNTANT, House

VEKTOR = CLIENT_TWO.people[0]
EMPTY = dict.fromkeys(FolderName, 0)


def refused(act: Callable[[], object]) -> EdoError:
    with pytest.raises(EdoError) as caught:
        act()
    return caught.value


def discard(house: House, document: UUID) -> bool:
    actor = house.actor(ACCOUNTANT)
    return discard_draft(document, actor=actor, uow=house.uow(actor))


def row(house: House, document: UUID) -> Document:
    """The row as it lies there, a stub too."""
    with house.uow(house.actor(ACCOUNTANT)).reading() as uow:
        return recording.take_or_stub(uow, document)


def change(house: House, document: UUID, **columns: Any) -> None:
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        found = uow.session.get_one(Document, document)
        for name, value in columns.items():
            setattr(found, name, value)
        uow.commit()


def contents(house: House) -> set[str]:
    return {sha256 for owner, sha256 in house.services.objects.entries() if owner == house.entity(LESSOR)}


def test_a_discarded_draft_is_nowhere_but_in_the_journal(any_house: House) -> None:
    house = any_house
    written = house.write(number="Л-404")
    document = house.upload(written)
    assert discard(house, document)
    reading = house.uow(house.actor(ACCOUNTANT)).reading()
    assert documents.folder_counts(uow=reading) == EMPTY
    for wish in (Wish(text="Л-404"), *(Wish(folder=name) for name in FolderName)):
        assert documents.list_documents(wish, uow=reading).found == 0
    assert documents.recent(8, uow=reading) == []
    assert incomplete(IncompleteWish(), today=house.clock.now().date(), uow=reading).found == 0
    assert [one.event for one in house.journal("document.")] == ["document.uploaded", "document.discarded"]
    for act in (
        lambda: house.card(document),
        lambda: house.send(document),
        lambda: documents.part_bytes(document, new_id(), uow=reading, objects=house.services.objects),
    ):
        error = refused(act)
        assert (type(error), error.code) == (NotFound, "document.document_absent")

    stub = row(house, document)
    assert (stub.delivery, stub.number, stub.upload_sha256, stub.vat) == ("discarded", "Л-404", None, None)
    assert set(stub.facts) <= {"file_id", "correction", "corrected"}
    again = house.upload(written)
    assert [line.id for line in house.all()] == [again]
    assert refused(lambda: house.upload(written)).code == "document.uploaded_already"


def test_pressing_twice_discards_once(house: House) -> None:
    document = house.contract()
    assert (discard(house, document), discard(house, document)) == (True, False)
    assert len(house.journal("document.discarded")) == 1


def test_only_who_uploads_for_the_company_may_discard(house: House) -> None:
    document, whole, stranger = house.contract(), house.actor(ACCOUNTANT), house.actor(VEKTOR)
    for role in (Role.COMPLIANCE, Role.AUDITOR, Role.MANAGER):
        actor = Actor(
            user_id=whole.user_id, name="X", entity_id=whole.entity_id, scope=whole.scope, rights=RIGHTS[role]
        )
        assert isinstance(refused(partial(discard_draft, document, actor=actor, uow=house.uow(actor))), Forbidden)
    said = {
        (type(error), error.code)
        for wanted in (document, new_id())
        for error in [refused(partial(discard_draft, wanted, actor=stranger, uow=house.uow(stranger)))]
    }
    assert said == {(NotFound, "document.document_absent")}
    assert discarding.unwanted([document], uow=house.uow(stranger)) == []
    assert house.card(document).line.delivery == "draft"


def test_what_binds_somebody_stays_and_says_why(house: House) -> None:
    document = house.upload()
    for delivery, said in (
        ("queued", "discard_queued"),
        ("sending", "discard_sent"),
        ("clarifying", "discard_sent"),
        ("accepted", "discard_sent"),
        ("delivered", "discard_sent"),
        ("failed", "discard_failed"),
    ):
        change(house, document, delivery=delivery)
        assert refused(lambda: discard(house, document)).code == f"document.{said}"
    change(house, document, delivery="received", direction="in")
    assert refused(lambda: discard(house, document)).code == "document.discard_incoming"
    change(house, document, delivery="draft", direction="out")
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        part = recording.main_part(uow, recording.take(uow, document))
        recording.intend_signature(uow, part, means="server_key", key_id=None, person_id=None).state = "made"
        uow.commit()
    assert refused(lambda: discard(house, document)).code == "document.discard_signed"
    assert house.card(document).line.delivery == "draft"


def test_a_correction_by_mistake_goes_and_its_original_stays_as_it_was(house: House) -> None:
    written = house.write()
    original = house.upload(written)
    change(house, original, delivery="delivered", correction="required")
    wrong = house.upload(corrected(written))
    tied = house.card(original).corrected_by
    assert tied is not None
    assert tied.id == wrong
    (asked,) = discarding.unwanted([wrong], uow=house.uow(house.actor(ACCOUNTANT)))
    assert (asked.obstacle, len(asked.corrects)) == (None, 1)
    discard(house, wrong)
    card = house.card(original)
    assert (card.corrected_by, card.line.correction) == (None, "required")
    right = house.upload(corrected(written))
    found = house.card(right).corrects
    assert found is not None
    assert found.id == original


def test_an_adjusted_document_stays_until_its_ukd_is_discarded(house: House) -> None:
    document, ukd = house.upload(), house.contract()
    change(house, ukd, kind="ukd", function="ДИС")
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        owner = house.entity(LESSOR)
        uow.session.add(DocumentLink(owner_id=owner, document_id=ukd, kind=ADJUSTS, target_id=document, label="УПД"))
        uow.commit()
    assert [one.id for one in house.card(document).adjusted_by] == [ukd]
    assert refused(lambda: discard(house, document)).code == "document.discard_corrected"
    discard(house, ukd)
    assert house.card(document).adjusted_by == ()
    assert discard(house, document)


@pytest.mark.parametrize(("first", "second"), [("send", "discard"), ("discard", "send")])
def test_of_two_who_read_the_same_draft_one_moves_it(house: House, first: str, second: str) -> None:
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    stale = row(house, document)
    assert stale.delivery == "draft"
    if first == "send":
        house.send(document)
    else:
        discard(house, document)
    with house.uow(actor) as uow:
        error = refused(lambda: recording.move(uow, stale, "delivery", DeliveryEvent(second), actor=actor))
    assert (type(error), error.code) == (Conflict, "status.changed_meanwhile")
    assert row(house, document).delivery == {"send": "queued", "discard": "discarded"}[first]


def test_sending_and_discarding_at_once_one_wins_whole(any_house: House) -> None:
    house = any_house
    document, start = house.upload(), threading.Barrier(2)

    def at_once(act: Callable[[], object]) -> EdoError | None:
        start.wait(60)
        try:
            act()
        except EdoError as error:
            return error
        return None

    actor = house.actor(ACCOUNTANT)
    acts = (
        lambda: send_document(document, actor=actor, uow=house.uow(actor)),
        lambda: discard_draft(document, actor=actor, uow=house.uow(actor)),
    )
    with ThreadPoolExecutor(2) as pool:
        sent, gone = pool.map(at_once, acts)
    assert (sent is None) is not (gone is None), (sent, gone)
    assert isinstance(sent or gone, Conflict | NotFound)
    assert row(house, document).delivery == ("queued" if sent is None else "discarded")
    assert len(house.journal("document.send_promised")) == (sent is None)
    assert len(house.journal("document.discarded")) == (gone is None)


def test_a_signing_that_was_given_up_leaves_the_queue_with_its_draft(house: House) -> None:
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    house.send(document)
    with house.uow(actor) as uow:
        key = keys.organization_key(uow, actor=actor)
    automatic = Actor.automatic("test", house.entity(LESSOR))
    house.services.keys.retire(key.id, actor=automatic, uow=house.uow(automatic))
    house.work()
    assert [job.kind for job in house.jobs("dead")] == ["document.sign"]
    take_back(document, actor=actor, uow=house.uow(actor))
    discard(house, document)
    house.work()
    assert house.jobs("dead") == []
    assert house.journal("signature.made") == []


def test_a_promised_signing_finds_a_discarded_draft_and_ends(house: House) -> None:
    document, actor = house.upload(), house.actor(ACCOUNTANT)
    house.send(document)

    def change_mind() -> None:
        take_back(document, actor=actor, uow=house.uow(actor))
        discard(house, document)

    house.network.meanwhile.append(change_mind)
    house.work()
    assert row(house, document).delivery == "discarded"
    assert house.jobs("dead", "waiting") == []
    assert (house.journal("signature."), house.journal("exchange.send")) == ([], [])


def clear(house: House) -> None:
    """A day later the clock's duty promises to clear what has gone, and the job does."""
    house.clock.move(IDLE + timedelta(hours=1))
    house.services.desk_handlers.promise_clearing()
    house.work()


def test_the_files_go_by_the_clearing_job_unless_they_are_needed(any_house: House) -> None:
    house = any_house
    gone, common = house.write(number="Л-1"), house.write(number="Л-2")
    before = contents(house)
    first, second = house.upload(gone), house.upload(common)
    lost, shared = row(house, first).content_sha256, row(house, second).content_sha256
    discard(house, first)
    discard(house, second)
    kept = house.upload(common)
    house.services.desk_handlers.promise_clearing()
    house.work()
    assert contents(house) == before | {lost, shared}, "what was put within a day is left alone"
    with house.uow(house.actor(ACCOUNTANT)).reading() as uow:
        assert holders.disposed(uow, {lost, shared}) == {lost}, "a backup may miss it"

    clear(house)
    assert contents(house) == before | {shared}
    assert None not in {row(house, first).cleared_at, row(house, second).cleared_at}
    part = house.card(kept).main_part
    assert (
        documents.part_bytes(kept, part.id, uow=house.uow(house.actor(ACCOUNTANT)), objects=house.services.objects)[1]
        == common.content
    )
    facts = [json.loads(one.facts) for one in house.journal("document.copies_cleared")]
    assert sorted(one["needed_by_others"] for one in facts) == [0, 1]
    assert house.services.desk_handlers.promise_clearing() == 0


def test_a_death_between_the_deletion_and_its_record_is_made_good(house: House) -> None:
    document = house.upload()
    sha256 = row(house, document).content_sha256
    discard(house, document)
    house.clock.move(IDLE + timedelta(hours=1))
    assert house.services.objects.delete(house.entity(LESSOR), sha256)
    clear(house)
    assert row(house, document).cleared_at is not None
    assert len(house.journal("document.copies_cleared")) == 1
