"""ТОРГ-12 and акт of order ММВ-7-6/172@: told in the words of orders 551@ and 552@, so that one layout draws both."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.printing.layouts import goods_note as goods_note_551
from edo_service.formats.printing.layouts import work_act as work_act_552
from edo_service.formats.showing import person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp
    from edo_service.formats.printing.blocks import Form

_GOODS: Final = {
    "Нетто": "НеттоПередано", "СумБезНДС": "СтБезНДС", "СтавкаНДС": "НалСт", "СумУчНДС": "СтУчНДС",
}  # fmt: skip
_GOODS_TOTAL: Final = {"СумБезНДСВс": "СтБезНДСВс", "СумУчНДСВс": "СтУчНДСВс"}
_WORK: Final = {"СумБезНДС": "СтоимБезНДС", "СумУчНДС": "СтоимУчНДС"}
_WORK_TOTAL: Final = {"СумБезНДСИт": "СтБезНДСИт", "СумУчНДСИт": "СтУчНДСИт"}
_SIDES: Final = (
    ("ГрузОт/ГрузОтпр", "ГрузОтпр"),
    ("ГрузПолуч", "ГрузПолуч"),
    ("Поставщик", "Продавец"),
    ("Плательщик", "Покупатель"),
)


def goods_note(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The seller's title DP_OTORG12; who received the goods comes from DP_PTORG12."""
    return goods_note_551.layout(_note(root), _note_answer(answer), stamps)


