"""What every adapter's HTTP client shares: one attempt, safe repeats, renewed log-ins, Retry-After.

A client gives `Wire` its operator's way of reading answers (`Judge`); what a status means is the operator's business.
No secret is logged: neither query, nor headers, nor body.
"""

import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from functools import cache, partial
from typing import Any, Protocol

import httpx2

from operators.answers import hide, parse_json, readable
from operators.errors import (
    LONGEST_TRACE,
    AuthExpired,
    BadAnswer,
    OperatorError,
    OutcomeUnknown,
    PersonNeeded,
    RateLimited,
    Temporary,
)
from operators.guards import Safeguards
from operators.port import Clock
from operators.punctual import Deadline, keep_time

logger = logging.getLogger(__name__)

READ_ATTEMPTS = 3
LONGEST_WAIT = 15.0
"""Seconds a thread may wait for a repeat of a read; a longer Retry-After is the caller's business."""
RAW_LIMIT = 4000
ANSWER_LIMIT = 200 * 1024 * 1024
"""Bytes of an answer, unpacked: Taxcom's largest container; a document of Diadoc or Saby has 73 MB at most."""
REFUSAL_LIMIT = 256 * 1024
"""Bytes that are read of an answer which is no success; the rest is not asked for."""
CODINGS = frozenset({"", "identity", "gzip", "deflate"})
"""Content-Encoding that is unpacked: one layer, and none that a few bytes can make gigabytes of at once."""
REFUSED = timedelta(minutes=5)
"""How long a password that was refused is not tried again."""
OVERDUE = 60.0
"""Seconds after which a call that did not end in time is worth repeating; longer than a thread waits."""
SECRET_HEADERS = frozenset({"authorization", "x-sbissessionid", "assistant-key", "integrator-id"})
SEPARATORS = re.compile(r"[\s,=]+")
HARMLESS = frozenset({"DiadocAuth", "Bearer", "ddauth_api_client_id", "ddauth_token"})
"""Words of the header Authorization that are no secrets."""
TIMEOUTS = httpx2.Timeout(30.0, connect=5.0, pool=5.0)
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
UNGUARDED = Safeguards()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A successful answer."""

    operator: str
    status: int
    content: bytes = field(repr=False)
    trace_id: str | None
    disposition: str | None = None
    """Content-Disposition as it came."""

    @property
    def file_name(self) -> str | None:
        """The name that Content-Disposition gives the body (RFC 6266); None when it cannot be read."""
        if self.disposition is None:
            return None
        header = Message()
        header["Content-Disposition"] = self.disposition
        try:
            name = header.get_filename()
        except (ValueError, TypeError):  # parts out of order, charsets that are none
            return None
        return name if name is not None and name.isprintable() else None

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises BadAnswer."""
        try:
            value = parse_json(self.content)
        except ValueError as error:
            raise self.bad("the answer is not JSON") from error
        if not isinstance(value, dict):
            raise self.bad("the answer is not a JSON object")
        return value

    def bad(self, what: str) -> BadAnswer:
        """Make the error that tells what is wrong with this answer."""
        return BadAnswer(what, operator=self.operator, status=self.status, trace_id=self.trace_id)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call. `write` means: executing it twice is not the same as once, so it is never repeated here.

    `name` is what logs and metrics call it: a path or a method, never a query. `secrets`: what of its body must not come
    back in an error's words.
    """

    method: str
    path: str
    name: str
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    write: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Judge(Protocol):
    """An operator's way of reading answers."""

    def __call__(self, response: httpx2.Response, request: Request, now: datetime) -> OperatorError | None:
        """Return the error that the answer stands for; None for success."""


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How to behave on one operator's wire. `account` names the log-in for limits, never a secret."""

    operator: str
    account: str
    judge: Judge
    trace_header: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a client is given from outside: the clock, the network, the pause before a repeat, time-outs, guards.

    `timeouts` are for single reads and writes, `guards.deadline` is for a whole call.
    """

    clock: Clock
    transport: httpx2.BaseTransport | None = None
    wait: Callable[[float], None] = time.sleep
    timeouts: httpx2.Timeout = field(default_factory=lambda: TIMEOUTS)
    guards: Safeguards = UNGUARDED


@cache
def _trusted(trust_env: bool) -> ssl.SSLContext:  # noqa: FBT001 - httpx2's own word
    """The system's certificates, read once a process: that takes longer than a whole call on loopback."""
    return httpx2.create_ssl_context(trust_env=trust_env)


