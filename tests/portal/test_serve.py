"""`edo serve` as a process: starts with the demonstration, prints the way in, ends on a signal, keeps its data."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from edo_service.main.serve import _listen
from edo_service.settings import Settings
from tests.portal.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDO_")}
    environment |= {"EDO_DEMO": "1", "EDO_DATA_DIR": str(folder), "EDO_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from edo_service.cli import main; main()", "serve"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    lines: list[str] = []
    assert process.stdout is not None
    stdout = process.stdout
    reader = threading.Thread(target=lambda: lines.extend(stdout), daemon=True)
    reader.start()
    try:
        yield process, lines
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)
        reader.join(60)
        stdout.close()


def address(process: subprocess.Popen[str], lines: list[str]) -> str:
    def look() -> str | None:
        assert process.poll() is None, "".join(lines)
        found = re.search(r"Кабинет ЭДО: (http://\S+)", "".join(lines))
        if not found:
            return None
        try:
            answer = httpx2.get(f"{found.group(1)}/health/ready", timeout=60, trust_env=False)
        except httpx2.HTTPError:
            return None
        return found.group(1) if answer.status_code == 200 else None

    return until(look, "the service answers")


def test_it_starts_says_how_to_get_in_and_ends_on_a_signal(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, lines):
        address(process, lines)
        shown = "".join(lines)
        password = re.search(r"buh@lizingprom\.demo\.test\s+(\S+)", shown)
        assert password
        assert re.search(r"lebedeva@\S+\s+\S+.*ПИН ключа \d{8}", shown)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0, "".join(lines)
    with serving(tmp_path) as (process, lines):
        address(process, lines)
        assert password.group(1) in "".join(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
    assert "Traceback" not in "".join(lines)


def test_answers_do_not_wait_for_the_peers_acknowledgement() -> None:
    # asyncio turns Nagle's algorithm off only for sockets that are named as TCP.
    with _listen(Settings(port=0)) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(tmp_path, port) as (process, lines):
            assert process.wait(120) == 1
            until(lambda: "занять не удалось" in "".join(lines), "it says so")
