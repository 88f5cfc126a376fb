"""Bytes over HTTP to Diadoc: log-in, time-outs, safe repeats, answers turned into errors. Knows no documents.

Log-in by password (`POST /V3/Authenticate?type=password`); the token lives 24 hours and is renewed once on any 401,
which is safe for writes too, because a request refused with 401 was not executed.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from operators import errors
from operators.diadoc import codes
from operators.errors import BadAnswer, Conflict, OperatorError, OutcomeUnknown, RateLimited, Temporary
from operators.port import Clock

logger = logging.getLogger(__name__)

TOKEN_AGE = timedelta(hours=23)
"""The operator's token lives 24 hours; renewing earlier saves a write from meeting a 401."""
READ_ATTEMPTS = 3
LONGEST_WAIT = 15.0
"""Seconds a thread may wait for a repeat of a read; a longer Retry-After is the caller's business."""
RAW_LIMIT = 4000
TIMEOUTS = httpx2.Timeout(30.0, connect=5.0, pool=5.0)
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


@dataclass(frozen=True, kw_only=True)
class DiadocCredentials:
    """The integrator's key (ddauth_api_client_id) and a user's log-in. Its repr shows the log-in's name only."""

    client_id: str = field(repr=False)
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A successful answer."""

    status: int
    content: bytes = field(repr=False)
    trace_id: str | None

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises BadAnswer."""
        try:
            value = json.loads(self.content)
        except ValueError as error:
            raise self.bad("the answer is not JSON") from error
        if not isinstance(value, dict):
            raise self.bad("the answer is not a JSON object")
        return value

    def bad(self, what: str) -> BadAnswer:
        """Make the error that tells what is wrong with this answer."""
        return BadAnswer(what, operator=codes.OPERATOR_CODE, status=self.status, trace_id=self.trace_id)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call. `write` means: executing it twice is not the same as once, so it is never repeated here."""

    method: str
    path: str
    params: Mapping[str, str]
    body: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    write: bool = False


class DiadocClient:
    """An HTTP connection with a cached token. Used by several threads; one log-in at a time."""

    def __init__(
        self,
        base_url: str,
        credentials: DiadocCredentials,
        *,
        clock: Clock,
        transport: httpx2.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
        timeouts: httpx2.Timeout = TIMEOUTS,
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._wait = wait
        local = httpx2.URL(base_url).host in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx2.Client(
            base_url=base_url,
            transport=transport,
            timeout=timeouts,
            trust_env=not local,  # a proxy of the environment must not swallow loopback
            headers={"Accept": "application/json; charset=utf-8"},
        )
        self._lock = threading.Lock()
        self._token: str | None = None
        self._token_at: datetime | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str | None]) -> Reply:
        """Read. Repeated up to three times on faults of the network or the server."""
        return self._call(Request(method="GET", path=path, params=_present(params)))

    def post_json(self, path: str, params: Mapping[str, str | None], body: Mapping[str, Any]) -> Reply:
        """Write once. Raises OutcomeUnknown whenever the operator might have executed it."""
        return self._call(
            Request(
                method="POST",
                path=path,
                params=_present(params),
                body=json.dumps(body, ensure_ascii=False).encode(),
                content_type="application/json; charset=utf-8",
                write=True,
            )
        )

    def post_bytes(self, path: str, params: Mapping[str, str | None], body: bytes) -> Reply:
        """Store bytes under a name; storing them again is the same, so it is repeated like a read."""
        return self._call(
            Request(
                method="POST",
                path=path,
                params=_present(params),
                body=body,
                content_type="application/octet-stream",
            )
        )

    def log_in(self) -> None:
        """Get a new token. Raises AuthExpired when the log-in is refused."""
        with self._lock:
            self._renew_token()

    def _call(self, request: Request) -> Reply:
        token = self._current_token()
        try:
            return self._with_repeats(request, token)
        except errors.AuthExpired:
            return self._with_repeats(request, self._token_instead_of(token))

    def _with_repeats(self, request: Request, token: str | None) -> Reply:
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return self._once(request, token)
            except (Temporary, RateLimited) as error:
                pause = float(attempt) if error.retry_after is None else error.retry_after
                if request.write or attempt == READ_ATTEMPTS or pause > LONGEST_WAIT:
                    raise
                self._wait(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, request: Request, token: str | None) -> Reply:
        headers = {"Authorization": self._authorization(token)}
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        try:
            response = self._http.request(
                request.method, request.path, params=dict(request.params), content=request.body, headers=headers
            )
        except NEVER_SENT as error:
            raise Temporary(f"no connection: {type(error).__name__}", operator=codes.OPERATOR_CODE) from error
        except httpx2.HTTPError as error:
            kind = OutcomeUnknown if request.write else Temporary
            raise kind(f"connection broken: {type(error).__name__}", operator=codes.OPERATOR_CODE) from error
        trace_id = response.headers.get("X-Kontur-Trace-Id")
        logger.debug("diadoc %s %s -> %s trace %s", request.method, request.path, response.status_code, trace_id)
        if response.status_code == 200:
            return Reply(status=200, content=response.content, trace_id=trace_id)
        raise _error_of(response, request, self._clock.now())

    def _authorization(self, token: str | None) -> str:
        value = f"DiadocAuth ddauth_api_client_id={self._credentials.client_id}"
        return value if token is None else f"{value},ddauth_token={token}"

    def _current_token(self) -> str:
        with self._lock:
            if self._token is None or self._token_at is None or self._clock.now() - self._token_at > TOKEN_AGE:
                return self._renew_token()
            return self._token

    def _token_instead_of(self, refused: str) -> str:
        """Return a token newer than the refused one; of several threads only the first logs in."""
        with self._lock:
            if self._token is not None and self._token != refused:
                return self._token
            return self._renew_token()

    def _renew_token(self) -> str:
        self._token = None
        body = {"login": self._credentials.login, "password": self._credentials.password}
        request = Request(
            method="POST",
            path="/V3/Authenticate",
            params={"type": "password"},
            body=json.dumps(body).encode(),
            content_type="application/json; charset=utf-8",
        )
        token = self._with_repeats(request, None).content.decode("ascii", "replace").strip()
        if not token:
            raise BadAnswer("log-in gave an empty token", operator=codes.OPERATOR_CODE)
        self._token, self._token_at = token, self._clock.now()
        return token


def _present(params: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in params.items() if value is not None}


def _error_of(response: httpx2.Response, request: Request, now: datetime) -> OperatorError:
    """Turn an answer other than 200 into an error by the tables of `codes`."""
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
        trace_id=response.headers.get("X-Kontur-Trace-Id"),
        raw=text[:RAW_LIMIT],
        retry_after=_seconds(response.headers.get("Retry-After"), now),
    )
    if isinstance(error, Conflict):
        code = response.headers.get("X-Diadoc-ErrorCode", "").lower()
        error.kind = codes.CONFLICT_KINDS.get(code, errors.ConflictKind.UNKNOWN)
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


def _seconds(value: str | None, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date; anything else counts as absent."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at - now).total_seconds())
