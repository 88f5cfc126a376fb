"""What surrounds every request of Diadoc: case-insensitive paths and trace ids (pure ASGI)."""

import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class CaseInsensitivePaths:
    """Diadoc's paths are case-insensitive: routes are declared in lower case, requests are brought to it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its path in lower case."""
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].lower()}
        await self.app(scope, receive, send)


class TraceIds:
    """Puts X-Kontur-Trace-Id on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and mark its answer."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace = (b"x-kontur-trace-id", uuid.uuid4().hex.encode())
                message = {**message, "headers": [*message.get("headers", []), trace]}
            await send(message)

        await self.app(scope, receive, marked)
