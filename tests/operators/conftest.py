from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from operators.diadoc import DiadocCredentials, DiadocOperator
from tests.operators.kinds import Kind
from tests.operators.parts import KeyNotary, Sandbox, Stage
from tests.operators.worlds import KINDS, World

CREDENTIALS = DiadocCredentials(client_id="any-client", login="demo", password="demo")


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The one server of this run."""
    opened = Stage()
    yield opened
    opened.close()


@pytest.fixture
def sandbox(stage: Stage, tmp_path: Path) -> Sandbox:
    """A sandbox with an empty memory."""
    return stage.open(tmp_path / "sandbox.sqlite")


@pytest.fixture
def waits() -> list[float]:
    """Pauses that the adapter asked for; nobody really waits."""
    return []


@pytest.fixture
def operator(sandbox: Sandbox, waits: list[float]) -> Iterator[DiadocOperator]:
    made = DiadocOperator(
        sandbox.url, CREDENTIALS, clock=sandbox.clock, wait=waits.append, timeouts=httpx2.Timeout(20.0)
    )
    yield made
    made.close()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every operator of the contract suite in turn."""
    found: Kind = request.param
    return found


@pytest.fixture
def world(kind: Kind, stage: Stage, tmp_path: Path, signer: KeyNotary) -> Iterator[World]:
    """An operator's sandbox whose companies know each other, with an adapter."""
    made = World(kind, stage.open(tmp_path / "sandbox.sqlite", face=kind.face), signer)
    yield made
    made.close()


@pytest.fixture
def strangers(kind: Kind, stage: Stage, tmp_path: Path, signer: KeyNotary) -> Iterator[World]:
    """The same, but nobody is anybody's counterparty yet."""
    made = World(kind, stage.open(tmp_path / "sandbox.sqlite", face=kind.face, acquainted=False), signer)
    yield made
    made.close()


@pytest.fixture(scope="session")
def signer() -> KeyNotary:
    """A participant's key."""
    return KeyNotary("Участник")
