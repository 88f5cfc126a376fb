"""The demonstration's surroundings over real HTTP on loopback: the PKI (TSA, OCSP, CRL) and the operators' sandboxes.

They are threads of one process and keep their state in the data folder, so several processes may serve them at once over
the same state.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import uvicorn
from fastapi import FastAPI

import signing
from edo_service.demo.cabinet import cabinet_router
from edo_service.demo.companies import COMPANIES, OPERATOR, SANDBOX_OPERATORS, SANDBOX_ORGANIZATIONS, strangers
from edo_service.demo.make_pki import HOST, ensure_pki
from edo_service.demo.operator_side import DemoNotary, DemoPapers
from edo_service.demo.pki_server import create_pki_app
from edo_service.exchange.catalogue import OPERATORS
from edo_service.kernel.clock import Clock
from edo_service.settings import Settings
from operators.sandbox import Faults, create_app, create_saby_app, create_taxcom_app
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.state import State
from operators.sandbox.ports import SandboxOrganization
from signing.pki import Pki

_START_SECONDS = 120.0
SandboxOf: TypeAlias = Literal["diadoc", "saby", "taxcom"]
_FACES: Mapping[SandboxOf, Callable[..., FastAPI]] = {
    "diadoc": create_app,
    "saby": create_saby_app,
    "taxcom": create_taxcom_app,
}
"""The operator's word -> its sandbox's face."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Base URLs of the running servers."""

    pki_url: str
    operator_url: str
    saby_url: str
    taxcom_url: str

    def settings(self, settings: Settings) -> Settings:
        """The settings with the addresses filled in."""
        found = {
            "demo_pki_url": self.pki_url,
            "operator_url": self.operator_url,
            "saby_url": self.saby_url,
            "taxcom_url": self.taxcom_url,
        }
        return settings.model_copy(update=found)


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
        """Start and wait until it answers; TimeoutError after two minutes."""
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
    build, state = _FACES[operator], settings.sandbox_dir / f"{operator}.db"
    return build(
        state=state,
        organizations=SANDBOX_ORGANIZATIONS,
        operator=OPERATOR,
        notary=_notary(settings, clock),
        papers=DemoPapers(),
        clock=clock,
        faults=faults or Faults(),
    )


def playground(settings: Settings, clock: Clock, *, operator: SandboxOf) -> FastAPI:
    """A sandbox to be tried by hand: ids of its own, companies to be found and invited, and the operator's cabinet.

    Only at Диадок, where the demonstration begins, the demo companies know each other from the start.
    """
    notary, papers, faults = _notary(settings, clock), DemoPapers(), Faults()
    state, mine = settings.sandbox_dir / f"{operator}.db", SANDBOX_OPERATORS[operator]
    desk = Desk(state=State(state), notary=notary, papers=papers, operator=mine, clock=clock, faults=faults)
    desk.declare(strangers(operator), acquainted=False)
    app = _FACES[operator](
        state=state,
        organizations=tuple(company.organization_at(operator) for company in COMPANIES),
        operator=mine,
        notary=notary,
        papers=papers,
        clock=clock,
        faults=faults,
        acquainted=operator == "diadoc",
    )
    app.include_router(cabinet_router(desk, OPERATORS[operator].name))
    return app


def neighbour(
    settings: Settings,
    clock: Clock,
    organizations: Iterable[SandboxOrganization],
    *,
    operator: SandboxOf,
    of: SandboxOf,
) -> FastAPI:
    """Another operator's face, with its cabinet, over the state of the playground `of`: the two operators roam.

    It serves the given organisations; those of the playground know nobody of them yet.
    """
    notary, papers, mine = _notary(settings, clock), DemoPapers(), SANDBOX_OPERATORS[operator]
    state, faults = settings.sandbox_dir / f"{of}.db", Faults()
    app = _FACES[operator](
        state=state,
        organizations=organizations,
        operator=mine,
        notary=notary,
        papers=papers,
        clock=clock,
        faults=faults,
        acquainted=False,
    )
    desk = Desk(state=State(state), notary=notary, papers=papers, operator=mine, clock=clock, faults=faults)
    app.include_router(cabinet_router(desk, OPERATORS[operator].name))
    return app


def _notary(settings: Settings, clock: Clock) -> DemoNotary:
    pki = ensure_pki(settings.pki_dir, clock=clock, passwords={})
    settings.sandbox_dir.mkdir(parents=True, exist_ok=True)
    return DemoNotary(operator=pki.entity("operator"), timestamper=_InProcessTsa(pki, clock), clock=clock)


@contextlib.contextmanager
def surroundings(settings: Settings, clock: Clock) -> Iterator[Surroundings]:
    """Run all servers on free ports for the length of the block."""
    with contextlib.ExitStack() as stack:

        def serve(app: FastAPI) -> str:
            server = ThreadServer(app).start()
            stack.callback(server.stop)
            return server.url

        pki = serve(pki_app(settings, clock))
        diadoc, saby, taxcom = (serve(playground(settings, clock, operator=word)) for word in _FACES)
        yield Surroundings(pki_url=pki, operator_url=diadoc, saby_url=saby, taxcom_url=taxcom)


class _InProcessTsa:
    """The operator's own timestamps, taken from the PKI without HTTP."""

    def __init__(self, pki: Pki, clock: Clock) -> None:
        self._client = signing.HttpTimestamper(
            (f"http://{HOST}/tsa",), lambda _url, body, _type: pki.timestamp(body, now=clock.now())
        )

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        """DER TimeStampToken."""
        return self._client.timestamp(digest_algorithm, digest)
