"""What is not in the archive yet: every one is found page by page, narrowed as the rule says, counted alike everywhere."""

import random
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event

from edo_service.archiving.pages.incomplete import KINDS, missing_words, overdue, todo
from edo_service.archiving.queries_incomplete import (
    CONFIRMATION,
    MISSING,
    Incomplete,
    IncompleteWish,
    count_overdue,
    incomplete,
)
from edo_service.documents import completeness, rules
from edo_service.documents.recording import LIVES
from edo_service.documents.tables import Document
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from edo_service.portal import Viewer
from edo_service.portal.visitor import Company, Visitor
from tests.fixtures.archive_desk import DeskHouse

TODAY = date(2026, 11, 20)
STATES = {name: sorted(workflow.states) for name, workflow in LIVES.items()}


def add(house: DeskHouse, count: int, seed: int = 7) -> dict[UUID, dict[str, Any]]:
    """Documents with lives of any kind; what was written for each."""
    chance, made = random.Random(seed), {}
    with house.uow() as uow:
        for place in range(count):
            lives = {name: chance.choice(states) for name, states in STATES.items() if name != "archive"}
            row = {
                "direction": chance.choice(("in", "out")),
                "dated": date(2026, 10, 1) + timedelta(days=chance.randrange(9)),
                "receipt_due": chance.choice((None, TODAY - timedelta(days=3), TODAY)),
                "answer_due": chance.choice((None, TODAY - timedelta(days=1), TODAY + timedelta(days=5))),
                "counterparty_inn": chance.choice(("7700000016", "5000000031")),
                "counterparty_name": chance.choice(("ООО «Вектор»", "АО «Сила»")),
                **lives,
            }
            found = new_id()
            title = f"УПД № {place}"
            search = fold(f"{title} {row['counterparty_name']}")
            uow.session.add(
                Document(
                    id=found, owner_id=house.owner, route="operator", kind="upd", number=str(place), title=title, facts={},
                    content_sha256="0" * 64, archive="not_yet", search=search, created_at=house.clock.now(), **row,
                )
            )  # fmt: skip
            made[found] = row
        uow.commit()
    return {one: row for one, row in made.items() if row["delivery"] not in {"draft", rules.DISCARDED}}


def walked(house: DeskHouse, **wish: Any) -> list[Incomplete]:
    """Every row, page by page."""
    rows: list[Incomplete] = []
    after = None
    while True:
        found = incomplete(IncompleteWish(after=after, limit=7, **wish), today=TODAY, uow=house.uow().reading())
        rows += found.rows
        if not found.more:
            assert (found.found, found.late) == (len(rows), sum(one.late for one in rows))
            return rows
        last = found.rows[-1]
        after = (last.late, last.dated, last.id)


def unfinished(row: dict[str, Any]) -> set[str]:
    return set(completeness.unfinished_lives(rules.Direction(row["direction"]), row))


def is_late(row: dict[str, Any]) -> bool:
    open_ = unfinished(row)
    days = ((row["receipt_due"], "receipt_notice"), (row["answer_due"], "response"))
    return any(day is not None and day < TODAY and what in open_ for day, what in days)


def test_each_is_shown_once_the_overdue_first_and_the_filters_say_what_the_rule_says(any_desk: DeskHouse) -> None:
    made = add(any_desk, 60)
    rows = walked(any_desk)
    assert sorted(one.id for one in rows) == sorted(made), "none is left out, none comes twice"
    assert [one.late for one in rows] == sorted((is_late(made[one.id]) for one in rows), reverse=True)
    assert {one.id for one in rows if one.late} == {found for found, row in made.items() if is_late(row)}
    for kind in MISSING:
        wanted = {
            found
            for found, row in made.items()
            if (kind in unfinished(row) if kind != CONFIRMATION else not unfinished(row))
        }
        assert {one.id for one in walked(any_desk, missing=kind)} == wanted, kind
    whole = incomplete(IncompleteWish(limit=1), today=TODAY, uow=any_desk.uow().reading())
    assert whole.missing == {kind: len(walked(any_desk, missing=kind)) for kind in MISSING}
    late = walked(any_desk, late=True)
    assert {one.id for one in late} == {one.id for one in rows if one.late}
    theirs = walked(any_desk, counterparty="50000 ")
    assert {one.id for one in theirs} == {one for one, row in made.items() if row["counterparty_inn"][0] == "5"}
    assert {one.counterparty_name for one in walked(any_desk, counterparty="вектор")} == {"ООО «Вектор»"}
    assert walked(any_desk, counterparty="нет такого") == []


def test_a_day_that_passed_for_what_is_done_makes_nothing_late(bare_desk: DeskHouse) -> None:
    add(bare_desk, 60)
    for one in walked(bare_desk):
        if one.due is not None:
            assert one.late == (one.due < TODAY)
        else:
            assert not one.late


def test_menu_and_home_count_what_the_page_counts(bare_desk: DeskHouse) -> None:
    made = add(bare_desk, 60)
    expected = sum(is_late(row) for row in made.values())
    assert expected > 1
    actor = bare_desk.actor()
    opened: list[object] = []

    def viewer_with(actor: Actor) -> Viewer:
        company = Company(code="ab", name="x", inn="", position="", actor=actor)
        visitor = Visitor(person_id=new_id(), session_id=new_id(), login="x", name="x", companies=(company,))

        def opening(scope: object) -> UnitOfWork:
            opened.append(scope)
            return bare_desk.uow()

        return Viewer(visitor=visitor, company=company, now=bare_desk.clock.now(), make_uow=opening)

    viewer = viewer_with(actor)
    assert overdue(viewer) == count_overdue(today=TODAY, uow=bare_desk.uow().reading()) == expected
    assert [(row.count, row.url) for row in todo(viewer)] == [(expected, "/o/ab/archive/incomplete?late=1")]
    assert len(opened) == 1, "one page counts once"
    assert len(walked(bare_desk, late=True)) == expected
    stranger = viewer_with(replace(actor, rights=frozenset()))
    assert (overdue(stranger), list(todo(stranger))) == (0, []), "those who control see to it"


def test_the_count_of_every_page_reads_only_what_is_not_in_the_archive_yet(bare_desk: DeskHouse) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    engine = bare_desk.database.engine
    event.listen(engine, "before_cursor_execute", note)
    count_overdue(today=TODAY, uow=bare_desk.uow().reading())
    (counted,) = [one for one in asked if "count(" in one[0]]
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        plan = cursor.execute(f"EXPLAIN QUERY PLAN {counted[0]}", counted[1]).fetchall()
    assert "ix_document_not_yet" in str(plan), plan


def test_everything_that_may_be_missing_has_words() -> None:
    assert set(KINDS) == set(MISSING)
    words = {
        missing_words(one) for one in ("delivery", "response", "receipt_notice", "dispatch_confirmation:buyer_title")
    }
    assert words == {
        "доставка", "ответ второй стороны", "извещение о получении",
        "подтверждение оператора: отправлен (титул покупателя)",
    }  # fmt: skip
