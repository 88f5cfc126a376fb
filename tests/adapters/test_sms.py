"""Short messages: the same message is one message, in the folder and at the gateway."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from edo_service.adapters.sms_folder import FolderTexter
from edo_service.adapters.sms_http import HttpTexter
from edo_service.errors import Unavailable
from edo_service.kernel.messages import ShortMessage

MESSAGE = ShortMessage(id=UUID(int=7), to="+79160000001", text="123456 — код входа")


class Gateway(ThreadingHTTPServer):
    """Takes messages as a gateway does; knows repetitions by their key."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.taken: dict[str, Any] = {}
        self.headers: list[dict[str, str]] = []
        self.status = 202
        self.url = f"http://127.0.0.1:{self.server_address[1]}/messages"


class _Request(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.headers.append(dict(self.headers))
        if self.server.status < 300:
            self.server.taken[self.headers["Idempotency-Key"]] = body
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_message_sent_twice_is_one_file_that_only_we_may_read(tmp_path: Path) -> None:
    texter = FolderTexter(folder=tmp_path / "sms")
    texter.send(MESSAGE)
    texter.send(MESSAGE)
    (file,) = (tmp_path / "sms").iterdir()
    assert file.read_text(encoding="utf-8") == f"{MESSAGE.to}\n{MESSAGE.text}\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("a file")
    with pytest.raises(Unavailable):
        FolderTexter(folder=tmp_path / "sms").send(MESSAGE)


def test_the_gateway_gets_the_message_with_its_key(gateway: Gateway) -> None:
    texter = HttpTexter(url=gateway.url, sender="EDO", token="secret")
    texter.send(MESSAGE)
    texter.send(MESSAGE)
    assert gateway.taken == {
        str(MESSAGE.id): {"id": str(MESSAGE.id), "from": "EDO", "to": MESSAGE.to, "text": MESSAGE.text}
    }
    assert {one["Authorization"] for one in gateway.headers} == {"Bearer secret"}
    assert "secret" not in repr(texter)
    assert MESSAGE.text not in repr(MESSAGE)


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_a_gateway_that_does_not_take_it_is_unavailable(gateway: Gateway, status: int) -> None:
    gateway.status = status
    with pytest.raises(Unavailable, match=str(status)):
        HttpTexter(url=gateway.url, sender="EDO").send(MESSAGE)
    assert gateway.taken == {}


def test_a_gateway_that_is_away_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unavailable):
            HttpTexter(url=url, sender="EDO").send(MESSAGE)
