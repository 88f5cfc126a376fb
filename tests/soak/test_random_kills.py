"""kill -9 at random moments, by a seed: portal, workers, clock, PostgreSQL, RabbitMQ and the S3 gateway, while documents travel.

`EDO_SOAK_SEED` repeats a run (its choices; the moments themselves depend on the machine). What is counted goes into
docs/soak.json.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import NoReturn

import pytest

from edo_service.kernel.faults import CRASH_POINTS
from edo_service.settings import Settings
from scripts.services.processes import free_ports
from tests.crash import roles
from tests.crash.reckoning import reckon
from tests.crash.servers import OwnServers, full_settings, own_servers
from tests.crash.stage import PACE, Road, Stage, staged

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
KILLS = 105
TOGETHER = 4
"""Documents on the road at the same time."""
LONGEST_WAIT = 8.0
STEP = 0.02


@dataclass(kw_only=True)
class Fate:
    """Who lives, who is killed next and when; `servers` only in the full profile."""

    stage: Stage
    dice: random.Random
    servers: OwnServers | None = None
    crew: dict[str, BaseProcess] = field(default_factory=dict)
    roads: list[Road] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    _port: int = field(default_factory=lambda: free_ports(1)[0])

    def hire(self, name: str, spec: str | None = None) -> None:
        """Start one of the processes anew, sometimes armed with a crash point."""
        if name == "portal":  # embedded: worker and clock live in it
            settled = self.stage.start(roles.serving, spec, self._port)
        else:
            settled = self.stage.start(getattr(roles, name), spec)
        self.crew[name] = settled

    def send_out(self) -> None:
        """Keep some documents on the road, of any kind and end."""
        self.roads = [road for road in self.roads if not self.stage.is_final(road)]
        while len(self.roads) < TOGETHER:
            self.roads.append(
                self.stage.new_road(contract=self.dice.random() < 0.25, refused=self.dice.random() < 0.25)
            )
        self.stage.answer_what_waits(self.roads)

    def strike(self) -> None:
        """Kill somebody -9 after a random stretch of work and put another in the place."""
        name = self.dice.choice(sorted(self.crew))
        if self.servers is not None and self.dice.random() < 0.12:
            name = self.dice.choice(["postgres", "postgres", "rabbitmq", "gateway", "gateway", "gateway"])
        self._let_work(self.dice.choice([0, 0, 1, 2, 3, 5, 8]))
        if name in self.crew:
            self.stage.kill(self.crew[name])
            self.hire(name, self._spec() if self.dice.random() < 0.4 else None)
        else:
            assert self.servers is not None
            server = getattr(self.servers, name)
            server.kill()
            server.start_again()
        self.killed[name] += 1

    def bury(self) -> None:
        """Count those who died of their crash points, and replace them."""
        for name, process in list(self.crew.items()):
            if not process.is_alive():
                assert process.exitcode == -9, f"{name} ended by itself with {process.exitcode}"
                self.stage.kill(process)
                self.killed[name] += 1
                self.hire(name)

    def _let_work(self, jobs: int) -> None:
        """Wait until so many more jobs have ended (or somebody died), then an instant more."""
        ends = time.monotonic() + LONGEST_WAIT
        wanted = self._ended() + jobs
        while self._ended() < wanted and time.monotonic() < ends and all(one.is_alive() for one in self.crew.values()):
            time.sleep(STEP)
        instant = time.monotonic() + self.dice.uniform(0, 0.6)
        while time.monotonic() < instant:
            time.sleep(STEP)

    def _ended(self) -> int:
        with self.stage.services.database.transaction(read_only=True) as connection:
            found = connection.exec_driver_sql(
                "select count(*) from job where state = 'done' and kind <> 'exchange.poll'"
            ).scalar_one()
        return int(found)

    def _spec(self) -> str:
        return f"{self.dice.choice(CRASH_POINTS)}:{self.dice.randint(1, 6)}"


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("EDO_SOAK_SEED") or secrets.randbelow(2**32))


def test_random_kills_on_the_embedded_profile(
    tmp_path_factory: pytest.TempPathFactory, seed: int, record_property: Callable[[str, object], None]
) -> None:
    settings = Settings(data_dir=tmp_path_factory.mktemp("soak") / "data", demo=True, **PACE)
    with staged(settings) as stage:
        fate = Fate(stage=stage, dice=random.Random(seed))
        fate.hire("portal")
        endure(fate, seed, record_property)


@pytest.mark.full
def test_random_kills_on_the_full_profile(
    tmp_path_factory: pytest.TempPathFactory,
    servers: OwnServers,
    seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    settings = full_settings(tmp_path_factory.mktemp("soak") / "data", servers, servers.s3)
    with staged(settings) as stage:
        fate = Fate(stage=stage, dice=random.Random(seed + 1), servers=servers)
        for name in ("celery_worker", "clock", "portal"):
            fate.hire(name)
        endure(fate, seed, record_property)


@pytest.fixture
def servers(unavailable: Callable[[str], NoReturn]) -> Iterator[OwnServers]:
    with own_servers(unavailable, store=True) as started:
        yield started


def endure(fate: Fate, seed: int, record: Callable[[str, object], None]) -> None:
    """Kill until there were enough, let everything come to its end, reckon, and report the counts."""
    began = time.monotonic()
    while fate.killed.total() < KILLS:
        fate.bury()
        fate.send_out()
        fate.strike()
    fate.bury()
    for name in list(fate.crew):
        fate.stage.kill(fate.crew[name])
        fate.hire(name)
    fate.stage.walk_on(*fate.stage.roads, seconds=600)
    counts = {"seed": seed, "kills": fate.killed.total(), **reckon(fate.stage)}
    print(f"{counts} of {dict(fate.killed)} in {time.monotonic() - began:.0f} s")
    for name, number in counts.items():
        record(name, number)
    for name, number in sorted(fate.killed.items()):
        record(f"kills_{name}", number)
