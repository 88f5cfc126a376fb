"""The search: everything a set is found by, facets, pages, words of the language; what is foreign is not there."""

from datetime import date
from uuid import UUID

import pytest

from edo_service.archiving import queries, words
from edo_service.archiving.desk_tables import SavedSearch
from edo_service.archiving.queries import Search
from edo_service.archiving.tables import Package
from edo_service.archiving.use_cases.hold import set_hold
from edo_service.archiving.use_cases.saved import forget_search, save_search
from edo_service.errors import Conflict, NotFound
from edo_service.kernel.ids import new_id
from edo_service.kernel.money import Money
from tests.fixtures.archive_desk import DeskHouse

SIGNED = " ".join(
    [
        *words.marks("signer", "Жукова Анна Сергеевна"), *words.marks("certificate", "00:D1:5A:3F"),
        *words.marks("contract", "Л-2024/118"), *words.marks("vin", "X9FMXXEEBDBA12345"),
    ]
)  # fmt: skip


@pytest.fixture
def three(any_desk: DeskHouse) -> tuple[DeskHouse, UUID, UUID, UUID]:
    """An invoice with everything, a contract, and an old invoice of another counterparty."""
    house = any_desk
    first = house.keep(text="передача автомобиля по договорам лизинга", marks=SIGNED)
    second = house.keep(kind="contract", number="Д-7", dated=date(2026, 3, 1), total=None, text="поручительство")
    third = house.keep(
        number="118", dated=date(2024, 5, 5), counterparty="СТО «Вектор»", inn="5000000031", total="24500.00"
    )
    house.keep(owner=new_id(), marks=SIGNED, text="лизинг")
    return house, first, second, third


def found(house: DeskHouse, **wish: object) -> set[UUID]:
    result = queries.search(Search(**wish), uow=house.uow().reading())  # type: ignore[arg-type]  # fields by name
    assert result.found == len(result.lines)
    return {line.id for line in result.lines}


def test_a_set_is_found_by_each_thing_that_it_has(three: tuple[DeskHouse, UUID, UUID, UUID]) -> None:
    house, first, second, third = three
    assert found(house) == {first, second, third}
    for wish in (
        {"text": "лизинга"}, {"text": "Договор автомобили"}, {"text": "0417"}, {"contract": "Л-2024/118"},
        {"contract": "л2024"}, {"vin": "x9fmxxeebdba12345"}, {"signer": "Жукова"}, {"signer": "анна жук"},
        {"certificate": "00d15a3f"}, {"certificate": "00 D1 5A"}, {"number": "0417-л"},
        {"total_from": Money.of("1284560.00")}, {"since": date(2026, 11, 1)}, {"text": "лизинг", "signer": "жукова"},
    ):  # fmt: skip
        assert found(house, **wish) == {first}, wish
    assert found(house, counterparty="северный") == {first, second}
    assert found(house, counterparty="5000000031") == {third}
    assert found(house, counterparty="50000") == {third}
    assert found(house, kind="contract") == {second}
    assert found(house, year=2024) == {third}
    assert found(house, until=date(2024, 12, 31)) == {third}
    assert found(house, total_to=Money.of("24500.00")) == {third}
    for wish in (
        {"signer": "Петров"}, {"vin": "X9FMXXEEBDBA12346"}, {"text": "самолёт"}, {"text": "zzsжукова вектор"},
        {"contract": "118"}, {"text": '" OR * NEAR('}, {"number": "%"},
    ):  # fmt: skip
        assert found(house, **wish) <= {first, second, third} - ({first} if "signer" in wish else set()), wish
    assert found(house, text="самолёт") == set()


def test_facets_count_all_that_was_found_and_pages_follow_each_other(bare_desk: DeskHouse) -> None:
    house = bare_desk
    sets = [house.keep(number=f"{place}", dated=date(2026, 1, 1 + place % 3)) for place in range(7)]
    house.keep(kind="contract", dated=date(2025, 1, 1))
    set_hold(sets[:2], ground="x", reason="x", actor=house.actor(), uow=house.uow())
    whole = queries.search(Search(limit=3), uow=house.uow().reading())
    assert (whole.found, whole.more) == (8, True)
    assert whole.kinds == {"upd": 7, "contract": 1}
    assert whole.statuses == {"kept": 6, "held": 2}
    assert whole.years == {2026: 7, 2025: 1}
    seen: list[UUID] = []
    page = whole
    while True:
        seen += [line.id for line in page.lines]
        if not page.more:
            break
        last = page.lines[-1]
        page = queries.search(Search(limit=3, after=(last.dated, last.id)), uow=house.uow().reading())
    assert len(seen) == len(set(seen)) == 8
    held = queries.search(Search(status="held"), uow=house.uow().reading())
    assert {line.id for line in held.lines} == set(sets[:2])
    assert all(line.state == "held" for line in held.lines)
    assert len(queries.found_ids(Search(kind="upd"), uow=house.uow().reading(), limit=50)) == 7


def test_sets_without_words_get_them_by_a_job(bare_desk: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house = bare_desk
    package = house.keep(text="страхование")
    with house.uow() as uow:
        row = uow.session.get_one(Package, package)
        words.forget_words(uow, row)
        row.indexed_at = None
        uow.commit()
    assert found(house, text="страхование") == set()

    def told(*_arguments: object, **_named: object) -> words.Words:
        return words.Words(text="страхование груза", marks="")

    monkeypatch.setattr(words, "words_of", told)
    assert house.handlers.promise_words() == 1
    assert house.handlers.promise_words() == 0, "promised already"
    house.work()
    assert found(house, text="страхования") == {package}
    assert house.handlers.promise_words() == 0


def test_a_search_is_saved_by_its_owner_under_one_name(bare_desk: DeskHouse) -> None:
    house = bare_desk
    mine, other = house.actor("Ким"), house.actor("Лосев")
    save_search("Требование", {"q": "лизинг"}, actor=mine, uow=house.uow())
    with pytest.raises(Conflict, match="search_name_taken"):
        save_search("Требование", {"q": "x"}, actor=mine, uow=house.uow())
    save_search("Требование", {"q": "x"}, actor=other, uow=house.uow())
    with house.uow().reading() as uow:
        rows = {row.person_id: row.id for row in uow.session.query(SavedSearch)}
    assert mine.user_id is not None
    with pytest.raises(NotFound):
        forget_search(rows[mine.user_id], actor=other, uow=house.uow())
    with house.uow().reading() as uow:
        assert uow.session.query(SavedSearch).count() == 2, "another's is left as it is"
    forget_search(rows[mine.user_id], actor=mine, uow=house.uow())
    with house.uow().reading() as uow:
        assert uow.session.query(SavedSearch).count() == 1


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("договора", "договором"),
        ("лизинга", "лизинг"),
        ("автомобили", "автомобиль"),
        ("Счёта", "счет"),
        ("0417", "0417"),
    ],
)
def test_a_word_finds_its_other_endings(asked: str, kept: str) -> None:
    (word,), (other,) = words.tokens(asked), words.tokens(kept)
    assert other.startswith(words.stem(word))
