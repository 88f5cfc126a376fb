"""Starting, finding again and ending processes by recorded pid."""

import atexit
import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


class Missing(Exception):
    """A server's program is not installed; the text names it and Debian's package."""


class NotStarted(Exception):
    """A server did not come up; the text holds the end of its log."""


def find_program(names: Sequence[str], *, package: str) -> str:
    """The first of these programs (names on PATH or absolute paths); Missing with the apt line when there is none."""
    for name in names:
        found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
        if found:
            return found
    raise Missing(f"{names[0]} is not installed (apt-get install -y --no-install-recommends {package})")


def free_ports(count: int) -> list[int]:
    """So many different loopback ports that nobody listens on at this moment.

    They lie below the range from which the kernel takes the ports of outgoing connections (32768 and up), because a
    server that needs seconds to bind would lose such a port to any client of another test.
    """
    ports: list[int] = []
    with contextlib.ExitStack() as stack:
        while len(ports) < count:
            port = 15_000 + secrets.randbelow(17_000)
            probe = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
    return ports


def port_answers(port: int) -> bool:
    """Whether something accepts TCP connections on this loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def wait_until(
    condition: Callable[[], bool], *, seconds: float, what: str, pids: Sequence[int] = (), log: Path | None = None
) -> None:
    """Poll until the condition holds; NotStarted after the bound, or at once when one of the processes has ended.

    log: its end goes into the error's text.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        for pid in pids:
            if not alive(pid, None):
                raise NotStarted(f"{what}: process {pid} ended. {tail(log)}")
        if time.monotonic() > deadline:
            raise NotStarted(f"{what}: not ready after {seconds:.0f} s. {tail(log)}")
        time.sleep(0.03)


def birth(pid: int) -> str | None:
    """The kernel's start time of a process (clock ticks since boot), None when there is no such process or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def alive(pid: int, born: str | None) -> bool:
    """Whether this very process runs (born: its recorded start time, None to accept any)."""
    now = birth(pid)
    return now is not None and born in (None, now)


def unprivileged(*names: str) -> str | None:
    """The first existing account of these when we are root (servers like PostgreSQL refuse root), else None."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Missing("no unprivileged account to run a server as")


def own(path: Path, user: str | None) -> None:
    """Give a folder or file to the account the server runs as."""
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _identity(user: str | None) -> dict[str, Any]:
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run(
    command: Sequence[str], *, user: str | None = None, env: Mapping[str, str] | None = None, seconds: float = 240
) -> str:
    """Run a set-up command to its end and return what it printed; NotStarted with its words when it fails."""
    done = subprocess.run(
        list(command), capture_output=True, text=True, check=False, timeout=seconds, env=env, cwd="/", **_identity(user)
    )
    if done.returncode != 0:
        raise NotStarted(f"{command[0]} exited {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return str(done.stdout)


# Servers outlive the call that started them; who ends them knows their pids.
_started: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    """What still runs is meant to outlive this process, what was ended by its pid is taken note of: no ResourceWarning."""
    for process in _started:
        if process.poll() is None:
            process.returncode = 0


def spawn(
    command: Sequence[str], *, log: Path, user: str | None = None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in its own session with its output in a log file."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env=env,
            cwd="/",
            **_identity(user),
        )
    _started.append(process)
    return process


class Record:
    """What is known of one started server: `service.json` in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "service.json"

    def write(self, *, pids: Sequence[int], address: Mapping[str, Any]) -> None:
        """Keep the address and the pids (with their start times), replacing what was there at once."""
        content = {"pids": [[pid, birth(pid)] for pid in pids], "address": dict(address)}
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(content))
        fresh.replace(self._path)

    def read(self) -> dict[str, Any] | None:
        """The address when every recorded process still runs, else None."""
        content = self._load()
        if content is None or not content["pids"]:
            return None
        if not all(alive(pid, born) for pid, born in content["pids"]):
            return None
        address: dict[str, Any] = content["address"]
        return address

    def end(self, *, grace: float = 10, first: int = signal.SIGTERM) -> None:
        """End the recorded processes, the last started first: a polite signal, then SIGKILL after the grace time."""
        content = self._load()
        for pid, born in reversed(content["pids"] if content else []):
            end_process(pid, born, grace=grace, first=first)
        self._path.unlink(missing_ok=True)

    def _load(self) -> dict[str, Any] | None:
        try:
            content: dict[str, Any] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return None
        return content


def end_process(pid: int, born: str | None, *, grace: float, first: int = signal.SIGTERM) -> None:
    """End one process that we started, and wait until it is gone."""
    for number, patience in ((first, grace), (signal.SIGKILL, 10.0)):
        if not alive(pid, born):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while alive(pid, born) and time.monotonic() < deadline:
            time.sleep(0.02)
    with contextlib.suppress(ChildProcessError, ProcessLookupError):
        os.waitpid(pid, os.WNOHANG)


def tail(log: Path | None, lines: int = 15) -> str:
    """The end of a log, for an error text."""
    if log is None:
        return ""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
