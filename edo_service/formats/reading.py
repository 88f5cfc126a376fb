"""Any known file, shown to people: main facts, lines and every field with a Russian label, whatever its version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.checking import declaration_of, detect
from edo_service.formats.engine.conditions import first
from edo_service.formats.engine.model import Block, Element, Value
from edo_service.formats.engine.source import BODIES, local, parse, text_of, unqualify
from edo_service.formats.errors import FormatError
from edo_service.formats.kinds import FileKind
from edo_service.formats.names import parse_name
from edo_service.formats.reading_trade import CORRECTED, PLACES, Places, ReadingLine, facts_of, lines_of
from edo_service.formats.showing import Side, any_of, date_of, money_of, person, rate_of, side
from edo_service.formats.vocabulary import word_of

MAX_FIELDS: Final = 5000
_SHORT: Final = 120
_LONG: Final = 2000
_BLOCK_DEPTH: Final = 2
_NUMBERS: Final = (
    "СвДокПРУ/ИдентДок/@НомДокПРУ",
    "СвДокПТПрКроме/СвДокПТПр/ИдентДок/@НомДокПТ",
    "СодФХЖ3/@НомДокПРУИсп",
    "СодФХЖ4/@НомДокПТПр",
    "@НомерАкт",
    "СвАктСдПр/@НомерДок",
    "СодФХЖ4/@НомПостДок",
    "ИдентДокПР/@НомДокПР",
    "СвТНО/ТН/@НомТН",
    "СвТНП/@НомТН",
    "СвАктИ/@НомАкт",
    "СвАктИ/СвАктИ/@НомАкт",
)
_DATES: Final = (
    "СвДокПРУ/ИдентДок/@ДатаДокПРУ",
    "СвДокПТПрКроме/СвДокПТПр/ИдентДок/@ДатаДокПТ",
    "СодФХЖ3/@ДатаДокПРУИсп",
    "СодФХЖ4/@ДатаДокПТПр",
    "@ДатаИнфОтпр",
    "СвАктСдПр/@ДатаДок",
    "СодФХЖ4/@ДатаПостДок",
    "ИдентДокПР/@ДатаДокПР",
    "СвТНО/ТН/@ДатаТН",
    "СвТНП/@ДатаТН",
    "СвАктИ/@ДатаАкт",
    "СвАктИ/СвАктИ/@ДатаАкт",
    "СвИтПрием/@ДатаСвИтПрием",
)
_POWERS: Final = ("Довер/СвДов", "Передов/СвПереДовер")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of a file: where it stands, what people call it, what it says.

    `owner_ru` names the element that holds it, `block_ru` the part of the document, a code's meaning is in `value`.
    """

    path: str
    label_ru: str
    value: str
    owner_ru: str
    block_ru: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a person needs to know of a file. `sender` and `recipient` are participants' ids where the file tells them.

    `roles` is what the document calls its seller and its buyer («Исполнитель», «Заказчик»).
    """

    kind: FileKind
    file_id: str | None
    function: str | None = None
    number: str | None = None
    date: dt.date | None = None
    seller: Side | None = None
    buyer: Side | None = None
    currency: str | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    sender: str | None = None
    recipient: str | None = None
    signers: tuple[str, ...] = ()
    about_file: str | None = None
    text: str | None = None
    lines: tuple[ReadingLine, ...] = ()
    roles: tuple[str, str] = ("Продавец", "Покупатель")
    fields: tuple[Field, ...] = ()


def read_any(xml: bytes) -> Reading:
    """A known file of any version, broken rules and all. Raises FormatError when it is not XML or no known kind."""
    root = parse(xml)
    kind = detect(xml)
    if kind is None:
        raise FormatError("Формат файла не распознан: это не файл обмена ФНС", line=1)
    declaration = declaration_of(kind)
    if declaration is not None:
        unqualify(root, declaration.namespace)
    file_id = root.get("ИдФайл")
    name = parse_name(file_id) if file_id is not None else None
    reading = Reading(
        kind=kind,
        file_id=file_id,
        sender=first(root, "СвУчДокОбор/@ИдОтпр") or (name.sender_id if name else None),
        recipient=first(root, "СвУчДокОбор/@ИдПол") or (name.recipient_id if name else None),
        fields=tuple(_fields(root, declaration.root if declaration is not None else None)),
    )
    document = next((found for tag in BODIES if (found := root.find(tag)) is not None), None)
    if document is None:
        return reading
    reading = replace(
        reading,
        function=any_of(document, "@Функция", "СодФХЖ4/@Функция", "СодФХЖ4/@ФункцияПр"),
        signers=tuple(_signers(document)),
    )
    head = next((found for tag in ("СвСчФакт", "СвКСчФ") if (found := document.find(tag)) is not None), None)
    if head is not None:
        return _invoice(reading, document, head)
    places = PLACES.get(kind.code)
    if places is not None:
        reading = _trade(reading, document, places)
    return _message(reading, document)


def _trade(reading: Reading, document: etree._Element, places: Places) -> Reading:
    facts = facts_of(document, places)
    return replace(
        reading,
        roles=places.roles,
        seller=facts.seller,
        buyer=facts.buyer,
        currency=facts.currency,
        net=facts.net,
        tax=facts.tax,
        gross=facts.gross,
        lines=facts.lines,
    )


def _invoice(reading: Reading, document: etree._Element, head: etree._Element) -> Reading:
    table = document.find("ТаблСчФакт")
    total = table.find("ВсегоОпл") if table is not None else None
    return replace(
        reading,
        number=any_of(head, "@НомерДок", "@НомерСчФ", "@НомерКСчФ"),
        date=date_of(head, "@ДатаДок", "@ДатаСчФ", "@ДатаКСчФ"),
        seller=side(head.find("СвПрод")),
        buyer=side(head.find("СвПокуп")),
        currency=any_of(head, "ДенИзм/@КодОКВ", "@КодОКВ"),
        net=money_of(total, "@СтТовБезНДСВсего") if total is not None else None,
        tax=money_of(total, "СумНалВсего/СумНал") if total is not None else None,
        gross=money_of(total, "@СтТовУчНалВсего") if total is not None else None,
        lines=tuple(_line(line) for line in table.findall("СведТов"))
        if table is not None
        else lines_of(document, CORRECTED),
    )


def _line(line: etree._Element) -> ReadingLine:
    return ReadingLine(
        number=line.get("НомСтр"),
        name=any_of(line, "@НаимТов", "ДопСведТов/@ХарактерТов"),
        unit=any_of(line, "@НаимЕдИзм", "ДопСведТов/@НаимЕдИзм", "@ОКЕИ_Тов"),
        quantity=money_of(line, "@КолТов"),
        price=money_of(line, "@ЦенаТов"),
        net=money_of(line, "@СтТовБезНДС"),
        rate=rate_of(line),
        tax=money_of(line, "СумНал/СумНал"),
        gross=money_of(line, "@СтТовУчНал"),
    )


def _message(reading: Reading, document: etree._Element) -> Reading:
    """A buyer's title or a service document: the file it is about, its moment, its text."""
    about = any_of(
        document,
        "ИдИнфПрод/@ИдФайлИнфПр",
        "СвИзвПолуч/СведПолФайл/@ИмяПолФайла",
        "СвУведУточ/СведПолФайл/@ИмяПолФайла",
        "СведПодтв/СведПолФайл/@ИмяПолФайла",
        "СведПодтв/СведОтпрФайл/@ИмяОтпрФайла",
        "СвИзвПолуч/СведПолФайл/@ИмяПостФайла",
        "СвУведУточ/СведПолФайл/@ИмяПостФайла",
        "СведПодтв/СведОтпрФайл/@ИмяПостФайла",
        "СвПредАн/СведАнФайл/@ИмяАнФайла",
        "ИдДокПТПр/@ИдФайлИнфПр",
        "ИдДокПРУИсп/@ИдФайлИнфИсп",
        "ИдИнфПодр/@ИдФайлИнфПодр",
        "ИдИнфОтпр/@ИдФайлИнфОтпр",
        "ИдИнфПок/@ИдФайлИнфПок",
        "ИдТНО/@ИдФайлТН",
        "СвАктИ/ИдАктИ/@ИдФайлАктИ",
    )
    return replace(
        reading,
        number=any_of(
            document,
            "СодФХЖ4/@ПорНомДокИнфПр",
            "СодФХЖ4/@НомСчФИнфПр",
            "СодФХЖ4/@НомДокИнфПр",
            *(f"{place}/@НомДовер" for place in _POWERS),
            *_NUMBERS,
        ),
        date=date_of(
            document,
            "СодФХЖ4/@ДатаДокИнфПр",
            "СодФХЖ4/@ДатаСчФИнфПр",
            "СвИзвПолуч/@ДатаПол",
            "СвУведУточ/@ДатаПол",
            "СведПодтв/@ДатаПол",
            "СведПодтв/@ДатаОтпр",
            *(f"{place}/@ДатаВыдДовер" for place in _POWERS),
            *_DATES,
        ),
        sender=any_of(document, "УчастЭДО/@ИдУчастЭДО", "СвОтпрДок/@ИдУчастЭДО", "ОтпрДок/@ИдУчастЭДО")
        or reading.sender,
        recipient=_recipient(document) or reading.recipient,
        about_file=about,
        text=any_of(document, "СвУведУточ/ТекстУведУточ", "СвПредАн/ТекстПредАн", "СодФХЖ4/СвПрин/@СодОпер"),
    )


