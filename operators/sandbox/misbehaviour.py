"""Faults around every request of a sandbox (pure ASGI): what `Faults` asks for, in the words of any wire."""

import asyncio
import logging
from collections.abc import Mapping
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from operators.answers import parse_json
from operators.sandbox.bodies import body_again, whole_body
from operators.sandbox.faults import Fault, FaultRule, Faults

logger = logging.getLogger(__name__)

ADMIN = "/_sandbox"
LONGEST_SILENCE = 120.0
"""Seconds after which a withheld answer stops waiting for the client to leave."""


class Misbehaviour:
    """Applies the rules of `Faults` to requests, the sandbox's own addresses excepted.

    `by_method`: a JSON-RPC wire, where a rule's `path` is looked for in the method's name instead of the address.
    """

    def __init__(self, app: ASGIApp, faults: Faults, *, by_method: bool = False) -> None:
        self.app = app
        self.faults = faults
        self.by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or not, as the rule for it says."""
        rule = None
        if scope["type"] == "http" and not scope["path"].startswith(ADMIN):
            name = scope["path"]
            if self.by_method and scope["method"] == "POST":
                body = await whole_body(receive)
                name, receive = _method(body), body_again(body, receive)
            rule = self.faults.take(name)
        if rule is None:
            await self.app(scope, receive, send)
            return
        logger.info("fault %s for %s", rule.fault, scope["path"])
        match rule.fault:
            case Fault.DROP:
                await _break_off(send)
            case Fault.UNPAID:
                await _plain(send, HTTPStatus.PAYMENT_REQUIRED, "Тариф не оплачен")
            case Fault.MALFORMED:
                await _plain(send, HTTPStatus.BAD_REQUEST, "Файл не соответствует формату")
            case Fault.RATE_LIMIT:
                await _plain(send, HTTPStatus.TOO_MANY_REQUESTS, "Слишком много запросов", rule)
            case Fault.SERVER_ERROR:
                await _plain(send, HTTPStatus.INTERNAL_SERVER_ERROR, "Внутренняя ошибка сервера")
            case _:
                await self._after(rule, scope, receive, send)

    async def _after(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request be executed, then spoil the answer. A refusal goes out as it is."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self.app(scope, receive, hold)
        if held and held[0]["status"] != HTTPStatus.OK:
            for message in held:
                await send(message)
            return
        match rule.fault:
            case Fault.WITHHOLD:
                await _silence(receive)
                await _break_off(send)
            case Fault.CUT:
                await _break_off(send)
            case Fault.ERROR_AFTER:
                await _plain(send, HTTPStatus.INTERNAL_SERVER_ERROR, "Внутренняя ошибка сервера")
            case _:
                await _plain(send, HTTPStatus.NO_CONTENT, "", rule)


def _method(body: bytes) -> str:
    try:
        value = parse_json(body)
    except ValueError:
        return ""
    return str(value.get("method", "")) if isinstance(value, Mapping) else ""


async def _silence(receive: Receive) -> None:
    """Wait until the client leaves."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), LONGEST_SILENCE)
    except TimeoutError:
        logger.warning("a client has waited for %s seconds", LONGEST_SILENCE)


async def _break_off(send: Send) -> None:
    """Promise a body and stop in its middle: the server closes the connection, the client sees it broken."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
    await send({"type": "http.response.body", "body": b" ", "more_body": True})


async def _plain(send: Send, status: HTTPStatus, text: str, rule: FaultRule | None = None) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status is HTTPStatus.NO_CONTENT:
        headers = []
    if rule is not None:
        headers.append((b"retry-after", str(rule.retry_after).encode()))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
