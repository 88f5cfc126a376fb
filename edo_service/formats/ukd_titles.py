"""УКД as the exchange needs it, whatever its order: which documents it corrects, by how much, who sends it to whom.

Files of 189@ are judged by their official schema. For 736@ and 29@ none is known: this reader asks for every name it
needs (they stand in the annotations of the operator's contract, `1_996_03_05_01_03`) and refuses a file without them,
but nobody has judged the rest of such a file (`checked` False).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from lxml import etree

from edo_service.formats.checking import check, declaration_of, detect
from edo_service.formats.engine.binding import MOSCOW
from edo_service.formats.engine.source import BODIES, line_of, parse, unqualify
from edo_service.formats.engine.values import to_date, to_time
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import CheckResult, Finding
from edo_service.formats.kinds import FileKind
from edo_service.formats.names import parse_name
from edo_service.formats.parties import Entrepreneur, Organization, Party, PersonName
from edo_service.formats.reading_trade import CORRECTED, Lines, lines_of
from edo_service.formats.showing import address, any_of, date_of, money_of

ORDER_736: Final = ("ON_NKORSCHFDOPPR", "5.01")
"""Prefix and version of the seller's titles that are in force (order ЕД-7-26/736@)."""
_AGREEING: Final = frozenset({"ON_KORSCHFDOPPOK", "ON_NKORSCHFDOPPOK"})


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """A document that an УКД corrects; `revision` is the number of its исправление, 0 for none."""

    number: str
    date: dt.date
    revision: int = 0


@dataclass(frozen=True, kw_only=True)
class Shift:
    """By how much the cost grows or falls, all lines together; `tax` None for «без НДС»."""

    net: Decimal | None
    tax: Decimal | None
    gross: Decimal


@dataclass(frozen=True, kw_only=True)
class UkdTitle:
    """The seller's title of an УКД. `correction`: the number and the day of an исправление of the УКД itself.

    `sender_id`, `recipient_id`: participants' ids. `checked`: whether an official schema has judged the file.
    """

    kind: FileKind
    file_id: str
    function: str
    number: str
    date: dt.date
    formed_at: dt.datetime
    currency: str
    corrected: tuple[Corrected, ...]
    seller: Party
    buyer: Party
    seller_address: str
    buyer_address: str
    sender_id: str | None
    recipient_id: str | None
    correction: Corrected | None
    increase: Shift | None
    decrease: Shift | None
    lines: Lines
    checked: bool

    @property
    def is_of_736(self) -> bool:
        """Whether it is by the order in force."""
        return (self.kind.prefix, self.kind.version) == ORDER_736


@dataclass(frozen=True, kw_only=True)
class UkdReply:
    """The buyer's title of an УКД: agreed. The formats that are read have no other outcome."""

    file_id: str
    about_file: str
    about_formed_at: dt.datetime | None
    function: str | None
    number: str | None
    date: dt.date | None
    operation: str
    checked: bool


def read_ukd_title(xml: bytes) -> UkdTitle:
    """A seller's title of 189@, 736@ or 29@. FormatError for anything else, and for one that lacks what an exchange needs."""
    root, kind = _root(xml, "ukd_seller", "титул продавца УКД")
    document = _only(root, "Документ")
    head = _only(document, "СвКСчФ")
    file_id = _need(root, "ИдФайл")
    name = parse_name(file_id)
    corrected = tuple(_corrected(one) for one in head.findall("СчФ"))
    if not corrected:
        raise FormatError("УКД не называет документ, который корректирует", element="СчФ", line=line_of(head))
    seller, buyer = _only(head, "СвПрод"), _only(head, "СвПокуп")
    revision = head.find("ИспрКСчФ")
    return UkdTitle(
        kind=kind,
        file_id=file_id,
        function=_need(document, "Функция"),
        number=_need(head, "НомерКСчФ"),
        date=_day(head, "ДатаКСчФ"),
        formed_at=_moment(document, "ДатаИнфПр", "ВремИнфПр"),
        currency=head.get("КодОКВ") or any_of(head, "ДенИзм/@КодОКВ") or "643",
        corrected=corrected,
        seller=_party(seller),
        buyer=_party(buyer),
        seller_address=address(seller.find("Адрес")) or "",
        buyer_address=address(buyer.find("Адрес")) or "",
        sender_id=any_of(root, "СвУчДокОбор/@ИдОтпр") or (name.sender_id if name else None),
        recipient_id=any_of(root, "СвУчДокОбор/@ИдПол") or (name.recipient_id if name else None),
        correction=None if revision is None else _revision(revision),
        increase=_shift(document.find("ТаблКСчФ/ВсегоУвел")),
        decrease=_shift(document.find("ТаблКСчФ/ВсегоУм")),
        lines=lines_of(document, CORRECTED),
        checked=not kind.tolerated,
    )