class Wire:
    """An HTTP connection to an operator; safe for threads."""

    def __init__(self, base_url: str, manners: Manners, outside: Outside) -> None:
        self._manners = manners
        self._outside = outside
        self.base_url = httpx2.URL(base_url)
        local = self.base_url.host in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx2.Client(
            base_url=base_url,
            transport=outside.transport,
            timeout=outside.timeouts,
            trust_env=not local,  # a proxy of the environment must not swallow loopback
            verify=_trusted(not local),
            headers={"Accept-Encoding": "gzip, deflate", **manners.headers},
        )
        self._deadline = Deadline(outside.guards.deadline)
        keep_time(self._http, self._deadline)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def with_repeats(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Do a call; a read is repeated up to three times on faults of the network or the server."""
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return self.once(request, headers)
            except (Temporary, RateLimited) as error:
                pause = float(attempt) if error.retry_after is None else error.retry_after
                if request.write or attempt == READ_ATTEMPTS or pause > LONGEST_WAIT:
                    raise
                self._outside.wait(pause)
        raise AssertionError("the last attempt returns or raises")

    def once(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Do a call once, within the limits and unless the circuit is open."""
        manners = self._manners
        with self._outside.guards.watch(manners.operator, manners.account, request.name) as seen:
            response = self._send(request, headers)
            seen.status = response.status_code
            trace_id = response.headers.get(manners.trace_header, "")[:LONGEST_TRACE] or None
            logger.debug("%s %s -> %s trace %s", manners.operator, request.name, response.status_code, trace_id)
            error = manners.judge(response, request, self._outside.clock.now())
            if error is not None:
                error.trace_id = trace_id
                hide(error, (*request.secrets, *_secrets_of(headers)))
                raise error
            return Reply(
                operator=manners.operator,
                status=response.status_code,
                content=response.content,
                trace_id=trace_id,
                disposition=response.headers.get("Content-Disposition"),
            )

    def _send(self, request: Request, headers: Mapping[str, str]) -> httpx2.Response:
        """Send a request and read the answer, all within the deadline and the limits of size."""
        sent = dict(headers)
        if request.content_type is not None:
            sent["Content-Type"] = request.content_type
        self._check(sent)
        with self._deadline.running():
            try:
                with self._http.stream(
                    request.method,
                    request.path,
                    params=dict(request.params) or None,
                    content=request.body,
                    headers=sent,
                ) as response:
                    return readable(response, self._read(response, request))
            except NEVER_SENT as error:
                raise Temporary(f"no connection: {type(error).__name__}", operator=self._manners.operator) from error
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                kind = OutcomeUnknown if request.write else Temporary
                if self._deadline.is_over:
                    words = f"no whole answer within {self._deadline.seconds:.0f} s"
                    raise kind(words, operator=self._manners.operator, retry_after=OVERDUE) from error
                words = f"connection broken: {type(error).__name__}"
                raise kind(words, operator=self._manners.operator) from error

    def _read(self, response: httpx2.Response, request: Request) -> bytes:
        """The body, unpacked. Of a refusal as much as came and is worth reading: its status says the most."""
        kind = OutcomeUnknown if request.write else BadAnswer
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        content = bytearray()
        if not response.is_success:
            with suppress(httpx2.HTTPError):
                for piece in response.iter_bytes() if coding in CODINGS else ():
                    content += piece
                    if len(content) > REFUSAL_LIMIT:
                        break
            return bytes(content)
        if coding not in CODINGS:
            raise kind(f"packed in a way that was not asked for: {coding[:40]}", operator=self._manners.operator)
        for piece in response.iter_bytes():
            content += piece
            if len(content) > ANSWER_LIMIT:
                raise kind(f"an answer of more than {ANSWER_LIMIT} bytes", operator=self._manners.operator)
        return bytes(content)

    def _check(self, headers: Mapping[str, str]) -> None:
        """Refuse what no header can hold: an id typed with a Cyrillic letter, a token with a line break."""
        for name, value in headers.items():
            if not value.isascii() or not value.isprintable() or value != value.strip():
                raise AuthExpired(
                    f"{name} cannot be sent: it has letters that no key has", operator=self._manners.operator
                )


class LogIn:
    """A cached token: renewed when old and once after a refusal. One log-in at a time, whoever asks.

    A refused log-in is not tried again for `pause`, however many calls want one: operators lock accounts out after a few
    wrong passwords. `renew`, which a person asks for, tries always.
    """

    def __init__(
        self,
        obtain: Callable[[], str],
        *,
        age: timedelta | Callable[[], timedelta],
        clock: Clock,
        pause: timedelta = timedelta(0),
    ) -> None:
        self._obtain = obtain
        self._pause = pause
        self._refusal: tuple[datetime, AuthExpired] | None = None
        self._age = partial(_same, age) if isinstance(age, timedelta) else age
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._at: datetime | None = None

    @property
    def token(self) -> str | None:
        """The present token, if any."""
        return self._token

    def renew(self) -> str:
        """Log in anew."""
        with self._lock:
            self._refusal = None
            return self._renew()

    def current(self) -> str:
        """Return a token that is not too old."""
        with self._lock:
            if self._token is None or self._at is None or self._clock.now() - self._at > self._age():
                return self._renew()
            return self._token

    def adopt(self, token: str) -> None:
        """Go on with a token that was got elsewhere."""
        with self._lock:
            self._token, self._at, self._refusal = token, self._clock.now(), None

    def instead_of(self, refused: str) -> str:
        """Return a token newer than the refused one; of several threads only the first logs in."""
        with self._lock:
            if self._token is not None and self._token != refused:
                return self._token
            return self._renew()

    def call(self, do: Callable[[str], Reply]) -> Reply:
        """Do a call with a token and once more with a new one: a call refused with 401 was not executed."""
        token = self.current()
        try:
            return do(token)
        except AuthExpired:
            return do(self.instead_of(token))

    def _renew(self) -> str:
        self._token = None
        self._keep_pause()
        try:
            token = self._obtain()
        except PersonNeeded:
            raise
        except AuthExpired as error:
            self._refusal = self._clock.now(), error
            raise
        self._token, self._at = token, self._clock.now()
        return token

    def _keep_pause(self) -> None:
        if self._refusal is None:
            return
        at, error = self._refusal
        left = self._pause - (self._clock.now() - at)
        if left <= timedelta(0):
            self._refusal = None
            return
        raise AuthExpired(
            f"{error} (not tried again yet)",
            operator=error.operator,
            status=error.status,
            trace_id=error.trace_id,
            raw=error.raw,
            retry_after=left.total_seconds(),
        )


def _same(age: timedelta) -> timedelta:
    return age


def _secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Keys and tokens of a request, also the single ones of Diadoc's Authorization."""
    values = [value for name, value in headers.items() if name.lower() in SECRET_HEADERS]
    return tuple(part for value in values for part in SEPARATORS.split(value) if part not in HARMLESS)


def present(params: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what is None."""
    return {name: value for name, value in params.items() if value is not None}
