"""What the printed УПД shows, from a seller's title of any version and, if there is one, the buyer's title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from edo_service.formats.engine.conditions import first, number
from edo_service.formats.printing.pieces import EPOCH
from edo_service.formats.showing import (
    Side,
    any_of,
    date_of,
    long_date,
    money,
    money_of,
    person,
    plain_number,
    rate_of,
    reference,
    side,
    texts,
)

_NOBODY: Final = Side(name=None, inn=None, kpp=None, address=None)
_NAMES: Final = {
    "СЧФ": ("Счёт-фактура", "Счёт-фактура", None),
    "СЧФДОП": ("Универсальный передаточный документ", "Счёт-фактура", "1"),
    "ДОП": ("Универсальный передаточный документ", "Передаточный документ (акт)", "2"),
    "СвРК": ("Документ для расчётов с посредником", "Документ", None),
    "СвЗК": ("Документ о закупке", "Документ", None),
}


#: Since then an invoice names the invoices for advances that it closes (line 5б, Постановление 23.01.2026 № 26).
ADVANCES_SINCE: Final = dt.date(2026, 4, 1)
_INVOICES: Final = frozenset({"СЧФ", "СЧФДОП"})
_MARKS: Final = (("КИЗ", "Код маркировки (КИЗ)"), ("НомУпак", "Групповая упаковка"))


@dataclass(frozen=True, kw_only=True)
class FormLine:
    """A row of the table, ready to print."""

    code: str | None
    number: str
    name: str | None
    more: tuple[str, ...]
    kind_code: str | None
    unit_code: str | None
    unit: str | None
    quantity: str | None
    price: str | None
    net: str | None
    excise: str | None
    rate: str | None
    tax: str | None
    gross: str | None
    origin_codes: tuple[str, ...]
    origins: tuple[str, ...]
    declarations: tuple[str, ...]
    trace_codes: tuple[str, ...]
    trace_units: tuple[str, ...]
    trace_quantities: tuple[str, ...]
    trace_sums: tuple[str, ...]
    marking: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class FormTransfer:
    """The seller's half of the hand-over."""

    grounds: str
    transport: str
    given_by: str | None
    date: str | None
    other: str


@dataclass(frozen=True, kw_only=True)
class FormAcceptance:
    """The buyer's half."""

    accepted_by: str | None
    date: str | None
    other: str
    signers: str
    author: str | None


@dataclass(frozen=True, kw_only=True)
class UpdForm:
    """Everything on the printed УПД."""

    file_id: str | None
    kind: str
    name: str
    status: str | None
    number: str | None
    date: str | None
    correction_number: str | None
    correction_date: str | None
    seller: Side
    buyer: Side
    consignor: str
    consignee: str
    payments: str
    shipping: str
    asks_for_advances: bool
    currency: str
    state_contract: str | None
    lines: tuple[FormLine, ...]
    net: str | None
    tax: str | None
    gross: str | None
    head: str | None
    accountant: str | None
    entrepreneur: str | None
    registration: str | None
    signers: str
    author: str | None
    transfer: FormTransfer | None
    acceptance: FormAcceptance | None
    entries: tuple[tuple[str, str], ...]
    day: tuple[int, int, int]


def upd_form(root: etree._Element, answer: etree._Element | None) -> UpdForm:
    """The form of a seller's title; tolerant, nothing is invented for what the file lacks."""
    document, head = root.find("Документ"), root.find("Документ/СвСчФакт")
    if document is None or head is None:
        raise ValueError("no СвСчФакт")
    kind, name, status = _NAMES.get(document.get("Функция", ""), ("Счёт-фактура", "Счёт-фактура", None))
    table = document.find("ТаблСчФакт")
    total = table.find("ВсегоОпл") if table is not None else None
    trader = head.find("СвПрод/ИдСв/СвИП")
    signers = tuple(_signers(document))
    transfer = document.find("СвПродПер/СвПер")
    made = date_of(head, "@ДатаДок", "@ДатаСчФ")
    return UpdForm(
        day=(made.year, made.month, made.day) if made else EPOCH,
        file_id=root.get("ИдФайл"),
        kind=kind,
        name=name,
        status=status,
        number=any_of(head, "@НомерДок", "@НомерСчФ"),
        date=long_date(made),
        correction_number=any_of(head, "ИспрДок/@НомИспр", "ИспрСчФ/@НомИспрСчФ"),
        correction_date=any_of(head, "ИспрДок/@ДатаИспр", "ИспрСчФ/@ДатаИспрСчФ"),
        seller=side(head.find("СвПрод")) or _NOBODY,
        buyer=side(head.find("СвПокуп")) or _NOBODY,
        consignor="; ".join(_consignors(head)),
        consignee="; ".join(found.name_and_address for node in head.findall("ГрузПолуч") if (found := side(node))),
        payments="; ".join(_payments(head)),
        shipping="; ".join(_shipping(head, len(table.findall("СведТов")) if table is not None else 0)),
        asks_for_advances=made is not None and made >= ADVANCES_SINCE and document.get("Функция") in _INVOICES,
        currency=_currency(head),
        state_contract=first(head, "ДопСвФХЖ1/@ИдГосКон"),
        lines=tuple(_line(line) for line in table.findall("СведТов")) if table is not None else (),
        net=money(money_of(total, "@СтТовБезНДСВсего")) if total is not None else None,
        tax=_tax(total, "СумНалВсего") if total is not None else None,
        gross=money(money_of(total, "@СтТовУчНалВсего")) if total is not None else None,
        head=signers[0] if signers and trader is None else None,
        accountant=None,
        entrepreneur=signers[0] if signers and trader is not None else None,
        registration=_registration(trader),
        signers="; ".join(signers),
        author=document.get("НаимЭконСубСост"),
        transfer=_transfer(transfer) if transfer is not None else None,
        acceptance=_acceptance(answer) if answer is not None else None,
        entries=tuple(
            (node.get("Идентиф", ""), node.get("Значен", ""))
            for path in ("ИнфПолФХЖ1/ТекстИнф", "../СвПродПер/ИнфПолФХЖ3/ТекстИнф")
            for node in head.findall(path)
        ),
    )


