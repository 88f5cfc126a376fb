"""Content models as deterministic automata: which child may follow which, what is missing, what is too much.

The positions of a particle (Glushkov's construction) are the states; official models are deterministic, so the name
decides the step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from edo_service.formats.engine.model import Block, Choice, Element, Particle

START = -1


@dataclass
class _Part:
    first: list[int]
    last: list[int]
    nullable: bool


@dataclass
class Model:
    """The automaton of one block: states are positions in `elements`; START stands before the first."""

    elements: list[Element] = field(default_factory=list)
    follow: dict[int, list[int]] = field(default_factory=dict)
    accepting: set[int] = field(default_factory=set)
    steps: dict[tuple[int, str], int] = field(default_factory=dict)

    def step(self, state: int, name: str) -> int | None:
        """The state after a child with this name, or None when it may not stand here."""
        return self.steps.get((state, name))

    def way(self, state: int, name: str | None) -> list[Element] | None:
        """The shortest list of missing children after which `name` may come (None: after which the element may end)."""
        queue: deque[tuple[int, list[Element]]] = deque([(state, [])])
        seen = {state}
        while queue:
            here, skipped = queue.popleft()
            if name is None:
                if here in self.accepting:
                    return skipped
            elif self.step(here, name) is not None:
                return skipped
            for after in self.follow[here]:
                if after not in seen:
                    seen.add(after)
                    queue.append((after, [*skipped, self.elements[after]]))
        return None

    def state_of(self, state: int, skipped: Sequence[Element]) -> int:
        """The state after the missing children were imagined."""
        for element in skipped:
            after = self.step(state, element.name)
            if after is None:
                raise AssertionError(element.name)
            state = after
        return state

    def expected(self, state: int) -> list[Element]:
        """What may follow here."""
        return [self.elements[after] for after in self.follow[state]]


def _build(particle: Particle, model: Model) -> _Part:
    if isinstance(particle, Element):
        once = _single(particle, model)
    elif isinstance(particle, Choice):
        once = _alternatives(particle, model)
    else:
        once = _Part(first=[], last=[], nullable=True)
        for part in particle.parts:
            once = _join(once, _build(part, model), model)
    return _repeat(once, particle, model)


def _single(element: Element, model: Model) -> _Part:
    position = len(model.elements)
    model.elements.append(element)
    model.follow[position] = []
    return _Part(first=[position], last=[position], nullable=False)


def _alternatives(particle: Choice, model: Model) -> _Part:
    parts = [_build(part, model) for part in particle.parts]
    return _Part(
        first=[position for part in parts for position in part.first],
        last=[position for part in parts for position in part.last],
        nullable=any(part.nullable for part in parts) or not parts,
    )


def _join(left: _Part, right: _Part, model: Model) -> _Part:
    for position in left.last:
        model.follow[position].extend(right.first)
    return _Part(
        first=left.first + (right.first if left.nullable else []),
        last=right.last + (left.last if right.nullable else []),
        nullable=left.nullable and right.nullable,
    )


def _repeat(once: _Part, particle: Particle, model: Model) -> _Part:
    """Occurrence: 0..1, 1..1, 0..n, 1..n; any other upper bound is counted by the checker, not by the automaton."""
    if particle.most is None or particle.most > 1:
        for position in once.last:
            known = model.follow[position]
            known.extend(after for after in once.first if after not in known)
    return _Part(first=once.first, last=once.last, nullable=once.nullable or particle.least == 0)


@cache
def model_of(block: Block) -> Model:
    """The automaton of a block, built once (blocks are compared by identity)."""
    model = Model()
    model.follow[START] = []
    part = _build(block.content, model)
    model.follow[START] = part.first
    model.accepting = set(part.last) | ({START} if part.nullable else set())
    for state, following in model.follow.items():
        for after in reversed(following):  # the first of several wins
            model.steps[state, model.elements[after].name] = after
    return model


@dataclass(frozen=True, kw_only=True)
class Misplaced:
    """A fault of the content model: `missing` children before `at` (None.

    At the end), or a child that may not stand here.
    """

    at: int | None
    missing: tuple[Element, ...] = ()
    unexpected: bool = False
    known: bool = False


def walk(model: Model, names: Sequence[str]) -> Iterator[Misplaced]:
    """Run the children through the automaton and yield every fault, recovering after each."""
    state = START
    steps = model.steps
    for index, name in enumerate(names):
        after = steps.get((state, name))
        if after is not None:
            state = after
            continue
        missing = model.way(state, name)
        if missing:
            yield Misplaced(at=index, missing=tuple(missing))
            step = model.step(model.state_of(state, missing), name)
            state = state if step is None else step
            continue
        yield Misplaced(at=index, unexpected=True, known=any(element.name == name for element in model.elements))
    rest = model.way(state, None)
    if rest:
        yield Misplaced(at=None, missing=tuple(rest))
