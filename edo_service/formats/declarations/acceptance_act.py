"""Акт о приёмке и расхождениях (ТОРГ-2) 5.01, DP_PRIRASXPRIN and DP_PRIRASXDOP. Order ЕД-7-26/423@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    AUTHOR,
    BANK_ACCOUNT,
    CONTACT,
    ENTREPRENEUR,
    GROUNDS,
    PARTICIPANT,
    PERSON,
    T128,
    address,
    information,
    signer_of_company,
)
from edo_service.formats.declarations.upd_501 import employee, other_person
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, FILE_IDENTIFIER, PROGRAM, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    FILE_ID,
    FILLED_TEXT,
    INN_ORGANIZATION,
    KPP,
    LOOSE_DATE,
    MONEY,
    MONEY_NOT_NEGATIVE,
    QUANTITY,
    T50,
    T100,
    T255,
    T500,
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
from edo_service.formats.engine.model import (
    Attribute,
    Block,
    Declaration,
    Element,
    Value,
    block,
    choice,
    many,
    may,
    maybe,
    need,
    one,
    some,
)
from edo_service.formats.remarks.requisites import requisites

ORDER: Final = "Приказ ФНС России № ЕД-7-26/423@"
_DATE: Final = LOOSE_DATE
_TITLE: Final = "Документ о приемке ценностей и (или) расхождениях, выявленных при их приемке"
_RATES: Final = words(
    "0%", "10%", "18%", "20%", "10/110%", "18/118%", "20/120", "без НДС", "НДС исчисляется налоговым агентом"
)
_MOMENT: Final = Value(
    min_length=19,
    max_length=19,
    patterns=tuple(
        rf"(?:{days})\.(?:18|19|20)[0-9]{{2}}[ \t\r\n](?:[01][0-9]|2[0-3])\.[0-5][0-9]\.[0-5][0-9]"
        for days in (r"(?:0[1-9]|[12][0-9])\.(?:0[1-9]|1[0-2])", r"30\.(?:01|0[3-9]|1[0-2])", r"31\.(?:0[13578]|1[02])")
    ),
    hint_ru="дата и время вида ДД.ММ.ГГГГ ЧЧ.ММ.СС",
)

EXCHANGE: Final = one(
    "СвУчДокОбор",
    block(
        maybe(
            "СвОЭДОтпрСФ",
            block(
                need("НаимОрг", T1000, "оператор"),
                need("ИННЮЛ", INN_ORGANIZATION, "ИНН оператора"),
                need("ИдЭДОСФ", exact(3), "код оператора"),
            ),
            "оператор отправителя",
        ),
        need("ИдОтпр", PARTICIPANT, "идентификатор отправителя"),
        need("ИдПол", PARTICIPANT, "идентификатор получателя"),
    ),
    "участники обмена",
)

_COMPANY: Final = block(
    choice(
        one(
            "СвОргУч",
            block(
                need("НаимОрг", T1000, "наименование организации"),
                need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                may("КПП", KPP, "КПП"),
            ),
            "российская организация",
        ),
        one(
            "СвИнНеУч",
            block(
                need("НаимОрг", T1000, "наименование"),
                may("Идентиф", T255, "идентификатор"),
                may("ИныеСвед", T255, "иные сведения"),
            ),
            "иностранное лицо",
        ),
    )
)
PARTY: Final = block(
    one(
        "ИдСв",
        block(
            choice(
                one("СвФЛ", PERSON, "физическое лицо"),
                one("СвИП", ENTREPRENEUR, "предприниматель"),
                one("СвОрг", _COMPANY, "организация"),
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


def _signers(powers: Value, status: Value, *more: Attribute) -> Element:
    return some(
        "Подписант",
        block(
            choice(
                one("ФЛ", PERSON, "физическое лицо"),
                one("ИП", ENTREPRENEUR, "предприниматель"),
                one("ЮЛ", signer_of_company(T128), "представитель организации"),
            ),
            need("ОблПолн", powers, "область полномочий"),
            need("Статус", status, "статус подписанта"),
            need("ОснПолн", T255, "основание полномочий"),
            may("ОснПолнОрг", T255, "основание полномочий организации"),
            *more,
        ),
        "подписант",
    )


_PAPER: Final = block(
    need("НаимСопрДок", text(200), "сопроводительный документ"),
    may("НомСопрДок", T100, "номер документа"),
    may("ДатаСопрДок", _DATE, "дата документа"),
    may("ДопИдСопрДок", T255, "дополнительный идентификатор"),
)
_INSPECTION: Final = block(
    many("СертСоотв", T50, "сертификат соответствия"),
    one("СопрДок", _PAPER, "сопроводительный документ"),
    maybe("ИнфПолСвОсм", information(), "дополнительные поля осмотра"),
    may("ДатаОсм", _DATE, "дата осмотра"),
    may("МестоСост", T100, "место составления"),
    may("ВремяНач", TIME, "начало приёмки"),
    may("ВремяОконч", TIME, "конец приёмки"),
    may("ДатаОтпр", _DATE, "дата отправки груза"),
)
_MASS: Final = block(may("МассаБр", QUANTITY, "масса брутто"), may("МассаНет", QUANTITY, "масса нетто"))
_CARGO: Final = block(
    maybe("МассаДок", _MASS, "масса по документам"),
    maybe("МассаФакт", _MASS, "масса в пункте прибытия"),
    maybe("ИнфПолСопрДок", TEXT_ENTRY, "дополнительное поле груза"),
    may("ОтмПломб", text(20), "отметка о пломбе"),
    may("ВидУпак", T100, "вид упаковки"),
    may("КолМест", integer(12, at_least=0), "количество мест"),
    need("НаимГруз", T1000, "груз"),
    may("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("НаимЕдИзм", T255, "единица измерения"),
)
_RECEIVER: Final = block(
    choice(
        one("РабОргПок", employee("кто принял", powers_needed=True), "работник покупателя"),
        one("ИнЛицо", other_person("Прин"), "иное лицо"),
    )
)

_CIRCUMSTANCES: Final = block(
    one("Продавец", PARTY, "продавец"),
    one("Покупатель", PARTY, "покупатель"),
    maybe("Грузоотправитель", PARTY, "грузоотправитель"),
    maybe("Грузополучатель", PARTY, "грузополучатель"),
    maybe("СтрахКом", PARTY, "страховая компания"),
    maybe(
        "Приказ",
        block(need("ДатаПрик", _DATE, "дата приказа"), need("НомПрик", T255, "номер приказа")),
        "приказ о комиссии",
    ),
    maybe("СвОсмГруз", _INSPECTION, "осмотр груза"),
    many("СвСопрДок", _CARGO, "груз по документам"),
    maybe(
        "СвВремПрием",
        block(
            may("ПрибГруз", _MOMENT, "прибытие"),
            may("ВыдачГруз", _MOMENT, "выдача груза"),
            may("ВскрытГруз", _MOMENT, "вскрытие"),
            may("ДостГруз", _MOMENT, "доставка на склад"),
        ),
        "время приёмки",
    ),
    maybe(
        "ДрОбстПрием",
        block(
            maybe("Перевозчик", PARTY, "перевозчик"),
            maybe("СопрТрансДок", _PAPER, "транспортный документ"),
            may("УсловХран", T1000, "условия хранения"),
            may("СостТара", T1000, "состояние тары"),
            may("ОпредНедост", text(200), "как определена недостача"),
            may("ДопСв", T1000, "дополнительно"),
        ),
        "другие обстоятельства",
    ),
    maybe("СвЛицПрин", _RECEIVER, "кто принял товар"),
    maybe("ИнфПолФХЖ1", information(), "дополнительные поля документа"),
    may("ОбстИсп", exact(4), "обстоятельства составления"),
    may("ИдГосКон", T255, "код государственного контракта"),
)

_MARKS: Final = many(
    "НомСредИдентТов",
    block(
        choice(many("КИЗ", T255, "код маркировки"), many("НомУпак", T255, "код упаковки")),
        may("ИдентТрансУпак", T255, "код транспортной упаковки"),
    ),
    "маркировка",
)
_ACCEPTED: Final = block(
    _MARKS,
    need("КолТовПрин", QUANTITY, "количество"),
    may("ЦенаПрин", QUANTITY, "цена"),
    may("СтавНДСПрин", _RATES, "налоговая ставка"),
    may("СтоимТовНДСПрин", MONEY, "стоимость с налогом"),
    may("СумНДСПрин", MONEY, "сумма налога"),
)
_DISCREPANCY: Final = block(
    _MARKS,
    need("КолТовРасх", decimal(26, 11, at_least=0), "количество"),
    may("СтоимТовНДСРасх", MONEY_NOT_NEGATIVE, "стоимость с налогом"),
    may("СумНДСРасх", MONEY_NOT_NEGATIVE, "сумма налога"),
    may("ПоясненияРасх", T255, "пояснение"),
)
_DELTA: Final = block(
    may("ДельтаЦена", MONEY_NOT_NEGATIVE, "отклонение цены"),
    need("ДельтаСтоимНДС", MONEY_NOT_NEGATIVE, "отклонение стоимости с налогом"),
    may("ДельтаСумНДС", MONEY_NOT_NEGATIVE, "отклонение налога"),
    may("ПояснДельта", T255, "пояснение"),
)
_GOODS: Final = block(
    may("НомСтрСопрДок", integer(6), "строка документа поставщика"),
    may("НаимТов", T1000, "товар"),
    may("ХарактТов", T1000, "характеристика"),
    may("СортТов", T50, "сорт"),
    may("АртикулТов", T50, "артикул"),
    may("КодТов", T100, "код товара"),
    may("Паспорт", T100, "номер паспорта"),
)
_RESULT: Final = block(
    one("Ценности", _GOODS, "ценности"),
    maybe("ПоДокум", _ACCEPTED, "по документам"),
    maybe("ПоФакту", _ACCEPTED, "фактически"),
    maybe("Брак", _DISCREPANCY, "брак"),
    maybe("Бой", _DISCREPANCY, "бой"),
    maybe("Недостача", _DISCREPANCY, "недостача"),
    maybe("Излишки", _DISCREPANCY, "излишки"),
    maybe(
        "ЦенОтклон",
        block(
            choice(one("ПолДельта", _DELTA, "выше согласованного"), one("ОтрицатДельта", _DELTA, "ниже согласованного"))
        ),
        "отклонение цены",
    ),
    many("ИнфПолРезПрием", TEXT_ENTRY, "дополнительное поле строки"),
    may("ОКЕИ_Тов", UNIT, "код единицы измерения"),
    may("НаимЕдИзм", T1000, "единица измерения"),
    may("РасхРабУслПрав", T2000, "расхождения по работам, услугам, правам"),
)
_RESULTS: Final = block(
    some("РезПрием", _RESULT, "результат приёмки"),
    many(
        "ПрилДок",
        block(
            need("ВидПрилДок", T500, "вид документа"),
            need("НомерПрилДок", text(40), "номер документа"),
            need("ДатаПрилДок", _DATE, "дата документа"),
        ),
        "приложение",
    ),
    maybe("ВидОперации", T255, "вид операции"),
    many("ИнфПолФХЖ2", TEXT_ENTRY, "дополнительное поле"),
    need("СодСоб", T2000, "описание события"),
    may("Заключение", T2000, "заключение комиссии"),
)


def _declaration(code: str, body: Block) -> Declaration:
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(
                EXCHANGE,
                one("Документ", body, "документ"),
                FILE_IDENTIFIER,
                need("ВерсФорм", words("5.01"), "версия формата"),
                PROGRAM,
            ),
            "файл",
        ),
        remarks=(requisites,),
    )


ACCEPTANCE_ACT_FIRST: Final = _declaration(
    "acceptance_act_first",
    block(
        one(
            "ИдентДокПР",
            block(need("НомДокПР", T255, "номер документа"), need("ДатаДокПР", _DATE, "дата документа")),
            "номер и дата",
        ),
        maybe(
            "ИспрДокПР",
            block(
                need("НомИспрДокПР", integer(3, at_least=1), "номер исправления"),
                need("ДатаИспрДокПР", _DATE, "дата исправления"),
            ),
            "исправление",
        ),
        one("СодФХЖ1", _CIRCUMSTANCES, "стороны и обстоятельства"),
        one("СодФХЖ2", _RESULTS, "результаты приёмки"),
        some("ИнфДопСв", words("1", "2", "3", "4", "5", "6", "7", "8"), "дополнительные сведения"),
        _signers(
            words("1", "2", "3", "7", "8"),
            words("3", "4", "5", "6"),
            may("ПризнОзнак", words("1"), "ознакомлен с правилами"),
        ),
        need("КНД", words("1175014"), CODE_OF_FORM),
        need("ДатаИнфПок", _DATE, "дата файла"),
        need("ВремИнфПок", TIME, "время файла"),
        need("ПоФактХЖ", words(_TITLE), "вид документа по факту хозяйственной жизни"),
        need("НаимДокОпр", T255, "название документа"),
        AUTHOR,
        GROUNDS,
        may("ОбстСостДок", words("1", "2"), "обстоятельства составления"),
        may("НазнДопСв", T2000, "назначение дополнительных сведений"),
    ),
)

ACCEPTANCE_ACT_SECOND: Final = _declaration(
    "acceptance_act_second",
    block(
        one(
            "ИдИнфПок",
            block(
                some("ЭП", FILLED_TEXT, "подпись покупателя"),
                need("ИдФайлИнфПок", FILE_ID, "файл покупателя"),
                need("ДатаФайлИнфПок", _DATE, "дата файла покупателя"),
                need("ВремФайлИнфПок", TIME, "время файла покупателя"),
            ),
            "файл покупателя",
        ),
        one(
            "СвИтПрием",
            block(
                maybe("ИнфПол", information(), "дополнительные поля"),
                need("ДатаСвИтПрием", _DATE, "дата сведений"),
                need("СодСвИтПрием", T1000, "содержание сведений"),
            ),
            "итоги приёмки",
        ),
        _signers(words("21", "22", "23", "29"), words("1", "3", "4", "5", "6")),
        need("КНД", words("1175015"), CODE_OF_FORM),
        need("ДатаДок", _DATE, "дата файла"),
        need("ВремДок", TIME, "время файла"),
        AUTHOR,
        GROUNDS,
    ),
)