def check_ukd_title(xml: bytes, *, file_name: str | None = None) -> tuple[CheckResult, UkdTitle | None]:
    """What `check` says of a file and, for a seller's title of УКД that can be read, the title.

    What the reader misses in a file that no official schema judges is a violation too: such a file cannot be exchanged.
    """
    result = check(xml, file_name=file_name)
    if result.kind is None or result.kind.code != "ukd_seller" or result.violations:
        return result, None
    try:
        return result, read_ukd_title(xml)
    except FormatError as error:
        path = f"/{error.element}" if error.element else "/"
        found = Finding(path=path, line=error.line, rule="reader", message_ru=error.text_ru)
        return replace(result, violations=(found,)), None


def read_ukd_reply(xml: bytes) -> UkdReply:
    """A buyer's title of 189@ or 736@: it agrees. FormatError for anything else, 29@ too, whose outcome is not known here."""
    root, kind = _root(xml, "ukd_buyer", "титул покупателя УКД")
    if kind.prefix not in _AGREEING or kind.version != "5.01":
        raise FormatError(f"{kind.name_ru}: согласие в этом формате не читаем", element="Файл", line=line_of(root))
    body = next((found for tag in BODIES if (found := root.find(tag)) is not None), None)
    if body is None:
        raise FormatError("В титуле покупателя УКД нет сведений покупателя", element="ИнфПок", line=line_of(root))
    about, event = _only(body, "ИдИнфПрод"), _only(body, "СодФХЖ4")
    return UkdReply(
        file_id=_need(root, "ИдФайл"),
        about_file=_need(about, "ИдФайлИнфПр"),
        about_formed_at=_moment(about, "ДатаФайлИнфПр", "ВремФайлИнфПр"),
        function=any_of(event, "@ФункцияПр", "@Функция"),
        number=event.get("НомДокИнфПр"),
        date=date_of(event, "@ДатаДокИнфПр"),
        operation=_need(_only(event, "СвСоглас"), "СодОпер"),
        checked=not kind.tolerated,
    )


def misfits_of_reply(title: UkdTitle, reply: UkdReply) -> tuple[str, ...]:
    """What in a buyer's title does not fit the seller's; () when it answers exactly this file."""
    own, other = parse_name(reply.file_id), parse_name(title.file_id)
    swapped = own is None or other is None or (own.recipient_id, own.sender_id) == (other.sender_id, other.recipient_id)
    checks = (
        (reply.about_file == title.file_id, f"назван другой файл продавца: {reply.about_file}"),
        (reply.about_formed_at in {None, title.formed_at}, "дата и время файла продавца не те"),
        (reply.function in {None, title.function}, f"функция {reply.function}, у продавца {title.function}"),
        (reply.date in {None, title.date}, "дата документа продавца не та"),
        (reply.number in {None, title.number}, "номер документа продавца не тот"),
        (swapped, "получатель и отправитель в имени файла не те, что у продавца"),
    )
    return tuple(text for fits, text in checks if not fits)


def misfits_of_written(title: UkdTitle, reply: UkdReply, *, operation: str) -> tuple[str, ...]:
    """What in a buyer's title that is written for us is missing, or is not what we say; () when it may be signed.

    Of a foreign file what it leaves out is no fault (`misfits_of_reply`); what we sign has to name all of it.
    """
    given = (reply.about_formed_at, reply.function, reply.number, reply.date)
    own, sides = parse_name(reply.file_id), (title.sender_id, title.recipient_id)
    checks = (
        (reply.operation == operation, f"в нём сказано «{reply.operation}», а просили «{operation}»"),
        (None not in given, "не названы время файла продавца, функция, номер или дата документа"),
        (own is not None, f"имя файла {reply.file_id} не по формату"),
        (own is None or None in sides or (own.recipient_id, own.sender_id) == sides, "стороны в имени файла не те"),
    )
    return tuple(text for fits, text in checks if not fits)


