"""The sandbox's memory: two processes over one file, a restart, kill -9 in the middle of work."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from operators.diadoc import DiadocOperator
from operators.errors import OperatorError
from operators.port import EntityKind, Send
from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import create_saby_app
from tests.operators.conftest import CREDENTIALS
from tests.operators.parts import BUYER, SELLER, HandClock, KeyNotary, Stage, upd_to_send
from tests.operators.test_operator_contract import do, feed

ROOT = Path(__file__).resolve().parents[2]
BOUND = 60.0


class Process:
    """A sandbox in its own process."""

    def __init__(self, state: Path, face: str) -> None:
        self.state = state
        script = str(Path(__file__).with_name("sandbox_process.py"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            handed = listener.fileno()
            self.running = subprocess.Popen(
                [sys.executable, script, str(handed), str(state), face], cwd=ROOT, env=environment, pass_fds=[handed]
            )

    def wait_ready(self) -> None:
        deadline = time.monotonic() + BOUND
        while time.monotonic() < deadline:
            assert self.running.poll() is None, "the sandbox has ended by itself"
            try:
                if httpx2.get(f"{self.url}/_sandbox/health").status_code == 200:
                    return
            except httpx2.TransportError:
                self.running_for(0.05)
        raise AssertionError("the sandbox did not answer in time")

    def running_for(self, seconds: float) -> None:
        """Give the process time, and notice when it ends."""
        try:
            self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def end(self, how: signal.Signals) -> None:
        self.running.send_signal(how)
        self.running.wait(BOUND)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(face: str = "diadoc") -> Process:
        started.append(Process(tmp_path / "state" / "sandbox.sqlite", face))
        return started[-1]

    yield start
    for each in started:
        if each.running.poll() is None:
            each.end(signal.SIGKILL)


@pytest.mark.crash
def test_accepted_is_visible_after_kill_and_restart(
    processes: Callable[..., Process], stage: Stage, signer: KeyNotary
) -> None:
    victim, witness = processes(), processes()  # both make the same file at once
    victim.wait_ready()
    witness.wait_ready()
    clock = HandClock()
    sender = DiadocOperator(victim.url, CREDENTIALS, clock=clock, wait=lambda _: None)
    reader = DiadocOperator(witness.url, CREDENTIALS, clock=clock)
    accepted: dict[str, str] = {}
    enough = threading.Event()

    def send_until_it_dies() -> None:
        while True:
            action = upd_to_send()
            try:
                sent = do(sender, action, signer)
            except OperatorError:
                return
            accepted[sent.message_id] = sha256(action.document.content).hexdigest()
            if len(accepted) >= 3:
                enough.set()

    threads = [threading.Thread(target=send_until_it_dies) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert enough.wait(BOUND)
    do(reader, upd_to_send(), signer)  # the other process writes into the same file meanwhile
    victim.end(signal.SIGKILL)
    for thread in threads:
        thread.join(BOUND)

    _all_there(reader, witness.url, accepted)
    witness.end(signal.SIGTERM)
    assert witness.running.returncode in {0, -signal.SIGTERM}
    sender.close()
    reader.close()

    restarted = stage.open(victim.state)
    again = DiadocOperator(restarted.url, CREDENTIALS, clock=clock)
    _all_there(again, restarted.url, accepted)
    do(again, upd_to_send(), signer)
    again.close()


@pytest.mark.crash
def test_what_saby_executed_is_there_once_after_a_kill(
    processes: Callable[..., Process], stage: Stage, signer: KeyNotary
) -> None:
    victim = processes("saby")
    victim.wait_ready()
    seller, buyer = (f"{each.inn}-{each.kpp}@{each.participant_id}" for each in (SELLER, BUYER))
    credentials, clock = SabyCredentials(login="demo", password="demo"), HandClock()
    sender = SabyOperator(victim.url, credentials, clock=clock, wait=lambda _: None)
    begun: list[Send] = []
    accepted: list[Send] = []
    enough = threading.Event()

    def send_until_it_dies() -> None:
        while True:
            action = replace(upd_to_send(), from_box=seller, to_box=buyer)
            begun.append(action)
            try:
                do(sender, action, signer)
            except OperatorError:
                return
            accepted.append(action)
            if len(accepted) >= 3:
                enough.set()

    threads = [threading.Thread(target=send_until_it_dies) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert enough.wait(BOUND)
    victim.end(signal.SIGKILL)
    for thread in threads:
        thread.join(BOUND)
    sender.close()

    again = SabyOperator(stage.open(victim.state, face=create_saby_app).url, credentials, clock=clock)
    assert all(again.look_up(action) for action in accepted)
    for action in begun:  # those whose answer was lost are sent again under their own ids: nothing is doubled
        do(again, action, signer)
    arrived = [
        again.content(each.ref)
        for event in feed(again, buyer)
        for each in event.entities
        if each.kind is EntityKind.TITLE
    ]
    assert sorted(arrived) == sorted(action.document.content for action in begun)
    again.close()


def _all_there(operator: DiadocOperator, url: str, accepted: dict[str, str]) -> None:
    """Everything that was answered with success is whole on both sides and counted once; nothing is half."""
    for box, parts in ((SELLER.box_id, 4), (BUYER.box_id, 4)):
        messages = {event.message_id for event in feed(operator, box) if event.from_box}
        assert set(accepted) <= messages
        for message_id in messages:
            assert len(operator.message(box, message_id)) == parts
    counts = httpx2.get(f"{url}/_sandbox/counts").json()["accepted"]
    assert set(counts.values()) == {1}
    for message_id, digest in accepted.items():
        assert f"document:{digest}" in counts
        (title,) = [each for each in operator.message(BUYER.box_id, message_id) if each.kind is EntityKind.TITLE]
        assert sha256(operator.content(title.ref)).hexdigest() == digest
    assert len(counts) == len({event.message_id for event in feed(operator, SELLER.box_id)})