def _consignors(head: etree._Element) -> Iterator[str]:
    for node in head.findall("ГрузОт"):
        if node.find("ОнЖе") is not None:
            yield "он же"
        found = side(node.find("ГрузОтпр"))
        if found is not None:
            yield found.name_and_address


def _payments(head: etree._Element) -> Iterator[str]:
    for node in head.findall("СвПРД"):
        parts = ((node.get("НомерПРД"), "№ "), (node.get("ДатаПРД"), "от "))
        yield " ".join(word + text for text, word in parts if text)


def _shipping(head: etree._Element, lines: int) -> Iterator[str]:
    documents = [*head.findall("ДокПодтвОтгрНом"), *head.findall("ДокПодтвОтгр")]
    for node in documents:
        number_ = any_of(node, "@РеквНомерДок", "@НомДокОтгр")
        day = any_of(node, "@РеквДатаДок", "@ДатаДокОтгр")
        rows = f"№ п/п {f'1–{lines}' if lines > 1 else '1'}, " if len(documents) == 1 and lines else ""
        yield f"{rows}№ {number_ or '—'} от {day or '—'}"


def _currency(head: etree._Element) -> str:
    name, code = first(head, "ДенИзм/@НаимОКВ"), any_of(head, "ДенИзм/@КодОКВ", "@КодОКВ")
    if name is None and code == "643":
        name = "Российский рубль"
    rate = any_of(head, "ДенИзм/@КурсВал", "ДопСвФХЖ1/@КурсВал")
    return ", ".join(part for part in (name, code, f"курс {rate}" if rate else None) if part)


def _tax(element: etree._Element, name: str) -> str | None:
    amount = money_of(element, f"{name}/СумНал", f"{name}/СумНДС", f"{name}/@СумНДС")
    return money(amount) if amount is not None else any_of(element, f"{name}/БезНДС", f"{name}/@СумНДС")


def _money_text(element: etree._Element, path: str) -> str | None:
    """The number in Russian writing, or the text as it is when it is no number."""
    text = first(element, path)
    if text is None:
        return None
    found = number(text)
    return money(found) if found is not None else text


def _line(line: etree._Element) -> FormLine:
    quantity, price = first(line, "@КолТов"), first(line, "@ЦенаТов")
    customs = [*line.findall("СвДТ"), *line.findall("СвТД")]
    traces = [*line.findall("ДопСведТов/СведПрослеж")]
    excise = money_of(line, "Акциз/СумАкциз", "Акциз/@СумАкциз")
    return FormLine(
        code=any_of(line, "ДопСведТов/@КодТов", "ДопСведТов/@АртикулТов"),
        number=line.get("НомСтр", ""),
        name=first(line, "@НаимТов") or first(line, "ДопСведТов/@ХарактерТов"),
        more=tuple(_more(line)),
        kind_code=first(line, "ДопСведТов/@КодВидТов"),
        unit_code=line.get("ОКЕИ_Тов"),
        unit=any_of(line, "@НаимЕдИзм", "ДопСведТов/@НаимЕдИзм"),
        quantity=_number_text(quantity),
        price=_money_text(line, "@ЦенаТов") if price is not None else None,
        net=_money_text(line, "@СтТовБезНДС"),
        excise=money(excise) if excise is not None else any_of(line, "Акциз/БезАкциз", "Акциз/@СумАкциз"),
        rate=rate_of(line),
        tax=_tax(line, "СумНал"),
        gross=_money_text(line, "@СтТовУчНал"),
        origin_codes=tuple(text for node in customs if (text := node.get("КодПроисх")))
        or tuple(texts(line, "КодПроисх")),
        origins=tuple(texts(line, "ДопСведТов/КрНаимСтрПр")) or tuple(texts(line, "ДопСведТов/@КрНаимСтрПр")),
        declarations=tuple(text for node in customs if (text := any_of(node, "@НомерДТ", "@НомерТД")))
        + tuple(text for text in texts(line, "НомерТД") if text)
        + tuple(text for node in traces if (text := node.get("НомТовПрослеж"))),
        trace_codes=tuple(text for node in traces if (text := node.get("ЕдИзмПрослеж"))),
        trace_units=tuple(text for node in traces if (text := node.get("НаимЕдИзмПрослеж"))),
        trace_quantities=tuple(text for node in traces if (text := _number_text(node.get("КолВЕдПрослеж")))),
        trace_sums=tuple(text for node in traces if (text := _money_text(node, "@СтТовБезНДСПрослеж"))),
        marking=tuple(_marking(line)),
    )


