"""Bytes over HTTP to Saby: JSON-RPC calls, sessions, the code by SMS, links to files. Knows no documents.

A session lives about 21 days and is renewed once on 401, which is safe for writes too. Only `СБИС.ВыполнитьДействие`
is a write in the sense of the port: writing a document under the client's id and preparing an action may be repeated.
"""

import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

import httpx2

from operators.answers import parse_json, retry_after
from operators.errors import (
    AuthExpired,
    BadAnswer,
    Conflict,
    ConflictKind,
    KeeperFailed,
    NotFound,
    OperatorError,
    OutcomeUnknown,
    PersonNeeded,
    Temporary,
)
from operators.port import LogInStep
from operators.saby import codes
from operators.wire import RAW_LIMIT, REFUSED, LogIn, Manners, Outside, Reply, Request, Wire

logger = logging.getLogger(__name__)

Json: TypeAlias = Mapping[str, Any]
SmsCode: TypeAlias = Callable[[str], str | None]
"""Given the masked telephone, returns the code that came by SMS; None when nobody is there to type it."""

SESSION_AGE = timedelta(days=20)
CODE_LIFE = timedelta(minutes=10)
"""How long a code by SMS is waited for; the operator tells no term."""
CONTENT_TYPE = "application/json-rpc;charset=utf-8"
AUTH, SERVICE = "/auth/service/", "/service/?srv=1"
OWN_DOMAINS = (".sbis.ru", ".saby.ru")
"""Where links to files may lead besides the base address; the session goes nowhere else."""
TRACE = "X-Request-ID"


@dataclass(frozen=True, kw_only=True)
class SabyCredentials:
    """A user's log-in; `account` chooses one of several. Its repr shows the log-in's name only."""

    login: str
    password: str = field(repr=False)
    account: str | None = None


class SessionKeeper(Protocol):
    """Keeps the session between processes, so that a code by SMS is asked once in three weeks. A session is a secret."""

    def load(self) -> str | None:
        """Return the kept session. Raises KeeperFailed."""

    def save(self, session: str) -> None:
        """Keep a new session. Raises KeeperFailed: it is asked again before the next call."""


@dataclass(frozen=True, kw_only=True)
class LogInHelp:
    """What helps with log-ins that want a second factor: who gives the code by SMS, who keeps the session."""

    sms_code: SmsCode | None = None
    keeper: SessionKeeper | None = None


NO_HELP = LogInHelp()


