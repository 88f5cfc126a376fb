from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from operators.diadoc import DiadocCredentials, DiadocOperator
from tests.operators.parts import KeyNotary, Sandbox, Stage

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


@pytest.fixture(scope="session")
def signer() -> KeyNotary:
    """A participant's key."""
    return KeyNotary("Участник")
