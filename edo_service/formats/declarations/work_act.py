"""Акт о передаче результатов работ 5.01, both titles DP_REZRUISP and DP_REZRUZAK. Order ММВ-7-10/552@."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.old_common import (
    ADDRESS_RUSSIA,
    AUTHOR,
    BANK_ACCOUNT,
    CONTACT,
    ENTREPRENEUR,
    EXCHANGE,
    GROUNDS,
    MAYBE_T128,
    PERSON,
    PROGRAM_OPTIONAL,
    information,
    signers,
)
from edo_service.formats.declarations.upd_common import CODE_OF_FORM, PERSON_NAME, TEXT_ENTRY
from edo_service.formats.declarations.values import (
    COUNTRY,
    CURRENCY,
    FILLED_TEXT,
    INN_ORGANIZATION,
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
    may,
    maybe,
    need,
    one,
    some,
)
from edo_service.formats.remarks.requisites import requisites

ORDER: Final = "Приказ ФНС России от 30.11.2015 № ММВ-7-10/552@"
MOST_FIELDS: Final = 20
_DATE: Final = LOOSE_DATE_1900
_TAX_RATES: Final = words("0%", "10%", "18%", "20%", "10/110", "18/118", "20/120", "без НДС")
_SIGNER_STATUS: Final = words("1", "2", "3", "4")
_POWERS: Final = words("1", "2", "3")
_TITLE: Final = "Документ о передаче результатов работ (Документ об оказании услуг)"

_PARTY: Final = block(
    one(
        "ИдСв",
        block(
            choice(
                one("СвФЛ", PERSON, "физическое лицо"),
                one("СвИП", ENTREPRENEUR, "предприниматель"),
                one(
                    "СвОрг",
                    block(
                        choice(
                            one(
                                "СвЮЛ",
                                block(
                                    need("НаимОрг", T1000, "наименование организации"),
                                    need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
                                    may("КПП", KPP, "КПП"),
                                ),
                                "российская организация",
                            ),
                            one(
                                "ИнОрг",
                                block(
                                    need("НаимОрг", T1000, "наименование"),
                                    need("Страна", T255, "страна"),
                                    may("ИныеСвед", T255, "иные сведения"),
                                ),
                                "иностранная организация",
                            ),
                        )
                    ),
                    "организация",
                ),
            )
        ),
        "кто это",
    ),
    maybe(
        "Адрес",
        block(
            choice(
                one("АдрРФ", ADDRESS_RUSSIA, "адрес в России"),
                one(
                    "АдрИно",
                    block(need("КодСтр", COUNTRY, "код страны по ОКСМ"), need("АдрТекст", T255, "адрес одной строкой")),
                    "адрес за границей",
                ),
                one("КодГАР", text(36), "номер адреса в ГАР"),
            )
        ),
        "адрес",
    ),
    maybe("Контакт", CONTACT, "контакты"),
    maybe("БанкРекв", BANK_ACCOUNT, "банковские реквизиты"),
    may("ОКПО", text(10), "код ОКПО"),
    may("СтруктПодр", T1000, "подразделение"),
    may("ИнфДляУчаст", T255, "сведения для контрагента"),
)

_WORK: Final = block(
    maybe("Описание", text(10000), "описание"),
    Element(name="ИнфПолеОписРабот", type=TEXT_ENTRY, label="дополнительное поле работы", least=0, most=MOST_FIELDS),
    may("Номер", integer(6), "номер строки"),
    may("НаимРабот", T1000, "работа или услуга"),
    may("НаимЕдИзм", T1000, "единица измерения"),
    may("ОКЕИ", UNIT, "код единицы измерения"),
    may("Цена", QUANTITY, "цена"),
    may("Количество", QUANTITY, "количество"),
    may("СтоимБезНДС", MONEY, "стоимость без налога"),
    may("НалСт", _TAX_RATES, "налоговая ставка"),
    may("СумНДС", MONEY, "сумма налога"),
    may("СтоимУчНДС", MONEY, "стоимость с налогом"),
    may("КоррСчДебет", exact(9), "счёт по дебету"),
    may("КоррСчКредит", exact(9), "счёт по кредиту"),
)

_WORKS: Final = block(
    some("Работа", _WORK, "строка"),
    may("НачРабот", _DATE, "начало работ"),
    may("КонРабот", _DATE, "конец работ"),
    may("СтБезНДСИт", MONEY, "итого без налога"),
    may("СумНДСИт", MONEY, "итого налог"),
    need("СтУчНДСИт", MONEY, "итого с налогом"),
)

_FACT: Final = block(
    maybe("ЗагСодОпер", T2000, "вступление"),
    one("Исполнитель", _PARTY, "исполнитель"),
    one("Заказчик", _PARTY, "заказчик"),
    some(
        "Основание",
        block(
            need("НаимОсн", T255, "название документа"),
            may("НомОсн", T255, "номер документа"),
            may("ДатаОсн", _DATE, "дата документа"),
            may("ДопСвОсн", text(1000, least=0), "дополнительно о документе"),
        ),
        "основание",
    ),
    maybe("ИдГосКон", T255, "код государственного контракта"),
    maybe("ВидОперации", T255, "вид операции"),
    some("ОписРабот", _WORKS, "работы"),
    maybe("ИнфПолФХЖ1", information(most=MOST_FIELDS), "дополнительные поля документа"),
)

_HEAD: Final = block(
    one(
        "НаимДок",
        block(
            need("ПоФактХЖ", words(_TITLE), "вид документа по факту хозяйственной жизни"),
            need("НаимДокОпр", T255, "название документа"),
        ),
        "название",
    ),
    one(
        "ИдентДок",
        block(may("НомДокПРУ", T255, "номер документа"), need("ДатаДокПРУ", _DATE, "дата документа")),
        "номер и дата",
    ),
    maybe(
        "ИспрДокПРУ",
        block(
            need("НомИспрДокПРУ", integer(3, at_least=1), "номер исправления"),
            need("ДатаИспрДокПРУ", _DATE, "дата исправления"),
        ),
        "исправление",
    ),
    one(
        "ДенИзм",
        block(
            need("КодОКВ", CURRENCY, "код валюты"),
            need("НаимОКВ", T100, "валюта"),
            may("КурсВал", decimal(10, 4), "курс"),
        ),
        "валюта",
    ),
    one("СодФХЖ1", _FACT, "содержание"),
)


def _company(*, name_needed: bool) -> Block:
    named = need if name_needed else may
    return block(
        one("ФИО", PERSON_NAME, "имя подписанта"),
        need("ИННЮЛ", INN_ORGANIZATION, "ИНН организации"),
        named("НаимОрг", T1000, "наименование организации"),
        need("Должн", MAYBE_T128, "должность"),
        may("ИныеСвед", T255, "иные сведения"),
    )


def _signers(grounds: str, *, name_needed: bool) -> Element:
    """The contractor's title names the grounds of powers in its own way."""
    who = (PERSON, ENTREPRENEUR, _company(name_needed=name_needed))
    return signers(*who, powers=_POWERS, status=_SIGNER_STATUS, grounds=grounds)


