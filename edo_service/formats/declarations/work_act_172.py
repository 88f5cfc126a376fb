"""The act of works 5.01 of 2012-2015, both titles DP_IAKTPRM and DP_ZAKTPRM. Order ММВ-7-6/172@; archives must read them."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.common_172 import (
    FILE_ID,
    FREE,
    INFORMATION,
    NUMBER,
    SIDE_OF_ACT,
    SUM,
    declaration,
    official,
    proxy,
)
from edo_service.formats.declarations.values import (
    LOOSE_DATE,
    T50,
    T1000,
    T2000,
    TIME,
    UNIT,
    decimal,
    text,
    words,
)
from edo_service.formats.engine.model import (
    block,
    may,
    maybe,
    need,
    one,
    some,
)

_ACT: Final = "Акт о выполнении работ (оказании услуг)"

_WORK: Final = block(
    maybe("Описание", text(10000), "описание"),
    need("Номер", T50, "номер строки"),
    may("НаимРабот", T1000, "работа или услуга"),
    need("НаимЕдИзм", T1000, "единица измерения"),
    may("ОКЕИ", UNIT, "код единицы измерения"),
    may("Цена", SUM, "цена"),
    may("Количество", decimal(14, 2), "количество"),
    may("СумБезНДС", SUM, "сумма без налога"),
    may("СумНДС", SUM, "сумма налога"),
    may("СумУчНДС", SUM, "сумма с налогом"),
    may("ИнфПолСтр", FREE, "дополнительное поле строки"),
)
_WORKS: Final = block(
    some("Работа", _WORK, "строка таблицы"),
    may("НачРабот", LOOSE_DATE, "начало периода"),
    may("КонРабот", LOOSE_DATE, "конец периода"),
    may("СумБезНДСИт", SUM, "итого без налога"),
    may("СумНДСИт", SUM, "налог итого"),
    need("СумУчНДСИт", SUM, "итого с налогом"),
)

WORK_ACT_172_CONTRACTOR: Final = declaration(
    "work_act_172_contractor",
    "1175006",
    one(
        "СвАктИ",
        block(
            one("Заголовок", T2000, "заголовок"),
            one("Исполнитель", SIDE_OF_ACT, "исполнитель"),
            some("ОписРабот", _WORKS, "выполненные работы"),
            maybe(
                "Сдал",
                block(
                    maybe("ПодписьИсполн", official(name_needed=False), "кто подписывает за исполнителя"),
                    maybe("ДоверенИсполн", proxy(holder_needed=True), "доверенность исполнителя"),
                    may("ДатаИсполн", LOOSE_DATE, "дата подписи исполнителя"),
                ),
                "кто сдал",
            ),
            INFORMATION,
            need("НаимПервДок", words(_ACT), "название документа"),
            may("НомАкт", NUMBER, "номер акта"),
            need("ДатаАкт", LOOSE_DATE, "дата акта"),
        ),
        "акт исполнителя",
    ),
)

WORK_ACT_172_CUSTOMER: Final = declaration(
    "work_act_172_customer",
    "1175007",
    one(
        "СвАктИ",
        block(
            one(
                "ИдАктИ",
                block(
                    need("ИдФайлАктИ", FILE_ID, "файл исполнителя"),
                    need("ДатаДокАктИ", LOOSE_DATE, "дата файла исполнителя"),
                    need("ВремДокАктИ", TIME, "время файла исполнителя"),
                ),
                "файл исполнителя",
            ),
            one(
                "СвАктИ",
                block(may("НомАкт", NUMBER, "номер акта"), need("ДатаАкт", LOOSE_DATE, "дата акта")),
                "акт исполнителя",
            ),
            one(
                "Принял",
                block(
                    maybe("ПодписьЗаказ", official(name_needed=False), "кто подписывает за заказчика"),
                    maybe("ДоверенЗаказ", proxy(holder_needed=True), "доверенность заказчика"),
                    may("ДатаЗаказ", LOOSE_DATE, "дата подписи заказчика"),
                    may("Претенз", T2000, "претензии"),
                ),
                "кто принял",
            ),
            INFORMATION,
            need("НаимПервДок", words(_ACT), "название документа"),
        ),
        "акт заказчика",
    ),
)
