"""Measure this machine: `make bench`, or parts of it: `make bench ARGS="exchange formats"`.

Bounded in count and time, on 127.0.0.1 only; prints a table, judges nothing.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import signing
from scripts import bench_exchange, bench_formats
from scripts.services.processes import free_ports

ROOT = Path(__file__).resolve().parent.parent
EDO = str(Path(sys.executable).parent / "edo")
CONTENT = b"<document/>" * 2000
PAGES = ("/login", "/health/live", "/health/ready")
START_LIMIT = 120.0


def row(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{name:<46}{value:>24}", flush=True)


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def best_of(action: Callable[[], object], times: int) -> list[float]:
    """Time an action so many times; sorted seconds."""
    return sorted(timed(action) for _ in range(times))


def spread(seconds: list[float]) -> str:
    """Write median and 95th percentile in milliseconds."""
    late = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))]
    return f"{1000 * statistics.median(seconds):.1f} / {1000 * late:.1f} ms"


def command_line() -> None:
    """Measure how fast `edo` starts: verify must not wait for the web framework."""
    for words in (["--help"], ["verify", "--help"]):
        start = best_of(partial(subprocess.run, [EDO, *words], check=True, capture_output=True), 5)
        row(f"edo {' '.join(words)} (median / p95)", spread(start))


def signatures() -> None:
    """Measure keys, hashes and bare signatures of each algorithm in this process."""
    for name in ("streebog256", "sha256"):
        row(f"{name} of 22 KB", spread(best_of(partial(signing.digest, name, CONTENT), 200)))
    for spec in ("gost2012_256:XA", "gost2012_512:A", "ec:P-256", "rsa:2048"):
        key = signing.generate_private_key(spec)
        row(f"sign with {spec}", spread(best_of(partial(key.sign, CONTENT), 50)))


def answer(address: str) -> bool:
    """Tell whether a page answers 200."""
    try:
        with urllib.request.urlopen(address, timeout=30) as response:  # noqa: S310 -- a loopback address made here
            response.read()
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def memory(pid: int) -> str:
    """Read the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return f"{int(kilobytes) / 1024:.0f} MB"


def service() -> None:
    """Measure the embedded service: first page on empty data, later pages, memory."""
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    quiet = subprocess.DEVNULL
    with tempfile.TemporaryDirectory(prefix="edo-bench-") as folder:
        environment = os.environ | {"EDO_DEMO": "1", "EDO_DATA_DIR": folder, "EDO_PORT": str(port)}
        for state in ("empty data", "kept data"):
            began = time.monotonic()
            with subprocess.Popen([EDO, "serve"], env=environment, cwd=ROOT, stdout=quiet, stderr=quiet) as process:
                try:
                    while not answer(f"{address}/login"):
                        if process.poll() is not None or time.monotonic() - began > START_LIMIT:
                            raise SystemExit(f"edo serve did not answer: {process.returncode}")
                        time.sleep(0.05)
                    row(f"edo serve to first page, {state}", f"{time.monotonic() - began:.1f} s")
                    if state == "kept data":
                        for page in PAGES:
                            row(f"GET {page}", spread(best_of(partial(answer, address + page), 100)))
                        row("resident memory", memory(process.pid))
                finally:
                    process.send_signal(signal.SIGTERM)
                    process.wait(60)


def main() -> int:
    """Entry point."""
    parts: dict[str, Callable[[], None]] = {
        "command-line": command_line,
        "signatures": signatures,
        "formats": bench_formats.rows,
        "exchange": bench_exchange.rows,
        "service": service,
    }
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(parts)}; all without one")
    wanted = parser.parse_args().parts
    if unknown := set(wanted) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores; median / 95th percentile")
    for name, measure in parts.items():
        if not wanted or name in wanted:
            measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
