"""moto's S3 server, the counter-example: it accepts Object Lock and does not enforce it; the canary must refuse it."""

import signal
import sys
from pathlib import Path
from typing import Any

from scripts.services.processes import Missing, NotStarted, Record, free_ports, port_answers, spawn, wait_until


def start(folder: Path, *, throwaway: bool = True) -> dict[str, Any]:
    """Start the server. Returns endpoint, access_key, secret_key, region as the real S3 server does."""
    import importlib.util

    if not throwaway:
        raise NotStarted("moto keeps nothing and protects nothing: it is for tests only")
    if importlib.util.find_spec("moto") is None:
        raise Missing("moto is not installed (requirements-dev.lock)")
    (port,) = free_ports(1)
    log = folder / "log"
    process = spawn([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], log=log)
    address = {
        "endpoint": f"127.0.0.1:{port}",
        "access_key": "moto",
        "secret_key": "moto-secret",
        "region": "us-east-1",
    }
    Record(folder).write(pids=[process.pid], address=address)
    wait_until(lambda: port_answers(port), seconds=240, what="moto", pids=[process.pid], log=log)
    return address


def stop(folder: Path, *, hard: bool = False) -> None:
    """End the server."""
    Record(folder).end(grace=2, first=signal.SIGKILL if hard else signal.SIGTERM)
