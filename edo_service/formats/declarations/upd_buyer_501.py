"""УПД 5.01, the buyer's title ON_NSCHFDOPPOK. Order ММВ-7-15/820@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    AUTHOR,
    ENTREPRENEUR,
    EXCHANGE,
    GROUNDS,
    PERSON,
    PROGRAM_OPTIONAL,
    T128,
    information,
    signer_of_company,
    signers,
)
from edo_service.formats.declarations.upd_501 import ORDER, employee, other_person
from edo_service.formats.declarations.upd_buyer import RESULT_CODE
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER
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
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import Declaration, block, choice, may, maybe, need, one, some
from edo_service.formats.remarks.requisites import requisites

_RESULT: Final = block(
    need("КодИтога", RESULT_CODE, "итог приёмки"),
    may("НаимДокРасх", T255, "документ о расхождениях"),
    may("ВидДокРасх", words("2", "3"), "вид документа о расхождениях"),
    may("НомДокРасх", T255, "номер документа о расхождениях"),
    may("ДатаДокРасх", DATE, "дата документа о расхождениях"),
    may("ИдФайлДокРасх", T255, "файл документа о расхождениях"),
)

_ACCEPTANCE: Final = block(
    maybe("КодСодОпер", _RESULT, "итог приёмки"),
    maybe(
        "СвЛицПрин",
        block(
            choice(
                one("РабОргПок", employee("кто принял", powers_needed=True), "работник покупателя"),
                one("ИнЛицо", other_person("Прин"), "иное лицо"),
            )
        ),
        "кто принял товар",
    ),
    may("СодОпер", T255, "содержание операции"),
    may("ДатаПрин", DATE, "дата приёмки"),
)

_OBLIGATION: Final = block(
    need("НомСтр", integer(6), "номер строки"),
    may("КодОбъектФАИП", text(24), "объект адресной программы"),
    need("ВидСредств", words("1", "2", "3", "4", "5", "6"), "вид средств"),
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

_FACT: Final = block(
    one("СвПрин", _ACCEPTANCE, "приёмка"),
    maybe("ИнфПолФХЖ4", information(), "дополнительные поля приёмки"),
    need("НаимДокОпрПр", T255, "название первичного документа"),
    need("Функция", text(6), "функция документа продавца"),
    may("НомСчФИнфПр", T1000, "номер документа продавца"),
    need("ДатаСчФИнфПр", DATE, "дата документа продавца"),
    may("ВидОперации", T255, "вид операции"),
)

_INFORMATION: Final = block(
    one(
        "ИдИнфПрод",
        block(
            some("ЭП", FILLED_TEXT, "подпись продавца"),
            need("ИдФайлИнфПр", FILE_ID, "файл продавца"),
            need("ДатаФайлИнфПр", DATE, "дата файла продавца"),
            need("ВремФайлИнфПр", TIME, "время файла продавца"),
        ),
        "файл продавца",
    ),
    one("СодФХЖ4", _FACT, "приёмка"),
    maybe("ИнфПокГосЗакКазн", _TREASURY, "государственная закупка"),
    signers(
        PERSON,
        ENTREPRENEUR,
        signer_of_company(T128),
        powers=words("1", "2", "3"),
        status=words("3", "4", "5", "6"),
    ),
    need("КНД", words("1115132"), CODE_OF_FORM),
    need("ДатаИнфПок", DATE, "дата файла"),
    need("ВремИнфПок", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)

UPD_BUYER_5_01: Final = Declaration(
    code="upd_buyer",
    version="5.01",
    order=ORDER,
    root=one(
        "Файл",
        block(
            EXCHANGE,
            one("ИнфПок", _INFORMATION, "информация покупателя"),
            FILE_IDENTIFIER,
            need("ВерсФорм", words("5.01"), "версия формата"),
            PROGRAM_OPTIONAL,
        ),
        "файл",
    ),
    remarks=(requisites,),
)
