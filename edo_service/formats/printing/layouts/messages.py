"""Service messages of the exchange as plain letters: ИоП, ПДП, ПДО, УоУ (order ММВ-7-6/36@) and the proposal to annul."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.printing.blocks import Block, Form, Heading, Row, Rows, Space, Text, Together, divided
from edo_service.formats.printing.pieces import first_signer, made_on, signed_by, stamps_of
from edo_service.formats.showing import any_of, person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

_VALUE: Final = 12.5  # room of a value, in millimetres for each point of size
_TITLES: Final = {
    "СвИзвПолуч": "Извещение о получении электронного документа",
    "СвУведУточ": "Уведомление об уточнении электронного документа",
    "СвПредАн": "Предложение об аннулировании электронного документа",
    "ДатаОтпр": "Подтверждение даты отправки электронного документа",
    "ДатаПол": "Подтверждение даты получения электронного документа",
}
_SIDES: Final = (
    ("УчастЭДО", "Составитель"),
    ("ОперЭДО", "Оператор электронного документооборота"),
    ("СвОтпрДок", "Отправитель документа"),
    ("ОтпрДок", "Отправитель документа"),
    ("СвПолДок", "Получатель документа"),
    ("ПолДок", "Получатель документа"),
    ("НапрПредАн", "Кому направлено предложение"),
)
_STATUSES: Final = {
    "1": "без доверенности",
    "2": "по доверенности в электронной форме",
    "3": "по доверенности на бумаге",
}


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """Who tells whom what about which file, and when; there is no second title."""
    del answer
    document = root.find("Документ")
    facts = _facts(document)
    if document is None or facts is None:
        raise ValueError("no facts of a service message")
    title = _title(facts)
    text = any_of(facts, "ТекстУведУточ", "ТекстПредАн")
    reason: tuple[Block, ...] = ()
    if text:
        reason = (Space(height=2), Heading(text="Текст сообщения", size=10), Text(text=text))
    blocks = (
        Heading(text=title, size=14),
        *((Text(text=f"Форма по КНД {document.get('КНД')}", grey=True),) if document.get("КНД") else ()),
        Space(height=2),
        Rows(label=58, mark=0, rows=tuple(_sides(document))),
        Space(height=3),
        Rows(label=58, mark=0, rows=tuple(_about(facts))),
        *reason,
        Space(height=4),
        Together(blocks=tuple(_hand(document, signed=bool(stamps)))),
        *stamps_of(stamps),
    )
    return Form(
        title=title,
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        size=9,
        margins=(16.0, 15.0, 16.0, 20.0),
        day=made_on(facts, "@ДатаПол", "@ДатаОтпр"),
    )


def _facts(document: etree._Element | None) -> etree._Element | None:
    names = ("СвИзвПолуч", "СвУведУточ", "СведПодтв", "СвПредАн")
    return next((found for name in names if document is not None and (found := document.find(name)) is not None), None)


def _title(facts: etree._Element) -> str:
    name = str(facts.tag) if str(facts.tag) != "СведПодтв" else "ДатаОтпр" if facts.get("ДатаОтпр") else "ДатаПол"
    return _TITLES[name]


def _sides(document: etree._Element) -> Iterator[Row]:
    for tag, label in _SIDES:
        for node in document.findall(tag):
            yield Row(label=label, value=_party(node))


def _party(node: etree._Element) -> str:
    """A participant in one line: name, ИНН/КПП, participant's id; whatever the version calls them."""
    inner = list(node.iter(etree.Element))
    name = next((text for one in inner if (text := any_of(one, "@НаимОрг", "@Наим", "@ИныеСвед"))), None)
    named = person(next((one for one in inner if one.tag == "ФИО"), None))
    inn = next((text for one in inner if (text := any_of(one, "@ИННЮЛ", "@ИННФЛ"))), None)
    kpp = next((text for one in inner if (text := one.get("КПП"))), None)
    member = next((text for one in inner if (text := any_of(one, "@ИдУчастЭДО", "@ИдОперЭДО"))), None)
    parts = (
        name or (f"ИП {named}" if named and node.find("ИП") is not None else named),
        f"ИНН/КПП {inn}/{kpp}" if inn and kpp else f"ИНН {inn}" if inn else None,
        f"идентификатор {member}" if member else None,
    )
    return ", ".join(part for part in parts if part) or "—"


def _about(facts: etree._Element) -> Iterator[Row]:
    day, time = any_of(facts, "@ДатаПол", "@ДатаОтпр"), any_of(facts, "@ВремяПол", "@ВремяОтпр")
    if day or time:
        when = "отправки" if facts.get("ДатаОтпр") else "получения"
        yield Row(
            label=f"Дата и время {when} (МСК)",
            value=" ".join(part for part in (day, (time or "").replace(".", ":")) if part),
        )
    for node in facts.iterchildren(etree.Element):
        name = any_of(node, *(f"@{key}" for key in ("ИмяПолФайла", "ИмяОтпрФайла", "ИмяПостФайла", "ИмяАнФайла")))
        if name:
            yield Row(label="Имя файла", value=divided(name, _VALUE))
        marks = [child for child in node.iterchildren(etree.Element) if "ФАЙЛ" in str(child.tag).upper() and child.text]
        for place, mark in enumerate(marks, start=1):
            shown = (mark.text or "").strip()
            yield Row(
                label=f"Электронная подпись файла{f' {place}' if len(marks) > 1 else ''}",
                value=f"{shown[:48]}… ({len(shown)} знаков Base64)",
            )
        paper = node.find("ДанПолучДок")
        if paper is not None:
            number_, date = paper.get("НомДок", "—"), paper.get("ДатаДок", "—")
            yield Row(label="Документ", value=f"{paper.get('НаимДок', '')} № {number_} от {date}".strip())
            if paper.get("НомИспрСФ"):
                yield Row(label="Исправление", value=f"№ {paper.get('НомИспрСФ')} от {paper.get('ДатаИспрСФ', '—')}")
            if paper.get("НомКСФ"):
                yield Row(
                    label="Корректировочный счёт-фактура",
                    value=f"№ {paper.get('НомКСФ')} от {paper.get('ДатаКСФ', '—')}",
                )


def _hand(document: etree._Element, *, signed: bool) -> Iterator[Block]:
    signer = document.find("Подписант")
    if signer is None:
        return
    yield signed_by("Подписал", *first_signer(document), signed=signed, room=24)
    status = _STATUSES.get(signer.get("СтатПодп", ""))
    power = any_of(signer, "СвДоверЭл/@НомДовер", "СвДовер/@НомДовер", "СвДоверБум/@ВнНомДовер")
    rows = [("Полномочия", status), ("Доверенность", power)]
    shown = tuple(Row(label=label, value=value) for label, value in rows if value)
    if shown:
        yield Rows(label=58, mark=0, rows=shown)
