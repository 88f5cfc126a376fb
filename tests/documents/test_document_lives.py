"""The lives of a document: only moves of the table, final states for ever; what each set must hold before it is archived."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edo_service.documents import completeness, recording, rules
from edo_service.documents.completeness import PartSummary
from edo_service.documents.recording import LIVES
from edo_service.documents.rules import Direction, Kind, Origin, Role, Route
from edo_service.documents.tables import Document
from edo_service.errors import Conflict
from edo_service.kernel.actor import Actor
from edo_service.kernel.workflow import StatusChange, Workflow
from tests.fixtures.databases import START, MakeUnit

EVENTS = {name: sorted({one.event for one in life.transitions}) for name, life in LIVES.items()}
FINAL = {
    "delivery": {"delivered", "discarded", "failed", "received"},
    "receipt": {"not_needed", "confirmed", "received"},
    "response": {
        "not_needed", "signed_confirmed", "refused_confirmed", "counter_signed", "counter_signed_with_remarks",
        "counter_refused",
    },
    "correction": {"untied"},
    "archive": {"disposed"},
}  # fmt: skip


def a_document(owner: UUID, **lives: str) -> Document:
    states = {name: life.starts[0] for name, life in LIVES.items()} | lives
    return Document(
        owner_id=owner, direction="out", route="operator", kind="upd", number="1", dated=START.date(), title="УПД",
        content_sha256="0" * 64, facts={}, counterparty_name="Вектор", counterparty_inn="6600000010", search="",
        created_at=START, **states,
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(LIVES))
def test_final_states_are_those_we_know(name: str) -> None:
    assert LIVES[name].final == FINAL[name]


@pytest.mark.parametrize("name", sorted(LIVES))
def test_every_move_of_the_table_and_no_other_is_carried_out(name: str, us: UUID, unit: MakeUnit) -> None:
    life, actor, uow = LIVES[name], Actor.automatic("test", us), unit(us)
    for state in sorted(life.states):
        for event in EVENTS[name]:
            with uow:
                document = a_document(us, **{name: state})
                uow.session.add(document)
                uow.session.flush()
                found = life.transition(state, event)
                if found is None:
                    with pytest.raises(Conflict) as caught:
                        recording.move(uow, document, name, event, actor=actor)
                    assert caught.value.code == "status.not_allowed"
                    assert not recording.move_if_possible(uow, document, name, event, actor=actor)
                    assert getattr(document, name) == state
                else:
                    recording.move(uow, document, name, event, actor=actor)
                    assert getattr(document, name) == found.target
                    assert uow.session.query(StatusChange).filter_by(subject_id=document.id).one().new == found.target


@pytest.mark.parametrize("name", sorted(LIVES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_row_of_events_leaves_a_final_state_or_the_table(name: str, data: st.DataObject) -> None:
    life: Workflow = LIVES[name]
    state = data.draw(st.sampled_from(life.starts))
    for event in data.draw(st.lists(st.sampled_from(EVENTS[name]), max_size=20)):
        found = life.transition(state, event)
        if state in life.final:
            assert found is None
        if found is not None:
            state = found.target
        assert state in life.states


def test_every_way_through_a_life_ends() -> None:
    """From each state some final one can be reached: nobody is stuck by the table itself."""
    for life in LIVES.values():
        for start in life.states:
            seen, pending = {start}, [start]
            while pending:
                here = pending.pop()
                steps = {one.target for one in life.transitions if one.state == here} - seen
                seen |= steps
                pending.extend(steps)
            assert seen & life.final, (life.name, start)


def part(role: Role, parent: Role | None = None, *, signed: bool = True) -> PartSummary:
    return PartSummary(role=role, origin=Origin.OURS, parent=parent, signed=signed)


PDP, PDO = Role.ACCEPTANCE_CONFIRMATION, Role.DISPATCH_CONFIRMATION
TITLE, IOP = Role.SELLER_TITLE, Role.RECEIPT_NOTICE
MESSAGE = Role.UNIVERSAL_RECEIPT
BUYER, REFUSAL = Role.BUYER_TITLE, Role.REJECTION


@pytest.mark.parametrize(
    ("direction", "function", "refused", "parts"),
    [
        (Direction.OUT, "СЧФ", False, [part(TITLE), part(PDP, TITLE), part(IOP, TITLE), part(PDO, IOP)]),
        (Direction.IN, "СЧФ", False, [part(TITLE), part(PDO, TITLE), part(IOP, TITLE), part(PDP, IOP)]),
        (Direction.OUT, "СЧФ", False, [part(TITLE), part(PDP, TITLE), part(MESSAGE, TITLE, signed=False)]),
        (Direction.IN, "СЧФ", False, [part(TITLE), part(PDO, TITLE), part(MESSAGE, TITLE, signed=False)]),
        (Direction.OUT, "ДОП", False, [part(TITLE), part(PDP, TITLE), part(BUYER, TITLE), part(PDO, BUYER)]),
        (Direction.IN, "ДОП", True, [part(TITLE), part(PDO, TITLE), part(REFUSAL, TITLE), part(PDP, REFUSAL)]),
        (
            Direction.OUT,
            "СЧФДОП",
            True,
            [part(TITLE), part(PDP, TITLE), part(IOP, TITLE), part(PDO, IOP), part(REFUSAL, TITLE), part(PDO, REFUSAL)],
        ),
        (
            Direction.IN,
            "СЧФДОП",
            False,
            [part(TITLE), part(PDO, TITLE), part(IOP, TITLE), part(PDP, IOP), part(BUYER, TITLE), part(PDP, BUYER)],
        ),
    ],
)
def test_a_set_lacks_exactly_what_was_taken_away(
    direction: Direction,
    function: str,
    refused: bool,  # noqa: FBT001 - a parameter
    parts: list[PartSummary],
) -> None:
    start = rules.initial_lives(direction=direction, kind=Kind.UPD, route=Route.OPERATOR, function=function)
    mine = direction is Direction.IN
    lives = dict(start)
    lives["delivery"] = "received" if mine else "delivered"
    if lives["receipt"] != "not_needed":
        lives["receipt"] = "confirmed" if mine else "received"
    if lives["response"] != "not_needed":
        done = ("refused" if refused else "signed") if mine else ("counter_refused" if refused else "counter_signed")
        lives["response"] = done

    def missing(found: list[PartSummary], **changed: str) -> tuple[str, ...]:
        return completeness.missing_for_archive(
            direction=direction, kind=Kind.UPD, route=Route.OPERATOR, lives=lives | changed, parts=found
        )

    assert missing(parts) == ()
    for index, one in enumerate(parts):
        if one.role in {TITLE, PDP, PDO}:
            assert missing(parts[:index] + parts[index + 1 :]), one
            unsigned = PartSummary(role=one.role, origin=one.origin, parent=one.parent, signed=False)
            assert missing([*parts[:index], unsigned, *parts[index + 1 :]]), one
    for life in ("delivery", "receipt", "response"):
        if start[life] not in {"not_needed", lives[life]}:
            assert missing(parts, **{life: start[life]}), life