def _declaration(code: str, longest_id: Value, *body: Element | Attribute) -> Declaration:
    return Declaration(
        code=code,
        version="5.01",
        order=ORDER,
        root=one(
            "Файл",
            block(
                EXCHANGE,
                one("Документ", block(*body), "документ"),
                need("ИдФайл", longest_id, "идентификатор файла"),
                PROGRAM_OPTIONAL,
                need("ВерсФорм", words("5.01"), "версия формата"),
            ),
            "файл",
        ),
        remarks=(requisites,),
    )


WORK_ACT_CONTRACTOR: Final = _declaration(
    "work_act_contractor",
    text(200),
    one("СвДокПРУ", _HEAD, "стороны и работы"),
    one(
        "СодФХЖ2",
        block(
            maybe(
                "СвПерВещи",
                block(may("ДатаПерВещ", _DATE, "дата передачи вещи"), may("СвПерВещ", T1000, "сведения о передаче")),
                "передача вещи",
            ),
            Element(name="ИнфПолФХЖ2", type=TEXT_ENTRY, label="дополнительное поле", least=0, most=None),
            need("СодОпер", T255, "содержание операции"),
            may("ДатаПер", _DATE, "дата передачи"),
        ),
        "передача",
    ),
    _signers("ОснПолнПодп", name_needed=True),
    need("КНД", words("1175012"), CODE_OF_FORM),
    need("ДатаИнфИсп", _DATE, "дата файла"),
    need("ВремИнфИсп", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)

WORK_ACT_CUSTOMER: Final = _declaration(
    "work_act_customer",
    T255,
    one(
        "ИдДокПРУИсп",
        block(
            some("ЭП", FILLED_TEXT, "подпись исполнителя"),
            need("ИдФайлИнфИсп", text(200), "файл исполнителя"),
            need("ДатаФайлИнфИсп", _DATE, "дата файла исполнителя"),
            need("ВремФайлИнфИсп", TIME, "время файла исполнителя"),
        ),
        "файл исполнителя",
    ),
    one(
        "СодФХЖ3",
        block(
            one(
                "РезПринял",
                block(need("СодОпер", T1000, "содержание операции"), may("ДатаПрием", _DATE, "дата приёмки")),
                "приёмка",
            ),
            maybe(
                "СвПолВещи",
                block(may("ДатаПол", _DATE, "дата получения вещи"), may("СвПол", T1000, "сведения о получении")),
                "получение вещи",
            ),
            maybe("ВидОперации", T255, "вид операции"),
            maybe("ИнфПолФХЖ3", information(most=MOST_FIELDS), "дополнительные поля приёмки"),
            need("НаимДокОпрИсп", T255, "название документа исполнителя"),
            may("НомДокПРУИсп", T255, "номер документа исполнителя"),
            need("ДатаДокПРУИсп", _DATE, "дата документа исполнителя"),
        ),
        "приёмка работ",
    ),
    _signers("ОснПолн", name_needed=False),
    need("КНД", words("1175013"), CODE_OF_FORM),
    need("ДатаИнфЗак", _DATE, "дата файла"),
    need("ВремИнфЗак", TIME, "время файла"),
    AUTHOR,
    GROUNDS,
)
