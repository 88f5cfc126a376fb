"""Running a sandbox as a server of its own on loopback (`edo sandbox diadoc --port N`)."""

from collections.abc import Iterable
from pathlib import Path

import uvicorn

from operators.port import Clock
from operators.sandbox.diadoc.app import DEFAULT_OPERATOR, create_app
from operators.sandbox.faults import Faults
from operators.sandbox.ports import Notary, Papers, SandboxOperator, SandboxOrganization


def run(
    port: int,
    *,
    state: Path,
    organizations: Iterable[SandboxOrganization],
    notary: Notary,
    papers: Papers,
    clock: Clock,
    faults: Faults | None = None,
    operator: SandboxOperator = DEFAULT_OPERATOR,
) -> None:
    """Serve the Diadoc sandbox on 127.0.0.1 until SIGINT or SIGTERM."""
    app = create_app(
        state=state,
        organizations=organizations,
        notary=notary,
        papers=papers,
        clock=clock,
        faults=faults,
        operator=operator,
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=3)
