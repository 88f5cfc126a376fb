"""Sessions: log-in by password, the second factor by SMS (the sandbox's page plays the telephone)."""

import hmac
import secrets
import sqlite3
import uuid
from datetime import timedelta

from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.refusals import BadRequest
from operators.sandbox.saby.rpc import BUSINESS, Call, Json, RpcError, Unauthorized, part, text

PASSWORD = "demo"  # noqa: S105 - a sandbox's only password
LOGINS = frozenset({"demo", "demo-sms"})
BY_SMS = frozenset({"demo-sms"})
SESSION_LIFE = timedelta(days=21)
SMS_CLASS = "{00000000-0000-0000-0000-1fa000001002}"
TRIES = 3

SCHEMA = """create table if not exists saby_sms (
    id text primary key, session text not null, code text not null, sent integer not null, tries integer not null
) strict"""


class Gate:
    """Lets in who has logged in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        with desk.state.writing() as connection:
            connection.execute(SCHEMA)

    def admit(self, call: Call) -> None:
        """Check the session; raises Unauthorized."""
        if not call.session or not self._desk.knows_token(call.session, life=SESSION_LIFE):
            raise Unauthorized

    def answer(self, call: Call) -> object:
        """Answer a call of the log-in's address."""
        match call.method:
            case "СБИС.Аутентифицировать":
                return self._log_in(call.params)
            case "СБИС.ОтправитьКодАутентификации":
                self._send_code(call)
                return None
            case "СБИС.ПодтвердитьВход":
                return self._confirm(call)
            case "СБИС.ПроверитьСессию":
                known = self._desk.knows_token(call.session, life=SESSION_LIFE)
                return {"СессияАктивна": "Да" if known else "Нет"}
        raise RpcError(-32601, f"Метод {call.method} не найден", status=404)

    def last_code(self) -> str | None:
        """What the telephone shows."""
        with self._desk.state.reading() as connection:
            row = connection.execute("select code from saby_sms where sent = 1 order by rowid desc").fetchone()
        return None if row is None else str(row["code"])

    def _log_in(self, params: Json) -> str:
        given = part(params, "Параметр") if "Параметр" in params else params
        login, password = text(given, "Логин"), text(given, "Пароль")
        if login not in LOGINS or not hmac.compare_digest(password.encode(), PASSWORD.encode()):
            raise RpcError(BUSINESS, "Неверный логин или пароль", status=401)
        if login not in BY_SMS:
            return self._desk.log_in()
        challenge, session = str(uuid.uuid4()), secrets.token_urlsafe(24)
        with self._desk.state.writing() as connection:
            code = f"{secrets.randbelow(10**6):06}"
            connection.execute("insert into saby_sms values (?, ?, ?, 0, 0)", (challenge, session, code))
        found = {"ИдентификаторСессии": session, "Идентификатор": challenge, "Телефон": "+7 *** ***-**-01"}
        data = {"classid": SMS_CLASS, "addinfo": found}
        raise RpcError(BUSINESS, "Требуется подтверждение входа по СМС", data=data)

    def _send_code(self, call: Call) -> None:
        with self._desk.state.writing() as connection:
            row = _challenge(connection, call)
            connection.execute("update saby_sms set sent = 1 where id = ?", (row["id"],))

    def _confirm(self, call: Call) -> str:
        with self._desk.state.writing() as connection:
            row = _challenge(connection, call)
            good = bool(row["sent"]) and hmac.compare_digest(text(call.params, "Код").encode(), row["code"].encode())
            if good or row["tries"] + 1 >= TRIES:
                connection.execute("delete from saby_sms where id = ?", (row["id"],))
            else:
                connection.execute("update saby_sms set tries = tries + 1 where id = ?", (row["id"],))
        if not good:
            raise RpcError(BUSINESS, "Неверный код подтверждения", status=401)
        return self._desk.log_in()


def _challenge(connection: sqlite3.Connection, call: Call) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "select * from saby_sms where id = ? and session = ?", (text(call.params, "Идентификатор"), call.session)
    ).fetchone()
    if row is None:
        raise BadRequest("Подтверждение входа не найдено")
    return row
