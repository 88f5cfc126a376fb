"""Bytes over HTTP to Taxcom: keys of cabinets, calls by method. Knows no documents.

A key lives five minutes after its last use and is renewed once on 401, which is safe for writes too: a call refused
with 401 was not executed.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx2

from operators.answers import retry_after
from operators.errors import (
    AuthExpired,
    BadAnswer,
    Conflict,
    ConflictKind,
    Forbidden,
    OperatorError,
    OutcomeUnknown,
    Temporary,
)
from operators.port import Clock
from operators.taxcom import codes, layout
from operators.taxcom.account import KeyOpener, TaxcomCabinet, TaxcomCredentials
from operators.wire import RAW_LIMIT, REFUSED, LogIn, Manners, Outside, Reply, Request, Wire, present

IDLE = layout.KEY_LIFE - timedelta(seconds=30)
KEY_LIMIT = 4096
LONG_SEQUENCE = re.compile(rb"\x30[\x80-\x84]")
"""How DER of more than 127 bytes begins; no text in ASCII does."""


class IdleLogIn(LogIn):
    """A log-in that grows old by idleness: every successful call makes its token young again."""

    def call(self, do: Callable[[str], Reply]) -> Reply:
        """See `LogIn.call`."""
        reply = super().call(do)
        with self._lock:
            if self._token is not None:
                self._at = self._clock.now()
        return reply


class CabinetClient:
    """One cabinet's key and calls. Used by several threads; one log-in at a time."""

    def __init__(self, wire: Wire, integrator_id: str, cabinet: TaxcomCabinet, clock: Clock, opener: KeyOpener) -> None:
        self.cabinet = cabinet
        self._wire = wire
        self._opener = opener
        self._integrator = {"Integrator-Id": integrator_id}
        self._log_in = IdleLogIn(self._obtain_key, age=IDLE, clock=clock, pause=REFUSED)

    @property
    def key(self) -> str | None:
        """The present key, if any: a secret."""
        return self._log_in.token

    def log_in(self) -> None:
        """Get a new key. Raises AuthExpired."""
        self._log_in.renew()

    def get(self, method: str, params: Mapping[str, str | None] | None = None, *, write: bool = False) -> Reply:
        """Call a method by GET. `write`: it changes something at the operator (AcceptContact, RejectContact)."""
        return self._call(
            Request(method="GET", path=_path(method), name=method, params=present(params or {}), write=write)
        )

    def post(self, method: str, body: bytes, content_type: str, *, write: bool = False) -> Reply:
        """Call a method by POST. Raises OutcomeUnknown for a `write` that may have happened."""
        return self._call(
            Request(method="POST", path=_path(method), name=method, body=body, content_type=content_type, write=write)
        )

    def _call(self, request: Request) -> Reply:
        return self._log_in.call(
            lambda key: self._wire.with_repeats(request, {**self._integrator, "Assistant-Key": key})
        )

    def _obtain_key(self) -> str:
        cabinet = self.cabinet
        if cabinet.certificate is not None:
            method, body, content_type = "CertificateLogin", cabinet.certificate, layout.CERTIFICATE_TYPE
        else:
            given = {"Login": cabinet.login or "", "Password": cabinet.password or ""}
            method, body, content_type = "Login", json.dumps(given, ensure_ascii=False).encode(), "application/json"
        request = Request(
            method="POST",
            path=_path(method),
            name=method,
            body=body,
            content_type=content_type,
            secrets=(cabinet.password or "",),
        )
        return self._opened(self._wire.with_repeats(request, self._integrator))

    def _opened(self, reply: Reply) -> str:
        """The key from an answer: encrypted for the participant's certificate, or as it is."""
        content = reply.content
        try:
            if LONG_SEQUENCE.match(content):
                content = self._opener(content, participant_id=self.cabinet.participant_id)
            key = content.decode("ascii").strip().strip('"')
        except ValueError as error:  # what the opener says may hold secrets: only its kind is told
            raise AuthExpired(
                f"the key that the operator gave cannot be opened: {type(error).__name__}",
                operator=codes.OPERATOR_CODE,
                status=reply.status,
            ) from None
        if not key or len(key) > KEY_LIMIT or not key.isprintable() or " " in key:
            raise reply.bad("log-in gave no key")
        return key


class TaxcomClient:
    """All cabinets over one HTTP connection; their limits are counted together."""

    def __init__(self, base_url: str, credentials: TaxcomCredentials, outside: Outside, opener: KeyOpener) -> None:
        if not credentials.cabinets:
            raise ValueError("an account at Taxcom has at least one cabinet")
        self._credentials = credentials
        account = credentials.cabinets[0].participant_id
        manners = Manners(operator=codes.OPERATOR_CODE, account=account, judge=judge, trace_header=layout.TRACE)
        self._wire = Wire(base_url, manners, outside)
        self._cabinets = {
            each.participant_id.casefold(): CabinetClient(
                self._wire, credentials.integrator_id, each, outside.clock, opener
            )
            for each in credentials.cabinets
        }

    @property
    def session(self) -> str | None:
        """A present key, if any: a secret."""
        return next((each.key for each in self._cabinets.values() if each.key is not None), None)

    def all(self) -> tuple[CabinetClient, ...]:
        """The cabinets in the order given."""
        return tuple(self._cabinets.values())

    def of(self, box: str) -> CabinetClient:
        """The cabinet of a box; raises Forbidden when this account has none."""
        found = self._cabinets.get(box.casefold())
        if found is None:
            raise Forbidden(f"no log-in for the participant {box[:80]}", operator=codes.OPERATOR_CODE)
        return found

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()


def no_opener(enveloped: bytes, *, participant_id: str) -> bytes:  # noqa: ARG001 - the port's
    """Stand where nobody can open keys."""
    raise ValueError


def judge(response: httpx2.Response, request: Request, now: datetime) -> OperatorError | None:
    """Turn an answer into an error by the tables of `codes`; None for 200."""
    if response.status_code == 200:
        return None
    said = response.text
    kind = codes.STATUS.get(response.status_code, BadAnswer)
    if kind is Conflict:
        lowered = said.lower()
        kind = next((narrow for part, narrow in codes.CONFLICT_TEXTS if part in lowered), Conflict)
    if request.write and issubclass(kind, Temporary | BadAnswer):
        kind = OutcomeUnknown
    error = kind(
        f"Taxcom answered {response.status_code} to {request.name}: {said[:300]}",
        operator=codes.OPERATOR_CODE,
        status=response.status_code,
        trace_id=response.headers.get(layout.TRACE),
        raw=said[:RAW_LIMIT],
        retry_after=retry_after(response.headers, now),
    )
    if isinstance(error, Conflict):
        error.kind = ConflictKind.STATE
    return error


def _path(method: str) -> str:
    return f"{layout.API}{method}"
