"""A request as the wire's handlers see it, and how answers and refusals are written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from operators.answers import parse_json
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoAccess, NoRoaming, NotYet, Refusal, WrongState

JSON = "application/json; charset=utf-8"

STATUS: Mapping[type[Refusal], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    NoAccess: HTTPStatus.FORBIDDEN,
    Absent: HTTPStatus.NOT_FOUND,
    NotYet: HTTPStatus.CONFLICT,
    WrongState: HTTPStatus.CONFLICT,
    NoRoaming: HTTPStatus.CONFLICT,
}
"""A refusal of the exchange -> HTTP status."""


class Unauthorized(Exception):
    """No token, or one that the sandbox has not issued within 24 hours."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """Query parameters by lower-case name, the body, and the headers that matter."""

    query: Mapping[str, str]
    body: bytes = field(repr=False)
    content_type: str
    authorization: str = field(repr=False)

    def need(self, name: str) -> str:
        """Return a parameter; raises BadRequest when it is absent or empty."""
        value = self.maybe(name)
        if value is None:
            raise BadRequest(f"Не указан параметр {name}")
        return value

    def maybe(self, name: str) -> str | None:
        """Return a parameter or None; empty counts as absent."""
        return self.query.get(name.lower()) or None

    def number(self, name: str) -> int | None:
        """Return a whole number or None; raises BadRequest for anything else."""
        value = self.maybe(name)
        if value is None:
            return None
        try:
            number = int(value)
        except ValueError as error:
            raise BadRequest(f"Параметр {name} не является числом") from error
        if abs(number) >= 1 << 63:
            raise BadRequest(f"Параметр {name} вне допустимых значений")
        return number

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises BadRequest, also for protobuf, which this sandbox does not speak."""
        if "protobuf" in self.content_type:
            raise BadRequest("Песочница принимает только JSON")
        try:
            value = parse_json(self.body)
        except ValueError as error:
            raise BadRequest("Тело запроса не является JSON") from error
        if not isinstance(value, dict):
            raise BadRequest("Тело запроса не является объектом JSON")
        return value


async def read_call(request: Request) -> Call:
    """Read a request whole (FastAPI dependency)."""
    return Call(
        query={name.lower(): value for name, value in request.query_params.items()},
        body=await request.body(),
        content_type=request.headers.get("content-type", "").lower(),
        authorization=request.headers.get("authorization", ""),
    )


def answer(value: Mapping[str, Any]) -> Response:
    """Write a structure."""
    return Response(to_text(value), media_type=JSON)


def to_text(value: Mapping[str, Any]) -> str:
    """Write a structure as text."""
    return json.dumps(value, ensure_ascii=False)


def refuse(request: Request, status: int, text: str, *, error_code: str | None = None) -> Response:
    """Write an error: plain text, or by Accept a JSON object with code, message, description."""
    headers = {} if error_code is None else {"X-Diadoc-ErrorCode": error_code}
    if "application/json" in request.headers.get("accept", "").lower():
        body = {"code": status, "message": HTTPStatus(status).phrase, "description": text}
        return Response(to_text(body), status_code=status, media_type=JSON, headers=headers)
    return Response(text, status_code=status, media_type="text/plain; charset=utf-8", headers=headers)
