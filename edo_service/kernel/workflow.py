"""Statuses: a row moves only through the table of its kind.

The same table moves the row (guarded in SQL, one winner), feeds buttons and API, draws `docs/workflows.md` and the
tests. Each move leaves a row in `status_change`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, Index, String, inspect, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from edo_service.errors import Conflict
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.tables import Base, Identified, Owned

SYSTEM: Final = "system"


class StatusChange(Identified, Owned, Base):
    """One move of one status: history, only ever added to."""

    __tablename__ = "status_change"
    __table_args__ = (Index("ix_status_change_subject", "owner_id", "subject_id"),)

    workflow: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    event: Mapped[str] = mapped_column(String(60))
    old: Mapped[str] = mapped_column(String(60))
    new: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Transition:
    """From `state`, `event` leads to `target`.

    `by`: the right needed, `SYSTEM` (no person may), None (whoever asks).
    """

    state: str
    event: str
    target: str
    by: Right | str | None = None


REGISTRY: dict[str, Workflow] = {}
"""Every workflow of the program by name, for `docs/workflows.md` and the tests."""


@dataclass(frozen=True)
class Workflow:
    """One life.

    Its name, the states it may begin in, its transitions. Registers itself; ValueError when the table is unsound.
    """

    name: str
    initial: str | Sequence[str]
    transitions: Sequence[Transition]

    def __post_init__(self) -> None:
        pairs = [(one.state, _word(one.event)) for one in self.transitions]
        if len(set(pairs)) != len(pairs):
            raise ValueError(f"{self.name}: two transitions for the same state and event")
        lost = self.states - self._reachable()
        if lost:
            raise ValueError(f"{self.name}: unreachable {sorted(lost)}")
        known = REGISTRY.get(self.name)
        if known is not None and known != self:
            raise ValueError(f"two workflows are called {self.name}")
        REGISTRY[self.name] = self

    @property
    def starts(self) -> tuple[str, ...]:
        """The states a life may begin in."""
        return (self.initial,) if isinstance(self.initial, str) else tuple(self.initial)

    @property
    def states(self) -> frozenset[str]:
        """Every state."""
        named = {one.state for one in self.transitions} | {one.target for one in self.transitions}
        return frozenset(named.union(self.starts))

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leaves."""
        return self.states - {one.state for one in self.transitions}

    def transition(self, state: str, event: str) -> Transition | None:
        """Find the transition of a state by an event."""
        word = _word(event)
        return next((one for one in self.transitions if one.state == state and _word(one.event) == word), None)

    def allows(self, state: str, event: str) -> bool:
        """Tell whether the event may happen in the state."""
        return self.transition(state, event) is not None

    def events(self, state: str, actor: Actor | None = None) -> tuple[str, ...]:
        """Return what may happen in a state (and by this actor): the buttons."""
        return tuple(
            _word(one.event)
            for one in self.transitions
            if one.state == state and (actor is None or _permitted(one, actor))
        )

    def _reachable(self) -> set[str]:
        seen = set(self.starts)
        pending = list(seen)
        while pending:
            here = pending.pop()
            for one in self.transitions:
                if one.state == here and one.target not in seen:
                    seen.add(one.target)
                    pending.append(one.target)
        return seen


def move(session: Session, row: Any, column: str, event: str, workflow: Workflow, *, actor: Actor, at: datetime) -> str:
    """Move `row.<column>` by the event and return the new state.

    The update is conditional on the state (and version) this unit of work read: of two racing movers one wins, the
    other gets Conflict `status.changed_meanwhile`. Conflict `status.not_allowed` when the table has no such
    transition; Forbidden when the actor lacks the transition's right.
    """
    old = cast("str", getattr(row, column))
    found = workflow.transition(old, event)
    if found is None:
        raise Conflict("status.not_allowed", workflow=workflow.name, state=old, event=_word(event))
    if isinstance(found.by, Right):
        actor.require(found.by)
    elif not _permitted(found, actor):
        raise Conflict("status.not_allowed", workflow=workflow.name, state=old, event=_word(event))
    session.flush()
    _update(session, row, column, old, found.target)
    session.add(
        StatusChange(
            owner_id=row.owner_id,
            workflow=workflow.name,
            subject_id=row.id,
            event=_word(event),
            old=old,
            new=found.target,
            actor_id=actor.user_id,
            actor_name=actor.name,
            at=at,
        )
    )
    return found.target


def _update(session: Session, row: Any, column: str, old: str, new: str) -> None:
    model = type(row)
    conditions = [model.id == row.id, model.owner_id == row.owner_id, getattr(model, column) == old]
    values: dict[str, Any] = {column: new}
    versioned = inspect(model).version_id_col is not None
    if versioned:
        conditions.append(model.version == row.version)
        values["version"] = row.version + 1
    statement = update(model).where(*conditions).values(**values).execution_options(synchronize_session=False)
    if cast("CursorResult[Any]", session.execute(statement)).rowcount != 1:
        raise Conflict("status.changed_meanwhile", state=old)
    for name, value in values.items():
        set_committed_value(row, name, value)


def _permitted(one: Transition, actor: Actor) -> bool:
    if one.by is None:
        return True
    if isinstance(one.by, Right):
        return actor.may(one.by)
    return actor.is_system if one.by == SYSTEM else False


def _word(event: str) -> str:
    return str(event.value) if isinstance(event, Enum) else event


def describe(workflows: Iterable[Workflow]) -> str:
    """Write `docs/workflows.md`: a Mermaid diagram and a table for each workflow, in the order of their names."""
    parts = ["# Workflows\n\nGenerated from the tables that move the rows; do not edit.\n"]
    parts.extend(_describe(one) for one in sorted(workflows, key=lambda one: one.name))
    return "\n".join(parts)


def _describe(workflow: Workflow) -> str:
    lines = [f"## {workflow.name}\n", "```mermaid", "stateDiagram-v2"]
    lines.extend(f"    [*] --> {start}" for start in workflow.starts)
    lines.extend(f"    {one.state} --> {one.target}: {_word(one.event)}" for one in workflow.transitions)
    lines.extend(f"    {state} --> [*]" for state in sorted(workflow.final))
    lines.extend(["```\n", "| from | event | to | who |", "|---|---|---|---|"])
    for one in workflow.transitions:
        who = one.by.value if isinstance(one.by, Right) else one.by or ""
        lines.append(f"| {one.state} | {_word(one.event)} | {one.target} | {who} |")
    return "\n".join(lines) + "\n"
