"""A doubt that is cleared, by a person, a late signature or a late proof: what the document ties and adjusts from then on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import adjustments, corrections, recording
from edo_service.documents.rules import CorrectionEvent
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.clear_doubt import clear_doubt
from edo_service.exchange.rules import ORIGINAL_TRIES
from edo_service.kernel.calendar import moscow_date
from operators.port import EntityKind
from tests.exchange.roads import corrected
from tests.exchange.test_exchange_fitness import Post
from tests.exchange.test_exchange_unproved import look_again, receive, trust_the_stranger
from tests.fixtures.forgery import forge
from tests.fixtures.road import CLIENT, House, MakeHouse
from tests.fixtures.ukd import ukd_736

BOUND = 60
OTHER = "client_two_person"


def posted(house: House, file: formats.WrittenFile, signer: str = "lessor_person", *, tries: int = 1) -> UUID:
    """A title in the client's box, without an operator."""
    there = {line.id for line in house.all(CLIENT)}
    post = Post(house, CLIENT_ONE)
    post.tries = tries
    post.file(EntityKind.TITLE, file.content, signer)
    post.take()
    (found,) = {line.id for line in house.all(CLIENT)} - there
    return found


def adjusting(house: House, *of: tuple[str, date], function: str = "КСЧФ") -> formats.WrittenFile:
    now = house.clock.now()
    return ukd_736(LESSOR, CLIENT_ONE, of=of or [("Л-1", moscow_date(now))], at=now, function=function)


def ask_for_a_correction(house: House, document: UUID) -> None:
    actor = house.actor(CLIENT)
    with house.uow(actor) as uow:
        row = recording.take(uow, document)
        for one in (CorrectionEvent.PREPARE, CorrectionEvent.SIGN, CorrectionEvent.SEND):
            recording.move(uow, row, "correction", one, actor=actor)
        uow.commit()


def clear(house: House, document: UUID) -> None:
    actor = house.actor(CLIENT)
    clear_doubt(document, actor=actor, uow=house.uow(actor))


def tied(house: House, ukd: UUID) -> list[UUID | None]:
    return [one.original.id if one.original else None for one in house.card(ukd, CLIENT).adjusts]


def test_an_ukd_whose_doubt_a_person_clears_answers_the_request(house: House) -> None:
    original = posted(house, house.write())
    ask_for_a_correction(house, original)
    ukd = posted(house, adjusting(house), OTHER)
    assert house.card(original, CLIENT).line.correction == "requested", "a paper in doubt answers nothing"
    clear(house, ukd)
    assert house.card(original, CLIENT).line.correction == "adjusted"


def test_a_document_whose_doubt_a_person_clears_is_tied_to_its_ukd(house: House) -> None:
    original = posted(house, house.write(function="СЧФ"), OTHER)
    ukd = posted(house, adjusting(house))
    assert tied(house, ukd) == [None]
    clear(house, original)
    assert tied(house, ukd) == [original]


def test_a_document_whose_doubt_a_second_signature_clears_is_tied_to_its_ukd(house: House) -> None:
    content = house.write().content
    post = Post(house, CLIENT_ONE)
    title = post.file(EntityKind.TITLE, content, OTHER)
    post.take()
    original = house.incoming()
    ukd = posted(house, adjusting(house))
    assert tied(house, ukd) == [None]
    post.add(EntityKind.SIGNATURE, house.cms(content, "lessor_person"), parent=title)
    post.take(patch=True)
    assert house.card(original, CLIENT).line.delivery == "received"
    assert tied(house, ukd) == [original]


def test_an_ukd_tells_an_original_from_its_ispravlenie_of_the_same_number_and_day(house: House) -> None:
    written = house.write()
    revised = posted(house, written), posted(house, corrected(written))
    ukd = posted(house, adjusting(house))
    assert tied(house, ukd) == [revised[0]]
    actor = house.actor(CLIENT)
    with house.uow(actor) as uow:
        row = recording.take(uow, ukd)
        (named,) = row.facts["corrected"]
        row.facts = {**row.facts, "corrected": [{**named, "revision": 1}, named]}
        adjustments.tie_overtakers(uow, recording.take(uow, revised[1]), [row], actor=actor)
        uow.commit()
    assert tied(house, ukd) == [revised[1], revised[0]]


