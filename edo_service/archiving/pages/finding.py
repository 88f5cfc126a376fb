"""The search's form, its conditions and its address: shared by the search, the exports and the holds."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request

from edo_service.archiving.queries import Search
from edo_service.errors import NotFound
from edo_service.portal.forms import Asked, identifier

PAGE = 25
FIELDS = (
    "q", "counterparty", "since", "until", "kind", "number", "sum_from", "sum_to", "contract", "vin", "signer",
    "certificate", "status", "year", "hold",
)  # fmt: skip
FURTHER = ("vin", "signer", "certificate")
"""Fields that are folded away until one of them is used."""
KINDS = (("", "Любой вид"), ("upd", "УПД"), ("ukd", "УКД"), ("contract", "Договоры"))
STATUSES = (
    ("", "Любое состояние"), ("kept", "В архиве"), ("held", "Под запретом уничтожения"),
    ("proposed", "Предложены к уничтожению"), ("damaged", "Найдено повреждение"), ("assembled", "Передаются в архив"),
    ("disposed", "Уничтожены по акту"),
)  # fmt: skip
LABELS = {
    "q": "Слова", "counterparty": "Контрагент", "since": "С", "until": "По", "kind": "Вид", "number": "Номер",
    "sum_from": "Сумма от", "sum_to": "Сумма до", "contract": "Договор", "vin": "VIN", "signer": "Подписант",
    "certificate": "Сертификат", "status": "Состояние", "year": "Год", "hold": "Запрет",
}  # fmt: skip


async def _read(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_read)]
"""The form with all its fields; the handler itself is a plain function, so its database work stays off the event loop."""


def asked_of(query: Mapping[str, str]) -> Asked:
    """What was asked for, each field trimmed to a bearable length."""
    typed = {name: str(query.get(name, "")).strip()[:200] for name in FIELDS}
    return Asked(typed)


def wish_of(asked: Asked, *, after: str = "") -> Search:
    """The conditions; refused fields gather in `asked`."""
    since, until = asked.day("since", "Дата с"), asked.day("until", "Дата по")
    if since and until and since > until:
        asked.refuse("until", "Дата по: она раньше, чем «Дата с»")
    low, high = asked.sum("sum_from", "Сумма от"), asked.sum("sum_to", "Сумма до")
    if low is not None and high is not None and low > high:
        asked.refuse("sum_to", "Сумма до: она меньше, чем «Сумма от»")
    kind, status, year = asked.text("kind"), asked.text("status"), asked.text("year")
    return Search(
        text=asked.text("q"),
        counterparty=asked.text("counterparty"),
        since=since,
        until=until,
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        kind=kind if kind in dict(KINDS) and kind else None,
        number=asked.text("number"),
        total_from=low,
        total_to=high,
        contract=asked.text("contract"),
        vin=asked.text("vin"),
        signer=asked.text("signer"),
        certificate=asked.text("certificate"),
        status=status if status in dict(STATUSES) else "",
        hold=identifier(asked.text("hold")) if asked.text("hold") else None,
        after=_after(after),
        limit=PAGE,
    )


def address(asked: Asked, **changes: str) -> str:
    """The search's query with some fields changed; empty ones fall out."""
    return "?" + urlencode({name: value for name, value in {**asked.values, **changes}.items() if value})


def used(asked: Asked) -> dict[str, str]:
    """The fields that narrow."""
    return {name: asked.text(name) for name in FIELDS if asked.text(name)}


def place(wish: Search) -> dict[str, str]:
    """Where a further page begins; nothing for the first."""
    return {} if wish.after is None else {"after": f"{wish.after[0].isoformat()}_{wish.after[1]}"}


def _after(text: str) -> tuple[date, UUID] | None:
    if not text:
        return None
    day, _, last = text.partition("_")
    try:
        return date.fromisoformat(day), identifier(last)
    except ValueError as error:
        raise NotFound("request.absent") from error