def _recipient(document: etree._Element) -> str | None:
    """Whom a service document is for; a notice goes back to who sent (ОтпрДок) what it is about."""
    found = any_of(document, "СвПолДок/@ИдУчастЭДО", "ПолДок/@ИдУчастЭДО", "НапрПредАн/@ИдУчастЭДО")
    return found or any_of(document, "ОтпрДок/@ИдУчастЭДО")


def _signers(document: etree._Element) -> Iterator[str]:
    for signer in document.findall("Подписант"):
        name = person(next(signer.iter("ФИО"), None))
        position = next(
            (text for key in ("Должн", "Должность") for node in signer.iter() if (text := node.get(key))), None
        )
        shown = ", ".join(part for part in (position, name) if part)
        if shown:
            yield shown


def _fields(root: etree._Element, declared: Element | None) -> Iterator[Field]:
    """Every attribute and text of a file in order, labelled by its declaration or, without one, as other formats do."""
    count = 0
    stack: list[tuple[etree._Element, Element | None, tuple[tuple[str, str], ...]]] = [(root, declared, ())]
    while stack:
        element, known, above = stack.pop()
        name = local(str(element.tag))
        label = known.label if known is not None else word_of(name)
        way = (*above, (name, label))
        for field in _values(element, known, way):
            count += 1
            yield field
        if count >= MAX_FIELDS:
            return
        block = known.type if known is not None and isinstance(known.type, Block) else None
        children = reversed(list(element.iterchildren(etree.Element)))
        stack.extend((child, block.element(str(child.tag)) if block else None, way) for child in children)


