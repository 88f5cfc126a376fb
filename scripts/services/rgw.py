"""A one-node Ceph with the S3 gateway (monitor, object store daemon, radosgw): S3 with Object Lock that is enforced.

What one node needs that a cluster does not: one copy of each object and no host rule for placing it; fast map changes
(the monitor's proposal interval is meant for many nodes); no manager daemon. The lock binds S3 users; the host's own
administrator (radosgw-admin) stands above it.
"""

import base64
import hashlib
import http.client
import secrets
import shutil
import signal
import subprocess
import uuid
from pathlib import Path
from typing import Any

from scripts.services.processes import NotStarted, Record, find_program, free_ports, run, spawn, wait_until

PACKAGE = "ceph-mon ceph-osd radosgw"
REGION = "us-east-1"
KMS_KEY = "edo-test"
_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")
# The admin sockets' paths must fit in a unix socket address (107 bytes).
_LONGEST_FOLDER = 85
_CAPS = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *", "mgr": "allow profile osd"},
    "client.rgw": {"mon": "allow rw", "osd": "allow rwx", "mgr": "allow rw"},
}


def start(folder: Path, *, throwaway: bool = False) -> dict[str, Any]:
    """Make the node if needed and start it. Returns endpoint (host:port), access_key, secret_key and region.

    throwaway: keep objects in RAM (lost when the daemon ends) instead of in a sparse file; begins empty.
    """
    programs = {name: find_program([name], package=PACKAGE) for name in _PROGRAMS}
    if len(str(folder)) > _LONGEST_FOLDER:
        raise NotStarted(f"the path {folder} is too long for Ceph's sockets")
    node = _Node(folder, programs, in_memory=throwaway)
    node.prepare()
    return node.launch()


def stop(folder: Path, *, hard: bool = False) -> None:
    """End the three daemons; the gateway is slow to say good-bye and holds nothing, so it is not waited for long."""
    Record(folder).end(grace=2, first=signal.SIGKILL if hard else signal.SIGTERM)


