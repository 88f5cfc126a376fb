"""Log-in and the check of tokens: `DiadocAuth ddauth_api_client_id=…,ddauth_token=…`, or OIDC and `Bearer …`.

A refresh token is good for one use and gives the next one, as identity servers do (RFC 9700, 4.14.2); the first one comes
with a consent (`consent`).
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response

from operators.sandbox.diadoc.call import Call, Unauthorized, answer, read_call
from operators.sandbox.diadoc.consent import Consents, refusal
from operators.sandbox.exchange.desk import TOKEN_LIFE, Desk
from operators.sandbox.exchange.refusals import BadRequest

LOGIN, PASSWORD = "demo", "demo"
FIRST_REFRESH = "demo-refresh"
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=30)
REFRESH = "refresh "
"""What a refresh token is called in the table of tokens, so that nobody logs in with one."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
FIELD = re.compile(r"(ddauth_\w+)\s*=\s*([^,\s]+)", re.IGNORECASE)


class Gate:
    """Lets in who has logged in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._consents = Consents(desk)

    def admit(self, call: Annotated[Call, Depends(read_call)]) -> Call:
        """Return the request when its token is good (FastAPI dependency); raises Unauthorized."""
        token, life = _fields(call).get("ddauth_token"), TOKEN_LIFE
        scheme, _, rest = call.authorization.partition(" ")
        if scheme.lower() == "bearer":
            token, life = rest.strip(), ACCESS_LIFE
        if not token or token.startswith(REFRESH) or not self._desk.knows_token(token, life=life):
            raise Unauthorized("Требуется авторизация")
        return call

    def router(self) -> APIRouter:
        """Give the log-in's routes."""
        routes = APIRouter()
        routes.include_router(self._consents.router())

        @routes.post("/v3/authenticate")
        def authenticate(call: Annotated[Call, Depends(read_call)]) -> Response:
            if not _fields(call).get("ddauth_api_client_id"):
                raise Unauthorized("Invalid API client id")
            if call.need("type").lower() != "password":
                raise BadRequest("Песочница поддерживает только вход по паролю")
            body = {name.lower(): value for name, value in call.json().items()}
            if not (_equal(body.get("login"), LOGIN) and _equal(body.get("password"), PASSWORD)):
                raise Unauthorized("Неверный логин или пароль")
            return Response(self._desk.log_in(), media_type="text/plain; charset=utf-8")

        @routes.post("/connect/deviceauthorization")
        def device_authorization(request: Request, call: Annotated[Call, Depends(read_call)]) -> Response:
            return self._consents.begin(_form(call), str(request.base_url))

        @routes.post("/connect/token")
        def connect_token(call: Annotated[Call, Depends(read_call)]) -> Response:
            trouble = self._trouble(_form(call))
            if trouble:
                return refusal(trouble)
            seconds = int(ACCESS_LIFE.total_seconds())
            return answer(
                {
                    "access_token": self._desk.log_in(),
                    "token_type": "Bearer",
                    "expires_in": seconds,
                    "refresh_token": self._next_refresh(),
                }
            )

        return routes

    def _trouble(self, form: Mapping[str, str]) -> str:
        """Use up what the client shows; why it gets no tokens for it, empty when it does."""
        kind = form.get("grant_type")
        if not (form.get("client_id") and form.get("client_secret")) or kind not in {DEVICE_GRANT, "refresh_token"}:
            return "invalid_request"
        if kind == DEVICE_GRANT:
            return self._consents.trouble(form.get("device_code", ""))
        return "" if self._use_up(form.get("refresh_token", "")) else "invalid_grant"

    def _use_up(self, given: str) -> bool:
        """Whether a refresh token was good; it is no longer."""
        known = f"{REFRESH}{given}"
        if given != FIRST_REFRESH and not self._desk.knows_token(known, life=REFRESH_LIFE):
            return False
        with self._desk.state.writing() as connection:
            connection.execute("delete from token where token = ?", (known,))
        return True

    def _next_refresh(self) -> str:
        fresh = secrets.token_urlsafe(32)
        with self._desk.state.writing() as connection:
            connection.execute("insert into token values (?, ?)", (f"{REFRESH}{fresh}", self._desk.now()))
        return fresh


def _form(call: Call) -> Mapping[str, str]:
    """The fields of a form's body, each once."""
    return {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}


def _fields(call: Call) -> Mapping[str, str]:
    scheme, _, rest = call.authorization.partition(" ")
    if scheme.lower() != "diadocauth":
        return {}
    return {name.lower(): value for name, value in FIELD.findall(rest)}


def _equal(given: object, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())