def _values(element: etree._Element, known: Element | None, way: tuple[tuple[str, str], ...]) -> Iterator[Field]:
    path = "/".join(name for name, _ in way)
    owner, block_ru = way[-1][1], way[min(len(way) - 1, _BLOCK_DEPTH)][1]
    block = known.type if known is not None and isinstance(known.type, Block) else None
    for key, value in element.attrib.items():
        name = local(str(key))
        attribute = block.attribute(str(key)) if block is not None else None
        yield Field(
            path=f"{path}/@{name}",
            label_ru=attribute.label if attribute is not None else word_of(f"@{name}"),
            value=_shown(str(value), attribute.value if attribute is not None else None),
            owner_ru=owner,
            block_ru=block_ru,
        )
    text = text_of(element).strip()
    if text:
        simple = known.type if known is not None and isinstance(known.type, Value) else None
        outer = way[-2][1] if len(way) > 1 else ""
        yield Field(path=path, label_ru=owner, value=_shown(text, simple), owner_ru=outer, block_ru=block_ru)


def _shown(value: str, simple: Value | None) -> str:
    """A value for people: a code with its meaning, long machine text (a signature) shortened."""
    meaning = dict(simple.meanings).get(value) if simple is not None else None
    if meaning is not None:
        return f"{value} — {meaning}"
    if len(value) > _SHORT and " " not in value:
        return f"{value[:40]}… ({len(value)} знаков)"
    return value if len(value) <= _LONG else f"{value[:_LONG]}…"
