"""Saby's forms of values: lists, strings, times (UTC+3), the state of a document."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

from operators.errors import BadAnswer
from operators.saby import codes

Json: TypeAlias = Mapping[str, Any]

MOSCOW = timezone(timedelta(hours=3))


def state(document: Json) -> str:
    """Состояние.Код; "" when the answer has none."""
    found = document.get("Состояние")
    return str(found.get("Код", "")) if isinstance(found, Mapping) else ""


def stage(document: Json, name: str) -> Json | None:
    """Return the stage of that name that the document offers."""
    return next((each for each in items(document, "Этап") if each.get("Название") == name), None)


def has_more(answer: Json) -> bool:
    """Навигация.ЕстьЕще."""
    found = answer.get("Навигация")
    return isinstance(found, Mapping) and found.get("ЕстьЕще") == "Да"


def moment(value: str) -> datetime:
    """ДД.ММ.ГГГГ ЧЧ.ММ.СС (or with colons), UTC+3 -> UTC; raises BadAnswer."""
    try:
        return datetime.strptime(value.replace(":", "."), "%d.%m.%Y %H.%M.%S").replace(tzinfo=MOSCOW).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad(f"not a time: {value[:40]}") from error


def to_moment(at: datetime) -> str:
    """UTC -> ДД.ММ.ГГГГ ЧЧ.ММ.СС, UTC+3."""
    return at.astimezone(MOSCOW).strftime("%d.%m.%Y %H.%M.%S")


def items(raw: Json, name: str) -> Iterable[Json]:
    """Return a list of objects (Saby writes a list of one as the object itself); raises BadAnswer."""
    value = raw.get(name) or []
    value = [value] if isinstance(value, Mapping) else value
    if not isinstance(value, list) or not all(isinstance(line, Mapping) for line in value):
        raise bad(f"{name} is not a list of objects")
    return value


def text(raw: Json, name: str) -> str:
    """Return a string; raises BadAnswer when it is absent."""
    value = raw.get(name)
    if not isinstance(value, str):
        raise bad(f"{name} is absent or not a string")
    return value


def bad(what: str) -> BadAnswer:
    """Make the error of an answer that breaks the operator's own format."""
    return BadAnswer(what, operator=codes.OPERATOR_CODE)


def created_at(document: Json) -> datetime:
    """ДатаВремяСоздания."""
    return moment(text(document, "ДатаВремяСоздания"))


def is_outbound(document: Json) -> bool:
    """Whether the document is ours (Направление)."""
    return document.get("Направление") == "Исходящий"
