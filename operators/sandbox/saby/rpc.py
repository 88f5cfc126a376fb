"""A JSON-RPC call as the handlers see it, and how results and errors are written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fastapi import Request, Response

from operators.answers import parse_json
from operators.sandbox.exchange.refusals import BadRequest

JSON = "application/json; charset=utf-8"
PARSE, NO_METHOD, BUSINESS = -32700, -32601, -32000
NO_CLASS = "{00000000-0000-0000-0000-000000000000}"

Json: TypeAlias = Mapping[str, Any]


class Unauthorized(Exception):
    """No session, or one that has ended."""


class RpcError(Exception):
    """An error with its JSON-RPC code, HTTP status and `data`."""

    def __init__(self, code: int, text: str, *, status: int = 500, data: Json | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.status = status
        self.data = data


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call: `base` is the address under which the client reached us, without a slash at its end."""

    method: str
    params: Json = field(repr=False)
    session: str = field(repr=False)
    base: str


async def read_call(request: Request) -> Call:
    """Read a call (FastAPI dependency); raises RpcError."""
    if "charset=utf-8" not in request.headers.get("content-type", "").lower().replace(" ", ""):
        raise RpcError(PARSE, "Не указана кодировка: ожидается charset=utf-8")
    try:
        value = parse_json(await request.body())
    except ValueError as error:
        raise RpcError(PARSE, "Тело запроса не является JSON") from error
    method = value.get("method") if isinstance(value, Mapping) else None
    params = value.get("params", {}) if isinstance(value, Mapping) else None
    if not isinstance(method, str) or not isinstance(params, Mapping):
        raise RpcError(PARSE, "Тело запроса не является вызовом JSON-RPC")
    return Call(
        method=method,
        params=params,
        session=request.headers.get("x-sbissessionid", ""),
        base=str(request.base_url).rstrip("/"),
    )


def answer(result: Any) -> Response:
    """Write a result."""
    return Response(json.dumps({"jsonrpc": "2.0", "result": result, "id": 0}, ensure_ascii=False), media_type=JSON)


def refuse(error: RpcError) -> Response:
    """Write an error."""
    body = {
        "code": error.code,
        "message": str(error),
        "details": str(error),
        "data": error.data or {"classid": NO_CLASS, "addinfo": {}},
    }
    text = json.dumps({"jsonrpc": "2.0", "error": body, "id": 0}, ensure_ascii=False)
    return Response(text, status_code=error.status, media_type=JSON)


def unauthorized() -> Response:
    """Write the answer to a call without a good session."""
    return Response('{"error": "Not authorized.", "id": -1}', status_code=401, media_type=JSON)


def part(value: Json, name: str) -> Json:
    """Return an object of a structure; raises BadRequest."""
    found = value.get(name)
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, Mapping):
        raise BadRequest(f"Не указано поле «{name}»")
    return found


def items(value: Json, name: str) -> list[Json]:
    """Return a list of objects; an absent one is empty. Raises BadRequest."""
    found = value.get(name) or []
    if isinstance(found, Mapping):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(line, Mapping) for line in found):
        raise BadRequest(f"Поле «{name}» не является списком объектов")
    return found


def text(value: Json, name: str) -> str:
    """Return a string; raises BadRequest when it is absent or empty."""
    found = maybe(value, name)
    if found is None:
        raise BadRequest(f"Не указано поле «{name}»")
    return found


def maybe(value: Json, name: str) -> str | None:
    """Return a string or None; empty counts as absent. Raises BadRequest."""
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise BadRequest(f"Поле «{name}» не является строкой")
    return found or None