def _root(xml: bytes, code: str, what: str) -> tuple[etree._Element, FileKind]:
    result = check(xml)
    kind = result.kind
    if kind is None or kind.code != code:
        found = kind.name_ru if kind else "файл другого вида"
        raise FormatError(f"Нужен {what}, а это {found}", line=1)
    if result.violations:
        worst = result.violations[0]
        raise FormatError(worst.text_ru, element=worst.element, line=worst.line, findings=result.violations)
    root = parse(xml)
    declaration = declaration_of(kind)
    return (root if declaration is None else unqualify(root, declaration.namespace)), kind


def _only(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.findall(tag)
    if len(found) != 1:
        text = f"нет элемента {tag}" if not found else f"элемент {tag} стоит {len(found)} раза, нужен один"
        raise FormatError(f"В УКД {text}", element=tag, line=line_of(parent))
    return found[0]


def _need(element: etree._Element, name: str) -> str:
    text = (element.get(name) or "").strip()
    if not text:
        raise FormatError(f"В УКД не заполнено {name} ({element.tag})", element=f"@{name}", line=line_of(element))
    return text


def _day(element: etree._Element, name: str) -> dt.date:
    text = _need(element, name)
    try:
        return to_date(text)
    except ValueError as error:
        raise FormatError(f"{name}: «{text}» — не дата", element=f"@{name}", line=line_of(element)) from error


def _moment(element: etree._Element, day: str, clock: str) -> dt.datetime:
    text = _need(element, clock)
    try:
        return dt.datetime.combine(_day(element, day), to_time(text), tzinfo=MOSCOW)
    except ValueError as error:
        raise FormatError(f"{clock}: «{text}» — не время", element=f"@{clock}", line=line_of(element)) from error


def _corrected(element: etree._Element) -> Corrected:
    numbers = [int(text) for one in element.findall("ИспрСчФ") if (text := one.get("НомИспрСчФ") or "").isdecimal()]
    return Corrected(number=_need(element, "НомерСчФ"), date=_day(element, "ДатаСчФ"), revision=max(numbers, default=0))


def _revision(element: etree._Element) -> Corrected | None:
    """ИспрКСчФ; None where the file says by ДефНомИспрКСчФ that there is none."""
    if element.get("НомИспрКСчФ") is None:
        return None
    number = _need(element, "НомИспрКСчФ")
    if not number.isdecimal():
        raise FormatError(f"НомИспрКСчФ: «{number}» — не число", element="@НомИспрКСчФ", line=line_of(element))
    return Corrected(number=number, date=_day(element, "ДатаИспрКСчФ"), revision=int(number))


def _party(element: etree._Element) -> Party:
    """A side as far as an exchange needs it: a Russian organisation or an entrepreneur, without its address."""
    holder = next(element.iterfind("ИдСв/*"), None)
    if holder is not None and holder.tag == "СвЮЛУч":
        company = Organization(name=_need(holder, "НаимОрг"), inn=_need(holder, "ИННЮЛ"), kpp=holder.get("КПП"))
        return Party(identity=company)
    if holder is not None and holder.tag == "СвИП":
        person = _only(holder, "ФИО")
        name = PersonName(
            surname=_need(person, "Фамилия"), name=_need(person, "Имя"), patronymic=person.get("Отчество")
        )
        return Party(identity=Entrepreneur(person=name, inn=_need(holder, "ИННФЛ")))
    raise FormatError(
        f"{element.tag}: нужна российская организация или предприниматель", element="ИдСв", line=line_of(element)
    )


def _shift(element: etree._Element | None) -> Shift | None:
    gross = None if element is None else money_of(element, "@СтТовУчНалВсего")
    if element is None or gross is None:
        return None
    tax = money_of(element, "СумНал/СумНДС")
    return Shift(net=money_of(element, "@СтТовБезНДСВсего"), tax=tax, gross=gross)


def is_ukd(xml: bytes) -> bool:
    """Whether a file claims to be a seller's title of an УКД, of any order."""
    kind = detect(xml)
    return kind is not None and kind.code == "ukd_seller"
