"""Машиночитаемая доверенность: the single form EMCHD_1 with передоверие and the older 002 (ON_DOVBB, ОКУД 0251222)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.engine.source import text_of
from edo_service.formats.printing.blocks import (
    Block,
    Cell,
    Form,
    Heading,
    Row,
    Rows,
    Space,
    Table,
    Text,
    code,
    divided,
    fitted,
    head,
    words,
)
from edo_service.formats.printing.pieces import EPOCH, stamps_of
from edo_service.formats.showing import any_of, person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (9.0, 44.0, 80.0, 43.0)
MARKS: Final = ("1", "2", "3", "4")
_HEAD: Final = ((head("№ п/п"), head("Код полномочия"), head("Полномочие"), head("Ограничения")),)
_LABELS: Final = (
    ("НаимОрг", "Наименование"),
    ("НаимИП", "Наименование"),
    ("ИННЮЛ", "ИНН"),
    ("ИННФЛ", "ИНН"),
    ("КПП", "КПП"),
    ("ОГРН", "ОГРН"),
    ("ОГРНИП", "ОГРНИП"),
    ("СНИЛС", "СНИЛС"),
    ("Должность", "Должность"),
    ("ДатаРожд", "Дата рождения"),
    ("АдрРФ", "Адрес"),
    ("НаимУчрДок", "Учредительный документ"),
    ("НаимДокПолн", "Действует на основании"),
)
_KINDS: Final = {"1": "отзывная", "2": "безотзывная"}
_ONWARD: Final = {
    "1": "без права передоверия",
    "2": "с правом однократного передоверия",
    "3": "с правом последующего передоверия",
}
_VALUE: Final = 11.5  # room of a value, in millimetres for each point of size
_FULL_DATE: Final = 10


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The power as people read it; there is no second title."""
    del answer
    document = root.find("Документ")
    body = next(
        (found for tag in ("Довер", "Передов") if document is not None and (found := document.find(tag)) is not None),
        None,
    )
    if body is None:
        raise ValueError("no Довер and no Передов")
    onward = body.tag == "Передов"
    facts = body.find("СвПереДовер" if onward else "СвДов")
    number_ = facts.get("НомДовер") if facts is not None else None
    title = f"Доверенность № {number_ or '—'}"
    blocks = (
        Heading(text="ДОВЕРЕННОСТЬ", size=14, align="center"),
        Text(text="в порядке передоверия" if onward else "в электронной (машиночитаемой) форме", align="center"),
        Space(height=2),
        Rows(label=62, mark=0, rows=tuple(_facts(facts))),
        *_section("Первоначальная доверенность", body.findall("СвПервДовер")),
        *_section("Доверенность, на основании которой выдана", body.findall("СвПередов")),
        *(
            _section("Лицо, передавшее полномочия", body.findall("СвПередПолн"))
            if onward
            else _section("Доверитель", body.findall("СвДоверит"))
        ),
        *_section("Представитель", body.findall("СвПолучПолн" if onward else "СвУпПред")),
        *_powers(body.find("СвПолн")),
        *stamps_of(stamps),
    )
    return Form(
        title=title,
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        size=8.8,
        margins=(14.0, 14.0, 16.0, 20.0),
        day=_day(facts.get("ДатаВыдДовер") if facts is not None else None),
    )


def _facts(facts: etree._Element | None) -> Iterator[Row]:
    if facts is None:
        return
    yield Row(label="Единый регистрационный номер", value=facts.get("НомДовер") or "—")
    yield Row(label="Внутренний номер", value=facts.get("ВнНомДовер") or "—")
    yield Row(label="Дата выдачи", value=_date(facts.get("ДатаВыдДовер")))
    yield Row(label="Действует по", value=_date(any_of(facts, "@СрокДейст", "@ДатаКонДовер")))
    kind = "безотзывная" if facts.find("Безотзыв") is not None else _KINDS.get(facts.get("ВидДовер", ""))
    yield Row(label="Вид доверенности", value=kind or "—")
    yield Row(label="Передоверие", value=_ONWARD.get(facts.get("ПрПередов", ""), facts.get("ПрПередов") or "—"))
    system = any_of(facts, "СведСист", "СведСистОтм", "@СведСистОтм")
    yield Row(label="Где проверить, действует ли", value=divided(system or "—", _VALUE))
    offices = ", ".join(node.text or "" for node in facts.findall("КодНОДейст"))
    if offices:
        yield Row(label="Налоговые органы", value=offices)


