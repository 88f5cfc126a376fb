"""The S3 container's own process: it opens the port, takes the given keys, and its Object Lock is enforced."""

import io
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from scripts import secret_files
from scripts.services import running
from scripts.services.processes import free_ports

pytestmark = pytest.mark.full
PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "socat")


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path: Ceph's sockets have 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="edo-s3-"))
    yield path
    shutil.rmtree(path)


def accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def test_the_gateway_serves_and_keeps_its_word(
    directory: Path, root: Path, unavailable: Callable[[str], NoReturn]
) -> None:
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if lacking:
        unavailable(f"not installed: {', '.join(lacking)} (make setup)")
    secret_files.make(directory / "secrets", "localhost")
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "scripts.s3_gateway", str(directory / "node"), "--bind", "127.0.0.1"]
    command += ["--port", str(port), "--secrets", str(directory / "secrets")]
    with subprocess.Popen(command, cwd=root) as gateway:
        try:
            deadline = time.monotonic() + 600
            while not accepts(port):
                assert gateway.poll() is None, "it ended by itself"
                assert time.monotonic() < deadline
                time.sleep(0.1)
            keys = [(directory / "secrets" / name).read_text() for name in ("edo_s3_access_key", "edo_s3_secret_key")]
            client = Minio(f"127.0.0.1:{port}", access_key=keys[0], secret_key=keys[1], secure=False)
            client.make_bucket("kept", object_lock=True)
            until = datetime.now(UTC) + timedelta(days=1)
            stored = client.put_object("kept", "k", io.BytesIO(b"x"), 1, retention=Retention(COMPLIANCE, until))

            with pytest.raises(S3Error) as refused:
                client.remove_object("kept", "k", version_id=stored.version_id)

            assert refused.value.code == "AccessDenied"
        finally:
            gateway.send_signal(signal.SIGTERM)
            code = gateway.wait(180)
    assert code == 0
    assert running("s3", directory / "node") is None
    assert not accepts(port)
