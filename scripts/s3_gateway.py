"""The S3 server of docker-compose.yml: one Ceph node, its keys from secret files, its port open to other containers.

Ceph's daemons listen on the loopback only; socat carries connections from the given address to the gateway. When one
of the daemons ends, so does this process, and the container is started again on the same data.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from scripts.services import running, start, stop

SERVER = "s3"
KEYS = {"access-key": "edo_s3_access_key", "secret-key": "edo_s3_secret_key"}


def place_keys(directory: Path, secrets: Path) -> None:
    """Give the node the keys that the service has, before it makes its own."""
    node = directory / SERVER
    node.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, secret in KEYS.items():
        target = node / name
        if not target.exists():
            target.write_text((secrets / secret).read_text(encoding="ascii").strip(), encoding="ascii")
            target.chmod(0o600)


def main() -> int:
    """Entry point: stays in the foreground; 0 after SIGTERM, 1 when a daemon ended by itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="where the node keeps its data")
    parser.add_argument("--bind", default="0.0.0.0", help="address to listen on")  # noqa: S104 -- a container's own network
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--secrets", type=Path, required=True, help="folder with the files of the two keys")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    place_keys(options.directory, options.secrets)
    try:
        endpoint = start(SERVER, options.directory)["endpoint"]
        listen = f"TCP-LISTEN:{options.port},bind={options.bind},fork,reuseaddr,nodelay"
        with subprocess.Popen(["socat", listen, f"TCP:{endpoint},nodelay"]) as carrier:
            try:
                while carrier.poll() is None and running(SERVER, options.directory):
                    time.sleep(1)
            finally:
                carrier.terminate()
    finally:
        stop(SERVER, options.directory)
    return 1


if __name__ == "__main__":
    sys.exit(main())
