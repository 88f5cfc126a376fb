"""One PostgreSQL server: own cluster, loopback and socket-free, trust for the two roles that are made here.

`postgres` is the superuser; `edo` is what the service uses: it may create databases but is no superuser, because
row-level security does not bind superusers.
"""

import signal
from pathlib import Path
from typing import Any

from scripts.services.processes import (
    Record,
    find_program,
    free_ports,
    own,
    run,
    spawn,
    unprivileged,
    wait_until,
)

PACKAGE = "postgresql-15"
_BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# A kill -9 of the server keeps what the kernel already holds, so tests lose nothing by this; a power cut would.
_FAST = "fsync=off\nfull_page_writes=off\n"
_SETTINGS = """
listen_addresses='127.0.0.1'
unix_socket_directories=''
max_connections=200
shared_buffers=64MB
wal_level=minimal
max_wal_senders=0
log_timezone='UTC'
timezone='UTC'
"""


def start(folder: Path, *, throwaway: bool = False) -> dict[str, Any]:
    """Make the cluster if needed and start it. Returns host, port, url (of role edo) and admin_url, without database.

    throwaway: without fsync: a kill -9 loses nothing, a power cut may.
    """
    initdb = find_program([*(str(path / "initdb") for path in _BIN), "initdb"], package=PACKAGE)
    server = find_program([*(str(path / "postgres") for path in _BIN), "postgres"], package=PACKAGE)
    user = unprivileged("postgres")
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        data.mkdir(mode=0o700, exist_ok=True)
        own(data, user)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        run([initdb, "--pgdata", str(data), *options], user=user)
    (port,) = free_ports(1)
    (data / "postgresql.auto.conf").write_text(f"{_SETTINGS}port={port}\n{_FAST if throwaway else ''}")
    log = folder / "log"
    process = spawn([server, "-D", str(data)], log=log, user=user)
    record = Record(folder)
    address = {
        "host": "127.0.0.1",
        "port": port,
        "url": f"postgresql://edo@127.0.0.1:{port}",
        "admin_url": f"postgresql://postgres@127.0.0.1:{port}",
    }
    record.write(pids=[process.pid], address=address)
    wait_until(lambda: _ready(port), seconds=240, what="PostgreSQL", pids=[process.pid], log=log)
    return address


def stop(folder: Path, *, hard: bool = False) -> None:
    """End the server; open sessions are cut (fast shutdown, or the immediate one, which a crash recovery follows)."""
    Record(folder).end(first=signal.SIGQUIT if hard else signal.SIGINT)


def _ready(port: int) -> bool:
    import psycopg

    try:
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2) as connection:
            if connection.execute("select 1 from pg_roles where rolname='edo'").fetchone() is None:
                connection.execute("create role edo login createdb")
    except psycopg.OperationalError:
        return False
    return True