def _section(title: str, holders: list[etree._Element]) -> Iterator[Block]:
    for place, holder in enumerate(holders, start=1):
        rows = tuple(Row(label=label, value=value) for label, value in _about(holder))
        if rows:
            yield Heading(text=title if len(holders) == 1 else f"{title} {place}", size=10, above=4)
            yield Rows(label=62, mark=0, rows=rows)


def _about(holder: etree._Element) -> Iterator[tuple[str, str]]:
    """What is known of a person or an organisation, in the file's order, whatever holds it."""
    told: set[etree._Element] = set()
    for node in holder.iter(etree.Element):
        named = node if node.get("Фамилия") else None
        if any(node.get(key) for key in ("ИННФЛ", "СНИЛС", "Должность")):
            named = next(node.iter("ФИО"), None)
        if named is not None and named not in told:
            told.add(named)
            yield "Фамилия, имя, отчество", person(named) or "—"
        for key, label in _LABELS:
            value = node.get(key)
            if value:
                yield label, _date(value) if key == "ДатаРожд" else value
        if node.tag == "АдрРФ" and text_of(node).strip():
            yield "Адрес", text_of(node).strip()
        if node.tag == "УдЛичнФЛ":
            issued = " ".join(part for part in (node.get("ВыдДок"), _date(node.get("ДатаДок"))) if part and part != "—")
            yield (
                "Документ",
                f"код {node.get('КодВидДок', '—')}, {node.get('СерНомДок', '—')}{f', выдан {issued}' if issued else ''}",
            )
        if node.tag in {"СвПервДовер", "СвПередов"}:
            yield from _earlier(node)


def _earlier(node: etree._Element) -> Iterator[tuple[str, str]]:
    number_ = any_of(node, "@НомДоверПерв", "@НомДоверN")
    yield "Единый регистрационный номер", number_ or "—"
    yield "Внутренний номер", any_of(node, "@ВнНомДоверПерв", "@ВнНомДоверN") or "—"
    yield "Дата выдачи", _date(node.get("ДатаВыдДовер"))
    yield "Действует по", _date(node.get("СрокДейст"))


def _powers(powers: etree._Element | None) -> Iterator[Block]:
    if powers is None:
        return
    yield Heading(text="Полномочия", size=10, above=4)
    for text in powers.findall("ТекстПолн"):
        yield Text(text=text_of(text).strip())
    rows = [_row(place, node) for place, node in enumerate(powers.findall("МашПолн"), start=1)]
    if rows:
        yield Table(widths=WIDTHS, head=_HEAD, marks=MARKS, rows=fitted(WIDTHS, rows, size=7.8), size=7.8, head_size=7)


def _row(place: int, node: etree._Element) -> tuple[Cell, ...]:
    limits = []
    for limit in node.findall("ОгрСвПолн"):
        values = [any_of(limit, "@НаимЗначОгр"), any_of(limit, "КодЗначОгр"), any_of(limit, "ТексЗначОгр")]
        limits.append(
            f"{limit.get('НаимОгр') or limit.get('КодОгр', '')}: {', '.join(value for value in values if value)}"
        )
    return (code(str(place)), words(node.get("КодПолн")), words(node.get("НаимПолн")), words("\n".join(limits)))


def _date(text: str | None) -> str:
    """ISO dates of the form as people write them; anything else as it is."""
    if not text:
        return "—"
    try:
        return f"{dt.date.fromisoformat(text[:_FULL_DATE]):%d.%m.%Y}"
    except ValueError:
        return text


def _day(text: str | None) -> tuple[int, int, int]:
    try:
        found = dt.date.fromisoformat((text or "")[:_FULL_DATE])
    except ValueError:
        return EPOCH
    return (found.year, found.month, found.day)
