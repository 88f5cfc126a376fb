"""Log-in and the check of tokens: `DiadocAuth ddauth_api_client_id=…,ddauth_token=…`, or OIDC and `Bearer …`.

A refresh token is good for one use and gives the next one, as identity servers do (RFC 9700, 4.14.2).
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Response

from operators.sandbox.diadoc.call import JSON, Call, Unauthorized, answer, read_call, to_text
from operators.sandbox.exchange.desk import TOKEN_LIFE, Desk
from operators.sandbox.exchange.refusals import BadRequest

LOGIN, PASSWORD = "demo", "demo"
FIRST_REFRESH = "demo-refresh"
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=30)
REFRESH = "refresh "
"""What a refresh token is called in the table of tokens, so that nobody logs in with one."""
FIELD = re.compile(r"(ddauth_\w+)\s*=\s*([^,\s]+)", re.IGNORECASE)


class Gate:
    """Lets in who has logged in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

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
        """Give the log-in's route."""
        routes = APIRouter()

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

        @routes.post("/connect/token")
        def connect_token(call: Annotated[Call, Depends(read_call)]) -> Response:
            form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
            if form.get("grant_type") != "refresh_token" or not (form.get("client_id") and form.get("client_secret")):
                return _oauth_error("invalid_request")
            refresh = self._rotate(form.get("refresh_token", ""))
            if refresh is None:
                return _oauth_error("invalid_grant")
            seconds = int(ACCESS_LIFE.total_seconds())
            return answer(
                {
                    "access_token": self._desk.log_in(),
                    "token_type": "Bearer",
                    "expires_in": seconds,
                    "refresh_token": refresh,
                }
            )

        return routes

    def _rotate(self, given: str) -> str | None:
        """Use up a refresh token and return the next one; None for one that is not good."""
        known = f"{REFRESH}{given}"
        if given != FIRST_REFRESH and not self._desk.knows_token(known, life=REFRESH_LIFE):
            return None
        fresh = secrets.token_urlsafe(32)
        with self._desk.state.writing() as connection:
            connection.execute("delete from token where token = ?", (known,))
            connection.execute("insert into token values (?, ?)", (f"{REFRESH}{fresh}", self._desk.now()))
        return fresh


def _oauth_error(code: str) -> Response:
    """The error of a token endpoint (RFC 6749, 5.2)."""
    return Response(to_text({"error": code}), status_code=400, media_type=JSON)


def _fields(call: Call) -> Mapping[str, str]:
    scheme, _, rest = call.authorization.partition(" ")
    if scheme.lower() != "diadocauth":
        return {}
    return {name.lower(): value for name, value in FIELD.findall(rest)}


def _equal(given: object, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())
