"""Bytes over HTTP to Diadoc: log-in, token, answers turned into errors. Knows no documents.

How one logs in is `operators.diadoc.auth`'s; a token is renewed once on any 401, which is safe for writes too, because
a request refused with 401 was not executed.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2

from operators.answers import parse_json, retry_after
from operators.diadoc import codes
from operators.diadoc.auth import DiadocCredentials, Oidc, OidcCredentials, authority_for
from operators.errors import BadAnswer, Conflict, ConflictKind, OperatorError, OutcomeUnknown, Temporary, Unsupported
from operators.port import LogInStep
from operators.wire import RAW_LIMIT, REFUSED, LogIn, Manners, Outside, Reply, Request, Wire, present

JSON = "application/json; charset=utf-8"
TRACE = "X-Kontur-Trace-Id"


class DiadocClient:
    """An HTTP connection with a cached token. Used by several threads; one log-in at a time."""

    def __init__(self, base_url: str, credentials: DiadocCredentials | OidcCredentials, outside: Outside) -> None:
        self._authority = authority_for(credentials, outside.wait)
        self._clock = outside.clock
        manners = Manners(
            operator=codes.OPERATOR_CODE,
            account=self._authority.account,
            judge=_error_of,
            trace_header=TRACE,
            headers={"Accept": JSON},
        )
        self._wire = Wire(base_url, manners, outside)
        self._log_in = LogIn(
            lambda: self._authority.obtain(self._wire.with_repeats),
            age=self._authority.age,
            clock=outside.clock,
            pause=timedelta(0) if isinstance(self._authority, Oidc) else REFUSED,  # another process may get a new token
        )

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

    def ask(self, path: str, params: Mapping[str, str | None], body: bytes, content_type: str) -> Reply:
        """Ask with a body what changes nothing (a generator of XML): repeated like a read."""
        return self._call(
            Request(method="POST", path=path, name=path, params=present(params), body=body, content_type=content_type)
        )

    def log_in(self) -> None:
        """Get a new token. Raises AuthExpired when the log-in is refused."""
        self._log_in.renew()

    def begin(self) -> LogInStep:
        """Ask for the person's consent. Raises Unsupported for a log-in by password."""
        return self._consent().begin(self._wire.with_repeats, self._clock)

    def finish(self, secret: str) -> None:
        """Take the token that was consented to. Raises NotConfirmed, AuthExpired."""
        self._log_in.adopt(self._consent().finish(self._wire.with_repeats, secret))

    def _consent(self) -> Oidc:
        if not isinstance(self._authority, Oidc):
            raise Unsupported("a log-in by password takes no consent", operator=codes.OPERATOR_CODE)
        return self._authority

    def _call(self, request: Request) -> Reply:
        return self._log_in.call(lambda token: self._wire.with_repeats(request, self._authority.headers(token)))


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
        retry_after=retry_after(response.headers, now),
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
        value = parse_json(response.content)
    except ValueError:
        return text
    if isinstance(value, dict):
        found = value.get("description") or value.get("message")
        if isinstance(found, str):
            return found
    return text
