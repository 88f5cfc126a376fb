"""Calls to addresses of strangers: never inward, bounded in bytes and in time, and nothing but our own error comes out."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

import signing
from edo_service.adapters import outbound
from edo_service.adapters.outbound import Outbound, is_public
from edo_service.errors import Unavailable

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
Speak = Callable[[socket.socket, threading.Event], None]


@contextmanager
def server(speak: Speak) -> Iterator[str]:
    """A server of one connection on loopback that speaks as it is told."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            with listening.accept()[0] as connection:
                connection.recv(65536)
                speak(connection, over)
        except OSError:  # the client has gone
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        listening.close()
        thread.join(240)


def get(base: str, **options: float) -> bytes | None:
    there = Outbound(mapped={"pki.test": base}, **options)
    return there.fetch(signing.FetchRequest(kind="crl", url="http://pki.test/a.crl"))


def saying(answer: bytes) -> Speak:
    return lambda connection, _over: connection.sendall(answer)


def test_an_answer_comes_back_and_a_failure_is_nothing() -> None:
    with server(saying(OK + b"\r\nCRL")) as base:
        assert get(base) == b"CRL"
    for answer in (
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx",
        OK + b"Content-Encoding: gzip\r\n\r\nx",
        OK + b"Content-Length: 10\r\n\r\nx",
        b"nonsense\r\n\r\n",
        b"",
    ):
        with server(saying(answer)) as base:
            assert get(base) is None, answer


def test_a_large_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "MAX_BYTES", 1000)
    with server(saying(OK + b"\r\n" + b"x" * 1000)) as base:
        assert get(base) == b"x" * 1000
    with server(saying(OK + b"\r\n" + b"x" * 1001)) as base:
        assert get(base) is None


@pytest.mark.parametrize("start", [b"", OK, OK + b"\r\n"])
def test_a_dripping_answer_ends_at_the_deadline(start: bytes) -> None:
    """Every drop comes within the time-out; without the deadline this would never end."""

    def drip(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(0.01):
            connection.sendall(b"x")

    with server(drip) as base:
        assert get(base, timeout=5.0, deadline=0.3) is None


def test_who_asks_may_want_it_sooner() -> None:
    """The seconds of the request count where they are fewer than the deadline, from the look-up of the name on."""

    def drip(connection: socket.socket, over: threading.Event) -> None:
        while not over.wait(0.01):
            connection.sendall(b"x")

    with server(drip) as base:
        there = Outbound(mapped={"pki.test": base}, deadline=3600)
        assert there.fetch(signing.FetchRequest(kind="crl", url="http://pki.test/a.crl", seconds=0.3)) is None


def test_a_slow_name_server_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def slow(*_args: object, **_options: object) -> list[object]:
        over.wait(600)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    request = signing.FetchRequest(kind="crl", url="http://hostile.example/a.crl", seconds=0.1)
    assert Outbound().fetch(request) is None
    assert not over.is_set()
    over.set()


def test_no_thread_is_left_behind() -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        with server(saying(OK + b"\r\nCRL")) as base:
            get(base, deadline=60.0)
    left = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and thread not in before]
    for thread in left:
        thread.join(120)
    assert not [thread for thread in left if thread.is_alive()]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104 - nothing is bound
        "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd12::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:7f00:1",
        "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_inner_addresses_in_every_dress_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "77.88.8.8", "2a02:6b8::feed:ff", "::ffff:8.8.8.8"])
def test_public_addresses_are_let_through(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/", "http://127.1/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://0/", "https://127.0.0.1/",
        "http://user:word@127.0.0.1/", "http://127.0.0.1:99999/", "http://127.0.0.1#@example.org/",
    ],
)  # fmt: skip
def test_urls_that_lead_inward_are_refused_before_a_connection(url: str) -> None:
    with pytest.raises(Unavailable) as caught:
        Outbound()._target(url, seconds=5)
    assert caught.value.code in {"outbound.inner_address", "outbound.unknown_host"}


def test_one_inner_answer_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("8.8.8.8", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    with pytest.raises(Unavailable):
        Outbound()._target("http://example.org/", seconds=5)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a02:6b8::1"])
def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [(2, 1, 6, "", (address, 443))])
    target, headers, extensions = Outbound()._target("https://ca.example.org:8443/a?b=c", seconds=5)
    assert target.host == address
    assert (target.port, target.raw_path) == (8443, b"/a?b=c")
    assert headers == {"Host": "ca.example.org:8443"}
    assert extensions == {"sni_hostname": "ca.example.org"}


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.org/", "file:///etc/passwd", "http://", "//x", "http://x\x00/", "gopher://x/", "http:///a"],
)
def test_other_addresses_are_bad(url: str) -> None:
    with pytest.raises(Unavailable):
        Outbound()._target(url, seconds=5)


@given(host=st.text(max_size=80), rest=st.text(max_size=20))
def test_no_address_in_a_certificate_breaks_the_judging(host: str, rest: str) -> None:
    def nobody(*_args: object, **_options: object) -> list[object]:
        host.encode("idna")  # what the resolver does first
        raise socket.gaierror

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", nobody)
        for url in (f"http://{host}/{rest}", host + rest):
            assert Outbound(timeout=0.1).fetch(signing.FetchRequest(kind="crl", url=url)) is None


def test_a_tsa_that_cannot_be_reached_is_the_signers_error() -> None:
    with pytest.raises(signing.TimestampFailed):
        Outbound().post("http://127.0.0.1:1/tsa", b"x", "application/timestamp-query")