def test_an_ukd_is_overtaken_by_papers_of_its_own_number_only(house: House) -> None:
    """A supplier may send thousands of УКД a month: they are read for an УПД that they may correct."""
    original = posted(house, house.write())
    first, second = posted(house, adjusting(house)), posted(house, adjusting(house, ("Л-2", date(2026, 11, 1))))
    with house.uow(house.actor(CLIENT)) as uow:
        recording.take(uow, second).number = "КС-9"
        found = [
            [one.id for one in corrections.overtakers(uow, recording.take(uow, id_))] for id_ in (second, original)
        ]
    assert found == [[], [first, second]]


# --- at once, on PostgreSQL ----------------------------------------------------------------------------------------


def at_once(house: House, url: str, held: Callable[[], object], other: Callable[[], object], *, writes: str) -> None:
    """Do `held`, stop it before its commit once it `writes`; `other` then waits for its turn, and both end."""
    is_written, may_commit = threading.Event(), threading.Event()

    def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(writes) and threading.current_thread().name.startswith("held"):
            is_written.set()

    def hold(_connection: object) -> None:
        if is_written.is_set() and threading.current_thread().name.startswith("held"):
            assert may_commit.wait(BOUND)

    engine = house.services.database.engine
    event.listen(engine, "after_cursor_execute", see)
    event.listen(engine, "commit", hold)
    with ThreadPoolExecutor(1, "held") as first, ThreadPoolExecutor(1, "other") as second:
        older = first.submit(held)
        try:
            assert is_written.wait(BOUND)
            newer = second.submit(other)
            waits = waits_for_its_turn(url, newer)
        finally:
            may_commit.set()
        older.result(BOUND)
        newer.result(BOUND)
    assert waits


def waits_for_its_turn(url: str, other: Future[object]) -> bool:
    """Whether somebody waits for an advisory lock; False when the other is done without."""
    query = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with psycopg.connect(url, autocommit=True) as connection:
        while not other.done():
            found = connection.execute(query).fetchone()
            if found is not None and found[0]:
                return True
            wait([other], 0.01)
    return False


def brought(house: House, file: formats.WrittenFile, *, tries: int = 1) -> Post:
    """An event of the client's box that is not taken yet."""
    post = Post(house, CLIENT_ONE)
    post.tries = tries
    post.file(EntityKind.TITLE, file.content, "lessor_person")
    return post


@pytest.mark.full
def test_an_original_and_its_correction_that_are_recorded_at_once_see_each_other(
    make_house: MakeHouse, emptied_postgres_url: str
) -> None:
    """The original is written and not committed when its correction comes: that one waits for it."""
    house = make_house(emptied_postgres_url)
    written = house.write()
    older, newer = brought(house, written), brought(house, corrected(written), tries=ORIGINAL_TRIES + 1)
    at_once(house, emptied_postgres_url, older.take, newer.take, writes="INSERT INTO document ")
    assert sorted(line.correction for line in house.all(CLIENT)) == ["corrected", "none"]
    ties = [one for line in house.all(CLIENT) if (one := house.card(line.id, CLIENT).corrects) is not None]
    assert len(ties) == 1


@pytest.mark.full
@pytest.mark.parametrize("by", ["person", "proof"])
def test_an_ukd_that_comes_while_the_doubt_of_its_original_is_cleared_sees_it(
    make_house: MakeHouse, emptied_postgres_url: str, by: str
) -> None:
    house = make_house(emptied_postgres_url)
    written = house.write(function="СЧФ")
    cms = forge(house, written.content, "lessor_person", "stranger")
    original = receive(house, EntityKind.TITLE, written.content, cms)
    post = brought(house, adjusting(house), tries=9)
    if by == "proof":
        trust_the_stranger(house)
    act = clear if by == "person" else look_at_the_title_again
    at_once(house, emptied_postgres_url, lambda: act(house, original), post.take, writes="UPDATE document SET")
    (ukd,) = {line.id for line in house.all(CLIENT)} - {original}
    with house.uow(house.actor(CLIENT)) as uow:
        assert uow.session.get_one(Document, original).delivery == "received"
    assert tied(house, ukd) == [original]


def look_at_the_title_again(house: House, _document: UUID) -> None:
    look_again(house)
