"""Bytes over HTTP to Diadoc: log-in, token, answers turned into errors. Knows no documents.

Log-in by password (`POST /V3/Authenticate?type=password`); the token lives 24 hours and is renewed once on any 401,
which is safe for writes too, because a request refused with 401 was not executed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2

from operators.diadoc import codes
from operators.errors import BadAnswer, Conflict, ConflictKind, OperatorError, OutcomeUnknown, Temporary
from operators.wire import RAW_LIMIT, LogIn, Manners, Outside, Reply, Request, Wire, present, retry_after

TOKEN_AGE = timedelta(hours=23)
"""The operator's token lives 24 hours; renewing earlier saves a write from meeting a 401."""
JSON = "application/json; charset=utf-8"
TRACE = "X-Kontur-Trace-Id"


@dataclass(frozen=True, kw_only=True)
class DiadocCredentials:
    """The integrator's key (ddauth_api_client_id) and a user's log-in. Its repr shows the log-in's name only."""

    client_id: str = field(repr=False)
    login: str
    password: str = field(repr=False)


class DiadocClient:
    """An HTTP connection with a cached token. Used by several threads; one log-in at a time."""

    def __init__(self, base_url: str, credentials: DiadocCredentials, outside: Outside) -> None:
        self._credentials = credentials
        manners = Manners(
            operator=codes.OPERATOR_CODE,
            account=credentials.login,
            judge=_error_of,
            trace_header=TRACE,
            headers={"Accept": JSON},
        )
        self._wire = Wire(base_url, manners, outside)
        self._log_in = LogIn(self._obtain_token, age=TOKEN_AGE, clock=outside.clock)

    @property
    def token(self) -> str | None:
        """The present token, if any: a secret."""
        return self._log_in.token

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def get(self, path: str, params: Mapping[str, str | None]) -> Reply:
        """Read. Repeated up to three times on faults of the network or the server."""
        return self._call(Request(method="GET", path=path, name=path, params=present(params)))

    def post_json(self, path: str, params: Mapping[str, str | None], body: Mapping[str, Any]) -> Reply:
        """Write once. Raises OutcomeUnknown whenever the operator might have executed it."""
        return self._call(
            Request(
                method="POST",
                path=path,
                name=path,
                params=present(params),
                body=json.dumps(body, ensure_ascii=False).encode(),
                content_type=JSON,
                write=True,
            )
        )

    def post_bytes(self, path: str, params: Mapping[str, str | None], body: bytes) -> Reply:
        """Store bytes under a name; storing them again is the same, so it is repeated like a read."""
        return self._call(
            Request(
                method="POST",
                path=path,
                name=path,
                params=present(params),
                body=body,
                content_type="application/octet-stream",
            )
        )

    def log_in(self) -> None:
        """Get a new token. Raises AuthExpired when the log-in is refused."""
        self._log_in.renew()

    def _call(self, request: Request) -> Reply:
        return self._log_in.call(lambda token: self._wire.with_repeats(request, self._authorization(token)))

    def _authorization(self, token: str | None) -> Mapping[str, str]:
        value = f"DiadocAuth ddauth_api_client_id={self._credentials.client_id}"
        return {"Authorization": value if token is None else f"{value},ddauth_token={token}"}

    def _obtain_token(self) -> str:
        body = {"login": self._credentials.login, "password": self._credentials.password}
        path = "/V3/Authenticate"
        request = Request(
            method="POST",
            path=path,
            name=path,
            params={"type": "password"},
            body=json.dumps(body).encode(),
            content_type=JSON,
        )
        token = self._wire.with_repeats(request, self._authorization(None)).content.decode("ascii", "replace").strip()
        if not token:
            raise BadAnswer("log-in gave an empty token", operator=codes.OPERATOR_CODE)
        return token


def _error_of(response: httpx2.Response, request: Request, now: datetime) -> OperatorError | None:
    """Turn an answer other than 200 into an error by the tables of `codes`."""
    if response.status_code == 200:
        return None
    text = _description(response)
    kind = codes.STATUS.get(response.status_code, BadAnswer)
    if kind is Conflict:
        lowered = text.lower()
        kind = next((narrow for part, narrow in codes.CONFLICT_TEXTS.items() if part in lowered), Conflict)
    if request.write and kind in {Temporary, BadAnswer}:
        kind = OutcomeUnknown
    error = kind(
        f"Diadoc answered {response.status_code} to {request.method} {request.path}: {text[:300]}",
        operator=codes.OPERATOR_CODE,
        status=response.status_code,
        trace_id=response.headers.get(TRACE),
        raw=text[:RAW_LIMIT],
        retry_after=retry_after(response.headers.get("Retry-After"), now),
    )
    if isinstance(error, Conflict):
        code = response.headers.get("X-Diadoc-ErrorCode", "").lower()
        error.kind = codes.CONFLICT_KINDS.get(code, ConflictKind.UNKNOWN)
    return error


def _description(response: httpx2.Response) -> str:
    """Return the operator's text: the body is plain text or, asked for JSON, an object with `description`."""
    text = response.text
    if "json" not in response.headers.get("Content-Type", ""):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, dict):
        found = value.get("description") or value.get("message")
        if isinstance(found, str):
            return found
    return text
