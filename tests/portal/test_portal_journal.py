"""The journal calls things by the names that people know, leads only where there is a page, and asks each kind once."""

import uuid
from collections.abc import Iterable

import pytest
from sqlalchemy import event, select

from edo_service.accounts.pages import journal as pages
from edo_service.accounts.rules import Role
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoCompany
from edo_service.exchange.tables import OperatorAccount, Relation
from edo_service.kernel.actor import Actor
from edo_service.keys.tables import SigningKey
from edo_service.parties.tables import Counterparty
from edo_service.portal import Viewer, subjects
from edo_service.web.slots import Slots
from edo_service.web.views import Subject
from tests.portal.conftest import ACCOUNTANT, Live
from tests.portal.person import Page, Person

MARK = "test.journal"


@pytest.fixture(scope="module")
def auditor(live: Live) -> Person:
    return live.enter(*live.newcomer(LESSOR, Role.ADMINISTRATOR))


def note(live: Live, word: str, subjects: Iterable[str], *, company: DemoCompany = LESSOR, **facts: object) -> None:
    """Write entries into the company's journal that no other test looks for."""
    seeded = live.running.seeded
    assert seeded is not None
    uow = live.running.services.system_uow("demo")
    with uow:
        for subject in subjects:
            uow.journal.write(
                f"{MARK}.{word}", owner_id=seeded.companies[company.code].entity_id, subject=subject,
                actor=Actor.system("accounts.set_up"), **facts,
            )  # fmt: skip
        uow.commit()


def journal(live: Live, person: Person, words: str) -> Page:
    return person.get(f"/o/{live.code(LESSOR)}/office/journal?q={words}")


def cells(page: Page) -> list[tuple[str, list[str]]]:
    """What stands under «О чём», and where it leads."""
    assert page.tree is not None
    return [
        (" ".join(str(cell.xpath("string()")).split()), [one.get("href", "") for one in cell.iter("a")])
        for cell in page.tree.iter("td")
        if cell.get("data-l") == "О чём"
    ]


def test_a_document_is_called_by_its_title_and_a_deleted_draft_leads_nowhere(live: Live, auditor: Person) -> None:
    number, accountant = live.number(), live.person(ACCOUNTANT)
    draft = live.upload(number)
    document = draft.path.rpartition("/")[2]
    [(text, links), *_] = cells(journal(live, auditor, document))
    assert f"№ {number} от" in text
    assert CLIENT_ONE.name in text
    assert links == [draft.path]
    accountant.submit(accountant.get(draft.link("Удалить черновик")), "/discard")
    after = cells(journal(live, auditor, document))
    assert len(after) >= 2
    for text, links in after:
        assert f"№ {number} от" in text
        assert "черновик удалён" in text
        assert links == []


def test_what_is_gone_or_foreign_keeps_its_id_and_leads_nowhere(live: Live, auditor: Person) -> None:
    word, gone = uuid.uuid4().hex, str(uuid.uuid4())
    seeded = live.running.seeded
    assert seeded is not None
    theirs = str(seeded.companies[CLIENT_ONE.code].entity_id)
    note(live, word, [f"document:{gone}", f"relation:{gone}", f"entity:{theirs}", "person:unknown", f"journal:{gone}"])
    found = cells(journal(live, auditor, f"{MARK}.{word}"))
    short = f"{gone[:8]}…{gone[-4:]}"
    assert sorted(found) == sorted([
        ("журнал", []), ("сотрудник", []), (f"организация {theirs[:8]}…{theirs[-4:]}", []),
        (f"контрагент {short}", []), (f"документ {short}", []),
    ])  # fmt: skip


def test_every_kind_has_its_name_and_what_is_gone_its_word(live: Live, auditor: Person) -> None:
    word, gone = uuid.uuid4().hex, str(uuid.uuid4())
    seeded = live.running.seeded
    assert seeded is not None
    owner = seeded.companies[LESSOR.code].entity_id
    uow = live.running.services.system_uow("demo")
    with uow:
        here = {
            kind: str(uow.session.scalars(select(table.id).where(table.owner_id == owner).limit(1)).one())
            for kind, table in (
                ("relation", Relation), ("operator_account", OperatorAccount), ("signing_key", SigningKey),
                ("counterparty", Counterparty),
            )
        }  # fmt: skip
    here["entity"] = str(owner)
    lost = ("package", "hold", "disposal", "export", "invitation_batch", "power_of_attorney", "job", "person")
    note(live, word, [*(f"{kind}:{one}" for kind, one in here.items()), *(f"{kind}:{gone}" for kind in lost)])
    found = cells(journal(live, auditor, f"{MARK}.{word}"))
    known = [text for text, _ in found if "…" not in text]
    assert len(known) == len(here)
    assert any(LESSOR.name in text for text in known)
    assert any("Диадок" in text for text in known)
    assert sorted(text for text, links in found if "…" in text and not links) == sorted(
        f"{name} {gone[:8]}…{gone[-4:]}"
        for name in (
            "комплект",
            "запрет",
            "акт",
            "выгрузка",
            "список приглашений",
            "доверенность",
            "задание",
            "сотрудник",
        )
    )


