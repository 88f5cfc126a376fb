"""Limits, the circuit breaker and the observer around the calls of an adapter."""

import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from edo_service.web.security.limits import MemoryRateLimiter
from operators import errors
from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.guards import Breaker, FileThrottle, LocalThrottle, Observation, Safeguards, SharedRate, Throttle
from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import Fault, FaultRule, create_saby_app
from tests.operators.parts import SELLER, HandClock, Sandbox, Stage

ROOT = Path(__file__).resolve().parents[2]
TAKE = """
import sys
from pathlib import Path
from operators.guards import FileThrottle
throttle = FileThrottle(Path(sys.argv[1]), threads=int(sys.argv[2]), per_second=int(sys.argv[3]))
sys.stdin.readline()
for _ in range(int(sys.argv[4])):
    with throttle.turn("2BM/someone"):
        if sys.argv[5] == "hold":
            print("held", flush=True)
            sys.stdin.readline()
"""


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that takes turns once it is told to."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", TAKE, *map(str, arguments)]
        made = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        running.append(made)
        return made

    yield begin
    for each in running:
        each.kill()
        each.communicate()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_rate_is_counted_over_processes(tmp_path: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    processes = [start(tmp_path, 4, 10, 13, "go") for _ in range(2)]
    began = time.monotonic()
    for each in processes:
        tell(each)
    for each in processes:
        assert each.wait(120) == 0
    assert time.monotonic() - began >= 1.9, "26 starts at 10 a second take two full seconds after the first ten"


def test_threads_are_counted_over_processes_and_a_killed_one_leaves_nothing(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    holders = [start(tmp_path, 2, 100, 1, "hold") for _ in range(2)]
    for each in holders:
        tell(each)
        assert each.stdout is not None
        assert each.stdout.readline() == "held\n"
    hasty = FileThrottle(tmp_path, threads=2, patience=0.1)
    with pytest.raises(TimeoutError), hasty.turn("2BM/someone"):
        pass
    with hasty.turn("2BE/someone"):
        pass
    holders[0].kill()
    holders[0].wait(60)
    with FileThrottle(tmp_path, threads=2, patience=60).turn("2BM/someone"):
        pass


def test_a_clock_that_was_set_back_does_not_stop_the_world(tmp_path: Path) -> None:
    throttle = FileThrottle(tmp_path, per_second=3, patience=0.5)
    with throttle.turn("2BM/someone"):
        pass
    (starts,) = tmp_path.glob("*.starts")
    starts.write_bytes(struct.pack("<3d", *[time.time() + 3_600] * 3))
    for _ in range(3):
        with throttle.turn("2BM/someone"):
            pass
    assert all(at <= time.time() for (at,) in struct.iter_unpack("<d", starts.read_bytes()))


def test_a_pause_that_the_operator_wants_is_kept_by_every_call() -> None:
    clock, seen = HandClock(), list[Observation]()
    guards = Safeguards(breaker=Breaker(clock), observe=seen.append)

    def ask(error: errors.OperatorError | None = None) -> None:
        with guards.watch("2BM", "someone", "a call") as answer:
            answer.status = 200 if error is None else 429
            if error is not None:
                raise error

    with pytest.raises(errors.RateLimited):
        ask(errors.RateLimited("429", retry_after=20))
    clock.move(timedelta(seconds=15))
    with pytest.raises(errors.RateLimited, match="pause") as caught:
        ask()
    assert caught.value.retry_after == 5
    assert [(one.outcome, one.status) for one in seen] == [("RateLimited", 429), ("RateLimited", None)], (
        "nothing was asked"
    )
    clock.move(timedelta(seconds=5))
    ask()
    with pytest.raises(errors.RateLimited):
        ask(errors.RateLimited("429", retry_after=86_400))
    clock.move(timedelta(minutes=5))
    ask()


def test_limits_that_cannot_be_counted_send_nothing(tmp_path: Path) -> None:
    guards = Safeguards(throttle=FileThrottle(tmp_path / "gone"))
    (tmp_path / "gone").rmdir()
    with pytest.raises(errors.RateLimited, match="counted"), guards.watch("2BM", "someone", "a call"):
        pytest.fail("it was sent")


def test_a_fault_of_ours_is_not_observed_as_success() -> None:
    seen: list[Observation] = []
    with pytest.raises(KeyError), Safeguards(observe=seen.append).watch("2BM", "someone", "a call"):
        raise KeyError
    assert [each.outcome for each in seen] == ["broken"]


def test_folder_of_limits_names_nobody(tmp_path: Path) -> None:
    with FileThrottle(tmp_path).turn("2BM/accountant@example.test"):
        assert len(list(tmp_path.iterdir())) == 2
    assert not any("accountant" in each.name or b"accountant" in each.read_bytes() for each in tmp_path.iterdir())


@pytest.mark.parametrize("make", [LocalThrottle, None], ids=["local", "files"])
def test_no_more_than_four_at_once(make: type[LocalThrottle] | None, tmp_path: Path) -> None:
    throttle: Throttle = FileThrottle(tmp_path) if make is None else make()
    lock, four, inside, most = threading.Lock(), threading.Event(), 0, 0

    def work(_: int) -> None:
        nonlocal inside, most
        with throttle.turn("a"):
            with lock:
                inside += 1
                most = max(most, inside)
                if inside == 4:
                    four.set()
            assert four.wait(120)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(10)))
    assert most == 4


