"""УПД 5.01 of 2016-2019, both titles ON_SCHFDOPPR and ON_SCHFDOPPOK. Order ММВ-7-15/155@, ended 01.01.2020.

An archive must read them.
"""

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
from edo_service.formats.declarations.upd_501 import TAX_RATES, employee, other_person
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PERSON_NAME, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    COUNTRY,
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
from edo_service.formats.remarks.sums import sums

ORDER: Final = "Приказ ФНС России от 24.03.2016 № ММВ-7-15/155@"
MOST_FIELDS: Final = 20
FUNCTION: Final = codes(СЧФ="счёт-фактура", СЧФДОП="счёт-фактура и передаточный документ", ДОП="передаточный документ")
_DATE: Final = LOOSE_DATE_1900
_FILE_ID: Final = text(200)
_ACCOUNT: Final = digits(9)
_STATUS: Final = words("1", "2", "3", "4")
_OUTSIDE: Final = block(need("НаимОрг", T1000, "наименование"), may("ИныеСвед", T255, "иные сведения"))

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
                one("СвЮлНеУч", _OUTSIDE, "организация без учёта"),
                one("СвИнНеУч", _OUTSIDE, "иностранное лицо"),
            )
        ),
        "кто это",
    ),
    maybe("Адрес", address(T255), "адрес"),
    maybe("Контакт", CONTACT, "контакты"),
    maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
    may("ОКПО", text(10), "код ОКПО"),
    may("СтруктПодр", T1000, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
)

