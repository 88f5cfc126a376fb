"""A status moves only by its table; of two movers one wins; every move is written down."""

import threading
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import select

from edo_service.errors import Conflict, Forbidden
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.kernel.scope import Scope
from edo_service.kernel.workflow import REGISTRY, SYSTEM, StatusChange, Transition, Workflow
from tests.fixtures.databases import MakeUnit
from tests.kernel.samples import LIFE, Paper


@pytest.fixture
def paper_id(samples: Database, unit: MakeUnit, us: UUID) -> UUID:
    with unit(us) as uow:
        paper = Paper(owner_id=us)
        uow.session.add(paper)
        uow.commit()
    return paper.id


def person(us: UUID, *rights: Right) -> Actor:
    return Actor(user_id=UUID(int=5), name="Петров", entity_id=us, scope=Scope.of(us), rights=frozenset(rights))


def test_a_move_follows_the_table_and_leaves_history(
    samples: Database, unit: MakeUnit, clock: MovableClock, us: UUID, paper_id: UUID
) -> None:
    actor = person(us)
    with unit(us) as uow:
        paper = uow.session.get_one(Paper, paper_id)
        assert workflow.move(uow.session, paper, "state", "send", LIFE, actor=actor, at=clock.now()) == "sent"
        assert (paper.state, paper.version) == ("sent", 2)
        paper.title = "changed after the move"
        uow.commit()
    with unit(us) as uow:
        paper = uow.session.get_one(Paper, paper_id)
        assert (paper.state, paper.title, paper.version) == ("sent", "changed after the move", 3)
        (change,) = uow.session.scalars(select(StatusChange)).all()
    assert (change.workflow, change.subject_id, change.event, change.old, change.new) == (
        "sample",
        paper_id,
        "send",
        "draft",
        "sent",
    )
    assert (change.actor_id, change.actor_name, change.at) == (UUID(int=5), "Петров", clock.now())


def test_a_new_row_can_be_moved_in_the_same_transaction(
    samples: Database, unit: MakeUnit, clock: MovableClock, us: UUID
) -> None:
    with unit(us) as uow:
        paper = Paper(owner_id=us, state="draft")
        uow.session.add(paper)
        workflow.move(uow.session, paper, "state", "send", LIFE, actor=person(us), at=clock.now())
        workflow.move(uow.session, paper, "state", "deliver", LIFE, actor=Actor.automatic("t", us), at=clock.now())
        uow.commit()
    assert (paper.state, paper.version) == ("delivered", 3)


def test_what_the_table_lacks_is_a_conflict(
    samples: Database, unit: MakeUnit, clock: MovableClock, us: UUID, paper_id: UUID
) -> None:
    with unit(us) as uow:
        paper = uow.session.get_one(Paper, paper_id)
        for event in ("deliver", "unheard-of"):
            with pytest.raises(Conflict) as caught:
                workflow.move(uow.session, paper, "state", event, LIFE, actor=person(us), at=clock.now())
            assert caught.value.code == "status.not_allowed"
        assert paper.state == "draft"


def test_who_may_move(samples: Database, unit: MakeUnit, clock: MovableClock, us: UUID, paper_id: UUID) -> None:
    signing = Workflow("sample-signing", "draft", [Transition("draft", "sign", "signed", by=Right.SIGN)])
    try:
        with unit(us) as uow:
            paper = uow.session.get_one(Paper, paper_id)
            with pytest.raises(Forbidden):
                workflow.move(uow.session, paper, "state", "sign", signing, actor=person(us), at=clock.now())
            workflow.move(uow.session, paper, "state", "send", LIFE, actor=person(us), at=clock.now())
            with pytest.raises(Conflict):
                workflow.move(uow.session, paper, "state", "deliver", LIFE, actor=person(us), at=clock.now())
        assert signing.events("draft", person(us)) == ()
        assert signing.events("draft", person(us, Right.SIGN)) == ("sign",)
        assert LIFE.events("sent", person(us)) == ()
        assert LIFE.events("sent", Actor.automatic("t", us)) == ("deliver",)
        assert LIFE.events("draft") == ("send", "drop")
    finally:
        del REGISTRY["sample-signing"]


def test_of_racing_movers_one_wins(
    samples: Database, unit: MakeUnit, clock: MovableClock, us: UUID, paper_id: UUID
) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def press() -> None:
        with unit(us, read_only=True) as reading:
            paper = reading.session.get_one(Paper, paper_id)
        start.wait(240)
        try:
            with unit(us) as uow:
                uow.session.add(paper)
                workflow.move(uow.session, paper, "state", "send", LIFE, actor=person(us), at=clock.now())
                uow.commit()
            outcomes.append("won")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)

    assert sorted(outcomes) == ["status.changed_meanwhile"] * 3 + ["won"]
    with unit(us) as uow:
        assert len(uow.session.scalars(select(StatusChange)).all()) == 1


def test_a_move_of_a_stale_row_changes_nothing(
    samples: Database, unit: MakeUnit, clock: MovableClock, us: UUID, paper_id: UUID
) -> None:
    with unit(us, read_only=True) as reading:
        stale = reading.session.get_one(Paper, paper_id)
    with unit(us) as uow:
        uow.session.get_one(Paper, paper_id).title = "newer"
        uow.commit()
    with unit(us) as uow:
        uow.session.add(stale)
        with pytest.raises(Conflict):
            workflow.move(uow.session, stale, "state", "send", LIFE, actor=person(us), at=clock.now() + timedelta(1))


def test_an_unsound_table_is_refused() -> None:
    with pytest.raises(ValueError, match="two transitions"):
        Workflow("unsound", "a", [Transition("a", "go", "b"), Transition("a", "go", "c")])
    with pytest.raises(ValueError, match="unreachable"):
        Workflow("unsound", "a", [Transition("a", "go", "b"), Transition("x", "go", "y")])
    with pytest.raises(ValueError, match="two workflows"):
        Workflow("sample", "a", [Transition("a", "go", "b")])
    assert "unsound" not in REGISTRY


def test_the_table_tells_its_states() -> None:
    assert LIFE.starts == ("draft",)
    assert LIFE.states == {"draft", "sent", "delivered", "dropped"}
    assert LIFE.final == {"delivered", "dropped"}
    assert LIFE.allows("draft", "send")
    assert not LIFE.allows("sent", "send")


def test_the_document_is_generated_from_the_tables() -> None:
    class Event(StrEnum):
        GO = "go"

    made = Workflow("sample-doc", ("a", "x"), [Transition("a", Event.GO, "b", by=SYSTEM)])
    try:
        text = workflow.describe([LIFE, made])
    finally:
        del REGISTRY["sample-doc"]

    assert text.index("## sample\n") < text.index("## sample-doc\n")
    assert "    a --> b: go" in text
    assert "    [*] --> x" in text
    assert "    b --> [*]" in text
    assert "| a | go | b | system |" in text
    assert "| draft | send | sent |  |" in text
