"""The cases both profiles go through: documents on whose road the worker dies again and again.

The default suite lets a worker die at each named point once, on the road of few documents (`BRIEF`), the soak at every
place that is listed (`CASES`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edo_service.kernel.faults import CRASH_POINTS
from tests.crash.reckoning import reckon
from tests.crash.stage import Stage

DEATHS = 3
FRESH = 2
"""So many further documents may set out for one death: the others may have passed its place while nobody was armed."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of road."""

    contract: bool = False
    refused: bool = False


INVOICE, CONTRACT = Kind(), Kind(contract=True)
REFUSED_INVOICE, REFUSED_CONTRACT = Kind(refused=True), Kind(contract=True, refused=True)


@dataclass(frozen=True, kw_only=True)
class Case:
    """Which documents set out, and where the worker dies on their road (roles.armed tells the notation)."""

    roads: Sequence[Kind]
    deaths: Sequence[str]


def _thrice(*places: str) -> tuple[str, ...]:
    return tuple(place for place in places for _ in range(DEATHS))


CASES: Mapping[str, Case] = {
    "signing and sending": Case(
        roads=(INVOICE,),
        deaths=_thrice("documents.signed", "exchange.after_intent", "exchange.after_call", "exchange.before_record"),
    ),
    "feed and journal": Case(
        roads=(INVOICE,), deaths=_thrice("exchange.cursor_moved", "exchange.after_event", "journal.sealed")
    ),
    "commits": Case(
        roads=(INVOICE,),
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
        roads=(INVOICE,),
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
        roads=(INVOICE, INVOICE),
        deaths=_thrice("archiving.collected", "archiving.mid_deposit", "archiving.deposited", "archiving.recorded"),
    ),
    "contract": Case(roads=(CONTRACT,), deaths=_thrice("documents.direct")),
    "refusals": Case(
        roads=(REFUSED_INVOICE, REFUSED_CONTRACT),
        deaths=("exchange.after_call", "exchange.after_event", "documents.direct", "archiving.mid_deposit"),
    ),
}
BRIEF: Mapping[str, Case] = {
    "an invoice, everywhere on its road": Case(
        roads=(INVOICE,),
        deaths=(
            "job.claimed:1@document.sign",
            "commit.before:1@document.sign",
            "documents.signed",
            "publish.before:1@document.sign",
            "job.finished:1@document.sign",
            "exchange.after_intent",
            "exchange.after_call",
            "exchange.before_record",
            "commit.after:1@document.signed",
            "job.handled:1@document.signed",
            "exchange.cursor_moved",
            "exchange.after_event",
            "journal.sealed",
            "archiving.collected",
            "archiving.mid_deposit",
            "archiving.deposited",
            "archiving.recorded",
        ),
    ),
    "a contract, and both refused": Case(
        roads=(CONTRACT, REFUSED_INVOICE, REFUSED_CONTRACT),
        deaths=(
            "documents.direct",
            "documents.direct",
            "exchange.after_call",
            "exchange.after_event",
            "archiving.mid_deposit",
        ),
    ),
}
"""Each named point at least once."""
ALL_POINTS = CRASH_POINTS


def point_of(death: str) -> str:
    """The named point of a place."""
    return death.partition("@")[0].partition(":")[0]


def deaths_at(point: str, *, brief: bool = False) -> int:
    """How many deaths of a worker the cases hold for a named point."""
    return sum(point_of(death) == point for case in (BRIEF if brief else CASES).values() for death in case.deaths)


def kill_workers(stage: Stage, case: Case) -> None:
    """Send the documents on their road, let the worker die at each place, then let it work: the same final states."""
    began = stage.kills
    roads = [stage.new_road(contract=kind.contract, refused=kind.refused) for kind in case.roads]
    for death in case.deaths:
        fresh = 0
        while not stage.crash(death):
            if stage.answer_what_waits(roads):
                continue
            assert fresh < FRESH, (
                f"{death} was not reached: {stage.report()}"
            )  # what is on the road has passed the place
            roads.append(stage.new_road(contract=case.roads[0].contract, refused=case.roads[0].refused))
            fresh += 1
        stage.answer_what_waits(roads)
    stage.settle(*roads)
    assert stage.kills - began == len(case.deaths)
    reckon(stage)