_HEAD: Final = block(
    maybe(
        "ИспрСчФ",
        block(
            need("НомИспрСчФ", integer(3, at_least=1), "номер исправления"),
            need("ДатаИспрСчФ", _DATE, "дата исправления"),
        ),
        "исправление",
    ),
    one("СвПрод", PARTY, "продавец"),
    maybe(
        "ГрузОт",
        block(
            choice(
                one("ГрузОтпр", PARTY, "грузоотправитель"),
                one("ОнЖе", words("он же"), "продавец сам отправляет груз"),
            )
        ),
        "грузоотправитель",
    ),
    maybe("ГрузПолуч", PARTY, "грузополучатель"),
    many(
        "СвПРД",
        block(
            need("НомерПРД", text(30), "номер платёжного документа"),
            need("ДатаПРД", _DATE, "дата платёжного документа"),
        ),
        "платёжный документ",
    ),
    one("СвПокуп", PARTY, "покупатель"),
    maybe(
        "ДопСвФХЖ1",
        block(
            may("ИдГосКон", T255, "код государственного контракта"),
            may("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
        ),
        "дополнительные сведения",
    ),
    maybe("ИнфПолФХЖ1", information(most=MOST_FIELDS), "дополнительные поля документа"),
    need("НомерСчФ", T1000, "номер документа"),
    need("ДатаСчФ", _DATE, "дата документа"),
    need("КодОКВ", CURRENCY, "код валюты"),
)

_TAX: Final = block(choice(one("СумНал", MONEY, "сумма налога"), one("БезНДС", words("без НДС"), "отметка «без НДС»")))
_PARTICULARS: Final = block(
    may("ПрТовРаб", words("1", "2", "3", "4", "5"), "товар, работа, услуга, право, иное"),
    may("ДопПризн", text(4), "уточнение признака"),
    may("КодТов", T255, "код или характеристика товара"),
    may("НаимЕдИзм", T255, "единица измерения"),
    may("КрНаимСтрПр", T255, "страна происхождения"),
    may("НадлОтп", QUANTITY, "заказанное количество"),
    may("КорСчДебет", _ACCOUNT, "счёт по дебету"),
    may("КорСчКредит", _ACCOUNT, "счёт по кредиту"),
)
_LINE: Final = block(
    one("Акциз", EXCISE, "акциз"),
    one("СумНал", _TAX, "налог"),
    many(
        "СвТД",
        block(
            need("КодПроисх", COUNTRY, "код страны происхождения"),
            need("НомерТД", text(29), "номер таможенной декларации"),
        ),
        "таможенная декларация",
    ),
    Element(name="ИнфПолФХЖ2", type=TEXT_ENTRY, label="дополнительное поле строки", least=0, most=MOST_FIELDS),
    maybe("ДопСведТов", _PARTICULARS, "дополнительно о товаре"),
    need("НомСтр", integer(6), "номер строки"),
    need("НаимТов", T1000, "наименование товара, работы, услуги"),
    may("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("КолТов", QUANTITY, "количество"),
    may("ЦенаТов", QUANTITY, "цена"),
    may("СтТовБезНДС", MONEY, "стоимость без налога"),
    need("НалСт", words(*TAX_RATES), "налоговая ставка"),
    need("СтТовУчНал", MONEY, "стоимость с налогом"),
)
_TABLE: Final = block(
    some("СведТов", _LINE, "строка таблицы"),
    one(
        "ВсегоОпл",
        block(
            one("СумНалВсего", _TAX, "налог всего"),
            maybe("НеттоВс", QUANTITY, "масса нетто всего"),
            may("СтТовБезНДСВсего", MONEY, "всего без налога"),
            need("СтТовУчНалВсего", MONEY, "всего с налогом"),
        ),
        "всего к оплате",
    ),
)

_TRANSPORT: Final = block(
    many(
        "ТранНакл",
        block(need("НомТранНакл", T255, "номер накладной"), need("ДатаТранНакл", _DATE, "дата накладной")),
        "транспортная накладная",
    ),
    maybe("Перевозчик", PARTY, "перевозчик"),
    may("СвТранГруз", T1000, "сведения о перевозке"),
)
_TRANSFER: Final = block(
    some(
        "ОснПер",
        block(
            need("НаимОсн", T255, "название документа"),
            may("НомОсн", T255, "номер документа"),
            may("ДатаОсн", _DATE, "дата документа"),
            may("ДопСвОсн", text(1000, least=0), "дополнительно о документе"),
        ),
        "основание передачи",
    ),
    maybe(
        "СвЛицПер",
        block(
            choice(
                one("РабОргПрод", employee("кто передал"), "работник продавца"),
                one("ИнЛицо", other_person("Пер"), "иное лицо"),
            )
        ),
        "кто передал товар",
    ),
    maybe("ТранГруз", _TRANSPORT, "перевозка"),
    maybe(
        "СвПерВещи",
        block(may("ДатаПерВещ", _DATE, "дата передачи вещи"), may("СвПерВещ", T1000, "сведения о передаче вещи")),
        "передача вещи по подряду",
    ),
    need("СодОпер", T255, "содержание операции"),
    may("ВидОпер", T255, "вид операции"),
    may("ДатаПер", _DATE, "дата передачи"),
)

_SELLER_PERSON: Final = block(
    one("ФИО", PERSON_NAME, "имя"),
    may("ГосРегИПВыдДов", T100, "свидетельство выдавшего доверенность"),
    may("ИННФЛ", INN_PERSON, "ИНН"),
    may("ИныеСвед", T255, "иные сведения"),
)

_DOCUMENT: Final = block(
    one("СвСчФакт", _HEAD, "стороны и реквизиты"),
    maybe("ТаблСчФакт", _TABLE, "таблица товаров, работ, услуг"),
    maybe(
        "СвПродПер",
        block(
            one("СвПер", _TRANSFER, "передача"),
            maybe("ИнфПолФХЖ3", information(most=MOST_FIELDS), "дополнительные поля передачи"),
        ),
        "передача товаров, работ, услуг",
    ),
    signers(
        _SELLER_PERSON,
        ENTREPRENEUR,
        signer_of_company(MAYBE_T128, certificate="ГосРегИПВыдДов"),
        powers=words("0", "1", "2", "3", "4", "5", "6"),
        status=_STATUS,
    ),
    need("КНД", words("1115125"), CODE_OF_FORM),
    need("Функция", FUNCTION, "функция документа"),
    may("ПоФактХЖ", T255, "вид документа по факту хозяйственной жизни"),
    may("НаимДокОпр", T255, "название первичного документа"),
    need("ДатаИнфПр", _DATE, "дата файла"),
    need("ВремИнфПр", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)

_ACCEPTANCE: Final = block(
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
    need("СодОпер", T255, "содержание операции"),
    may("ДатаПрин", _DATE, "дата приёмки"),
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
    one(
        "СодФХЖ4",
        block(
            one("СвПрин", _ACCEPTANCE, "приёмка"),
            maybe("ИнфПолФХЖ4", information(most=MOST_FIELDS), "дополнительные поля приёмки"),
            need("НаимДокОпрПр", T255, "название первичного документа"),
            need("Функция", text(6), "функция документа продавца"),
            may("НомСчФИнфПр", T255, "номер документа продавца"),
            need("ДатаСчФИнфПр", _DATE, "дата документа продавца"),
            may("ВидОперации", T255, "вид операции"),
        ),
        "приёмка",
    ),
    signers(PERSON, ENTREPRENEUR, signer_of_company(MAYBE_T128), powers=words("1", "2", "3"), status=_STATUS),
    need("КНД", words("1115126"), CODE_OF_FORM),
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
        remarks=(requisites, sums),
    )


UPD_155_SELLER: Final = _declaration("upd_155_seller", one("Документ", _DOCUMENT, "документ"))
UPD_155_BUYER: Final = _declaration("upd_155_buyer", one("ИнфПок", _INFORMATION, "информация покупателя"))
