"""УПД 5.01, the seller's title ON_NSCHFDOPPR. Order ММВ-7-15/820@. An archive must read it."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    AUTHOR,
    BANK_ACCOUNT,
    CONTACT,
    DASH,
    EXCHANGE,
    EXCISE,
    GROUNDS,
    MAYBE_T128,
    T120,
    T128,
    address,
    information,
    signer_of_company,
    signers,
)
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER, PERSON_NAME, PROGRAM, TEXT_ENTRY
from edo_service.formats.declarations.upd_seller import FUNCTION
from edo_service.formats.declarations.values import (
    COUNTRY,
    CURRENCY,
    DATE,
    INN_ORGANIZATION,
    INN_PERSON,
    KPP,
    MONEY,
    MONEY_NOT_NEGATIVE,
    QUANTITY,
    T50,
    T100,
    T255,
    T1000,
    T2000,
    TIME,
    UNIT,
    decimal,
    exact,
    integer,
    text,
    words,
)
from edo_service.formats.engine.model import Block, Declaration, block, choice, many, may, maybe, need, one, some
from edo_service.formats.remarks.requisites import requisites
from edo_service.formats.remarks.sums import sums

ORDER: Final = "Приказ ФНС России от 19.12.2018 № ММВ-7-15/820@"
TAX_RATES: Final = (
    "0%",
    "10%",
    "18%",
    "20%",
    "10/110",
    "18/118",
    "20/120",
    "без НДС",
    "НДС исчисляется налоговым агентом",
)

_TRADER: Final = block(
    one("ФИО", PERSON_NAME, "имя предпринимателя"),
    may("ИННФЛ", INN_PERSON, "ИНН предпринимателя"),
    may("ДефИННФЛ", DASH, "прочерк вместо ИНН"),
    may("СвГосРегИП", T100, "свидетельство о регистрации"),
    may("ИныеСвед", T255, "иные сведения"),
)
_PERSON: Final = block(
    one("ФИО", PERSON_NAME, "имя"),
    may("ГосРегИПВыдДов", T100, "свидетельство выдавшего доверенность"),
    may("ИННФЛ", INN_PERSON, "ИНН"),
    may("ИныеСвед", T255, "иные сведения"),
)
_COMPANY: Final = block(
    need("НаимОрг", T1000, "наименование организации"),
    may("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
    may("ДефИННЮЛ", DASH, "прочерк вместо ИНН"),
    may("КПП", KPP, "КПП"),
)
_FOREIGN: Final = block(
    need("НаимОрг", T1000, "наименование"),
    may("Идентиф", T255, "идентификатор"),
    may("ИныеСвед", T255, "иные сведения"),
)

PARTY: Final = block(
    one(
        "ИдСв",
        block(
            choice(
                one("СвИП", _TRADER, "предприниматель"),
                one("СвЮЛУч", _COMPANY, "организация"),
                one("СвИнНеУч", _FOREIGN, "иностранное лицо"),
                one("СвФЛУчастФХЖ", _PERSON, "физическое лицо"),
            )
        ),
        "кто это",
    ),
    maybe("Адрес", address(T1000), "адрес"),
    maybe("Контакт", CONTACT, "контакты"),
    maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
    may("ОКПО", text(10), "код ОКПО"),
    may("СтруктПодр", T1000, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
    may("КраткНазв", T255, "краткое название"),
)

_GROUNDS_DOCUMENT: Final = block(
    need("НаимОсн", T255, "название документа"),
    may("НомОсн", T255, "номер документа"),
    may("ДатаОсн", DATE, "дата документа"),
    may("ДопСвОсн", T1000, "дополнительно о документе"),
    may("ИдентОсн", T255, "идентификатор документа"),
)

_CORRECTION: Final = block(
    may("НомИспрСчФ", integer(3, at_least=1), "номер исправления"),
    may("ДефНомИспрСчФ", DASH, "прочерк вместо номера"),
    may("ДатаИспрСчФ", DATE, "дата исправления"),
    may("ДефДатаИспрСчФ", DASH, "прочерк вместо даты"),
)

_TREASURY: Final = block(
    need("ДатаГосКонт", DATE, "дата госконтракта"),
    need("НомерГосКонт", T100, "номер госконтракта"),
    may("ЛицСчетПрод", exact(11), "лицевой счёт продавца"),
    may("КодПродБюджКласс", exact(20), "бюджетная классификация продавца"),
    may("КодЦелиПрод", exact(20), "код цели продавца"),
    may("КодКазначПрод", text(4), "код казначейства продавца"),
    may("НаимКазначПрод", T2000, "казначейство продавца"),
)

_HEAD: Final = block(
    maybe("ИспрСчФ", _CORRECTION, "исправление"),
    some("СвПрод", PARTY, "продавец"),
    many(
        "ГрузОт",
        block(
            choice(
                one("ГрузОтпр", PARTY, "грузоотправитель"),
                one("ОнЖе", words("он же"), "продавец сам отправляет груз"),
            )
        ),
        "грузоотправитель",
    ),
    many("ГрузПолуч", PARTY, "грузополучатель"),
    many(
        "СвПРД",
        block(
            need("НомерПРД", text(30), "номер платёжного документа"),
            need("ДатаПРД", DATE, "дата платёжного документа"),
            may("СуммаПРД", MONEY, "сумма"),
        ),
        "платёжный документ",
    ),
    some("СвПокуп", PARTY, "покупатель"),
    maybe(
        "ДопСвФХЖ1",
        block(
            maybe("ИнфПродГосЗакКазн", _TREASURY, "государственная закупка"),
            maybe("СвФактор", PARTY, "фактор"),
            maybe("ОснУстДенТреб", _GROUNDS_DOCUMENT, "основание уступки требования"),
            may("ИдГосКон", text(25, least=20), "код государственного контракта"),
            may("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
            may("ОбстФормСЧФ", words("1", "2", "3", "4", "5", "6", "7", "8"), "обстоятельства выставления"),
        ),
        "дополнительные сведения",
    ),
    many(
        "ДокПодтвОтгр",
        block(
            need("НаимДокОтгр", T255, "название документа"),
            need("НомДокОтгр", T255, "номер документа"),
            may("ДатаДокОтгр", DATE, "дата документа"),
        ),
        "документ об отгрузке",
    ),
    maybe("ИнфПолФХЖ1", information(), "дополнительные поля документа"),
    need("НомерСчФ", T1000, "номер документа"),
    need("ДатаСчФ", DATE, "дата документа"),
    need("КодОКВ", CURRENCY, "код валюты"),
)

_TAX: Final = block(
    choice(
        one("СумНал", MONEY_NOT_NEGATIVE, "сумма налога"),
        one("БезНДС", words("без НДС"), "отметка «без НДС»"),
        one("ДефНДС", DASH, "прочерк вместо налога"),
    )
)

_PARTICULARS: Final = block(
    many(
        "СведПрослеж",
        block(
            need("НомТовПрослеж", text(29), "номер прослеживаемой партии"),
            need("ЕдИзмПрослеж", UNIT, "код единицы прослеживаемости"),
            need("НаимЕдИзмПрослеж", T255, "единица прослеживаемости"),
            need("КолВЕдПрослеж", QUANTITY, "количество прослеживаемого товара"),
            may("ДопПрослеж", T255, "дополнительно о прослеживаемости"),
        ),
        "прослеживаемость",
    ),
    many(
        "НомСредИдентТов",
        block(
            choice(many("КИЗ", T255, "код маркировки"), many("НомУпак", T255, "код упаковки")),
            may("ИдентТрансУпак", T255, "код транспортной упаковки"),
        ),
        "маркировка",
    ),
    may("ПрТовРаб", words("1", "2", "3", "4", "5"), "товар, работа, услуга, право, иное"),
    may("ДопПризн", text(4), "уточнение признака"),
    may("НаимЕдИзм", T255, "единица измерения"),
    may("КрНаимСтрПр", T255, "страна происхождения"),
    may("НадлОтп", QUANTITY, "заказанное количество"),
    may("ХарактерТов", T1000, "характеристика"),
    may("СортТов", text(10), "сорт"),
    may("АртикулТов", T50, "артикул"),
    may("КодТов", T100, "код товара"),
    may("КодКат", exact(27), "код каталога"),
    may("КодВидТов", exact(10), "код вида товара"),
)

_LINE: Final = block(
    one("Акциз", EXCISE, "акциз"),
    one("СумНал", _TAX, "налог"),
    many(
        "СвТД",
        block(
            may("КодПроисх", COUNTRY, "код страны происхождения"),
            may("ДефКодПроисх", DASH, "прочерк вместо кода страны"),
            may("НомерТД", text(29), "номер таможенной декларации"),
        ),
        "таможенная декларация",
    ),
    maybe("ДопСведТов", _PARTICULARS, "дополнительно о товаре"),
    many("ИнфПолФХЖ2", TEXT_ENTRY, "дополнительное поле строки"),
    need("НомСтр", integer(6), "номер строки"),
    may("НаимТов", T1000, "наименование товара, работы, услуги"),
    may("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("ДефОКЕИ_Тов", DASH, "прочерк вместо единицы"),
    may("КолТов", decimal(26, 11, at_least=0), "количество"),
    may("ЦенаТов", QUANTITY, "цена"),
    may("СтТовБезНДС", MONEY_NOT_NEGATIVE, "стоимость без налога"),
    need("НалСт", words(*TAX_RATES), "налоговая ставка"),
    may("СтТовУчНал", MONEY_NOT_NEGATIVE, "стоимость с налогом"),
    may("ДефСтТовУчНал", DASH, "прочерк вместо стоимости"),
)

_TABLE: Final = block(
    some("СведТов", _LINE, "строка таблицы"),
    one(
        "ВсегоОпл",
        block(
            one("СумНалВсего", _TAX, "налог всего"),
            maybe("КолНеттоВс", QUANTITY, "масса нетто всего"),
            may("СтТовБезНДСВсего", MONEY, "всего без налога"),
            may("СтТовУчНалВсего", MONEY, "всего с налогом"),
            may("ДефСтТовУчНалВсего", DASH, "прочерк вместо суммы"),
        ),
        "всего к оплате",
    ),
)


def employee(label: str, *, powers_needed: bool = False) -> Block:
    """A worker of one of the parties who took part in the hand-over."""
    powers = need if powers_needed else may
    return block(
        one("ФИО", PERSON_NAME, label),
        need("Должность", T128, "должность"),
        may("ИныеСвед", T255, "иные сведения"),
        powers("ОснПолн", T120, "основание полномочий"),
    )


def other_person(suffix: str) -> Block:
    """Someone entrusted with the hand-over; `suffix` ends the names («Пер» for the seller, «Прин» for the buyer)."""
    name = one("ФИО", PERSON_NAME, "имя")
    other, trust = may("ИныеСвед", T255, "иные сведения"), may("ОснДоверФЛ", T120, "почему доверено этому лицу")
    return block(
        choice(
            one(
                f"ПредОрг{suffix}",
                block(
                    name,
                    need("Должность", T128, "должность"),
                    other,
                    need(f"НаимОрг{suffix}", T128, "организация"),
                    may(f"ОснДоверОрг{suffix}", T120, "почему доверено организации"),
                    may(f"ОснПолнПред{suffix}", T120, "полномочия представителя"),
                ),
                "представитель организации",
            ),
            one(
                f"ФЛ{suffix}",
                block(name, *((other, trust) if suffix == "Пер" else (trust, other))),
                "физическое лицо",
            ),
        )
    )


_TRANSPORT: Final = block(
    many(
        "ТранНакл",
        block(need("НомТранНакл", T255, "номер накладной"), need("ДатаТранНакл", DATE, "дата накладной")),
        "транспортная накладная",
    ),
    maybe("Перевозчик", PARTY, "перевозчик"),
    may("СвТранГруз", T1000, "сведения о перевозке"),
)

_TRANSFER: Final = block(
    some("ОснПер", _GROUNDS_DOCUMENT, "основание передачи"),
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
        block(may("ДатаПерВещ", DATE, "дата передачи вещи"), may("СвПерВещ", T1000, "сведения о передаче вещи")),
        "передача вещи по подряду",
    ),
    need("СодОпер", T255, "содержание операции"),
    may("ВидОпер", T255, "вид операции"),
    may("ДатаПер", DATE, "дата передачи"),
    may("ДатаНач", DATE, "начало периода"),
    may("ДатаОкон", DATE, "конец периода"),
)


_DOCUMENT: Final = block(
    one("СвСчФакт", _HEAD, "стороны и реквизиты"),
    maybe("ТаблСчФакт", _TABLE, "таблица товаров, работ, услуг"),
    maybe(
        "СвПродПер",
        block(
            one("СвПер", _TRANSFER, "передача"),
            maybe("ИнфПолФХЖ3", information(), "дополнительные поля передачи"),
        ),
        "передача товаров, работ, услуг",
    ),
    signers(
        _PERSON,
        _TRADER,
        signer_of_company(MAYBE_T128, certificate="ГосРегИПВыдДов"),
        powers=words("0", "1", "2", "3", "4", "5", "6"),
        status=words("1", "2", "3", "4"),
    ),
    need("КНД", words("1115131"), CODE_OF_FORM),
    need("Функция", FUNCTION, "функция документа"),
    may("ПоФактХЖ", T255, "вид документа по факту хозяйственной жизни"),
    may("НаимДокОпр", T255, "название первичного документа"),
    need("ДатаИнфПр", DATE, "дата файла"),
    need("ВремИнфПр", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
    may("СоглСтрДопИнф", exact(14), "согласованная структура дополнительных полей"),
)

UPD_SELLER_5_01: Final = Declaration(
    code="upd_seller",
    version="5.01",
    order=ORDER,
    root=one(
        "Файл",
        block(
            EXCHANGE,
            one("Документ", _DOCUMENT, "документ"),
            FILE_IDENTIFIER,
            need("ВерсФорм", words("5.01"), "версия формата"),
            PROGRAM,
        ),
        "файл",
    ),
    remarks=(requisites, sums),
)
