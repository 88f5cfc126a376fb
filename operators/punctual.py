"""A whole call ends in time.

httpx2's time-outs are for one read or write each: a peer that sends a byte a second meets all of them and holds a thread
for days. Here every read and write of a connection is given what is left of the call's own time at most.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

DEADLINE = 180.0
"""Seconds for a call from its first byte to the last of its answer: the largest files at half a megabyte a second."""
PIECE = 64 * 1024


class Deadline:
    """The time of the call that this thread is doing."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._now = now
        self._mine = threading.local()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let a call's time run."""
        self._mine.until = self._now() + self.seconds
        try:
            yield
        finally:
            self._mine.until = None

    @property
    def is_over(self) -> bool:
        """Whether the running call has used its time up."""
        until: float | None = getattr(self._mine, "until", None)
        return until is not None and self._now() >= until

    def shorten(self, timeout: float | None) -> float | None:
        """A time-out that does not outlast the call; 0 when its time is over."""
        until: float | None = getattr(self._mine, "until", None)
        if until is None:
            return timeout
        left = max(until - self._now(), 0.0)
        return left if timeout is None else min(left, timeout)


class PunctualStream(httpcore2.NetworkStream):
    """A connection that keeps a deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See httpcore2."""
        if self._deadline.is_over:
            raise httpcore2.ReadTimeout("the call's time is over")
        return self._inner.read(max_bytes, self._deadline.shorten(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See httpcore2."""
        for start in range(0, len(buffer), PIECE):
            if self._deadline.is_over:
                raise httpcore2.WriteTimeout("the call's time is over")
            self._inner.write(buffer[start : start + PIECE], self._deadline.shorten(timeout))

    def close(self) -> None:
        """See httpcore2."""
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """See httpcore2."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.shorten(timeout))
        return PunctualStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """See httpcore2."""
        return self._inner.get_extra_info(info)


class PunctualBackend(httpcore2.NetworkBackend):
    """Opens connections that keep a deadline."""

    def __init__(self, inner: httpcore2.NetworkBackend, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """See httpcore2."""
        limit = self._deadline.shorten(timeout)
        return PunctualStream(self._inner.connect_tcp(host, port, limit, local_address, socket_options), self._deadline)

    def sleep(self, seconds: float) -> None:
        """See httpcore2."""
        self._inner.sleep(seconds)


def keep_time(client: httpx2.Client, deadline: Deadline) -> None:
    """Make a client's connections (to proxies too) keep a deadline; a transport that is not httpx2's own stays as it is."""
    # httpx2 hands no network backend through, and its pools take one only when they are made
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 - see above
        if isinstance(transport, httpx2.HTTPTransport):
            pool: Any = transport._pool  # noqa: SLF001 - see above
            pool._network_backend = PunctualBackend(pool._network_backend, deadline)  # noqa: SLF001 - see above
