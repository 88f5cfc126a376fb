"""The file store under kill -9, a full disk and any order of operations; S3 under a server that hangs."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from archive import Expected, FileStore, RetentionRefused, StoreUnavailable, key_of, scrub
from archive.s3 import S3Store, connect
from tests.archive.conftest import Clock
from tests.archive.machine import MirrorMachine, StoreMachine

ROOT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)

_WRITER = """
import sys; sys.path.insert(0, {root!r})
from datetime import UTC, datetime, timedelta
from pathlib import Path
from archive import FileStore, key_of
class Clock:
    def now(self): return datetime(2026, 11, 22, 7, tzinfo=UTC)
store = FileStore(Path({folder!r}), Clock())
until = Clock().now() + timedelta(days=10)
for number in range({first}, 10**6):
    content = str(number).encode() * 5000
    key = store.put(key_of("e1", content), content, retain_until=until).key
    store.extend(key, until + timedelta(days=1))
    print(key, flush=True)
"""


@pytest.mark.crash
def test_a_writer_killed_many_times_loses_nothing_it_confirmed(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "archive"
    confirmed: list[str] = []
    for round_number in range(8):
        code = _WRITER.format(root=str(ROOT), folder=str(folder), first=round_number * 1000)
        writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        confirmed += [writer.stdout.readline().strip() for _ in range(1 + 3 * round_number)]
        os.kill(writer.pid, signal.SIGKILL)
        # what it printed between our last look and its death was confirmed too
        confirmed += writer.stdout.read().split()
        writer.wait()
        writer.stdout.close()
    store = FileStore(folder, clock)
    until = clock.now() + 11 * DAY
    expected = [Expected(key=key, retain_until=until) for key in confirmed if len(key) == 67]
    findings = [finding for finding in scrub(store, expected).findings if finding.kind != "orphan"]
    # at most the one part under way at each kill may lack its record; putting it again heals it
    assert len(expected) >= 90
    assert len(findings) <= 8
    assert not {finding.key for finding in findings} & {item.key for item in expected}
    assert {finding.kind for finding in findings} <= {"record_damaged"}
    for finding in findings:
        content = store.get(finding.key)
        store.put(finding.key, content, retain_until=until)
    assert scrub(store, None).sound


_FULL = """
import resource, signal, sys; sys.path.insert(0, {root!r})
from datetime import UTC, datetime, timedelta
from pathlib import Path
from archive import FileStore, StoreUnavailable, key_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
class Clock:
    def now(self): return datetime(2026, 11, 22, 7, tzinfo=UTC)
store = FileStore(Path({folder!r}), Clock())
small, large = b"small", bytes(100_000)
until = Clock().now() + timedelta(days=10)
store.put(key_of("e1", small), small, retain_until=until)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
failed = 0
for act in (
    lambda: store.put(key_of("e1", large), large, retain_until=until),
    lambda: store.put_all([(key_of("e1", one), one) for one in (b"other", large)], retain_until=until),
    lambda: store.extend(key_of("e1", small), until + timedelta(days=1)),
):
    try: act()
    except StoreUnavailable: failed += 1
print(failed)
"""


@pytest.mark.parametrize(("limit", "failures"), [(50_000, 2), (250, 3)])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, clock: Clock, limit: int, failures: int) -> None:
    code = _FULL.format(root=str(ROOT), folder=str(tmp_path / "archive"), limit=limit)
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(failures), done.stderr
    store = FileStore(tmp_path / "archive", clock)
    assert scrub(store, None).sound
    large = bytes(100_000)
    until = clock.now() + 10 * DAY
    assert store.put(key_of("e1", large), large, retain_until=until).created
    store.extend(key_of("e1", b"small"), until + 2 * DAY)
    assert scrub(store, None).sound


class TestStoreMachine(StoreMachine.TestCase):
    settings = settings(max_examples=20, stateful_step_count=20)


class TestMirrorMachine(MirrorMachine.TestCase):
    settings = settings(max_examples=5, stateful_step_count=15)


def test_a_server_that_hangs_ends_in_an_error_in_bounded_time(clock: Clock) -> None:
    """It accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = connect(
            f"127.0.0.1:{listener.getsockname()[1]}", access_key="a", secret_key="b", secure=False, seconds=0.2
        )
        store = S3Store(client, "bucket", clock)
        key = key_of("e1", b"x")
        began = time.monotonic()
        for act in (lambda: store.put(key, b"x", retain_until=clock.now() + DAY), lambda: store.get(key)):
            with pytest.raises(StoreUnavailable):
                act()
        assert time.monotonic() - began < 60, "without a bound of its own it would hang for ever"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n", b"garbage\r\n\r\n", b""])
def test_a_server_that_answers_nonsense_ends_in_an_error(clock: Clock, answer: bytes) -> None:
    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        client = connect(
            f"127.0.0.1:{listener.getsockname()[1]}", access_key="a", secret_key="b", secure=False, seconds=0.5
        )
        store = S3Store(client, "bucket", clock)
        with pytest.raises(StoreUnavailable):
            store.get(key_of("e1", b"x"))
        with pytest.raises(StoreUnavailable):
            list(store.keys(""))
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(240)


def test_the_clock_of_the_machine_set_back_does_not_shorten_anything(file_store: FileStore, clock: Clock) -> None:
    key = key_of("e1", b"x")
    file_store.put(key, b"x", retain_until=clock.now() + DAY)
    clock.move(-400 * DAY)
    with pytest.raises(RetentionRefused):
        file_store.extend(key, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(RetentionRefused):
        file_store.delete(key)
