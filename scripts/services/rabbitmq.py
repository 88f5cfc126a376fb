"""One RabbitMQ node: own name, own Mnesia folder, own cookie, own epmd; everything on loopback.

The management plug-in runs too: through its HTTP face a test gets a virtual host of its own in milliseconds
(`rabbitmqctl` would need a second of Erlang start-up each time).
"""

import base64
import http.client
import json
import secrets
import signal
from pathlib import Path
from typing import Any

from scripts.services.processes import (
    Record,
    find_program,
    free_ports,
    own,
    port_answers,
    spawn,
    unprivileged,
    wait_until,
)

PACKAGE = "rabbitmq-server"
_USER = "edo"


def start(folder: Path, *, throwaway: bool = False) -> dict[str, Any]:
    """Start epmd and the node. Returns host, port, management_port, user, password and url (virtual host `/`).

    throwaway changes nothing here: quorum queues always reach the disk.
    """
    del throwaway
    # Debian's /usr/sbin/rabbitmq-server only adds a change of user and fixed log paths.
    program = find_program(["/usr/lib/rabbitmq/bin/rabbitmq-server"], package=PACKAGE)
    epmd = find_program(["epmd"], package=PACKAGE)
    user = unprivileged("rabbitmq")
    amqp, management, dist, names = free_ports(4)
    password = _password(folder)
    home = folder / "home"
    for part in (home, folder / "mnesia", folder / "log"):
        part.mkdir(mode=0o700, exist_ok=True)
        own(part, user)
    _configure(folder, amqp=amqp, management=management, password=password)
    env = _environment(folder, home, dist=dist, names=names)
    log = folder / "out"
    daemon = spawn([epmd, "-port", str(names), "-address", "127.0.0.1"], log=log, user=user, env=env)
    wait_until(lambda: port_answers(names), seconds=240, what="epmd", pids=[daemon.pid])
    node = spawn([program], log=log, user=user, env=env)
    address = {
        "host": "127.0.0.1",
        "port": amqp,
        "management_port": management,
        "user": _USER,
        "password": password,
        "url": f"amqp://{_USER}:{password}@127.0.0.1:{amqp}//",
    }
    record = Record(folder)
    record.write(pids=[daemon.pid, node.pid], address=address)
    wait_until(lambda: _ready(address), seconds=240, what="RabbitMQ", pids=[daemon.pid, node.pid], log=log)
    return address


def stop(folder: Path, *, hard: bool = False) -> None:
    """End the node and its epmd."""
    Record(folder).end(grace=15, first=signal.SIGKILL if hard else signal.SIGTERM)


def create_vhost(address: dict[str, Any], name: str) -> str:
    """Make a virtual host for one test and return its AMQP address."""
    _call(address, "PUT", f"/api/vhosts/{name}")
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    _call(address, "PUT", f"/api/permissions/{name}/{_USER}", rights)
    return f"amqp://{_USER}:{address['password']}@127.0.0.1:{address['port']}/{name}"


def delete_vhost(address: dict[str, Any], name: str) -> None:
    """Drop a virtual host with all its queues; open connections to it are closed."""
    _call(address, "DELETE", f"/api/vhosts/{name}")


def _call(address: dict[str, Any], method: str, path: str, body: dict[str, Any] | None = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", address["management_port"], timeout=20)
    token = base64.b64encode(f"{address['user']}:{address['password']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise OSError(f"RabbitMQ answered {answer.status} to {method} {path}: {text[:200]!r}")
    finally:
        connection.close()


def _ready(address: dict[str, Any]) -> bool:
    try:
        _call(address, "GET", "/api/health/checks/virtual-hosts")
    except (OSError, http.client.HTTPException):
        return False
    return port_answers(address["port"])


def _password(folder: Path) -> str:
    kept = folder / "password"
    if not kept.exists():
        kept.write_text(secrets.token_hex(16))
        kept.chmod(0o600)
    return kept.read_text()


def _configure(folder: Path, *, amqp: int, management: int, password: str) -> None:
    settings = {
        "listeners.tcp.1": f"127.0.0.1:{amqp}",
        "management.tcp.ip": "127.0.0.1",
        "management.tcp.port": management,
        "default_user": _USER,
        "default_pass": password,
        "default_user_tags.administrator": "true",
        "disk_free_limit.absolute": "50MB",
        "vm_memory_high_watermark.absolute": "1GB",
        "raft.wal_max_size_bytes": 16 * 1024 * 1024,
        "log.console": "true",
        "log.console.level": "warning",
        "log.file": "false",
    }
    (folder / "rabbitmq.conf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    (folder / "plugins").write_text("[rabbitmq_management].\n")
    (folder / "env.conf").write_text("")


def _environment(folder: Path, home: Path, *, dist: int, names: int) -> dict[str, str]:
    # The node's name is part of its database, so it stays the same for one folder.
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        # The script then becomes the node instead of waiting for it: the recorded pid is the node's own, also for SIGKILL.
        "RUNNING_UNDER_SYSTEMD": "1",
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "edo@localhost",
        "RABBITMQ_DIST_PORT": str(dist),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
    }