class SabyClient:
    """An HTTP connection with a session. Used by several threads; one log-in at a time."""

    def __init__(
        self,
        base_url: str,
        credentials: SabyCredentials,
        outside: Outside,
        help_with: LogInHelp = NO_HELP,
    ) -> None:
        self._credentials = credentials
        self._sms_code = help_with.sms_code
        self._keeper = help_with.keeper
        self._used: str | None = None
        self._unsaved: str | None = None
        self._kept: str | None = None
        """What the keeper had when it was asked last."""
        self._keeping = threading.RLock()
        """Held while the three above and what the keeper has are looked at or changed: a log-in may save meanwhile."""
        self._clock = outside.clock
        manners = Manners(operator=codes.OPERATOR_CODE, account=credentials.login, judge=_error_of, trace_header=TRACE)
        self._wire = Wire(base_url, manners, outside)
        self._log_in = LogIn(self._obtain_session, age=SESSION_AGE, clock=outside.clock, pause=REFUSED)

    @property
    def session(self) -> str | None:
        """The present session, if any: a secret."""
        return self._log_in.token

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def log_in(self) -> None:
        """Get a new session. Raises AuthExpired; PersonNeeded when a code by SMS is needed and nobody gives one.

        Where the operator wants a code, the password was right: a session that is kept already is gone on with.
        """
        kept = self._load() if self._keeper is not None else self._log_in.token
        self._used = kept
        try:
            self._log_in.renew()
        except PersonNeeded:
            if kept is None:
                raise
            self._log_in.adopt(kept)

    def begin(self) -> LogInStep | None:
        """Log in as far as it goes without a code by SMS, and have one sent. None: no code was wanted."""
        try:
            session = _session(self._wire.with_repeats(self._authentication(), {}))
        except SmsNeeded as needed:
            self._send_code(needed)
            secret = json.dumps({"id": needed.id, "session": needed.session})
            return LogInStep(secret=secret, telephone=needed.telephone, until=self._clock.now() + CODE_LIFE)
        self._adopt(session)
        return None

    def finish(self, secret: str, code: str) -> None:
        """Confirm the log-in that `begin` has begun. Raises AuthExpired for a wrong code or a log-in that is over."""
        step = json.loads(secret)
        try:
            session = _session(self._confirm(step["id"], step["session"], code))
        except (Conflict, NotFound) as error:  # the operator has forgotten this log-in
            raise AuthExpired("the log-in that waited for a code is over", operator=codes.OPERATOR_CODE) from error
        except OutcomeUnknown as error:
            raise Temporary("no answer to the code", operator=codes.OPERATOR_CODE) from error
        self._adopt(session)

    def call(self, method: str, params: Json, *, write: bool = False) -> dict[str, Any]:
        """Call a method and return its result, an object. Raises OutcomeUnknown for a `write` that may have happened."""
        self._settle()
        request = _request(SERVICE, method, params, write=write)
        reply = self._log_in.call(lambda session: self._wire.with_repeats(request, _headers(session)))
        try:
            result = _result(reply)
            if not isinstance(result, dict):
                raise reply.bad("the result is not an object")
        except BadAnswer as error:
            kind = OutcomeUnknown if write else BadAnswer
            raise kind(f"{method}: {error}", operator=codes.OPERATOR_CODE, status=reply.status) from error
        return result

    def download(self, link: str) -> bytes:
        """Fetch a file by the link that a document names. Raises BadAnswer for a link that leads elsewhere."""
        try:
            url = self._wire.base_url.join(link)
        except httpx2.InvalidURL as error:
            raise BadAnswer("a file's link is no address", operator=codes.OPERATOR_CODE) from error
        home = (url.scheme, url.host, url.port) == (
            self._wire.base_url.scheme,
            self._wire.base_url.host,
            self._wire.base_url.port,
        )
        if not home and not (url.scheme == "https" and url.host.endswith(OWN_DOMAINS)):
            raise BadAnswer(f"a file's link leads to {url.host}", operator=codes.OPERATOR_CODE)
        request = Request(method="GET", path=str(url), name="download")
        return self._log_in.call(lambda session: self._wire.with_repeats(request, _headers(session))).content

    def _obtain_session(self) -> str:
        """The kept session, unless it is the one that was used up; else a new one."""
        kept = self._load()
        if kept and kept != self._used:
            self._used = kept
            return kept
        session = self._new_session()
        self._keep(session)
        return session

    def _adopt(self, session: str) -> None:
        self._log_in.adopt(session)
        self._keep(session)

    def _keep(self, session: str) -> None:
        with self._keeping:
            self._used = session
            if self._keeper is None:
                return
            try:
                self._keeper.save(session)
            except KeeperFailed as error:  # the session is good all the same
                logger.warning("a new session of %s is not saved yet: %s", self._credentials.login, error)
                self._unsaved = session
            else:
                self._unsaved = None

    def _load(self) -> str | None:
        with self._keeping:
            self._settle()
            self._kept = self._keeper.load() if self._keeper is not None else None
            return self._kept

    def _settle(self) -> None:
        """Save what is unsaved, unless the keeper has got another one meanwhile: that one holds."""
        if self._keeper is None:
            return
        with self._keeping, suppress(KeeperFailed):
            session = self._unsaved
            if session is None:
                return
            if self._keeper.load() in {None, self._kept}:
                self._keeper.save(session)
            self._unsaved = None

    def _authentication(self) -> Request:
        given = {"Логин": self._credentials.login, "Пароль": self._credentials.password}
        if self._credentials.account is not None:
            given["НомерАккаунта"] = self._credentials.account
        return _request(AUTH, "СБИС.Аутентифицировать", {"Параметр": given}, secrets=(self._credentials.password,))

    def _new_session(self) -> str:
        try:
            reply = self._wire.with_repeats(self._authentication(), {})
        except SmsNeeded as needed:
            return self._by_sms(needed)
        return _session(reply)

    def _by_sms(self, needed: "SmsNeeded") -> str:
        """Second factor: have the code sent, ask for it, confirm the log-in with the session of the attempt."""
        if self._sms_code is None:
            raise PersonNeeded("log-in needs a code by SMS", operator=codes.OPERATOR_CODE) from needed
        self._send_code(needed)
        code = self._sms_code(needed.telephone)
        if not code:
            raise AuthExpired("nobody gave the code that came by SMS", operator=codes.OPERATOR_CODE) from needed
        return _session(self._confirm(needed.id, needed.session, code))

    def _send_code(self, needed: "SmsNeeded") -> None:
        send = _request(AUTH, "СБИС.ОтправитьКодАутентификации", {"Идентификатор": needed.id})
        self._wire.once(send, _headers(needed.session))  # a repeat would send another code

    def _confirm(self, attempt: str, session: str, code: str) -> Reply:
        given = {"Идентификатор": attempt, "Код": code}
        request = _request(AUTH, "СБИС.ПодтвердитьВход", given, write=True, secrets=(code,))
        return self._wire.once(request, _headers(session))


