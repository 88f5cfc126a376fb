"""УПД 5.03, the buyer's title ON_NSCHFDOPPOK (КНД 1115132). Order ЕД-7-26/970@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.upd_common import (
    AUTHOR_NAME,
    CODE_OF_FORM,
    DOCUMENT_REFERENCE,
    FILE_IDENTIFIER,
    GROUNDS_OF_AUTHOR,
    INFORMATION_FIELD,
    ORDER,
    PROGRAM,
    SIGNERS,
    UNIQUE_ID,
    employee,
    other_person,
)
from edo_service.formats.declarations.values import (
    DATE,
    FILE_ID,
    FILLED_TEXT,
    MONEY,
    OKTMO,
    T255,
    T1000,
    T2000,
    TIME,
    codes,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.conditions import absent, equals, present
from edo_service.formats.engine.model import Declaration, block, choice, may, maybe, need, one, rule, some
from edo_service.formats.remarks.file_name import upd_file_name
from edo_service.formats.remarks.requisites import requisites

_SELLER_FILE: Final = block(
    some("ЭП", FILLED_TEXT, "подпись продавца"),
    need("ИдФайлИнфПр", FILE_ID, "файл продавца"),
    need("ДатаФайлИнфПр", DATE, "дата файла продавца"),
    need("ВремФайлИнфПр", TIME, "время файла продавца"),
)

RESULT_CODE: Final = codes(_1="принято без расхождений", _2="принято с расхождениями", _3="не принято")

_RESULT: Final = block(
    maybe("РеквДокРасх", DOCUMENT_REFERENCE, "документ о расхождениях"),
    need("КодИтога", RESULT_CODE, "итог приёмки"),
)

_ACCEPTANCE: Final = block(
    one("КодСодОпер", _RESULT, "итог приёмки"),
    maybe(
        "СвЛицПрин",
        block(
            choice(
                one("РабОргПок", employee("кто принял"), "работник покупателя"),
                one("ИнЛицо", other_person("Прин", inn_of_organization="ИННОргПрин"), "иное лицо"),
            )
        ),
        "кто принял товар",
    ),
    may("СодОпер", T255, "содержание операции"),
    need("ДатаПрин", DATE, "дата приёмки"),
)

_ACCEPTANCE_RULES: Final = (
    rule(
        "refusal-silent",
        "@СодОпер",
        "элемент СвПрин — при отказе (КодИтога=3) содержания операции (СодОпер) не бывает",
        when=equals("КодСодОпер/@КодИтога", 3),
        then=absent("@СодОпер"),
    ),
)

_FACT: Final = block(
    one("СвПрин", _ACCEPTANCE, "приёмка", *_ACCEPTANCE_RULES),
    maybe("ИнфПолФХЖ4", INFORMATION_FIELD, "дополнительные поля приёмки"),
    need("НаимДокОпрПр", T255, "название первичного документа"),
    need("Функция", text(6), "функция документа продавца"),
    may("ПорНомДокИнфПр", T1000, "номер документа продавца"),
    need("ДатаДокИнфПр", DATE, "дата документа продавца"),
    may("ВидОпер", T255, "вид операции"),
)

_OBLIGATION: Final = block(
    need("НомСтр", integer(6), "номер строки"),
    may("КодОбъектФАИП", text(24), "объект адресной программы"),
    need("ВидСредств", words("1", "3", "4", "5", "6"), "вид средств"),
    need("КодПокБюджКласс", exact(20), "бюджетная классификация покупателя"),
    may("КодЦелиПокуп", text(20), "код цели покупателя"),
    need("СумАванс", MONEY, "сумма аванса"),
)

_TREASURY: Final = block(
    some("ИнфСведДенОбяз", _OBLIGATION, "денежное обязательство"),
    may("ИдКодЗак", text(36), "код закупки"),
    need("ЛицСчетПок", exact(11), "лицевой счёт покупателя"),
    need("НаимФинОргПок", T2000, "финансовый орган покупателя"),
    need("НомРеестрЗапПок", exact(8), "номер реестровой записи"),
    may("УчНомБюдОбязПок", text(19, least=16), "номер бюджетного обязательства"),
    may("КодКазначПок", exact(4), "код казначейства"),
    may("НаимКазначПок", T2000, "казначейство"),
    need("ОКТМОПок", OKTMO, "ОКТМО покупателя"),
    may("ОКТМОМесПост", OKTMO, "ОКТМО места поставки"),
    may("ДатаОплПред", DATE, "предельная дата оплаты"),
    may("УчНомДенОбяз", exact(22), "номер денежного обязательства"),
    may("ОчерПлат", exact(1), "очерёдность платежа"),
    may("ВидПлат", words("0", "4"), "вид платежа"),
)

_TREASURY_RULES: Final = tuple(
    rule(
        f"payment-{code}",
        f"@{attribute}",
        f"элемент ИнфПокЗаГоскКазн — при указанной ДатаОплПред нужен {attribute}",
        when=present("@ДатаОплПред"),
        then=present(f"@{attribute}"),
    )
    for code, attribute in (("order", "ОчерПлат"), ("kind", "ВидПлат"))
)

_DOCUMENT: Final = block(
    one("ИдИнфПрод", _SELLER_FILE, "файл продавца"),
    one("СодФХЖ4", _FACT, "приёмка"),
    maybe("ИнфПокЗаГоскКазн", _TREASURY, "государственная закупка", *_TREASURY_RULES),
    SIGNERS,
    GROUNDS_OF_AUTHOR,
    need("КНД", words("1115132"), CODE_OF_FORM),
    UNIQUE_ID,
    need("ДатаИнфПок", DATE, "дата файла"),
    need("ВремИнфПок", TIME, "время файла"),
    AUTHOR_NAME,
)

UPD_BUYER: Final = Declaration(
    code="upd_buyer",
    version="5.03",
    order=ORDER,
    root=one(
        "Файл",
        block(
            one("Документ", _DOCUMENT, "документ"),
            FILE_IDENTIFIER,
            need("ВерсФорм", words("5.03"), "версия формата"),
            PROGRAM,
        ),
        "файл",
    ),
    remarks=(requisites, upd_file_name),
)
