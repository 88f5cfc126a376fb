"""Log-in and the check of tokens (`DiadocAuth ddauth_api_client_id=…,ddauth_token=…`)."""

import hmac
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from operators.sandbox.diadoc.call import Call, Unauthorized, read_call
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.refusals import BadRequest

LOGIN, PASSWORD = "demo", "demo"
FIELD = re.compile(r"(ddauth_\w+)\s*=\s*([^,\s]+)", re.IGNORECASE)


class Gate:
    """Lets in who has logged in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def admit(self, call: Annotated[Call, Depends(read_call)]) -> Call:
        """Return the request when its token is good (FastAPI dependency); raises Unauthorized."""
        token = _fields(call).get("ddauth_token")
        if token is None or not self._desk.knows_token(token):
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

        return routes


def _fields(call: Call) -> Mapping[str, str]:
    scheme, _, rest = call.authorization.partition(" ")
    if scheme.lower() != "diadocauth":
        return {}
    return {name.lower(): value for name, value in FIELD.findall(rest)}


def _equal(given: object, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())
