"""`make stack`: the whole full profile from Debian's packages comes up, is ready through the proxy, and goes away."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from scripts.services.processes import free_ports

pytestmark = pytest.mark.full
NEEDED = ("nginx", "ceph-mon", "ceph-osd", "radosgw", "redis-server", "epmd")
READY_SECONDS = 600


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path that PostgreSQL's account can reach."""
    path = Path(tempfile.mkdtemp(prefix="edo-st-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def get(address: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=240) as response:  # noqa: S310 -- a loopback address made here
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def processes_of(directory: Path) -> list[str]:
    """Command lines of living processes that mention the folder, or got it in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if int(entry.name) != os.getpid() and str(directory).encode() in command + environment:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.mark.timeout(900)
def test_the_stack_comes_up_serves_and_leaves_nothing(
    directory: Path, root: Path, unavailable: Callable[[str], NoReturn]
) -> None:
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
    if lacking := [program for program in NEEDED if shutil.which(program, path=path) is None]:
        unavailable(f"not installed: {', '.join(lacking)} (make setup)")
    (port,) = free_ports(1)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDO_")}
    environment |= {"EDO_STACK_DIR": str(directory), "EDO_PORT": str(port)}
    log = directory / "stack.log"
    address = f"http://127.0.0.1:{port}"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "scripts.stack"], cwd=root, env=environment, stdout=out, stderr=out
        ) as stack,
    ):
        try:
            deadline = time.monotonic() + READY_SECONDS
            while b"[stack] ready" not in log.read_bytes():
                assert stack.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.2)
            status, ready = get(f"{address}/health/ready")
            assert (status, json.loads(ready)["status"]) == (200, "ready")
            status, page = get(f"{address}/login")
            assert status == 200
            assert "Вход" in page.decode()
            assert get(f"{address}/metrics")[0] == 404, "the proxy keeps figures inside"
        finally:
            stack.send_signal(signal.SIGTERM)
            code = stack.wait(180)
    assert code == 0, log.read_text()[-3000:]
    assert processes_of(directory) == []
