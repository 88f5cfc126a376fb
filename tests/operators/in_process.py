"""A sandbox without a socket: requests go straight to the application, so that several may stand beside each other."""

import asyncio
from typing import Any

import httpx2
from fastapi import FastAPI


def scope_of(request: httpx2.Request) -> dict[str, Any]:
    """The request as an ASGI application is told of it (ASGI 3, HTTP connection scope)."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


class InProcess(httpx2.BaseTransport):
    """Carries an adapter's requests to an ASGI application in this thread."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body, given = request.read(), False
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            nonlocal given
            if given:
                return {"type": "http.disconnect"}
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(dict(message))

        asyncio.run(self._app(scope_of(request), receive, send))
        content = b"".join(each.get("body", b"") for each in sent[1:])
        return httpx2.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)