def work_act(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The contractor's title DP_IAKTPRM; the acceptance comes from DP_ZAKTPRM."""
    return work_act_552.layout(_act(root), _act_answer(answer), stamps)


def _made(parent: etree._Element, tag: str, **attributes: str | None) -> etree._Element:
    return etree.SubElement(parent, tag, {name: text for name, text in attributes.items() if text is not None})


def _copied(parent: etree._Element, source: etree._Element | None, tag: str, names: Mapping[str, str]) -> None:
    """The element under another tag and with other names of attributes; its children as they are."""
    if source is None:
        return
    copy = _made(parent, tag, **{names.get(str(name), str(name)): str(text) for name, text in source.attrib.items()})
    copy.text = source.text
    for child in source.iterchildren(etree.Element):
        copy.append(deepcopy(child))


def _frame(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    """(a file with an empty «Документ», the same document's signers in it)."""
    file = etree.Element("Файл", {"ИдФайл": root.get("ИдФайл", "")})
    document = _made(file, "Документ")
    for signer in root.findall("Документ/Подписант"):
        document.append(deepcopy(signer))
    return file, document


def _information(parent: etree._Element, source: etree._Element | None) -> None:
    text = source.get("ТекстИнф") if source is not None else None
    if text:
        _made(_made(parent, "ИнфПолФХЖ1"), "ТекстИнф", Идентиф="Дополнительно", Значен=text)


def _note(root: etree._Element) -> etree._Element:
    file, document = _frame(root)
    told, note = root.find("Документ/СвТНО"), root.find("Документ/СвТНО/ТН")
    if told is None or note is None:
        raise ValueError("no СвТНО")
    whole = _made(document, "СвДокПТПрКроме")
    facts = _made(whole, "СвДокПТПр")
    _made(facts, "ИдентДок", НомДокПТ=note.get("НомТН"), ДатаДокПТ=note.get("ДатаТН"))
    deed = _made(facts, "СодФХЖ1")
    for path, tag in _SIDES:
        _copied(deed, told.find(path), tag, {})
    sender = told.find("ГрузОт")
    holder = deed.find("ГрузОтпр")
    if sender is not None and holder is not None:
        holder.attrib.update({name: text for name in ("ОКДП",) if (text := sender.get(name))})
        department = sender.findtext("СтруктПодр")
        if department:
            holder.set("СтруктПодр", department)
    _copied(deed, told.find("Основание"), "Основание", {})
    _copied(deed, told.find("ВидОперации"), "ВидОперации", {})
    _information(deed, told.find("ИнфПол"))
    goods = _made(whole, "СодФХЖ2")
    for line in note.findall("Таблица/СвТов"):
        _copied(goods, line, "СвТов", _GOODS)
    _copied(goods, note.find("Таблица/ВсегоНакл"), "Всего", _GOODS_TOTAL)
    _release(document, told)
    return file


def _release(document: etree._Element, told: etree._Element) -> None:
    release = told.find("ОтпускГруз")
    given = _made(document, "СодФХЖ3")
    _copied(given, told.find("ТранНакл"), "ТранНакл", {})
    if release is None:
        return
    for name in ("ДатаОтпуск", "КолПрил"):
        text = release.get(name)
        if text:
            given.set(name, text)
    _copied(_made(given, "СвЛицОтпГруз"), release.find("ОтпускПроизв"), "РабОргПрод", {})
    for name in ("ОтпускРазреш", "Бухгалтер"):
        _copied(given, release.find(name), name, {})


def _note_answer(answer: etree._Element | None) -> etree._Element | None:
    if answer is None:
        return None
    document = etree.Element("Документ")
    taken = answer.find("СвТНП/ПолучилГруз")
    received = _made(_made(document, "СодФХЖ4"), "ГрузПолучил")
    if taken is not None:
        received.attrib.update({name: text for name in ("ДатаПолуч",) if (text := taken.get(name))})
        hands = _made(received, "СвЛицПолГруз")
        _copied(hands, taken.find("ГрузПринял"), "РабОргПок", {})
        proxy = _proxy(taken.find("Доверенность"))
        if proxy:
            hands.set("ОснПолн", proxy)
    for signer in answer.findall("Подписант"):
        document.append(deepcopy(signer))
    return document


def _proxy(given: etree._Element | None) -> str | None:
    """«№ 12 от 01.11.2013, выдана ООО «Вектор»»."""
    if given is None:
        return None
    number, day, by = given.get("НомДоверен"), given.get("ДатаДоверен"), given.find("ВыданаКем")
    issuer = by.get("НаимОргКем") or person(by.find("ФИО")) if by is not None else None
    words = " ".join(part for part in (f"№ {number}" if number else "", f"от {day}" if day else "") if part)
    return ", ".join(part for part in (words, f"выдана {issuer}" if issuer else "") if part) or None


def _act(root: etree._Element) -> etree._Element:
    file, document = _frame(root)
    told = root.find("Документ/СвАктИ")
    if told is None:
        raise ValueError("no СвАктИ")
    facts = _made(document, "СвДокПРУ")
    _made(facts, "НаимДок", НаимДокОпр=told.get("НаимПервДок"))
    _made(facts, "ИдентДок", НомДокПРУ=told.get("НомАкт"), ДатаДокПРУ=told.get("ДатаАкт"))
    deed = _made(facts, "СодФХЖ1")
    _copied(deed, told.find("Заголовок"), "Заголовок", {})
    _copied(deed, told.find("Исполнитель"), "Исполнитель", {})
    for part in told.findall("ОписРабот"):
        works = _made(deed, "ОписРабот", **{_WORK_TOTAL.get(str(n), str(n)): str(t) for n, t in part.attrib.items()})
        for line in part.findall("Работа"):
            _copied(works, line, "Работа", _WORK)
    _information(deed, told.find("ИнфПол"))
    handed = told.find("Сдал")
    _made(document, "СодФХЖ2", ДатаПер=handed.get("ДатаИсполн") if handed is not None else None)
    return file


def _act_answer(answer: etree._Element | None) -> etree._Element | None:
    if answer is None:
        return None
    document = etree.Element("Документ")
    taken = answer.find("СвАктИ/Принял")
    if taken is not None:
        claims = taken.get("Претенз")
        told = f"Претензии: {claims}" if claims else None
        _made(_made(document, "СодФХЖ3"), "РезПринял", СодОпер=told, ДатаПрием=taken.get("ДатаЗаказ"))
    for signer in answer.findall("Подписант"):
        document.append(deepcopy(signer))
    return document
