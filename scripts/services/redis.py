"""One Redis server on loopback, with many small databases so that each test gets its own."""

import signal
from pathlib import Path
from typing import Any

from scripts.services.processes import Record, find_program, free_ports, port_answers, spawn, wait_until

PACKAGE = "redis-server"


def start(folder: Path, *, throwaway: bool = False) -> dict[str, Any]:
    """Start the server. Returns host, port and url (without a database number). throwaway: write nothing to disk."""
    program = find_program(["redis-server"], package=PACKAGE)
    (port,) = free_ports(1)
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--databases", "4096"]
    options += ["--save", ""] if throwaway else ["--appendonly", "yes"]
    process = spawn([program, *options], log=folder / "log")
    address = {"host": "127.0.0.1", "port": port, "url": f"redis://127.0.0.1:{port}"}
    Record(folder).write(pids=[process.pid], address=address)
    wait_until(lambda: port_answers(port), seconds=240, what="Redis", pids=[process.pid], log=folder / "log")
    return address


def stop(folder: Path, *, hard: bool = False) -> None:
    """End the server."""
    Record(folder).end(first=signal.SIGKILL if hard else signal.SIGTERM)
