"""kill -9 of Taxcom's sandbox while documents are being sent: nothing accepted is lost, nothing repeated is doubled."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from operators.errors import OperatorError
from operators.port import EntityKind, Send
from operators.sandbox import Faults, create_taxcom_app
from tests.operators.parts import HandClock, KeyNotary, Sandbox, Stage
from tests.operators.taxcom_world import KIND
from tests.operators.test_operator_processes import BOUND, Process
from tests.operators.worlds import World

KILLS = 6
THREADS = 3


@pytest.mark.soak
@pytest.mark.crash
def test_what_taxcom_accepted_is_there_once_after_kills(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    state, signer, stage = tmp_path / "state" / "sandbox.sqlite", KeyNotary("Участник"), Stage()
    begun: list[Send] = []
    accepted: list[Send] = []
    try:
        for round_ in range(1, KILLS + 1):
            _send_until_the_kill(state, signer, begun, accepted, wanted=4 * round_)
        world = World(KIND, stage.open(state, face=create_taxcom_app), signer)
        assert all(world.operator.look_up(action) for action in accepted)
        for action in begun:  # those whose answer was lost are sent again under their own ids
            world.do(action)
        kinds = [each for event in world.feed(world.buyer) for each in event.entities if each.kind is EntityKind.TITLE]
        arrived = sorted(world.operator.content(each.ref) for each in kinds)
        assert arrived == sorted(action.document.content for action in begun)
        world.close()
    finally:
        stage.close()
    record_property("taxcom_kills", KILLS)
    record_property("taxcom_documents", len(begun))


def _send_until_the_kill(
    state: Path, signer: KeyNotary, begun: list[Send], accepted: list[Send], *, wanted: int
) -> None:
    victim = Process(state, "taxcom")
    try:
        victim.wait_ready()
        world = World(KIND, Sandbox(url=victim.url, faults=Faults(), clock=HandClock()), signer)
        enough = threading.Event()

        def send() -> None:
            while True:
                action = world.upd()
                begun.append(action)
                try:
                    world.do(action)
                except OperatorError:
                    return
                accepted.append(action)
                if len(accepted) >= wanted:
                    enough.set()

        threads = [threading.Thread(target=send) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        assert enough.wait(BOUND)
        victim.end(signal.SIGKILL)
        for thread in threads:
            thread.join(BOUND)
        world.close()
    finally:
        if victim.running.poll() is None:
            victim.end(signal.SIGKILL)
