"""Servers of this test's own, so that they may be killed: PostgreSQL, RabbitMQ, the S3 gateway; SIGKILL and a new start."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from edo_service.settings import Settings
from scripts import services
from scripts.services import rabbitmq
from scripts.services.processes import Record, alive, birth, find_program, port_answers, spawn, unprivileged, wait_until
from tests.crash.stage import PACE
from tests.services.plugin import S3Endpoint, _watch


@dataclass(frozen=True, kw_only=True)
class Killable:
    """One started server: SIGKILL for it and its children, and the same command again over the same data and port."""

    folder: Path
    address: dict[str, Any]
    user: str | None
    command: list[str]
    env: dict[str, str] | None
    companions: tuple[int, ...] = ()

    def kill(self) -> None:
        """End the server's process with SIGKILL and wait until it and its children are gone."""
        pid = self._pid
        family = [pid, *_children(pid)]
        for one in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        wait_until(lambda: not any(alive(one, None) for one in family), seconds=240, what="the end of the server")

    def start_again(self) -> None:
        """Start on the same data and port; return when it answers, a database when its recovery is over."""
        process = spawn(self.command, log=self.folder / "log-again", user=self.user, env=self.env)
        Record(self.folder).write(pids=[*self.companions, process.pid], address=self.address)
        wait_until(
            self._is_ready,
            seconds=240,
            what=self.folder.name,
            pids=[process.pid],
            log=self.folder / "log-again",
        )

    def _is_ready(self) -> bool:
        if "endpoint" in self.address:
            return _speaks_http(self.address["endpoint"])
        if "admin_url" not in self.address:
            return port_answers(self.address["port"])
        try:
            psycopg.connect(f"{self.address['admin_url']}/postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def _pid(self) -> int:
        content = Record(self.folder)._load()
        assert content is not None
        pid, born = content["pids"][-1]
        assert birth(pid) == born
        return int(pid)


@dataclass(frozen=True, kw_only=True)
class OwnServers:
    """PostgreSQL, RabbitMQ and, where it was asked for, an S3 server in a folder of their own.

    Of the S3 server the gateway (radosgw) is killed; what stands behind it keeps the objects in memory.
    """

    postgres: Killable
    rabbitmq: Killable
    gateway: Killable | None = None

    @property
    def s3(self) -> S3Endpoint:
        """The own S3 server; only where it was asked for."""
        assert self.gateway is not None
        return S3Endpoint(**self.gateway.address)


@contextmanager
def own_servers(unavailable: Callable[[str], Any], *, store: bool = False) -> Iterator[OwnServers]:
    """Start them (the S3 server when `store`); a watcher ends them when the test run is killed."""
    base = tempfile.gettempdir()
    directory = Path(tempfile.mkdtemp(prefix="edo-c-", dir=base if len(base) < 50 else "/tmp"))  # noqa: S108 - short and open
    directory.chmod(0o711)
    _watch(directory)
    try:
        for name in ("postgres", "rabbitmq", *(["s3"] if store else [])):
            try:
                services.start(name, directory, throwaway=True)
            except services.Missing as error:
                unavailable(f"{name}: {error}")
        yield OwnServers(
            postgres=_postgres(directory / "postgres"),
            rabbitmq=_rabbitmq(directory / "rabbitmq"),
            gateway=_gateway(directory / "s3") if store else None,
        )
    finally:
        services.stop_all(directory, wipe=True)
        shutil.rmtree(directory, ignore_errors=True)


def full_settings(folder: Path, servers: OwnServers, s3: S3Endpoint) -> Settings:
    """Settings of the full profile over these servers, with a database and buckets of its own."""
    name = f"c{secrets.token_hex(8)}"
    with psycopg.connect(f"{servers.postgres.address['admin_url']}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} owner edo template template0")
    return Settings(
        profile="full",
        data_dir=folder,
        demo=True,
        database_url=f"{servers.postgres.address['url']}/{name}",
        broker_url=servers.rabbitmq.address["url"],
        s3_endpoint=s3.endpoint,
        s3_access_key=s3.access_key,
        s3_secret_key=s3.secret_key,
        s3_region=s3.region,
        s3_secure=False,
        s3_objects_bucket=s3.bucket(object_lock=False),
        s3_archive_bucket=s3.bucket(),
        secret_keys=base64.b64encode(os.urandom(32)).decode(),
        **PACE,
    )


def _postgres(folder: Path) -> Killable:
    address, pids = _started(folder)
    command = Path(f"/proc/{pids[-1]}/cmdline").read_bytes().decode().split("\0")[:3]
    return Killable(folder=folder, address=address, user=unprivileged("postgres"), command=command, env=None)


def _rabbitmq(folder: Path) -> Killable:
    """The node: its epmd stays; names and ports of the first start are taken from its environment."""
    address, pids = _started(folder)
    lines = Path(f"/proc/{pids[-1]}/environ").read_bytes().decode().split("\0")
    present = dict(line.split("=", 1) for line in lines if "=" in line)
    env = rabbitmq._environment(
        folder, folder / "home", dist=int(present["RABBITMQ_DIST_PORT"]), names=int(present["ERL_EPMD_PORT"])
    )
    program = find_program(["/usr/lib/rabbitmq/bin/rabbitmq-server"], package=rabbitmq.PACKAGE)
    return Killable(
        folder=folder,
        address=address,
        user=unprivileged("rabbitmq"),
        command=[program],
        env=env,
        companions=tuple(pids[:-1]),
    )


def _gateway(folder: Path) -> Killable:
    """radosgw, the last of the three daemons; monitor and object store daemon stay."""
    address, pids = _started(folder)
    command = Path(f"/proc/{pids[-1]}/cmdline").read_bytes().decode().split("\0")[:-1]
    return Killable(folder=folder, address=address, user=None, command=command, env=None, companions=tuple(pids[:-1]))


def _speaks_http(endpoint: str) -> bool:
    connection = http.client.HTTPConnection(endpoint, timeout=3)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _started(folder: Path) -> tuple[dict[str, Any], list[int]]:
    content = Record(folder)._load()
    assert content is not None
    return content["address"], [pid for pid, _ in content["pids"]]


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    own = [int(line) for line in found.stdout.split()]
    return [*own, *(grandchild for child in own for grandchild in _children(child))]