class SmsNeeded(AuthExpired):
    """The password was right, a code by SMS is wanted besides."""

    id: str = ""
    session: str = ""
    telephone: str = ""


def _request(path: str, method: str, params: Json, *, write: bool = False, secrets: tuple[str, ...] = ()) -> Request:
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 0}
    return Request(
        method="POST",
        path=path,
        name=method,
        body=json.dumps(body, ensure_ascii=False).encode(),
        content_type=CONTENT_TYPE,
        write=write,
        secrets=secrets,
    )


def _headers(session: str) -> Mapping[str, str]:
    return {"X-SBISSessionID": session, TRACE: str(uuid.uuid4())}


def _result(reply: Reply) -> object:
    value = reply.json()
    if "result" not in value:
        raise reply.bad("the answer has neither result nor error")
    return value["result"]


def _session(reply: Reply) -> str:
    session = _result(reply)
    if not isinstance(session, str) or not session:
        raise reply.bad("log-in gave no session")
    return session


def _error_of(response: httpx2.Response, request: Request, now: datetime) -> OperatorError | None:
    """Turn an answer into an error by the tables of `codes`; None when it carries a result or a file."""
    found = _rpc_error(response, request)
    if found is None and response.status_code == 200:
        return None
    code, text, data = found if found is not None else (None, response.text, {})
    kind = _kind(response.status_code, code, text, data)
    if request.write and issubclass(kind, Temporary | BadAnswer):
        kind = OutcomeUnknown
    error = kind(
        f"Saby answered {response.status_code} to {request.name}: {text[:300]}",
        operator=codes.OPERATOR_CODE,
        status=response.status_code,
        trace_id=response.headers.get(TRACE),
        raw=text[:RAW_LIMIT],
        retry_after=retry_after(response.headers, now),
    )
    if isinstance(error, SmsNeeded):
        info = data.get("addinfo")
        info = info if isinstance(info, Mapping) else {}
        error.id = str(info.get("Идентификатор", ""))
        error.session = str(info.get("ИдентификаторСессии", ""))
        error.telephone = str(info.get("Телефон", ""))
    if isinstance(error, Conflict) and any(part in text.lower() for part in codes.STATE_TEXTS):
        error.kind = ConflictKind.STATE
    return error


def _kind(status: int, code: int | None, text: str, data: Json) -> type[OperatorError]:
    classid = data.get("classid")
    if classid == codes.SMS_CLASS:
        return SmsNeeded
    if classid == codes.NOT_READY_CLASS:
        return Temporary
    if status in {401, 403, 429} or code is None:
        return codes.STATUS.get(status, BadAnswer)
    kind = codes.RPC_CODES.get(code, BadAnswer)
    if kind is Conflict:
        lowered = text.lower()
        return next((narrow for part, narrow in codes.BUSINESS_TEXTS if part in lowered), Conflict)
    return kind


def _rpc_error(response: httpx2.Response, request: Request) -> tuple[int, str, Json] | None:
    """Read error.code, message and data; {"error": "Not authorized.", "id": -1} is told by its id."""
    if response.status_code == 200 and (request.method != "POST" or b'"error"' not in response.content):
        return None  # most answers carry results, some of them megabytes
    try:
        value = parse_json(response.content)
    except ValueError:
        return None
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, str):
        number = value.get("id")
        return (number if isinstance(number, int) else 0), error, {}
    if not isinstance(error, Mapping):
        return None
    code, data = error.get("code"), error.get("data")
    text = error.get("details") or error.get("message") or ""
    return (code if isinstance(code, int) else 0), str(text), data if isinstance(data, Mapping) else {}
