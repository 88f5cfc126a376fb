"""The identity server's page where a person consents to a log-in (RFC 8628, the device flow), played by the sandbox."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from operators.sandbox.diadoc.call import JSON, to_text
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.model import ticks

CODE_LIFE = timedelta(minutes=15)
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words arise (RFC 8628, 6.1)."""

SCHEMA = """create table if not exists diadoc_consent (
    device text primary key, user_code text not null unique, confirmed integer not null, made_at integer not null
) strict"""
_PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Вход в Контур (демонстрация)</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>
body{{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:32rem;color:#17202b;background:#fff}}
button{{font:inherit;min-height:2.75rem;padding:0 1rem}}p.note{{background:#e0eff5;padding:.75rem}}b{{font-size:1.5rem}}
</style></head><body><h1>Вход в Контур</h1>
<p class="note">Демонстрация: эта страница играет страницу входа Контура.</p>{body}</body></html>"""


class Consents:
    """Codes that wait for their person."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        with desk.state.writing() as connection:
            connection.execute(SCHEMA)

    def begin(self, form: Mapping[str, str], base: str) -> Response:
        """Give a code to the client, and what to show to the person (RFC 8628, 3.2)."""
        if not (form.get("client_id") and form.get("client_secret")):
            return refusal("invalid_client")
        device = secrets.token_urlsafe(32)
        half = ["".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2)]
        user_code, page = "-".join(half), f"{base}connect/device"
        with self._desk.state.writing() as connection:
            connection.execute("insert into diadoc_consent values (?, ?, 0, ?)", (device, user_code, self._desk.now()))
        found = {
            "device_code": device,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": int(CODE_LIFE.total_seconds()),
            "interval": 5,
        }
        return Response(to_text(found), media_type=JSON)

    def trouble(self, device: str) -> str:
        """Why no token is given for a code yet; empty once, when its person has confirmed (RFC 8628, 3.5)."""
        with self._desk.state.writing() as connection:
            row = connection.execute("select * from diadoc_consent where device = ?", (device,)).fetchone()
            if row is None or row["made_at"] <= ticks(self._desk.clock.now() - CODE_LIFE):
                return "expired_token"
            if not row["confirmed"]:
                return "authorization_pending"
            connection.execute("delete from diadoc_consent where device = ?", (device,))
        return ""

    def router(self) -> APIRouter:
        """The page and its button."""
        routes = APIRouter()

        @routes.get("/connect/device")
        def show(user_code: str = "") -> HTMLResponse:
            with self._desk.state.reading() as connection:
                query = "select confirmed from diadoc_consent where user_code = ?"
                row = connection.execute(query, (user_code,)).fetchone()
            if row is None:
                body = "<p>Такого кода нет или он уже использован.</p>"
            elif row["confirmed"]:
                body = "<p>Вход подтверждён. Вернитесь в портал и нажмите «Проверить вход».</p>"
            else:
                body = (
                    "<p>Приложение просит доступ к Диадоку от вашего имени. Сверьте код с тем, что показывает портал:</p>"
                    f'<p><b>{escape(user_code)}</b></p><form method="post" action="/connect/device">'
                    f'<input type="hidden" name="user_code" value="{escape(user_code)}">'
                    "<button>Подтвердить вход</button></form>"
                )
            return HTMLResponse(_PAGE.format(body=body))

        @routes.post("/connect/device")
        def confirm(request: Request, user_code: Annotated[str, Form()]) -> RedirectResponse:
            with self._desk.state.writing() as connection:
                connection.execute("update diadoc_consent set confirmed = 1 where user_code = ?", (user_code,))
            page = request.url.include_query_params(user_code=user_code)
            return RedirectResponse(str(page), status_code=303)

        return routes


def refusal(code: str) -> Response:
    """The error of a token endpoint (RFC 6749, 5.2)."""
    return Response(to_text({"error": code}), status_code=400, media_type=JSON)
