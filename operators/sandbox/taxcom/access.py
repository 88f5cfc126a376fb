"""Keys: log-in by password or certificate, five minutes of life after the last use. They survive a restart."""

import hmac
import secrets
import sqlite3
from datetime import timedelta
from typing import Protocol

from fastapi import Request

from operators.answers import parse_json
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.model import ticks
from operators.sandbox.exchange.refusals import Absent, BadRequest
from operators.sandbox.exchange.rows import Organisation
from operators.taxcom import layout

PASSWORD = "demo"  # noqa: S105 - a sandbox's only password
INTEGRATOR = "COMPANY_"
TOUCH = timedelta(seconds=30)
"""A key's last use is written down no oftener."""

SCHEMA = """create table if not exists taxcom_key (
    key text primary key, box text not null, used_at integer not null
) strict"""


class Unauthorized(Exception):
    """No key, or one that has grown old; the text is for the client."""


class Sealer(Protocol):
    """The operator's knowledge of certificates; the sandbox knows no cryptography."""

    def __call__(self, key: bytes, certificate: bytes) -> tuple[str, bytes]:
        """Return the participant id of a certificate (DER) and the key as CMS EnvelopedData for it.

        Raises ValueError for an unknown certificate.
        """


class Gate:
    """Lets in who has logged in."""

    def __init__(self, desk: Desk, sealer: Sealer | None) -> None:
        self._desk = desk
        self._sealer = sealer
        with desk.state.writing() as connection:
            connection.execute(SCHEMA)

    def by_password(self, integrator: str, body: bytes) -> bytes:
        """Log in by participant id and password; the key as it is."""
        _check_integrator(integrator)
        try:
            given = parse_json(body)
            login, password = str(given["Login"]), str(given["Password"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadRequest("Ожидается JSON с полями Login и Password") from error
        return self._log_in(login, password)

    def by_query(self, integrator: str, login: str, password: str) -> bytes:
        """Log in with the password in the address, as the operator allows too."""
        _check_integrator(integrator)
        return self._log_in(login, password)

    def by_certificate(self, integrator: str, certificate: bytes) -> bytes:
        """Log in by certificate; the key sealed for it. Raises Unauthorized for one that nobody knows."""
        _check_integrator(integrator)
        if self._sealer is None:
            raise Unauthorized("Песочнице не дано, кем шифровать ключ: войдите по паролю")
        key = secrets.token_urlsafe(48)
        try:
            participant_id, sealed = self._sealer(key.encode(), certificate)
        except ValueError as error:
            raise Unauthorized("Сертификат не зарегистрирован") from error
        self._keep(key, participant_id)
        return sealed

    def admit(self, request: Request) -> str:
        """Return the box of a request's key and make the key young again; raises Unauthorized."""
        _check_integrator(request.headers.get("integrator-id", ""))
        key = request.headers.get("assistant-key", "")
        now = self._desk.clock.now()
        with self._desk.state.reading() as connection:
            row = connection.execute("select * from taxcom_key where key = ?", (key,)).fetchone()
        if row is None or row["used_at"] <= ticks(now - layout.KEY_LIFE):
            raise Unauthorized("Маркер временного доступа не найден или устарел")
        if row["used_at"] <= ticks(now - TOUCH):
            with self._desk.state.writing() as connection:
                connection.execute("update taxcom_key set used_at = ? where key = ?", (ticks(now), key))
        return str(row["box"])

    def _log_in(self, login: str, password: str) -> bytes:
        if not hmac.compare_digest(password.encode(), PASSWORD.encode()):
            raise Unauthorized("Неверный логин или пароль")
        key = secrets.token_urlsafe(48)
        self._keep(key, login)
        return key.encode()

    def _keep(self, key: str, participant_id: str) -> None:
        with self._desk.state.writing() as connection:
            try:
                box = by_participant(connection, participant_id, self._desk.operator.code).box
            except Absent as error:
                raise Unauthorized("Неверный логин или пароль") from error
            connection.execute("insert into taxcom_key values (?, ?, ?)", (key, box, self._desk.now()))


def by_participant(connection: sqlite3.Connection, participant_id: str, operator: str | None = None) -> Organisation:
    """Return an organisation by its participant id (of this operator, when named); raises Absent."""
    for each in rows.organisations(connection):
        same = each.participant_id.casefold() == participant_id.casefold()
        if same and (operator is None or each.operator in {"", operator}):
            return each
    raise Absent(f"Участник {participant_id[:60]} не найден")


def _check_integrator(value: str) -> None:
    if not value.startswith(INTEGRATOR):
        raise Unauthorized("Не указан или неверен Integrator-Id")
