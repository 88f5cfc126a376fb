"""The full profile from Debian's packages: `make stack`. What docker-compose.yml describes, without containers.

1. PostgreSQL, RabbitMQ, Redis and an S3 server with Object Lock (scripts/services) in one folder, kept between runs;
2. migrations;
3. the demonstration's PKI and operator sandbox;
4. web, one worker for each group of queues, the sweeper, nginx before them: one process group, in the foreground.

SIGTERM or Ctrl-C ends all of it, the servers too; so does the end of any one process.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from scripts.answering import answers
from scripts.services import NAMES, Missing, NotStarted, start, stop_all
from scripts.services.processes import free_ports, port_answers

ROOT = Path(__file__).resolve().parent.parent
EDO = str(Path(sys.executable).parent / "edo")
QUEUES = ("signing,default", "exchange", "archive", "mail")
GRACE = 30.0
START_LIMIT = 180.0

SERVER = """upstream edo_web {{
    server 127.0.0.1:{web};
    keepalive 32;
}}

server {{
    listen 127.0.0.1:{port};
    include proxy.conf;
}}
"""


class StackError(Exception):
    """A part of the stack did not start or ended by itself."""


def folder() -> Path:
    """Give the folder of this checkout's stack: a short path (Ceph's sockets), open to PostgreSQL's account."""
    named = os.environ.get("EDO_STACK_DIR")
    name = sha256(str(ROOT).encode()).hexdigest()[:8]
    return Path(named) if named else Path("/var/tmp") / f"edo-stack-{os.getuid()}-{name}"  # noqa: S108 -- kept over reboots


def make_database(address: dict[str, Any], name: str) -> str:
    """Create the service's database once. Returns its URL."""
    with psycopg.connect(f"{address['admin_url']}/postgres", autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if known is None:
            connection.execute(f'create database "{name}" owner edo')
    return f"{address['url'].replace('postgresql:', 'postgresql+psycopg:')}/{name}"


def sealing_key(directory: Path) -> str:
    """Keep one key for sealed values over restarts."""
    path = directory / "sealing-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode("ascii"), encoding="ascii")
    return path.read_text(encoding="ascii")


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Loopback ports: the proxy's is given, the others are free ones."""

    proxy: int
    web: int
    pki: int
    sandbox: int


def settings(directory: Path, servers: dict[str, dict[str, Any]], ports: Ports) -> dict[str, str]:
    """Give the environment of the service's processes, as docker-compose.yml gives it to containers."""
    store = servers["s3"]
    return os.environ | {
        "EDO_PROFILE": "full",
        "EDO_DEMO": "1",
        "EDO_DATA_DIR": str(directory / "edo"),
        "EDO_HOST": "127.0.0.1",
        "EDO_PORT": str(ports.web),
        "EDO_PUBLIC_URL": f"http://127.0.0.1:{ports.proxy}",
        "EDO_DEMO_PKI_URL": f"http://127.0.0.1:{ports.pki}",
        "EDO_OPERATOR_URL": f"http://127.0.0.1:{ports.sandbox}",
        "EDO_TRUSTED_PROXIES": "127.0.0.1",
        "EDO_DATABASE_URL": make_database(servers["postgres"], "edo"),
        "EDO_BROKER_URL": servers["rabbitmq"]["url"],
        "EDO_REDIS_URL": f"{servers['redis']['url']}/0",
        "EDO_S3_ENDPOINT": store["endpoint"],
        "EDO_S3_ACCESS_KEY": store["access_key"],
        "EDO_S3_SECRET_KEY": store["secret_key"],
        "EDO_S3_REGION": store["region"],
        "EDO_S3_SECURE": "false",
        "EDO_SECRET_KEYS": sealing_key(directory),
    }


def nginx(directory: Path, ports: Ports) -> list[str]:
    """Write the proxy's configuration from deploy/nginx; only the server block differs. Returns its command."""
    place = directory / "nginx"
    (place / "servers").mkdir(parents=True, exist_ok=True)
    main = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    (place / "nginx.conf").write_text(main.replace(" /tmp/", f" {place}/"), encoding="utf-8")
    shutil.copy(ROOT / "deploy" / "nginx" / "proxy.conf", place)
    (place / "servers" / "loopback.conf").write_text(SERVER.format(port=ports.proxy, web=ports.web), encoding="utf-8")
    account = "user root;" if os.getuid() == 0 else ""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    return [program, "-e", "stderr", "-c", str(place / "nginx.conf"), "-g", f"daemon off; {account}"]


class Processes:
    """The processes of the foreground, ended together."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Start one in this process's group."""
        self._running[name] = subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL)

    def check(self) -> None:
        """Raise StackError as soon as one has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise StackError(f"{name} ended with {process.returncode}")

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition as long as all processes live; StackError after START_LIMIT seconds."""
        deadline = time.monotonic() + START_LIMIT
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise StackError(f"not ready after {START_LIMIT:.0f} s")
            time.sleep(0.2)

    def end(self) -> None:
        """Ask all of them to end, the proxy first, and make sure of it."""
        for process in reversed(list(self._running.values())):
            process.terminate()
        deadline = time.monotonic() + GRACE
        for name, process in self._running.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"[stack] {name} did not end within {GRACE:.0f} s and is killed", file=sys.stderr)
                process.kill()
                process.wait()


def serve(directory: Path, processes: Processes) -> None:
    """Start everything and stay until a signal comes or a process ends."""
    with ThreadPoolExecutor(len(NAMES)) as pool:
        servers = dict(zip(NAMES, pool.map(lambda name: start(name, directory), NAMES), strict=True))
    web, pki, sandbox = free_ports(3)
    ports = Ports(proxy=int(os.environ.get("EDO_PORT", "8000")), web=web, pki=pki, sandbox=sandbox)
    environment = settings(directory, servers, ports)
    if subprocess.run([EDO, "migrate"], env=environment, cwd=ROOT, check=False).returncode != 0:
        raise StackError("the migrations failed")
    processes.start("PKI", [EDO, "pki", "serve", "--port", str(pki)], environment)
    processes.start("sandbox", [EDO, "sandbox", "diadoc", "--port", str(sandbox)], environment)
    for port in (pki, sandbox):
        processes.wait_for(partial(port_answers, port))
    processes.start("web", [EDO, "serve"], environment)  # it fills the demonstration's data first
    processes.wait_for(partial(answers, f"http://127.0.0.1:{web}/health/live"))
    for queues in QUEUES:
        processes.start(f"worker {queues}", [EDO, "worker", "--celery", "--queues", queues], environment)
    processes.start("sweeper", [EDO, "worker", "--beat"], environment)
    processes.start("nginx", nginx(directory, ports))
    address = f"http://127.0.0.1:{ports.proxy}"
    processes.wait_for(partial(answers, f"{address}/health/ready"))
    print(f"\n[stack] ready: {address} (data in {directory}; Ctrl-C ends it)", flush=True)
    while True:
        processes.check()
        time.sleep(0.5)


def main() -> int:
    """Entry point: 0 after a signal, 1 when something failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    directory = folder()
    processes = Processes()
    try:
        serve(directory, processes)
    except KeyboardInterrupt:
        return 0
    except (Missing, NotStarted, StackError) as error:
        print(f"[stack] {error}", file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        processes.end()
        stop_all(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
