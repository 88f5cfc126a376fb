"""HTTP to addresses that stand in foreign certificates and settings: bounded, no redirects, never into our own network.

The address is resolved once, every answer must be public, and the connection goes to the checked address (no rebinding;
OWASP ASVS 5.0 1.3.6). Hosts of `mapped` are the exception: names of the demonstration led to a base URL of ours.
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Final, Self

import httpx2

import signing
from edo_service.errors import Unavailable

MAX_BYTES = 32 * 1024 * 1024
_LEAST: Final = 0.001
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_TUNNELS: Final = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))
"""Teredo and 6to4 carry an IPv4 address inside; NAT64, IPv4-compatible and site-local ones lie outside 2000::/3."""


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """GET and POST with a limit on the answer; Unavailable for everything that fails.

    `timeout` bounds each wait for the network, `deadline` the whole call, its name's look-up too, both in seconds.
    """

    mapped: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0
    deadline: float = 30.0

    def fetch(self, request: signing.FetchRequest) -> bytes | None:
        """Fetch evidence for `signing`: None when it cannot be had, since missing evidence is a verdict, not an error."""
        try:
            return self._call(request.url, request.body, request.content_type, seconds=request.seconds)
        except Unavailable:
            return None

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        """POST, as the RFC 3161 client needs it. Raises signing.TimestampFailed when the TSA cannot be reached."""
        try:
            return self._call(url, body, content_type)
        except Unavailable as error:
            raise signing.TimestampFailed(str(error)) from error

    def _call(self, url: str, body: bytes | None, content_type: str | None, *, seconds: float | None = None) -> bytes:
        ends = time.monotonic() + (self.deadline if seconds is None else min(self.deadline, seconds))
        target, headers, extensions = self._target(url, seconds=ends - time.monotonic())
        headers["Accept-Encoding"] = "identity"
        if content_type:
            headers["Content-Type"] = content_type
        method = "GET" if body is None else "POST"
        left = max(ends - time.monotonic(), _LEAST)
        try:
            with (
                _Deadline(left) as deadline,
                httpx2.Client(
                    timeout=min(self.timeout, left), follow_redirects=False, trust_env=False, verify=_trusted()
                ) as client,
                client.stream(
                    method, target, content=body, headers=headers, extensions={**extensions, "trace": deadline.trace}
                ) as answer,
            ):
                if answer.status_code != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise Unavailable("outbound.refused", url=url, status=answer.status_code)
                content = _bounded(answer, url)
        except httpx2.HTTPError as error:
            raise Unavailable("outbound.silent", url=url, reason=type(error).__name__) from error
        if deadline.is_over:  # an answer without a length ends where it was cut
            raise Unavailable("outbound.silent", url=url, reason="deadline")
        return content

    def _target(self, url: str, *, seconds: float) -> tuple[httpx2.URL, dict[str, str], dict[str, Any]]:
        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise Unavailable("outbound.bad_url", url=url) from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise Unavailable("outbound.bad_url", url=url)
        base = self.mapped.get(parsed.host)
        if base is not None:
            return httpx2.URL(base.rstrip("/") + parsed.raw_path.decode("ascii")), {}, {}
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        address = _public_address(parsed.host, port, seconds=seconds)
        return parsed.copy_with(host=address), {"Host": parsed.netloc.decode("ascii")}, {"sni_hostname": parsed.host}


@cache
def _trusted() -> ssl.SSLContext:
    """The system's certificates, read once a process: reading them takes longer than a call on loopback."""
    return httpx2.create_ssl_context(trust_env=False)


class _Deadline:
    """Cuts the connection when the whole call has lasted too long: a read's time-out does not bound a dripping answer."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._twins: list[socket.socket] = []
        self.is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for twin in self._twins:
                twin.close()
            self._twins.clear()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of the connection (httpcore's `trace`): a twin of its socket can be shut down from another thread."""
        if event != "connection.connect_tcp.complete":
            return
        with self._lock:
            twin = info["return_value"].get_extra_info("socket").dup()
            self._twins.append(twin)
            if self.is_over:
                _shut(twin)

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            for twin in self._twins:
                _shut(twin)


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was faster
        return


def _public_address(host: str, port: int, *, seconds: float) -> str:
    addresses = _look_up(host, port, seconds=seconds)
    if not addresses or not all(is_public(address) for address in addresses):
        raise Unavailable("outbound.inner_address", host=host)
    return addresses[0]


def _look_up(host: str, port: int, *, seconds: float) -> list[str]:
    """The addresses of a name, asked for in a thread: the resolver has no time-out and the name server may be hostile."""
    heard: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            heard.put([str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, ValueError, OverflowError) as error:  # UnicodeError is a ValueError: a label too long for IDNA
            heard.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = heard.get(timeout=max(seconds, 0))
    except queue.Empty as error:
        raise Unavailable("outbound.silent", url=host, reason="deadline") from error
    if isinstance(answer, Exception):
        raise Unavailable("outbound.unknown_host", host=host) from answer
    return answer


def is_public(address: str) -> bool:
    """Whether the address is of the open internet (IANA special-purpose registries), whatever form it is written in."""
    parsed = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            tunnel = any(parsed in network for network in _TUNNELS)
            return parsed.is_global and parsed in _GLOBAL_UNICAST and not tunnel
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not parsed.is_multicast


def _bounded(answer: httpx2.Response, url: str) -> bytes:
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > MAX_BYTES:
            raise Unavailable("outbound.too_large", url=url, limit=MAX_BYTES)
    return bytes(content)
