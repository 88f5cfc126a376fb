"""The demonstration's surroundings over real HTTP on loopback: the PKI (TSA, OCSP, CRL) and the operator's sandbox.

Both keep their state in the data folder, so several processes may serve them at once over the same state.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import uvicorn
from fastapi import FastAPI

import signing
from edo_service.demo.companies import OPERATOR, SANDBOX_ORGANIZATIONS
from edo_service.demo.make_pki import HOST, ensure_pki
from edo_service.demo.operator_side import DemoNotary, DemoPapers
from edo_service.demo.pki_server import create_pki_app
from edo_service.kernel.clock import Clock
from edo_service.settings import Settings
from operators.sandbox import Faults, create_app, create_saby_app, create_taxcom_app
from signing.pki import Pki

_START_SECONDS = 20.0
SandboxOf: TypeAlias = Literal["diadoc", "saby", "taxcom"]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Base URLs of the running servers."""

    pki_url: str
    operator_url: str

    def settings(self, settings: Settings) -> Settings:
        """The settings with the addresses filled in."""
        return settings.model_copy(update={"demo_pki_url": self.pki_url, "operator_url": self.operator_url})


class ThreadServer:
    """uvicorn in a thread on a free loopback port; the socket is bound before the thread starts."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for the peer's delayed ACK.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"server {self.url}", daemon=True
        )

    def start(self) -> "ThreadServer":
        """Start and wait until it answers; TimeoutError after 20 seconds."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.url} did not start")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


def pki_app(settings: Settings, clock: Clock) -> FastAPI:
    """The PKI's HTTP face over the data folder."""
    ensure_pki(settings.pki_dir, clock=clock, passwords={})
    return create_pki_app(settings.pki_dir, clock)


def sandbox_app(
    settings: Settings, clock: Clock, *, operator: SandboxOf = "diadoc", faults: Faults | None = None
) -> FastAPI:
    """An operator's sandbox over the data folder, with the demo companies, real papers and a real key."""
    pki = ensure_pki(settings.pki_dir, clock=clock, passwords={})
    settings.sandbox_dir.mkdir(parents=True, exist_ok=True)
    notary = DemoNotary(operator=pki.entity("operator"), timestamper=_InProcessTsa(pki, clock), clock=clock)
    build, state = {
        "diadoc": (create_app, settings.sandbox_state),
        "saby": (create_saby_app, settings.sandbox_dir / "saby.db"),
        "taxcom": (create_taxcom_app, settings.sandbox_dir / "taxcom.db"),
    }[operator]
    return build(
        state=state,
        organizations=SANDBOX_ORGANIZATIONS,
        operator=OPERATOR,
        notary=notary,
        papers=DemoPapers(),
        clock=clock,
        faults=faults or Faults(),
    )


@contextlib.contextmanager
def surroundings(settings: Settings, clock: Clock) -> Iterator[Surroundings]:
    """Run both servers on free ports for the length of the block."""
    pki = ThreadServer(pki_app(settings, clock)).start()
    sandbox = ThreadServer(sandbox_app(settings, clock)).start()
    try:
        yield Surroundings(pki_url=pki.url, operator_url=sandbox.url)
    finally:
        sandbox.stop()
        pki.stop()


class _InProcessTsa:
    """The operator's own timestamps, taken from the PKI without HTTP."""

    def __init__(self, pki: Pki, clock: Clock) -> None:
        self._client = signing.HttpTimestamper(
            (f"http://{HOST}/tsa",), lambda _url, body, _type: pki.timestamp(body, now=clock.now())
        )

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        """DER TimeStampToken."""
        return self._client.timestamp(digest_algorithm, digest)
