"""УКД and the correction invoice 5.01, both titles ON_KORSCHFDOPPR and ON_KORSCHFDOPPOK. Order ММВ-7-15/189@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    AUTHOR,
    BANK_ACCOUNT,
    CONTACT,
    ENTREPRENEUR,
    EXCHANGE,
    EXCISE,
    GROUNDS,
    MAYBE_T128,
    PERSON,
    PROGRAM_OPTIONAL,
    address,
    information,
    signer_of_company,
    signers,
)
from edo_service.formats.declarations.upd_501 import TAX_RATES
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PERSON_NAME, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    CURRENCY,
    FILLED_TEXT,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    LOOSE_DATE_1900,
    MONEY,
    QUANTITY,
    T100,
    T255,
    T1000,
    T2000,
    TIME,
    UNIT,
    codes,
    decimal,
    digits,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import Declaration, Element, block, choice, many, may, maybe, need, one, some
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.ukd import ukd_sums

ORDER: Final = "Приказ ФНС России от 13.04.2016 № ММВ-7-15/189@"
MOST_FIELDS: Final = 20
FUNCTION: Final = codes(
    КСЧФ="корректировочный счёт-фактура",
    КСЧФДИС="корректировочный счёт-фактура и документ об изменении стоимости",
    ДИС="документ об изменении стоимости",
)
_DATE: Final = LOOSE_DATE_1900
_FILE_ID: Final = text(200)
_CORRECTION_NUMBER: Final = integer(3, at_least=1)
_ACCOUNT: Final = digits(9)
_SIGNER_STATUS: Final = words("1", "2", "3", "4")

PARTY: Final = block(
    one(
        "ИдСв",
        block(
            choice(
                one("СвИП", ENTREPRENEUR, "предприниматель"),
                one(
                    "СвЮЛУч",
                    block(
                        need("НаимОрг", T1000, "наименование организации"),
                        need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                        may("КПП", KPP, "КПП"),
                    ),
                    "организация",
                ),
                one(
                    "СвИнНеУч",
                    block(need("НаимОрг", T1000, "наименование"), may("ИныеСвед", T255, "иные сведения")),
                    "иностранное лицо",
                ),
            )
        ),
        "кто это",
    ),
    one("Адрес", address(T255), "адрес"),
    maybe("Контакт", CONTACT, "контакты"),
    maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
    may("ОКПО", text(10), "код ОКПО"),
    may("СтруктПодр", T1000, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
)

_INVOICE: Final = block(
    many(
        "ИспрСчФ",
        block(
            need("НомИспрСчФ", _CORRECTION_NUMBER, "номер исправления"), need("ДатаИспрСчФ", _DATE, "дата исправления")
        ),
        "исправление счёта-фактуры",
    ),
    need("НомерСчФ", T1000, "номер счёта-фактуры"),
    need("ДатаСчФ", _DATE, "дата счёта-фактуры"),
)

_HEAD: Final = block(
    some("СчФ", _INVOICE, "корректируемый документ"),
    maybe(
        "ИспрКСчФ",
        block(
            need("НомИспрКСчФ", _CORRECTION_NUMBER, "номер исправления"),
            need("ДатаИспрКСчФ", _DATE, "дата исправления"),
        ),
        "исправление",
    ),
    one("СвПрод", PARTY, "продавец"),
    one("СвПокуп", PARTY, "покупатель"),
    maybe(
        "ДопСвФХЖ1",
        block(
            may("ИдГосКон", T255, "код государственного контракта"),
            need("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
        ),
        "дополнительные сведения",
    ),
    maybe("ИнфПолФХЖ1", information(most=MOST_FIELDS), "дополнительные поля документа"),
    need("НомерКСчФ", T1000, "номер документа"),
    need("ДатаКСчФ", _DATE, "дата документа"),
    need("КодОКВ", CURRENCY, "код валюты"),
)

_TAX: Final = block(choice(one("СумНДС", MONEY, "сумма налога"), one("БезНДС", words("без НДС"), "отметка «без НДС»")))
_CHANGE: Final = block(choice(one("СумУвел", MONEY, "сумма увеличения"), one("СумУм", MONEY, "сумма уменьшения")))
_COST: Final = block(
    need("СтоимДоИзм", MONEY, "до изменения"),
    need("СтоимПослеИзм", MONEY, "после изменения"),
    may("СтоимУвел", MONEY, "увеличение"),
    may("СтоимУм", MONEY, "уменьшение"),
)
_RATE: Final = words(*TAX_RATES)

_LINE: Final = block(
    maybe("СтТовБезНДС", _COST, "стоимость без налога"),
    one("АкцизДо", EXCISE, "акциз до изменения"),
    one("АкцизПосле", EXCISE, "акциз после изменения"),
    one("АкцизРазн", _CHANGE, "изменение акциза"),
    one("СумНалДо", _TAX, "налог до изменения"),
    one("СумНалПосле", _TAX, "налог после изменения"),
    one("СумНалРазн", _CHANGE, "изменение налога"),
    one("СтТовУчНал", _COST, "стоимость с налогом"),
    Element(name="ИнфПолФХЖ2", type=TEXT_ENTRY, label="дополнительное поле строки", least=0, most=MOST_FIELDS),
    maybe(
        "ДопСведТов",
        block(may("КорСчДебет", _ACCOUNT, "счёт по дебету"), may("КорСчКредит", _ACCOUNT, "счёт по кредиту")),
        "корреспонденция счетов",
    ),
    need("НомСтр", integer(6), "номер строки"),
    need("НаимТов", T1000, "наименование товара, работы, услуги"),
    may("ОКЕИ_ТовДо", UNIT, "единица до изменения"),
    may("ОКЕИ_ТовПосле", UNIT, "единица после изменения"),
    may("КолТовДо", QUANTITY, "количество до изменения"),
    may("КолТовПосле", QUANTITY, "количество после изменения"),
    may("ЦенаТовДо", QUANTITY, "цена до изменения"),
    may("ЦенаТовПосле", QUANTITY, "цена после изменения"),
    need("НалСтДо", _RATE, "ставка до изменения"),
    need("НалСтПосле", _RATE, "ставка после изменения"),
)

_TOTAL: Final = block(
    one("СумНал", _TAX, "налог"),
    need("СтТовБезНДСВсего", MONEY, "всего без налога"),
    need("СтТовУчНалВсего", MONEY, "всего с налогом"),
)

_CAUSE: Final = block(
    some(
        "ОснКор",
        block(
            need("НаимОсн", T255, "название документа"),
            may("НомОсн", T255, "номер документа"),
            may("ДатаОсн", _DATE, "дата документа"),
            may("ДопСвОсн", text(1000, least=0), "дополнительно о документе"),
        ),
        "основание корректировки",
    ),
    may("ИныеСвИзмСтоим", T2000, "иные сведения об изменении"),
    need("ПередатДокум", text(1000, least=0), "передаточные документы"),
    need("СодОпер", T255, "содержание операции"),
    may("ДатаНапр", _DATE, "дата направления на согласование"),
)

_SELLER_PERSON: Final = block(
    one("ФИО", PERSON_NAME, "имя"),
    may("ГосРегИППодп", T100, "свидетельство о регистрации"),
    may("ИННФЛ", INN_PERSON, "ИНН"),
    may("ИныеСвед", T255, "иные сведения"),
)

_DOCUMENT: Final = block(
    one("СвКСчФ", _HEAD, "стороны и реквизиты"),
    one(
        "ТаблКСчФ",
        block(
            some("СведТов", _LINE, "строка таблицы"),
            maybe("ВсегоУвел", _TOTAL, "всего увеличение"),
            maybe("ВсегоУм", _TOTAL, "всего уменьшение"),
        ),
        "таблица изменений",
    ),
    one("СодФХЖ3", _CAUSE, "изменение стоимости"),
    signers(
        _SELLER_PERSON,
        ENTREPRENEUR,
        signer_of_company(MAYBE_T128, certificate="ГосРегИППодп"),
        powers=words("0", "3", "6"),
        status=_SIGNER_STATUS,
    ),
    need("КНД", words("1115127"), CODE_OF_FORM),
    need("Функция", FUNCTION, "функция документа"),
    may("ПоФактХЖ", T255, "вид документа по факту хозяйственной жизни"),
    may("НаимДокОпр", T255, "название первичного документа"),
    need("ДатаИнфПр", _DATE, "дата файла"),
    need("ВремИнфПр", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)

_AGREED: Final = block(
    one(
        "СвСоглас",
        block(need("СодОпер", T255, "содержание операции"), may("ДатаСоглас", _DATE, "дата согласования")),
        "согласие",
    ),
    maybe("ИнфПолФХЖ4", information(most=MOST_FIELDS), "дополнительные поля согласия"),
    need("НаимДокОпрПр", T255, "название первичного документа"),
    need("ФункцияПр", text(7, least=3), "функция документа продавца"),
    may("НомДокИнфПр", T255, "номер документа продавца"),
    need("ДатаДокИнфПр", _DATE, "дата документа продавца"),
)

_INFORMATION: Final = block(
    one(
        "ИдИнфПрод",
        block(
            some("ЭП", FILLED_TEXT, "подпись продавца"),
            need("ИдФайлИнфПр", _FILE_ID, "файл продавца"),
            need("ДатаФайлИнфПр", _DATE, "дата файла продавца"),
            need("ВремФайлИнфПр", TIME, "время файла продавца"),
        ),
        "файл продавца",
    ),
    one("СодФХЖ4", _AGREED, "согласие покупателя"),
    signers(PERSON, ENTREPRENEUR, signer_of_company(MAYBE_T128), powers=words("3"), status=_SIGNER_STATUS),
    need("КНД", words("1115128"), CODE_OF_FORM),
    need("ДатаИнфПок", _DATE, "дата файла"),
    need("ВремИнфПок", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)


def _declaration(code: str, body: Element) -> Declaration:
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(
                EXCHANGE,
                body,
                need("ИдФайл", _FILE_ID, "идентификатор файла"),
                need("ВерсФорм", words("5.01"), "версия формата"),
                PROGRAM_OPTIONAL,
            ),
            "файл",
        ),
        remarks=(requisites, ukd_sums),
    )


UKD_SELLER_5_01: Final = _declaration("ukd_seller", one("Документ", _DOCUMENT, "документ"))
UKD_BUYER_5_01: Final = _declaration("ukd_buyer", one("ИнфПок", _INFORMATION, "информация покупателя"))
