"""The cases both profiles go through: documents on whose road the worker dies again and again.

The default suite lets a worker die at each named point of a case once (`briefly`), the soak at every place that is listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edo_service.kernel.faults import CRASH_POINTS
from tests.crash.reckoning import reckon
from tests.crash.stage import Stage

DEATHS = 3
FRESH = 2
"""So many further documents may set out for one death: the others may have passed its place while nobody was armed."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """How many documents of which kind set out, and where the worker dies on their road (roles.armed tells the notation)."""

    deaths: Sequence[str]
    invoices: int = 0
    contracts: int = 0
    refused: bool = False


def _thrice(*places: str) -> tuple[str, ...]:
    return tuple(place for place in places for _ in range(DEATHS))


CASES: Mapping[str, Case] = {
    "signing and sending": Case(
        invoices=1,
        deaths=_thrice("documents.signed", "exchange.after_intent", "exchange.after_call", "exchange.before_record"),
    ),
    "feed and journal": Case(
        invoices=1, deaths=_thrice("exchange.cursor_moved", "exchange.after_event", "journal.sealed")
    ),
    "commits": Case(
        invoices=1,
        deaths=(
            "commit.before:1@document.sign",
            "commit.after:1@document.signed",
            "commit.after:2@document.signed",
            "commit.before:1@exchange.poll",
            "commit.before:1@exchange.event",
            "commit.after:1@exchange.event",
            "commit.before:2@document.finished",
            "commit.after:1@document.finished",
        ),
    ),
    "jobs": Case(
        invoices=1,
        deaths=(
            "job.claimed:1@document.sign",
            "publish.before:1@document.sign",
            "job.finished:1@document.sign",
            "job.claimed:1@document.signed",
            "job.handled:1@document.signed",
            "job.claimed:1@exchange.event",
            "publish.before:1@exchange.event",
            "job.handled:1@exchange.event",
            "job.finished:1@exchange.event",
            "publish.before:1@exchange.poll",
            "job.handled:1@document.finished",
            "job.finished:1@document.finished",
        ),
    ),
    "archive": Case(
        invoices=2,
        deaths=_thrice("archiving.collected", "archiving.mid_deposit", "archiving.deposited", "archiving.recorded"),
    ),
    "contract": Case(contracts=1, deaths=_thrice("documents.direct")),
    "refusals": Case(
        invoices=1,
        contracts=1,
        refused=True,
        deaths=("exchange.after_call", "exchange.after_event", "documents.direct", "archiving.mid_deposit"),
    ),
}
ALL_POINTS = CRASH_POINTS


def briefly(case: Case) -> Case:
    """The same documents; of the places with one point only the first."""
    return replace(case, deaths=tuple({point_of(death): death for death in reversed(case.deaths)}.values())[::-1])


def point_of(death: str) -> str:
    """The named point of a place."""
    return death.partition("@")[0].partition(":")[0]


def deaths_at(point: str, *, brief: bool = False) -> int:
    """How many deaths of a worker the cases hold for a named point."""
    cases = [briefly(case) if brief else case for case in CASES.values()]
    return sum(point_of(death) == point for case in cases for death in case.deaths)


def kill_workers(stage: Stage, case: Case) -> None:
    """Send the documents on their road, let the worker die at each place, then let it work: the same final states."""
    began = stage.kills
    roads = [stage.new_road(refused=case.refused) for _ in range(case.invoices)]
    roads += [stage.new_road(contract=True, refused=case.refused) for _ in range(case.contracts)]
    for death in case.deaths:
        fresh = 0
        while not stage.crash(death):
            if stage.answer_what_waits(roads):
                continue
            assert fresh < FRESH, (
                f"{death} was not reached: {stage.report()}"
            )  # what is on the road has passed the place
            roads.append(stage.new_road(contract=not case.invoices, refused=case.refused))
            fresh += 1
        stage.answer_what_waits(roads)
    stage.settle(*roads)
    assert stage.kills - began == len(case.deaths)
    reckon(stage)
