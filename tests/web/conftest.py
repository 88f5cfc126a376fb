"""The preview application in a client without a browser, and served for real to a browser."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent))

from preview import create_preview_app

from edo_service.web.assets import ensure_built


@pytest.fixture(scope="session")
def preview_app() -> FastAPI:
    ensure_built()
    return create_preview_app()


@pytest.fixture
def client(preview_app: FastAPI) -> Iterator[TestClient]:
    with TestClient(preview_app, base_url="https://portal.test", follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def served(preview_app: FastAPI) -> Iterator[str]:
    """The address of the preview on a free port of the loopback."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(preview_app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 120
    while not server.started:
        assert time.monotonic() < deadline, "the preview did not start"
        thread.join(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(240)
    listener.close()
    assert not thread.is_alive()