class _Node:
    def __init__(self, folder: Path, programs: dict[str, str], *, in_memory: bool) -> None:
        self._folder = folder
        self._programs = programs
        self._in_memory = in_memory
        self._config = folder / "ceph.conf"
        self._keyring = folder / "keyring"
        self._monitor, self._gateway = self._ports()
        self._cluster = self._kept("fsid", lambda: str(uuid.uuid4()))
        self._disk = self._kept("disk-id", lambda: str(uuid.uuid4()))
        self._access = self._kept("access-key", lambda: "edo" + secrets.token_hex(8))
        self._secret = self._kept("secret-key", lambda: secrets.token_hex(20))
        self._kms = self._kept("kms-key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())

    def prepare(self) -> None:
        for part in ("mon", "osd", "rgw") if self._in_memory else ():
            shutil.rmtree(self._folder / part, ignore_errors=True)
        for part in ("run", "log", "mon", "osd", "rgw"):
            (self._folder / part).mkdir(mode=0o700, exist_ok=True)
        self._config.write_text(self._settings())
        if not self._keyring.exists():
            self._make_keys()
        if not (self._folder / "mon" / "made").exists():
            self._make_monitor()

    def launch(self) -> dict[str, Any]:
        record = Record(self._folder)
        endpoint = {
            "endpoint": f"127.0.0.1:{self._gateway}",
            "access_key": self._access,
            "secret_key": self._secret,
            "region": REGION,
        }
        pids = [self._daemon("ceph-mon", "-i", "a")]
        record.write(pids=pids, address=endpoint)
        if not (self._folder / "osd" / "made").exists():
            self._make_disk()
        pids.append(self._daemon("ceph-osd", "-i", "0"))
        record.write(pids=pids, address=endpoint)
        wait_until(self._disk_active, seconds=240, what="ceph-osd", pids=pids, log=self._log("ceph-osd"))
        self._make_user()
        pids.append(self._daemon("radosgw", "-n", "client.rgw"))
        record.write(pids=pids, address=endpoint)
        wait_until(self._answers, seconds=240, what="radosgw", pids=pids, log=self._log("radosgw"))
        return endpoint

    def _ports(self) -> tuple[int, int]:
        # The monitor's address is part of its database: chosen once for a folder.
        kept = self._folder / "ports"
        if not kept.exists():
            kept.write_text(" ".join(map(str, free_ports(2))))
        monitor, gateway = kept.read_text().split()
        return int(monitor), int(gateway)

    def _kept(self, name: str, make: Any) -> str:
        path = self._folder / name
        if not path.exists():
            path.write_text(make())
            path.chmod(0o600)
        return path.read_text()

    def _settings(self) -> str:
        d = self._folder
        sections: dict[str, dict[str, object]] = {
            "global": {
                "fsid": self._cluster,
                "mon host": f"[v2:127.0.0.1:{self._monitor}/0]",
                "mon initial members": "a",
                "public addr": "127.0.0.1",
                "cluster addr": "127.0.0.1",
                "ms bind ipv6": "false",
                "ms bind msgr1": "false",
                "keyring": self._keyring,
                "run dir": d / "run",
                "admin socket": f"{d}/run/$name.asok",
                "log file": f"{d}/log/$name.log",
                "crash dir": d / "log",
                "osd pool default size": 1,
                "osd pool default min size": 1,
                "osd pool default pg num": 4,
                "osd pool default pgp num": 4,
                "osd pool default pg autoscale mode": "off",
                "osd crush chooseleaf type": 0,
                "mon allow pool size one": "true",
                "mon max pg per osd": 1000,
            },
            "mon": {
                "mon data": d / "mon" / "data",
                "mon data avail warn": 2,
                "mon data avail crit": 1,
                "paxos propose interval": 0.05,
                "paxos min wait": 0.01,
            },
            "osd": {
                "osd data": d / "osd" / "data",
                "osd objectstore": "memstore" if self._in_memory else "bluestore",
                "memstore device bytes": 2 * 1024**3,
                "bluestore block size": 20 * 1024**3,
                "bluestore cache autotune": "false",
                "bluestore cache size": 128 * 1024**2,
                "osd class update on start": "false",
                # A gateway that was killed leaves watches behind, which block bucket creation until they time out.
                "osd client watch timeout": 5,
                "osd default notify timeout": 5,
            },
            "client.admin": {"admin socket": "", "log file": ""},
            "client": {
                "objecter tick interval": 1,
                "rgw data": d / "rgw",
                "rgw frontends": f"beast endpoint=127.0.0.1:{self._gateway} tcp_nodelay=1",
                "rgw thread pool size": 64,
                "rgw rados pool pg num min": 4,
                "debug rgw": 0,
                # One key of the gateway's own, so that SSE-KMS is there without a key server; for tests.
                "rgw crypt require ssl": "false",
                "rgw crypt s3 kms backend": "testing",
                "rgw crypt s3 kms encryption keys": f"{KMS_KEY}={self._kms}",
            },
        }
        lines = []
        for section, values in sections.items():
            lines += [f"[{section}]", *(f"{name} = {value}" for name, value in values.items()), ""]
        return "\n".join(lines)

    def _make_keys(self) -> None:
        fresh = self._folder / "keyring.new"
        fresh.unlink(missing_ok=True)
        for number, (name, caps) in enumerate(_CAPS.items()):
            options = [part for subject, right in caps.items() for part in ("--cap", subject, right)]
            create = ["--create-keyring"] if number == 0 else []
            run([self._programs["ceph-authtool"], *create, str(fresh), "--gen-key", "-n", name, *options])
        fresh.rename(self._keyring)

    def _make_monitor(self) -> None:
        data = self._folder / "mon" / "data"
        data.mkdir(exist_ok=True)
        address = ["--addv", "a", f"[v2:127.0.0.1:{self._monitor}]"]
        table = str(self._folder / "monmap")
        run([self._programs["monmaptool"], "--create", "--clobber", "--fsid", self._cluster, *address, table])
        keys = ["--monmap", table, "--keyring", str(self._keyring)]
        run([self._programs["ceph-mon"], "--mkfs", "-i", "a", "-c", str(self._config), *keys])
        (self._folder / "mon" / "made").touch()

    def _make_disk(self) -> None:
        (self._folder / "osd" / "data").mkdir(exist_ok=True)
        known = ["--no-mon-config", "--monmap", str(self._folder / "monmap"), "-c", str(self._config)]
        run([self._programs["ceph-osd"], "--mkfs", "-i", "0", "--osd-uuid", self._disk, *known])
        number = self._ceph("osd", "new", self._disk).strip()
        if number != "0":
            raise NotStarted(f"the first object store daemon got number {number}, not 0")
        (self._folder / "osd" / "made").touch()

    def _make_user(self) -> None:
        made = self._folder / "rgw" / "user-made"
        if made.exists():
            return
        keys = ["--access-key", self._access, "--secret-key", self._secret]
        words = ["user", "create", "--uid", "edo", "--display-name", "edo", *keys]
        run([self._programs["radosgw-admin"], "-c", str(self._config), *words])
        made.touch()

    def _daemon(self, name: str, *options: str) -> int:
        command = [self._programs[name], *options, "-f", "-c", str(self._config)]
        return spawn(command, log=self._log(name)).pid

    def _log(self, name: str) -> Path:
        return self._folder / "log" / f"{name}.out"

    def _ceph(self, *words: str) -> str:
        options = ["-c", str(self._config), "--name", "client.admin", "--connect-timeout", "20"]
        return run([self._programs["ceph"], *options, *words])

    def _disk_active(self) -> bool:
        socket = self._folder / "run" / "osd.0.asok"
        if not socket.exists():
            return False
        command = [self._programs["ceph"], "--admin-daemon", str(socket), "status"]
        state = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
        return '"state": "active"' in state.stdout

    def _answers(self) -> bool:
        """A signed listing of the buckets answers 200 (the old signature, version 2, is short enough to write here)."""
        from email.utils import formatdate
        from hmac import new as hmac

        date = formatdate(usegmt=True)
        signature = base64.b64encode(hmac(self._secret.encode(), f"GET\n\n\n{date}\n/".encode(), hashlib.sha1).digest())
        headers = {"Date": date, "Authorization": f"AWS {self._access}:{signature.decode()}"}
        connection = http.client.HTTPConnection("127.0.0.1", self._gateway, timeout=3)
        try:
            connection.request("GET", "/", headers=headers)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
