"""The list of servers and the one lock per server that makes starting safe from several processes at once."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.services import moto, postgres, rabbitmq, redis, rgw
from scripts.services.processes import NotStarted, Record

Starter = Callable[..., dict[str, Any]]
Stopper = Callable[..., None]

_STARTERS: dict[str, tuple[Starter, Stopper]] = {
    "postgres": (postgres.start, postgres.stop),
    "rabbitmq": (rabbitmq.start, rabbitmq.stop),
    "redis": (redis.start, redis.stop),
    "s3": (rgw.start, rgw.stop),
    "moto": (moto.start, moto.stop),
}
#: What `up` starts when nothing is named; moto is a counter-example for tests, never a store.
NAMES = ("postgres", "rabbitmq", "redis", "s3")


def start(name: str, directory: Path, *, throwaway: bool = False) -> dict[str, Any]:
    """The address of a running server, started when it does not run yet. Several processes may ask at once.

    throwaway: for tests: faster, but a power cut (PostgreSQL) or the server's own end (S3) loses data.
    """
    _starter, stopper = _STARTERS[name]
    folder = directory / name
    with _locked(directory, name):
        address = Record(folder).read()
        if address is None:
            try:
                address = _begin(name, folder, throwaway=throwaway)
            except NotStarted:
                if not throwaway:
                    raise
                # Another process may have taken a port between our look and the server's; nothing here is worth keeping.
                stopper(folder, hard=True)
                shutil.rmtree(folder, ignore_errors=True)
                address = _begin(name, folder, throwaway=True)
        return address


def _begin(name: str, folder: Path, *, throwaway: bool) -> dict[str, Any]:
    starter, stopper = _STARTERS[name]
    stopper(folder, hard=True)  # what is left of an earlier start
    folder.mkdir(mode=0o755, exist_ok=True)
    return starter(folder, throwaway=throwaway)


def running(name: str, directory: Path) -> dict[str, Any] | None:
    """The address of a server that runs already, else None."""
    return Record(directory / name).read()


def stop(name: str, directory: Path, *, wipe: bool = False) -> None:
    """End one server by its recorded pids; with `wipe` its data goes too, so it is not asked politely."""
    if not directory.is_dir():
        return
    with _locked(directory, name):
        _STARTERS[name][1](directory / name, hard=wipe)
        if wipe:
            shutil.rmtree(directory / name, ignore_errors=True)


def stop_all(directory: Path, *, wipe: bool = False) -> None:
    """End every server of a directory."""
    for name in reversed(list(_STARTERS)):
        if (directory / name).is_dir():
            stop(name, directory, wipe=wipe)


@contextmanager
def _locked(directory: Path, name: str) -> Iterator[None]:
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (directory / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