def _number_text(text: str | None) -> str | None:
    if text is None:
        return None
    found = number(text)
    return plain_number(found) if found is not None else text


def _marking(line: etree._Element) -> Iterator[tuple[str, str]]:
    for node in line.findall("ДопСведТов/НомСредИдентТов"):
        for tag, word in _MARKS:
            for child in node.findall(tag):
                yield word, child.text or ""
        package = node.get("ИдентТрансУпак")
        if package:
            yield "Транспортная упаковка", package


def _more(line: etree._Element) -> Iterator[str]:
    name, description = first(line, "@НаимТов"), first(line, "ДопСведТов/@ХарактерТов")
    if name and description:
        yield description
    marks = (("КИЗ", "коды маркировки"), ("НомУпак", "упаковки"))
    for tag, word in marks:
        count = sum(len(node.findall(tag)) for node in line.findall("ДопСведТов/НомСредИдентТов"))
        if count:
            yield f"Средства идентификации, {word}: {count}"
    for node in line.findall("ИнфПолФХЖ2"):
        yield f"{node.get('Идентиф', '')}: {node.get('Значен', '')}"


def _signers(document: etree._Element) -> Iterator[str]:
    for signer in document.findall("Подписант"):
        name = person(next(signer.iter("ФИО"), None))
        position = next((text for node in signer.iter() for key in ("Должн",) if (text := node.get(key))), None)
        shown = ", ".join(part for part in (position, name) if part)
        if shown:
            yield shown


def _registration(trader: etree._Element | None) -> str | None:
    if trader is None:
        return None
    ogrnip, day = trader.get("ОГРНИП"), trader.get("ДатаОГРНИП")
    return " ".join(part for part in (ogrnip or trader.get("СвГосРегИП"), f"от {day}" if day else None) if part) or None


def _transfer(transfer: etree._Element) -> FormTransfer:
    grounds = [reference(node) for node in transfer.findall("ОснПер")]
    if transfer.find("БезДокОснПер") is not None:
        grounds.append("без документа-основания")
    transport = transfer.find("Тран")
    if transport is None:
        transport = transfer.find("ТранГруз")
    start, end = transfer.get("ДатаНачПер"), transfer.get("ДатаОконПер")
    period = f"период с {start} по {end}" if start and end and start != end else None
    terms = (
        [transport.get(key) for key in ("СвТран", "СвТранГруз", "Инкотермс", "ВерИнкотермс")]
        if transport is not None
        else []
    )
    other = (transfer.get("СодОпер"), transfer.get("ВидОпер"), period)
    return FormTransfer(
        grounds="; ".join(grounds),
        transport=", ".join(term for term in terms if term),
        given_by=_actor(transfer.find("СвЛицПер")),
        date=long_date(date_of(transfer, "@ДатаПер")) or period,
        other=", ".join(part for part in other if part),
    )


def _actor(holder: etree._Element | None) -> str | None:
    """A worker, an organisation's representative or a person: position, name, organisation."""
    if holder is None:
        return None
    named = next((node for node in holder.iter(etree.Element) if node.find("ФИО") is not None), None)
    if named is None:
        return None
    organization = any_of(named, "@НаимОргПер", "@НаимОргПрин")
    parts = (named.get("Должность"), person(named.find("ФИО")), organization)
    return ", ".join(part for part in parts if part) or None


def _acceptance(body: etree._Element) -> FormAcceptance | None:
    accepted = body.find("СодФХЖ4/СвПрин")
    if accepted is None:
        return None
    results = {"1": "принято без расхождений", "2": "принято с расхождениями", "3": "не принято"}
    outcome = results.get(first(accepted, "КодСодОпер/@КодИтога") or "")
    differences = [reference(node) for node in accepted.findall("КодСодОпер/РеквДокРасх")]
    differences += [
        f"{node.get('НаимДокРасх')} № {node.get('НомДокРасх', '—')} от {node.get('ДатаДокРасх', '—')}"
        for node in accepted.findall("КодСодОпер")
        if node.get("НаимДокРасх")
    ]
    other = [part for part in (outcome, accepted.get("СодОпер"), *differences) if part]
    return FormAcceptance(
        accepted_by=_actor(accepted.find("СвЛицПрин")),
        date=long_date(date_of(accepted, "@ДатаПрин")),
        other=", ".join(other),
        signers="; ".join(_signers(body)),
        author=body.get("НаимЭконСубСост"),
    )
