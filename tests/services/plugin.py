"""Real servers for tests: one set per test session, shared by all xdist workers, started only when a test asks.

Every fixture that hands out an address also hands out isolation: a fresh database, virtual host, Redis number or
bucket for each test. A server whose program is absent skips its tests with one loud line; with CI=true it fails them.

The session's directory is made by the first process (the xdist controller, or the only one) and told to the workers
through EDO_TEST_SERVICES_DIR. A watcher process ends the servers by their recorded pids when that first process is
gone, however it went.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from scripts import services
from tests.services.watcher import MEMORY_LINK, remove

_LONGEST_BASE = 50
_DETACHED: dict[str, Any] = {
    "start_new_session": True,
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
}
Starter = Callable[[str], dict[str, Any]]
_DIRECTORY = "EDO_TEST_SERVICES_DIR"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory
_ROOM = 8 * 2**30
"""Free memory from which on tests keep their files there; a whole run writes about two gigabytes."""
_ROOT = Path(__file__).resolve().parents[2]


def in_ci() -> bool:
    """Whether a skip is a failure (CI=true)."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or _DIRECTORY in os.environ:
        return
    # Short, outside pytest's own 0700 folders: unprivileged servers must reach it and Ceph's sockets need short paths.
    base = tempfile.gettempdir()
    directory = Path(tempfile.mkdtemp(prefix="edo-t-", dir=base if len(base) < _LONGEST_BASE else "/tmp"))  # noqa: S108 - the same
    directory.chmod(0o711)
    os.environ[_DIRECTORY] = str(directory)
    config.add_cleanup(lambda: _end(directory))
    if config.option.basetemp is None and "PYTEST_DEBUG_TEMPROOT" not in os.environ and _has_room():
        _keep_files_in_memory(directory)


def _has_room() -> bool:
    """Whether memory can hold a run's files: on a disk each commit of SQLite waits for it, thousands of times a run."""
    facts_of = Path("/proc/meminfo")
    if not (_MEMORY.is_dir() and facts_of.is_file()):
        return False
    facts = dict(line.split(":", 1) for line in facts_of.read_text().splitlines())
    available = 1024 * int(facts["MemAvailable"].split()[0])
    return min(available, shutil.disk_usage(_MEMORY).free) >= _ROOM


def _keep_files_in_memory(directory: Path) -> None:
    """Lead `tmp_path` there; the folder goes with the servers' directory, which remembers it by a link, however we go."""
    folder = tempfile.mkdtemp(prefix="edo-p-", dir=_MEMORY)
    (directory / MEMORY_LINK).symlink_to(folder)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
    _watch(directory)


def _end(directory: Path) -> None:
    if (directory / MEMORY_LINK).is_symlink():
        del os.environ["PYTEST_DEBUG_TEMPROOT"]
    os.environ.pop(_DIRECTORY, None)
    remove(directory)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    directory = os.environ.get(_DIRECTORY)
    if directory is None:
        return
    for note in sorted(Path(directory).glob("missing-*")):
        terminalreporter.write_line(f"NOT TESTED HERE: {note.read_text()}", yellow=True, bold=True)


def miss(reason: str) -> NoReturn:
    """Skip the test with one loud line, or fail it where skips are forbidden (CI=true)."""
    if in_ci():
        pytest.fail(f"CI=true allows no skip: {reason}", pytrace=False)
    directory = os.environ.get(_DIRECTORY)
    if directory is not None:
        (Path(directory) / f"missing-{hashlib.sha256(reason.encode()).hexdigest()[:16]}").write_text(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def unavailable() -> Callable[[str], NoReturn]:
    """Call it with a reason when something a test needs is absent: a loud skip, a failure with CI=true."""
    return miss


@pytest.fixture(scope="session")
def service() -> Starter:
    """Start (or find) a server of the session by name and return its address."""
    directory = Path(os.environ[_DIRECTORY])

    def start(name: str) -> dict[str, Any]:
        _watch(directory)
        try:
            return services.start(name, directory, throwaway=True)
        except services.Missing as error:
            miss(f"{name}: {error}")

    return start


def _watch(directory: Path) -> None:
    """Start the watcher once for the session; it outlives us only long enough to end the servers."""
    try:
        (directory / "watched").open("x").close()
    except FileExistsError:
        return
    first = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    command = [sys.executable, "-m", "tests.services.watcher", str(first), str(directory)]
    watcher = subprocess.Popen(command, cwd=_ROOT, **_DETACHED)
    watcher.returncode = 0  # it is meant to outlive this process: no ResourceWarning for it


@pytest.fixture(scope="session")
def postgres_server(service: Starter) -> dict[str, Any]:
    """The session's PostgreSQL: host, port, url (role edo, no superuser), admin_url; both without a database name."""
    return service("postgres")


@pytest.fixture
def postgres_url(postgres_server: dict[str, Any]) -> Iterator[str]:
    """The address of a fresh, empty database that role `edo` owns; dropped afterwards."""
    import psycopg

    name = f"t{secrets.token_hex(8)}"
    with psycopg.connect(f"{postgres_server['admin_url']}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} owner edo template template0")
        yield f"{postgres_server['url']}/{name}"
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def rabbitmq_server(service: Starter) -> dict[str, Any]:
    """The session's RabbitMQ: host, port, management_port, user, password, url of virtual host `/`."""
    return service("rabbitmq")


@pytest.fixture
def rabbitmq_url(rabbitmq_server: dict[str, Any]) -> Iterator[str]:
    """The address of a virtual host of this test's own; it goes afterwards with all its queues."""
    from scripts.services import rabbitmq

    name = f"t{secrets.token_hex(8)}"
    yield rabbitmq.create_vhost(rabbitmq_server, name)
    rabbitmq.delete_vhost(rabbitmq_server, name)


@pytest.fixture(scope="session")
def redis_server(service: Starter) -> dict[str, Any]:
    """The session's Redis: host, port, url without a database number."""
    return service("redis")


@pytest.fixture
def redis_url(redis_server: dict[str, Any]) -> Iterator[str]:
    """The address of an empty Redis database that no other test uses."""
    import redis

    with redis.Redis.from_url(f"{redis_server['url']}/0") as counter:
        number = 1 + (int(counter.incr("databases")) - 1) % 4095
    url = f"{redis_server['url']}/{number}"
    yield url
    with redis.Redis.from_url(url) as mine:
        mine.flushdb()


@dataclass(frozen=True, kw_only=True)
class S3Endpoint:
    """An S3 server: `endpoint` is host:port without scheme (plain HTTP on loopback)."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str

    def client(self) -> Any:
        """A minio client of this server."""
        import minio

        return minio.Minio(
            self.endpoint, access_key=self.access_key, secret_key=self.secret_key, secure=False, region=self.region
        )

    def bucket(self, *, object_lock: bool = True) -> str:
        """Make a fresh bucket (with Object Lock unless told otherwise) and return its name."""
        name = f"t{secrets.token_hex(10)}"
        self.client().make_bucket(name, object_lock=object_lock)
        return name


@pytest.fixture(scope="session")
def s3_endpoint(service: Starter) -> S3Endpoint:
    """The session's real S3 server with Object Lock (Ceph); `.bucket()` makes a bucket for a test."""
    return S3Endpoint(**service("s3"))


@pytest.fixture(scope="session")
def moto_endpoint(service: Starter) -> S3Endpoint:
    """The counter-example: an S3 server that accepts Object Lock and does not enforce it."""
    return S3Endpoint(**service("moto"))
