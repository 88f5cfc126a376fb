from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from operators.diadoc import DiadocCredentials, DiadocOperator
from tests.operators.parts import KeyNotary, Sandbox, served

CREDENTIALS = DiadocCredentials(client_id="any-client", login="demo", password="demo")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with served(tmp_path / "sandbox.sqlite") as running:
        yield running


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
