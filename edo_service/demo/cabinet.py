"""The operator's own cabinet, played for the demonstration: invitations, and the telephone that gets a code by SMS.

One plain page on the sandbox's address, without log-in: it listens on loopback only.
"""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from operators.sandbox.exchange import invitations, relations, rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.refusals import Refusal
from operators.sandbox.exchange.rows import Organisation
from operators.sandbox.exchange.standing import Standing

_WORDS = {
    Standing.MINE: "Обмен включён",
    Standing.INVITES_ME: "Приглашает",
    Standing.INVITED_BY_ME: "Приглашён",
    Standing.REJECTS_ME: "Отказал",
    Standing.REJECTED_BY_ME: "Отказано",
}
_PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Кабинет оператора: {title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>
body{{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:52rem;color:#17202b;background:#fff}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.6rem .4rem;border-bottom:1px solid #d6dce4}}
form{{display:inline-block;margin:.15rem}}button{{font:inherit;min-height:2.75rem;padding:0 1rem;border-radius:8px}}
button{{border:1px solid #727f90;background:#fff;color:#17202b}}button.go{{background:#1b50a3;border-color:#1b50a3;color:#fff}}
p.note{{background:#e0eff5;padding:.75rem;border-radius:8px}}.code{{font-size:2rem;letter-spacing:.2em}}a{{color:#1a4e9f}}
</style></head><body><h1>Кабинет оператора «{operator}»</h1>
<p class="note">Демонстрация: эта страница играет кабинет, который есть у каждого оператора.</p>{body}</body></html>"""


def cabinet_router(desk: Desk, name: str) -> APIRouter:
    """`/cabinet` and `/cabinet/answer` of one sandbox; `name` is the operator's for people."""
    found = APIRouter()

    @found.get("/cabinet")
    def show(participant: str = "") -> HTMLResponse:
        with desk.reading() as connection:
            organisations = rows.organisations(connection)
            mine = next((one for one in organisations if one.participant_id == participant), None)
            lines = []
            if mine is not None:
                lines = relations.lines(connection, mine.box, standing=None, after_key=None, text=None, limit=100)[0]
        if mine is None:
            body = "<ul>" + "".join(_link(one) for one in organisations) + "</ul>"
        else:
            cells = "".join(_row(mine, line) for line in lines)
            listed = f"<table>{cells}</table>" if cells else "<p>Пока никто никого не пригласил.</p>"
            body = f'<p><a href="/cabinet">Все компании</a></p><h2>{escape(mine.name)}</h2>{listed}'
        return page(mine.name if mine else name, body)

    @found.get("/cabinet/phone")
    def phone() -> HTMLResponse:
        code = last_code(desk)
        said = f'<p class="code">{escape(code)}</p>' if code else "<p>Сообщений нет.</p>"
        return page("Телефон", f"<h2>Телефон: последнее СМС</h2>{said}")

    def page(title: str, body: str) -> HTMLResponse:
        return HTMLResponse(_PAGE.format(title=escape(title), operator=escape(name), body=body))

    @found.post("/cabinet/answer")
    def answer(
        box: Annotated[str, Form()], other: Annotated[str, Form()], act: Annotated[str, Form()]
    ) -> RedirectResponse:
        with desk.writing() as ledger:
            mine = rows.organisation(ledger.connection, box)
            try:
                if act == "accept":
                    invitations.invite(ledger, box, other=other, inn=None, text=None)
                else:
                    relations.leave(ledger, box, other, text=None)
            except Refusal:  # the other side was faster: the page shows how it stands now
                pass
        return RedirectResponse(f"/cabinet?participant={mine.participant_id}", status_code=303)

    return found


def last_code(desk: Desk) -> str:
    """The code of the last SMS; empty where no operator sends any, and once it was used."""
    with desk.state.reading() as connection:
        if connection.execute("select 1 from sqlite_master where name = 'saby_sms'").fetchone() is None:
            return ""
        row = connection.execute("select code from saby_sms where sent = 1 order by rowid desc").fetchone()
    return "" if row is None else str(row["code"])


def _link(one: Organisation) -> str:
    return f'<li><a href="/cabinet?participant={escape(one.participant_id)}">{escape(one.name)}</a></li>'


def _row(mine: Organisation, line: relations.RelationLine) -> str:
    other = line.organisation
    buttons = ""
    if line.standing is Standing.INVITES_ME:
        buttons = _button(mine, other, "accept", "Принять") + " " + _button(mine, other, "reject", "Отказать")
    letter = f"<br>«{escape(line.text_in)}»" if line.text_in else ""
    word = _WORDS.get(line.standing, "Не связаны")
    return f"<tr><td>{escape(other.name)}<br>ИНН {escape(other.inn)}{letter}</td><td>{word}</td><td>{buttons}</td></tr>"


def _button(mine: Organisation, other: Organisation, act: str, word: str) -> str:
    go = ' class="go"' if act == "accept" else ""
    return (
        '<form action="/cabinet/answer" method="post">'
        f'<input type="hidden" name="box" value="{escape(mine.box)}">'
        f'<input type="hidden" name="other" value="{escape(other.box)}">'
        f'<button name="act" value="{act}"{go}>{word}</button></form>'
    )
