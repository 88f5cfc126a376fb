"""Errors nobody has dressed: the framework's plain English answers and exceptions that nobody expected."""

import logging

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edo_service.web.security.forgery import Refuse
from edo_service.web.security.headers import request_id

CODES = {400: "request.broken", 404: "request.absent", 405: "request.method", 413: "request.too_large"}

log = logging.getLogger("edo.web")


class PlainErrorsMiddleware:
    """Replaces a `text/plain` answer with status 400 or more by the same status in our words."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold back a plain error and answer instead of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        plain: int | None = None

        async def send_but_plain_errors(message: Message) -> None:
            nonlocal plain
            if message["type"] == "http.response.start" and message["status"] >= 400:
                kind = Headers(raw=message.get("headers", [])).get("content-type", "")
                plain = message["status"] if kind.startswith("text/plain") or not kind else None
            if plain is None:
                await send(message)

        await self.app(scope, receive, send_but_plain_errors)
        if plain is not None:
            response = await self.refuse(Request(scope), plain, CODES.get(plain, "request.failed"))
            await response(scope, receive, send)


class CrashMiddleware:
    """Answers 500 with the request's id and writes the trace to the log, never to the page.

    Starlette's own handler stands outside all middleware, so its answer would go without our headers.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Catch whatever was not foreseen; an answer that has begun cannot be replaced, so the error goes on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            request = Request(scope)
            log.exception("request %s %s %s failed", request_id(request), request.method, request.url.path)
            if started:
                raise
            await (await self.refuse(request, 500, "request.failed"))(scope, receive, send)
