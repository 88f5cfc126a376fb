"""A peer that is slow, cut off or no peer at all: a call ends in time and says what is known of its outcome."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import httpcore2
import httpx2
import pytest

from operators import errors
from operators.errors import OperatorError
from operators.guards import Safeguards
from operators.punctual import Deadline, PunctualBackend, PunctualStream
from operators.wire import Manners, Outside, Request, Wire
from tests.operators.parts import HandClock

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = 0.3

Script = Callable[[], Iterable[bytes]]


class Line:
    """A server on loopback that answers each request of each connection by the script of the moment, piece by piece."""

    def __init__(self) -> None:
        self.script: Script = lambda: [OK]
        self.stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def drip(self, first: bytes, piece: bytes) -> Script:
        """Say the first bytes, then a piece again and again, as long as anybody listens."""

        def says() -> Iterator[bytes]:
            yield first
            while not self.stop.wait(0.01):
                yield piece

        return says

    def close(self) -> None:
        self.stop.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # wakes the listener up
        for each in self._threads:
            each.join()
        self._listener.close()

    def _listen(self) -> None:
        while not self.stop.is_set():
            opened, _ = self._listener.accept()
            self._threads.append(threading.Thread(target=self._talk, args=(opened,)))
            self._threads[-1].start()

    def _talk(self, opened: socket.socket) -> None:
        with opened:
            try:
                while opened.recv(65536):
                    for piece in self.script():
                        opened.sendall(piece)
            except OSError:
                return  # nobody listens any more


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.fixture
def talk(line: Line) -> Iterator[Wire]:
    """A wire with an open connection to the line."""

    def judge(response: httpx2.Response, request: Request, now: datetime) -> OperatorError | None:
        return None if response.status_code == 200 else errors.RateLimited("429")

    manners = Manners(operator="2XX", account="someone", judge=judge, trace_header="X-Trace")
    made = Wire(f"http://127.0.0.1:{line.port}", manners, Outside(clock=HandClock(), guards=Safeguards(deadline=60)))
    assert made.once(asking(write=False), {}).content == b"ok"
    yield made
    line.stop.set()
    made.close()


def asking(*, write: bool) -> Request:
    return Request(method="POST" if write else "GET", path="/", name="/", write=write)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
    ids=["headers", "body", "chunks", "hints"],
)
def test_a_byte_at_a_time_ends_with_the_deadline(line: Line, talk: Wire, first: bytes, piece: bytes) -> None:
    line.script = line.drip(first, piece)
    talk._deadline.seconds = SHORT
    with pytest.raises(errors.OutcomeUnknown, match="within"):
        talk.once(asking(write=True), {})
    assert not line.stop.is_set(), "the peer was still talking"


def test_a_read_that_came_too_slowly_is_not_begun_anew_at_once(line: Line, talk: Wire) -> None:
    line.script = line.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"a")
    talk._deadline.seconds = SHORT
    with pytest.raises(errors.Temporary) as caught:
        talk.with_repeats(asking(write=False), {})
    assert caught.value.retry_after == 60


@pytest.mark.parametrize(
    ("said", "write", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", True, errors.OutcomeUnknown),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", False, errors.Temporary),
        (b"HTTP/1.1 429 Wait\r\nContent-Length: 9\r\n\r\nhalf", True, errors.RateLimited),
        (b"HTTP/1.1 200 OK\r\nContent-Le", True, errors.OutcomeUnknown),
        (b"\x16\x03\x01 not HTTP at all\r\n\r\n", False, errors.Temporary),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", False, errors.Temporary),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 200_000, False, errors.Temporary),
    ],
    ids=["body of a write", "body of a read", "body of a refusal", "headers", "noise", "length", "endless header"],
)
def test_a_cut_answer_says_what_is_known(
    line: Line, talk: Wire, said: bytes, *, write: bool, kind: type[OperatorError]
) -> None:
    def says() -> Iterator[bytes]:
        yield said
        raise OSError("cut")

    line.script = says
    with pytest.raises(OperatorError) as caught:
        talk.once(asking(write=write), {})
    assert type(caught.value) is kind


def test_tls_to_who_speaks_none_was_never_sent(line: Line) -> None:
    line.script = lambda: [b"HTTP/1.1 400 Bad\r\n\r\n"]
    manners = Manners(operator="2XX", account="a", judge=lambda *_: None, trace_header="X")
    wire = Wire(f"https://127.0.0.1:{line.port}", manners, Outside(clock=HandClock()))
    with pytest.raises(errors.Temporary, match="no connection"):
        wire.once(asking(write=True), {})
    line.stop.set()
    wire.close()


class Ready(httpcore2.NetworkStream):
    """A connection that remembers the time-outs it was given."""

    def __init__(self) -> None:
        self.given: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.given.append(timeout)
        return b"a" * min(max_bytes, 1)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        assert len(buffer) <= 64 * 1024
        self.given.append(timeout)


def test_reads_and_writes_share_the_time_of_their_call() -> None:
    now = [100.0]
    deadline, inner = Deadline(10.0, now=lambda: now[0]), Ready()
    stream = PunctualStream(inner, deadline)
    stream.read(1, 30.0)
    with deadline.running():
        stream.read(1, 30.0)
        now[0] += 7
        stream.write(b"x" * 100_000, None)
        stream.read(1, 1.0)
        now[0] += 3
        with pytest.raises(httpcore2.ReadTimeout):
            stream.read(1, 30.0)
        with pytest.raises(httpcore2.WriteTimeout):
            stream.write(b"x", 30.0)
    stream.read(1, None)
    assert inner.given == [30.0, 10.0, 3.0, 3.0, 1.0, None]


def test_httpx2_lets_its_connections_be_watched(talk: Wire) -> None:
    pool = talk._http._transport._pool  # type: ignore[attr-defined]  # what `keep_time` relies on
    assert isinstance(pool._network_backend, PunctualBackend)