def test_another_companys_document_is_not_named(live: Live) -> None:
    """Were its id ever written here, nothing of it would be shown."""
    number, word = live.number(), uuid.uuid4().hex
    document = live.upload(number).path.rpartition("/")[2]
    note(live, word, [f"document:{document}"], company=CLIENT_ONE)
    administrator = live.enter(*live.newcomer(CLIENT_ONE, Role.ADMINISTRATOR))
    page = administrator.get(f"/o/{live.code(CLIENT_ONE)}/office/journal?q={MARK}.{word}")
    assert cells(page) == [(f"документ {document[:8]}…{document[-4:]}", [])]
    assert number not in page.text


def test_a_page_asks_each_kind_once(live: Live, auditor: Person) -> None:
    """Counted on the engine: ten documents of the page cost as many statements as one."""
    document = live.upload(live.number()).path.rpartition("/")[2]
    few, many = uuid.uuid4().hex, uuid.uuid4().hex
    note(live, few, [f"document:{document}"])
    note(live, many, [f"document:{document}", *(f"document:{uuid.uuid4()}" for _ in range(9))])
    asked: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM document" in statement and "document.title" in statement and "count(" not in statement:
            asked.append(statement)

    def statements(word: str) -> list[str]:
        asked.clear()
        assert journal(live, auditor, f"{MARK}.{word}").status == 200
        return [one for one in asked if " IN (" in one and "document.counterparty_name" in one]

    engine = live.running.services.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        assert (len(statements(few)), len(statements(many))) == (1, 1)
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def test_names_are_asked_by_kind_and_only_of_those_who_know() -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    calls: list[set[uuid.UUID]] = []
    slots: Slots[Viewer | None] = Slots()

    def find(_viewer: Viewer | None, ids: object) -> dict[uuid.UUID, Subject]:
        assert isinstance(ids, set)
        calls.append(ids)
        return {first: Subject(name="УПД № 1")}

    slots.add_names("document", find)
    found = slots.names(None, [("document", first), ("document", second), ("document", first), ("other", first)])
    assert found == {("document", first): Subject(name="УПД № 1")}
    assert calls == [{first, second}]
    with pytest.raises(ValueError, match="document"):
        slots.add_names("document", find)


def test_a_document_is_found_by_its_number_and_an_event_by_its_name(live: Live, auditor: Person) -> None:
    number = live.number()
    draft = live.upload(number)
    page = journal(live, auditor, f"{number} загружен")
    assert {text for text, _ in cells(page)} == {text for text, _ in cells(journal(live, auditor, draft.path[-36:]))}
    assert [links for _, links in cells(page)] == [[draft.path]]
    assert "Документ загружен" in page.text
    assert cells(journal(live, auditor, f"{number} уничтожен")) == []
    assert cells(journal(live, auditor, f"{number} " + "загружен " * 3 + number))
    foreign = live.enter(*live.newcomer(CLIENT_TWO, Role.ADMINISTRATOR))
    theirs = foreign.get(f"/o/{live.code(CLIENT_TWO)}/office/journal?q={number}")
    assert theirs.status == 200
    assert cells(theirs) == []


def test_a_word_that_names_too_much_says_so(live: Live, auditor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    live.upload(live.number())
    live.upload(live.number())
    assert "Уточните запрос" not in journal(live, auditor, CLIENT_ONE.inn).text
    monkeypatch.setattr(subjects, "MOST_FOUND", 1)
    monkeypatch.setattr(pages, "MOST_FOUND", 1)
    assert f"По слову «{CLIENT_ONE.inn}» нашлось больше 1 " in journal(live, auditor, CLIENT_ONE.inn).text


def test_a_fact_of_several_values_is_told_and_an_empty_one_left_out(live: Live, auditor: Person) -> None:
    word = uuid.uuid4().hex
    note(live, word, [f"journal:{uuid.uuid4()}"], damaged=["один.xml", "два.xml"], problems=[], reason="")
    page = journal(live, auditor, f"{MARK}.{word}")
    assert page.status == 200
    assert "повреждено: один.xml, два.xml" in page.text
    assert "нарушений:" not in page.text
    assert "причина:" not in page.text
