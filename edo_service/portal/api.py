"""The API's door: strict input, one effect for one `Idempotency-Key`, answers as JSON.

Errors are RFC 9457 problems, made where all errors are (`web.problems`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import EdoError, RateLimited, Rejected, Unavailable
from edo_service.kernel import idempotency
from edo_service.kernel.idempotency import Replay
from edo_service.portal.desk import Portal
from edo_service.portal.visitor import Viewer
from edo_service.web.problems import Problems

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
JSON = "application/json"
PROBLEM = "application/problem+json"
KEY_PARAMETER: Mapping[str, Any] = {
    "parameters": [
        {
            "name": KEY_HEADER,
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "description": "The same key with the same request gives the same answer and one effect, for 48 hours.",
        }
    ]
}


class Strict(BaseModel):
    """Input of the API: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """Output of the API."""

    model_config = ConfigDict(frozen=True)


async def _read(request: Request) -> bytes:
    return await request.body()


Raw = Annotated[bytes, Depends(_read)]
"""The body as it came: a file, or what the idempotency key is bound to."""


def file_body(*media_types: str) -> Mapping[str, Any]:
    """The OpenAPI words for a request whose body is a file, with its Idempotency-Key."""
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in media_types}
    return {**KEY_PARAMETER, "requestBody": {"required": True, "content": content}}


@dataclass(frozen=True)
class Door:
    """What the API of every area shares."""

    portal: Portal
    problems: Problems

    def once(
        self, request: Request, viewer: Viewer, body: bytes, act: Callable[[], Shown], *, status: int = 200
    ) -> Response:
        """Carry a state-changing request out once and keep its answer.

        Repeated with the same key and body it gives the same status and body; with another body 422, while the first
        one runs 409. A refusal is kept too; when something needed did not answer the key may be used again.
        """
        key = request.headers.get(KEY_HEADER, "")
        begun = idempotency.begin(
            key=key,
            owner_id=viewer.actor.entity,
            route=f"{request.method} {request.url.path}",
            body=f"{viewer.actor.user_id} {request.url.query}\n".encode() + body,
            uow=viewer.uow(),
        )
        if isinstance(begun, Replay):
            return Response(begun.body, begun.status, {**begun.headers, REPLAYED_HEADER: "true"})
        try:
            answer = Replay(status=status, headers={"Content-Type": JSON}, body=act().model_dump_json().encode())
        except (Unavailable, RateLimited):
            idempotency.forget(begun.request_id, uow=viewer.uow())
            raise
        except EdoError as error:
            problem = self.problems.of(request, error)
            content = json.dumps(problem.json(), ensure_ascii=False, separators=(",", ":")).encode()
            answer = Replay(status=problem.status, headers={"Content-Type": PROBLEM}, body=content)
        idempotency.finish(begun.request_id, answer=answer, uow=viewer.uow())
        return Response(answer.body, answer.status, dict(answer.headers))


def file_or_refusal(body: bytes, *, limit: int) -> bytes:
    """A body that is a file: not empty, not over the limit. Rejected."""
    if not body:
        raise Rejected("request.file_empty")
    if len(body) > limit:
        raise Rejected("request.file_too_large", limit=limit)
    return body