def test_local_rate_waits_for_the_oldest_start() -> None:
    now, waited = [100.0], []

    def wait(seconds: float) -> None:
        waited.append(round(seconds, 6))
        now[0] += seconds

    throttle = LocalThrottle(per_second=2, now=lambda: now[0], wait=wait)
    for _ in range(2):
        with throttle.turn("a"):
            pass
        now[0] += 0.25
    with throttle.turn("b"):
        pass
    assert waited == []
    with throttle.turn("a"):
        pass
    assert waited == [0.5]


def test_rate_can_be_counted_where_all_machines_see_it(tmp_path: Path) -> None:
    now, waited = [0.0], []

    def wait(seconds: float) -> None:
        waited.append(round(seconds, 6))
        now[0] += seconds

    window = MemoryRateLimiter(now=lambda: now[0])
    first, second = (
        SharedRate(window.take, FileThrottle(tmp_path / name), per_second=2, patience=5, wait=wait) for name in "ab"
    )
    for throttle in (first, second, first, second):
        with throttle.turn("a"):
            now[0] += 0.1
    assert waited == [0.8], "the third start waits until the first is a second old; by then the second nearly is"
    hasty = SharedRate(window.take, LocalThrottle(), per_second=2, patience=0.1, wait=wait)
    with pytest.raises(TimeoutError), hasty.turn("a"):
        pass


def test_our_own_limits_say_nothing_of_the_operator() -> None:
    breaker, throttle = Breaker(HandClock(), failures=2), LocalThrottle(threads=1, patience=0.01)
    guards = Safeguards(breaker=breaker, throttle=throttle)

    def fail() -> None:
        with guards.watch("2BM", "a", "call"):
            raise errors.Temporary("x")

    with pytest.raises(errors.Temporary):
        fail()
    with throttle.turn("2BM/a"), pytest.raises(errors.RateLimited):
        fail()
    with pytest.raises(errors.Temporary):
        fail()
    assert breaker.is_open


def test_breaker_opens_tries_once_and_closes() -> None:
    clock = HandClock()
    breaker = Breaker(clock, failures=3, pause=timedelta(seconds=30))
    for _ in range(2):
        breaker.note(errors.Temporary("x"))
    breaker.note(errors.Conflict("a refusal is an answer"))
    for _ in range(3):
        assert breaker.wait_needed() is None
        breaker.note(errors.OutcomeUnknown("x"))
    assert breaker.is_open
    clock.move(timedelta(seconds=10))
    assert breaker.wait_needed() == 20.0
    clock.move(timedelta(seconds=20))
    assert breaker.wait_needed() is None, "one call tries"
    assert breaker.wait_needed() == 30.0, "the others wait for its outcome"
    breaker.note(errors.Temporary("x"))
    assert breaker.wait_needed() == 30.0
    clock.move(timedelta(seconds=30))
    assert breaker.wait_needed() is None
    breaker.note(None)
    assert breaker.wait_needed() is None
    assert not breaker.is_open


@pytest.mark.parametrize("name", ["diadoc", "saby"])
def test_adapter_stops_asking_and_tells_what_it_did(name: str, stage: Stage, tmp_path: Path) -> None:
    seen: list[Observation] = []
    sandbox: Sandbox = stage.open(tmp_path / "a.sqlite", **({"face": create_saby_app} if name == "saby" else {}))
    breaker = Breaker(sandbox.clock, failures=3, pause=timedelta(seconds=60))
    guards = Safeguards(throttle=FileThrottle(tmp_path / "limits"), breaker=breaker, observe=seen.append)
    made: DiadocOperator | SabyOperator
    if name == "diadoc":
        credentials = DiadocCredentials(client_id="c", login="demo", password="demo")
        made = DiadocOperator(sandbox.url, credentials, clock=sandbox.clock, wait=lambda _: None, guards=guards)
        box, feed = SELLER.box_id, "/V8/GetNewEvents"
    else:
        made = SabyOperator(
            sandbox.url,
            SabyCredentials(login="demo", password="demo"),
            clock=sandbox.clock,
            wait=lambda _: None,
            guards=guards,
        )
        box, feed = f"{SELLER.inn}-{SELLER.kpp}@{SELLER.participant_id}", "СБИС.СписокИзменений"
    made.events(box, None)
    assert [(each.call, each.outcome, each.status) for each in seen][-1] == (feed, "ok", 200)
    assert all(each.operator == made.code and each.seconds > 0 for each in seen)
    sandbox.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path=feed.removeprefix("/"), times=3))
    with pytest.raises(errors.Temporary):
        made.events(box, None)
    assert [(each.outcome, each.status) for each in seen][-3:] == [("Temporary", 500)] * 3
    asked = len(seen)
    with pytest.raises(errors.Temporary, match="not asked") as caught:
        made.events(box, None)
    assert caught.value.retry_after == 60.0
    assert [(one.outcome, one.status) for one in seen[asked:]] == [("Temporary", None)], "nothing was asked"
    sandbox.clock.move(timedelta(seconds=60))
    assert made.events(box, None).items == ()
    assert not breaker.is_open
    made.close()


def test_no_turn_in_time_means_that_nothing_was_sent(sandbox: Sandbox) -> None:
    throttle = LocalThrottle(threads=1, patience=0.05)
    credentials = DiadocCredentials(client_id="c", login="demo", password="demo")
    made = DiadocOperator(
        sandbox.url, credentials, clock=sandbox.clock, wait=lambda _: None, guards=Safeguards(throttle=throttle)
    )
    with throttle.turn("2BM/demo"), pytest.raises(errors.RateLimited):
        made.check_connection()
    assert len(made.check_connection()) == 3
    made.close()
